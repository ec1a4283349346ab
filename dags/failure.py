"""How often a task is tried, and what a failed one tells the person who opens its log."""

import logging
from datetime import timedelta
from typing import Any

from horizon.settings import load_settings

log = logging.getLogger(__name__)


def each_task() -> dict[str, Any]:
    """Default arguments of every task. A replayed week neither retries nor waits: its payloads will not change."""
    settings = load_settings()
    return {
        "retries": settings.retries,
        "retry_delay": timedelta(seconds=settings.retry_delay_seconds),
        "on_failure_callback": say_what_to_do,
    }


def say_what_to_do(context: Any) -> None:
    """Write the DAG's triage note and the exact command under the error, where a person looks first."""
    ti = context["ti"]
    note = " ".join((context["dag"].doc_md or "").partition("Triage:")[2].split())
    log.error("%s.%s failed: %s", ti.dag_id, ti.task_id, context.get("exception"))
    log.error("What to do: %s", note)
    log.error("To run it again: airflow tasks clear --yes --task-regex '^%s$' %s", ti.task_id, ti.dag_id)
