"""From a score to a p-value: how often did quiet series of the same rate stratum reach it?

The p-value of a score is the share of scores of outbreak-free series that are as high (Phipson and Smyth 2010,
Statistical Applications in Genetics and Molecular Biology 9: 39), by stratum of the expected count and its dispersion;
beyond the highest kept tail it falls on as an exponential. `calibration.toml` holds the tails of made series, drawn
with seeds on which nothing is judged; `make bench-scoring` says how to draw them anew.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scoring.detectors.verdict import Counts

Whole = NDArray[np.int64]

MEANS = (0.05, 0.15, 0.5, 1.5, 5.0, 20.0)
DISPERSIONS = (1.5, 3.0)
TAILS = (0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.014, 0.01, 0.007, 0.005, 0.003, 0.002, 0.001)
# Fewer quiet scores than this tell nothing of a tail of one in a thousand.
FEWEST = 2_000
SLOPE_FROM = 0.01
LEAST = 1e-12
MOST = 0.999


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """Scores in rising order, and the share of quiet scores that reach each; `slope` of log p beyond the last."""

    score: tuple[float, ...]
    share: tuple[float, ...]
    slope: float


Calibration = Mapping[int, Tail]


def strata(*, mean: Counts, dispersion: Counts) -> Whole:
    """Number of the stratum of each expected count; what it is where there is none means nothing."""
    return np.digitize(mean, MEANS) * (len(DISPERSIONS) + 1) + np.digitize(dispersion, DISPERSIONS)


def learn(*, score: Counts, stratum: Whole) -> dict[int, Tail]:
    """Tails of quiet scores by stratum; a stratum with too few scores has none."""
    known = ~np.isnan(score)
    found: dict[int, Tail] = {}
    for number in np.unique(stratum[known]):
        own = np.sort(score[known & (stratum == number)])
        if len(own) < FEWEST:
            continue
        values = np.unique(np.quantile(own, [1 - tail for tail in TAILS], method="higher"))
        shares = 1 - np.searchsorted(own, values, side="left") / len(own)
        from_here = values[np.argmin(np.abs(shares - SLOPE_FROM))]
        beyond = own[own >= from_here] - from_here
        # Maximum likelihood of an exponential tail; a likelihood ratio's own tail falls at least as fast as this.
        slope = float(np.clip(1 / beyond.mean(), 0.5, 5.0)) if beyond.mean() > 0 else 1.0
        found[int(number)] = Tail(score=tuple(values.tolist()), share=tuple(shares.tolist()), slope=slope)
    return found


def p_values(*, score: Counts, stratum: Whole, calibration: Calibration) -> Counts:
    """p-values by stratum; NaN where there is no score. One never learnt has Ville's bound."""
    found = np.where(np.isnan(score), np.nan, np.minimum(np.exp(-np.maximum(score, 0.0)), MOST))
    for number in np.unique(stratum[~np.isnan(score)]):
        tail = calibration.get(int(number))
        if tail is None:
            continue
        own = (stratum == number) & ~np.isnan(score)
        value = score[own]
        log_share = np.interp(value, tail.score, np.log(tail.share), left=np.log(MOST))
        log_share -= tail.slope * np.maximum(value - tail.score[-1], 0.0)
        found[own] = np.exp(log_share)
    return np.clip(found, LEAST, MOST)


@cache
def shipped(name: str) -> Calibration:
    """The tails that come with the code, for the score of that name."""
    held = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {
        int(number): Tail(score=tuple(one["score"]), share=tuple(one["share"]), slope=one["slope"])
        for number, one in held[name].items()
    }


def write(tables: Mapping[str, Calibration]) -> str:
    """Tables as the text of the file."""
    lines = ["# Tails of scores of made, outbreak-free series; written by tests/bench/detectors.py --calibrate."]
    for name, table in tables.items():
        for number, tail in sorted(table.items()):
            lines += [
                f"[{name}.{number}]",
                f"score = [{', '.join(f'{value:.4f}' for value in tail.score)}]",
                f"share = [{', '.join(f'{value:.6f}' for value in tail.share)}]",
                f"slope = {tail.slope:.3f}",
            ]
    return "\n".join(lines) + "\n"
