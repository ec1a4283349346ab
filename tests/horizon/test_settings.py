"""Settings: the environment over the file over the default; a wrong value stops with words."""

import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from domain.classification import Lens
from domain.errors import UsageError
from domain.state import RegionScheme
from domain.window import Week
from horizon.settings import ROOT, credential, load_settings


def stored(folder: Path, text: str) -> dict[str, str]:
    """An environment whose var folder holds that settings file."""
    (folder / "settings.toml").write_text(text, "utf-8")
    return {"HORIZON_VAR": str(folder)}


def test_the_defaults_are_those_of_the_specimen(tmp_path):
    settings = load_settings({"HORIZON_VAR": str(tmp_path)})
    assert (settings.week, settings.live, settings.lens) == ("2024-W04", False, Lens.RESTRICTED)
    assert settings.scheme is RegionScheme.REGIONAL_GROUPS
    assert (settings.retries, settings.retry_delay_seconds) == (0, 0)
    assert settings.as_of == Week(2024, 4).end
    assert settings.specimen == ROOT / "collectors" / "samples" / "2024-W04"
    assert settings.landing == tmp_path / "landing"
    assert settings.decisions == tmp_path / "review" / "decisions"
    assert load_settings({}).var == ROOT / "var"


def test_the_file_goes_before_the_default(tmp_path):
    given = stored(tmp_path, 'week = "2026-W13"\nregion_scheme = "field_regions"\nretries = 2\ncontact = "a desk"\n')
    settings = load_settings(given)
    assert (settings.week, settings.retries, settings.contact) == ("2026-W13", 2, "a desk")
    assert settings.scheme is RegionScheme.FIELD_REGIONS


def test_the_environment_goes_before_the_file(tmp_path):
    given = stored(tmp_path, 'week = "2026-W13"\nlens = "restricted"\nlive = true\n')
    settings = load_settings(given | {"WEEK": "2024-W04", "LENS": "public", "LIVE": "0"})
    assert (settings.week, settings.lens, settings.live) == ("2024-W04", Lens.PUBLIC, False)


def test_a_prefixed_name_serves_as_well(tmp_path):
    settings = load_settings({"HORIZON_VAR": str(tmp_path), "HORIZON_WEEK": "2026-W13"})
    assert settings.week == "2026-W13"


def test_an_empty_word_in_the_environment_says_nothing(tmp_path):
    assert load_settings(stored(tmp_path, 'week = "2026-W13"\n') | {"WEEK": ""}).week == "2026-W13"


@pytest.mark.parametrize("word", ["0", "false", "no", "False", "NO"])
def test_live_can_be_said_no_to(tmp_path, word):
    assert not load_settings({"HORIZON_VAR": str(tmp_path), "LIVE": word}).live
    assert not load_settings(stored(tmp_path, "live = false\n")).live


@pytest.mark.parametrize("word", ["1", "true", "YES"])
def test_a_live_run_has_no_as_of_and_retries(tmp_path, word):
    settings = load_settings({"HORIZON_VAR": str(tmp_path), "LIVE": word})
    assert settings.live
    assert settings.as_of is None
    assert (settings.retries, settings.retry_delay_seconds) == (3, 300)
    assert load_settings(stored(tmp_path, "live = true\n")).live


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WEEK", "2024-4", "is not an ISO week"),
        ("WEEK", "2024-W53", "is not an ISO week"),
        ("LENS", "secret", "is not a lens"),
        ("REGION_SCHEME", "continents", "is not a region scheme"),
        ("RETRIES", "-1", "The setting 'retries' is '-1'"),
        ("RETRY_DELAY_SECONDS", "soon", "The setting 'retry_delay_seconds' is 'soon'"),
        ("LIVE", "perhaps", "LIVE is 'perhaps'"),
    ],
)
def test_a_wrong_value_stops_with_words(tmp_path, name, value, said):
    with pytest.raises(UsageError, match=said) as told:
        load_settings({"HORIZON_VAR": str(tmp_path), name: value})
    assert told.value.exit_code == 2
    assert told.value.why
    assert told.value.do


def test_a_file_that_is_no_toml_stops_with_words(tmp_path):
    with pytest.raises(UsageError, match=r"settings\.toml cannot be read"):
        load_settings(stored(tmp_path, "week = 2024-W04"))


def test_public_drafts_stand_apart(tmp_path):
    settings = load_settings({"HORIZON_VAR": str(tmp_path)})
    public = replace(settings, lens=Lens.PUBLIC)
    assert settings.drafts == tmp_path / "drafts"
    assert public.drafts == tmp_path / "drafts" / "public"
    assert public.published == tmp_path / "published" / "public"


def test_the_public_lens_sees_public_rows_alone(tmp_path):
    settings = load_settings({"HORIZON_VAR": str(tmp_path)})
    public = replace(settings, lens=Lens.PUBLIC)
    assert [lens for lens in Lens if settings.sees(lens)] == [Lens.PUBLIC, Lens.RESTRICTED]
    assert [lens for lens in Lens if public.sees(lens)] == [Lens.PUBLIC]


def test_a_credential_that_is_not_set_is_empty(monkeypatch):
    monkeypatch.delenv("GAZETTE_KEY", raising=False)
    assert credential("GAZETTE_KEY") == ""
    monkeypatch.setenv("GAZETTE_KEY", "k")
    assert credential("GAZETTE_KEY") == "k"


def test_the_lint_bans_clock_and_environment_everywhere(root):
    lint = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    assert set(lint["flake8-tidy-imports"]["banned-api"]) == {
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.date.today",
        "time.time",
        "os.environ",
        "os.getenv",
    }
    assert "TID" in lint["select"]
    excused = [rule for rules in lint["per-file-ignores"].values() for rule in rules]
    assert not [rule for rule in (*excused, *lint["ignore"]) if rule.startswith("TID")]


def test_a_reader_of_the_environment_fails_the_lint(root, tmp_path):
    offence = "import os\nfrom datetime import UTC, datetime\nSEEN = os.environ\nNOW = datetime.now(UTC)\n"
    code = [sys.executable, "-m", "ruff", "check", "--stdin-filename", "scoring/offence.py", "-"]
    done = subprocess.run(code, input=offence, capture_output=True, text=True, cwd=root, check=False)
    assert done.returncode == 1
    assert done.stdout.count("TID251") == 2


def test_only_the_settings_and_the_clock_are_excused(root):
    rooms = ("dags", "horizon", "review", "collectors", "scoring", "briefs", "alerts", "warehouse", "domain")
    excused = {
        str(path.relative_to(root))
        for room in rooms
        for path in (root / room).rglob("*.py")
        if "noqa: TID251" in path.read_text("utf-8")
    }
    assert excused == {"horizon/settings.py", "horizon/clock.py"}
