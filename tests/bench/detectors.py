"""How well the detectors find what was put into made series, and how fast: figures with their anchors beside.

`make bench-scoring` runs it short; `--seeds 10 --repetitions 100` is the published run. `--calibrate` draws the tails
of quiet series anew. Seeds for calibration and thresholds (below 1,000) are never those that are scored (above). The
references of R are read from beside the repository and left out, with a line that says so, where they are not there.
"""

import argparse
import csv
import itertools
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scoring.detectors import calibration, combine, ears, farrington, harmonic, matched, scan
from scoring.detectors.verdict import Counts, Mode

sys.path.insert(0, str(Path(__file__).resolve().parent))
import scenarios as made
from figures import Figure, leave

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "reference"
TUNING_SEED = 11
SCORED_SEED = 2_001
RATES = (0.005, 0.0128)
# What R's method finds, POD and sensitivity, and nine tenths of what the likelihood ratio of the truth finds.
ANCHORS = {0.005: (0.408, 0.180), 0.0128: (0.553, 0.266)}
LEAST_FOUND = {0.005: 0.514, 0.0128: 0.588}
LEAST_WEEKS = {0.005: 0.400, 0.0128: 0.477}
LEAD = 560  # base lines are needed a little before the scored weeks
RESAMPLES = 400
SPARSE_SERIES = 600
Flags = NDArray[np.bool_]
Score = Callable[[Counts], Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Of each series: share of outbreaks found, of their weeks flagged, found in the first week, and false alarms."""

    found: Counts
    weeks: Counts
    first: Counts
    false: Counts
    after: Counts
    by_size: Counts


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=2)
    arguments.add_argument("--repetitions", type=int, default=12)
    arguments.add_argument("--calibrate", action="store_true")
    arguments.add_argument("--write", type=Path, help="write the table into this page, between its marks")
    arguments.add_argument("--json", type=Path, help="leave the figures in this folder, for scoring_table.py")
    asked = arguments.parse_args()
    if asked.calibrate:
        calibrate()
        return
    figures: list[Figure] = []
    lines = [
        f"{asked.seeds} seeds × {asked.repetitions} repetitions of each scenario; published figures take 10 × 100.",
        "",
        *speed(figures),
        "",
        *score_scenarios(asked.seeds, asked.repetitions, figures),
        "",
        *score_sparse(min(asked.seeds, 5), figures),
        "",
        *score_calibration(figures),
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    lines += ["", f"Peak memory {peak} MB."]
    print("\n".join(lines))  # noqa: T201  (a bench prints)
    if asked.json:
        leave(asked.json, bench="detectors", figures=figures)
    if asked.write:
        before, _, rest = asked.write.read_text("utf-8").partition("<!-- figures -->")
        after = rest.partition("<!-- end of figures -->")[2]
        text = f"{before}<!-- figures -->\n" + "\n".join(lines) + f"\n<!-- end of figures -->{after}"
        asked.write.write_text(text, "utf-8")


def calibrate() -> None:
    """Draw quiet series and write the tails of their scores."""
    scores: dict[str, list[Counts]] = {"matched": [], "scan": []}
    strata: dict[str, list[NDArray[np.int64]]] = {"matched": [], "scan": []}
    for seed in range(TUNING_SEED, TUNING_SEED + 8):
        counts = made.calm(seed=seed, series=2_000, weeks=572)
        baseline = harmonic.estimate(counts=counts)
        sparse = scan.scan(counts=counts).baseline
        steady = combine.choose(baseline, sparse)
        for name, law, score in (
            ("matched", baseline, matched.log_ratio(counts=counts, baseline=baseline)),
            ("scan", steady, scan.log_ratio(counts=counts, baseline=steady)),
        ):
            scores[name].append(score[:, 104:])
            strata[name].append(calibration.strata(mean=law.mean, dispersion=law.predictive)[:, 104:])
    tables = {
        name: calibration.learn(score=np.concatenate(scores[name]), stratum=np.concatenate(strata[name]))
        for name in scores
    }
    path = Path(calibration.__file__).with_suffix(".toml")
    path.write_text(calibration.write(tables), "utf-8")
    print(f"{path.name}: " + ", ".join(f"{name} {len(table)} strata" for name, table in tables.items()))  # noqa: T201


def speed(figures: list[Figure]) -> list[str]:
    """Time on one core, after compilation."""
    rng = np.random.default_rng(1)
    level = np.exp(rng.normal(0.5, 1.5, (150, 1))) * np.exp(0.3 * np.cos(2 * np.pi * np.arange(520) / 52))
    counts = rng.negative_binomial(level, 0.5).astype(np.float64)
    lines = ["| speed, one core | here | R 1.20.3 | target |", "|---|---|---|---|"]
    for mode, target in ((Mode.CORRECTED, "0.05"), (Mode.R_1_20_3, "0.13")):
        farrington.flexible(counts=counts[:1], mode=mode)
        start = time.process_time()
        said = farrington.flexible(counts=counts, mode=mode).said.sum()
        each = (time.process_time() - start) / said * 1e3
        lines.append(f"| Farrington flexible, {mode.value}, ms a series-week | {each:.3f} | 13.6 | ≤ {target} |")
        what = f"Farrington flexible, {mode.value}, ms a series-week"
        figures.append(
            _figure(what, "R 13.6", f"≤ {target}", f"{each:.3f}", sample=f"{said}", met=each <= float(target))
        )
    many = np.tile(counts, (20, 1))[: 193 * 15]
    for variant, anchor in ((ears.Variant.C1, 51), (ears.Variant.C2, 54), (ears.Variant.C3, 64)):
        start = time.process_time()
        ears.ears(counts=many, variant=variant, alpha=0.01)
        each = (time.process_time() - start) / many.size * 1e6
        lines.append(f"| EARS {variant.value}, µs a series-week | {each:.2f} | {anchor} | ≤ 0.2 |")
        what = f"EARS {variant.value}, µs a series-week"
        figures.append(_figure(what, f"R {anchor}", "≤ 0.2", f"{each:.2f}", sample=f"{many.size}", met=each <= 0.2))
    combine.find(counts=many[:2])
    start = time.process_time()
    farrington.flexible(counts=many)
    middle = time.process_time()
    combine.find(counts=many)
    end = time.process_time()
    lines.append(f"| 193 × 15 × 520 weeks, Farrington flexible, s | {middle - start:.0f} | – | ≤ 90 |")
    lines.append(f"| the same, sudden and sustained, s | {end - middle:.0f} | – | ≤ 90 |")
    what = "sudden and sustained, 193 × 15 × 520 weeks, s"
    figures.append(_figure(what, "–", "≤ 90", f"{end - middle:.0f}", sample=f"{many.size}", met=end - middle <= 90))
    return lines


def _figure(what: str, anchor: str, target: str, reached: str, *, sample: str, met: bool | np.bool_) -> Figure:
    return Figure(what=what, anchor=anchor, target=target, reached=reached, sample=sample, met=bool(met))


def score_scenarios(seeds: int, repetitions: int, figures: list[Figure]) -> list[str]:
    """The 42 scenarios; thresholds of each method are set on other seeds, at equal false alarms."""
    path = SHARED / "noufaily" / "scenarios.csv"
    if not path.is_file():
        return ["The 42 scenarios were left out: ../shared/reference is not here."]
    with path.open(encoding="utf-8") as lines:
        parameters = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(lines)]
    names = ("Farrington flexible, R's mode", "harmonic-nb, one week", "sudden (matched window)", "combined")
    cuts: dict[tuple[str, float], float] = {}
    quiet: dict[str, list[Counts]] = {name: [] for name in names}
    for seed in range(TUNING_SEED + 100, TUNING_SEED + 100 + max(seeds, 2)):
        data = made.simulate(parameters=parameters, seed=seed, repetitions=repetitions)
        for name, p_value in _judge(data)(data.counts[:, made.SCORED_FROM :]).items():
            quiet[name].append(p_value)
    for name in names:
        for rate in RATES:
            cuts[name, rate] = float(np.quantile(np.concatenate(quiet[name]), rate))
    results: dict[tuple[str, float], list[Result]] = {key: [] for key in cuts}
    for seed in range(SCORED_SEED, SCORED_SEED + seeds):
        data = made.simulate(parameters=parameters, seed=seed, repetitions=repetitions)
        judge = _judge(data)
        plain = data.counts[:, made.SCORED_FROM :]
        calm = judge(plain)
        each = [judge(plain + added) for added in data.outbreaks]
        for (name, rate), cut in cuts.items():
            alarm = np.stack([one[name] for one in each]) < cut
            results[name, rate].append(_measure(calm[name] < cut, alarm, data.outbreaks > 0))
    return _table(names, {key: _join(value) for key, value in results.items()}, figures)


def _judge(data: made.Scenarios) -> Callable[[Counts], dict[str, Counts]]:
    """p-values of the scored weeks for other counts in them; base lines end before, but for Farrington's own week."""
    fit = farrington.regress(
        counts=data.counts, parameters=farrington.Parameters(), mode=Mode.R_1_20_3, first=made.SCORED_FROM
    )
    scored = slice(made.SCORED_FROM, made.WEEKS)
    fit = farrington.Fit(
        mean=fit.mean[:, scored],
        dispersion=fit.dispersion[:, scored],
        variance=fit.variance[:, scored],
        slope=fit.slope[:, scored],
        converged=fit.converged[:, scored],
    )
    baseline = harmonic.estimate(counts=data.counts, first=LEAD)
    law = harmonic.Baseline(
        mean=baseline.mean[:, LEAD:], dispersion=baseline.dispersion[:, LEAD:], variance=baseline.variance[:, LEAD:]
    )
    sparse = scan.scan(counts=data.counts).baseline
    lead = harmonic.Baseline(
        mean=sparse.mean[:, LEAD:], dispersion=sparse.dispersion[:, LEAD:], variance=sparse.variance[:, LEAD:]
    )
    skip = made.SCORED_FROM - LEAD

    def judge(counts: Counts) -> dict[str, Counts]:
        flexible = farrington.judge(counts=counts, fit=fit, parameters=farrington.Parameters())
        longer = np.concatenate([data.counts[:, LEAD : made.SCORED_FROM], counts], axis=1)
        surge = combine.judge(counts=longer, baseline=law, sparse=lead)
        return {
            "Farrington flexible, R's mode": flexible.p_value,
            "harmonic-nb, one week": harmonic.judge(counts=longer, baseline=law, alpha=0.01).p_value[:, skip:],
            "sudden (matched window)": surge.sudden[:, skip:],
            "combined": surge.combined[:, skip:],
        }

    return judge


def _measure(calm: Flags, alarm: Flags, cases: Flags) -> Result:
    """An outbreak's weeks run from its first case to its last; false alarms are those of the series without it."""
    has = cases.any(axis=2)
    first = cases.argmax(axis=2)
    last = cases.shape[2] - 1 - cases[:, :, ::-1].argmax(axis=2)
    week = np.arange(cases.shape[2])
    during = (week >= first[..., None]) & (week <= last[..., None]) & has[..., None]
    hit = alarm & during
    in_first = np.take_along_axis(alarm, first[..., None], axis=2)[..., 0]
    outside = alarm & ~during
    return Result(
        found=np.where(has, hit.any(axis=2), np.nan).mean(axis=0),
        weeks=hit.sum(axis=(0, 2)) / np.maximum(during.sum(axis=(0, 2)), 1),
        first=in_first.mean(axis=0),
        false=calm.mean(axis=1),
        after=outside.sum(axis=(0, 2)) / (~during).sum(axis=(0, 2)),
        by_size=hit.any(axis=2).mean(axis=1),
    )


def _join(results: list[Result]) -> Result:
    return Result(
        found=np.concatenate([one.found for one in results]),
        weeks=np.concatenate([one.weeks for one in results]),
        first=np.concatenate([one.first for one in results]),
        false=np.concatenate([one.false for one in results]),
        after=np.concatenate([one.after for one in results]),
        by_size=np.mean([one.by_size for one in results], axis=0),
    )


def _table(names: tuple[str, ...], results: dict[tuple[str, float], Result], figures: list[Figure]) -> list[str]:
    anchors = {0.005: ("R .408 / .180", "limit .571 / .444", "target .514 / .400")}
    anchors[0.0128] = ("R .553 / .266", "limit .653 / .530", "target .588 / .477")
    lines = []
    rng = np.random.default_rng(7)
    for rate in RATES:
        lines += [
            f"At a false-alarm rate of {rate} (POD / sensitivity: {', '.join(anchors[rate])}):",
            "",
            "| method | false alarms | POD | sensitivity | in the first week "
            "| alarms outside the outbreak | POD for k = 1 … 10 |",
            "|---|---|---|---|---|---|---|",
        ]
        base = results[names[0], rate]
        for name in names:
            one = results[name, rate]
            sample = rng.integers(0, len(one.found), (RESAMPLES, len(one.found)))
            cells = [f"{one.false.mean():.4f}"]
            cells += [_interval(values, sample) for values in (one.found, one.weeks, one.first)]
            cells += [
                f"{one.after.mean():.4f}",
                " ".join(f"{value:.2f}"[1:] for value in np.minimum(one.by_size, 0.99)),
            ]
            lines.append(f"| {name} | {' | '.join(cells)} |")
            if name == "sudden (matched window)":
                difference = (one.first - base.first)[sample].mean(axis=1)
                low, high = np.quantile(difference, (0.025, 0.975))
                gain = f"{(one.first - base.first).mean():+.3f} ({low:+.3f} to {high:+.3f})"
                said = f"{len(one.found)} series, {len(one.found) * len(made.SIZES)} outbreaks"
                at = f"42 scenarios, false alarms {rate}"
                for word, values, least, anchor in (
                    ("POD", one.found, LEAST_FOUND[rate], ANCHORS[rate][0]),
                    ("sensitivity", one.weeks, LEAST_WEEKS[rate], ANCHORS[rate][1]),
                ):
                    reached = _interval(values, sample)
                    met = np.nanmean(values) >= least
                    figures.append(
                        _figure(f"{at}: {word}", f"R {anchor:.3f}", f"≥ {least:.3f}", reached, sample=said, met=met)
                    )
                # No worse: the interval reaches zero.
                figures.append(
                    _figure(f"{at}: first week less R's method", "0", "no worse", gain, sample=said, met=high >= 0)
                )
        lines += ["", f"First week, sudden less Farrington flexible, paired over series: {gain}.", ""]
    lines.append(f"{len(base.found)} series, {len(base.found) * len(made.SIZES)} outbreaks.")
    return lines


def _interval(values: Counts, sample: NDArray[np.int64]) -> str:
    known = values[sample]
    low, high = np.quantile(np.nanmean(known, axis=1), (0.025, 0.975))
    return f"{np.nanmean(values):.3f} ({low:.3f}–{high:.3f})"


def score_sparse(seeds: int, figures: list[Figure]) -> list[str]:
    """Sparse series at a false-alarm rate of .01: one rate, several rates, and rises that clump."""
    lines = [
        f"Sparse series, {seeds} × {SPARSE_SERIES}, false-alarm rate .01 (anchors: flexible with its rule POD .410, "
        "AUC .667, without .646, .828; scan AUC .951; target POD ≥ .70 and AUC ≥ .95):",
        "",
        "| series | method | false alarms | POD | AUC |",
        "|---|---|---|---|---|",
    ]
    kinds = (
        ("one rate, .24", (0.24,), 0.85, False),
        ("rates .06 to .54", (0.06, 0.12, 0.24, 0.54), 0.79, False),
        ("one rate, rises clump", (0.24,), 0.85, True),
    )
    for title, rates, empty, clumped in kinds:
        tuned = made.sparse(seed=TUNING_SEED + 200, series=SPARSE_SERIES, rates=rates, empty=empty, clumped=clumped)
        held = [
            made.sparse(seed=SCORED_SEED + 300 + at, series=SPARSE_SERIES, rates=rates, empty=empty, clumped=clumped)
            for at in range(seeds)
        ]
        for name, score in (("Farrington flexible", _flexible_sparse), ("sustained (scan)", _scan_sparse)):
            cut = float(np.quantile(score(tuned.quiet), 0.01))
            cells = _sparse_cells([_Judged.of(one, score) for one in held], cut)
            lines.append(f"| {title} | {name} | {cells.false:.4f} | {cells.found} | {cells.area:.3f} |")
            if name.startswith("sustained"):
                said = f"{len(held) * SPARSE_SERIES} series"
                aimed = title.startswith("one rate") and not clumped
                for word, number, least, reached, anchor in (
                    ("POD", cells.pod, 0.70, cells.found, "R .646"),
                    ("AUC", cells.area, 0.95, f"{cells.area:.3f}", "R .828, scan .951"),
                ):
                    one = _figure(
                        f"sparse series, {title}, false alarms .01: {word}",
                        anchor if aimed else "–",
                        f"≥ {least:.2f}" if aimed else "–",
                        reached,
                        sample=said,
                        met=number >= least,
                    )
                    figures.append(one if aimed else replace(one, met=None))
        if not clumped:
            limits = [_Judged.of(one, partial(_limit_sparse, rate=one.rate, empty=empty)) for one in (tuned, *held)]
            cells = _sparse_cells(limits[1:], float(np.quantile(limits[0].quiet, 0.01)))
            name = "limit: rate and laws known"
            lines.append(f"| {title} | {name} | {cells.false:.4f} | {cells.found} | {cells.area:.3f} |")
            many = made.sparse(seed=TUNING_SEED + 201, series=20 * SPARSE_SERIES, rates=rates, empty=empty)
            learnt = _learn_sparse(many)
            lines.append(f"| {title} | scan, recalibrated by stratum | {_by_stratum(held, learnt)} | | |")
    return lines


def score_calibration(figures: list[Figure]) -> list[str]:
    """False alarms of quiet series that were not drawn for the tails, at .01, by expected count."""
    counts = made.calm(seed=SCORED_SEED + 500, series=2_000, weeks=468)
    found = combine.find(counts=counts)
    stratum = np.digitize(found.law.mean, calibration.MEANS)[:, 104:]
    edges = ["0", *(f"{edge:g}" for edge in calibration.MEANS), "more"]
    names = [f"{low}–{high}" for low, high in itertools.pairwise(edges)]
    lines = [
        "False alarms on 2,000 fresh quiet series at a nominal .01, by expected events a week (target .008 to .012):",
        "",
        f"| | {' | '.join(names)} |",
        "|---" * (len(names) + 1) + "|",
    ]
    for name, p_value in (("sudden", found.sudden), ("sustained", found.sustained), ("combined", found.combined)):
        alarm = p_value[:, 104:] <= 0.01
        shares = [float(alarm[stratum == at].mean()) for at in range(len(names))]
        lines.append(f"| {name} | {' | '.join(f'{share:.4f}' for share in shares)} |")
        figures.append(
            _figure(
                f"{name}: false alarms at .01 over {len(names)} strata of rate, least and most",
                "–",
                ".008–.012",
                f"{min(shares):.4f}–{max(shares):.4f}",
                sample=f"{len(counts)} series",
                met=min(shares) >= 0.008 and max(shares) <= 0.012,
            )
        )
    return lines


def _flexible_sparse(counts: Counts) -> Counts:
    first = made.SPARSE_WEEKS[0] - made.SPARSE_WEEKS[1]
    return farrington.flexible(counts=counts, mode=Mode.R_1_20_3, first=first).p_value[:, first:]


def _scan_sparse(counts: Counts) -> Counts:
    first = made.SPARSE_WEEKS[0] - made.SPARSE_WEEKS[1]
    return -scan.scan(counts=counts).log_ratio[:, first:]


def _limit_sparse(counts: Counts, *, rate: Counts, empty: float) -> Counts:
    """The scan's windows with each series' true rate and law, and the rises' own law and sizes: what could be known."""
    first = made.SPARSE_WEEKS[0] - made.SPARSE_WEEKS[1]
    mean = rate[:, None]
    free = mean / (1 - empty)
    quiet = np.log(np.where(counts == 0, empty, 0.0) + (1 - empty) * np.exp(counts * np.log(free) - free))
    total = np.zeros(counts.shape)
    for factor in made.SPARSE_FACTORS:
        ratio = np.cumsum(counts * np.log(factor * mean) - factor * mean - quiet, axis=1)
        for longest, weight in enumerate(scan.WINDOWS, start=1):
            last = ratio.copy()
            last[:, longest:] -= ratio[:, :-longest]
            total += weight * np.exp(last)
    return -np.log(total)[:, first:]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """Scores of the scored weeks of sparse series without and with their rise; smaller is more unusual."""

    quiet: Counts
    risen: Counts
    rise: Flags

    @classmethod
    def of(cls, held: made.Sparse, score: Score) -> "_Judged":
        first = made.SPARSE_WEEKS[0] - made.SPARSE_WEEKS[1]
        return cls(quiet=score(held.quiet), risen=score(held.risen), rise=held.rise[:, first:])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """Share of false alarms, POD with and without its interval, area under the curve."""

    false: float
    found: str
    pod: float
    area: float


def _sparse_cells(held: list[_Judged], cut: float) -> _Cells:
    false, found, area = [], [], []
    for one in held:
        false.append((one.quiet <= cut).mean())
        found.append(((one.risen <= cut) & one.rise).any(axis=1))
        best = [np.where(one.rise, values, np.inf).min(axis=1) for values in (one.quiet, one.risen)]
        area.append(_area(-best[1], -best[0]))
    pods = np.concatenate(found)
    sample = np.random.default_rng(7).integers(0, len(pods), (RESAMPLES, len(pods)))
    said = _interval(pods.astype(np.float64), sample)
    return _Cells(false=float(np.mean(false)), found=said, pod=float(pods.mean()), area=float(np.mean(area)))


def _area(high: Counts, low: Counts) -> float:
    """Chance that a rise scores above the same weeks without it; ties count half."""
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, side="left") + np.searchsorted(ordered, high, side="right")
    return float(below.mean() / 2 / len(low))


def _strata_of(counts: Counts) -> tuple[Counts, NDArray[np.int64]]:
    first = made.SPARSE_WEEKS[0] - made.SPARSE_WEEKS[1]
    found = scan.scan(counts=counts)
    return found.log_ratio[:, first:], np.digitize(found.baseline.mean[:, first:], scan.STRATA)


def _learn_sparse(tuned: made.Sparse) -> calibration.Calibration:
    score, stratum = _strata_of(tuned.quiet)
    return calibration.learn(score=score, stratum=stratum)


def _by_stratum(held: list[made.Sparse], learnt: calibration.Calibration) -> str:
    alarms: dict[int, list[float]] = {}
    for one in held:
        score, stratum = _strata_of(one.quiet)
        alarm = calibration.p_values(score=score, stratum=stratum, calibration=learnt) <= 0.01
        for number in learnt:
            alarms.setdefault(number, []).append(float(alarm[stratum == number].mean()))
    return ", ".join(f"{np.nanmean(values):.4f}" for _, values in sorted(alarms.items()))


if __name__ == "__main__":
    main()
