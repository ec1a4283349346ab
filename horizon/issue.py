"""One issue, put together from the rows of a run and the reference tables, for the briefs to word."""

import csv
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from domain.defect import Defect
from domain.issue import CalendarEntry, Change, DefectLine, Issue
from domain.situation import TriggerCard
from domain.state import load_gazetteer
from domain.window import Week
from horizon.confirmed import add_confirmed
from horizon.settings import Settings
from scoring.ledger import score_ledger
from scoring.method import load_method, load_triggers
from scoring.rules import NOT_FED
from warehouse.connection import Store
from warehouse.outcome import Run, read_ledger

AHEAD = timedelta(weeks=8)


def assemble(store: Store, run: Run, settings: Settings, *, revision: str) -> Issue:
    """Everything that the pages of this issue may say."""
    gazetteer = load_gazetteer(settings.reference)
    previous, changes = _changes(store, run)
    ledger = read_ledger(store, as_of=run.as_of)
    return Issue(
        week=run.issue,
        revision=revision,
        as_of=run.as_of,
        lens=store.lens,
        method_version=run.method_version,
        code_version=run.code_version,
        specimen=not settings.live,
        scheme=settings.scheme,
        places=gazetteer.places,
        regions=gazetteer.region_codes(settings.scheme),
        states=run.states,
        situations=run.situations,
        triggers=run.triggers,
        series=run.series,
        coverage=run.coverage,
        incidents=run.incidents,
        trigger_cards=_trigger_cards(run),
        sources=run.sources,
        defects=_defects(run.defects),
        calendar=_calendar(settings.reference / "calendar.csv", run.as_of.date()),
        changes=changes,
        previous=previous,
        thresholds=load_method().thresholds(),
        communications=run.letters,
        reports=run.reports,
        labels=run.labels,
        ledger=score_ledger(
            warnings=add_confirmed(store, ledger, settings, as_of=run.as_of),
            issues=ledger.issues,
            events=run.events,
            watched=run.watched,
            as_of=run.as_of,
        ),
    )


def _trigger_cards(run: Run) -> tuple[TriggerCard, ...]:
    """The cards as they were in this run: one that prose fed is fed."""
    fed = {one.trigger for one in run.triggers if one.rule != f"{one.trigger}:{NOT_FED}"}
    return tuple(replace(card, fed=card.id in fed) for card in load_triggers())


def _changes(store: Store, run: Run) -> tuple[str, tuple[Change, ...]]:
    """What differs from the issue of the week before; none when that week was not run."""
    before = Week.parse(run.issue).back(1)
    rows = store.query_own("past_runs", issue=run.issue, oldest=str(before))
    if rows.is_empty():
        return "", ()
    past = {row["place"]: (row["level"], row["printed"]) for row in rows.iter_rows(named=True)}
    changes = []
    for state in run.states:
        level, printed = past.get(state.place, ("none", ""))
        if level != state.level.value or printed != state.printed.value:
            changes.append(
                Change(
                    place=state.place,
                    before=level if level != "none" else printed,
                    after=state.level.value if state.level.value != "none" else state.printed.value,
                )
            )
    return str(before), tuple(changes)


def _defects(defects: tuple[Defect, ...]) -> tuple[DefectLine, ...]:
    groups: dict[tuple[str, str, str], list[Defect]] = defaultdict(list)
    for one in defects:
        groups[(one.source_id, one.check, one.level.value)].append(one)
    return tuple(
        DefectLine(source_id=source, check=check, level=level, count=len(found), example=found[0].evidence)
        for (source, check, level), found in sorted(groups.items())
    )


def _calendar(path: Path, today: date) -> tuple[CalendarEntry, ...]:
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(
            CalendarEntry(on=row["starts_on"], title=row["title"], place=row["place"], source=row["source"])
            for row in csv.DictReader(lines)
            if today <= date.fromisoformat(row["starts_on"]) <= today + AHEAD
        )
