"""Proposed levels: gates and triggers to one of four words, with ceilings, steps down, freezes and holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.incident import Incident
from domain.signal import short_hash
from domain.situation import (
    Coverage,
    GateResult,
    GateState,
    Gravity,
    Level,
    Phase,
    Situation,
    TriggerCard,
    TriggerResult,
    TriggerValue,
)
from domain.source import SourceClass
from domain.window import Week
from scoring.gates import Evidence, explained_by_reporting
from scoring.inputs import PastRun
from scoring.method import Method
from scoring.rules import PlaceView, classes, independent, irreparable, origins

ANCHORS = frozenset(
    {
        SourceClass.FIELD_PRESENCE.value,
        SourceClass.UN_SYSTEM.value,
        SourceClass.REGIONAL_MECHANISM.value,
        SourceClass.TREATY_BODY.value,
    }
)
SUPPORTING = ("T07", "T08", "T09", "T10", "T11", "T12", "T13")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The level that the rules propose for one place, and why."""

    level: Level
    ceiling: str
    held_since: str
    reasons: tuple[str, ...]


def propose(
    view: PlaceView,
    *,
    cards: Mapping[str, TriggerCard],
    triggers: Mapping[str, TriggerResult],
    met_lately: Mapping[str, int],
    pattern: GateResult,
    gravity: GateResult,
    opened_by: Evidence | None,
    history: tuple[PastRun, ...],
) -> Ruling:
    """`met_lately` gives, for each trigger met in the last twelve weeks, how many weeks ago it last was."""
    grave = tuple(one for one in view.window_of_all(view.method.memory_weeks) if irreparable(one, cards))
    reasons: list[str] = []
    ceiling = ""
    level = Level.NONE
    if pattern.state is GateState.OPEN and gravity.state is GateState.OPEN and opened_by is not None:
        level = Level.EMERGING
        reasons.append(f"pattern ({pattern.rule}) and gravity ({gravity.rule}) open on the same or linked incidents")
        if len(opened_by.origins) < 2:
            ceiling, level = "one origin", Level.WATCH
        elif len(opened_by.incidents) == 1 and not opened_by.series:
            ceiling, level = "one incident", Level.WATCH
        elif _urgent(view, cards=cards, met_lately=met_lately, opened_by=opened_by, history=history):
            level = Level.URGENT
            reasons.append("urgent: sustained or many killed, enough origins, and two further conditions")
    elif met_lately or GateState.OPEN in {pattern.state, gravity.state} or grave:
        level = Level.WATCH
        for trigger, weeks in sorted(met_lately.items()):
            reasons.append(f"{trigger} met {_ago(weeks)}" if weeks else f"{trigger} met")
        for gate in (pattern, gravity):
            if gate.state is GateState.OPEN:
                reasons.append(f"{gate.gate} gate open ({gate.rule})")
        if grave:
            number = "one grave incident" if len(grave) == 1 else f"{len(grave)} grave incidents"
            reasons.append(f"{number} in twelve weeks")
        ceiling = _ceiling(view, grave=grave, met_lately=met_lately, cards=cards)
    ruling = Ruling(level=level, ceiling=ceiling, held_since="", reasons=tuple(reasons))
    return _hold(ruling, view=view, triggers=triggers, pattern=pattern, gravity=gravity, history=history)


def lapse(*, confirmed: Level, confirmed_at: datetime, as_of: datetime, method: Method) -> Level:
    """A confirmed *urgent* that nobody reconfirmed in time is an emerging concern again."""
    late = as_of - confirmed_at > timedelta(days=method.urgent_lapse_days)
    return Level.EMERGING if confirmed is Level.URGENT and late else confirmed


