"""When is a notice written? A pure function from what a run sees and what was told before, by rules that are cards.

One alert a situation: what comes later is an Update, its end a Cancel, and each refers to the first. Nothing here
depends on a State's name or code.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from alerts.notice import Confidence, Failure, Move, Notice, Reference, Released, Rule, Standing
from domain.errors import UsageError
from domain.signal import short_hash
from domain.situation import Coverage, Level
from domain.source import SourceClass

CARDS = Path(__file__).parent / "rules"
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCard:
    """One rule. `opens` are the levels at which it may begin an alert, `updates` those at which it adds to one.

    `people` says by level how many must approve, `acknowledge_hours` how long a recipient has.
    `triggers` limits the rule to triggers of that gravity; empty means all.
    """

    rule: Rule
    title: str
    meaning: str
    paragraph: str
    opens: frozenset[Level]
    updates: frozenset[Level]
    people: Mapping[Level, int]
    acknowledge_hours: Mapping[Level, int]
    expire_days: int
    technical: bool = False
    gravity: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What was told of one situation so far, oldest first; the last Cancel ends it."""

    told: tuple[Released, ...]

    @property
    def last(self) -> Released:
        return self.told[-1]

    @property
    def open(self) -> bool:
        return self.last.notice.move is not Move.CANCEL


def load_cards(folder: Path = CARDS) -> Mapping[Rule, RuleCard]:
    """Every rule has one card; a missing or misspelt one stops everything."""
    cards = {}
    for rule in Rule:
        path = folder / f"{rule.value}.toml"
        try:
            found = tomllib.loads(path.read_text("utf-8"))
            cards[rule] = RuleCard(
                rule=rule,
                title=found.pop("title"),
                meaning=found.pop("meaning"),
                paragraph=found.pop("paragraph"),
                opens=frozenset(map(Level, found.pop("opens"))),
                updates=frozenset(map(Level, found.pop("updates"))),
                people=_by_level(found.pop("people")),
                acknowledge_hours=_by_level(found.pop("acknowledge_hours")),
                expire_days=found.pop("expire_days"),
                technical=found.pop("technical", False),
                gravity=frozenset(found.pop("gravity", ())),
            )
            if found:
                raise ValueError(f"unknown fields: {', '.join(sorted(found))}")
        except (OSError, KeyError, ValueError) as error:
            raise UsageError(
                f"The rule card {path.name} cannot be used.", why=str(error), do="Correct the card in alerts/rules."
            ) from error
    return cards


def _by_level(values: Mapping[str, int]) -> Mapping[Level, int]:
    return {Level(name): number for name, number in values.items()}


def draft_notices(
    *,
    standings: Iterable[Standing],
    chains: Mapping[str, Chain],
    cards: Mapping[Rule, RuleCard],
    gravity: Mapping[str, str],
    as_of: datetime,
) -> tuple[Notice, ...]:
    """All notices that this run gives reason for, urgent ones first.

    `chains` holds what was told by situation, `gravity` the letter of each trigger. An open chain whose situation is
    no longer seen ends only where the place was heard well enough; otherwise it is held. Missing is never zero.
    """
    drafted = []
    for standing in standings:
        chain = chains.get(standing.situation_id)
        rules = _rules(standing, chain if chain and chain.open else None, cards, gravity, as_of)
        if rules:
            drafted.append(_notice(standing, chain, rules, cards, as_of))
    return tuple(sorted(drafted, key=lambda one: (not one.urgent, -one.level.rank)))


def draft_failure(failure: Failure, *, cards: Mapping[Rule, RuleCard], as_of: datetime) -> Notice:
    """The technical notice for operators; it needs no approver and holds nothing of any situation."""
    card = cards[Rule.NOT_RENDERED]
    return Notice(
        alert_id=_alert_id("issue", failure.issue, failure.step, failure.sort, as_of=as_of),
        number=1,
        move=Move.ALERT,
        rules=(Rule.NOT_RENDERED,),
        situation_id=f"issue/{failure.issue}/{failure.step}",
        place="",
        regions=(),
        level=Level.NONE,
        level_before=Level.NONE,
        since="",
        held_since="",
        triggers=(),
        new_triggers=(),
        classes=(),
        confidence=Confidence.LOW,
        skills=(),
        as_of=as_of,
        acknowledge_hours=card.acknowledge_hours[Level.NONE],
        expire_days=card.expire_days,
        references=(),
        people=0,
        technical=True,
        issue=failure.issue,
        step=failure.step,
        sort=failure.sort,
    )


def confidence(*, origins: int, classes: Sequence[SourceClass], coverage: Coverage) -> Confidence:
    """Moderate with two origins of two classes and adequate coverage, low otherwise."""
    enough = origins >= 2 and len(set(classes)) >= 2 and coverage is Coverage.ADEQUATE
    return Confidence.MODERATE if enough else Confidence.LOW


