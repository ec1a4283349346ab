"""What a run found is written as a whole and read back as it was."""

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import get_args, get_origin, get_type_hints

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.classification import Lens
from domain.defect import Defect, DefectLevel
from domain.evidence import CallRoot, Exposure, LabelRoot, ReportRoot
from domain.incident import Actor, Coding, Incident
from domain.issue import SourceLine
from domain.ledger import EventKind, KnownEvent, WarningMade, WatchedSpan
from domain.situation import (
    Coverage,
    CoverageResult,
    GateResult,
    GateState,
    Level,
    Phase,
    Printed,
    SeriesResult,
    Situation,
    StateResult,
    TriggerResult,
    TriggerValue,
)
from domain.source import SourceClass, SourceState
from warehouse.connection import memory_store
from warehouse.outcome import TABLES, Run, read, read_ledger, save
from warehouse.rows import from_frame, to_frame

AS_OF = datetime(2024, 1, 29, tzinfo=UTC)
FLAT = (
    StateResult,
    TriggerResult,
    GateResult,
    CoverageResult,
    SourceLine,
    Coding,
    KnownEvent,
    WatchedSpan,
)

TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=12)
PLAIN = {
    str: TEXT,
    bool: st.booleans(),
    int: st.integers(-(2**31), 2**31 - 1),
    float: st.floats(allow_nan=False),
    date: st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    datetime: st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  (hypothesis adds the zone)
}


def values(hint: object) -> st.SearchStrategy[object]:
    """Any value of one field's type."""
    options = [one for one in get_args(hint) if one is not type(None)]
    if get_origin(hint) is tuple:
        return st.lists(values(options[0]), max_size=3).map(tuple)
    if options:
        return st.none() | values(options[0])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    assert isinstance(hint, type)
    return PLAIN[hint]


@pytest.mark.parametrize("kind", FLAT)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_rows_come_back_as_they_went(kind, data):
    hints = get_type_hints(kind)
    one = st.builds(kind, **{field.name: values(hints[field.name]) for field in fields(kind)})
    rows = tuple(data.draw(st.lists(one, max_size=3)))
    frame = to_frame(kind, rows, add={"issue": "2024-W04"})
    assert from_frame(kind, frame) == rows
    assert frame["issue"].to_list() == ["2024-W04"] * len(rows)


def test_no_row_keeps_the_columns():
    frame = to_frame(GateResult, [], add={"issue": "2024-W04"})
    assert frame.is_empty()
    assert frame.columns == ["issue", "gate", "state", "rule", "why", "incidents", "triggers"]
    assert frame.schema["triggers"] == pl.List(pl.String)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    what: complex


def test_a_type_without_a_column_is_an_error():
    with pytest.raises(KeyError):
        to_frame(Strange, [Strange(what=1j)], add={})


def test_a_word_outside_its_closed_set_is_an_error():
    frame = to_frame(GateResult, [GATES[0][1]], add={}).with_columns(state=pl.lit("ajar"))
    with pytest.raises(ValueError, match="ajar"):
        from_frame(GateResult, frame)


GATES = (
    ("XAA", GateResult(gate="gravity", state=GateState.CANNOT_TELL, rule="", why="no number")),
    (
        "XAA",
        GateResult(
            gate="pattern", state=GateState.OPEN, rule="P1", why="a surge", incidents=("i1",), triggers=("T02",)
        ),
    ),
    ("XAB", GateResult(gate="gravity", state=GateState.CLOSED, rule="", why="nothing")),
    ("XAB", GateResult(gate="pattern", state=GateState.CLOSED, rule="", why="nothing")),
)
SOURCE = SourceLine(
    source_id="ruritanian_gazette",
    title="Gazette",
    publisher="Gazette of Ruritania",
    kind="rss",
    source_class=SourceClass.MEDIA,
    state=SourceState.OK,
    detail="replayed",
    basis=None,
    last_look=None,
    last_item="",
    items=0,
    url="https://gazette.example",
    licence="none",
    citation="Gazette",
    languages=("en", "fr"),
    sha256=("ab", "cd"),
    collected_at=AS_OF,
    real_payload=False,
)


