"""Score all States and territories when the week's signals are in.

The issue's `as_of` comes with the asset `signals` and goes on with `scores`; this run's own clock is never read.

Triage: clear the task; scores of one issue are replaced as a whole, so a rerun is safe. If the warehouse is held,
another task or `horizon` command has it: wait for that one. Anything else: `horizon doctor`.
"""

from typing import Any

import pendulum
from airflow.sdk import DAG, Asset, task

from dags.failure import each_task
from domain.window import Week

SCORES = Asset("scores")


@task(pool="warehouse", outlets=[SCORES])
def score(triggering_asset_events: Any = None, dag_run: Any = None, outlet_events: Any = None) -> None:
    from horizon import stages

    as_of = stages.as_of(triggering_asset_events, dag_run)
    stages.score(as_of=as_of)
    outlet_events[SCORES].extra = {"issue": str(Week.last_complete(as_of)), "as_of": as_of.isoformat()}


with DAG(
    dag_id="score",
    schedule=[Asset("signals")],
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["score"],
    default_args=each_task(),
):
    score()
