"""The real scheduler on the bundled week: LocalExecutor on SQLite, assets firing from the weekly load to the drafts."""

import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AIRFLOW = Path(sys.executable).with_name("airflow")
DEADLINE_SECONDS = 240

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("scheduler")
    (folder / "var" / "airflow").mkdir(parents=True)
    (folder / "dags").symlink_to(ROOT / "dags")
    shutil.copy(ROOT / "airflow.cfg", folder)
    return folder


@pytest.fixture(scope="module")
def environment(home) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "PATH": f"{AIRFLOW.parent}:/usr/bin:/bin",
        "HOME": str(home),
        "AIRFLOW_HOME": str(home),
        "HORIZON_VAR": str(home / "var"),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(32),
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
    }


@contextmanager
def started(home: Path, environment: dict[str, str], *command: str):
    """One part of Airflow in a process group of its own, ended by that group's id."""
    with (home / f"{command[0]}.log").open("w") as log:
        process = subprocess.Popen(
            [AIRFLOW, *command], cwd=home, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def rows(home: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(f"file:{home}/var/airflow/airflow.db?mode=ro", uri=True, timeout=20)) as tables:
        return tables.execute(sql).fetchall()


def finished(home: Path) -> dict[str, str]:
    return dict(rows(home, "SELECT dag_id, state FROM dag_run WHERE state IN ('success', 'failed')"))


def wait_for(home: Path, processes: list, *dag_ids: str) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not set(dag_ids) <= set(finished(home)):
        ended = [process.args for process in processes if process.poll() is not None]
        assert not ended, f"ended by itself: {ended}"
        assert time.monotonic() < end, f"waited for {dag_ids}, only {finished(home)} are finished"
        time.sleep(0.5)


def unpause(environment: dict[str, str], home: Path, *dag_ids: str) -> None:
    """A DAG that starts to run by its calendar runs for its last date at once."""
    command = [AIRFLOW, "dags", "unpause", "--yes", "--treat-dag-id-as-regex", f"^({'|'.join(dag_ids)})$"]
    subprocess.run(command, cwd=home, env=environment, check=True, capture_output=True)


def test_the_weekly_load_sets_off_scoring_and_scoring_sets_off_drafting(home, environment):
    subprocess.run([sys.executable, "-m", "dags.metadata"], cwd=home, env=environment, check=True)
    with (
        started(home, environment, "api-server") as api,
        started(home, environment, "dag-processor") as processor,
        started(home, environment, "scheduler", "--skip-serve-logs") as scheduler,
    ):
        parts = [api, processor, scheduler]
        unpause(environment, home, "collect_daily", "collect_monthly", "score", "draft")
        wait_for(home, parts, "collect_daily", "collect_monthly")
        assert set(finished(home)) == {"collect_daily", "collect_monthly"}
        unpause(environment, home, "collect_weekly")
        wait_for(home, parts, "collect_weekly", "score", "draft")

    runs = rows(home, "SELECT dag_id, run_type, state, run_id FROM dag_run ORDER BY start_date")
    events = rows(
        home,
        "SELECT a.name, e.source_dag_id, e.source_task_id, e.extra FROM asset_event e JOIN asset a ON a.id = e.asset_id"
        " ORDER BY e.timestamp",
    )
    tasks = rows(home, "SELECT dag_id, task_id, pool, state, try_number FROM task_instance ORDER BY start_date")
    drafts = sorted(path for path in (home / "var" / "drafts").rglob("*") if path.is_file())
    for line in (*runs, *events, *tasks, *(path.relative_to(home) for path in drafts)):
        print(line)  # noqa: T201  (`pytest -s` shows the run, for the person who wants to see it)

    assert {state for _, _, state, _ in runs} == {"success"}
    assert [(dag, kind) for dag, kind, _, _ in runs][-2:] == [
        ("score", "asset_triggered"),
        ("draft", "asset_triggered"),
    ]
    issue = '{"issue": "2024-W04", "as_of": "2024-01-29T00:00:00+00:00"}'
    assert [(name, dag, extra) for name, dag, _, extra in events] == [
        ("signals", "collect_weekly", issue),
        ("scores", "score", issue),
    ]
    assert {state for _, _, _, state, _ in tasks} == {"success"}
    assert "2024-W04/r1/AFR.html" in {str(path.relative_to(home / "var" / "drafts")) for path in drafts}
