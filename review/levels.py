"""Levels: proposed by the engine, confirmed by people. Who signs what, what may be overridden, and what lapses when.

A level takes effect when the people that its step asks for have signed the same thing. `none` and `watch` stand as
proposed. Counts, dates and thresholds cannot be changed here: there is no form for them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.errors import Refused
from domain.review import Act, Decision
from domain.situation import Level, Situation, TriggerResult, TriggerValue
from domain.source import SourceClass
from domain.window import Week
from review.rights import Person, Role

URGENT_LAPSES = timedelta(days=14)
OVERRIDE_LASTS = timedelta(days=28)
HELD_TASK = 8  # weeks
HELD_END = 26  # weeks
RENEW = "renew"

_ANALYSTS = frozenset({Role.ANALYST, Role.SECOND_ANALYST})
_SECOND = frozenset({Role.SECOND_ANALYST})
_HEAD = frozenset({Role.REGIONAL_HEAD})
_OFFICE = frozenset({Role.HIGH_COMMISSIONER})


class Basis(StrEnum):
    """On what a level that a reader sees rests."""

    PROPOSED = "proposed by the rules, not reviewed"
    CONFIRMED = "confirmed"
    OVERRIDDEN = "set by analysts"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody signs: the level, and for an override everything that its record must hold."""

    situation_id: str
    run: str
    from_level: Level
    proposed_level: Level
    to_level: Level
    rules_departed_from: tuple[str, ...] = ()
    incidents_for: tuple[str, ...] = ()
    contrary_considered: tuple[str, ...] = ()
    expires_on: date | None = None
    first_hand: bool = False

    @property
    def override(self) -> bool:
        return self.to_level is not self.proposed_level

    @property
    def content(self) -> str:
        """Canonical: two people sign the same thing when this is equal."""
        said: dict[str, object] = {
            "situation_id": self.situation_id,
            "run": self.run,
            "from_level": self.from_level.value,
            "proposed_level": self.proposed_level.value,
            "to_level": self.to_level.value,
            "first_hand": self.first_hand,
        }
        if self.override:
            said |= {
                "rules_departed_from": list(self.rules_departed_from),
                "incidents_for": sorted(self.incidents_for),
                "contrary_considered": list(self.contrary_considered),
                "expires_on": self.expires_on.isoformat() if self.expires_on else "",
            }
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request that lacks a signature."""

    request: Request
    signed: tuple[tuple[str, str], ...]
    reason: str
    needs: tuple[frozenset[Role], ...]

    @property
    def needs_words(self) -> str:
        return say_needs(self.needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The level that a reader sees, on what it rests, and until when."""

    level: Level
    basis: Basis
    since: datetime | None
    signed: tuple[tuple[str, str], ...]
    reason: str
    until: date | None
    proposed: Level
    version: int
    waiting: tuple[Waiting, ...]
    told_office: bool

    @property
    def words(self) -> str:
        if self.basis is Basis.OVERRIDDEN:
            return f"Level set by analysts; the rules gave {self.proposed.value}. Reason: {self.reason}"
        if self.basis is Basis.CONFIRMED:
            until = f" until {self.until:%-d %B}" if self.until else ""
            return f"Confirmed by {' and '.join(name for name, _ in self.signed)}{until}."
        if self.basis is Basis.LAPSED:
            return "Urgent has lapsed: nobody reconfirmed it within 14 days."
        if self.proposed.rank >= Level.EMERGING.rank:
            return "Proposed by the rules. Nobody has confirmed it."
        return "Not reviewed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that a date asks of a person."""

    words: str
    due: date | None
    roles: frozenset[Role]


def object_of(situation_id: str) -> str:
    return f"level/{situation_id}"


