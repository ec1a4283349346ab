"""One assessment: everything known at `as_of` in, one line for every place out. No clock, no file, no State's name."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.incident import Incident
from domain.situation import (
    Coverage,
    CoverageResult,
    GateResult,
    Level,
    Printed,
    SeriesResult,
    Situation,
    StateResult,
    TriggerCard,
    TriggerResult,
    TriggerValue,
)
from domain.window import Week
from scoring.coverage import assess_coverage
from scoring.gates import gravity, pattern
from scoring.inputs import Heard, Inputs, PastRun
from scoring.levels import propose, situation
from scoring.method import Method
from scoring.rules import TARGETED, PlaceView, evaluate
from scoring.series import Scored, counted, score_series
from scoring.volume import listen

SILENCE = "T10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run says, sorted by place code; the order carries no meaning and is never printed."""

    week: str
    states: tuple[StateResult, ...]
    situations: tuple[Situation, ...]
    triggers: tuple[TriggerResult, ...]
    gates: tuple[tuple[str, GateResult], ...]
    series: tuple[SeriesResult, ...]
    coverage: tuple[CoverageResult, ...]
    incidents: tuple[Incident, ...]


def assess(inputs: Inputs, *, method: Method, cards: Sequence[TriggerCard]) -> Outcome:
    """Score, listen, evaluate, gate and level every place, each by the same formula."""
    scored = score_series(inputs, method=method, triggers=cards)
    coverage = assess_coverage(inputs, method=method)
    incidents: dict[str, list[Incident]] = defaultdict(list)
    for one in sorted(inputs.incidents, key=lambda incident: (incident.occurred_on, incident.incident_id)):
        if counted(one, inputs, method):
            incidents[one.place].append(one)
    heard: dict[str, dict[str, Heard]] = defaultdict(dict)
    for item in inputs.heard:
        heard[item.place][item.source_id] = item
    history: dict[str, list[PastRun]] = defaultdict(list)
    for run in sorted(inputs.history, key=lambda run: run.week):
        history[run.place].append(run)
    letters = {one.place: one for one in inputs.letters}
    silence = listen(inputs, method=method)
    series: dict[str, list[SeriesResult]] = defaultdict(list)
    for result in scored.results:
        series[result.place].append(result)
    newest = Week.last_complete(inputs.as_of)
    found: list[_Place] = []
    for place in inputs.places:
        heard_of = _with_rise(coverage[place.code], scored)
        view = PlaceView(
            place=place.code,
            last_day=newest.last_day,
            back=0,
            incidents=tuple(incidents[place.code]),
            coverage=heard_of,
            heard=heard[place.code],
            letters=letters.get(place.code),
            series=tuple(series[place.code]),
            inputs=inputs,
            scored=scored,
            method=method,
            silence=silence.get(place.code),
        )
        found.append(_assess_place(view, cards=cards, history=tuple(history[place.code])))
    return Outcome(
        week=str(newest),
        states=tuple(one.state for one in found),
        situations=tuple(one.situation for one in found if one.situation is not None),
        triggers=tuple(result for one in found for result in one.triggers),
        gates=tuple((one.state.place, gate) for one in found for gate in one.gates),
        series=scored.results,
        coverage=tuple(one.coverage for one in found),
        incidents=inputs.incidents,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    state: StateResult
    situation: Situation | None
    triggers: tuple[TriggerResult, ...]
    gates: tuple[GateResult, GateResult]
    coverage: CoverageResult


def _assess_place(view: PlaceView, *, cards: Sequence[TriggerCard], history: tuple[PastRun, ...]) -> _Place:
    by_id = {card.id: card for card in cards}
    triggers = {card.id: evaluate(card, view) for card in cards if card.id != SILENCE}
    met, targeted = _met_weeks(view, cards, triggers)
    view = replace(
        view,
        targeted=targeted,
        newly_met=frozenset(trigger for trigger, weeks in met.items() if max(weeks) < 4),
    )
    # Silence is asked last: it needs to know who was targeted before.
    triggers = {card.id: triggers.get(card.id) or evaluate(card, view) for card in cards}
    if triggers[SILENCE].value is TriggerValue.MET:
        met[SILENCE] = (0,)
    met_lately = {trigger: min(weeks) for trigger, weeks in met.items()}
    opened, opened_by = pattern(
        view,
        triggers=triggers,
        findings=tuple(one for one in view.inputs.findings if one.place == view.place),
        history=history,
        silence_met=triggers[SILENCE].value is TriggerValue.MET,
    )
    grave = gravity(view, opened_by=opened_by, cards=by_id, confirmed=view.inputs.imminent)
    ruling = propose(
        view,
        cards=by_id,
        triggers=triggers,
        met_lately=met_lately,
        pattern=opened,
        gravity=grave,
        opened_by=opened_by,
        history=history,
    )
    one = None
    if ruling.level is not Level.NONE:
        one = situation(
            view, ruling, cards=by_id, met_lately=met_lately, pattern=opened, gravity=grave, history=history
        )
    return _Place(
        state=StateResult(
            place=view.place,
            printed=_printed(ruling.level, view.coverage.coverage),
            level=ruling.level,
            phase=one.phase if one else None,
            triggers_met=tuple(sorted(met_lately)),
            coverage=view.coverage.coverage,
            smallest_rise=view.coverage.smallest_rise,
            last_look=_last_look(view),
        ),
        situation=one,
        triggers=tuple(triggers.values()),
        gates=(opened, grave),
        coverage=view.coverage,
    )


def _met_weeks(
    view: PlaceView, cards: Sequence[TriggerCard], now: dict[str, TriggerResult]
) -> tuple[dict[str, tuple[int, ...]], frozenset[str]]:
    """For each trigger met in the last twelve weeks, the weeks back in which it was, as known now.

    Beside it those of `TARGETED` that were met in the longer time that silence is asked about.
    """
    met: dict[str, list[int]] = defaultdict(list)
    for trigger, result in now.items():
        if result.value is TriggerValue.MET:
            met[trigger].append(0)
    targeted = {trigger for trigger in met if trigger in TARGETED}
    newest = Week.of(view.last_day)
    method = view.method
    for back in range(1, method.silence_weeks):
        earlier = replace(view, back=back, last_day=newest.back(back).last_day)
        if not earlier.alarmed and not earlier.window_of_all(max(method.first_event_window, method.memory_weeks)):
            continue
        for card in cards:
            lately = back < method.memory_weeks
            if card.id == SILENCE or not (lately or card.id in TARGETED):
                continue
            if evaluate(card, earlier).value is TriggerValue.MET:
                if lately:
                    met[card.id].append(back)
                if card.id in TARGETED:
                    targeted.add(card.id)
    return {trigger: tuple(weeks) for trigger, weeks in met.items()}, frozenset(targeted)


def _printed(level: Level, coverage: Coverage) -> Printed:
    """Exactly one word a place; a level above none is a signal, whatever the coverage beside it."""
    if level is not Level.NONE:
        return Printed.SIGNALS
    match coverage:
        case Coverage.ADEQUATE:
            return Printed.QUIET
        case Coverage.LIMITED:
            return Printed.LIMITED
        case Coverage.NONE:
            return Printed.NOT_MONITORED
        case Coverage.FAILED:
            return Printed.SOURCE_FAILURE


def _with_rise(found: CoverageResult, scored: Scored) -> CoverageResult:
    """The largest of the smallest rises that could be tested; where none could, nothing may be called quiet."""
    rises = [rise for (place, _), rise in scored.rises if place == found.place]
    if rises or found.coverage is not Coverage.ADEQUATE:
        return replace(found, smallest_rise=max(rises, default=None))
    return replace(
        found, coverage=Coverage.LIMITED, reason=f"{found.reason}; but no count of incidents could be tested"
    )


def _last_look(view: PlaceView) -> str:
    looks = [
        source.last_look
        for source in view.inputs.sources
        if source.last_look is not None and source.state.looked and view.heard.get(source.card.id)
    ]
    return max(looks).date().isoformat() if looks else ""
