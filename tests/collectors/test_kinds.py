"""Each kind on its own form of payload."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pyarrow
import pyarrow.parquet
import pytest
from reportlab.pdfgen.canvas import Canvas

from collectors.base import FetchFailed, collector_for, parse_all
from collectors.kinds import html_table, table_file
from collectors.kinds.rss import plain
from domain.defect import DefectLevel
from domain.signal import Basis, Fact, PeriodKind
from domain.source import FieldMap, Kind, SeriesRule
from tests.collectors.conftest import TESTS, FixedClient, checks, make_card, make_payload

DEATHS = SeriesRule(indicator="deaths", trigger="T06", unit="persons killed", period="month")
RSS = make_card(Kind.RSS, fields=FieldMap(facts=("category", "author")), languages=("en",))
WIDE = make_card(Kind.CSV_FILE, fields=FieldMap(layout="wide"), series=(DEATHS,))
ROWS = make_card(Kind.CSV_FILE, fields=FieldMap(ref="id", place="where", occurred_on="day"))


@pytest.mark.parametrize("kind", [Kind.RSS, Kind.JSON_API, Kind.CSV_FILE, Kind.TABLE_FILE, Kind.UN_DOCUMENT])
def test_a_plain_kind_asks_for_the_cards_address_once(kind):
    client = FixedClient({"https://gazette.example/feed": "x"})
    (payload,) = collector_for(make_card(kind)).fetch(make_card(kind), client)
    assert payload.body == b"x"
    assert client.asked == ["https://gazette.example/feed"]


# RSS


def gazette():
    return (TESTS / "recorded" / "gazette.rss.xml").read_text("utf-8")


def feed(card=RSS, **replaced):
    body = gazette()
    for old, new in replaced.values():
        assert old in body
        body = body.replace(old, new)
    return parse_all(card, make_payload(body, media="application/rss+xml"))


def test_an_entry_is_words_without_markup():
    (first, _), _, defects = feed()
    assert first.title == "Council of Ruritania meets again"
    assert first.text == "The council & the harbour."
    assert first.facts == (Fact(name="category", value="Council, Harbour"), Fact(name="author", value=""))
    assert (first.source_ref, first.url) == ("https://gazette.example/story/1", "https://gazette.example/story/1")
    assert first.published_at == datetime(2024, 1, 24, 12, tzinfo=UTC)
    assert (first.occurred_on, first.place) == (None, "")
    assert defects == []


def test_an_entry_without_a_date_is_kept():
    (_, second), _, _ = feed()
    assert (second.source_ref, second.published_at) == ("g-2", None)


def test_the_feed_says_its_language_or_else_the_card_does():
    assert feed()[0][0].language == "en-gb"
    unsaid = ("<language>en-gb</language>", "")
    assert feed(a=unsaid)[0][0].language == "en"
    assert feed(replace(RSS, languages=("en", "fr")), a=unsaid)[0][0].language == ""


@pytest.mark.parametrize(
    ("stamp", "check"),
    [
        ("Thu, 01 Jan 1970 00:00:00 GMT", "date_1970"),
        ("Sun, 26 Jan 2025 12:00:00 GMT", "date_out_of_range"),
        ("some day", "unreadable_date"),
    ],
)
def test_an_entry_with_an_impossible_date_is_left_out_by_name(stamp, check):
    reports, _, (defect,) = feed(a=("Wed, 24 Jan 2024 12:00:00 GMT", stamp))
    assert [report.source_ref for report in reports] == ["g-2"]
    assert (defect.check, defect.record) == (check, "https://gazette.example/story/1")


NO_GUID = ('<guid isPermaLink="false">g-2</guid>', "")
NO_LINK = ("<link>https://gazette.example/story/2</link>", "")
NO_TITLE = ("<title>A notice without a date</title>", "")


def test_an_entry_without_guid_is_named_by_its_link_and_that_is_said():
    (_, second), _, (defect,) = feed(a=NO_GUID)
    assert second.source_ref == "https://gazette.example/story/2"
    assert (defect.level, defect.check) == (DefectLevel.INFO, "ref_from_link")


def test_an_entry_without_guid_and_link_is_named_by_title_and_date():
    (_, second), _, (defect,) = feed(a=NO_GUID, b=NO_LINK)
    assert second.source_ref.startswith("title:")
    assert (defect.level, defect.check, defect.record) == (DefectLevel.WARN, "ref_from_title", second.source_ref)
    assert feed(a=NO_GUID, b=NO_LINK)[0][1].source_ref == second.source_ref


def rss(*items, head='<?xml version="1.0"?>'):
    return f'{head}<rss version="2.0"><channel><title>G</title>{"".join(items)}</channel></rss>'


def entry(title, *, guid="g", link="", rest=""):
    return f"<item><title>{title}</title><guid isPermaLink='false'>{guid}</guid><link>{link}</link>{rest}</item>"


def refs(*items):
    reports, _, defects = parse_all(RSS, make_payload(rss(*items)))
    return [report.source_ref for report in reports], [defect.check for defect in defects]


def test_a_guid_that_stands_for_two_stories_names_neither():
    one, two = "https://gazette.example/1", "https://gazette.example/2"
    assert refs(entry("A", link=one), entry("B", link=two)) == ([one, two], ["reused_guid", "reused_guid"])


def test_stories_that_share_guid_and_link_are_told_apart_by_title():
    named, said = refs(entry("A", link="https://gazette.example/"), entry("B", link="https://gazette.example/"))
    assert [ref[:6] for ref in named] == ["title:", "title:"]
    assert len(set(named)) == 2
    assert said == ["reused_guid", "reused_guid"]


def test_an_atom_id_said_twice_is_two_versions_of_one_entry():
    both = "".join(
        f"<entry><id>tag:g</id><title>{title}</title><link href='https://gazette.example/1'/></entry>" for title in "AB"
    )
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>G</title>{both}</feed>'
    (report,), _, (defect,) = parse_all(RSS, make_payload(body))
    assert (report.source_ref, report.title, defect.check) == ("tag:g", "B", "same_ref_twice")


def test_an_entry_without_title_is_titled_by_its_first_words():
    (report,), _, defects = parse_all(
        RSS, make_payload(rss("<item><guid>g</guid><link>/7</link><description>The quay.</description></item>"))
    )
    assert (report.title, report.url) == ("The quay.", "https://gazette.example/7")
    assert defects == []


def test_an_entry_of_text_alone_is_named_by_its_words():
    body = rss("<item><description>The quay.</description></item>", "<item><description>A mole.</description></item>")
    first, second = parse_all(RSS, make_payload(body))[0]
    assert (first.title, second.title) == ("The quay.", "A mole.")
    assert first.source_ref != second.source_ref
    assert parse_all(RSS, make_payload(body))[0][0].source_ref == first.source_ref


def test_a_channel_definition_file_is_a_feed():
    item = '<ITEM HREF="/7" LASTMOD="2024-01-24T10:00:00-05:00"><TITLE>The quay</TITLE></ITEM>'
    body = f'<?xml version="1.0"?><CHANNEL HREF="https://gazette.example/"><TITLE>Gazette</TITLE>{item}</CHANNEL>'
    (report,), _, _ = parse_all(RSS, make_payload(body))
    assert (report.title, report.url) == ("The quay", "https://gazette.example/7")
    assert report.published_at == datetime(2024, 1, 24, 15, tzinfo=UTC)


@pytest.mark.parametrize("label", ["utf-7", "rot13", "no-such-thing"])
def test_a_label_that_names_no_encoding_of_feeds_is_told_even_over_plain_letters(label):
    body = rss("<item><guid>g</guid><title>The quay</title></item>", head=f'<?xml version="1.0" encoding="{label}"?>')
    (report,), _, (defect,) = parse_all(RSS, make_payload(body))
    assert report.title == "The quay"
    assert (defect.check, defect.evidence) == ("wrong_encoding", f"said {label}, read as utf-8")


def test_a_feed_whose_picture_has_a_broken_size_is_still_read():
    item = "<item><guid>g</guid><title>The quay</title></item>"
    body = f"<rss version='2.0'><channel>{item}<image></width></image></channel></rss>"
    (report,), _, defects = parse_all(RSS, make_payload(body))
    assert report.title == "The quay"
    assert checks(defects) == [("warn", "broken_feed")]


RURITANIAN = "Ruritâniâ — “Zenda”"


@pytest.mark.parametrize(
    ("encoding", "declared", "said"),
    [
        ("utf-8", "utf-8", []),
        ("utf-8-sig", "iso-8859-1", []),
        ("utf-16", "utf-16", []),
        ("utf-16-le", "utf-8", []),
        ("utf-16-be", "", []),
        ("utf-32", "utf-32", []),
        ("utf-8", "iso-8859-1", ["wrong_encoding"]),
        ("utf-8", "no-such-code", ["wrong_encoding"]),
        ("utf-8", "rot13", ["wrong_encoding"]),
        ("cp1252", "utf-8", ["wrong_encoding"]),
        ("cp1252", "", ["wrong_encoding"]),
        ("cp1252", "iso-8859-1", []),
        ("cp1252", "windows-1252", []),
        ("gb18030", "gb18030", []),
    ],
)
def test_a_feed_is_read_in_any_declared_or_wrong_encoding(encoding, declared, said):
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = rss(entry(RURITANIAN, link="https://gazette.example/1"), head=head).encode(encoding)
    (report,), _, defects = parse_all(RSS, make_payload(body))
    assert report.title == RURITANIAN
    assert [defect.check for defect in defects] == said


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE r [<!ENTITY a "b">]>',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://gazette.example/x.dtd"> %p;]>',
        '<!-- a --><!DOCTYPE r SYSTEM "<r>" [<!-- \' --><!ENTITY a "b">]>',
        '<?a <r ?><!doctype r [<!entity a "b">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_feed_that_declares_an_entity_is_refused(head, encoding):
    body = rss(entry("&a;"), head=head).encode(encoding)
    assert checks(parse_all(RSS, make_payload(body))[2]) == [("error", "xml_entities")]


def test_an_old_document_type_is_neither_fetched_nor_a_reason_to_refuse():
    head = '<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://gazette.example/rss.dtd">'
    (report,), _, defects = parse_all(RSS, make_payload(rss(entry("A story about <![CDATA[<!ENTITY]]>"), head=head)))
    assert report.source_ref == "g"
    assert defects == []


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Wed, 24 Jan 2024 12:00:00 GMT", 12),
        ("Wed, 24 Jan 2024 14:00:00 +0200", 12),
        ("24 Jan 24 12:00 UT", 12),
        ("2024-01-24T12:00:00Z", 12),
        ("2024-01-24T14:00:00+02", 12),
        ("mer., 24 janv. 2024 12:00:00 +0000", 12),
        ("24 de enero de 2024 12:00", 12),
        ("January 24, 2024 12:00 PM", 12),
        ("2024/01/24", 0),
        ("24 Jan 2024", 0),
    ],
)
def test_a_date_is_read_as_feeds_write_it(words, read):
    (report,), _, _ = parse_all(RSS, make_payload(rss(entry("A", rest=f"<pubDate>{words}</pubDate>"))))
    assert report.published_at == datetime(2024, 1, 24, read, tzinfo=UTC)


def test_a_date_without_zone_is_read_as_utc_and_that_is_said():
    (report,), _, (defect,) = parse_all(
        RSS, make_payload(rss(entry("A", rest="<pubDate>2024-01-24 12:00:00</pubDate>")))
    )
    assert report.published_at == datetime(2024, 1, 24, 12, tzinfo=UTC)
    assert (defect.level, defect.check) == (DefectLevel.INFO, "date_without_zone")


def test_two_paragraphs_are_not_one_word():
    assert plain("<p>The quay.</p><p>The <b>ha</b>rbour</p>") == "The quay. The harbour"


def test_an_entry_that_says_nothing_is_left_out():
    assert checks(feed(a=NO_TITLE)[2]) == [("warn", "missing_field")]


def test_a_link_that_is_no_address_is_not_handed_on():
    (_, second), _, _ = feed(a=("https://gazette.example/story/2", "javascript:alert(1)"))
    assert second.url == ""


def test_a_page_instead_of_a_feed_is_the_wrong_type():
    _, _, defects = parse_all(RSS, make_payload("<html><body>Are you human?</body></html>", media="text/html"))
    assert checks(defects) == [("error", "wrong_type")]


def test_xml_that_is_no_feed_cannot_be_read():
    assert checks(parse_all(RSS, make_payload("<?xml version='1.0'?><note/>"))[2]) == [("error", "unreadable_payload")]


def test_a_feed_that_breaks_off_gives_what_came_and_says_so():
    reports, _, defects = parse_all(RSS, make_payload(gazette().split("<item><title>A notice")[0]))
    assert len(reports) == 1
    assert checks(defects) == [("warn", "broken_feed")]


def test_a_path_is_not_opened_as_a_feed():
    assert checks(parse_all(RSS, make_payload(str(TESTS / "recorded" / "gazette.rss.xml")))[2]) == [
        ("error", "wrong_type")
    ]


def test_an_empty_feed_has_its_own_name():
    body = gazette().split("<item>")[0] + "</channel></rss>"
    assert checks(parse_all(RSS, make_payload(body))[2]) == [("warn", "empty_feed")]


def test_markup_wrapped_twice_is_unwrapped():
    assert plain("&lt;p&gt;Ships &amp;amp; cargo&lt;/p&gt;") == "Ships & cargo"


# CSV


def test_each_cell_of_a_wide_table_is_an_observation_of_its_month():
    _, observations, defects = parse_all(WIDE, make_payload(",Ruritania,Graustark\n2023-12-31,4,0\n"))
    assert [(seen.place, seen.value, seen.period_start) for seen in observations] == [
        ("Ruritania", 4.0, date(2023, 12, 1)),
        ("Graustark", 0.0, date(2023, 12, 1)),
    ]
    assert observations[0].period_kind is PeriodKind.MONTH
    assert defects == []


def test_an_empty_cell_of_a_wide_table_is_not_zero():
    _, (observation,), _ = parse_all(WIDE, make_payload(",Ruritania,\n2023-12-31,,\n"))
    assert observation.value is None


def test_bad_cells_and_lines_of_a_wide_table_are_left_out_alone():
    body = ",Ruritania,Graustark\n2023-10-31,many,2\nsoon,1,1\n2023-11-30,1\n2023-12-31,1,1\n\n"
    _, observations, defects = parse_all(WIDE, make_payload(body))
    assert len(observations) == 3
    assert checks(defects) == [("warn", "not_a_number"), ("warn", "unreadable_date"), ("warn", "wrong_width")]


@pytest.mark.parametrize("body", ["2023-12-31,4,0\n", "1970-01-01,1\n", "<html>\n"])
def test_a_wide_table_without_a_header_stops_the_source(body):
    assert checks(parse_all(WIDE, make_payload(body))[2]) == [("error", "no_header")]


def test_a_wide_table_needs_exactly_one_series():
    card = replace(WIDE, series=())
    assert checks(parse_all(card, make_payload(",Ruritania\n"))[2]) == [("error", "wrong_type")]


@pytest.mark.parametrize("card", [WIDE, ROWS])
def test_an_empty_file_is_an_empty_feed(card):
    assert checks(parse_all(card, make_payload(""))[2]) == [("warn", "empty_feed")]


def test_tags_of_the_humanitarian_exchange_language_are_not_a_record():
    body = "id,where,day\n#meta,#country+name,\n1,Ruritania,2024-01-20\n"
    (report,), _, defects = parse_all(ROWS, make_payload(body))
    assert report.source_ref == "1"
    assert defects == []


def test_rows_without_a_header_stop_the_source():
    assert checks(parse_all(ROWS, make_payload("1,Ruritania,2024-01-20\n"))[2]) == [("error", "no_header")]


def test_a_column_that_is_gone_from_a_csv_file_is_named():
    _, _, (defect,) = parse_all(ROWS, make_payload("id,where\n1,Ruritania\n"))
    assert (defect.level, defect.check, defect.evidence) == (DefectLevel.ERROR, "column_gone", "day")


def test_a_line_of_another_width_is_left_out():
    reports, _, defects = parse_all(ROWS, make_payload("id,where,day\n1,Ruritania\n2,Ruritania,2024-01-20\n"))
    assert [report.source_ref for report in reports] == ["2"]
    assert checks(defects) == [("warn", "wrong_width")]


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ('id,where,day\n1,"Ruritania,2024-01-20\n2,Ruritania,2024-01-20\n', "quote_never_closed"),
        ("id,where,day\n1," + "a" * 200_000 + ",2024-01-20\n", "oversized_cell"),
        ("id,where,where,day\n1,Ruritania,Graustark,2024-01-20\n", "duplicate_column"),
        (b"id,where,day\n1,\xff\xfe\xfd,2024-01-20\n", "unreadable_payload"),
    ],
)
def test_a_csv_file_that_could_be_read_in_two_ways_stops_the_source(body, check):
    assert checks(parse_all(ROWS, make_payload(body))[2]) == [("error", check)]


def test_a_zero_byte_in_a_cell_is_no_sign():
    (report,), _, defects = parse_all(ROWS, make_payload("id,where,day\n1,Ruritania\x00,2024-01-20\n"))
    assert report.place == "Ruritania"
    assert defects == []


def test_a_layout_that_nobody_knows_stops_the_source():
    card = replace(ROWS, fields=replace(ROWS.fields, layout="tall"))
    assert checks(parse_all(card, make_payload("a,b\n"))[2]) == [("error", "wrong_type")]


# HTML tables


LETTERS = make_card(
    Kind.HTML_TABLE,
    url="https://letters.example/sent",
    fields=FieldMap(
        layout="letters",
        ref="reference",
        title="title",
        url="link",
        addressee="addressee",
        published_at="published_at",
        facts=("sent_on", "type", "mandates", "replies", "record_id"),
    ),
)
LETTER = """<tr data-id="11"></tr><tr><td><ul>{sent}</ul><ul>{to}</ul><ul>JAL</ul>
<ul><a href="/f?gId=11">{ref}</a></ul></td>
<td><ul><li>water</li><li>housing</li></ul></td><td>Words that are not kept</td>
<td><a href="/DownLoadFile?gId=12">02 Jan 2024</a></td></tr>"""


def letters(*rows, foot=""):
    return f"<html><body><table><thead><tr><th>Date</th></tr></thead>{''.join(rows)}</table>{foot}</body></html>"


def letter(ref="RUR 1/2023", sent="01 Nov 2023", to="Ruritania"):
    return LETTER.format(ref=ref, sent=sent, to=to)


def test_a_letter_is_read_by_what_its_cells_say():
    (report,), _, defects = parse_all(LETTERS, make_payload(letters(letter())))
    assert (report.source_ref, report.title, report.addressee) == ("RUR 1/2023", "JAL RUR 1/2023", "Ruritania")
    assert report.url == "https://letters.example/f?gId=11"
    assert [fact.value for fact in report.facts] == ["2023-11-01", "JAL", "water; housing", "02 Jan 2024", "11"]
    assert (report.place, report.occurred_on, report.published_at) == ("", None, None)
    assert defects == []


def test_cells_in_another_order_say_the_same():
    first, mandates, summary, reply = letter().split("<td>")[1:]
    turned = "<tr data-id='11'></tr><tr>" + "".join(
        "<td>" + cell.replace("</tr>", "") for cell in (reply, mandates, first, summary)
    )
    (report,), _, _ = parse_all(LETTERS, make_payload(letters(turned + "</tr>")))
    (usual,), _, _ = parse_all(LETTERS, make_payload(letters(letter())))
    assert report.version == usual.version


def test_only_an_estimate_says_when_a_letter_became_public():
    (report,), _, _ = parse_all(LETTERS, make_payload(letters(letter()), basis=Basis.ESTIMATED))
    assert report.published_at == datetime(2023, 12, 31, tzinfo=UTC)  # 1 November and 60 days
    assert report.basis is Basis.ESTIMATED


@pytest.mark.parametrize(
    ("sent", "check"),
    [
        ("01 Jan 1970", "date_1970"),
        ("40 Nov 2023", "unreadable_date"),
        ("01 Nov 2024", "date_out_of_range"),
        ("", "missing_field"),
    ],
)
def test_a_letter_with_an_impossible_date_is_left_out_by_name(sent, check):
    _, _, (defect,) = parse_all(LETTERS, make_payload(letters(letter(sent=sent))))
    assert (defect.level, defect.check, defect.record) == (DefectLevel.WARN, check, "RUR 1/2023")


def test_a_page_without_a_table_is_the_wrong_type():
    assert checks(parse_all(LETTERS, make_payload("<html><p>Are you human?</p></html>"))[2]) == [
        ("error", "wrong_type")
    ]


def test_a_page_of_nothing_cannot_be_read():
    assert checks(parse_all(LETTERS, make_payload(""))[2]) == [("error", "unreadable_payload")]


def test_a_table_without_rows_is_an_empty_feed():
    assert checks(parse_all(LETTERS, make_payload(letters()))[2]) == [("warn", "empty_feed")]


SENT = "https://letters.example/sent"


def asked(pages):
    client = FixedClient(pages)
    payloads = list(html_table.fetch(LETTERS, client))
    return client.asked, len(payloads)


def test_the_pager_is_followed_until_a_page_is_empty():
    pages = {SENT: letters(letter()), f"{SENT}?page=2": letters(letter("RUR 2/2023")), f"{SENT}?page=3": letters()}
    assert asked(pages) == ([SENT, f"{SENT}?page=2", f"{SENT}?page=3"], 2)


def test_the_pager_stops_at_the_page_that_calls_itself_last():
    pages = {SENT: letters(letter(), foot="1 found page 1 of 1")}
    assert asked(pages) == ([SENT], 1)


def test_a_pager_that_repeats_its_last_page_is_left():
    pages = {SENT: letters(letter()), f"{SENT}?page=2": letters(letter())}
    assert asked(pages) == ([SENT, f"{SENT}?page=2"], 1)


def test_a_first_page_that_cannot_be_read_is_still_handed_on():
    assert asked({SENT: ""}) == ([SENT], 1)


def test_a_pager_without_end_is_cut(monkeypatch):
    monkeypatch.setattr(html_table, "MAX_PAGES", 3)
    pages = {SENT: letters(letter())} | {f"{SENT}?page={n}": letters(letter(f"RUR {n}/2023")) for n in (2, 3, 4)}
    assert asked(pages)[1] == 3


def test_a_plain_table_is_read_by_its_header():
    card = make_card(Kind.HTML_TABLE, fields=FieldMap(ref="No", place="State", occurred_on="Day"))
    head = "<tr><th>No</th><th>State</th><th>Day</th></tr>"
    body = f"<table>{head}<tr><td>1</td><td>Ruritania</td><td>20 January 2024</td></tr></table>"
    (report,), _, defects = parse_all(card, make_payload(body))
    assert (report.source_ref, report.place, report.occurred_on) == ("1", "Ruritania", date(2024, 1, 20))
    assert defects == []


# Tables in files


TABLE = make_card(Kind.TABLE_FILE, fields=FieldMap(ref="id", place="where", occurred_on="day", facts=("ended",)))
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
SHEET = f"""<worksheet {NS}><sheetData>
<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c>
<c t="inlineStr"><is><t>day</t></is></c><c t="str"><v>ended</v></c></row>
<row><c r="A2"><v>7</v></c><c r="B2" t="s"><v>2</v></c>
<c r="C2" s="1"><v>45311</v></c><c r="D2" t="b"><v>1</v></c></row>
<row><c r="A3"><v>8</v></c><c r="B3" t="s"><v>2</v></c>
<c r="C3" s="2"><v>45312</v></c><c r="D3" t="e"><v>#N/A</v></c></row>
<row><c r="A4"/></row>
<row><c r="A5"><v>9</v></c><c r="C5" s="1"><v>45313</v></c></row>
</sheetData></worksheet>"""


def workbook(sheet=SHEET, *, book="", **others):
    members = {
        "xl/workbook.xml": f'<workbook {NS} {REL}>{book}<sheets><sheet name="Notes" r:id="r1"/>'
        '<sheet name="All (2016-2024)" r:id="r2"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="r1" Target="worksheets/s1.xml"/>'
        '<Relationship Id="r2" Target="/xl/worksheets/s2.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {NS}><si><t>id</t></si><si><r><t>whe</t></r><r><t>re</t></r></si>"
        "<si><t>Ruritania</t></si></sst>",
        "xl/styles.xml": f'<styleSheet {NS}><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yy"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>',
        "xl/worksheets/s1.xml": f"<worksheet {NS}><sheetData/></worksheet>",
        "xl/worksheets/s2.xml": sheet,
    } | others
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()


def parquet(rows):
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    return file.getvalue()


def test_a_parquet_table_is_read_with_its_types():
    rows = [{"id": 7, "where": "Ruritania", "day": datetime(2024, 1, 20, tzinfo=UTC), "ended": None}]
    (report,), _, defects = parse_all(TABLE, make_payload(parquet(rows)))
    assert (report.source_ref, report.occurred_on, report.facts[0].value) == ("7", date(2024, 1, 20), "")
    assert defects == []


def test_a_workbook_is_read_from_the_sheet_that_has_the_columns():
    reports, _, (defect,) = parse_all(TABLE, make_payload(workbook()))
    first, second = reports
    assert (first.source_ref, first.place, first.occurred_on) == ("7", "Ruritania", date(2024, 1, 20))
    assert (first.facts[0].value, second.facts[0].value) == ("true", "")
    assert second.occurred_on == date(2024, 1, 21)
    assert (defect.check, defect.record) == ("missing_field", "9")


def test_the_card_may_name_the_sheet_by_its_beginning():
    named = replace(TABLE, fields=replace(TABLE.fields, items="All"))
    assert len(parse_all(named, make_payload(workbook()))[0]) == 2
    lost = replace(TABLE, fields=replace(TABLE.fields, items="Every"))
    assert checks(parse_all(lost, make_payload(workbook()))[2]) == [("error", "no_header")]


def test_a_workbook_that_counts_its_days_from_1904_is_believed():
    later = parse_all(TABLE, make_payload(workbook(SHEET.replace("453", "438"), book='<workbookPr date1904="1"/>')))[0]
    assert later[0].occurred_on == date(2023, 12, 13)  # 43811 days after 1 January 1904


def test_a_workbook_without_styles_and_strings_is_read_as_numbers_and_text():
    sheet = f"""<worksheet {NS}><sheetData>
