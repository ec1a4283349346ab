"""What strangers may send: every payload ends in items or in a defect with a name, and in time.

All of it is made here: our own fictional payloads broken by a seeded mutator and by hypothesis, strings of every
awkward kind, and bombs. Nothing is copied from anyone's corpus.
"""

import io
import json
import random
import re
import time
import zipfile
from datetime import UTC, datetime

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from collectors.base import CONTROLS, HALVES, UNSEEN, parse_all
from domain.defect import DefectLevel
from domain.source import FieldMap, Kind, SeriesRule
from horizon.parsing import parse_files
from tests.collectors.conftest import COLLECTED, ROOT, TESTS, checks, make_card, make_payload
from tests.collectors.test_kinds import LETTERS, PERIOD, REPORT, SHEET, letter, letters, pdf, workbook

FIELDS = FieldMap(ref="id", title="title", place="where", occurred_on="day", facts=("hurt",))
DEATHS = SeriesRule(indicator="deaths", trigger="T06", unit="persons killed", period="month")
CARDS = {
    "rss": make_card(Kind.RSS, fields=FieldMap(facts=("category", "author"))),
    "json": make_card(Kind.JSON_API, fields=FIELDS),
    "csv": make_card(Kind.CSV_FILE, fields=FIELDS),
    "wide": make_card(Kind.CSV_FILE, fields=FieldMap(layout="wide"), series=(DEATHS,)),
    "xlsx": make_card(Kind.TABLE_FILE, fields=FieldMap(ref="id", place="where", occurred_on="day", facts=("ended",))),
    "html": LETTERS,
    "pdf": REPORT,
}
NAME = re.compile(r"^[a-z0-9_]+$")

# One or two of every kind of sign and trick that breaks readers, terminals, spreadsheets, templates and pages.
NAUGHTY = (
    "\x00\x01\x07\x08\x0b\x0c\x1b[31mred\x1b[0m\x7f\x85\x9b",
    "a\r\nb\u2028c\u2029d\x1ee",
    "\u202egnp.live\u202c \u2066a\u2069 \u200e\u200f\u061c",
    "ze\u200bro\u2060wi\ufeffdth\u00ad \u180e",
    "\U000e0049\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065",
    "👩\u200d👩\u200d👧\u200d👦 🏳\ufe0f\u200d🌈 👍🏿",
    "Z\u0351\u0343\u0346a\u0315\u0316l\u0317\u0318g\u0319o" + "\u0336" * 500,
    "می\u200cخواهم اَلْعَرَبِيَّةُ ﷽ 漢字 ｆｕｌｌ ﬃ ǅ ß İı",
    "w" * 50_000,
    "\ufffe\uffff\U0010ffff\ufffd",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>'`--!>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp;amp;lt;",
    "<![CDATA[ ]]> ]]&gt; <!-- --> <?php ?>",
    "=cmd|' /C calc'!A0 +1+1 -1 @SUM(1)",
    "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {% raw %} %s %n {0.__class__}",
    "'; DROP TABLE x; -- \" OR 1=1 \\",
    "../../etc/hostname ..\\..\\x C:\\nul file:///dev/zero",
    "null None NaN Infinity -0 1e999 true 0x1F 1_000 ١٢٣",
    "https://gazette.example/%00%0d%0a?a=[b]#c javascript:alert(1) http://[::1",
    "",
    " \t\u00a0\u3000\u2003 ",
)


def whole(name):
    """A payload of this kind that is read without a fault."""
    rows = [{"id": number, "title": f"Harbour {number}", "where": "Ruritania", "day": "2024-01-20", "hurt": number}
            for number in range(3)]  # fmt: skip
    match name:
        case "rss":
            return (TESTS / "recorded" / "gazette.rss.xml").read_bytes()
        case "json":
            return json.dumps(rows).encode()
        case "csv":
            lines = [",".join(map(str, row.values())) for row in rows]
            return "\n".join([",".join(rows[0]), *lines, '9,"a, ""b""",Ruritania,2024-01-20,1']).encode()
        case "wide":
            return b",Ruritania,Graustark\n2023-11-30,4,0\n2023-12-31,,7\n"
        case "xlsx":
            return workbook(SHEET)
        case "html":
            return letters(letter(), letter("RUR 2/2023")).encode()
        case "pdf":
            return pdf(PERIOD, "Ruritania", "2. One.")
    raise AssertionError(name)


