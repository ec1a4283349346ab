"""One run of one DAG in this process, without a scheduler, and what its tasks gave back."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.sdk import DAG

from domain.errors import HorizonError


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """`given` holds each finished task's value by its id; `failed` names tasks whose failure did not end the run."""

    given: dict[str, Any]
    failed: tuple[str, ...]


def run(dag: DAG, *, as_of: datetime | None, conf: dict[str, str], log: Path) -> Done:
    """Run it as of that instant; without a logical date, the same week can be run again and again."""
    done = dag.test(run_after=as_of, logical_date=None, run_conf=conf)
    tasks = done.get_task_instances()
    failed = tuple(sorted(ti.task_id for ti in tasks if ti.state == "failed"))
    if done.state != "success":
        raise HorizonError(
            f"The run of {dag.dag_id} failed at: {', '.join(failed) or 'no task'}.",
            why=f"The task's own words are in {log}; the last lines say most.",
            do=" ".join((dag.doc_md or "").partition("Triage:")[2].split()),
        )
    given = {ti.task_id: ti.xcom_pull(task_ids=ti.task_id) for ti in tasks if ti.state == "success"}
    return Done(given=given, failed=failed)
