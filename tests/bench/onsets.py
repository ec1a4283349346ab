"""Would the scores have warned of onsets? On ten years of UCDP's State-months, from everything recorded together.

`python tests/bench/onsets.py` prints; `--write docs/evaluation.md` writes between that page's marks. The same as
`horizon backtest` at three and at six months, and the ledger: warnings as they could have been made on the day on which
the month was public, scored at 30, 90 and 180 days beside the two naive base lines.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from horizon.commands.backtest import RECORDED, Case, Scored, load_recorded, score, tell
from scoring import evaluate, onsets

sys.path.insert(0, str(Path(__file__).resolve().parent))
from nowcast import put

ALERTS = 10
YEARS = 10
PUBLIC_ON = 21  # day of the next month on which a month's counts are usually public
TARGETS = "Targets: pooled ≥ .92, within States ≥ .75, recall ≥ .70."


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", type=Path, help="write the tables into this page, between their marks")
    asked = arguments.parse_args()
    lines: list[str] = []
    for months in (3, 6):
        case = load_recorded(RECORDED, definition=onsets.Definition(months=months))
        first = len(case.panel.months) - 12 * YEARS
        scored = score(case, first=first, alerts=ALERTS)
        lines += [f"### Within {months} months", ""]
        for line in tell(case, scored, first=first, alerts=ALERTS):
            # In Markdown each miss is an item, or they would run together.
            lines += [f"- {line}" if line.startswith("Missed") else line]
            if line.startswith("Episodes"):
                lines.append("")
        lines += ["", TARGETS, "", *recent(case, scored), ""]
        if months == 3:
            lines += [*ledger(case, scored[-1], first=first), ""]
    print("\n".join(lines))  # noqa: T201  (a bench prints)
    if asked.write:
        put(asked.write, "onsets", lines[:-1])


def recent(case: Case, scored: Sequence[Scored]) -> list[str]:
    """The months that a vintage reaches alone: final data beside data as published, the same model."""
    rows = sorted(row for row in case.published if case.truth.eligible[row].any())
    lines = [
        f"Only the {len(rows)} months that a vintage reaches:",
        "",
        "| score | onset months | AUROC pooled | within States | recall |",
        "|---|---|---|---|---|",
    ]
    for one in scored[-2:]:
        found = evaluate.measure(
            score=one.score[rows], truth=case.truth.onset[rows], eligible=case.truth.eligible[rows], each_period=ALERTS
        )
        cells = (found.pooled.value, found.within.value, found.recall.value)
        said = " | ".join("–" if cell is None else f"{cell:.3f}" for cell in cells)
        lines.append(f"| {one.name} | {found.positives} | {said} |")
    return lines


def ledger(case: Case, best: Scored, *, first: int) -> list[str]:
    """Warnings with their horizons, made on the day on which the month was public."""
    states, months = case.panel.states, case.panel.months
    events = [
        evaluate.Event(state=states[run.column], began_on=date.fromisoformat(f"{months[run.broke_out]}-01"))
        for run in onsets.find_episodes(truth=case.truth, begun=case.begun, definition=case.definition)
    ]
    end = date.fromisoformat(f"{months[-1]}-28")
    start = date.fromisoformat(f"{months[first]}-01")
    watched = [evaluate.Watched(state=state, first=start, last=end) for state in states]
    share = evaluate.alert(
        score=best.score, truth=case.truth.onset, eligible=case.truth.eligible, each_period=ALERTS
    ).share
    days = [_public(months[row]) for row in range(first, len(months)) if case.truth.eligible[row].any()]
    lines = [
        "The ledger: warnings made on the day on which the month was public, events dated to the first day of the "
        "month in which they broke out.",
        "",
        "| horizon | who warns | hits | false alarms | cannot be known | events found | misses | precision | recall | "
        "median lead, days |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for horizon in evaluate.HORIZONS:
        model = [
            evaluate.Warned(state=states[column], made_on=_public(months[row]), horizon_days=horizon)
            for row, column in np.argwhere(share >= 0.5)
            if row >= first
        ]
        naive = evaluate.warn_of_last(days=days, events=events, horizon_days=horizon)
        often = evaluate.warn_of_most_frequent(days=days, events=events, horizon_days=horizon, each_day=ALERTS)
        for name, warnings in (("model", model), ("what was, will be", naive), ("most frequent so far", often)):
            found = evaluate.tally(
                evaluate.score_warnings(warnings=warnings, events=events, watched=watched, as_of=end),
                horizon_days=horizon,
            )
            rates = " | ".join("–" if one is None else f"{one:.3f}" for one in (found.precision, found.recall))
            lead = "–" if found.median_lead_days is None else f"{found.median_lead_days:.0f}"
            lines.append(
                f"| {horizon} | {name} | {found.hits} | {found.false_alarms} | {found.unknown} | "
                f"{found.events_found} | {found.misses} | {rates} | {lead} |"
            )
    return lines


def _public(month: np.datetime64) -> date:
    return date.fromisoformat(f"{month + 1}-{PUBLIC_ON}")


if __name__ == "__main__":
    main()
