"""`horizon backtest`: would the figures have warned of onsets? On the recorded series, or on anyone's own."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer
from numpy.typing import NDArray

from domain.errors import UsageError
from domain.state import Gazetteer, load_gazetteer
from horizon.output import written_text
from horizon.settings import ROOT, load_settings
from scoring import evaluate, onsets
from scoring.nowcast import Vintage, leave_broken

Counts = NDArray[np.float64]
Flags = NDArray[np.bool_]

RECORDED = ROOT.parent / "shared" / "recorded"
STANDING = "standing:"
DEATHS = "deaths"
LARGEST_SPAN = 2400  # months
RESAMPLES = 200
SEED = 7
FORM = "Columns: state, date (2024-01-31 or 2024-01), value, series."
FORM_OF_ONSETS = "Columns: state, date (2024-01-31 or 2024-01), name."
# Standings of a year are out in the month given of the next one: the yearbooks' own habit, read off their editions.
OUT_IN = {"vdem": 4, "pts": 10}
FIRST_YEAR = 1985  # of yearbooks: three years before the first month, for the change in three years
STANDS_FOR = 24  # months; an older standing says nothing any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One count or standing of a State, in the month in which it is known; a value of None was not seen."""

    state: str
    month: np.datetime64
    value: float | None
    series: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is to be foretold, from what. `published` holds a panel by row, as it stood when that month was the newest.

    `begun` marks months that are what is warned of, and `names` gives dated events their names, by row and column.
    """

    panel: onsets.Panel
    truth: onsets.Truth
    begun: Flags
    names: Mapping[tuple[int, int], str]
    published: Mapping[int, onsets.Panel]
    definition: onsets.Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One score over all rows, and what it reached from the first scored row on."""

    name: str
    score: Counts
    figures: evaluate.Figures


def backtest(
    *,
    events: Annotated[Path | None, typer.Option(help=f"A CSV file of series. {FORM}")] = None,
    onsets_file: Annotated[
        Path | None, typer.Option("--onsets", help=f"A CSV file of dated onsets. {FORM_OF_ONSETS}")
    ] = None,
    recorded: Annotated[Path, typer.Option(help="The folder of recorded series, where no --events are given.")] = (
        RECORDED
    ),
    months: Annotated[int, typer.Option(help="How many months a warning looks ahead.")] = 3,
    alerts: Annotated[int, typer.Option(help="How many States are warned of each month.")] = 10,
    years: Annotated[int, typer.Option(help="How many of the last years are scored; the others are learned from.")] = (
        10
    ),
    out: Annotated[Path | None, typer.Option(help="Where to write each State-month's score.")] = None,
) -> None:
    """Score warnings of onsets on the last years, learned from the years before, beside naive base lines."""
    for name, value in (("--months", months), ("--alerts", alerts), ("--years", years)):
        if value < 1:
            raise UsageError(f"{name} {value} is less than 1.", why="There would be nothing to score.", do="Give 1 up.")
    definition = onsets.Definition(months=months)
    if events is not None:
        case = arrange(
            list(read_events(events)),
            dated=None if onsets_file is None else list(read_onsets(onsets_file)),
            definition=definition,
        )
    elif onsets_file is not None:
        raise UsageError("--onsets stands alone.", why="No series is given to foretell them from.", do="Add --events.")
    else:
        case = load_recorded(recorded, definition=definition)
    first = len(case.panel.months) - 12 * years
    _refuse_short(case, first)
    scored = score(case, first=first, alerts=alerts)
    for line in tell(case, scored, first=first, alerts=alerts):
        typer.echo(line)
    if out is not None:
        _write(out, case, scored[-1], first=first, alerts=alerts)
        typer.echo(str(out), err=True)