def a_run() -> Run:
    """One of everything, with what may be missing missing somewhere."""
    return Run(
        issue="2024-W04",
        as_of=AS_OF,
        method_version="2026.1",
        code_version="code",
        states=(
            StateResult(
                place="XAA",
                printed=Printed.SIGNALS,
                level=Level.WATCH,
                phase=Phase.NEW,
                triggers_met=("T02",),
                coverage=Coverage.ADEQUATE,
                smallest_rise=4,
                last_look="2024-01-28",
            ),
            StateResult(
                place="XAB",
                printed=Printed.NOT_MONITORED,
                level=Level.NONE,
                phase=None,
                triggers_met=(),
                coverage=Coverage.NONE,
                smallest_rise=None,
                last_look="",
            ),
        ),
        situations=(
            Situation(
                situation_id="s1",
                place="XAA",
                level=Level.WATCH,
                phase=Phase.NEW,
                since="2024-W04",
                held_since="",
                pattern=GATES[1][1],
                gravity=GATES[0][1],
                triggers=("T02",),
                incidents=("i1",),
                origins=("Gazette of Ruritania",),
                classes=("media",),
                ceiling="one origin",
                reasons=("a reason",),
                would_raise="two origins",
                would_lower="silence",
            ),
        ),
        triggers=(
            TriggerResult(
                place="XAA",
                trigger="T02",
                value=TriggerValue.MET,
                rule="first_event",
                reason="first in 104 weeks",
                window_weeks=8,
                incidents=("i1",),
                count=1,
                persons=None,
                origins=("Gazette of Ruritania",),
                classes=("media",),
                series=("x1",),
            ),
        ),
        gates=GATES,
        series=(
            SeriesResult(
                series_id="x1",
                place="XAA",
                trigger="T02",
                source_id="",
                indicator="incidents",
                unit="incidents",
                period="week",
                period_start=date(2024, 1, 22),
                observed=1.0,
                expected=None,
                lower=None,
                upper=None,
                p_value=None,
                method="first_event",
                alarm=False,
                stale=False,
                offset="none",
                smallest_rise=None,
                label="",
                basis="as published",
                shared_with=(),
                history=((date(2024, 1, 15), None, None, None), (date(2024, 1, 22), 1.0, 0.5, 2.0)),
            ),
        ),
        coverage=(
            CoverageResult(
                place="XAA",
                coverage=Coverage.LIMITED,
                covering=("ruritanian_gazette",),
                classes=("media",),
                items_4w=1,
                failed=(),
                reason="1 of 3 sources needed",
            ),
        ),
        incidents=(
            Incident(
                incident_id="i1",
                place="XAA",
                first_level="Harbour",
                occurred_on=date(2024, 1, 23),
                date_inferred=False,
                first_published_at=None,
                first_known_at=AS_OF,
                actor=Actor.UNKNOWN,
                actor_name="",
                codings=(
                    Coding(trigger="T02", rule="gazette:killed", persons=2, outcome="killed", victim="driver"),
                    Coding(trigger="T06", rule="gazette:attack"),
                ),
                origins=("Gazette of Ruritania",),
                classes=(SourceClass.MEDIA,),
                reports=("r1",),
                sources=("ruritanian_gazette",),
            ),
        ),
        sources=(SOURCE,),
        letters=(("XAA", 3),),
        defects=(
            Defect(
                level=DefectLevel.WARN,
                check="unknown_state",
                source_id="ruritanian_gazette",
                evidence="Zenda",
                record="Zenda",
            ),
        ),
        reports=(
            ReportRoot(
                incident_id="i1",
                report_id="r1",
                version="v1",
                source_id="ruritanian_gazette",
                source_class=SourceClass.MEDIA,
                origin="Gazette of Ruritania",
                joined="first report known",
                url="https://gazette.example/1",
                language="en",
                published_at=None,
                collected_at=AS_OF,
                payload_sha="00ff",
            ),
        ),
        labels=(
            LabelRoot(
                incident_id="i1",
                report_id="r1",
                trigger="T02",
                rule="text:en.kill.1",
                outcome="killed",
                victim="driver",
                persons=2,
                field="text",
                words="shot dead",
                start=4,
                end=13,
                why="",
            ),
        ),
        exposure=(
            Exposure(
                place="XAA",
                week=date(2024, 1, 22),
                source_class=SourceClass.MEDIA,
                language="en",
                reports=3,
                own=1,
                unread=0,
            ),
        ),
        calls=(
            CallRoot(
                place="XAA",
                report_id="r2",
                source_id="ruritanian_gazette",
                kind="a",
                office="OHCHR",
                said_on=date(2024, 1, 20),
                sentence="They called on the authorities to open the harbour.",
                url="https://gazette.example/2",
            ),
        ),
        warnings=(a_warning(30), a_warning(90)),
        events=(
            KnownEvent(
                place="XAB",
                kind=EventKind.DEATHS,
                began_on=date(2023, 9, 1),
                source_id="ruritanian_gazette",
                value=61.0,
                usual=2.5,
            ),
        ),
        watched=(
            WatchedSpan(place="XAA", kind=EventKind.GRAVE, first=date(2023, 1, 1), last=date(2023, 12, 31)),
            WatchedSpan(place="XAB", kind=EventKind.DEATHS, first=date(2023, 1, 1), last=date(2023, 10, 31)),
        ),
    )


