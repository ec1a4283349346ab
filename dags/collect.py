"""Collect every source on its own cadence, then load what arrived.

One task a card, so that one failed source is retried alone and stops nobody. Every cadence loads what it collected;
only the weekly load opens an issue, after Monday's other runs: an issue has one `as_of`, fixed there and sent on
with the asset `signals`. A past week is replayed with the run configuration `{"as_of": "2024-01-29T00:00+00:00"}`.

Triage: clear the failed source's task alone; meanwhile the brief names it as a source failure. If `load` failed
because the warehouse is held, wait and clear it; otherwise run `horizon doctor`. Loading twice changes nothing.
"""

from datetime import datetime
from typing import Any

import pendulum
from airflow.sdk import DAG, Asset, TriggerRule, task

from dags.failure import each_task
from domain.source import Cadence, load_cards
from horizon.settings import load_settings

SETTINGS = load_settings()
CARDS = load_cards(SETTINGS.cards)
SIGNALS = Asset("signals")
SCHEDULES = {Cadence.DAILY: "5 0 * * *", Cadence.MONTHLY: "35 0 1 * *", Cadence.WEEKLY: "5 6 * * 1"}


@task
def collect(source_id: str) -> str:
    from horizon import stages

    return stages.collect(source_id)


@task(pool="warehouse", trigger_rule=TriggerRule.ALL_DONE)
def load(dag_run: Any = None, outlet_events: Any = None) -> str:
    from horizon import stages

    given = (dag_run.conf or {}).get("as_of")
    loaded = stages.load(as_of=datetime.fromisoformat(given) if given else None)
    if SIGNALS in outlet_events:
        outlet_events[SIGNALS].extra = {"issue": loaded.issue, "as_of": loaded.as_of.isoformat()}
    return loaded.as_of.isoformat()


for cadence, schedule in SCHEDULES.items():
    with DAG(
        dag_id=f"collect_{cadence}",
        schedule=schedule,
        start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
        catchup=False,
        max_active_runs=1,
        doc_md=__doc__,
        tags=["collect"],
        default_args=each_task(),
    ):
        sources = [collect.override(task_id=card.id)(card.id) for card in CARDS if card.cadence is cadence]
        sources >> load.override(outlets=[SIGNALS] if cadence is Cadence.WEEKLY else [])()
