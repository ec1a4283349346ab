"""An array that nobody holds whole: cut into records, landed by month. All records are made up, of fictional places."""

import json
import tracemalloc

import pytest
from werkzeug import Response

from collectors.base import FetchFailed, Stream, parse_all
from collectors.http import GuardedClient
from collectors.sources import uhri_recommendations as uhri
from domain.source import Kind, known, load_cards
from tests.collectors.conftest import COLLECTED, ROOT, make_card, make_payload

CARD = known(load_cards(ROOT / "collectors" / "sources"), "uhri_recommendations")


def record(number="1", when="2019-05-10T00:00:00", words="<p>Repair the harbour &amp; the pier</p>", **changes):
    return {
        "AnnotationId": number,
        "DocumentId": "d1",
        "Text": words,
        "Symbol": "FIC/C/RUR/CO/1",
        "Body": "- Harbour Committee",
        "Countries": ["- Ruritania"],
        "Regions": ["- The sea"],
        "Themes": ["- Piers, quays and docks", "- Boats"],
        "Sdgs": [],
        "AffectedPersons": [],
        "AnnotationType": "- Recommendations",
        "PublicationDate": when,
        "PublicationDateOnUhri": None,
        "UprCycle": None,
        "UprRecommendingCountry": [],
    } | changes


class Streaming:
    """A client that has one body, in pieces of a size."""

    def __init__(self, body, size=64):
        self.body, self.size = body, size

    def stream(self, url):
        pieces = (self.body[at : at + self.size] for at in range(0, len(self.body), self.size))
        return Stream(make_payload("", url=url), pieces, lambda: COLLECTED)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(uhri, "FEWEST", 1)


def fetched(body, size=64):
    return {one.url.partition("#")[2]: one.body for one in uhri.fetch(CARD, Streaming(body, size))}


ODD = b'[ {"a":"}]\\\\","b":[{"c":"\\"{["}]} ,\n{"d":{}}\t]\n'


@pytest.mark.parametrize("size", range(1, len(ODD) + 1))
def test_records_are_the_same_wherever_the_pieces_end(size):
    pieces = [ODD[at : at + size] for at in range(0, len(ODD), size)]
    assert list(uhri.cut(pieces)) == [b'{"a":"}]\\\\","b":[{"c":"\\"{["}]}', b'{"d":{}}']


@pytest.mark.parametrize("end", range(len(ODD) - 2))
def test_an_array_cut_anywhere_is_no_array(end):
    with pytest.raises(uhri.BrokenArray, match="ends too early"):
        list(uhri.cut([ODD[:end]]))


@pytest.mark.parametrize("body", [b"{}", b"[1]", b"[{},]", b"[{}{}]", b"[,{}]", b"[{}]x", b"<html>", b"[{}][{}]"])
def test_what_is_not_one_array_of_objects_is_refused(body):
    with pytest.raises(uhri.BrokenArray, match="none is expected"):
        list(uhri.cut([body]))


def test_a_record_without_an_end_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(uhri, "MAX_RECORD", 1_000)
    with pytest.raises(uhri.BrokenArray, match="record 2 is larger than 1000 bytes"):
        list(uhri.cut([b'[{},{"a":"'] + [b"x" * 100] * 50))


def test_months_are_landed_with_the_bytes_of_their_records(few):
    one, two, three = (json.dumps(record(n, when)) for n, when in (("2", "2019-05-10"), ("1", "2019-05-31"), ("3", "")))
    body = f"[{one},\r\n {two},{three}]".encode()
    assert fetched(body) == {"2019-05": f"[{two},\n{one}]".encode(), "undated": f"[{three}]".encode()}


def test_another_order_of_the_export_changes_no_slice(few):
    rows = [record(str(n), f"2019-0{n % 3 + 1}-10") for n in range(9)]
    assert fetched(json.dumps(rows).encode()) == fetched(json.dumps(rows[::-1]).encode())


def test_a_date_of_another_form_falls_on_its_year(few):
    assert set(fetched(json.dumps([record("1", "10 May 2019"), record("2", "10/05/2018")]).encode())) == {
        "2019",
        "2018",
    }


@pytest.mark.parametrize("body", [b"[]", json.dumps([record()] * 3).encode()])
def test_far_too_few_records_are_a_failed_look(body, monkeypatch):
    monkeypatch.setattr(uhri, "FEWEST", 4)
    with pytest.raises(FetchFailed, match="are expected of the whole"):
        list(uhri.fetch(CARD, Streaming(body)))


def test_a_broken_record_hands_nothing_on(few):
    with pytest.raises(FetchFailed, match="a record is no JSON"):
        fetched(b'[{"PublicationDate":"2019-05-10"},{"a" 7}]')


def test_a_recommendation_is_undated_context_for_each_of_its_states():
    row = record(Countries=["- Ruritania", "Graustark", "- Ruritania"])
    reports, _, defects = parse_all(CARD, make_payload(json.dumps([row])))
    assert [(one.place, one.source_ref) for one in reports] == [
        ("Ruritania", "FIC/C/RUR/CO/1 | 1 | Ruritania"),
        ("Graustark", "FIC/C/RUR/CO/1 | 1 | Graustark"),
    ]
    assert (reports[0].text, reports[0].day) == ("Repair the harbour & the pier", None)
    facts = {one.name: one.value for one in reports[0].facts}
    assert (facts["body"], facts["annotation_type"]) == ("Harbour Committee", "Recommendations")
    assert facts["themes"] == "Piers, quays and docks; Boats"
    assert defects == []
    assert not CARD.codes


def test_a_record_without_a_state_is_told_and_a_new_field_makes_noise():
    _, _, defects = parse_all(CARD, make_payload(json.dumps([record(), record("2", Countries=[], Mood="calm")])))
    assert [(one.check, one.evidence) for one in defects] == [
        ("without_place", "1 records name no State"),
        ("unread_fields", "Mood"),
    ]


def test_ten_megabytes_pass_through_the_client_and_hardly_one_is_held(httpserver, few):
    """Twelve records a month over 100 months, 8 KB each: nobody may hold more than a slice and what lies in buffers."""
    rows = 1_200

    def body():
        yield b"["
        for n in range(rows):
            row = record(str(n), f"{2000 + n % 100 // 12}-{n % 12 + 1:02d}-01", "x" * 8_000)
            yield (b"," if n else b"") + json.dumps(row).encode()
        yield b"]"

    httpserver.expect_request("/all").respond_with_handler(lambda _: Response(body(), content_type="application/json"))
    url = httpserver.url_for("/all")
    card = make_card(Kind.MODULE, url=url, stream_megabytes=16)
    client = GuardedClient(card, clock=lambda: COLLECTED, allow_loopback=True)
    tracemalloc.start()
    try:
        sizes = [len(one.body) for one in uhri.fetch(card, client)]
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) > 9_600_000
    assert held < 2_000_000