def a_warning(days: int, *, issue: str = "2024-W04", made_at: datetime = AS_OF) -> WarningMade:
    return WarningMade(
        issue=issue,
        situation_id="s1",
        place="XAA",
        level=Level.WATCH,
        confirmed=None,
        made_at=made_at,
        horizon_days=days,
        ends_on=made_at.date() + timedelta(days=days),
        rules=("P1", "T02:first_event"),
        triggers=("T02",),
    )


@pytest.mark.parametrize("lens", Lens)
def test_what_was_saved_is_read_back_equal(lens):
    with memory_store(lens) as store:
        save(store, a_run())
        assert read(store, "2024-W04") == a_run()


def test_every_table_of_a_run_holds_a_row_of_it():
    with memory_store() as store:
        save(store, a_run())
        assert all(store.dump(table).height for table in TABLES)


def test_saving_twice_leaves_the_same_rows():
    with memory_store() as store:
        save(store, a_run())
        before = {table: store.dump(table).rows() for table in TABLES}
        save(store, a_run())
        assert {table: store.dump(table).rows() for table in TABLES} == before


def test_saving_anew_replaces_the_issue_as_a_whole():
    with memory_store() as store:
        save(store, a_run())
        save(store, replace(a_run(), incidents=(), situations=(), letters=(), defects=()))
        found = read(store, "2024-W04")
        assert (found.incidents, found.situations, found.letters, found.defects) == ((), (), (), ())


def test_a_second_issue_leaves_the_first_untouched():
    with memory_store() as store:
        save(store, a_run())
        second = replace(a_run(), issue="2024-W05", letters=(("XAB", 9),), warnings=(a_warning(30, issue="2024-W05"),))
        save(store, second)
        assert read(store, "2024-W04") == a_run()
        assert read(store, "2024-W05") == second


LATER = datetime(2024, 2, 5, tzinfo=UTC)


def next_week() -> Run:
    return replace(a_run(), issue="2024-W05", as_of=LATER, warnings=(a_warning(30, issue="2024-W05", made_at=LATER),))


def test_a_later_issue_neither_edits_nor_repeats_the_warnings_before_it():
    with memory_store() as store:
        save(store, a_run())
        save(store, next_week())
        found = read_ledger(store, as_of=LATER)
        assert found.issues == (("2024-W04", AS_OF), ("2024-W05", LATER))
        assert found.warnings == (a_warning(30), a_warning(90), a_warning(30, issue="2024-W05", made_at=LATER))


def test_a_rerun_replaces_the_warnings_of_its_own_issue_alone():
    with memory_store() as store:
        save(store, a_run())
        save(store, next_week())
        save(store, replace(next_week(), warnings=()))
        assert read_ledger(store, as_of=LATER).warnings == (a_warning(30), a_warning(90))


def test_an_earlier_instant_knows_no_later_warning():
    with memory_store() as store:
        save(store, a_run())
        save(store, next_week())
        found = read_ledger(store, as_of=AS_OF)
        assert [issue for issue, _ in found.issues] == ["2024-W04"]
        assert {one.issue for one in found.warnings} == {"2024-W04"}


def test_a_warning_of_another_issue_is_refused():
    with memory_store() as store, pytest.raises(ValueError, match="2024-W05"):
        save(store, replace(a_run(), warnings=(a_warning(30, issue="2024-W05"),)))


def test_an_issue_that_was_never_run_is_not_there():
    with memory_store() as store, pytest.raises(KeyError):
        read(store, "2024-W04")


def test_a_save_that_breaks_leaves_the_issue_before():
    with memory_store() as store:
        save(store, a_run())
        broken = replace(a_run(), letters=(("XAA", "three"),))
        with pytest.raises(pl.exceptions.ComputeError):
            save(store, broken)
        assert read(store, "2024-W04") == a_run()


def test_the_runs_of_one_lens_are_not_those_of_the_other():
    with memory_store(Lens.RESTRICTED) as store:
        save(store, a_run())
        own = store.query_own("past_runs", issue="2024-W05", oldest="2024-W01")
        assert own["place"].to_list() == ["XAA", "XAB"]
        assert own["since"].to_list() == ["2024-W04", ""]
        assert store.query_own("past_runs", issue="2024-W04", oldest="2024-W01").is_empty()
        assert store.query_own("past_runs", issue="2024-W09", oldest="2024-W05").is_empty()
