"""When is a trigger met? One function for each, all with the same view of one place (docs/method.md)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain.incident import Incident
from domain.situation import Coverage, CoverageResult, Gravity, SeriesResult, TriggerCard, TriggerResult, TriggerValue
from domain.source import SourceClass
from scoring.coverage import covers, feeding
from scoring.inputs import Heard, Inputs, Letters
from scoring.method import Method
from scoring.series import Scored
from scoring.volume import Silence

TARGETED = ("T07", "T08", "T09", "T12", "T13")  # after any of which silence is asked about
GRAVE_ACTS = frozenset({"killed", "disappeared", "tortured"})

NOT_FED = "not_fed"  # rule of a trigger that nothing in this run could tell of


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """What the rules may know of one place at the end of one week. `back`: weeks before W1, 0 for W1 itself.

    `targeted` names the triggers of `TARGETED` that were met in the weeks that silence is asked about.
    """

    place: str
    last_day: date
    back: int
    incidents: tuple[Incident, ...]
    coverage: CoverageResult
    heard: Mapping[str, Heard]
    letters: Letters | None
    series: tuple[SeriesResult, ...]
    inputs: Inputs
    scored: Scored
    method: Method
    newly_met: frozenset[str] = frozenset()
    targeted: frozenset[str] = frozenset()
    silence: Silence | None = None

    @property
    def alarmed(self) -> frozenset[str]:
        """Triggers with an alarm in this week."""
        return frozenset(trigger for place, trigger, _ in self.scored.alarms[self.back] if place == self.place)

    def window_of_all(self, weeks: int) -> tuple[Incident, ...]:
        """Counted incidents of any trigger in that many weeks, oldest first."""
        first = self.last_day - timedelta(days=7 * weeks - 1)
        return tuple(one for one in self.incidents if first <= one.occurred_on <= self.last_day)

    def window(self, weeks: int, trigger: str) -> tuple[Incident, ...]:
        """Counted incidents of the trigger in that many weeks, oldest first."""
        first = self.last_day - timedelta(days=7 * weeks - 1)
        return tuple(
            incident
            for incident in self.incidents
            if first <= incident.occurred_on <= self.last_day
            and any(label.trigger == trigger for label in incident.codings)
        )

    def providers(self, trigger: str, weeks: int) -> dict[str, str]:
        """Origins, with their class, of published series that alarmed under the trigger in that many weeks."""
        found = {
            source_id
            for week in self.scored.alarms[self.back : self.back + weeks]
            for place, which, source_id in week
            if place == self.place and which == trigger and source_id
        }
        return {
            view.card.origin_id: view.card.source_class.value for view in self.inputs.sources if view.card.id in found
        }

    def alarm(self, trigger: str) -> bool:
        return trigger in self.alarmed

    def heard_by(self, trigger: str) -> bool:
        """Does any source that feeds the trigger cover this place, and speak of the last four weeks or a period?"""
        first = self.last_day - timedelta(days=27)
        return any(
            covers(view, self.heard.get(view.card.id), self.method)
            and (
                any(rule.trigger == trigger for rule in view.card.series)
                or view.speaks_of(first, self.last_day, prompt_days=self.method.prompt_days)
            )
            for view in feeding(self.inputs, trigger)
        )


def origins(incidents: tuple[Incident, ...]) -> tuple[str, ...]:
    """Who first learned: the union over incidents."""
    return tuple(sorted({origin for incident in incidents for origin in incident.origins}))


def independent(found: Iterable[str], inputs: Inputs) -> tuple[str, ...]:
    """Origins that stand on their own: data providers may count the same events, so together they are one."""
    data = {view.card.origin_id for view in inputs.sources if view.card.source_class is SourceClass.DATA_PROVIDER}
    who = set(found)
    providers = sorted(who & data)
    alone = who - data
    if len(providers) > 1:
        return tuple(sorted({*alone, f"{' and '.join(providers)} (data providers, one origin)"}))
    return tuple(sorted({*alone, *providers}))


def classes(incidents: tuple[Incident, ...]) -> tuple[str, ...]:
    return tuple(sorted({kind.value for incident in incidents for kind in incident.classes}))


def persons(incidents: tuple[Incident, ...], trigger: str, *outcomes: str) -> int | None:
    """Persons under one trigger, lowest readings; None when no incident gives a number."""
    numbers = [
        label.persons
        for incident in incidents
        for label in incident.codings
        if label.trigger == trigger and label.persons is not None and (not outcomes or label.outcome in outcomes)
    ]
    return sum(numbers) if numbers else None


def irreparable(incident: Incident, cards: Mapping[str, TriggerCard]) -> bool:
    """Class A: the trigger itself, or a killing of separated civilians or another grave act under a class B one."""
    for label in incident.codings:
        card = cards.get(label.trigger)
        if card is None:
            continue
        if card.gravity is Gravity.A:
            return True
        if card.gravity is Gravity.B and label.outcome in GRAVE_ACTS:
            return True
    return False


def evaluate(card: TriggerCard, view: PlaceView) -> TriggerResult:
    """The value of one trigger for one place, with the rule and the incidents that gave it."""
    if not card.fed:
        return _result(card, view, TriggerValue.CANNOT_TELL, NOT_FED, "no source of this version feeds it", weeks=4)
    return _RULES.get(card.id, _surge)(card, view)


def _surge(card: TriggerCard, view: PlaceView) -> TriggerResult:
    """T01–T03: an alarm with enough counted incidents in W4, or a first event at adequate coverage."""
    recent = view.window(4, card.id)
    if view.alarm(card.id) and len(recent) >= view.method.minimum_incidents:
        return _result(card, view, TriggerValue.MET, "alarm", "more than chance would give", weeks=4, incidents=recent)
    window = view.method.first_event_window
    eight = view.window(window, card.id)
    before = set(view.window(window + view.method.first_event_weeks, card.id)) - set(eight)
    if len(eight) >= 2 and not before and view.coverage.coverage is Coverage.ADEQUATE:
        return _result(
            card,
            view,
            TriggerValue.MET,
            "first_event",
            f"{len(eight)} in {window} weeks after none in {view.method.first_event_weeks}",
            weeks=window,
            incidents=eight,
        )
    return _otherwise(card, view, recent)


def _detention(card: TriggerCard, view: PlaceView) -> TriggerResult:
    recent = view.window(4, card.id)
    if view.alarm(card.id):
        return _result(card, view, TriggerValue.MET, "alarm", "more than chance would give", weeks=4, incidents=recent)
    number = persons(recent, card.id)
    if (
        number is not None
        and number >= view.method.detained_in_one_month
        and len(independent(origins(recent), view.inputs)) >= 2
        and (view.place, card.id) in view.scored.above_expected
    ):
        return _result(card, view, TriggerValue.MET, "scale", f"{number} persons", weeks=4, incidents=recent)
    return _otherwise(card, view, recent)


def _assemblies(card: TriggerCard, view: PlaceView) -> TriggerResult:
    """T05: an alarm; or a death and ten injured in four weeks, by low figures, from two origins."""
    recent = view.window(4, card.id)
    if view.alarm(card.id):
        return _result(card, view, TriggerValue.MET, "alarm", "more than chance would give", weeks=4, incidents=recent)
    killed, injured = (persons(recent, card.id, outcome) or 0 for outcome in ("killed", "injured"))
    if (
        killed >= view.method.assembly_killed
        and injured >= view.method.assembly_injured
        and len(independent(origins(recent), view.inputs)) >= 2
    ):
        reason = f"{killed} killed and {injured} injured, low figures"
        return _result(card, view, TriggerValue.MET, "scale", reason, weeks=4, incidents=recent)
    return _otherwise(card, view, recent)


def _attacks(card: TriggerCard, view: PlaceView) -> TriggerResult:
    """T06: an alarm in the newest complete period of any of its series, each in its own period.

    A period of which too much is still to come is not read: without an alarm nobody can tell.
    """
    recent = view.window(4, card.id)
    if view.alarm(card.id):
        return _result(card, view, TriggerValue.MET, "alarm", "more than chance would give", weeks=4, incidents=recent)
    if not view.back and (view.place, card.id) in view.scored.incomplete:
        return _result(
            card,
            view,
            TriggerValue.CANNOT_TELL,
            "late_reports",
            f"less than {view.method.complete_share:.0%} of the newest period's reports are here",
            weeks=4,
            incidents=recent,
        )
    return _otherwise(card, view, recent)


def _messengers(card: TriggerCard, view: PlaceView) -> TriggerResult:
    recent = view.window(8, card.id)
    if view.alarm(card.id):
        return _result(card, view, TriggerValue.MET, "alarm", "more than chance would give", weeks=8, incidents=recent)
    if len(recent) >= view.method.messengers_in_w8 and len(independent(origins(recent), view.inputs)) >= 2:
        return _result(
            card, view, TriggerValue.MET, "number", f"{len(recent)} in eight weeks", weeks=8, incidents=recent
        )
    grave = tuple(one for one in recent if any(label.outcome in GRAVE_ACTS for label in one.codings))
    if grave:
        return _result(
            card, view, TriggerValue.MET, "grave_act", "a killing, disappearance or torture", weeks=8, incidents=grave
        )
    return _otherwise(card, view, recent)


def _humanitarian_access(card: TriggerCard, view: PlaceView) -> TriggerResult:
    recent = view.window(4, card.id)
    if view.alarm(card.id):
        return _result(card, view, TriggerValue.MET, "alarm", "more than chance would give", weeks=4, incidents=recent)
    if recent and len(independent(origins(recent), view.inputs)) >= 2:
        return _result(
            card, view, TriggerValue.MET, "two_origins", "an organisation affected", weeks=4, incidents=recent
        )
    return _otherwise(card, view, recent)


def _shutdown(card: TriggerCard, view: PlaceView) -> TriggerResult:
    """A report of cause needs a second one, or a measurement; this version has no source that measures."""
    recent = view.window(4, card.id)
    if len(independent(origins(recent), view.inputs)) >= 2:
        return _result(
            card, view, TriggerValue.MET, "two_reports_of_cause", "two reports of cause", weeks=4, incidents=recent
        )
    if recent:
        return _result(
            card,
            view,
            TriggerValue.CANNOT_TELL,
            "one_report_of_cause",
            "one report of cause; no measurement to set beside it",
            weeks=4,
            incidents=recent,
        )
    return _otherwise(card, view, recent)


def _one_in_twelve_weeks(card: TriggerCard, view: PlaceView) -> TriggerResult:
    """T09 and T12: each single one counts, for twelve weeks."""
    recent = view.window(12, card.id)
    if recent:
        number = "one" if len(recent) == 1 else str(len(recent))
        reason = f"{number} in twelve weeks"
        return _result(card, view, TriggerValue.MET, "one", reason, weeks=12, incidents=recent)
    return _otherwise(card, view, recent)


def _silence(card: TriggerCard, view: PlaceView) -> TriggerResult:
    """T10: fewer reports from within after those who report were targeted, while the same sources go on elsewhere."""
    method, heard = view.method, view.silence

    def said(value: TriggerValue, rule: str, reason: str) -> TriggerResult:
        return _result(card, view, value, rule, reason, weeks=4)

    if heard is None or heard.expected is None or heard.p_value is None:
        return said(TriggerValue.CANNOT_TELL, "no_history", "no history of report volume from within")
    if not view.targeted:
        return said(TriggerValue.NOT_MET, "not_targeted", f"nobody targeted in {method.silence_weeks} weeks")
    few = heard.observed <= method.silence_share * heard.expected and heard.p_value < method.silence_p
    numbers = f"{heard.observed} reports in four weeks, {heard.expected:.0f} expected"
    if not few:
        return said(TriggerValue.NOT_MET, "as_before", numbers)
    if heard.failed:
        return said(TriggerValue.CANNOT_TELL, "failure", f"{numbers}; a source failed or was not looked at")
    if heard.elsewhere is None or heard.elsewhere < method.silence_alive:
        return said(TriggerValue.CANNOT_TELL, "everywhere", f"{numbers}; the same sources report less elsewhere too")
    return said(TriggerValue.MET, "silence", f"{numbers}; {heard.elsewhere:.0%} of the usual number elsewhere")


def _calls(card: TriggerCard, view: PlaceView) -> TriggerResult:
    """T14: calls that two people confirmed; a mention, or a label that nobody confirmed, is none."""

    def within(weeks: int, kind: str) -> frozenset[str]:
        first = view.last_day - timedelta(days=7 * weeks - 1)
        return frozenset(
            call.office
            for call in view.inputs.calls
            if call.place == view.place and call.kind == kind and first <= call.said_on <= view.last_day
        )

    method = view.method
    international = within(method.memory_weeks, "b")
    on_state = within(method.calls_weeks, "a")
    if international:
        reason = f"a call for international action by {', '.join(sorted(international))}"
        return _result(card, view, TriggerValue.MET, "international", reason, weeks=method.memory_weeks)
    if len(on_state) >= method.calls_on_state:
        reason = f"calls on the State by {', '.join(sorted(on_state))}"
        return _result(card, view, TriggerValue.MET, "on_state", reason, weeks=method.calls_weeks)
    return _result(
        card, view, TriggerValue.NOT_MET, "no_call", "no call that two people confirmed", weeks=method.memory_weeks
    )


def _treaty_bodies(card: TriggerCard, view: PlaceView) -> TriggerResult:
    """T15a: a report that is five or ten years overdue on the last day of the week; only from a list that is fresh."""
    listed, today = view.inputs.overdue_listed, view.last_day
    if listed is None:
        return _result(card, view, TriggerValue.CANNOT_TELL, "no_list", "no list of overdue reports is known", weeks=52)
    if (today - listed).days > view.method.overdue_list_days:
        return _result(
            card, view, TriggerValue.CANNOT_TELL, "old_list", f"the list is of {listed.isoformat()}", weeks=52
        )
    first, second = view.method.overdue_years
    late = sorted(
        (one.due_on, one.treaty)
        for one in view.inputs.overdue
        if one.place == view.place and _years(one.due_on, today) >= first
    )
    if not late:
        return _result(card, view, TriggerValue.NOT_MET, "not_overdue", "no report five years overdue", weeks=52)
    due_on, treaty = late[0]
    years = second if _years(due_on, today) >= second else first
    reason = f"report overdue since {due_on.year} ({treaty}), {years} years or more on {today.isoformat()}"
    return _result(card, view, TriggerValue.MET, "overdue", reason, weeks=52)


def _years(since: date, today: date) -> int:
    """Whole years between two days."""
    return today.year - since.year - ((today.month, today.day) < (since.month, since.day))


def _cooperation(card: TriggerCard, view: PlaceView) -> TriggerResult:
    letters = view.letters
    if letters is None or letters.sent < view.method.letters_minimum:
        sent = letters.sent if letters else 0
        return _result(
            card,
            view,
            TriggerValue.CANNOT_TELL,
            "few_letters",
            f"{sent} letters known, {view.method.letters_minimum} needed",
            weeks=52,
        )
    if letters.answered is None:
        return _result(
            card, view, TriggerValue.CANNOT_TELL, "replies_unknown", "replies are not in the source", weeks=52
        )
    if 1 - letters.answered / letters.sent >= view.method.unanswered_share:
        return _result(
            card,
            view,
            TriggerValue.MET,
            "unanswered",
            f"{letters.answered} substantive replies to {letters.sent} letters",
            weeks=52,
        )
    return _result(
        card,
        view,
        TriggerValue.NOT_MET,
        "answered",
        f"{letters.answered} substantive replies to {letters.sent} letters",
        weeks=52,
    )


def _otherwise(card: TriggerCard, view: PlaceView, incidents: tuple[Incident, ...]) -> TriggerResult:
    """Not met, if somebody was listening; otherwise nobody can tell."""
    if incidents or view.heard_by(card.id):
        return _result(
            card,
            view,
            TriggerValue.NOT_MET,
            "no_alarm",
            "no alarm at the method's rate of false alarms",
            weeks=4,
            incidents=incidents,
        )
    return _result(
        card, view, TriggerValue.CANNOT_TELL, "not_heard", "no source that feeds it covers this place now", weeks=4
    )


def _result(
    card: TriggerCard,
    view: PlaceView,
    value: TriggerValue,
    rule: str,
    reason: str,
    *,
    weeks: int,
    incidents: tuple[Incident, ...] = (),
) -> TriggerResult:
    providers = view.providers(card.id, 1)
    return TriggerResult(
        place=view.place,
        trigger=card.id,
        value=value,
        rule=f"{card.id}:{rule}",
        reason=reason,
        window_weeks=weeks,
        incidents=tuple(incident.incident_id for incident in incidents),
        count=len(incidents),
        persons=persons(incidents, card.id),
        origins=independent({*origins(incidents), *providers}, view.inputs),
        classes=tuple(sorted({*classes(incidents), *providers.values()})),
        alarm=view.alarm(card.id),
        series=tuple(one.series_id for one in view.series if one.trigger == card.id),
    )


_RULES: dict[str, Callable[[TriggerCard, PlaceView], TriggerResult]] = {
    "T04": _detention,
    "T05": _assemblies,
    "T06": _attacks,
    "T07": _messengers,
    "T08": _messengers,
    "T09": _one_in_twelve_weeks,
    "T10": _silence,
    "T11": _humanitarian_access,
    "T12": _one_in_twelve_weeks,
    "T13": _shutdown,
    "T14": _calls,
    "T15a": _treaty_bodies,
    "T15b": _cooperation,
}