def score(case: Case, *, first: int, alerts: int) -> list[Scored]:
    """Base lines first, then the model on deaths alone, and last the one on every series, as published."""
    definition, deaths = case.definition, case.panel.deaths
    simple = onsets.describe_simply(deaths)
    lone = onsets.Panel(states=case.panel.states, months=case.panel.months, deaths=deaths)
    scores: dict[str, Counts] = {
        "last month": simple.values[:, :, 0],
        "mean of the past year": simple.values[:, :, 2],
        "three months over two years": simple.values[:, :, 1] - simple.values[:, :, 3],
        "logit of five such numbers": onsets.roll(
            features=simple, truth=case.truth, first=first, months=definition.months, penalty=1.0, refit_every=None
        ),
    }
    settings = [("own past of deaths, final data", lone, False)]
    if case.panel.others:
        settings.append(("all series, final data", case.panel, False))
    if case.published:
        settings.append(
            (f"{'all series' if case.panel.others else 'own past of deaths'}, as published", case.panel, True)
        )
    known: dict[int, tuple[onsets.Features, float]] = {}
    for name, panel, as_published in settings:
        if id(panel) not in known:
            features = onsets.describe(panel)
            penalty = onsets.choose_penalty(features=features, truth=case.truth, before=first, months=definition.months)
            known[id(panel)] = (features, penalty)
        features, penalty = known[id(panel)]
        stood = {row: onsets.describe(one).values[-1] for row, one in case.published.items() if row >= first}
        scores[name] = onsets.roll(
            features=features,
            truth=case.truth,
            first=first,
            months=definition.months,
            penalty=penalty,
            as_published=stood if as_published else None,
        )
    last = list(scores)[-1]
    return [
        Scored(
            name=name,
            score=values,
            figures=evaluate.measure(
                score=_unseen_last(values[first:]),
                truth=case.truth.onset[first:],
                eligible=case.truth.eligible[first:],
                each_period=alerts,
                resamples=RESAMPLES if name == last else 0,
                seed=SEED,
            ),
        )
        for name, values in scores.items()
    ]


def tell(case: Case, scored: Sequence[Scored], *, first: int, alerts: int) -> Iterator[str]:
    """The lines to print: figures of every score, then lead time and every miss of the last one."""
    judged = np.flatnonzero(case.truth.eligible[first:].any(axis=1)) + first
    best = scored[-1]
    span = f"{case.panel.months[judged[0]]} to {case.panel.months[judged[-1]]}" if len(judged) else "no month"
    yield (
        f"Onsets within {case.definition.months} months, {span}: {best.figures.positives} onset months among "
        f"{best.figures.cells} eligible State-months; {alerts} alerts a month; "
        f"{len(case.published)} months as published."
    )
    yield ""
    yield "| score | AUROC pooled | within States | average precision | recall | precision |"
    yield "|---|---|---|---|---|---|"
    for one in scored:
        figures = one.figures
        cells = (figures.pooled, figures.within, figures.average_precision, figures.recall, figures.precision)
        yield f"| {one.name} | {' | '.join(_figure(cell) for cell in cells)} |"
    yield ""
    share = evaluate.alert(
        score=_unseen_last(best.score),
        truth=case.truth.onset,
        eligible=case.truth.eligible & _from(first, len(best.score))[:, None],
        each_period=alerts,
    ).share
    episodes = [
        run
        for run in onsets.find_episodes(truth=case.truth, begun=case.begun, definition=case.definition)
        if run.first >= first
    ]
    leads: list[int] = []
    missed: list[str] = []
    for run in episodes:
        rows = np.flatnonzero(share[run.first : run.last + 1, run.column] >= 0.5)
        alerted = run.first + int(rows[0]) if len(rows) else None
        if alerted is not None and alerted < run.broke_out:
            leads.append(run.broke_out - alerted)
            continue
        event = case.names.get((run.broke_out, run.column), "")
        missed.append(
            f"Missed: {case.panel.states[run.column]}, broke out {case.panel.months[run.broke_out]}"
            f"{', ' + event if event else ''}{', alert only afterwards' if alerted is not None else ''}"
        )
    lead = f"{np.median(leads):g} months" if leads else "none"
    yield f"Episodes: {len(episodes)}; warned of before they broke out: {len(leads)}; median lead time: {lead}."
    yield from missed


