"""Recorded looks, and what a later look at the same bytes says."""

from datetime import UTC, datetime

import pytest

from collectors.base import FetchFailed
from collectors.replay import ReplayClient, list_looks, looks
from domain.errors import Unavailable
from domain.signal import Basis
from domain.source import SourceState

MANIFEST = """
as_of = 2024-01-29T00:00:00Z
title = "A fictional week"

[[look]]
source = "harbour_gazette"
looked_at = 2024-01-22T06:00:00
basis = "as published"
[[look.payload]]
url = "https://gazette.example/feed"
file = "feed.json"
status = 200
content_type = "application/json"

[[look]]
source = "harbour_gazette"
looked_at = 2024-01-15T06:00:00Z
basis = "final values, not as published"
reconstructed = true
[[look.payload]]
url = "https://gazette.example/feed"
file = "same.json"
status = 200
content_type = "application/json"

[[look]]
source = "quay_list"
looked_at = 2024-01-22T06:00:00Z
basis = "as published"
state = "failed"
"""
FEED = "https://gazette.example/feed"


@pytest.fixture
def week(tmp_path):
    (tmp_path / "manifest.toml").write_text(MANIFEST, "utf-8")
    (tmp_path / "feed.json").write_text("[]", "utf-8")
    (tmp_path / "same.json").write_text("[]", "utf-8")
    return tmp_path


def test_looks_come_in_the_order_of_time(week):
    first, second, third = list_looks(week)
    assert first.looked_at < second.looked_at == third.looked_at == datetime(2024, 1, 22, 6, tzinfo=UTC)
    assert (second.source_id, third.source_id) == ("harbour_gazette", "quay_list")
    assert (first.reconstructed, first.basis) == (True, Basis.FINAL_VALUES)
    assert (third.state, third.payloads) == (SourceState.FAILED, ())


def test_the_same_bytes_seen_again_keep_the_moment_at_which_they_were_first_seen(week):
    first, second = looks(week, "harbour_gazette")
    before, after = ReplayClient(first).get(FEED), ReplayClient(second).get(FEED)
    assert before.collected_at == after.collected_at == datetime(2024, 1, 15, 6, tzinfo=UTC)
    assert before.sha256 == after.sha256
    assert (after.body, after.media_type, after.basis) == (b"[]", "application/json", Basis.AS_PUBLISHED)


def test_an_address_that_was_not_recorded_is_a_failure(week):
    look = list_looks(week)[0]
    with pytest.raises(FetchFailed, match="does not hold this address"):
        ReplayClient(look).get("https://gazette.example/other")


def test_a_week_that_is_not_there_says_so(tmp_path):
    with pytest.raises(Unavailable, match=r"manifest\.toml is not there"):
        list_looks(tmp_path)