def seeded(name):
    """The same faults at every run."""
    return random.Random(f"{name} 1848")  # noqa: S311  (chance that must repeat is not for secrets)


def mutated(body, dice):
    """The bytes with one to six faults of a transfer, an editor or an enemy."""
    broken = bytearray(body)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(broken) + 1)
        upto = min(len(broken), at + dice.randint(1, 40))
        match dice.randrange(8):
            case 0:
                del broken[at:]
            case 1:
                del broken[at:upto]
            case 2:
                broken[at:at] = bytes(broken[at:upto]) * dice.randint(1, 30)
            case 3:
                broken[at:upto] = dice.randbytes(upto - at)
            case 4:
                broken[at:at] = dice.choice(NAUGHTY).encode("utf-8", "surrogatepass")[:2000]
            case 5:
                broken[at:at] = dice.choice(
                    (b"<", b"&", b"\0", b'"', b"]]>", b"<!DOCTYPE a [", b"{", b"[", b"\xff\xfe")
                )
            case 6:
                broken = broken[at:] + broken[:at]
            case 7 if len(broken) > at:
                broken[at] ^= 1 << dice.randrange(8)
    return bytes(broken)


def ends_well(card, body, media=""):
    """Read it; whatever came, it is items or a name, and no sign that hides or turns words is among it."""
    reports, observations, defects = parse_all(card, make_payload(body, media=media))
    assert reports or observations or defects
    for defect in defects:
        assert NAME.match(defect.check)
        assert len(defect.record) <= 200
        assert "Traceback" not in defect.evidence
    if any(defect.level is DefectLevel.ERROR for defect in defects):
        assert not reports
        assert not observations
    for report in reports:
        assert report.source_ref
        assert len(report.source_ref) < 60_000
        said = "\n".join((report.title, report.text, report.source_ref, report.place, report.url, report.language))
        for forbidden in (CONTROLS, UNSEEN, HALVES):
            assert not forbidden.search(said), said
        assert report.url.startswith(("http://", "https://")) or not report.url
        assert not re.search(r"[\s<>\"]", report.url)
    return reports, observations, defects


@pytest.mark.parametrize("name", CARDS)
def test_what_is_mutated_below_is_read_whole(name):
    reports, observations, defects = parse_all(CARDS[name], make_payload(whole(name)))
    assert reports or observations
    assert [defect for defect in defects if defect.level is DefectLevel.ERROR] == []


@pytest.mark.parametrize(
    ("name", "times"),
    [("rss", 150), ("json", 200), ("csv", 150), ("wide", 100), ("xlsx", 150), ("html", 100), ("pdf", 6)],
)
def test_a_broken_payload_ends_in_items_or_a_name(name, times):
    dice = seeded(name)
    body = whole(name)
    seen = set()
    for _ in range(times):
        reports, observations, defects = ends_well(CARDS[name], mutated(body, dice))
        seen |= {defect.check for defect in defects} | ({"items"} if reports or observations else set())
    assert len(seen) > 1, "the mutator breaks nothing"


@pytest.mark.parametrize("name", ["rss", "json", "csv", "wide", "xlsx", "html"])
def test_bytes_of_any_sort_end_in_a_name(name):
    start = {"rss": b"<rss version='2.0'><channel><item>", "xlsx": b"PK\x03\x04", "html": b"<table>"}.get(name, b"")

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(st.binary(max_size=300) | st.text(max_size=200).map(lambda words: words.encode("utf-8", "surrogatepass")))
    def check(body):
        ends_well(CARDS[name], body)
        ends_well(CARDS[name], start + body)

    check()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(("id", "where", "day", "x")), inner),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(JSON_VALUES)
