"""`horizon draft --language`: which languages there are, and what is asked of one that is not there."""

from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from domain.errors import UsageError
from horizon import stages
from horizon.cli import app


def test_a_language_without_a_catalogue_is_a_usage_error():
    with pytest.raises(UsageError, match="'de' is not a language of the pages") as found:
        stages.draft(as_of=datetime(2024, 1, 29, tzinfo=UTC), languages=["fr", "de"])
    assert found.value.exit_code == 2


def test_the_option_may_be_given_for_each_language(monkeypatch):
    asked = []

    def draft(*, as_of, languages):
        asked.append((as_of, list(languages)))
        return stages.Drafted(issue="2024-W04", revision="r1", paths=(), summary=(), real_cards=0, cards=0)

    monkeypatch.setattr(stages, "draft", draft)
    moment = "2024-01-29T00:00Z"
    assert CliRunner().invoke(app, ["draft", "--as-of", moment, "--language", "fr", "--language", "ar"]).exit_code == 0
    assert CliRunner().invoke(app, ["draft", "--as-of", moment]).exit_code == 0
    assert [one for _, one in asked] == [["fr", "ar"], ["en"]]
