"""The one file of scoring that knows the warehouse: rows known at `as_of` in, one run out."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl

from domain.defect import Defect, DefectLevel
from domain.evidence import CallRoot, Exposure, LabelRoot, ReportRoot
from domain.incident import Actor
from domain.issue import SourceLine
from domain.review import Act
from domain.signal import Basis, Fact, Report
from domain.situation import Coverage, GateState, Level, TriggerCard
from domain.source import SourceCard, SourceClass, SourceState
from domain.state import REFERENCE, Gazetteer, Match
from domain.window import Week, period_end, window
from scoring.coding.feeds import TRIGGERS
from scoring.coding.places import resolve
from scoring.coding.structured import category, label, unknown_categories
from scoring.corrections import correct
from scoring.dedup import CodedReport, group
from scoring.engine import Outcome, assess
from scoring.inputs import (
    CountSeries,
    Heard,
    Inputs,
    Letters,
    Overdue,
    PastRun,
    SourceView,
    Volume,
    VolumeWeek,
)
from scoring.late import Early, foresee
from scoring.method import Method
from scoring.prose import Reader
from scoring.rulings import Entered, Rulings, rule
from warehouse.connection import Store, check_names, select

Names = dict[tuple[str, str], Match]
EXPOSURE_WEEKS = 104
CALLS = "T14"
CALL_WEEKS = 12
SPEAKERS = frozenset({SourceClass.UN_SYSTEM, SourceClass.SPECIAL_PROCEDURES})
OVERDUE = "Due date"  # the fact of a treaty body's list
ONE_LIST = timedelta(days=1)  # rows collected so close together are one list
LETTER_TO_OTHERS = "OTH"  # the addressee of such a letter is a company or an organisation, never a State


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The outcome, what was given, and every defect that a reader of the issue should know."""

    outcome: Outcome
    inputs: Inputs
    sources: tuple[SourceLine, ...]
    defects: tuple[Defect, ...]
    reports: tuple[ReportRoot, ...]
    labels: tuple[LabelRoot, ...]
    exposure: tuple[Exposure, ...]
    calls: tuple[CallRoot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A report as it read at `as_of`, with the payload that holds it."""

    report: Report
    first_known_at: datetime
    version: str
    payload_sha: str


def score(
    store: Store,
    *,
    as_of: datetime,
    cards: Sequence[SourceCard],
    gazetteer: Gazetteer,
    method: Method,
    triggers: Sequence[TriggerCard],
    unseen: SourceState = SourceState.NOT_YET,
    reference: Path = REFERENCE,
) -> Scored:
    """Assess every place on what this lens knew at `as_of`; `unseen` is the word for a source without a look."""
    by_id = {card.id: card for card in cards}
    reports = store.query("core_reports", as_of=as_of)
    observations = store.query("core_observations", as_of=as_of)
    looks = store.query("core_looks", as_of=as_of)
    payloads = store.query("core_payloads", as_of=as_of)
    # A row of a source without a card cannot be read any more; that is said, not skipped in silence.
    orphans = sorted({*reports["source_id"].to_list(), *observations["source_id"].to_list()} - set(by_id))
    reports = reports.filter(pl.col("source_id").is_in(list(by_id)))
    observations = observations.filter(pl.col("source_id").is_in(list(by_id)))
    resolved = resolve([*_report_names(reports), *_observation_names(observations)], gazetteer)
    names: Names = dict(resolved.matches)
    read = [_known(row) for row in reports.iter_rows(named=True)]
    # The tables of names are only built where there is prose to read.
    reader = Reader(gazetteer, reference) if any(by_id[one.report.source_id].prose for one in read) else None
    coded = _code(read, by_id, names, reader)
    rulings = read_rulings(store, as_of=as_of)
    grouped, correction_defects = correct(
        group(coded, rulings=(*rulings.merges, *rulings.splits)),
        rulings.corrections,
        places={one.code for one in gazetteer.places},
        triggers={one.id for one in triggers},
    )
    letters, letter_defects = _letters(read, by_id, names, as_of=as_of, method=method)
    counts, count_defects = _counts(observations, by_id, names, triggers)
    heard = _heard(coded, counts, as_of)
    overdue, overdue_listed = _overdue(read, by_id, names)
    inputs = Inputs(
        as_of=as_of,
        places=gazetteer.places,
        sources=_sources(cards, coded, counts, as_of=as_of, unseen=unseen, looks=looks, payloads=payloads),
        incidents=grouped.incidents,
        counts=counts,
        heard=heard,
        history=_history(store, as_of=as_of, method=method),
        letters=letters,
        volumes=_volumes(coded, as_of),
        findings=rulings.findings,
        set_aside=rulings.set_aside,
        calls=rulings.calls,
        mitigations=rulings.mitigations,
        events=rulings.events,
        imminent=rulings.imminent,
        overdue=overdue,
        overdue_listed=overdue_listed,
        late=foresee(early=_early(store, by_id, names, as_of=as_of), counts=counts, method=method),
    )
    defects = [
        *_stored_defects(store, as_of),
        *_failed_checks(store, as_of),
        *resolved.defects,
        *letter_defects,
        *count_defects,
        *rulings.defects,
        *correction_defects,
        *_unknown_categories(read, by_id),
        *(
            Defect(level=DefectLevel.ERROR, check="source_without_card", source_id=one, evidence="rows are not used")
            for one in orphans
        ),
    ]
    return Scored(
        outcome=assess(inputs, method=method, cards=_fed(triggers, inputs)),
        inputs=inputs,
        sources=_source_lines(inputs.sources, reports, observations, looks=looks, payloads=payloads),
        defects=tuple(sorted(defects, key=lambda one: (one.source_id, one.level, one.check, one.record, one.evidence))),
        reports=grouped.reports,
        labels=grouped.labels,
        exposure=_exposure(coded, as_of),
        calls=_calls(coded, reader, as_of),
    )


def _report_names(reports: pl.DataFrame) -> list[tuple[str, str]]:
    rows = reports.select("source_id", "place").unique().rows()
    letters = reports.filter(~pl.col("source_ref").str.starts_with(LETTER_TO_OTHERS))
    return [*rows, *letters.select("source_id", "addressee").unique().rows()]


def _observation_names(observations: pl.DataFrame) -> list[tuple[str, str]]:
    return list(observations.select("source_id", "place").unique().rows())


def _known(row: dict[str, object]) -> Known:
    return Known(
        report=_report(row),
        first_known_at=row["first_known_at"],  # type: ignore[arg-type]  # the table's own types
        version=str(row["version"]),
        payload_sha=str(row["payload_sha"]),
    )


def _report(row: dict[str, object]) -> Report:
    text = {name: str(row[name]) for name in ("source_id", "source_ref", "title", "url", "place", "addressee")}
    more = {name: str(row[name]) for name in ("first_level", "actor", "victim", "language", "text")}
    facts = json.loads(str(row["facts"]))
    return Report(
        **text,
        **more,
        collected_at=row["collected_at"],  # type: ignore[arg-type]  # the table's own types
        published_at=row["published_at"],  # type: ignore[arg-type]
        occurred_on=row["occurred_on"],  # type: ignore[arg-type]
        facts=tuple(Fact(name=name, value=value) for name, value in facts.items()),
        basis=Basis(str(row["basis"])),
    )


def _code(
    read: Sequence[Known], cards: dict[str, SourceCard], names: Names, reader: Reader | None
) -> tuple[CodedReport, ...]:
    """Reports whose place is known, with their labels; a report on two places counts on each line it names.

    A letter without a place is heard on the State addressed, and as it dates no event it is never counted. Fields are
    read first; prose only of a source whose card says so.
    """
    coded = []
    for known in read:
        report = known.report
        card = cards[report.source_id]
        match = names.get((report.source_id, report.place or _addressee(report)))
        places = match.places if match else ()
        labels, actor, language, unread = label(report, card), category(report.actor), "", False
        if reader is not None and card.prose and not labels:
            text = reader.read(report, card, places)
            places, labels, language, unread = text.places, text.labels, text.language, text.unread
            actor = actor if actor is not Actor.UNKNOWN else text.actor
        for place in places:
            coded.append(
                CodedReport(
                    report=report,
                    card=card,
                    place=place,
                    actor=actor,
                    labels=labels,
                    first_known_at=known.first_known_at,
                    version=known.version,
                    payload_sha=known.payload_sha,
                    language=language,
                    unread=unread,
                )
            )
    return tuple(coded)


def _unknown_categories(read: Sequence[Known], cards: dict[str, SourceCard]) -> list[Defect]:
    return [
        Defect(
            level=DefectLevel.WARN,
            check="unknown_category",
            source_id=one.report.source_id,
            evidence=f"{name}: {said}",
            record=one.report.source_ref,
        )
        for one in read
        for name, said in unknown_categories(one.report, cards[one.report.source_id])
    ]


def _addressee(report: Report) -> str:
    return "" if report.source_ref.startswith(LETTER_TO_OTHERS) else report.addressee


def _letters(
    read: Sequence[Known],
    cards: dict[str, SourceCard],
    names: Names,
    *,
    as_of: datetime,
    method: Method,
) -> tuple[tuple[Letters, ...], list[Defect]]:
    """Letters by the State addressed, sent in the window of the method; replies unknown where the source has none."""
    newest, oldest = (as_of.date() - timedelta(days=days) for days in method.letter_days)
    sent: dict[str, int] = defaultdict(int)
    answered: dict[str, list[bool | None]] = defaultdict(list)
    defects: list[Defect] = []
    for report in (known.report for known in read):
        if cards[report.source_id].source_class is not SourceClass.SPECIAL_PROCEDURES:
            continue
        facts = {fact.name: fact.value for fact in report.facts}
        match = names.get((report.source_id, report.addressee))
        if report.source_ref.startswith(LETTER_TO_OTHERS) or match is None:
            continue
        try:
            day = date.fromisoformat(facts.get("sent_on", ""))
        except ValueError:
            defects.append(
                Defect(
                    level=DefectLevel.WARN,
                    check="letter_without_date",
                    source_id=report.source_id,
                    evidence=facts.get("sent_on", ""),
                    record=report.source_ref,
                )
            )
            continue
        if oldest <= day <= newest:
            for place in match.places:
                sent[place] += 1
                # Only a page as it was published can show that a reply is missing.
            shown = "replies" in facts and report.basis is Basis.AS_PUBLISHED
            answered[place].append(bool(facts["replies"]) if shown else None)
    return (
        tuple(
            Letters(
                place=place,
                sent=number,
                answered=None if None in answered[place] else sum(1 for one in answered[place] if one),
            )
            for place, number in sorted(sent.items())
        ),
        defects,
    )


def _counts(
    observations: pl.DataFrame, cards: dict[str, SourceCard], names: Names, triggers: Sequence[TriggerCard]
) -> tuple[tuple[CountSeries, ...], list[Defect]]:
    """Providers' own series, on every line that their unit covers; only count triggers, never the yearly history."""
    scored = {card.id for card in triggers if card.count_trigger}
    series: list[CountSeries] = []
    defects: list[Defect] = []
    resolved = observations.with_columns(
        pl.struct("source_id", "place")
        .map_elements(lambda key: _codes(names.get((key["source_id"], key["place"]))), return_dtype=pl.List(pl.String))
        .alias("code")
    ).explode("code")
    # A provider that renames a place in a later vintage goes on with the same series.
    newest = (
        resolved.drop_nulls("code")
        .sort("collected_at", "place")
        .unique(["source_id", "indicator", "code", "period_kind", "period_start"], keep="last")
        .sort("source_id", "indicator", "code", "period_start")
    )
    keys = ["source_id", "indicator", "code", "period_kind", "unit"]
    for key, rows in newest.group_by(keys, maintain_order=True):
        source_id, indicator, code_, period, unit = (str(one) for one in key)
        rule = next((one for one in cards[source_id].series if one.indicator == indicator), None)
        match = names.get((source_id, rows["place"][-1]))
        if rule is None or match is None or rule.trigger not in scored:
            continue
        values = list(zip(rows["period_start"].to_list(), rows["value"].to_list(), strict=True))
        if rule.cumulative:
            values, fallen = _increments(values)
            defects += [
                Defect(
                    level=DefectLevel.WARN,
                    check="cumulative_fell",
                    source_id=source_id,
                    evidence=f"{indicator} on {day}",
                    record=day.isoformat(),
                )
                for day in fallen
            ]
        series.append(
            CountSeries(
                source_id=source_id,
                place=code_,
                indicator=indicator,
                trigger=rule.trigger,
                unit=unit,
                period=period,
                label="; ".join(part for part in (match.printed_unit, rule.label) if part),
                basis="; ".join(sorted(rows["basis"].unique().to_list())),
                shared_with=tuple(one for one in match.places if one != code_),
                values=tuple(values),
            )
        )
    return tuple(series), defects


def _codes(match: Match | None) -> list[str]:
    return list(match.places) if match else []


def _increments(
    values: Sequence[tuple[date, float | None]],
) -> tuple[list[tuple[date, float | None]], list[date]]:
    """Day-on-day growth of a running total; a fall, or a gap before it, leaves the day missing."""
    found: list[tuple[date, float | None]] = []
    fallen: list[date] = []
    for (_, before), (day, value) in pairwise(values):
        if before is None or value is None:
            found.append((day, None))
        elif value < before:
            fallen.append(day)
            found.append((day, None))
        else:
            found.append((day, value - before))
    return found, fallen


def _heard(coded: Sequence[CodedReport], counts: Sequence[CountSeries], as_of: datetime) -> tuple[Heard, ...]:
    """How many signals each source carried on each place; a published zero names nobody and is not counted."""
    starts = [window(as_of, weeks)[0] for weeks in (4, 12, 52)]
    last = window(as_of, 1)[1]
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(source_id: str, place: str, day: date) -> None:
        for at, start in enumerate(starts):
            found[(source_id, place)][at] += start <= day <= last

    for one in coded:
        day = one.report.day
        if day is not None:
            add(one.card.id, one.place, day)
    for series in counts:
        for day, value in series.values:
            if value:
                add(series.source_id, series.place, period_end(day, series.period))
    return tuple(
        Heard(source_id=source_id, place=place, items_4w=four, items_12w=twelve, items_52w=year)
        for (source_id, place), (four, twelve, year) in sorted(found.items())
    )


def _exposure(coded: Sequence[CodedReport], as_of: datetime) -> tuple[Exposure, ...]:
    """Reports by place, week, class and language over the two years before `as_of`; a week without any is absent."""
    first, last = window(as_of, EXPOSURE_WEEKS)
    found: dict[tuple[str, date, SourceClass, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in coded:
        day = one.report.day
        if day is None or not first <= day <= last:
            continue
        counts = found[(one.place, Week.of(day).first_day, one.card.source_class, one.language)]
        counts[0] += 1
        counts[1] += bool(one.labels)
        counts[2] += one.unread
    return tuple(
        Exposure(
            place=place, week=week, source_class=source_class, language=language, reports=all_, own=own, unread=unread
        )
        for (place, week, source_class, language), (all_, own, unread) in sorted(found.items())
    )


def _calls(coded: Sequence[CodedReport], reader: Reader | None, as_of: datetime) -> tuple[CallRoot, ...]:
    """What texts of the United Nations in the last twelve weeks may be for the States that they name."""
    if reader is None:
        return ()
    first, last = window(as_of, CALL_WEEKS)
    spoken = {
        one.report.report_id: one
        for one in coded
        if one.language and one.card.source_class in SPEAKERS and one.report.day and first <= one.report.day <= last
    }
    places: dict[str, list[str]] = defaultdict(list)
    for one in coded:
        places[one.report.report_id].append(one.place)
    return tuple(
        CallRoot(
            place=proposal.place,
            report_id=report_id,
            source_id=one.card.id,
            kind=proposal.kind,
            office=proposal.office,
            said_on=one.report.day or last,
            sentence=proposal.sentence,
            url=one.report.url,
        )
        for report_id, one in sorted(spoken.items())
        for proposal in reader.calls(one.report, language=one.language, places=places[report_id])
    )


def _sources(
    cards: Sequence[SourceCard],
    coded: Sequence[CodedReport],
    counts: Sequence[CountSeries],
    *,
    as_of: datetime,
    unseen: SourceState,
    looks: pl.DataFrame,
    payloads: pl.DataFrame,
) -> tuple[SourceView, ...]:
    """Each source as it stood at `as_of`: its last look, and whether its newest signal is older than its lag allows."""
    days: dict[str, set[date]] = defaultdict(set)
    for one in coded:
        day = one.report.day
        if day is not None:
            days[one.card.id].add(day)
    for series in counts:
        days[series.source_id] |= {period_end(day, series.period) for day, value in series.values if value is not None}
    first_of_four, last_of_four = window(as_of, 4)
    newest_day = window(as_of, 1)[1]
    views = []
    for card in cards:
        own = looks.filter(pl.col("source_id") == card.id)
        seen = own.filter(pl.col("state").is_in([state.value for state in SourceState if state.looked]))
        # A look on the Monday after a week has ended still belongs to that week's listening.
        weeks = {
            Week.of((looked - timedelta(hours=12)).date())
            for looked in seen["looked_at"].to_list()
            if first_of_four <= (looked - timedelta(hours=12)).date() <= last_of_four
        }
        spoken = {day for day in days[card.id] if day <= newest_day}
        stale = bool(spoken) and max(spoken) < newest_day - timedelta(days=card.lag_days)
        state = SourceState(own["state"][-1]) if own.height else unseen
        own_payloads = payloads.filter(pl.col("source_id") == card.id)
        views.append(
            SourceView(
                card=card,
                state=SourceState.STALE if stale and state.looked else state,
                last_look=own["looked_at"][-1] if own.height else None,
                weeks_looked=len(weeks),
                first_day=min(spoken) if spoken else None,
                last_day=max(spoken) if spoken else None,
                stale=stale,
                basis=str(own_payloads["basis"][-1]) if own_payloads.height else "",
            )
        )
    return tuple(views)


def _source_lines(
    views: Sequence[SourceView],
    reports: pl.DataFrame,
    observations: pl.DataFrame,
    *,
    looks: pl.DataFrame,
    payloads: pl.DataFrame,
) -> tuple[SourceLine, ...]:
    """Each card as the issue prints it, with the payloads that its signals came from."""
    lines = []
    for view in views:
        card = view.card
        own = payloads.filter(pl.col("source_id") == card.id)
        details = looks.filter(pl.col("source_id") == card.id)["detail"].to_list()
        items = reports.filter(pl.col("source_id") == card.id).height
        items += observations.filter((pl.col("source_id") == card.id) & pl.col("value").is_not_null()).height
        lines.append(
            SourceLine(
                source_id=card.id,
                title=card.title,
                publisher=card.publisher,
                kind=card.kind.value,
                source_class=card.source_class,
                state=view.state,
                detail=details[-1] if details else "",
                basis=Basis(view.basis) if view.basis else None,
                last_look=view.last_look,
                last_item=view.last_day.isoformat() if view.last_day else "",
                items=items,
                url=card.url,
                licence=card.licence,
                citation=card.citation,
                languages=card.languages,
                sha256=tuple(own["payload_sha"].to_list()),
                collected_at=own["collected_at"][-1] if own.height else None,
                real_payload=own.height > 0,
            )
        )
    return tuple(lines)


def _history(store: Store, *, as_of: datetime, method: Method) -> tuple[PastRun, ...]:
    newest = Week.last_complete(as_of)
    rows = store.query_own("past_runs", issue=str(newest), oldest=str(newest.back(method.persistence_weeks)))
    return tuple(
        PastRun(
            place=row["place"],
            week=row["week"],
            level=Level(row["level"]),
            pattern=GateState(row["pattern"]),
            gravity=GateState(row["gravity"]),
            coverage=Coverage(row["coverage"]),
            since=row["since"],
            held_since=row["held_since"],
        )
        for row in rows.iter_rows(named=True)
    )


def _fed(triggers: Sequence[TriggerCard], inputs: Inputs) -> tuple[TriggerCard, ...]:
    """A trigger that no field feeds is fed where texts are read that may tell of it, and calls where they are read."""
    read = any(view.card.prose and view.state.looked for view in inputs.sources)
    return tuple(replace(card, fed=card.fed or (read and card.id in {*TRIGGERS, CALLS})) for card in triggers)


def read_rulings(store: Store, *, as_of: datetime) -> Rulings:
    """What people decided until `as_of`, as it holds then."""
    entered = [
        Entered(
            act=Act(row["act"]),
            object_id=row["object_id"],
            by=row["decided_by"],
            reason=row["reason"],
            content=row["content"],
            version=row["version"],
        )
        for row in store.query("core_decisions", as_of=as_of).iter_rows(named=True)
    ]
    return rule(entered, today=as_of.date())


def _volumes(coded: Sequence[CodedReport], as_of: datetime) -> tuple[Volume, ...]:
    """Reports of each source on each place by week, over the two years before `as_of`."""
    first, last = window(as_of, EXPOSURE_WEEKS)
    found: dict[tuple[str, str], dict[date, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for one in coded:
        day = one.report.day
        if day is None or not first <= day <= last:
            continue
        counts = found[(one.card.id, one.place)][Week.of(day).first_day]
        counts[0] += 1
        counts[1] += bool(one.labels)
        counts[2] += one.unread
    return tuple(
        Volume(
            source_id=source_id,
            place=place,
            weeks=tuple(
                VolumeWeek(start=start, reports=all_, own=own, unread=unread)
                for start, (all_, own, unread) in sorted(weeks.items())
            ),
        )
        for (source_id, place), weeks in sorted(found.items())
    )


def _overdue(
    read: Sequence[Known], cards: dict[str, SourceCard], names: Names
) -> tuple[tuple[Overdue, ...], date | None]:
    """Overdue reports of the newest list of each treaty body's source, and the day on which it was collected."""
    rows = [
        (known.report, {fact.name: fact.value for fact in known.report.facts})
        for known in read
        if cards[known.report.source_id].source_class is SourceClass.TREATY_BODY
    ]
    listed = [(report, facts) for report, facts in rows if facts.get(OVERDUE)]
    if not listed:
        return (), None
    newest = max(report.collected_at for report, _ in listed)
    found = []
    for report, facts in listed:
        match = names.get((report.source_id, report.place))
        due_on = _dated(facts[OVERDUE])
        # A report that the newest list no longer holds was submitted.
        if match is None or due_on is None or report.collected_at < newest - ONE_LIST:
            continue
        found += [
            Overdue(place=place, treaty=facts.get("Treaty", ""), due_on=due_on, listed_on=report.collected_at.date())
            for place in match.places
        ]
    return tuple(found), newest.date()


def _dated(said: str) -> date | None:
    for form in ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(said.strip(), form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _early(
    store: Store, cards: dict[str, SourceCard], names: Names, *, as_of: datetime
) -> dict[tuple[str, str], list[Early]]:
    """What each vintage of a monthly count said of its newest months, by source and indicator."""
    found: dict[tuple[str, str], list[Early]] = defaultdict(list)
    for row in store.query("core_revisions", as_of=as_of).iter_rows(named=True):
        match = names.get((row["source_id"], row["place"]))
        if row["source_id"] not in cards or match is None:
            continue
        found[(row["source_id"], row["indicator"])] += [
            Early(place=place, month=row["period_start"], value=row["value"], age=row["age_months"])
            for place in match.places
        ]
    return found


def _stored_defects(store: Store, as_of: datetime) -> list[Defect]:
    return [
        Defect(
            level=DefectLevel(row["level"]),
            check=row["check_name"],
            source_id=row["source_id"],
            evidence=row["evidence"],
            record=row["record"],
        )
        for row in store.query("core_defects", as_of=as_of).iter_rows(named=True)
    ]


def _failed_checks(store: Store, as_of: datetime) -> list[Defect]:
    """Each check is a SELECT that returns the rows that fail, and states its level in its first line."""
    found = []
    for name in check_names():
        level = DefectLevel(select(name).splitlines()[0].removeprefix("-- level:").strip())
        found += [
            Defect(level=level, check=name, source_id=row["source_id"], evidence=row["evidence"], record=row["record"])
            for row in store.query(name, as_of=as_of).iter_rows(named=True)
        ]
    return found
