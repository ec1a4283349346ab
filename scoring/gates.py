"""The two gates of A/HRC/43/37 paragraph 62: a pattern, not isolated situations; and gravity, by the same facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain.incident import Actor, Incident
from domain.situation import (
    Coverage,
    GateResult,
    GateState,
    Gravity,
    SeriesResult,
    TriggerCard,
    TriggerResult,
    TriggerValue,
)
from domain.window import Week, period_end
from scoring.inputs import Finding, PastRun
from scoring.rules import PlaceView, classes, independent, irreparable, origins, persons

COUNTED = ("T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08")
MESSENGERS = ("T07", "T08", "T09")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What opens a gate: incidents, series of totals, and who first learned of them."""

    trigger: str
    incidents: tuple[Incident, ...]
    series: tuple[SeriesResult, ...]
    origins: tuple[str, ...]
    classes: tuple[str, ...]


def linked(one: Incident, other: Incident) -> bool:
    """Two incidents of one place that share a first-level place, an alleged actor or a victim group."""
    if one.place != other.place:
        return False
    victims = {label.victim for label in one.codings if label.victim}
    return bool(
        (one.first_level and one.first_level == other.first_level)
        or (one.actor is not Actor.UNKNOWN and one.actor is other.actor)
        or victims & {label.victim for label in other.codings if label.victim}
    )


def linked_groups(incidents: Iterable[Incident]) -> list[tuple[Incident, ...]]:
    """Sets that share one and the same trait; never chained through a third incident."""
    traits: dict[tuple[str, str], list[Incident]] = {}
    for incident in incidents:
        if incident.first_level:
            traits.setdefault(("place", incident.first_level), []).append(incident)
        if incident.actor is not Actor.UNKNOWN:
            traits.setdefault(("actor", incident.actor.value), []).append(incident)
        for victim in {label.victim for label in incident.codings if label.victim}:
            traits.setdefault(("victim", victim), []).append(incident)
    return [tuple(traits[key]) for key in sorted(traits)]


def pattern(
    view: PlaceView,
    *,
    triggers: Mapping[str, TriggerResult],
    findings: tuple[Finding, ...],
    history: tuple[PastRun, ...],
    silence_met: bool,
) -> tuple[GateResult, Evidence | None]:
    """Open by a surge, an accumulation, persistence, or a finding; the evidence is what gravity must be linked to."""
    surge = _surge(view, triggers)
    if surge is not None:
        return _open("pattern", "P1", f"surge of {surge.trigger}", surge), surge
    accumulation = _accumulation(view)
    if accumulation is not None:
        why = f"accumulation of {accumulation.trigger} over twelve weeks"
        return _open("pattern", "P2", why, accumulation), accumulation
    persistence = _persistence(view, history, silence_met)
    if persistence is not None:
        return _open("pattern", "P3", "open in most of the last 26 weeks, and not over", persistence), persistence
    found = _finding(view, findings)
    if found is not None:
        return _open("pattern", found[0].rule, f"stated in {found[0].citation}", found[1]), found[1]
    unheard = [one for one in COUNTED if triggers[one].value is TriggerValue.CANNOT_TELL]
    adequate = view.coverage.coverage is Coverage.ADEQUATE
    state = GateState.CLOSED if adequate else GateState.CANNOT_TELL
    why = "no surge, accumulation, persistence or finding"
    if not adequate:
        why += "; coverage is not adequate" + (f", nothing heard on {', '.join(unheard)}" if unheard else "")
    return GateResult(gate="pattern", state=state, rule="", why=why), None


