"""How often a task is tried, what a failed one tells the person who opens its log, and whom it tells at once."""

import logging
from datetime import timedelta
from typing import Any

from horizon.settings import load_settings

log = logging.getLogger(__name__)
# Without these an issue has no pages. A source that failed is no failure of the run: the brief says so.
PAGES = frozenset({"collect_weekly.load", "score.score", "draft.draft"})


def each_task() -> dict[str, Any]:
    """Default arguments of every task. A replayed week neither retries nor waits: its payloads will not change."""
    settings = load_settings()
    return {
        "retries": settings.retries,
        "retry_delay": timedelta(seconds=settings.retry_delay_seconds),
        "on_failure_callback": [say_what_to_do, tell_operators],
    }


def say_what_to_do(context: Any) -> None:
    """Write the DAG's triage note and the exact command under the error, where a person looks first."""
    ti = context["ti"]
    note = " ".join((context["dag"].doc_md or "").partition("Triage:")[2].split())
    log.error("%s.%s failed: %s", ti.dag_id, ti.task_id, context.get("exception"))
    log.error("What to do: %s", note)
    log.error("To run it again: airflow tasks clear --yes --task-regex '^%s$' %s", ti.task_id, ti.dag_id)


def tell_operators(context: Any) -> None:
    """Send operators a technical notice now, which needs no approver. A replayed week tells nobody."""
    step = f"{context['ti'].dag_id}.{context['ti'].task_id}"
    settings = load_settings()
    if step not in PAGES or not settings.live:
        return
    from horizon import alerting, stages

    as_of = stages.as_of(context.get("triggering_asset_events"), context.get("dag_run"))
    sort = type(context.get("exception")).__name__
    log.error("Operators: %s", alerting.tell_broken_run(as_of=as_of, step=step, sort=sort, settings=settings))
