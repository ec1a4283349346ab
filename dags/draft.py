"""Draft the regional scans and the Bureau page from the scores. Drafts only: a person approves, nothing leaves.

The issue's `as_of` comes with the asset `scores`. What the task hands back are paths and one line a region, all
from public rows: anyone who may open Airflow can read them.

Triage: clear the task; a rerun with the same scores writes the same bytes. If a page was refused, the error names
the claim that has no root: correct the row, score again, never the template. Anything else: `horizon doctor`.
"""

from typing import Any

import pendulum
from airflow.sdk import DAG, Asset, task

from dags.failure import each_task


@task(pool="warehouse")
def draft(triggering_asset_events: Any = None, dag_run: Any = None) -> dict[str, list[str]]:
    from horizon import stages

    drafted = stages.draft(as_of=stages.as_of(triggering_asset_events, dag_run))
    played = f"{drafted.real_cards} of {drafted.cards} cards ran on real payloads"
    return {"paths": [str(path) for path in drafted.paths], "lines": [*drafted.summary, played]}


with DAG(
    dag_id="draft",
    schedule=[Asset("scores")],
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["draft"],
    default_args=each_task(),
):
    draft()
