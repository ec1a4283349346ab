"""Press releases of a regional commission, entries on journalists killed, letters by reference, overdue reports.

Payloads are made up, of fictional places, in the documented form; recorded ones are read where they are at hand.
"""

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from collectors.base import FetchFailed, collector_for, parse_all
from domain.signal import Payload
from domain.source import known, load_cards
from scoring.coding.structured import code, unknown_categories
from tests.collectors.conftest import ROOT, FixedClient, checks, make_payload
from tests.collectors.test_kinds import letter, letters

CARDS = load_cards(ROOT / "collectors" / "sources")
LATER = datetime(2026, 11, 1, tzinfo=UTC)


def card_of(source_id):
    return known(CARDS, source_id)


def read(card, body):
    return parse_all(card, replace(make_payload(body), collected_at=LATER))


def facts(report):
    return {fact.name: fact.value for fact in report.facts}


# Press releases

RELEASES = """<html><body><a href="/en/iachr/">Home</a><table>
<tr><td><a href="/en/iachr/media_center/PReleases/2025/039.asp">039/25</a></td>
<td><a href="/en/iachr/media_center/PReleases/2025/039.asp">The Commission visits the harbour of Ruritania</a></td>
<td>February 14, 2025</td></tr>
<tr><td><a href="/en/iachr/jsForm/?File=/en/iachr/media_center/preleases/2025/7a.asp">A statement on Graustark</a>
</td></tr>
</table></body></html>"""


def test_a_release_is_its_number_its_title_and_its_day():
    first, second = read(card_of("iachr_press"), RELEASES)[0]
    assert (first.source_ref, first.title) == ("2025/039", "The Commission visits the harbour of Ruritania")
    assert first.published_at == datetime(2025, 2, 14, tzinfo=UTC)
    assert first.url == "https://www.oas.org/en/iachr/media_center/PReleases/2025/039.asp"
    assert (second.source_ref, second.published_at) == ("2025/07A", None)
    assert {first.place, second.place, first.occurred_on} == {"", None}


def test_a_page_without_releases_is_no_empty_list():
    assert checks(read(card_of("iachr_press"), "<html><body><a href='/x'>A wall</a></body></html>")[2]) == [
        ("error", "wrong_type")
    ]


def test_a_day_of_another_release_dates_none():
    body = RELEASES.replace("<table>", "<p>March 1, 2025 ").replace("<tr>", "").replace("<td>", " ")
    reports, _, _ = read(card_of("iachr_press"), body)
    assert [one.published_at for one in reports] == [None, None]


def test_a_release_of_next_year_and_one_without_words_are_left_out_by_name():
    late = RELEASES.replace("February 14, 2025", "February 14, 2031")
    assert ("warn", "date_out_of_range") in checks(read(card_of("iachr_press"), late)[2])
    bare = '<a href="/PReleases/2025/1.asp">1/25</a>'
    assert ("warn", "missing_field") in checks(read(card_of("iachr_press"), bare)[2])


@pytest.mark.recorded
def test_recorded_decisions_with_petitioners_names_are_not_read(recorded):
    rows = json.loads((recorded / "iachr" / "iachr_reports_samples.json").read_text("utf-8"))
    page = "".join(f'<li><a href="{row["url"]}">{row["title"]}</a></li>' for row in rows)
    found = read(card_of("iachr_press"), f"<html><body>{page}</body></html>")
    assert checks(found[2]) == [("error", "wrong_type")]
    assert not any(row["title"] in repr(found) for row in rows)


# Journalists killed


def entry(day="January 24, 2024", *, name="R. Rassendyll", motive="Confirmed", country="Ruritania", kind="Journalist"):
    return {
        "fullName": name,
        "country": country,
        "startDisplay": day,
        "type": kind,
        "status": "Killed",
        "typeOfDeath": "Murder",
        "motiveConfirmed": motive,
        "location": "The harbour",
    }


class Pages:
    """Answers with the pages given, then with empty ones."""

    def __init__(self, *pages):
        self.pages = pages
        self.asked = []

    def get(self, url):
        self.asked.append(url)
        at = len(self.asked) - 1
        rows = self.pages[at] if at < len(self.pages) else []
        return make_payload(json.dumps({"data": rows} if isinstance(rows, list) else rows), url=url)


def looked(*pages):
    card = card_of("cpj_data")
    client = Pages(*pages)
    (payload,) = collector_for(card).fetch(card, client)
    return payload, client.asked


def killed(*rows):
    return read(card_of("cpj_data"), looked(list(rows))[0].body)


def test_no_name_and_no_place_below_the_state_is_ever_landed():
    payload, asked = looked([entry()], [entry(name="A. Hentzau")])
    assert not any(word in payload.body for word in (b"Rassendyll", b"Hentzau", b"harbour", b"fullName"))
    assert not any("fullName" in url for url in asked)
    assert len(asked) == 3


def test_people_whom_nothing_tells_apart_are_one_record_with_their_number():
    (one,), _, _ = killed(entry(), entry(name="A. Hentzau"))
    assert (one.place, one.first_level, one.occurred_on) == ("Ruritania", "", date(2024, 1, 24))
    assert facts(one)["persons"] == "2"
    (coding,) = code(one, card_of("cpj_data"))
    assert (coding.trigger, coding.persons, coding.outcome, coding.victim) == ("T08", 2, "killed", "journalists")


def test_an_unconfirmed_motive_counts_and_is_told_apart():
    confirmed, alleged = killed(entry(), entry(motive="Unconfirmed"))[0]
    assert [facts(one)["motiveConfirmed"] for one in (confirmed, alleged)] == ["Confirmed", "Unconfirmed"]
    assert [len(code(one, card_of("cpj_data"))) for one in (confirmed, alleged)] == [1, 1]


