"""Cards and payloads for the tests of collecting; the publisher of the invented ones is fictional."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.signal import Basis, Payload
from domain.source import Cadence, FieldMap, Kind, SourceCard, SourceClass

COLLECTED = datetime(2024, 1, 28, 22, tzinfo=UTC)
TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent


def make_card(kind=Kind.JSON_API, **changes):
    known = {
        "id": "harbour_gazette",
        "title": "Harbour Gazette",
        "publisher": "Harbour Gazette",
        "kind": kind,
        "url": "https://gazette.example/feed",
        "cadence": Cadence.DAILY,
        "source_class": SourceClass.MEDIA,
        "licence": "fictional",
        "citation": "Harbour Gazette",
        "languages": ("en",),
        "coverage": "Ruritania",
        "lag_days": 60,
        "expected_min": 0,
        "expected_max": 1000,
        "verified": False,
        "fields": FieldMap(),
    }
    return SourceCard(**(known | changes))


def make_payload(body, *, url="https://gazette.example/feed", media="", status=200, basis=Basis.AS_PUBLISHED):
    raw = body.encode() if isinstance(body, str) else body
    return Payload(
        source_id="harbour_gazette",
        url=url,
        status=status,
        headers=(("content-type", media),),
        body=raw,
        collected_at=COLLECTED,
        basis=basis,
    )


class FixedClient:
    """Answers from a table of addresses, and remembers what was asked."""

    def __init__(self, pages):
        self.pages = pages
        self.asked = []

    def get(self, url):
        self.asked.append(url)
        return make_payload(self.pages.get(url, ""), url=url)


@pytest.fixture
def recorded():
    """The real payloads beside the checkout; a clone elsewhere has none."""
    folder = ROOT.parent / "shared" / "recorded"
    if not folder.is_dir():
        pytest.skip("../shared/recorded is not here; the samples cover the same cards")
    return folder


def checks(defects):
    return [(defect.level.value, defect.check) for defect in defects]
