"""Draft alerts when scores are in, and send what people approved.

`alert_draft` writes drafts that wait for a named approver; `alert_send` runs every ten minutes: digests, escalations,
retries, and a technical notice when a scored issue has no pages after two hours. A replayed week alerts nobody, and
without `dry_run = false` in var/alerts/channels.toml nothing leaves.

Triage: clear the task; a rerun drafts the same and never sends twice. `horizon alerts` shows each message to each
person, `horizon alerts dead` what needs a person. "Another process is sending": let it finish.
"""

from typing import Any

import pendulum
from airflow.sdk import DAG, Asset, task

from dags.failure import each_task


@task(pool="warehouse")
def draft_alerts(triggering_asset_events: Any = None, dag_run: Any = None) -> int:
    from horizon import alerting, stages
    from horizon.settings import load_settings

    settings = load_settings()
    if not settings.live:
        return 0
    as_of = stages.as_of(triggering_asset_events, dag_run)
    return len(alerting.draft_alerts(as_of=as_of, settings=settings))


@task
def send_alerts() -> str:
    from horizon import alerting
    from horizon.settings import load_settings

    settings = load_settings()
    if not settings.live:
        return "a replayed week alerts nobody"
    alerting.watch_drafts(settings)
    sent = alerting.send(settings=settings)
    return sent.report.line() if sent.report else f"dry run: {sent.due} due"


COMMON: dict[str, Any] = {
    "start_date": pendulum.datetime(2020, 1, 1, tz="UTC"), "catchup": False, "max_active_runs": 1,
    "doc_md": __doc__, "tags": ["alert"], "default_args": each_task(),
}  # fmt: skip

with DAG(dag_id="alert_draft", schedule=[Asset("scores")], **COMMON):
    draft_alerts()

with DAG(dag_id="alert_send", schedule="*/10 * * * *", **COMMON):
    send_alerts()