def test_json_of_any_shape_ends_in_items_or_a_name(value):
    ends_well(CARDS["json"], json.dumps(value))
    ends_well(CARDS["json"], json.dumps([value]))


@pytest.mark.parametrize("words", NAUGHTY)
def test_words_of_every_awkward_kind_are_read_without_what_hides_or_turns_them(words):
    safe = words.replace("&", "&amp;").replace("<", "&lt;")
    feed = f"<rss version='2.0'><channel><item><title>T {safe}</title><guid>{safe}</guid><link>{safe}</link></item>"
    ends_well(CARDS["rss"], (feed + "</channel></rss>").encode("utf-8", "surrogatepass"))
    row = {"id": f"a{words}", "title": words, "where": words, "day": "2024-01-20", "hurt": words}
    ends_well(CARDS["json"], json.dumps([row]))
    cell = words.replace('"', '""')
    ends_well(CARDS["csv"], f'id,title,where,day,hurt\n1,"{cell}","{cell}",2024-01-20,"{cell}"\n')
    ends_well(CARDS["html"], letters(letter(to=words)))


def test_a_family_of_joined_signs_and_a_persian_word_stay_whole():
    row = {"id": 1, "title": "👩\u200d👧 می\u200cخواهم", "where": "Ruritania", "day": "2024-01-20", "hurt": 0}
    (report,), _, _ = parse_all(CARDS["json"], make_payload(json.dumps([row])))
    assert report.title == "👩\u200d👧 می\u200cخواهم"


# Archives


def archive(members, *, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, body in members:
            made.writestr(name, body)
    return file.getvalue()


def encrypted():
    body = bytearray(workbook())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := body.find(mark, at + 1)) >= 0:
            body[at + offset] |= 1
    return bytes(body)


ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'


@pytest.mark.parametrize(
    ("body", "check"),
    [
        (archive([("../../x.xml", "a")]), "unsafe_archive"),
        (archive([("/x.xml", "a")]), "unsafe_archive"),
        (archive([("xl\\..\\..\\x", "a")]), "unsafe_archive"),
        (archive([("xl/inner.zip", archive([("a", "b")]))]), "unsafe_archive"),
        (archive([("xl/a.xml", b"\0" * 50_000_000)]), "oversized_archive"),
        (archive([(f"{number}", "") for number in range(2001)]), "oversized_archive"),
        (encrypted(), "unreadable_payload"),
        (workbook()[:-40], "unreadable_payload"),
        (workbook()[:400], "unreadable_payload"),
        (workbook(ENTITY + SHEET), "xml_entities"),
        (workbook((ENTITY + SHEET).encode("utf-16")), "xml_entities"),
        (workbook(SHEET.replace('r="C2"', 'r="XFE2"')), "oversized_table"),
        (workbook(SHEET.replace('r="C2"', 'r="ZZZZZZZZZ2"')), "unreadable_payload"),
        (workbook(SHEET.replace("45311", "1e300")), "unreadable_payload"),
        (workbook(SHEET.replace('t="s"><v>2', 't="s"><v>99')), "unreadable_payload"),
    ],
)
def test_an_archive_that_is_not_a_plain_workbook_is_refused_by_name(body, check):
    _, _, defects = ends_well(CARDS["xlsx"], body)
    assert checks(defects) == [("error", check)]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_stands_twice_is_refused():
    assert checks(ends_well(CARDS["xlsx"], archive([("a", "1"), ("a", "2")]))[2]) == [("error", "unsafe_archive")]


def test_a_workbook_in_utf_16_is_read():
    reports, _, _ = ends_well(CARDS["xlsx"], workbook(SHEET.encode("utf-16")))
    assert [report.source_ref for report in reports] == ["7", "8"]