def gravity(
    view: PlaceView, *, opened_by: Evidence | None, cards: Mapping[str, TriggerCard], confirmed: frozenset[str]
) -> GateResult:
    """Open by grave incidents that opened the pattern or are linked to it; without a pattern, by any of the place."""
    method = view.method
    near = [one for one in view.incidents if _within(one, view.last_day, method.memory_weeks)]
    if opened_by is not None:
        near = [one for one in near if one in opened_by.incidents or any(linked(one, by) for by in opened_by.incidents)]
    grave = tuple(one for one in near if irreparable(one, cards))
    who = independent(origins(grave), view.inputs)
    if len(grave) >= method.irreparable_incidents and len(who) >= method.irreparable_origins:
        return _gravity("G1", f"{len(grave)} irreparable incidents, {len(who)} origins", grave)
    scale = _scale(view, near, opened_by, cards)
    if scale is not None:
        return scale
    messengers = tuple(one for one in near if any(label.trigger in MESSENGERS for label in one.codings))
    if len(messengers) >= method.messengers and any(
        label.outcome in {"killed", "disappeared", "tortured", "abducted", "detained"}
        for one in messengers
        for label in one.codings
    ):
        return _gravity("G3", f"{len(messengers)} incidents against those who report", messengers)
    if view.place in confirmed:
        return _gravity("G4", "imminent irreparable harm named by a mandated body, confirmed by a person", ())
    if view.coverage.coverage is Coverage.ADEQUATE:
        return GateResult(
            gate="gravity",
            state=GateState.CLOSED,
            rule="",
            why="fewer grave incidents, or fewer origins, than the gate needs",
        )
    return GateResult(
        gate="gravity",
        state=GateState.CANNOT_TELL,
        rule="",
        why="fewer grave incidents, or fewer origins, than the gate needs; coverage is not adequate",
    )


def _surge(view: PlaceView, triggers: Mapping[str, TriggerResult]) -> Evidence | None:
    method = view.method
    best: Evidence | None = None
    for trigger in COUNTED:
        if not view.alarm(trigger):
            continue
        totals = tuple(one for one in view.series if one.trigger == trigger and one.alarm and one.source_id)
        incidents = view.window(4, trigger)
        for total in totals:
            incidents += tuple(one for one in _in_period(view, total, trigger) if one not in incidents)
        number = max([len(incidents), *(int(total.observed or 0) for total in totals)])
        if number < method.minimum_incidents:
            continue
        evidence = _evidence(view, trigger, incidents, totals)
        enough = (
            len(evidence.origins) >= method.surge_origins and len(evidence.classes) >= method.surge_classes
        ) or len(evidence.origins) >= method.surge_origins_one_class
        if _explained(view, trigger, evidence):
            continue
        if enough and (best is None or len(evidence.origins) > len(best.origins)):
            best = evidence
    return best


def explained_by_reporting(view: PlaceView, trigger: str) -> bool:
    """The offset removes the alarm, and there are fewer than three origins or only one class of source."""
    return _explained(view, trigger, _evidence(view, trigger, view.window(4, trigger), ()))


def _explained(view: PlaceView, trigger: str, evidence: Evidence) -> bool:
    return (view.place, trigger) in view.scored.apparent and (
        len(evidence.origins) < view.method.offset_origins or len(evidence.classes) < 2
    )


def _accumulation(view: PlaceView) -> Evidence | None:
    method = view.method
    for trigger in COUNTED:
        pair = (view.place, trigger)
        if pair not in view.scored.above_expected and pair not in view.scored.no_expected:
            continue
        for group in linked_groups(view.window(method.memory_weeks, trigger)):
            weeks = {Week.of(one.occurred_on) for one in group}
            if (
                len(group) >= method.accumulation_incidents
                and len(weeks) >= method.accumulation_weeks
                and len(independent(origins(group), view.inputs)) >= method.accumulation_origins
            ):
                found = _evidence(view, trigger, group, ())
                if not _explained(view, trigger, found):
                    return found
    return None


def _persistence(view: PlaceView, history: tuple[PastRun, ...], silence_met: bool) -> Evidence | None:
    first = Week.of(view.last_day).back(view.method.persistence_weeks)
    opened = [one for one in history if Week.parse(one.week) >= first and one.pattern is GateState.OPEN]
    if len(opened) < view.method.persistence_runs:
        return None
    for trigger in COUNTED:
        recent = view.window(4, trigger)
        if recent:
            return _evidence(view, trigger, recent, ())
    return _evidence(view, "T10", (), ()) if silence_met else None


