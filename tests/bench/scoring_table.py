"""Figures of scoring in one table: what, its anchor, its target, and what was reached, with interval and sample size.

`python -m tests.bench.scoring_table --run --json FOLDER --write docs/method.md` runs the benches of `make
bench-scoring`, each of which leaves its figures in FOLDER, and writes the table between that page's marks. Without
`--run` it makes the table of what lies there. Options it does not know (`--seeds 10 --repetitions 100`) go to the
detectors' bench. A bench that left nothing is named, not passed over.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from horizon.commands.backtest import RECORDED, load_recorded, score
from scoring import evaluate, onsets

sys.path.insert(0, str(Path(__file__).resolve().parent))
from figures import Figure, leave

ROOT = Path(__file__).resolve().parents[2]
ALERTS, YEARS = 10, 10  # as in the onsets' bench
BENCHES = ("detectors", "nowcast", "onsets")
ANCHORS_OF_ONSETS = {3: (".871", ".624", ".48"), 6: (".884", ".608", ".49")}  # a logit of five trivial numbers
# What a figure cannot say is held by tests, on every row and every case.
HELD = (
    (
        "parity with R 1.20.3 on the 44 reference series, index and Date based",
        "every alarm equal; bounds ≤ 1e-8",
        "tests/scoring/test_parity_with_r.py: every alarm of 234,874 rows equal, bounds to 1.5e-10, no exception",
    ),
    (
        "volume attack: ten times the reports of the same events; a crisis in which both grow",
        "no situation rises; the crisis is not explained away",
        "tests/scoring/test_golden_cases.py, cases 10, 10b and 10c on the whole engine",
    ),
    ("the swap of State identities", "identical results", "tests/test_swap.py over the whole run, every row"),
)
OPENING, CLOSING = "<!-- figures -->", "<!-- end of figures -->"


def collect(folder: Path) -> list[str]:
    """The table of all figures in the folder, in the order of the benches."""
    lines = ["| what | anchor | target | reached (95 % interval; sample) |", "|---|---|---|---|"]
    absent = []
    for bench in BENCHES:
        path = folder / f"{bench}.json"
        if not path.is_file():
            absent.append(bench)
            continue
        for row in json.loads(path.read_text("utf-8")):
            one = Figure(**row)
            verdict = {True: "", False: " – **missed**", None: ""}[one.met]
            sample = f"; {one.sample}" if one.sample else ""
            lines.append(f"| {one.what} | {one.anchor} | {one.target} | {one.reached}{sample}{verdict} |")
    lines += [f"| {what} | – | {target} | {held} |" for what, target, held in HELD]
    if absent:
        lines += ["", f"Left no figures: {', '.join(absent)}."]
    return lines


def judge_onsets() -> list[Figure]:
    """The onsets' bench prints and writes its page; its figures for the table are taken from the same back-test."""
    figures = []
    for months, anchors in ANCHORS_OF_ONSETS.items():
        case = load_recorded(RECORDED, definition=onsets.Definition(months=months))
        best = score(case, first=len(case.panel.months) - 12 * YEARS, alerts=ALERTS)[-1].figures
        rows: tuple[tuple[str, evaluate.Interval, float], ...] = (
            ("AUROC, pooled", best.pooled, 0.92),
            ("AUROC within States", best.within, 0.75),
            (f"recall at {ALERTS} alerts a month", best.recall, 0.70),
        )
        for (what, found, least), anchor in zip(rows, anchors, strict=True):
            bounds = "" if found.low is None or found.high is None else f" ({found.low:.3f}–{found.high:.3f})"
            figures.append(
                Figure(
                    what=f"onsets within {months} months, as published: {what}",
                    anchor=anchor,
                    target=f"≥ {least:.2f}",
                    reached="–" if found.value is None else f"{found.value:.3f}{bounds}",
                    sample=f"{best.positives} onset months of {best.cells}; 90 % interval",
                    met=found.value is not None and found.value >= least,
                )
            )
    return figures


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path, required=True, help="folder of the benches' figures")
    arguments.add_argument("--run", action="store_true", help="run the benches first")
    arguments.add_argument("--write", type=Path, help="write the table into this page, between its marks")
    asked, passed_on = arguments.parse_known_args()
    failed = []
    if passed_on and not asked.run:
        arguments.error(f"without --run nothing takes {' '.join(passed_on)}")
    if asked.run:
        for bench in BENCHES:
            # What an earlier run left must not stand for a bench that stops now.
            (asked.json / f"{bench}.json").unlink(missing_ok=True)
            if bench == "onsets":
                leave(asked.json, bench=bench, figures=judge_onsets())
                continue
            command = [sys.executable, "-m", f"tests.bench.{bench}", "--json", str(asked.json.resolve())]
            command += passed_on if bench == "detectors" else []
            if subprocess.run(command, cwd=ROOT, check=False).returncode:
                failed.append(bench)
    lines = collect(asked.json)
    print("\n".join(lines))  # noqa: T201  (a bench prints)
    if asked.write:
        before, opening, rest = asked.write.read_text("utf-8").partition(OPENING)
        _, closing, after = rest.partition(CLOSING)
        if not opening or not closing:
            arguments.error(f"{asked.write} lacks the marks {OPENING} and {CLOSING}")
        text = f"{before}{OPENING}\n" + "\n".join(lines) + f"\n{CLOSING}{after}"
        asked.write.write_text(text, "utf-8")
    if failed:
        sys.exit(f"stopped before its end: {', '.join(failed)}")


if __name__ == "__main__":
    main()