def situation(
    view: PlaceView,
    ruling: Ruling,
    *,
    cards: Mapping[str, TriggerCard],
    met_lately: Mapping[str, int],
    pattern: GateResult,
    gravity: GateResult,
    history: tuple[PastRun, ...],
) -> Situation:
    """The place's situation of this week, with what would raise and what would lower it."""
    last = history[-1] if history else None
    week = str(Week.of(view.last_day))
    going_on = last is not None and last.level is not Level.NONE
    since = last.since if last is not None and going_on and last.since else week
    incidents = _concerned(view, cards=cards, met_lately=met_lately)
    providers: dict[str, str] = {}
    for trigger in met_lately:
        providers |= view.providers(trigger, view.method.memory_weeks)
    return Situation(
        situation_id=short_hash("situation", view.place, since),
        place=view.place,
        level=ruling.level,
        phase=_phase(view, ruling.level, last),
        since=since,
        held_since=ruling.held_since,
        pattern=pattern,
        gravity=gravity,
        triggers=tuple(sorted(met_lately)),
        incidents=tuple(sorted(one.incident_id for one in incidents)),
        origins=independent({*origins(incidents), *providers}, view.inputs),
        classes=tuple(sorted({*classes(incidents), *providers.values()})),
        ceiling=ruling.ceiling,
        reasons=ruling.reasons,
        would_raise=_would_raise(ruling.level, pattern, gravity),
        would_lower=_would_lower(ruling.level, view),
    )


def _urgent(
    view: PlaceView,
    *,
    cards: Mapping[str, TriggerCard],
    met_lately: Mapping[str, int],
    opened_by: Evidence,
    history: tuple[PastRun, ...],
) -> bool:
    method = view.method
    sustained = bool(history) and history[-1].level.rank >= Level.EMERGING.rank
    killed = sum(
        label.persons or 0
        for one in view.window_of_all(1)
        for label in one.codings
        if label.outcome == "killed" and label.trigger in {"T02", "T05", "T06"}
    )
    who = opened_by.origins
    enough = len(who) >= method.urgent_origins and len(opened_by.classes) >= 2
    anchored = bool(set(opened_by.classes) & ANCHORS) or len(who) >= method.urgent_origins_without_anchor
    if not (sustained or killed >= method.urgent_killed_in_w1) or not enough or not anchored:
        return False
    conditions = (
        _sudden(view, opened_by.trigger),
        _spread(view, cards=cards, met_lately=met_lately),
        any(met_lately.get(trigger, method.memory_weeks) < 8 for trigger in SUPPORTING),
        _called(view),
        _dated(view),
    )
    return sum(conditions) >= method.urgent_conditions


def _sudden(view: PlaceView, trigger: str) -> bool:
    """u1: an alarm now, and the mean of the last two weeks at least twice that of the six before."""
    recent = len(view.window(2, trigger)) / 2
    before = (len(view.window(8, trigger)) - len(view.window(2, trigger))) / 6
    return view.alarm(trigger) and recent >= 2 * before and recent > 0


def _spread(view: PlaceView, *, cards: Mapping[str, TriggerCard], met_lately: Mapping[str, int]) -> bool:
    """u2: a further class A trigger newly met in four weeks, or a first-level place with none in the twelve before."""
    new = [
        trigger
        for trigger in met_lately
        if cards[trigger].gravity is Gravity.A and trigger in view.newly_met and met_lately[trigger] < 4
    ]
    recent = {one.first_level for one in view.window_of_all(4) if one.first_level}
    earlier = {
        one.first_level
        for one in set(view.window_of_all(4 + view.method.urgent_spread_weeks)) - set(view.window_of_all(4))
    }
    return len(new) > 1 or bool(recent - earlier)


def _called(view: PlaceView) -> bool:
    """u4: a confirmed call for international action in twelve weeks; calls on the State alone are not enough."""
    first = view.last_day - timedelta(days=7 * view.method.memory_weeks - 1)
    return any(
        one.place == view.place and one.kind == "b" and first <= one.said_on <= view.last_day
        for one in view.inputs.calls
    )


def _dated(view: PlaceView) -> bool:
    """u5: an event within the days ahead that analysts linked to this place."""
    last = view.inputs.as_of.date() + timedelta(days=view.method.urgent_event_days)
    return any(one.place == view.place and view.inputs.as_of.date() <= one.on <= last for one in view.inputs.events)


def _concerned(
    view: PlaceView, *, cards: Mapping[str, TriggerCard], met_lately: Mapping[str, int]
) -> tuple[Incident, ...]:
    """Incidents of twelve weeks that make up the situation: of a met trigger, or grave."""
    return tuple(
        one
        for one in view.window_of_all(view.method.memory_weeks)
        if any(label.trigger in met_lately for label in one.codings) or irreparable(one, cards)
    )


