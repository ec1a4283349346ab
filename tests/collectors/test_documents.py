"""Documents by symbol: tables with totals and decisions with numbers, made up in the documented form."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from collectors.base import FetchFailed, collector_for, parse_all
from domain.errors import HorizonError
from domain.source import FieldMap, Kind, SeriesRule, known, load_cards
from tests.collectors.conftest import ROOT, FixedClient, checks, make_card, make_payload
from tests.collectors.test_kinds import pdf

CARDS = load_cards(ROOT / "collectors" / "sources")
LATER = datetime(2026, 11, 1, tzinfo=UTC)
PLACES = ("Ruritania", "Graustark", "Evallonia (Maritime Republic of)")


def card_of(source_id):
    return replace(known(CARDS, source_id), places=PLACES)


def read(card, *lines, url=""):
    return parse_all(card, replace(make_payload(pdf(*lines), url=url or card.url), collected_at=LATER))


def facts(report):
    return {fact.name: fact.value for fact in report.facts}


# A table with one State a line

TABLE = (
    "3. As at 23 September 2022, the Committee had registered a total of 1,061 requests.",
    "State party 2020 2021 2022 Total",
    "Ruritania 5 - 43 48",
    "Evallonia (Maritime Republic",
    "of) 1b 1",
    "Graustark 1 2 1 a 1,012",
    "Total 7 2 1 052 1 061",
    "a As at 23 September 2022.",
    "Ruritania 46 46",
)


def test_the_last_figure_of_a_line_is_the_total_of_its_state():
    reports, observations, _ = read(card_of("ced_urgent_actions"), *TABLE)
    assert {one.place: facts(one)["total"] for one in reports} == {
        "Ruritania": "48",
        "Evallonia (Maritime Republic of)": "1",
        "Graustark": "1012",
    }
    assert {facts(one)["as_at"] for one in reports} == {"2022-09-23"}
    assert reports[0].source_ref == "CED/C/23/2 Ruritania"
    assert observations == []


def test_urgent_actions_are_history_and_date_nothing():
    card = card_of("ced_urgent_actions")
    reports, _, _ = read(card, *TABLE)
    assert {(one.occurred_on, one.published_at, one.text) for one in reports} == {(None, None, "")}
    assert (card.codes, card.series) == ((), ())


def test_a_table_that_does_not_add_up_is_not_believed():
    lines = [line.replace("43 48", "43 49") for line in TABLE]
    reports, _, defects = read(card_of("ced_urgent_actions"), *lines)
    assert (reports, checks(defects)) == ([], [("error", "totals_differ")])


@pytest.mark.parametrize("gone", ["As at 23 September 2022", "Total 7"])
def test_a_table_without_its_day_or_its_total_is_another_table(gone):
    lines = [line.replace(gone, "") for line in TABLE]
    reports, _, defects = read(card_of("ced_urgent_actions"), *lines)
    assert (reports, checks(defects)) == ([], [("error", "missing_field")])


def test_states_as_columns_are_another_table():
    lines = ("As at 1 June 2018.", "Year Ruritania Graustark Total", "2012 5 1 6", "Total 5 1 6")
    assert checks(read(card_of("ced_urgent_actions"), *lines)[2]) == [("error", "missing_field")]


# Opinions

OPINION = (
    "A/HRC/WGAD/2024/7",
    "Opinions adopted by the Working Group on Arbitrary Detention",
    "at its ninety-ninth session, 18-27 March 2024",
    "Opinion No. 7/2024 concerning Rassendyll (Rudolf) and five others (Ruritania)",
    "1. The Working Group was established by the Commission (Graustark).",
    "[Adopted on 21 March 2024]",
)
ADDRESS = "https://documents.un.org/api/symbol/access?l=en&t=pdf&s=A/HRC/WGAD/2024/7"


def opinion(*lines):
    return read(card_of("wgad_opinions"), *lines, url=ADDRESS)


def test_an_opinion_is_its_number_its_state_and_its_day():
    (report,), observations, defects = opinion(*OPINION)
    assert (report.source_ref, report.place) == ("A/HRC/WGAD/2024/7 Ruritania", "Ruritania")
    assert facts(report) == {"number": "7/2024", "session": "18-27 March 2024", "adopted_on": "2024-03-21"}
    assert (report.occurred_on, report.published_at, report.url) == (None, None, ADDRESS)
    assert (observations, defects) == ([], [])


def test_no_name_of_a_person_leaves_an_opinion():
    assert "Rassendyll" not in repr(opinion(*OPINION))
    nowhere = [line.replace("(Ruritania)", "(Rassendyll)") for line in OPINION]
    read_ = opinion(*nowhere)
    assert read_[0] == []
    assert ("warn", "missing_field") in checks(read_[2])
    assert "Rassendyll" not in repr(read_)


def test_an_opinion_on_two_states_is_one_report_for_each():
    lines = [line.replace("(Ruritania)", "(Ruritania and Evallonia (Maritime Republic of))") for line in OPINION]
    reports, _, _ = opinion(*lines)
    assert [one.place for one in reports] == ["Ruritania", "Evallonia (Maritime Republic of)"]


def test_a_state_in_the_text_is_not_the_state_addressed():
    lines = [line.replace(" (Ruritania)", "") for line in OPINION]
    reports, _, _ = opinion(*lines)
    assert reports == []


def test_a_document_without_a_number_is_no_opinion():
    lines = [line.replace("Opinion No. 7/2024", "Report") for line in OPINION]
    assert checks(opinion(*lines)[2]) == [("error", "missing_field")]


class Shelf(FixedClient):
    """Opinions by number: a body, or one of the two ways in which nothing comes."""

    def get(self, url):
        if (found := self.pages.get(int(url.rpartition("/")[2]))) is None:
            self.asked.append(url)
            raise FetchFailed(url, "status 404")
        if found == "unchanged":
            told = HorizonError("Same.", why="304", do="Nothing.")
            told.exit_code = 0
            raise told
        self.asked.append(url)
        return make_payload(found, url=url)


def asked_for(pages):
    card = card_of("wgad_opinions")
    client = Shelf(pages)
    return [int(one.url.rpartition("/")[2]) for one in collector_for(card).fetch(card, client)], client.asked


def test_opinions_are_asked_until_three_numbers_in_a_row_are_not_there():
    body = pdf("x")
    came, asked = asked_for({1: body, 2: body, 4: "<html>not found</html>", 5: body, 9: body})
    assert came == [1, 2, 5]
    assert len(asked) == 8


def test_an_opinion_that_did_not_change_hides_no_later_one():
    assert asked_for({1: "unchanged", 2: "unchanged", 3: pdf("x")})[0] == [3]
    with pytest.raises(HorizonError):
        asked_for({1: "unchanged"})


def test_a_year_without_its_first_opinion_is_a_failed_look():
    with pytest.raises(FetchFailed):
        asked_for({2: pdf("x")})
    assert asked_for({1: "<html>a wall</html>", 2: pdf("x")})[0] == [1]


# Spans

CASES = SeriesRule(indicator="cases", trigger="T09", unit="paragraphs", period="year")


def spanned(layout, words):
    card = make_card(Kind.UN_DOCUMENT, places=PLACES, series=(CASES,), fields=FieldMap(layout=layout))
    return parse_all(card, make_payload(pdf(words, "Ruritania", "2. One.")))


@pytest.mark.parametrize(
    ("layout", "words", "start"),
    [
        ("headings: 1 May to 30 April", "It covers 1 May 2022 to 30 April 2023.", date(2022, 5, 1)),
        ("headings: 1 January to 31 December", "From 1 January to 31 December 2022.", date(2022, 1, 1)),
        ("headings: any", "Cases from 18 May 2021 to 2 May 2022.", date(2021, 5, 18)),
    ],
)
def test_the_card_says_which_span_a_document_is_read_for(layout, words, start):
    _, (observation,), _ = spanned(layout, words)
    assert observation.period_start == start


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ("headings: 1 May to 30 April", "It covers 1 June 2022 to 30 May 2023."),
        ("headings: 1 May to 30 April", "It covers 1 May 2022 to 30 April 2024."),
        ("headings: any", "Cases from 2 May 2022 to 18 May 2021."),
        ("headings: 1 May to 30 April", "No day stands here."),
    ],
)
def test_another_span_is_another_document(layout, words):
    assert checks(spanned(layout, words)[2]) == [("error", "missing_field")]


def test_a_day_that_no_calendar_has_is_named():
    assert checks(spanned("headings: any", "From 31 June 2021 to 2 May 2022.")[2]) == [("error", "unreadable_date")]


@pytest.mark.parametrize("layout", ["rows", "headings", "headings: monthly", "table: any", "opinion: 1 May to 2 May"])
def test_a_layout_that_no_document_has_stops_the_source(layout):
    assert checks(spanned(layout, "x")[2]) == [("error", "wrong_type")]
