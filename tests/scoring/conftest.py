"""A small world of fictional places: enough sources to hear them, and incidents as a test needs them."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.incident import Actor, Coding, Incident
from domain.signal import short_hash
from domain.situation import (
    Coverage,
    GateResult,
    GateState,
    Level,
    SeriesResult,
    Situation,
    StateResult,
    TriggerCard,
    TriggerResult,
)
from domain.source import Cadence, CodeRule, Kind, SeriesRule, SourceCard, SourceClass, SourceState
from domain.state import Place, PlaceKind
from domain.window import Week
from scoring.engine import Outcome, assess
from scoring.inputs import (
    Call,
    CountSeries,
    Finding,
    Heard,
    Inputs,
    Late,
    Letters,
    LinkedEvent,
    Mitigation,
    Overdue,
    PastRun,
    SourceView,
    Volume,
    VolumeWeek,
)
from scoring.method import Method, load_method, load_triggers
from scoring.series import score_series

AS_OF = datetime(2024, 1, 29, tzinfo=UTC)
SUNDAY = date(2024, 1, 28)
HOME = "RUR"
ALL = ("T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T11")
NUMBERS = itertools.count()


def source(
    source_id: str,
    kind: SourceClass,
    *,
    state: SourceState = SourceState.OK,
    stale: bool = False,
    origin: str = "",
    series: tuple[SeriesRule, ...] = (),
    lag_days: int = 7,
) -> SourceView:
    """A source that feeds every trigger and was looked at in each of the last four weeks."""
    card = SourceCard(
        id=source_id,
        title=source_id,
        publisher=origin or source_id,
        kind=Kind.RSS,
        url="https://example.org",
        cadence=Cadence.WEEKLY,
        source_class=kind,
        licence="none",
        citation="none",
        languages=("en",),
        coverage="fictional",
        lag_days=lag_days,
        expected_min=0,
        expected_max=9,
        verified=False,
        series=series,
        codes=tuple(CodeRule(rule=trigger, trigger=trigger) for trigger in ALL) if not series else (),
    )
    return SourceView(
        card=card,
        state=state,
        last_look=AS_OF,
        weeks_looked=4,
        first_day=date(2021, 1, 4),
        last_day=SUNDAY,
        stale=stale,
        basis="as published",
    )


def incident(
    trigger: str,
    day: date = SUNDAY,
    *,
    place: str = HOME,
    origins: Sequence[str] = ("relief",),
    classes: Sequence[SourceClass] = (SourceClass.CIVIL_SOCIETY,),
    outcome: str = "",
    persons: int | None = 1,
    first_level: str = "North",
    actor: Actor = Actor.STATE_AGENTS,
    victim: str = "",
    published: date | None = None,
) -> Incident:
    number = next(NUMBERS)
    return Incident(
        incident_id=short_hash("test", str(number)),
        place=place,
        first_level=first_level,
        occurred_on=day,
        date_inferred=False,
        first_published_at=datetime(published.year, published.month, published.day, tzinfo=UTC) if published else None,
        first_known_at=AS_OF,
        actor=actor,
        actor_name="",
        reports=(f"r{number}",),
        sources=(),
        codings=(Coding(trigger=trigger, rule="test", persons=persons, outcome=outcome, victim=victim),),
        origins=tuple(origins),
        classes=tuple(classes),
    )


def days_back(*weeks: int) -> list[date]:
    """One Wednesday in each of those weeks before W1."""
    return [SUNDAY - timedelta(days=4 + 7 * week) for week in weeks]


@dataclass
class World:
    """What a test gives the engine; every fictional place is heard by three sources of two classes."""

    method: Method = field(default_factory=load_method)
    places: list[str] = field(default_factory=lambda: [HOME, "SYL", "GRA", "ZUB", "BOR", "MOR"])
    sources: list[SourceView] = field(
        default_factory=lambda: [
            source("relief", SourceClass.CIVIL_SOCIETY),
            source("gazette", SourceClass.MEDIA),
            source("defence", SourceClass.DEFENDERS),
        ]
    )
    incidents: list[Incident] = field(default_factory=list)
    counts: list[CountSeries] = field(default_factory=list)
    volumes: list[Volume] | None = None
    findings: list[Finding] = field(default_factory=list)
    history: list[PastRun] = field(default_factory=list)
    letters: list[Letters] = field(default_factory=list)
    heard: list[Heard] | None = None
    set_aside: set[str] = field(default_factory=set)
    mitigations: list[Mitigation] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    events: list[LinkedEvent] = field(default_factory=list)
    overdue: list[Overdue] = field(default_factory=list)
    overdue_listed: date | None = None
    imminent: set[str] = field(default_factory=set)
    late: list[Late] = field(default_factory=list)

    def triggers(self) -> tuple[TriggerCard, ...]:
        """All triggers as if each were fed: the rules are tested, not what this version happens to collect."""
        return tuple(replace(card, fed=True) for card in load_triggers())

    def usual_volumes(self) -> list[Volume]:
        """Every source from within told a little of each place, in each week of two years."""
        weeks = [VolumeWeek(start=Week.of(SUNDAY).back(back).first_day, reports=1, own=1) for back in range(104)]
        return [Volume(source_id="gazette", place=place, weeks=tuple(weeks)) for place in self.places]

    def inputs(self, as_of: datetime = AS_OF) -> Inputs:
        heard = self.heard
        if heard is None:
            heard = [
                Heard(source_id=view.card.id, place=place, items_4w=2, items_12w=6, items_52w=20)
                for view in self.sources
                for place in self.places
            ]
        return Inputs(
            as_of=as_of,
            places=tuple(_place(code) for code in self.places),
            sources=tuple(self.sources),
            incidents=tuple(self.incidents),
            counts=tuple(self.counts),
            heard=tuple(heard),
            volumes=tuple(self.volumes if self.volumes is not None else self.usual_volumes()),
            findings=tuple(self.findings),
            history=tuple(self.history),
            letters=tuple(self.letters),
            set_aside=frozenset(self.set_aside),
            mitigations=tuple(self.mitigations),
            calls=tuple(self.calls),
            events=tuple(self.events),
            overdue=tuple(self.overdue),
            overdue_listed=self.overdue_listed,
            imminent=frozenset(self.imminent),
            late=tuple(self.late),
        )

    def unfed(self, trigger: str) -> "Found":
        """The outcome where no source feeds that trigger."""
        cards = tuple(replace(card, fed=card.id != trigger) for card in self.triggers())
        return Found(assess(self.inputs(), method=self.method, cards=cards))

    def run(self) -> "Found":
        return Found(assess(self.inputs(), method=self.method, cards=self.triggers()))

    def alarms(self) -> tuple[frozenset[tuple[str, str, str]], ...]:
        """Place, trigger and source of each alarm, for W1 and the weeks before it."""
        return score_series(self.inputs(), method=self.method, triggers=self.triggers()).alarms


@dataclass(frozen=True)
class Found:
    """The outcome with short ways to one place's part of it."""

    outcome: Outcome

    def state(self, place: str = HOME) -> StateResult:
        return next(one for one in self.outcome.states if one.place == place)

    def situation(self, place: str = HOME) -> Situation | None:
        return next((one for one in self.outcome.situations if one.place == place), None)

    def trigger(self, trigger: str, place: str = HOME) -> TriggerResult:
        return next(one for one in self.outcome.triggers if (one.place, one.trigger) == (place, trigger))

    def gate(self, gate: str, place: str = HOME) -> GateResult:
        return next(one for where, one in self.outcome.gates if (where, one.gate) == (place, gate))

    def series(self, trigger: str, place: str = HOME) -> list[SeriesResult]:
        return [one for one in self.outcome.series if (one.place, one.trigger) == (place, trigger)]


def _place(code: str) -> Place:
    return Place(code=code, name=code.title(), kind=PlaceKind.MEMBER, regional_group="AFR", field_region="AFRICA")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def make() -> Callable[..., Incident]:
    return incident


@pytest.fixture
def new_source() -> Callable[..., SourceView]:
    return source


@pytest.fixture
def wednesdays() -> Callable[..., list[date]]:
    return days_back


@pytest.fixture
def past() -> Callable[..., list[PastRun]]:
    return past_runs


def past_runs(*rows: dict[str, object]) -> list[PastRun]:
    """Runs of the weeks before W1, newest last; each row overrides the defaults."""
    newest = Week.last_complete(AS_OF)
    defaults: dict[str, object] = {
        "place": HOME,
        "level": Level.NONE,
        "pattern": GateState.CLOSED,
        "gravity": GateState.CLOSED,
        "coverage": Coverage.ADEQUATE,
        "since": "",
        "held_since": "",
    }
    return [PastRun(**(defaults | {"week": str(newest.back(len(rows) - at))} | row)) for at, row in enumerate(rows)]