def _ceiling(
    view: PlaceView,
    *,
    grave: tuple[Incident, ...],
    met_lately: Mapping[str, int],
    cards: Mapping[str, TriggerCard],
) -> str:
    """Why this place could not stand above watch, in the method's own words; empty when nothing caps it."""
    if any(explained_by_reporting(view, trigger) for trigger in met_lately):
        return "apparent rise, explained by more reporting"
    if met_lately and all(cards[trigger].gravity is Gravity.SUPPORTING for trigger in met_lately) and not grave:
        return "supporting triggers only"
    incidents = _concerned(view, cards=cards, met_lately=met_lately)
    if len(independent(origins(incidents), view.inputs)) <= 1:
        return "one origin"
    if len(incidents) == 1:
        return "one incident"
    return ""


def _hold(
    ruling: Ruling,
    *,
    view: PlaceView,
    triggers: Mapping[str, TriggerResult],
    pattern: GateResult,
    gravity: GateResult,
    history: tuple[PastRun, ...],
) -> Ruling:
    """No step down while we cannot see, and none from an emerging concern before enough closed runs in a row."""
    if not history or history[-1].level.rank <= ruling.level.rank:
        return ruling
    last = history[-1]
    method = view.method
    blind = view.coverage.coverage is not Coverage.ADEQUATE
    unclear = GateState.CANNOT_TELL in {pattern.state, gravity.state}
    silenced = triggers["T10"].value is TriggerValue.MET
    if blind or unclear or silenced:
        since = last.held_since or str(Week.of(view.last_day))
        return Ruling(
            level=last.level,
            ceiling=ruling.ceiling,
            held_since=since,
            reasons=(*ruling.reasons, f"held since {since}: cannot see"),
        )
    if last.level.rank >= Level.EMERGING.rank and ruling.level.rank < Level.EMERGING.rank:
        needed = method.step_down_runs_mitigated if view.place in view.inputs.mitigated else method.step_down_runs
        closed = 1
        for run in reversed(history):
            gate_closed = GateState.CLOSED in {run.pattern, run.gravity}
            if not gate_closed or run.coverage is not Coverage.ADEQUATE:
                break
            closed += 1
        if closed < needed:
            return Ruling(
                level=Level.EMERGING,
                ceiling=ruling.ceiling,
                held_since=last.held_since,
                reasons=(*ruling.reasons, f"a gate closed in {closed} of {needed} runs needed for a step down"),
            )
    return ruling


def _phase(view: PlaceView, level: Level, last: PastRun | None) -> Phase:
    if last is None or last.level is Level.NONE or level.rank > last.level.rank:
        return Phase.NEW
    if level.rank < last.level.rank:
        return Phase.EASING
    recent = len(view.window_of_all(4))
    before = len(view.window_of_all(8)) - recent
    return Phase.RISING if recent > before and any(view.alarm(trigger) for trigger in view.alarmed) else Phase.SUSTAINED


def _ago(weeks: int) -> str:
    return "one week ago" if weeks == 1 else f"{weeks} weeks ago"


def _would_raise(level: Level, pattern: GateResult, gravity: GateResult) -> str:
    if level is Level.URGENT:
        return "nothing stands above urgent"
    if level is Level.EMERGING:
        return "the same in the next run, with a further first-level place or an attack on those who report"
    if pattern.state is not GateState.OPEN:
        return "a second independent origin, of another class of source, on the same or linked incidents"
    if gravity.state is not GateState.OPEN:
        return "a second grave incident linked to these, from another origin"
    return "grave incidents linked to those that form the pattern"


def _would_lower(level: Level, view: PlaceView) -> str:
    if view.coverage.coverage is not Coverage.ADEQUATE:
        return "adequate coverage first, then weeks without a met trigger; silence alone lowers nothing"
    if level.rank >= Level.EMERGING.rank:
        return f"a gate closed in {view.method.step_down_runs} runs in a row at adequate coverage"
    return f"{view.method.memory_weeks} weeks at adequate coverage without a met trigger or grave incident"