def read_events(path: Path) -> Iterator[Fact]:
    """Lines of a file as facts; the first that cannot be read stops everything, with its number."""
    for line, row in _rows(path, ("state", "date", "value", "series"), form=FORM):
        value = (row["value"] or "").strip()
        series = (row["series"] or "").strip()
        if not series:
            raise _wrong(path, line, column="series", cell="", rule="the name of a series must stand", form=FORM)
        try:
            number = None if value in ("", "NA") else float(value)
        except ValueError:
            raise _wrong(path, line, column="value", cell=value, rule="it is no number", form=FORM) from None
        if number is not None and not np.isfinite(number):
            raise _wrong(path, line, column="value", cell=value, rule="it is no finite number", form=FORM)
        if number is not None and number < 0 and not series.startswith(STANDING):
            raise _wrong(path, line, column="value", cell=value, rule="a count cannot be below zero", form=FORM)
        yield Fact(
            state=_state(path, line, row, FORM), month=_month(path, line, row, FORM), value=number, series=series
        )


def read_onsets(path: Path) -> Iterator[Fact]:
    """Dated onsets; the name of the event stands where a fact has its series."""
    for line, row in _rows(path, ("state", "date", "name"), form=FORM_OF_ONSETS):
        yield Fact(
            state=_state(path, line, row, FORM_OF_ONSETS),
            month=_month(path, line, row, FORM_OF_ONSETS),
            value=1.0,
            series=(row["name"] or "").strip(),
        )


def arrange(facts: Sequence[Fact], *, dated: Sequence[Fact] | None, definition: onsets.Definition) -> Case:
    """A case from facts.

    A file of events lists what happened: between a series' first and last month, a State that the series names
    anywhere had none where it has no line. A State that it never names was not watched, and neither was an empty
    value. A series called `standing:…` holds until its next line, for two years at most.
    """
    if not facts:
        raise UsageError("There is no line to read.", why="The file ends after its header.", do=FORM)
    if dated is not None and not dated:
        raise UsageError("There is no onset to foretell.", why="The file ends after its header.", do=FORM_OF_ONSETS)
    if dated is None and not any(one.series == DEATHS for one in facts):
        raise UsageError(
            f"No series is called '{DEATHS}', and no --onsets are given.",
            why="Onsets are found in deaths by month, or dated by somebody.",
            do=f"Call one series '{DEATHS}', or add --onsets.",
        )
    start, end = min(one.month for one in facts), max(one.month for one in facts)
    length = int((end - start).astype(int)) + 1
    if length > LARGEST_SPAN:
        raise UsageError(
            f"The file spans {length} months, from {start} to {end}.",
            why="A date is probably wrong.",
            do=f"Give at most {LARGEST_SPAN} months.",
        )
    months = start + np.arange(length)
    states = tuple(dict.fromkeys(one.state for one in facts))
    grids = {name: _grid(facts, name, states, start, length) for name in dict.fromkeys(one.series for one in facts)}
    deaths = grids.pop(DEATHS, np.full((length, len(states)), np.nan))
    others = tuple(
        onsets.Series(
            name=name.removeprefix(STANDING),
            kind=onsets.Kind.STANDING if name.startswith(STANDING) else onsets.Kind.COUNT,
            values=values,
        )
        for name, values in grids.items()
    )
    panel = onsets.Panel(states=states, months=months, deaths=deaths, others=others)
    if dated is None:
        return _of_deaths(panel, published={}, definition=definition)
    begun = np.zeros(deaths.shape, dtype=bool)
    names: dict[tuple[int, int], str] = {}
    for one in dated:
        row = int((one.month - start).astype(int))
        if one.state not in states:
            raise UsageError(
                f"An onset is dated in {one.state}, which no series names.",
                why="Nothing could have warned of it.",
                do="Write the State as the events do, or leave the onset out.",
            )
        if 0 <= row < length:
            begun[row, states.index(one.state)] = True
            names[(row, states.index(one.state))] = one.series
    watched = np.ones(deaths.shape, dtype=bool)
    truth = onsets.foresee(begun=begun, watched=watched, definition=definition)
    return Case(panel=panel, truth=truth, begun=begun, names=names, published={}, definition=definition)