def _finding(view: PlaceView, findings: tuple[Finding, ...]) -> tuple[Finding, Evidence] | None:
    """P4: a body with a mandate, in the last year, and one counted incident since. P5: two analysts, who list them."""
    year = view.last_day - timedelta(weeks=52)
    for one in findings:
        if one.place != view.place or not year < one.stated_on <= view.last_day:
            continue
        incidents = view.window(view.method.memory_weeks, one.trigger)
        if one.incidents:
            incidents = tuple(each for each in view.incidents if each.incident_id in one.incidents)
            if len(incidents) < view.method.accumulation_incidents:
                continue
        if incidents:
            return one, _evidence(view, one.trigger, incidents, ())
    return None


def _scale(
    view: PlaceView, near: list[Incident], opened_by: Evidence | None, cards: Mapping[str, TriggerCard]
) -> GateResult | None:
    """Class B at scale in four weeks, low figures; or mixed deaths in one month above what is usual."""
    method = view.method
    recent = tuple(one for one in near if _within(one, view.last_day, 4))
    of_class_b = [card.id for card in cards.values() if card.gravity is Gravity.B]

    def number(*outcomes: str) -> int:
        return sum(persons(recent, trigger, *outcomes) or 0 for trigger in of_class_b)

    for limit, words, outcomes in (
        (method.killed_or_injured, "killed or injured", ("killed", "injured")),
        (method.detained, "detained", ("detained",)),
        (method.displaced, "displaced", ("displaced",)),
    ):
        if number(*outcomes) >= limit:
            met = tuple(one for one in recent if any(label.outcome in outcomes for label in one.codings))
            return _gravity("G2", f"{number(*outcomes)} persons {words} in four weeks, low figure", met)
    for total in opened_by.series if opened_by is not None else ():
        above = total.upper is not None and total.observed is not None and total.observed > total.upper
        if total.period == "month" and above and (total.observed or 0) >= method.mixed_deaths:
            words = f"{total.observed:.0f} mixed deaths in one month, {total.label}"
            return GateResult(
                gate="gravity",
                state=GateState.OPEN,
                rule="G2",
                why=words,
                triggers=(total.trigger,),
                incidents=tuple(one.incident_id for one in recent),
            )
    return None


def _evidence(
    view: PlaceView, trigger: str, incidents: tuple[Incident, ...], totals: tuple[SeriesResult, ...]
) -> Evidence:
    providers = {
        source.card.origin_id: source.card.source_class.value
        for source in view.inputs.sources
        for total in totals
        if total.source_id == source.card.id
    }
    return Evidence(
        trigger=trigger,
        incidents=incidents,
        series=totals,
        origins=independent({*origins(incidents), *providers}, view.inputs),
        classes=tuple(sorted({*classes(incidents), *providers.values()})),
    )


def _in_period(view: PlaceView, total: SeriesResult, trigger: str) -> tuple[Incident, ...]:
    if total.period_start is None:
        return ()
    last = period_end(total.period_start, total.period)
    return tuple(
        one
        for one in view.incidents
        if total.period_start <= one.occurred_on <= last and any(label.trigger == trigger for label in one.codings)
    )


def _within(incident: Incident, last_day: date, weeks: int) -> bool:
    return last_day - timedelta(days=7 * weeks - 1) <= incident.occurred_on <= last_day


def _open(gate: str, rule: str, why: str, evidence: Evidence) -> GateResult:
    return GateResult(
        gate=gate,
        state=GateState.OPEN,
        rule=rule,
        why=why,
        triggers=(evidence.trigger,),
        incidents=tuple(one.incident_id for one in evidence.incidents),
    )


def _gravity(rule: str, why: str, incidents: tuple[Incident, ...]) -> GateResult:
    found = sorted({label.trigger for one in incidents for label in one.codings})
    return GateResult(
        gate="gravity",
        state=GateState.OPEN,
        rule=rule,
        why=why,
        triggers=tuple(found),
        incidents=tuple(one.incident_id for one in incidents),
    )
