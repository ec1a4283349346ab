"""Figures of scoring in one table: what, its anchor, its target, and what was reached, with interval and sample size.

`python -m tests.bench.scoring_table --run --json FOLDER --write docs/method.md` runs the benches of `make
bench-scoring`, each of which leaves its figures in FOLDER, and writes the table between that page's marks. Without
`--run` it makes the table of what lies there. A bench that left nothing is named, not passed over.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCHES = ("detectors", "nowcast", "onsets")
OPENING, CLOSING = "<!-- figures -->", "<!-- end of figures -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure in words for the page; `met` is None where there is no target to meet."""

    what: str
    anchor: str
    target: str
    reached: str
    sample: str
    met: bool | None


def leave(folder: Path, *, bench: str, figures: Sequence[Figure]) -> None:
    """Write a bench's figures for the table."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(one) for one in figures], ensure_ascii=False, indent=1)
    (folder / f"{bench}.json").write_text(text + "\n", "utf-8")


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
    if absent:
        lines += ["", f"Left no figures: {', '.join(absent)}."]
    return lines


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path, required=True, help="folder of the benches' figures")
    arguments.add_argument("--run", action="store_true", help="run the benches first")
    arguments.add_argument("--write", type=Path, help="write the table into this page, between its marks")
    asked, passed_on = arguments.parse_known_args()
    failed = []
    if asked.run:
        for bench in BENCHES:
            # What an earlier run left must not stand for a bench that stops now.
            (asked.json / f"{bench}.json").unlink(missing_ok=True)
            command = [sys.executable, "-m", f"tests.bench.{bench}", "--json", str(asked.json)]
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