@pytest.mark.parametrize("day", ["March 2003", "2003", "Between March 3 and 6, 2010", ""])
def test_a_date_that_is_no_whole_day_dates_nothing(day):
    (one,), _, _ = killed(entry(day))
    assert one.occurred_on is None


def test_a_word_that_the_card_does_not_list_is_no_default():
    (one,), _, _ = killed(entry(kind="Blogger"))
    assert unknown_categories(one, card_of("cpj_data")) == (("type", "Blogger"),)


def test_an_entry_without_a_country_or_of_tomorrow_is_left_out_by_name():
    reports, _, defects = killed(entry(country=""), entry("January 24, 2031"), entry())
    assert len(reports) == 1
    assert checks(defects) == [("warn", "missing_field"), ("warn", "date_out_of_range")]


def test_the_same_entries_in_another_order_have_the_same_bytes():
    rows = [entry(), entry(country="Graustark"), entry(motive="Unconfirmed")]
    assert looked(rows)[0].sha256 == looked(rows[::-1])[0].sha256


def test_an_answer_of_another_form_is_not_landed():
    with pytest.raises(FetchFailed):
        looked({"message": "R. Rassendyll"})


def test_a_pager_without_end_is_a_failed_look():
    with pytest.raises(FetchFailed):
        looked(*[[entry()]] * 100)


@pytest.mark.recorded
def test_recorded_entries_are_counted_whole_and_without_names(recorded):
    """The recorded table has other headings over the same columns; they are given those of the interface."""
    path = recorded / "cpj" / "cpj_1992_2018_songeo.csv"
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["Country_killed"]]
    entries = [
        entry(
            row["Date"],
            name=row["Name"],
            country=row["Country_killed"],
            motive=row["Type"].removeprefix("Motive "),
            kind="Journalist",
        )
        for row in rows
    ]
    reports, _, defects = read(card_of("cpj_data"), looked(entries)[0].body)
    dated = [one for one in reports if one.occurred_on is not None]
    assert {check for _, check in checks(defects)} <= {"above_expected_max"}
    assert sum(int(facts(one)["persons"]) for one in reports) == len(rows) > 1700
    assert sum(int(facts(one)["persons"]) for one in dated) > 1600
    names = {row["Name"] for row in rows if len(row["Name"]) > 8}
    assert not any(name in repr(reports) for name in names)


# Letters by reference

LIST = "https://spcommreports.ohchr.org/LatestReports/CommunicationSent"
ASK = "https://spcommreports.ohchr.org/TmSearch/RelCom?code="


def letters_found(*known_pages):
    card = card_of("sp_communications_lookup")
    shown = {LIST: letters(letter("RUR 1/2026"), letter("RUR 4/2026"), letter("GRA 9/2025"), foot=" Page 1 of 1")}
    client = FixedClient(shown | {ASK + code_: page for code_, page in known_pages})
    return [payload.url for payload in collector_for(card).fetch(card, client)], client.asked


def test_the_numbers_after_the_newest_letter_are_asked_until_one_is_not_there():
    came, asked = letters_found(("RUR+5%2F2026", letters(letter("RUR 5/2026"))))
    assert came == [ASK + "RUR+5%2F2026"]
    assert asked == [LIST, ASK + "GRA+10%2F2025", ASK + "RUR+5%2F2026", ASK + "RUR+6%2F2026"]


def test_an_answer_about_another_letter_is_not_the_one_asked_for():
    assert letters_found(("RUR+5%2F2026", letters(letter("RUR 4/2026"))))[0] == []


def test_a_letter_asked_for_is_read_as_one_of_the_list():
    page = letters(letter("RUR 5/2023"))
    (asked,), _, _ = parse_all(card_of("sp_communications_lookup"), make_payload(page))
    (listed,), _, _ = parse_all(card_of("sp_communications"), make_payload(page))
    assert (asked.source_ref, asked.facts, asked.place) == (listed.source_ref, listed.facts, "")
    cards = card_of("sp_communications_lookup"), card_of("sp_communications")
    assert len({card.origin_id for card in cards}) == 1


def test_a_host_that_is_down_is_not_asked_for_every_addressee():
    card = card_of("sp_communications_lookup")
    page = letters(*[letter(f"{chr(65 + n) * 3} 1/2026") for n in range(20)])

    class Down(FixedClient):
        def get(self, url):
            if url == LIST:
                return super().get(url)
            self.asked.append(url)
            raise FetchFailed(url, "no answer")

    client = Down({LIST: page.replace("</table>", "</table> Page 1 of 1")})
    with pytest.raises(FetchFailed):
        list(collector_for(card).fetch(card, client))
    assert len(client.asked) == 1 + 6


# Overdue reports


def test_an_overdue_report_is_context_with_its_day_among_the_facts():
    card = card_of("treaty_reporting_status")
    body = (ROOT / "tests" / "recorded" / "treaty_reporting_status.html").read_bytes()
    reports, observations, defects = read(card, body)
    assert (card.codes, card.series, observations, defects) == ((), (), [], [])
    assert {one.occurred_on for one in reports} == {None}
    assert facts(reports[0]) == {"Treaty": "CERD", "Report": "Initial report", "Due date": "04 Jan 2011"}


def test_another_table_of_reports_is_named_by_what_it_lacks():
    body = "<table><tr><th>Country</th></tr><tr><td>Ruritania</td></tr></table>"
    assert checks(read(card_of("treaty_reporting_status"), body)[2]) == [("error", "column_gone")]


def test_a_payload_of_kept_fields_is_json_of_our_own():
    payload, _ = looked([entry()])
    assert isinstance(payload, Payload)
    assert dict(payload.headers)["content-type"] == "application/json"