def required(request: Request, *, silenced: bool) -> tuple[frozenset[Role], ...]:
    """One signature of each of these, all by different people (triggers, section 5). Empty: nobody needs to sign."""
    if request.override and request.first_hand:
        return (_HEAD, _OFFICE)
    if request.to_level is Level.URGENT:
        return (_SECOND, _HEAD)
    if silenced and request.to_level.rank < request.from_level.rank:
        return (_SECOND, _HEAD)
    high = Level.EMERGING.rank
    if request.to_level.rank >= high or request.from_level.rank >= high or request.override:
        return (_ANALYSTS, _SECOND)
    return ()


def stand(situation: Situation, history: Iterable[Decision], *, run: str, as_of: datetime, silenced: bool) -> Standing:
    """The level as it stands at `as_of`, from the engine's proposal and what people signed of it.

    A confirmation holds for emerging and urgent over later runs, until a step down is confirmed, an override expires,
    or urgent lapses. An engine's lower proposal is a proposal to step down.
    """
    groups: dict[str, list[Decision]] = {}
    standing: tuple[Request, list[Decision]] | None = None
    told = False
    version = 0
    for one in history:
        version = one.version
        if not one.content and one.act is not Act.WITHDRAW:
            continue  # erased
        if one.act is Act.TELL:
            told = told or not _says(one, RENEW)
        elif one.act is Act.WITHDRAW:
            standing = None
            groups.clear()
        elif one.act in {Act.CONFIRM_LEVEL, Act.OVERRIDE_LEVEL}:
            group = groups.setdefault(one.content, [])
            if any(other.by == one.by for other in group):
                continue
            group.append(one)
            request = read_request(one.content)
            if satisfied(group, required(request, silenced=silenced)):
                if standing is None or request.to_level is not standing[0].to_level:
                    told = False
                standing = (request, group)
                groups = {}
    waiting = tuple(
        Waiting(
            request=read_request(content),
            signed=tuple((one.by, one.role) for one in group),
            reason=group[0].reason,
            needs=missing(group, required(read_request(content), silenced=silenced)),
        )
        for content, group in groups.items()
        if json.loads(content)["run"] == run
    )
    level, basis, since, until, reason = situation.level, Basis.PROPOSED, None, None, ""
    signed: tuple[tuple[str, str], ...] = ()
    if standing is not None:
        request, group = standing
        at = group[-1].decided_at
        expired = request.expires_on is not None and as_of.date() > request.expires_on
        if not expired:
            level, since, reason = request.to_level, at, group[0].reason
            signed = tuple((one.by, one.role) for one in group)
            basis = Basis.OVERRIDDEN if request.override else Basis.CONFIRMED
            until = request.expires_on
            if level is Level.URGENT:
                lapses = at + URGENT_LAPSES
                until = min(until, lapses.date()) if until else lapses.date()
                if as_of > lapses:
                    level, basis, until = Level.EMERGING, Basis.LAPSED, None
    return Standing(
        level=level,
        basis=basis,
        since=since,
        signed=signed,
        reason=reason,
        until=until,
        proposed=situation.level,
        version=version,
        waiting=waiting,
        told_office=told,
    )


def check_request(
    request: Request,
    person: Person,
    *,
    situation: Situation,
    triggers: Iterable[TriggerResult],
    reason: str,
    as_of: datetime,
) -> None:
    """Refused, with the rule, when the request itself is not allowed or this person may not sign it."""
    silenced = is_silenced(triggers)
    needs = required(request, silenced=silenced)
    if not reason.strip():
        raise Refused("A reason is missing.", why="Every level says why, in one sentence at least.", do="Write it.")
    if person.nationality and person.nationality == situation.place:
        raise Refused(
            "You hold the nationality of this State.",
            why="Nobody authors or confirms a level on a State whose nationality they hold.",
            do="Ask a colleague.",
        )
    if not needs:
        raise Refused(
            "Nobody needs to confirm this.",
            why="Between none and watch the rules decide alone.",
            do="Leave it, or override it with a reason.",
        )
    if not any(person.role in one for one in needs):
        raise Refused(
            f"The role of {person.role.value} does not sign this.",
            why=f"This step needs {say_needs(needs)}.",
            do="Ask one of them.",
        )
    if request.override:
        _check_override(request, situation=situation, as_of=as_of)


