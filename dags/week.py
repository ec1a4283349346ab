"""The weekly run in one process: `python -m dags.week [--as-of T]`, which `make brief` calls.

The DAGs that the scheduler runs, in the order of their assets. Progress goes to standard error, results to standard
output, Airflow's own words to var/log/week.log.
"""

import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from time import monotonic

from rich.console import Console

from dags.screen import aside
from domain.errors import HorizonError
from horizon.settings import load_settings

ORDER = ("collect_daily", "collect_monthly", "collect_weekly", "score", "draft")


def run_week(as_of: datetime | None, log: Path, console: Console) -> dict[str, list[str]]:
    """Run every stage and give what `draft` made; `as_of` None is a live week, whose load fixes it."""
    console.print("Starting Airflow …")
    from dags.metadata import prepare, register
    from dags.single import run

    prepare()
    dags = register(live=False)
    conf = {"as_of": as_of.isoformat()} if as_of else {}
    for dag_id in ORDER:
        begun = monotonic()
        done = run(dags[dag_id], as_of=as_of, conf=conf, log=log)
        console.print(f"[green]✓[/] {dag_id:<16} {len(done.given):>2} tasks {monotonic() - begun:5.1f} s")
        for task_id in done.failed:
            console.print(f"[yellow]![/] {task_id} failed; the brief names it as a source failure")
        if "load" in done.given:
            as_of = datetime.fromisoformat(done.given["load"])
    return dict(done.given["draft"])


def main() -> int:
    settings = load_settings()
    parser = ArgumentParser(prog="python -m dags.week", description="Run the week through Airflow, in one process.")
    parser.add_argument("--as-of", type=datetime.fromisoformat, default=settings.as_of, help="end of the week, UTC")
    asked = parser.parse_args()
    with aside(log := settings.var / "log" / "week.log") as (out, err):
        console = Console(file=err, highlight=False)
        try:
            made = run_week(asked.as_of, log, console)
        except HorizonError as error:
            console.print(str(error), style="red", markup=False)
            return error.exit_code
        print(*made["paths"], "", *made["lines"], sep="\n", file=out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