def load_recorded(folder: Path, *, definition: onsets.Definition) -> Case:
    """The recorded series on the grid of UCDP's State-months, and the vintages that were public at the time."""
    matrix = folder / "ucdp_country_month" / "Hist.csv"
    if not matrix.is_file():
        raise UsageError(
            f"{folder} holds no ucdp_country_month/Hist.csv.",
            why="The recorded series are not part of the repository.",
            do="Name the folder with --recorded, or give series of your own with --events.",
        )
    gazetteer = load_gazetteer(load_settings().reference)
    final = read_matrix(matrix, gazetteer=gazetteer)
    start, length = final.months[0], len(final.months)
    facts = list(_recorded_facts(folder, gazetteer))
    others = tuple(
        onsets.Series(
            name=name.removeprefix(STANDING),
            kind=onsets.Kind.STANDING if name.startswith(STANDING) else onsets.Kind.COUNT,
            values=_grid(facts, name, final.states, start, length, everywhere=True),
        )
        for name in dict.fromkeys(one.series for one in facts)
    )
    panel = onsets.Panel(states=final.states, months=final.months, deaths=final.deaths, others=others)
    published: dict[int, onsets.Panel] = {}
    for one in leave_broken(read_vintages(folder / "ucdp_country_month" / "vintages", gazetteer=gazetteer)):
        row = int((one.months[-1] - start).astype(int))
        # A file of ten months alone says nothing of the past that the features are made of.
        if row in published or one.months[0] > start:
            continue
        placed = np.zeros((row + 1, len(final.states)))
        for column, state in enumerate(one.states):
            if state in final.states:
                placed[:, final.states.index(state)] = one.deaths[:, column]
        known = panel.until(row)
        published[row] = onsets.Panel(states=known.states, months=known.months, deaths=placed, others=known.others)
    return _of_deaths(panel, published=published, definition=definition)


def read_matrix(path: Path, *, gazetteer: Gazetteer) -> Vintage:
    """Deaths by month and State as UCDP's state-month matrix has them; the day it was public stands in its name."""
    with path.open(encoding="utf-8", newline="") as lines:
        head, *rows = list(csv.reader(lines))
    columns = [at for at, name in enumerate(head) if name and not name.startswith("Unnamed")]
    states: list[str] = []
    for at in columns:
        found = gazetteer.match(head[at])
        states.append(found.places[0] if found and len(found.places) == 1 else head[at])
    public = re.search(r"asof_(\d{4}-\d{2}-\d{2})", path.stem)
    deaths = np.array([[float(row[at]) if row[at] else np.nan for at in columns] for row in rows])
    months = np.array([row[0][:7] for row in rows], dtype="datetime64[M]")
    return Vintage(
        public_on=date.fromisoformat(public[1]) if public else date.max,
        states=tuple(states),
        months=months,
        deaths=deaths,
    )


def read_vintages(folder: Path, *, gazetteer: Gazetteer) -> list[Vintage]:
    """Every vintage, in the order in which they were public; of one day the longer first."""
    found = [read_matrix(path, gazetteer=gazetteer) for path in sorted(folder.glob("*_asof_*.csv"))]
    return sorted(found, key=lambda one: (one.public_on, -len(one.months)))


def _recorded_facts(folder: Path, gazetteer: Gazetteer) -> Iterator[Fact]:
    """Facts of every other recorded series that covers many States, in the month in which they were known."""
    booked = {
        place: unit.places[0]
        for unit in gazetteer.units
        for place in unit.places
        if unit.source_id == "ucdp_state_months"
    }

    def code(name: str) -> str:
        found = gazetteer.match(name)
        place = found.places[0] if found and len(found.places) == 1 else ""
        return booked.get(place, place)

    yield from _insecurity(folder / "insecurity_insight", code)
    yield from _shutdowns(folder / "shutdowns", code)
    yield from _journalists(folder / "cpj", code)
    yield from _democracy(folder / "vdem", code)
    yield from _terror(folder / "pts", code)


