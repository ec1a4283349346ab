"""How well late counts are foreseen, on the vintages of UCDP's State-months that were public at the time.

`python tests/bench/nowcast.py` prints; `--write docs/evaluation.md` writes between that page's marks. Rolling origin:
at each vintage only what was public by then is used. A value is settled when the provider's yearly release of its year
is out; changes are learned only from settled values, and scored only against them. Broken vintages are left out by the
rule of `leave_broken`, which knows no file by name. Weights and spans of scoring/nowcast.py were chosen on the halves
of the first release, which is known before every origin; docs/evaluation.md says what was looked at.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from domain.state import load_gazetteer
from horizon.commands.backtest import read_vintages
from scoring.nowcast import Changes, Counts, Vintage, Whole, covered, interval_score, leave_broken, place_among, revise

sys.path.insert(0, str(Path(__file__).resolve().parent))
from figures import Figure, leave

ROOT = Path(__file__).resolve().parents[2]
VINTAGES = ROOT.parent / "shared" / "recorded" / "ucdp_country_month" / "vintages"
AGES = 12
YEAR = 12  # months before a value that tell its level
DRAWS = 1_000
SEED = 5
RELEASE = 6  # the month in which the provider settles the year before
ORIGINS_BEFORE = 5  # vintages that must have been seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Early values of one vintage and what they settled to, where both are known by `public_on`."""

    early: Counts
    settled: Counts
    age: Counts
    series: Whole
    level: Counts
    year: Whole


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", type=Path, help="write the table into this page, between its marks")
    arguments.add_argument("--json", type=Path, help="leave the figures in this folder, for scoring_table.py")
    asked = arguments.parse_args()
    figures: list[Figure] = []
    lines = score(leave_broken(read_vintages(VINTAGES, gazetteer=load_gazetteer())), figures)
    print("\n".join(lines))  # noqa: T201  (a bench prints)
    if asked.json:
        leave(asked.json, bench="nowcast", figures=figures)
    if asked.write:
        put(asked.write, "nowcast", lines)


def put(page: Path, mark: str, lines: Sequence[str]) -> None:
    """Write lines between the two marks of that name."""
    opening, closing = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    before, _, rest = page.read_text("utf-8").partition(opening)
    after = rest.partition(closing)[2]
    page.write_text(f"{before}{opening}\n" + "\n".join(lines) + f"\n{closing}{after}", "utf-8")


