"""The retention timer of the roster: once a day, records past the day that they may be kept are erased.

Counts stay and the erasure stands in the access log, under the name of the timer. A replayed week erases nobody.

Triage: clear the task; a rerun erases what is still due and nothing twice. "The key cannot be used": restore var/keys
from the sealed copy. `horizon roster erase --overdue` does the same by hand.
"""

import pendulum
from airflow.sdk import DAG, task

from dags.failure import each_task


@task
def erase_overdue() -> int:
    from horizon.commands import roster
    from horizon.settings import load_settings

    settings = load_settings()
    return roster.erase_overdue(settings) if settings.live else 0


with DAG(
    dag_id="roster_retention",
    schedule="@daily",
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    tags=["roster"],
    default_args=each_task(),
):
    erase_overdue()
