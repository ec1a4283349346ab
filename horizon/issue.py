"""One issue, put together from the rows of a run and the reference tables, for the briefs to word."""

import csv
import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from briefs.dossier import Dossier, Improvement, Letter, SetLevel, Since, compare_runs
from briefs.protection import earlier_editions
from domain.classification import Lens
from domain.defect import Defect
from domain.issue import CalendarEntry, Change, DefectLine
from domain.options import known_options, load_options
from domain.review import Decision
from domain.situation import Joined, TriggerCard, TriggerResult
from domain.source import SourceClass
from domain.state import Gazetteer, load_gazetteer
from domain.window import Week
from horizon.confirmed import IN_TIME, add_confirmed, read_texts
from horizon.settings import Settings
from review.ledger import read_every
from review.levels import Basis as StandingBasis
from review.levels import is_silenced, object_of, stand
from scoring.ledger import score_ledger
from scoring.method import load_method, load_triggers
from scoring.rules import NOT_FED
from scoring.rulings import Entered, find_joined
from scoring.run import read_rulings
from warehouse.connection import Store
from warehouse.outcome import Run, read, read_ledger

AHEAD = timedelta(weeks=8)
# How a communication that goes to a company or another body is numbered.
LETTER_TO_OTHERS = "OTH"


def assemble(store: Store, run: Run, settings: Settings, *, revision: str) -> Dossier:
    """Everything that the pages of this issue may say."""
    gazetteer = load_gazetteer(settings.reference)
    previous, changes = _changes(store, run)
    ledger = read_ledger(store, as_of=run.as_of)
    spoken = read_texts(run, settings, lens=store.lens)
    return Dossier(
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
        letters=read_letters(store, run, gazetteer),
        options=known_options(load_options(settings.reference / "options.toml"), on=run.as_of.date()),
        improvements=read_improvements(store, as_of=run.as_of),
        levels=read_levels(run, settings, lens=store.lens),
        since=_since(store, run, previous),
        printed_before=earlier_editions(settings.published, week=run.issue, revision=revision),
        joined=read_joined(run, settings, lens=store.lens),
        texts=spoken.texts,
        judgements=spoken.judgements,
        accounts=spoken.accounts,
    )


def _since(store: Store, run: Run, previous: str) -> Since | None:
    """The rows of the week before beside those of this one; None when that week was not run."""
    if not previous:
        return None
    before = read(store, previous)
    then, now = (read_rulings(store, as_of=one.as_of).set_aside for one in (before, run))
    return compare_runs(before, run, judged=then ^ now)


def read_letters(store: Store, run: Run, gazetteer: Gazetteer) -> tuple[Letter, ...]:
    """Communications of special procedures to States, as known at `as_of`; those to companies name no State."""
    mandated = {one.source_id for one in run.sources if one.source_class is SourceClass.SPECIAL_PROCEDURES}
    if not mandated:
        return ()
    found = []
    for row in store.query("core_reports", as_of=run.as_of).filter(pl.col("source_id").is_in(mandated)).to_dicts():
        facts = json.loads(row["facts"] or "{}")
        match = gazetteer.match(row["addressee"], source_id=row["source_id"]) if row["addressee"] else None
        if match is None or row["source_ref"].startswith(LETTER_TO_OTHERS) or "mandates" not in facts:
            continue
        mandates = (" ".join(one.split()) for one in facts["mandates"].split(";"))
        for place in match.places:
            found.append(
                Letter(
                    place=place,
                    sent_on=_day(facts.get("sent_on", "")),
                    mandates=tuple(sorted({one for one in mandates if one})),
                    reference=row["source_ref"],
                    url=row["url"],
                    source_id=row["source_id"],
                )
            )
    return tuple(sorted(found, key=lambda one: (one.place, one.reference)))


def read_improvements(store: Store, *, as_of: datetime) -> tuple[Improvement, ...]:
    """Steps for the better that two named persons entered, as they hold at `as_of`."""
    return tuple(
        Improvement(place=one.place, on=one.on, step=one.value, text=one.words)
        for one in read_rulings(store, as_of=as_of).mitigations
    )


def read_levels(run: Run, settings: Settings, *, lens: Lens) -> tuple[SetLevel, ...]:
    """What people signed of the levels of this run; the public lens sees public acts alone.

    People read an issue after its `as_of`: what they sign within the time that the ledger allows belongs to it.
    """
    until = run.as_of + IN_TIME
    histories: dict[str, list[Decision]] = defaultdict(list)
    for landed in read_every(settings.decisions.parent):
        one = landed.decision
        if one.decided_at <= until and (lens is Lens.RESTRICTED or one.lens is Lens.PUBLIC):
            histories[one.object_id].append(one)
    triggers: dict[str, list[TriggerResult]] = defaultdict(list)
    for result in run.triggers:
        triggers[result.place].append(result)
    found = []
    for situation in run.situations:
        history = sorted(histories.get(object_of(situation.situation_id), ()), key=lambda one: one.version)
        if not history:
            continue
        silenced = is_silenced(triggers[situation.place])
        standing = stand(situation, history, run=run.issue, as_of=until, silenced=silenced)
        if standing.basis is not StandingBasis.PROPOSED and standing.since is not None:
            found.append(
                SetLevel(
                    situation_id=situation.situation_id,
                    level=standing.level,
                    reason=standing.words if standing.basis is StandingBasis.LAPSED else standing.reason,
                    roles=tuple(role for _, role in standing.signed),
                    decided_on=standing.since.date(),
                    expires_on=standing.until,
                )
            )
    return tuple(found)


def read_joined(run: Run, settings: Settings, *, lens: Lens) -> tuple[Joined, ...]:
    """Situations that two named persons found to be one, in time for this run; public acts alone in the public lens."""
    until = run.as_of + IN_TIME
    entered = [
        Entered(act=one.act, object_id=one.object_id, by=one.by, content=one.content)
        for one in (landed.decision for landed in read_every(settings.decisions.parent))
        if one.decided_at <= until and (lens is Lens.RESTRICTED or one.lens is Lens.PUBLIC)
    ]
    return find_joined(entered)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


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
