"""What several pages ask of situations: whose turn it is, the facts now, and what holds an issue back."""

from dataclasses import dataclass

from domain.review import Act
from domain.situation import GateState, Level, Situation
from review.comment import may_withhold
from review.levels import Basis
from review.office import Ask
from review.rights import Role
from review.rulings import FEWEST, Ruling, Stand, may_second, read_ruling
from review.situations import Change, Step, collect_facts, compare_facts, left_with, say_confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who is asked when a text stands at a step."""

    at: Step
    roles: frozenset[Role]
    words: str


ANALYSTS = frozenset({Role.ANALYST, Role.SECOND_ANALYST})
ON_ITS_WAY: tuple[Turn, ...] = (
    Turn(at=Step.DRAFT, roles=frozenset({Role.SECOND_ANALYST}), words="challenge it"),
    Turn(at=Step.CHALLENGED, roles=frozenset({Role.PROTECTION_OFFICER}), words="check protection"),
    Turn(at=Step.PROTECTED, roles=frozenset({Role.ANALYST, Role.SECOND_ANALYST}), words="check the wording"),
    Turn(at=Step.WORDED, roles=frozenset({Role.REGIONAL_HEAD, Role.HIGH_COMMISSIONER}), words="clear it"),
    Turn(at=Step.CLEARED, roles=frozenset({Role.REGIONAL_HEAD, Role.HIGH_COMMISSIONER}), words="freeze it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A situation of an issue, and everything that keeps it from leaving; empty when nothing does."""

    situation: Situation
    place: str
    step: Step
    stale: tuple[Change, ...]
    words: tuple[str, ...]


def say_roles(roles: frozenset[Role]) -> str:
    """A regional head or the High Commissioner's office."""
    article = {Role.ANALYST: "an ", Role.HIGH_COMMISSIONER: "the "}
    return " or ".join(f"{article.get(one, 'a ')}{one.value}" for one in Role if one in roles)


def mine(ask: Ask) -> list[Situation]:
    """Situations of this person's regions and classification, by level, phase and alphabet."""
    snapshot = ask.snapshot
    found = [
        one
        for one in snapshot.situations.values()
        if ask.sees(snapshot.weight(one), snapshot.gazetteer.place(one.place))
    ]
    return sorted(found, key=lambda one: (-one.level.rank, one.phase.rank, snapshot.gazetteer.place(one.place).name))


def rulings_of(ask: Ask, situation: Situation) -> list[Ruling]:
    """What was entered of this situation and its place, as it stands."""
    lines = ask.office.overlay().said_of(situation.place, situation.situation_id)
    return [read_ruling([one.decision for one in ask.office.ledger.history(line)]) for line in lines]


def said_tasks(ask: Ask, situation: Situation) -> list[tuple[str, str]]:
    """What waits for this person's word on a situation, and the page for it, below the situation's own."""
    person = ask.person
    found = []
    rulings = rulings_of(ask, situation)
    if person.role in ANALYSTS:
        for one in rulings:
            if one.stand is Stand.WAITS and may_second(one, person):
                found.append((f"{one.words} waits for a second person", "rulings"))
        patterns = [one for one in rulings if one.act is Act.FINDING and one.stand in {Stand.WAITS, Stand.HOLDS}]
        grave = situation.gravity.state is GateState.OPEN and situation.pattern.state is not GateState.OPEN
        if grave and len(situation.incidents) >= FEWEST and not patterns:
            found.append(("Grave incidents without a pattern: is there one that two analysts find (P5)?", "rulings"))
    noted = ask.office.comment(situation.situation_id)
    if noted.withheld and not noted.withheld_holds and may_withhold(noted, person):
        found.append(("Why the text is not shown to the State waits for a second person", "account"))
    return found


def facts_now(ask: Ask, situation: Situation) -> dict[str, str]:
    """What a clearance given now would rest on."""
    snapshot = ask.snapshot
    state = snapshot.states.get(situation.place)
    return collect_facts(
        situation,
        snapshot.chosen(situation.incidents),
        ask.office.overlay(),
        coverage=state.coverage.value if state else "none",
        confirmed=say_confirmed(ask.office.standing(snapshot, situation, ask.at)),
    )


def stale_facts(ask: Ask, situation: Situation) -> tuple[Change, ...]:
    """What changed since the clearance; nothing when there is none."""
    life = ask.office.life(situation.situation_id)
    if not life.facts or life.step not in {Step.CLEARED, Step.FROZEN, Step.ISSUED}:
        return ()
    return compare_facts(life.facts, facts_now(ask, situation))


def hold_back(ask: Ask) -> list[Holding]:
    """Every situation at emerging concern or above, and why it cannot be issued yet."""
    snapshot = ask.snapshot
    found = []
    for one in mine(ask):
        standing = ask.office.standing(snapshot, one, ask.at)
        life = ask.office.life(one.situation_id)
        if max(standing.level.rank, one.level.rank) < Level.EMERGING.rank and life.text is None:
            continue
        stale = stale_facts(ask, one)
        words = []
        if life.text is None:
            words.append("nobody has written its text")
        elif life.step not in {Step.FROZEN, Step.ISSUED}:
            words.append(f"its text is {life.step.value}, not frozen")
        # What left with this issue stands in it; what left with an earlier one needs the same facts.
        if not left_with(life, snapshot.issue):
            words += [f"its clearance is stale. {change.words}" for change in stale]
        if standing.level.rank >= Level.EMERGING.rank and standing.basis is Basis.PROPOSED:
            words.append(f"nobody has confirmed {standing.level.value}")
        if standing.level is Level.URGENT and not standing.told_office:
            words.append("the High Commissioner's office has not been told")
        place = snapshot.gazetteer.place(one.place).name
        found.append(Holding(situation=one, place=place, step=life.step, stale=stale, words=tuple(words)))
    return found