def _insecurity(folder: Path, code: Callable[[str], str]) -> Iterator[Fact]:
    for path in sorted(folder.glob("*.json")):
        for row in json.loads(path.read_text("utf-8")):
            month = np.datetime64(row["Date"][:7], "M")
            yield Fact(state=code(row["Country ISO"]), month=month, value=1.0, series=f"insecurity {path.stem}")


def _shutdowns(folder: Path, code: Callable[[str], str]) -> Iterator[Fact]:
    for path in sorted(folder.glob("*.parquet")):
        for name, day in pl.read_parquet(path, columns=["country", "start_date"]).drop_nulls().iter_rows():
            if day.year >= 2016:  # what is older was added by hand afterwards
                yield Fact(state=code(name), month=np.datetime64(day, "M"), value=1.0, series="shutdowns")


def _journalists(folder: Path, code: Callable[[str], str]) -> Iterator[Fact]:
    for path in sorted(folder.glob("cpj_1992_2018*.csv")):
        for row in _dicts(path):
            try:
                day = datetime.strptime(row["Date"], "%B %d, %Y").date()  # noqa: DTZ007  (a day has no zone)
            except ValueError:
                continue  # a year alone, or "Unknown": it has no month
            month = np.datetime64(day, "M")
            yield Fact(state=code(row["Country_killed"]), month=month, value=1.0, series="journalists killed")


def _democracy(folder: Path, code: Callable[[str], str]) -> Iterator[Fact]:
    for path in sorted(folder.glob("ert.csv")):
        for row in _dicts(path):
            for column, name in (("v2x_polyarchy", "electoral democracy"), ("aut_ep", "autocratization")):
                if row[column] not in ("", "NA") and int(row["year"]) >= FIRST_YEAR:
                    yield _standing(code(row["country_text_id"]), int(row["year"]), float(row[column]), name, "vdem")


def _terror(folder: Path, code: Callable[[str], str]) -> Iterator[Fact]:
    for path in sorted(folder.glob("PTS-*.csv")):
        for row in _dicts(path):
            said = [float(row[column]) for column in ("PTS_A", "PTS_S") if row[column] not in ("", "NA")]
            if said and int(row["Year"]) >= FIRST_YEAR:
                place = code(row["WordBank_Code_A"]) or code(row["Country"])
                yield _standing(place, int(row["Year"]), float(np.mean(said)), "political terror", "pts")


def _standing(state: str, year: int, value: float, name: str, source: str) -> Fact:
    month = np.datetime64(f"{year + 1}-{OUT_IN[source]:02d}", "M")
    return Fact(state=state, month=month, value=value, series=STANDING + name)


def _grid(
    facts: Iterable[Fact],
    name: str,
    states: Sequence[str],
    start: np.datetime64,
    length: int,
    *,
    everywhere: bool = False,
) -> Counts:
    """One series on the grid. `everywhere`: the source looks at all States, so that one it never names had none."""
    column = {state: at for at, state in enumerate(states)}
    mine = [one for one in facts if one.series == name]
    rows = [int((one.month - start).astype(int)) for one in mine]
    values = np.full((length, len(states)), np.nan)
    if name.startswith(STANDING):
        for row, one in sorted(zip(rows, mine, strict=True), key=lambda pair: pair[0]):
            if one.state in column:
                value = np.nan if one.value is None else one.value
                values[max(row, 0) : max(row + STANDS_FOR, 0), column[one.state]] = value
        return values
    named = sorted({column[one.state] for one in mine if one.state in column})
    span = slice(max(min(rows), 0), max(rows) + 1)
    if everywhere:
        values[span] = 0.0
    else:
        values[span, named] = 0.0
    for row, one in zip(rows, mine, strict=True):
        if 0 <= row < length and one.state in column:
            values[row, column[one.state]] += np.nan if one.value is None else one.value
    return values


def _of_deaths(panel: onsets.Panel, *, published: Mapping[int, onsets.Panel], definition: onsets.Definition) -> Case:
    with np.errstate(invalid="ignore"):
        begun = panel.deaths >= definition.least
    return Case(
        panel=panel,
        truth=onsets.find_onsets(deaths=panel.deaths, definition=definition),
        begun=begun,
        names={},
        published=published,
        definition=definition,
    )