def _rules(
    standing: Standing,
    chain: Chain | None,
    cards: Mapping[Rule, RuleCard],
    gravity: Mapping[str, str],
    as_of: datetime,
) -> tuple[Rule, ...]:
    """The rules that hold, strongest first; none where nothing is new."""
    if chain is None:
        return tuple(rule for rule in Rule if _opens(cards[rule], standing, gravity))
    last = chain.last.notice
    if _ended(standing):
        return (Rule.LEVEL_CHANGED,)
    found = []
    # Only a look that can see may say that a level fell.
    if standing.level is not last.level and (standing.coverage is Coverage.ADEQUATE or _rose(standing, last)):
        found.append(Rule.LEVEL_CHANGED)
    if _news(standing, last, cards[Rule.TRIGGER_MET], gravity):
        found.append(Rule.TRIGGER_MET)
    if _held(standing) and not last.held_since:
        found.append(Rule.HELD)
    if not found and chain.last.notice.expires(chain.last.sent) <= as_of + WEEK:
        # The notice promised word by a day that comes before the next run.
        found.append(Rule.UNCHANGED)
    return tuple(rule for rule in found if standing.level in cards[rule].updates or _held(standing))


def _opens(card: RuleCard, standing: Standing, gravity: Mapping[str, str]) -> bool:
    if standing.level not in card.opens or card.technical:
        return False
    return not card.gravity or any(gravity.get(one) in card.gravity for one in standing.triggers)


def _news(standing: Standing, last: Notice, card: RuleCard, gravity: Mapping[str, str]) -> bool:
    new = set(standing.triggers) - set(last.triggers)
    return any(not card.gravity or gravity.get(one) in card.gravity for one in new)


def _rose(standing: Standing, last: Notice) -> bool:
    return standing.level.rank > last.level.rank


def _ended(standing: Standing) -> bool:
    return standing.level is Level.NONE and standing.coverage is Coverage.ADEQUATE and not standing.held_since


def _held(standing: Standing) -> bool:
    return bool(standing.held_since) or (standing.level is Level.NONE and standing.coverage is not Coverage.ADEQUATE)


def _notice(
    standing: Standing,
    chain: Chain | None,
    rules: tuple[Rule, ...],
    cards: Mapping[Rule, RuleCard],
    as_of: datetime,
) -> Notice:
    going_on = chain if chain and chain.open else None
    last = going_on.last.notice if going_on else None
    held = _held(standing)
    # A situation that is not seen well any more keeps the level that was told.
    unseen = held or standing.coverage is not Coverage.ADEQUATE
    level = last.level if last and unseen and not _rose(standing, last) else standing.level
    card = cards[rules[0]]
    told = set(last.triggers) if last else set()
    return Notice(
        alert_id=last.alert_id if last else _alert_id(standing.situation_id, as_of=as_of),
        number=last.number + 1 if last else 1,
        move=Move.ALERT if last is None else Move.CANCEL if level is Level.NONE else Move.UPDATE,
        rules=rules,
        situation_id=standing.situation_id,
        place=standing.place,
        regions=standing.regions,
        level=level,
        level_before=last.level if last else Level.NONE,
        since=last.since if last and not standing.since else standing.since,
        held_since=(standing.held_since or as_of.date().isoformat()) if held else "",
        triggers=tuple(sorted(set(standing.triggers) | (told if held else set()))),
        new_triggers=tuple(sorted(set(standing.triggers) - told)),
        classes=tuple(sorted(set(standing.classes) | set(last.classes if last else ()))),
        # A fall of confidence while a level is held would say that somebody fell silent.
        confidence=last.confidence
        if last and held
        else confidence(origins=standing.origins, classes=standing.classes, coverage=standing.coverage),
        skills=tuple(dict.fromkeys((*(last.skills if last else ()), *standing.skills))),
        as_of=as_of,
        acknowledge_hours=card.acknowledge_hours.get(level, card.acknowledge_hours[Level.NONE]),
        expire_days=card.expire_days,
        references=tuple(Reference(notice_id=one.notice.notice_id, sent=one.sent) for one in going_on.told)
        if going_on
        else (),
        people=max(1, card.people.get(level, 1)),
        # A level that is kept was signed when it was told.
        confirmed=standing.confirmed or (last is not None and last.confirmed and level is last.level),
    )


def _alert_id(*parts: str, as_of: datetime) -> str:
    """`HS-ALERT-2026-1f3a09c2`: from what it is about and when it was first seen, the same on every machine."""
    return f"HS-ALERT-{as_of.year:04d}-{short_hash(*parts, as_of.isoformat())[:8]}"
