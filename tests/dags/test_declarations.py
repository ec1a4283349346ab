"""What the DAG files declare, read as Airflow reads them."""

import subprocess
import sys
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import Asset

from dags.failure import say_what_to_do
from domain.source import Cadence, load_cards
from horizon.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
CARDS = load_cards(load_settings().cards)
ROOMS = ("dags", "domain", "collectors", "warehouse", "scoring", "briefs", "review", "alerts", "horizon")


@pytest.fixture(scope="module")
def dags():
    bag = DagBag(dag_folder=str(ROOT / "dags"))
    assert bag.import_errors == {}
    return bag.dags


def test_the_dags_are_one_for_each_cadence_then_score_then_draft_alerts_and_the_roster(dags):
    cadences = ["collect_daily", "collect_monthly", "collect_weekly"]
    assert sorted(dags) == ["alert_draft", "alert_send", *cadences, "draft", "roster_retention", "score"]


@pytest.mark.parametrize("file", sorted((ROOT / "dags").glob("*.py")), ids=lambda file: file.name)
def test_a_file_that_declares_stays_under_sixty_lines(file):
    assert len(file.read_text("utf-8").splitlines()) < 60


def test_every_dag_says_what_to_do_when_it_fails(dags):
    for dag in dags.values():
        note = dag.doc_md.partition("Triage:")[2]
        assert len(note.split()) > 10, dag.dag_id
        for task in dag.tasks:
            assert say_what_to_do in task.on_failure_callback, task.task_id


def test_a_failed_task_prints_its_triage_note_and_the_command_that_reruns_it(dags, caplog):
    task = dags["score"].get_task("score")

    class Instance:
        dag_id, task_id = "score", task.task_id

    say_what_to_do({"ti": Instance, "dag": dags["score"], "exception": ValueError("the warehouse is held")})
    assert "the warehouse is held" in caplog.text
    assert "a rerun is safe" in caplog.text
    assert "airflow tasks clear --yes --task-regex '^score$' score" in caplog.text


def test_there_is_one_task_a_card_in_the_dag_of_its_cadence(dags):
    for cadence in Cadence:
        tasks = set(dags[f"collect_{cadence}"].task_ids) - {"load"}
        assert tasks == {card.id for card in CARDS if card.cadence is cadence}
    assert sum(len(dags[f"collect_{cadence}"].tasks) - 1 for cadence in Cadence) == len(CARDS) > 0


def test_one_failed_source_does_not_keep_the_others_from_being_loaded(dags):
    for cadence in Cadence:
        load = dags[f"collect_{cadence}"].get_task("load")
        assert load.trigger_rule == "all_done"
        assert load.upstream_task_ids == {card.id for card in CARDS if card.cadence is cadence}


def test_sources_wait_for_none_of_the_others(dags):
    for card in CARDS:
        assert dags[f"collect_{card.cadence}"].get_task(card.id).upstream_task_ids == set()


def test_every_task_that_opens_the_warehouse_waits_in_the_one_slot_pool(dags):
    pools = {(dag.dag_id, task.task_id): task.pool for dag in dags.values() for task in dag.tasks}
    in_pool = {f"{dag}.{task}" for (dag, task), pool in pools.items() if pool == "warehouse"}
    assert in_pool == {
        "collect_daily.load",
        "collect_monthly.load",
        "collect_weekly.load",
        "score.score",
        "draft.draft",
        "alert_draft.draft_alerts",
    }


def test_only_the_weekly_load_opens_an_issue_and_the_others_follow_its_assets(dags):
    outlets = {
        f"{dag.dag_id}.{task.task_id}": [asset.name for asset in task.outlets]
        for dag in dags.values()
        for task in dag.tasks
        if task.outlets
    }
    assert outlets == {"collect_weekly.load": ["signals"], "score.score": ["scores"]}
    heard = {dag_id: list(dags[dag_id].timetable.asset_condition.objects) for dag_id in ("score", "draft")}
    assert heard == {"score": [Asset("signals")], "draft": [Asset("scores")]}


def test_nothing_is_caught_up_and_no_dag_runs_beside_itself(dags):
    assert {(dag.catchup, dag.max_active_runs) for dag in dags.values()} == {(False, 1)}


def test_a_replayed_week_neither_retries_nor_waits(dags):
    assert not load_settings().live
    for dag in dags.values():
        for task in dag.tasks:
            assert (task.retries, task.retry_delay.total_seconds()) == (0, 0), task.task_id


def test_parsing_stays_cheap():
    code = (
        "import sys, dags.collect, dags.score, dags.draft\n"
        "heavy = {'duckdb', 'polars', 'plotly', 'altair', 'horizon.stages'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_each_room_is_imported_from_this_repository():
    code = f"import importlib; print(*(importlib.import_module(room).__file__ for room in {ROOMS!r}), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd="/", capture_output=True, text=True)
    assert done.stdout.split() == [str(ROOT / room / "__init__.py") for room in ROOMS]
