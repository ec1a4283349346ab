"""`horizon detect`: the detectors on anyone's own series, from a CSV file to a CSV file."""

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from domain.errors import UsageError
from horizon.output import written_text
from scoring.detectors import ears, farrington, methods
from scoring.detectors.methods import HAS_R_MODE, Method, Series, by_farrington
from scoring.detectors.references import Days
from scoring.detectors.verdict import Counts, Flags, Mode, Verdict

SIGNS_OF_MISSING = ("", "NA")
LARGEST_COUNT = 2**53
LONGEST_SPAN = 50_000
MOST_CELLS = 50_000_000
WEEK, DAY = 7, 1
OUT = ("series", "t", "observed", "expected", "upperbound", "p_value", "alarm")
OUT_OF_CONFIGS = ("config", "series", "t", "observed", "upperbound", "alarm", "expected")
POWERS = {"2/3": 2 / 3, "1/2": 0.5, "none": 0.0}
FORM = (
    "Columns: series, then date (2024-01-29 or 2024-W05) or t (1, 2, 3 …), count, and if wanted exposure, population."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Series of one calendar. `given` marks the periods that the file has a line for, `t` numbers them as it does."""

    names: tuple[str, ...]
    series: Series
    given: Flags
    t: Counts


def detect(
    counts: Annotated[Path, typer.Argument(help=f"A CSV file, also gzipped. {FORM}")],
    *,
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    method: Annotated[Method, typer.Option(help="The detector.")] = Method.FARRINGTON_FLEXIBLE,
    mode: Annotated[
        str, typer.Option(help="corrected, or r-1.20.3: as R's package computes. With --configs: r-1.20.3.")
    ] = "",
    alpha: Annotated[float, typer.Option(help="False alarms that are accepted, as a share of periods.")] = 0.01,
    configs: Annotated[Path | None, typer.Option(help="Parameter sets, as a JSON file with `configs`.")] = None,
) -> None:
    """Score each period of each series, and say where an alarm would have been raised."""
    chosen = _mode(mode, with_configs=configs is not None)
    if not 0 < alpha < 0.5:
        raise UsageError(
            f"--alpha {alpha} is not between 0 and 0.5.",
            why="It is the share of quiet periods in which a false alarm is accepted.",
            do="Give a share such as 0.01.",
        )
    if configs is None and chosen is Mode.R_1_20_3 and method not in HAS_R_MODE:
        raise UsageError(
            f"--mode {chosen.value} is not known for {method.value}.",
            why="That mode exists for Farrington's methods and EARS alone.",
            do="Leave --mode out.",
        )
    blocks = arrange(read(counts))
    if configs is None:
        rows = _judge(blocks, method=method, mode=chosen, alpha=alpha)
        _write(out, OUT + (("date",) if any(block.series.starts is not None for block in blocks) else ()), rows)
    else:
        _write(out, OUT_OF_CONFIGS, _judge_configs(blocks, configs=_load_configs(configs), mode=chosen))
    typer.echo(str(out))


def read(path: Path) -> pl.DataFrame:
    """Lines of a file as they are meant: line, series, t or date, count, exposure. A cell that cannot be is refused."""
    raw = _cells(path)
    names = raw.columns
    count = next((name for name in ("count", "observed") if name in names), None)
    when = [name for name in ("date", "t") if name in names]
    if "series" not in names or count is None or not when:
        lacking = [
            name for name, there in (("series", "series" in names), ("date or t", when), ("count", count)) if not there
        ]
        raise UsageError(
            f"{path.name}, line 1: no column {', '.join(lacking)}.", why=f"The file has {', '.join(names)}.", do=FORM
        )
    if raw.is_empty():
        raise UsageError(f"{path.name} has no line after its header.", why="There is nothing to score.", do=FORM)
    table = raw.with_row_index("line", offset=2)
    dated = "date" in when and bool((~_missing(table["date"])).any())
    table = table.with_columns(pl.col("line").cast(pl.Int64), pl.col("series").fill_null("").str.strip_chars())
    if (blank := table.filter(pl.col("series") == "")).height:
        raise _wrong(
            path,
            line=int(blank["line"][0]),
            column="series",
            cell="",
            rule="the name of a series must stand",
            do="Give each line its series.",
        )
    cells = [table["line"], table["series"], _whole(path, table, count).alias("count")]
    number = _whole(path, table, "t", least=1) if "t" in when else pl.Series([None] * table.height, dtype=pl.Float64)
    cells.append(number.alias("t"))
    if dated:
        cells.append(_days(path, table).alias("date"))
    else:
        cells.append(pl.Series([None] * table.height, dtype=pl.Date).alias("date"))
    cells.append(_exposure(path, table).alias("exposure"))
    found = pl.DataFrame(cells)
    _refuse_undated(path, found)
    _refuse_twice(path, found)
    return found


def arrange(table: pl.DataFrame) -> list[Block]:
    """Series by calendar; a period that no line names is missing, and so is one whose count is left empty."""
    blocks: list[Block] = []
    kinds: dict[tuple[str, int], list[pl.DataFrame]] = {}
    moved = 0
    for _, one in table.group_by("series", maintain_order=True):
        ordered = one.sort("date") if one["date"].null_count() == 0 else one.sort("t")
        moved += int(not ordered["line"].is_sorted())
        kinds.setdefault(_calendar(ordered), []).append(ordered)
    if moved:
        _tell(f"{moved} series were not in order of time; they were put in order.")
    for (kind, phase), members in kinds.items():
        blocks.append(_block(kind, phase, members))
    gaps = sum(int((~block.given & (block.series.age() >= 0) & _before_end(block.given)).sum()) for block in blocks)
    if gaps:
        _tell(f"{gaps} periods between the first and the last of a series have no line; they are missing, not zero.")
    return blocks


def _judge(blocks: list[Block], *, method: Method, mode: Mode, alpha: float) -> Iterator[tuple[str, ...]]:
    silent: dict[str, int] = {}
    for block in blocks:
        found = methods.detect(series=block.series, method=method, mode=mode, alpha=alpha)
        observed = block.series.counts
        missing = block.given & np.isnan(observed)
        exposure = block.series.exposure
        unseen = block.given & ~missing & ~(exposure > 0) if exposure is not None else np.zeros_like(missing)
        said = found.said & ~missing
        for reason, where in (
            ("no count", missing),
            ("no exposure", unseen),
            ("too little history, or a base line that does not vary", block.given & ~missing & ~unseen & ~said),
        ):
            silent[reason] = silent.get(reason, 0) + int(where.sum())
        starts = block.series.starts
        for row, name in enumerate(block.names):
            for at in np.flatnonzero(block.given[row]):
                line = (
                    name,
                    str(int(block.t[row, at])),
                    _count(observed[row, at]),
                    _number(found.expected[row, at]),
                    _number(found.upper[row, at]),
                    _number(found.p_value[row, at]),
                    str(int(found.alarm[row, at])) if said[row, at] else "",
                )
                yield line if starts is None else (*line, str(starts[at]))
    for reason, number in silent.items():
        if number:
            _tell(f"{number} lines have no verdict, and empty cells: {reason}.")


def _judge_configs(
    blocks: list[Block], *, configs: Mapping[str, Mapping[str, object]], mode: Mode
) -> Iterator[tuple[str, ...]]:
    """Rows in the form of R's package: an empty bound where the rule of five in four weeks is not met."""
    for name, config in configs.items():
        judged = _reader(name, config)
        if judged is None:
            _tell(f"{name}: left out, for it is no configuration of Farrington's methods or of EARS.")
            continue
        for block in blocks:
            found, few, first = judged.judge(block.series, mode)
            wanted = block.given & (block.series.age() >= first)
            for row, series in enumerate(block.names):
                for at in np.flatnonzero(wanted[row]):
                    upper, expected = found.upper[row, at], found.expected[row, at]
                    if few[row, at]:
                        upper, expected = judged.upper_of_few, np.nan
                    yield (
                        name,
                        series,
                        str(int(block.t[row, at])),
                        _count(block.series.counts[row, at]),
                        _number(upper),
                        "NA" if np.isnan(upper) and not few[row, at] else str(int(found.alarm[row, at])),
                        _number(expected) if judged.shows_expected else "",
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One parameter set: either Farrington's or EARS's; what is written where too few events were seen."""

    farrington: farrington.Parameters | None
    ears: tuple[ears.Variant, float, int, float] | None
    upper_of_few: float
    shows_expected: bool

    def judge(self, series: Series, mode: Mode) -> tuple[Verdict, Flags, int]:
        """The verdict, where the newest periods hold too few events, and the first period that can be judged."""
        if self.farrington is not None:
            chosen = replace(self.farrington, frequency=series.frequency)
            found = by_farrington(series=series, parameters=chosen, mode=mode)
            few = farrington.too_few(counts=series.counts, fewest=chosen.fewest)
            return found, few, chosen.frequency * chosen.years + chosen.half_width
        if self.ears is None:
            raise TypeError("A parameter set is Farrington's or EARS's.")
        variant, alpha, length, least = self.ears
        found = ears.ears(
            counts=series.counts, variant=variant, alpha=alpha, length=length, least_deviation=least, mode=mode
        )
        first = length + {ears.Variant.C1: 0, ears.Variant.C2: 2, ears.Variant.C3: 4}[variant]
        return found, np.zeros(series.counts.shape, dtype=np.bool_), first


def _reader(name: str, config: Mapping[str, object]) -> _Judged | None:
    """What a parameter set asks for; None when it is another method's. A field that is wrong is refused."""
    try:
        if "baseline" in config and config.get("method") in set(ears.Variant):
            variant = ears.Variant(str(config["method"]))
            settings = (variant, _share(config, "alpha"), _integer(config, "baseline"), _real(config, "minSigma"))
            return _Judged(farrington=None, ears=settings, upper_of_few=np.nan, shows_expected=False)
        if "limit54" not in config:
            return None
        few = config["limit54"]
        if not isinstance(few, list) or len(few) != 2:
            raise ValueError("limit54")
        flexible = "thresholdMethod" in config
        start = farrington.Parameters() if flexible else farrington.ORIGINAL
        chosen = replace(
            start,
            years=_integer(config, "b"),
            half_width=_integer(config, "w"),
            alpha=_share(config, "alpha"),
            trend=bool(config.get("trend", True)),
            power=POWERS[str(config.get("powertrans", "2/3"))],
            fewest=(int(few[0]), int(few[1])),
        )
        if not config.get("reweight", True):
            chosen = replace(chosen, weights_from=np.inf)
        if flexible:
            chosen = replace(
                chosen,
                levels=_integer(config, "noPeriods"),
                left_out=_integer(config, "pastWeeksNotIncluded"),
                weights_from=_real(config, "weightsThreshold") if config.get("reweight", True) else np.inf,
                trend_below=_real(config, "pThresholdTrend"),
                bound=farrington.Bound(str(config["thresholdMethod"])),
            )
        return _Judged(farrington=chosen, ears=None, upper_of_few=np.nan if flexible else 0.0, shows_expected=flexible)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"Configuration {name} cannot be read.", why=f"Its field {error} is missing or wrong.", do="Correct it."
        ) from None


def _integer(config: Mapping[str, object], name: str) -> int:
    value = config[name]
    if not isinstance(value, int) or value < 0:
        raise ValueError(name)
    return value


def _real(config: Mapping[str, object], name: str) -> float:
    value = config[name]
    if not isinstance(value, int | float) or not np.isfinite(value):
        raise ValueError(name)
    return float(value)


def _share(config: Mapping[str, object], name: str) -> float:
    value = _real(config, name)
    if not 0 < value < 0.5:
        raise ValueError(name)
    return value


def _load_configs(path: Path) -> Mapping[str, Mapping[str, object]]:
    wrong = UsageError(
        f"{path.name} holds no parameter sets.",
        why="It must be a JSON object whose `configs` names one object for each set.",
        do="Give such a file, or leave --configs out.",
    )
    try:
        held = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} cannot be read as JSON.", why=str(error), do="Give the file of parameter sets."
        ) from None
    sets = held.get("configs") if isinstance(held, dict) else None
    if not isinstance(sets, dict) or not sets or not all(isinstance(one, dict) for one in sets.values()):
        raise wrong
    return sets