def check_told(what: str, person: Person, *, situation: Situation, reason: str) -> None:
    """Refused when this person may not note that the Office was told, or renew what is held."""
    if not reason.strip():
        raise Refused("A reason is missing.", why="It is asked of every step.", do="Write it and send again.")
    if person.nationality and person.nationality == situation.place:
        raise Refused(
            "You hold the nationality of this State.",
            why="Nobody works on the level of a State whose nationality they hold.",
            do="Ask a colleague.",
        )
    if what == RENEW and not situation.held_since:
        raise Refused("This level is not held.", why="Only what is held can be renewed.", do="Open the page again.")


def _check_override(request: Request, *, situation: Situation, as_of: datetime) -> None:
    hold = request.to_level is request.from_level
    if not hold and abs(request.to_level.rank - request.proposed_level.rank) > 1:
        raise Refused(
            "An override goes one step.",
            why=f"The rules give {request.proposed_level.value}, and {request.to_level.value} is further away.",
            do="Choose the next level, or write why the rules are wrong and have them reviewed.",
        )
    if not request.rules_departed_from or not request.incidents_for or not request.contrary_considered:
        raise Refused(
            "The record of the override is not complete.",
            why="It names the rules departed from, the incidents for it, and the contrary evidence considered.",
            do="Fill in all three.",
        )
    unknown = sorted(set(request.incidents_for) - set(situation.incidents))
    if unknown:
        raise Refused(
            "An incident named is not of this situation.", why=f"Not found: {', '.join(unknown)}.", do="Correct it."
        )
    last = (as_of + OVERRIDE_LASTS).date()
    if request.expires_on is None or not as_of.date() < request.expires_on <= last:
        raise Refused(
            "An override ends within 28 days.",
            why="What departs from the rules is looked at again.",
            do=f"Give a day after today and not after {last.isoformat()}.",
        )
    above_watch = request.to_level.rank > Level.WATCH.rank
    if above_watch and len(situation.origins) < 2 and not request.first_hand:
        raise Refused(
            "One origin cannot stand above watch.",
            why="Only a field presence's own first-hand finding may, by the regional head and the High Commissioner's "
            "office.",
            do="Mark it as a first-hand finding if it is one, and have those two sign.",
        )
    if request.first_hand and SourceClass.FIELD_PRESENCE.value not in situation.classes:
        raise Refused(
            "There is no first-hand finding here.",
            why="No field presence is among the origins of this situation.",
            do="Take its report in first.",
        )


def say_needs(needs: tuple[frozenset[Role], ...]) -> str:
    """The signatures in words; a second analyst is an analyst too, so the wider word names both."""
    words = {_ANALYSTS: "an analyst", _OFFICE: "the High Commissioner's office"}
    return " and ".join(words.get(one) or f"a {next(iter(one)).value}" for one in needs)


def is_silenced(triggers: Iterable[TriggerResult]) -> bool:
    """T10: those who report fell silent after they were targeted."""
    return any(one.trigger == "T10" and one.value is TriggerValue.MET for one in triggers)


def read_request(content: str) -> Request:
    said = json.loads(content)
    expires = said.get("expires_on", "")
    return Request(
        situation_id=said["situation_id"],
        run=said["run"],
        from_level=Level(said["from_level"]),
        proposed_level=Level(said["proposed_level"]),
        to_level=Level(said["to_level"]),
        rules_departed_from=tuple(said.get("rules_departed_from", ())),
        incidents_for=tuple(said.get("incidents_for", ())),
        contrary_considered=tuple(said.get("contrary_considered", ())),
        expires_on=date.fromisoformat(expires) if expires else None,
        first_hand=bool(said.get("first_hand", False)),
    )