def test_a_cell_far_to_the_right_costs_nothing():
    rows = "".join(f'<row><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 5000))
    reports, _, _ = ends_well(CARDS["xlsx"], workbook(SHEET.replace("</sheetData>", rows + "</sheetData>")))
    assert [report.source_ref for report in reports] == ["7", "8"]


# Documents


def locked():
    file = io.BytesIO()
    canvas = Canvas(file, encrypt="password of the harbour")
    canvas.drawString(50, 800, "Ruritania")
    canvas.save()
    return file.getvalue()


def ring():
    """A page tree that holds itself."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[2 0 R]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n"
    )


@pytest.mark.parametrize("body", [locked(), ring(), b"%PDF-1.4\n" + b"1 0 obj<<" * 20_000, whole("pdf")[:-300]])
def test_a_document_that_cannot_be_read_ends_in_a_name_in_another_process(body):
    _, _, defects = ends_well(CARDS["pdf"], body)
    assert defects


# Bombs, and what no limit inside Python holds: handed to `horizon parse`


def feed(items, head=""):
    return (head + '<rss version="2.0"><channel><title>t</title>' + items + "</channel></rss>").encode()


def story(markup):
    return f"<item><title>a</title><guid>g</guid><description><![CDATA[{markup}]]></description></item>"


LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
RSS_BOMBS = {
    "laughs": feed("<item><title>&e11;</title></item>", f'<!DOCTYPE r [<!ENTITY e0 "ha">{LAUGHS}]>'),
    "quadratic": feed("&a;" * 50_000, f'<!DOCTYPE r [<!ENTITY a "{"x" * 50_000}">]>'),
    "outside": feed("&a;", '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///dev/zero">]>'),
    "deep": b'<rss version="2.0"><channel>' + b"<a>" * 1_000_000,
    "left": b'<rss version="2.0"><channel>' + b"<" * 500_000,
    "quotes": b'<rss version="2.0"><channel><item><title>' + b'<b x="' * 50_000,
    "attributes": b"<rss " + b" ".join(b'a%d="x"' % n for n in range(300_000)) + b"><channel/></rss>",
    "boxes": feed(story("<div>" * 40_000)),
    "letters": feed(story("".join(f"<b c{n}>" for n in range(20_000)))),
    "scripts": feed(story("<script>" * 20_000)),
    "zeros": b"\0" * 40_000_000,
    "title": feed(f"<item><title>{'x' * 10_000_000}</title></item>"),
}


def handed(tmp_path, card, bodies):
    folder = tmp_path / "given"
    folder.mkdir()
    for name, body in bodies.items():
        (folder / name).write_bytes(body)
    path = tmp_path / "harbour_gazette.toml"
    path.write_text(card, "utf-8")
    done = list(parse_files(path, [folder], out=tmp_path / "items.jsonl", collected_at=COLLECTED))
    for one in done:
        assert one.items or one.defect, one
        assert one.seconds < 5, one
    for line in (tmp_path / "items.jsonl").read_text("utf-8").splitlines():
        assert json.loads(line)["source"] == "harbour_gazette"
    return {one.path.name: one.defect for one in done}


def card_text(kind, fields=""):
    return (
        f'title = "G"\npublisher = "G"\nkind = "{kind}"\nurl = "https://gazette.example/feed"\ncadence = "daily"\n'
        'source_class = "media"\nlicence = "fictional"\ncitation = "G"\nlanguages = ["en"]\ncoverage = "Ruritania"\n'
        f"lag_days = 1\nexpected_min = 0\nexpected_max = 1000\nverified = false\n[fields]\n{fields}"
    )


TABLE_FIELDS = 'ref = "id"\nplace = "where"\noccurred_on = "day"\n'


def test_bombs_in_feeds_end_in_items_or_a_name_within_five_seconds(tmp_path):
    named = handed(tmp_path, card_text("rss"), RSS_BOMBS)
    assert [named[name] for name in ("laughs", "quadratic", "outside")] == ["xml_entities"] * 3
    assert [named[name] for name in ("boxes", "letters")] == ["", ""]
    assert named["deep"] in {"out_of_time", "broken_feed"}


def test_bombs_in_json_end_in_a_name_within_five_seconds(tmp_path):
    bodies = {
        "lists": b"[" * 5_000_000,
        "objects": b'[{"a":' * 1_000_000,
        "closed": b"[" * 900 + b"]" * 900,
        "digits": b'[{"id": ' + b"9" * 10_000_000 + b"}]",
        "keys": b'[{"id": 1, ' + b", ".join(b'"k%d": 1' % n for n in range(300_000)) + b"}]",
        "many": b"[" + b"{}," * 3_000_000 + b"{}]",
    }
    named = handed(tmp_path, card_text("json_api", TABLE_FIELDS), bodies)
    assert named["lists"] == named["objects"] == "nested_too_deep"
    assert named["keys"] in {"column_gone", "oversized_table"}
    assert all(named.values())


def parquet(rows):
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    return file.getvalue()


def test_broken_tables_end_in_items_or_a_name_though_the_reader_may_die(tmp_path):
    dice = seeded("parquet")
    body = parquet([{"id": 7, "where": "Ruritania", "day": datetime(2024, 1, 20, tzinfo=UTC)}] * 50)
    bodies = {f"{number:03}": mutated(body, dice) for number in range(80)}
    bodies |= {f"{number:03}p": b"PAR1" + mutated(body[4:-8], dice) + body[-8:] for number in range(80)}
    bodies["zip"] = archive([("xl/workbook.xml", b"<a>" * 80_000_000)])
    named = handed(tmp_path, card_text("table_file", TABLE_FIELDS), bodies)
    assert named["zip"] == "oversized_archive"
    assert len(set(named.values())) > 1


def test_nothing_of_ours_unpickles():
    rooms = ("collectors", "horizon", "warehouse", "scoring", "briefs", "alerts", "review", "domain", "dags")
    pickled = re.compile(
        r"^\s*(?:import|from) (?:pickle|cPickle|dill|shelve|marshal|joblib|cloudpickle)\b", re.MULTILINE
    )
    found = [path for room in rooms for path in (ROOT / room).rglob("*.py") if pickled.search(path.read_text("utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    ("name", "body", "check"),
    [
        ("rss", "<rss><item " + " ".join(f'a{n}="{n}"' for n in range(5000)) + "/></rss>", "oversized_payload"),
        ("rss", "<rss><channel><item><title>" + "&" * 60_000 + "</title></item></channel></rss>", "oversized_payload"),
        ("rss", "<html><table>" + "<tr><td><a href=x>1</a>" * 300_000, "wrong_type"),
        ("html", "<table " + " ".join(f"a{n}='{n}'" for n in range(5000)) + "/>", "oversized_payload"),
        ("html", "<table>" + "<tr><td>1</td></tr>" * 150_000, "oversized_table"),
        ("json", "[" + "1," * 1_000_000 + "1]", "oversized_table"),
        ("csv", "id\n" + "1\n" * 2_000_001, "oversized_table"),
        ("csv", "\r" * 3_000_000, "oversized_table"),
    ],
    ids=["attributes", "ampersands", "page", "html attributes", "cells", "records", "lines", "returns"],
)
def test_a_flood_is_named_before_a_reader_is_lost_in_it(name, body, check):
    start = time.perf_counter()
    assert checks(parse_all(CARDS[name], make_payload(body))[2]) == [("error", check)]
    assert time.perf_counter() - start < 3


def test_a_picture_written_into_a_tag_is_no_flood():
    picture = (
        '<item><title>A quay</title><description><![CDATA[<img src="data:x,'
        + "A=" * 50_000
        + '">]]></description></item>'
    )
    (report,), _, _ = parse_all(CARDS["rss"], make_payload(f"<rss version='2.0'><channel>{picture}</channel></rss>"))
    assert report.title == "A quay"