def _mode(text: str, *, with_configs: bool) -> Mode:
    if not text:
        return Mode.R_1_20_3 if with_configs else Mode.CORRECTED
    try:
        return Mode(text)
    except ValueError:
        raise UsageError(
            f"--mode {text} is not known.",
            why=f"The modes are {', '.join(mode.value for mode in Mode)}.",
            do="Give one of them, or leave it out.",
        ) from None


def _cells(path: Path) -> pl.DataFrame:
    """All cells as text, a line number apart; nothing is guessed."""
    try:
        body = path.read_bytes()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        body = body.removeprefix(b"\xef\xbb\xbf")
        body.decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read.", why=str(error), do="Give a CSV file in UTF-8, gzipped or not."
        ) from None
    if not body.strip():
        raise UsageError(f"{path.name} is empty.", why="Not even a header is there.", do=FORM)
    try:
        raw = pl.read_csv(body, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise UsageError(
            f"{path.name}{_uneven(body)}: not a table.", why=str(error).split("\n")[0], do="Correct the line."
        ) from None
    return raw.rename({name: name.strip().lower() for name in raw.columns})


def _uneven(body: bytes) -> str:
    lines = csv.reader(io.StringIO(body.decode("utf-8"), newline=""))
    header = next(lines, [])
    return next((f", line {lines.line_num}" for line in lines if line and len(line) != len(header)), "")


def _missing(column: pl.Series) -> pl.Series:
    return column.is_null() | column.str.strip_chars().is_in(list(SIGNS_OF_MISSING))


def _wrong(path: Path, *, line: int, column: str, cell: str, rule: str, do: str) -> UsageError:
    return UsageError(f"{path.name}, line {line}, column {column}: '{cell}'.", why=f"Here {rule}.", do=do)


def _whole(path: Path, table: pl.DataFrame, column: str, *, least: int = 0) -> pl.Series:
    """Whole numbers from `least` on; empty cells stay empty. `4.0` is a whole number, `4.5` is not."""
    text = table[column].str.strip_chars()
    value = text.cast(pl.Float64, strict=False)
    bad = ~_missing(table[column]) & ~(
        value.is_finite() & (value >= least) & (value <= LARGEST_COUNT) & (value == value.floor())
    ).fill_null(False)
    if bad.any():
        at = int(bad.arg_max() or 0)
        raise _wrong(
            path,
            line=int(table["line"][at]),
            column=column,
            cell=str(table[column][at]),
            rule=f"a whole number from {least} on must stand",
            do="Correct it, or leave the cell empty where nothing was counted.",
        )
    return value.set(_missing(table[column]), None)


def _exposure(path: Path, table: pl.DataFrame) -> pl.Series:
    """Exposure times population, of those that the file has; one where it has neither."""
    product = pl.Series([1.0] * table.height)
    for column in ("exposure", "population"):
        if column not in table.columns:
            continue
        value = table[column].str.strip_chars().cast(pl.Float64, strict=False)
        empty = _missing(table[column])
        bad = ~empty & ~(value.is_finite() & (value > 0)).fill_null(False)
        if bad.any():
            at = int(bad.arg_max() or 0)
            raise _wrong(
                path,
                line=int(table["line"][at]),
                column=column,
                cell=str(table[column][at]),
                rule="a number above zero must stand",
                do="Correct it, or leave the cell empty: the period is then missing.",
            )
        product = product * value.set(empty, None)
    return product


def _days(path: Path, table: pl.DataFrame) -> pl.Series:
    """First days of periods; an ISO week is its Monday."""
    text = table["date"].str.strip_chars()
    day = text.str.to_date("%Y-%m-%d", strict=False)
    week = (text + "-1").str.to_date("%G-W%V-%u", strict=False)
    # The parser takes week 53 of a year that has none for the first week of the next.
    week = week.set((week.dt.strftime("%G-W%V") != text).fill_null(True), None)
    found = day.zip_with(day.is_not_null(), week)
    bad = found.is_null() & ~_missing(table["date"])
    if bad.any():
        at = int(bad.arg_max() or 0)
        raise _wrong(
            path,
            line=int(table["line"][at]),
            column="date",
            cell=str(table["date"][at]),
            rule="a date like 2024-01-29 or an ISO week like 2024-W05 must stand",
            do="Correct it; not every year has a week 53.",
        )
    return found


def _refuse_undated(path: Path, table: pl.DataFrame) -> None:
    """Each series is dated throughout, or numbered throughout."""
    held = table.with_columns(pl.col("date").is_not_null().any().over("series").alias("dated"))
    bad = held.filter(pl.when("dated").then(pl.col("date").is_null()).otherwise(pl.col("t").is_null()))
    if bad.height:
        line, dated = bad["line"][0], bad["dated"][0]
        raise _wrong(
            path,
            line=int(line),
            column="date" if dated else "t",
            cell="",
            rule="the period must stand",
            do="Say when it was counted.",
        )


def _refuse_twice(path: Path, table: pl.DataFrame) -> None:
    # A dated series may carry numbers beside its dates; the dates then decide.
    number = pl.when(pl.col("date").is_null()).then(pl.col("t")).alias("number")
    held = table.with_columns(number)
    held = held.with_columns(pl.col("line").first().over(["series", "date", "number"]).alias("before"))
    twice = held.filter(pl.col("before") != pl.col("line"))
    if twice.height:
        line, before = twice["line"][0], twice["before"][0]
        raise UsageError(
            f"{path.name}, line {line}: series {twice['series'][0]} has this period already, in line {before}.",
            why="Two counts of one period cannot both hold.",
            do="Keep one of them, or give them different series.",
        )


def _calendar(one: pl.DataFrame) -> tuple[str, int]:
    """Numbered, daily, weekly with its week day, or monthly with its day of the month."""
    if one["date"].null_count():
        return "t", 0
    gaps = one["date"].diff().dt.total_days().drop_nulls()
    if gaps.is_empty():
        return "week", int(one["date"].dt.weekday()[0])
    if (gaps % WEEK == 0).all():
        return "week", int(one["date"].dt.weekday()[0])
    if one["date"].dt.day().n_unique() == 1:
        return "month", int(one["date"].dt.day()[0])
    return "day", 0


def _block(kind: str, phase: int, members: list[pl.DataFrame]) -> Block:
    """One matrix for the series of one calendar, from the earliest first period to the latest last one."""
    positions = [_positions(kind, one) for one in members]
    first = min(int(one.min()) for one in positions)
    last = max(int(one.max()) for one in positions)
    span = last - first + 1
    if span > LONGEST_SPAN or span * len(members) > MOST_CELLS:
        longest = max(range(len(members)), key=lambda at: int(positions[at].max()))
        raise UsageError(
            f"The series reach over {span} periods; the latest is line {members[longest]['line'][-1]}.",
            why=f"At most {LONGEST_SPAN} periods, and {MOST_CELLS} cells in all, are held at once.",
            do="Correct the period, or split the file.",
        )
    shape = (len(members), span)
    counts, exposure, t = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    given = np.zeros(shape, dtype=np.bool_)
    begins = np.zeros(len(members), dtype=np.int64)
    for row, (one, where) in enumerate(zip(members, positions, strict=True)):
        at = where - first
        begins[row] = at[0]
        counts[row, at] = one["count"].cast(pl.Float64).to_numpy()
        exposure[row, at] = one["exposure"].cast(pl.Float64).to_numpy()
        numbered = one["t"].null_count() == 0
        t[row, at] = one["t"].cast(pl.Float64).to_numpy() if numbered else at - at[0] + 1
        given[row, at] = True
    starts: Days | None = None
    if kind == "month":
        months = np.arange(first, first + span).astype("datetime64[M]").astype("datetime64[D]")
        starts = (months.astype(np.int64) + phase - 1).astype("datetime64[D]")
    elif kind != "t":
        step = WEEK if kind == "week" else DAY
        starts = (_origin(kind, members[0]) + (first + np.arange(span)) * step).astype("datetime64[D]")
    plain = bool(np.all(exposure[given] == 1.0))
    return Block(
        names=tuple(str(one["series"][0]) for one in members),
        series=Series(
            counts=counts,
            begins=begins,
            frequency={"t": 52, "week": 52, "month": 12, "day": 365}[kind],
            starts=starts,
            exposure=None if plain else exposure,
        ),
        given=given,
        t=t,
    )


def _positions(kind: str, one: pl.DataFrame) -> np.ndarray:
    """Number of each line's period on the calendar of its kind."""
    if kind == "t":
        return one["t"].cast(pl.Int64).to_numpy()
    days = one["date"].to_numpy().astype("datetime64[D]")
    if kind == "month":
        return days.astype("datetime64[M]").astype(np.int64)
    number = days.astype(np.int64)
    return (number - _origin(kind, one)) // (WEEK if kind == "week" else DAY)


def _origin(kind: str, one: pl.DataFrame) -> int:
    """Day, counted from 1970, from which weeks of this week day are numbered."""
    if kind != "week":
        return 0
    first = one["date"][0]
    return int(np.datetime64(first, "D").astype(np.int64)) % WEEK


def _before_end(given: Flags) -> Flags:
    """Up to the last period that a line names, by series."""
    later: Flags = np.flip(np.maximum.accumulate(np.flip(given, axis=1), axis=1), axis=1)
    return later


def _write(path: Path, header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    with written_text(path) as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _number(value: float) -> str:
    return "" if np.isnan(value) else repr(float(value))


def _count(value: float) -> str:
    return "" if np.isnan(value) else str(int(value))


def _tell(text: str) -> None:
    typer.echo(text, err=True)