def _refuse_short(case: Case, first: int) -> None:
    least = onsets.SETTLED + case.definition.months + 12
    if first < least:
        raise UsageError(
            f"{len(case.panel.months)} months are too few: {max(first, 0)} would be left to learn from.",
            why=f"At least {least} months must stand before the scored ones.",
            do="Give a longer file, or fewer --years.",
        )
    learned = case.truth.onset[onsets.SETTLED : first - case.definition.months]
    if not learned.any():
        raise UsageError(
            f"No onset stands before {case.panel.months[first]}.",
            why="Nothing can be learned about what comes before one.",
            do="Give a longer file, or fewer --years.",
        )


def _write(out: Path, case: Case, best: Scored, *, first: int, alerts: int) -> None:
    share = evaluate.alert(
        score=_unseen_last(best.score), truth=case.truth.onset, eligible=case.truth.eligible, each_period=alerts
    ).share
    with written_text(out) as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["state", "month", "log_odds", "eligible", "onset", "alert"])
        for row in range(first, len(best.score)):
            for column, state in enumerate(case.panel.states):
                held, onset = case.truth.eligible[row, column], case.truth.onset[row, column]
                writer.writerow(
                    [
                        state,
                        str(case.panel.months[row]),
                        f"{best.score[row, column]:.4f}",
                        int(held),
                        int(onset) if held else "",
                        f"{share[row, column]:g}",
                    ]
                )


def _unseen_last(score: Counts) -> Counts:
    """A State of which nothing is known is warned of last."""
    return np.where(np.isnan(score), -np.inf, score)


def _from(first: int, rows: int) -> Flags:
    return np.arange(rows) >= first


def _figure(one: evaluate.Interval) -> str:
    if one.value is None:
        return "–"
    if one.low is None or one.high is None or one.low == one.high:
        return f"{one.value:.3f}"
    return f"{one.value:.3f} ({one.low:.3f}–{one.high:.3f})"


def _dicts(path: Path) -> Iterator[dict[str, str]]:
    # One yearbook is in Latin 1; the columns that are read hold no other sign than ASCII in either.
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        yield from csv.DictReader(lines)


def _rows(path: Path, wanted: Sequence[str], *, form: str) -> Iterator[tuple[int, dict[str, str | None]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            lacking = [name for name in wanted if name not in (reader.fieldnames or ())]
            if lacking:
                raise UsageError(
                    f"{path.name}, line 1: no column {', '.join(lacking)}.",
                    why=f"The file has {', '.join(reader.fieldnames or ('none',))}.",
                    do=form,
                )
            for row in reader:
                if None in row:
                    raise _wrong(
                        path,
                        reader.line_num,
                        column="cell",
                        cell=row[None][0],
                        rule="the header has no column for it",
                        form=form,
                    )
                yield reader.line_num, {name: row[name] for name in wanted}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path.name} cannot be read.", why=str(error), do="Give a CSV file in UTF-8.") from error


def _state(path: Path, line: int, row: Mapping[str, str | None], form: str) -> str:
    state = (row["state"] or "").strip()
    if not state:
        raise _wrong(path, line, column="state", cell="", rule="a State must stand", form=form)
    return state


def _month(path: Path, line: int, row: Mapping[str, str | None], form: str) -> np.datetime64:
    day = (row["date"] or "").strip()
    try:
        if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", day):
            raise ValueError(day)
        date.fromisoformat(day if len(day) > 7 else f"{day}-01")
    except ValueError:
        raise _wrong(path, line, column="date", cell=day, rule="it is no day and no month", form=form) from None
    return np.datetime64(day[:7], "M")


def _wrong(path: Path, line: int, *, column: str, cell: str, rule: str, form: str) -> UsageError:
    return UsageError(f"{path.name}, line {line}, {column} '{cell}': {rule}.", why="Nothing was scored.", do=form)