<row><c t="str"><v>id</v></c><c t="str"><v>where</v></c><c t="str"><v>day</v></c>
<c t="str"><v>ended</v></c></row>
<row><c><v>1</v></c><c t="str"><v>Ruritania</v></c><c t="str"><v>2024-01-20</v></c></row>
</sheetData></worksheet>"""
    body = workbook(sheet)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            if "styles" not in name and "shared" not in name:
                new.writestr(name, old.read(name))
    (report,), _, _ = parse_all(TABLE, make_payload(file.getvalue()))
    assert report.occurred_on == date(2024, 1, 20)


def test_a_workbook_that_unpacks_to_a_flood_is_not_opened():
    flood = SHEET.replace("</sheetData>", " " * 5_000_000 + "</sheetData>")
    assert checks(parse_all(TABLE, make_payload(workbook(flood)))[2]) == [("error", "oversized_archive")]


def test_tables_above_the_limit_are_not_opened(monkeypatch):
    monkeypatch.setattr(table_file, "MAX_UNPACKED", 100)
    rows = [{"id": 7, "where": "Ruritania", "day": "2024-01-20", "ended": "no"}]
    for body in (workbook(), parquet(rows)):
        assert checks(parse_all(TABLE, make_payload(body))[2]) == [("error", "oversized_archive")]


def test_an_encrypted_workbook_cannot_be_read():
    body = bytearray(workbook())
    at = body.index(b"PK\x01\x02")
    body[at + 8] |= 1
    assert checks(parse_all(TABLE, make_payload(bytes(body)))[2]) == [("error", "unreadable_payload")]


@pytest.mark.parametrize(
    ("body", "check"),
    [(b"id,where\n", "wrong_type"), (b"PAR1", "unreadable_payload"), (b"PK\x03\x04", "unreadable_payload")],
)
def test_a_file_that_is_no_table_is_named(body, check):
    assert checks(parse_all(TABLE, make_payload(body))[2]) == [("error", check)]


# Documents


CASES = SeriesRule(indicator="cases", trigger="T09", unit="paragraphs", period="year")
REPORT = make_card(
    Kind.UN_DOCUMENT,
    url="https://documents.example/access?s=R/1/2&t=pdf",
    places=("Ruritania", "Graustark"),
    series=(CASES,),
    fields=FieldMap(layout="headings: 1 May to 30 April"),
)
PERIOD = "1. The report covers 1 May 2022 to 30 April 2023."


def pdf(*lines):
    file = io.BytesIO()
    canvas = Canvas(file)
    for at, line in enumerate(lines):
        canvas.drawString(50, 800 - 16 * at, line)
    canvas.save()
    return file.getvalue()


def test_numbered_paragraphs_are_counted_under_headings_of_states():
    body = pdf(PERIOD, "Ruritania", "2. One.", "more of it", "3. Two.", "Graustark", "4. Three.")
    reports, observations, defects = parse_all(REPORT, make_payload(body))
    assert [(seen.place, seen.value, seen.period_start) for seen in observations] == [
        ("Ruritania", 2.0, date(2022, 5, 1)),
        ("Graustark", 1.0, date(2022, 5, 1)),
    ]
    assert observations[0].period_kind is PeriodKind.YEAR
    assert [(report.source_ref, report.occurred_on, report.published_at) for report in reports] == [
        ("R/1/2 Ruritania", None, None),
        ("R/1/2 Graustark", None, None),
    ]
    assert reports[0].text == ""
    assert defects == []


def test_the_first_annex_is_counted_alone_where_it_has_headings():
    body = pdf(
        PERIOD,
        "Ruritania",
        "2. See annex.",
        "Annex I",
        "Ruritania",
        "1. A.",
        "2. B.",
        "Annex II",
        "Graustark",
        "1. Old.",
    )
    _, (observation,), _ = parse_all(REPORT, make_payload(body))
    assert (observation.place, observation.value) == ("Ruritania", 2.0)


def test_a_real_states_name_is_a_heading_without_being_listed():
    _, (observation,), _ = parse_all(REPORT, make_payload(pdf(PERIOD, "Norway", "2. A paragraph of no content.")))
    assert observation.place == "Norway"


def test_a_name_without_paragraphs_is_not_a_heading():
    assert checks(parse_all(REPORT, make_payload(pdf(PERIOD, "Ruritania", "a line")))[2]) == [("warn", "empty_feed")]


@pytest.mark.parametrize("words", ["no period", "1 May 2022 to 30 April 2029"])
def test_a_report_without_its_period_stops_the_source(words):
    assert checks(parse_all(REPORT, make_payload(pdf(words, "Ruritania", "2. One.")))[2]) == [
        ("error", "missing_field")
    ]


@pytest.mark.parametrize(
    ("body", "check"),
    [("<html>", "wrong_type"), (b"%PDF-1.7 cut off", "unreadable_payload"), (pdf(), "unreadable_payload")],
)
def test_a_document_that_cannot_be_read_is_named(body, check):
    assert checks(parse_all(REPORT, make_payload(body))[2]) == [("error", check)]


def test_a_document_without_a_symbol_in_its_address_is_named_by_its_card():
    card = replace(REPORT, url="https://documents.example/report.pdf", series=())
    (report,), observations, _ = parse_all(card, make_payload(pdf(PERIOD, "Ruritania", "2. One.")))
    assert report.source_ref == "harbour_gazette Ruritania"
    assert observations == []


def test_a_failure_says_what_why_and_what_to_do():
    assert str(FetchFailed("https://x.example", "status 500")).splitlines()[1] == "  Why: status 500"
