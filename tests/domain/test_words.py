"""Errors, defects, hashes and levels: the small words that everything else is made of."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime

import pytest

from domain.classification import Classification, Consent, Lens, Protection, Sharing
from domain.defect import Defect, DefectLevel
from domain.errors import HorizonError, Refused, Unavailable, UsageError
from domain.signal import Fact, Payload, Report, short_hash
from domain.situation import Level, Phase

REPORT = Report(
    source_id="gazette",
    source_ref="1",
    title="Harbour closed",
    url="https://gazette.example/1",
    collected_at=datetime(2024, 1, 22, tzinfo=UTC),
)


@pytest.mark.parametrize(("kind", "code"), [(HorizonError, 1), (UsageError, 2), (Refused, 3), (Unavailable, 4)])
def test_every_error_says_what_why_and_what_to_do_and_has_its_exit_code(kind, code):
    error = kind("The harbour is closed.", why="There is a storm.", do="Wait for the morning.")
    assert error.exit_code == code
    assert isinstance(error, HorizonError)
    assert str(error) == "The harbour is closed.\n  Why: There is a storm.\n  Do:  Wait for the morning."


def test_evidence_is_cut_at_five_hundred_signs():
    defect = Defect(level=DefectLevel.WARN, check="unknown_state", source_id="gazette", evidence="x" * 501)
    assert defect.evidence == "x" * 500
    with pytest.raises(FrozenInstanceError):
        defect.check = "other"


def test_no_two_lists_of_parts_share_a_hash():
    assert len({short_hash("a", "b"), short_hash("ab"), short_hash("a,b"), short_hash("a", "b", "")}) == 4
    assert short_hash("a", "b") == short_hash("a", "b")
    assert len(short_hash()) == 20


def test_a_report_keeps_its_id_over_all_versions():
    changed = replace(REPORT, title="Harbour open")
    assert changed.report_id == REPORT.report_id
    assert changed.version != REPORT.version
    assert replace(REPORT, source_ref="2").report_id != REPORT.report_id


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x"},
        {"url": "x"},
        {"published_at": datetime(2024, 1, 1, tzinfo=UTC)},
        {"occurred_on": date(2024, 1, 1)},
        {"place": "x"},
        {"addressee": "x"},
        {"first_level": "x"},
        {"actor": "x"},
        {"victim": "x"},
        {"language": "x"},
        {"text": "x"},
        {"facts": (Fact(name="a", value="1"),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_anything_that_the_source_says_differently_is_a_new_version(change):
    assert replace(REPORT, **change).version != REPORT.version


def test_collecting_again_is_no_new_version():
    assert replace(REPORT, collected_at=datetime(2025, 1, 1, tzinfo=UTC)).version == REPORT.version


def test_a_payload_knows_its_hash_and_its_type():
    payload = Payload(
        source_id="gazette",
        url="https://gazette.example",
        status=200,
        headers=(("content-type", "Text/CSV; charset=utf-8"),),
        body=b"abc",
        collected_at=datetime(2024, 1, 22, tzinfo=UTC),
    )
    assert payload.media_type == "text/csv"
    assert replace(payload, headers=()).media_type == ""
    assert payload.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_levels_and_phases_have_an_order_and_a_shape():
    assert [(level.value, level.rank, level.shape) for level in Level] == [
        ("none", 0, "○"),
        ("watch", 1, "△"),
        ("emerging concern", 2, "◆"),
        ("urgent", 3, "■"),
    ]
    assert [phase.rank for phase in (Phase.NEW, Phase.RISING, Phase.SUSTAINED, Phase.EASING)] == [0, 1, 2, 3]


def test_what_a_source_published_for_everyone_is_public():
    assert Protection.public(date(2024, 1, 1)) == Protection(
        lens=Lens.PUBLIC,
        classification=Classification.UNCLASSIFIED,
        source_sharing=Sharing.CLEAR,
        consent_scope=Consent.PUBLIC,
        valid_from=date(2024, 1, 1),
    )
