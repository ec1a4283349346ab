"""The weekly run as a person starts it: `python -m dags.week`, in a folder of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from domain.source import load_cards
from horizon.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def week(home: Path, *, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """One run whose Airflow home and var folder are `home`; the DAGs are this repository's."""
    home.mkdir(exist_ok=True)
    (home / "var" / "airflow").mkdir(parents=True, exist_ok=True)
    if not (home / "dags").exists():
        (home / "dags").symlink_to(ROOT / "dags")
        shutil.copy(ROOT / "airflow.cfg", home)
    return subprocess.run(
        [sys.executable, "-m", "dags.week"],
        cwd=home,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "AIRFLOW_HOME": str(home),
            "HORIZON_VAR": str(home / "var"),
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        timeout=900,  # only so that a run that hangs ends
        check=False,
    )


def pages(home: Path) -> dict[str, bytes]:
    drafts = home / "var" / "drafts"
    return {str(path.relative_to(drafts)): path.read_bytes() for path in sorted(drafts.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    return home, week(home)


def test_the_week_ends_with_the_paths_of_what_it_made(run):
    _, done = run
    assert done.returncode == 0, done.stderr
    paths = done.stdout.split("\n\n")[0].splitlines()
    assert all(Path(path).is_file() for path in paths)
    names = {Path(path).name for path in paths}
    assert {f"{group}.html" for group in ("AFR", "APS", "EES", "LAC", "WEO")} | {"bureau.html"} <= names


def test_it_prints_a_line_for_each_region_and_how_many_cards_ran_on_real_payloads(run):
    _, done = run
    lines = done.stdout.split("\n\n")[1].splitlines()
    assert [line[:3] for line in lines[:5]] == ["AFR", "APS", "EES", "LAC", "WEO"]
    played, _, cards = lines[-1].partition(" of ")
    assert int(cards.split()[0]) >= int(played) > 0
    assert lines[-1].endswith("cards ran on real payloads")


def test_progress_goes_to_standard_error_stage_by_stage_and_nothing_of_airflow_does(run):
    _, done = run
    stages = [line.split()[1] for line in done.stderr.splitlines() if line.startswith("✓")]
    assert stages == ["collect_daily", "collect_monthly", "collect_weekly", "score", "draft"]
    assert len(done.stderr.splitlines()) == len(stages) + 1
    assert "airflow.models" not in done.stdout


def test_airflow_writes_nothing_beside_its_own_folder(run):
    home, _ = run
    assert {path.name for path in home.iterdir()} == {"airflow.cfg", "dags", "var"}
    assert "DAG TEST" in (home / "var" / "log" / "week.log").read_text("utf-8")


def test_a_second_run_of_the_same_week_writes_the_same_pages(run):
    home, first = run
    before = pages(home)
    second = week(home)
    assert second.returncode == 0, second.stderr
    assert second.stdout == first.stdout
    assert pages(home) == before


def test_a_failed_source_is_named_and_the_week_goes_on(tmp_path):
    samples = tmp_path / "samples"
    shutil.copytree(ROOT / "collectors" / "samples", samples)
    manifest = samples / "2024-W04" / "manifest.toml"
    told = manifest.read_text("utf-8")
    address = next(card.url for card in load_cards(load_settings().cards) if card.id == "gaza_daily")
    assert address in told
    manifest.write_text(told.replace(address, "https://example.org/moved"), "utf-8")
    done = week(tmp_path / "home", environment={"SAMPLES": str(samples)})
    assert done.returncode == 0, done.stderr
    assert "! gaza_daily failed" in done.stderr
    assert done.stdout.rstrip().endswith("cards ran on real payloads")


def test_a_failed_run_says_what_to_do_and_ends_with_one(tmp_path):
    (tmp_path / "home" / "var" / "warehouse.duckdb").mkdir(parents=True)
    done = week(tmp_path / "home")
    assert done.returncode == 1
    assert "failed at: load" in done.stderr
    assert "horizon doctor" in done.stderr
    assert done.stdout == ""


def test_another_airflow_home_is_refused_in_words(tmp_path):
    (tmp_path / "dags").mkdir()
    done = week(tmp_path)
    assert done.returncode == 2
    assert "AIRFLOW_HOME" in done.stderr