def score(vintages: Sequence[Vintage], figures: list[Figure]) -> list[str]:
    """Nowcasts from each origin, against what settled in the last vintage of all."""
    states = tuple(dict.fromkeys(state for one in vintages for state in one.states))
    final = vintages[-1]
    chosen = one_a_month(vintages)
    years = [year for year in range(2023, final.public_on.year) if was_released(year, chosen)]
    parts: list[tuple[Cells, Counts]] = []
    for at in range(ORIGINS_BEFORE, len(chosen)):
        origin = chosen[at]
        target = pair(origin, final, states, years)
        learned = [pair(past, origin, states, years) for past in chosen[:at]]
        known = Changes(
            early=np.concatenate([one.early for one in learned]),
            settled=np.concatenate([one.settled for one in learned]),
            age=np.concatenate([one.age for one in learned]),
            series=np.concatenate([one.series for one in learned]),
            level=np.concatenate([one.level for one in learned]),
            release=np.concatenate([one.year for one in learned]),
        )
        if not len(target.early) or not len(known.early):
            continue
        cast = revise(
            early=target.early,
            age=target.age,
            series=target.series,
            level=target.level,
            known=known,
            draws=DRAWS,
            seed=SEED + at,
        )
        parts.append((target, cast.draws))
    early = np.concatenate([cells.early for cells, _ in parts])
    truth = np.concatenate([cells.settled for cells, _ in parts])
    age = np.concatenate([cells.age for cells, _ in parts])
    draws = np.concatenate([one for _, one in parts], axis=1)
    lines = [
        f"Years of which the yearly release is seen: {', '.join(str(year) for year in years)}. {len(parts)} origins, "
        f"{len(early)} values of the newest {AGES} months of {len(states)} States; settled sum {truth.sum():,.0f}, "
        f"early sum {early.sum():,.0f} ({early.sum() / truth.sum() - 1:+.0%}).",
        "",
        "| values | number | WIS, raw count | WIS, nowcast | change | 50 % holds | 90 % holds | 50 % by place | "
        "90 % by place |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    place = place_among(draws=draws, truth=truth, seed=SEED)
    raw, wis = np.abs(truth - early), interval_score(draws=draws, truth=truth)
    half, most = covered(draws=draws, truth=truth, share=0.5), covered(draws=draws, truth=truth, share=0.9)
    every = np.ones(len(early), dtype=bool)
    for name, held in (
        ("all", every),
        ("early count 0", early == 0),
        ("early count 1–24", (early >= 1) & (early < 25)),
        ("early count 25 and more", early >= 25),
        ("newest month", age == 0),
        ("months 2–6", (age >= 1) & (age <= 5)),
        ("months 7–12", age >= 6),
    ):
        if not held.any():
            continue
        middle, wide = np.abs(place[held] - 0.5) <= 0.25, np.abs(place[held] - 0.5) <= 0.45
        lines.append(
            f"| {name} | {held.sum()} | {raw[held].mean():.2f} | {wis[held].mean():.2f} | "
            f"{wis[held].mean() / raw[held].mean() - 1:+.1%} | {half[held].mean():.1%} | {most[held].mean():.1%} | "
            f"{middle.mean():.1%} | {wide.mean():.1%} |"
        )
    middle = np.median(draws, axis=0)
    sample = f"{len(early)} values at {len(parts)} origins"
    change = wis.mean() / raw.mean() - 1
    inner, outer = (np.abs(place - 0.5) <= 0.25).mean(), (np.abs(place - 0.5) <= 0.45).mean()
    for what, target, reached, met in (
        ("nowcast: WIS against the raw count", "≤ −30 %", f"{change:+.1%}", change <= -0.3),
        ("nowcast: 50 % interval by place", "45–55 %", f"{inner:.1%}", 0.45 <= inner <= 0.55),
        ("nowcast: 90 % interval by place", "85–95 %", f"{outer:.1%}", 0.85 <= outer <= 0.95),
    ):
        figures.append(Figure(what=what, anchor="–", target=target, reached=reached, sample=sample, met=bool(met)))
    lines += [
        "",
        f"Absolute error of the middle draw beside the raw count's: {np.abs(middle - truth).mean():.2f} and "
        f"{raw.mean():.2f}. Share of values that never changed: {(early == truth).mean():.0%}.",
    ]
    return lines


def one_a_month(vintages: Sequence[Vintage]) -> list[Vintage]:
    """The last vintage of each newest month that holds a year at least."""
    longest = {one.months[-1]: one for one in vintages if len(one.months) >= AGES}
    return [longest[month] for month in sorted(longest)]


def pair(early: Vintage, later: Vintage, states: Sequence[str], years: Sequence[int]) -> Cells:
    """Values of the newest months that the later table settled and the early one had not."""
    rows = [
        month
        for month in early.months[-AGES:]
        if int(str(month)[:4]) in years and settles(month) <= later.public_on and settles(month) > early.public_on
    ]
    found: list[tuple[float, float, int, int, int, float]] = []
    column_early = {state: at for at, state in enumerate(early.states)}
    column_later = {state: at for at, state in enumerate(later.states)}
    for month in rows:
        age = int((early.months[-1] - month).astype(int))
        row_early = int(np.flatnonzero(early.months == month)[0])
        row_later = int(np.flatnonzero(later.months == month)[0])
        for at, state in enumerate(states):
            # The table has a column for a State once it has a death anywhere since 1989: none is a zero.
            here = state in column_early
            before = early.deaths[row_early, column_early[state]] if here else 0.0
            after = later.deaths[row_later, column_later[state]] if state in column_later else 0.0
            year_before = early.deaths[max(row_early - YEAR, 0) : row_early, column_early[state]] if here else None
            level = 0.0 if year_before is None else float(np.mean(year_before)) if len(year_before) else float("nan")
            found.append((before, after, age, at, int(str(month)[:4]), level))
    table = np.array(found, dtype=np.float64).reshape(-1, 6)
    return Cells(
        early=table[:, 0],
        settled=table[:, 1],
        age=table[:, 2],
        series=table[:, 3].astype(np.int64),
        year=table[:, 4].astype(np.int64),
        level=table[:, 5],
    )


def was_released(year: int, vintages: Sequence[Vintage]) -> bool:
    """Whether the yearly release of that year can be seen: its counts changed after the day it was due.

    The table is made by a third party, who may not have taken a release over yet; unchanged values prove nothing.
    """
    due = settles(np.datetime64(f"{year}-12", "M"))
    before = [one for one in vintages if one.public_on < due and str(one.months[-1])[:4] > str(year)]
    after = [one for one in vintages if one.public_on >= due]
    if not before or not after:
        return False

    def total(one: Vintage) -> dict[str, float]:
        held = np.char.startswith(one.months.astype(str), str(year))
        return dict(zip(one.states, one.deaths[held].sum(axis=0), strict=True))

    old, new = total(before[-1]), total(after[-1])
    return any(old.get(state, 0.0) != number for state, number in new.items())


def settles(month: np.datetime64) -> date:
    """The day from which the yearly release of that month's year counts as out."""
    return date(int(str(month)[:4]) + 1, RELEASE, 20)


if __name__ == "__main__":
    main()