def satisfied(group: Iterable[Decision], needs: tuple[frozenset[Role], ...]) -> bool:
    return not missing(group, needs)


def missing(group: Iterable[Decision], needs: tuple[frozenset[Role], ...]) -> tuple[frozenset[Role], ...]:
    """The signatures that are still wanted, when each signer fills one place at most, whichever suits best."""
    signers = [Role(one.role) for one in group if one.role in set(Role)]
    best = needs
    for one in _assignments(signers, needs):
        if len(one) < len(best):
            best = one
    return best


def _assignments(signers: list[Role], needs: tuple[frozenset[Role], ...]) -> Iterable[tuple[frozenset[Role], ...]]:
    """What is left open under every way of giving the signers places; two places at most, so there are few ways."""
    if not signers:
        yield needs
        return
    yield from _assignments(signers[1:], needs)
    for at, need in enumerate(needs):
        if signers[0] in need:
            yield from _assignments(signers[1:], needs[:at] + needs[at + 1 :])


def find_tasks(
    situation: Situation, standing: Standing, history: Iterable[Decision], *, run: str, as_of: datetime
) -> tuple[Task, ...]:
    """What dates ask: reconfirm urgent, look at an override, and renew or end a level that is held."""
    tasks = []
    if standing.level is Level.URGENT and standing.until is not None:
        tasks.append(
            Task(
                words="Reconfirm urgent, or it lapses to emerging concern",
                due=standing.until,
                roles=_SECOND | _HEAD,
            )
        )
    if standing.level is Level.URGENT and not standing.told_office:
        tasks.append(Task(words="Tell the High Commissioner's office before issue", due=None, roles=_SECOND | _HEAD))
    if standing.basis is Basis.LAPSED:
        words = "Urgent lapsed: reconfirm it, or let the emerging concern stand"
        tasks.append(Task(words=words, due=None, roles=_SECOND | _HEAD))
    if standing.basis is Basis.OVERRIDDEN and standing.until is not None:
        tasks.append(Task(words="The override ends", due=standing.until, roles=_ANALYSTS))
    if situation.held_since:
        held = weeks_between(situation.held_since, run)
        renewed = min((weeks_between(_run_of(one), run) for one in history if _says(one, RENEW)), default=HELD_END)
        fresh = renewed < HELD_TASK
        if held >= HELD_END and not fresh:
            words = f"Held for {held} weeks because we cannot see: renew it, or end it by a step down, with a reason"
            tasks.append(Task(words=words, due=None, roles=_ANALYSTS | _HEAD))
        elif held >= HELD_TASK and not fresh:
            words = f"Held for {held} weeks because we cannot see: look for another way to know"
            tasks.append(Task(words=words, due=None, roles=_ANALYSTS))
    high = standing.proposed.rank >= Level.EMERGING.rank
    if standing.basis is Basis.PROPOSED and high and not standing.waiting:
        tasks.append(Task(words=f"{standing.proposed.value} is proposed: confirm it", due=None, roles=_ANALYSTS))
    for one in standing.waiting:
        words = f"{one.request.to_level.value} waits for a signature of {one.needs_words}"
        tasks.append(Task(words=words, due=None, roles=frozenset().union(*one.needs)))
    return tuple(tasks)


def weeks_between(start: str, end: str) -> int:
    """Whole weeks from one ISO week to another."""
    return (Week.parse(end).first_day - Week.parse(start).first_day).days // 7


def hold_content(what: str, *, run: str) -> str:
    """The content of a renewal of a held level."""
    return json.dumps({"hold": what, "run": run}, sort_keys=True)


def _says(decision: Decision, what: str) -> bool:
    return decision.act is Act.TELL and decision.content != "" and _content(decision).get("hold") == what


def _run_of(decision: Decision) -> str:
    return str(_content(decision)["run"])


def _content(decision: Decision) -> Mapping[str, object]:
    return dict(json.loads(decision.content)) if decision.content else {}
