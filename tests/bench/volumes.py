"""One week of payloads for every card: recorded ones where they are at hand, else fictional ones in the kind's format.

A card's size is the middle of what it expects; a daily card is looked at seven times, any other once. Two looks never
bring the same bytes, so that all are read. The week is later than every recorded file, or their rows would lie in its
future. Places are fictional: of a document that is counted by State the words are read, and the defect that says so is
in `EXPLAINED`. Of the Universal Human Rights Index there are the months that a week changes; the whole of 400 MB is
measured by `stream.py`.
"""

import csv
import gzip
import io
import json
import textwrap
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pyarrow
import pyarrow.parquet
from reportlab.pdfgen.canvas import Canvas

from collectors.base import Stream, collector_for
from collectors.records import Plan
from collectors.sources import cpj_data, gdelt_events, treaty_ratification_status, upr_recommendations
from domain.signal import Payload
from domain.source import Cadence, Kind, SourceCard

WEEK = "2026-W39"
BUNDLED = "2024-W04"
LAST_LOOK = datetime(2026, 9, 27, 6, tzinfo=UTC)
NEWEST = LAST_LOOK.date() - timedelta(days=7)  # the day before the first of seven looks
SENTENCE = "The tide was low in the harbour, and the boats lay still until the evening. "
GDELT_LINES = 1_300  # of a quarter of an hour; the real files of a day have 100,000 to 150,000
UPR_LINES = 10_000  # of one of the four files; together they have about 40,000 recommendations of 23,000 texts and more
PDF_PAGES = 20
ACLED_LINES = 1_200  # of one of nine weeks
UHRI_MONTHS, UHRI_LINES = 12, 1_000
RECORDED = {
    "gaza_daily": "gaza_daily/casualties_daily.min.json",
    "lebanon_daily": "gaza_daily/lebanon_casualties_daily.min.json",
    "west_bank_daily": "gaza_daily/west_bank_daily.min.json",
    "idmc_displacement_updates": "idmc/idmc_idu.json",
    "insecurity_insight_aid": "insecurity_insight/aidWorkerKIKA.json",
    "insecurity_insight_education": "insecurity_insight/education.json",
    "insecurity_insight_protection": "insecurity_insight/protection.json",
    "insecurity_insight_sexual_violence": "insecurity_insight/sv.json",
    "iom_missing_migrants": "iom_missing_migrants/2025-json.json",
    "shutdowns_keepiton": "shutdowns/access_now_snapshot_2026-05-20.parquet",
    "ucdp_state_months": "ucdp_country_month/Conf.csv",
    "vdem_regime_episodes": "vdem/ert.csv",
}
# Defects that a run has by its nature: everything else that is counted wants a look.
NO_STATE = "a made-up document is counted by State, and names none"
PUBLISHED_SO = "so in the publisher's own file"
EXPLAINED = {
    ("ced_urgent_actions", "missing_field"): NO_STATE,
    ("sg_reprisals_report", "empty_feed"): NO_STATE,
    ("wgad_opinions", "missing_field"): NO_STATE,
    ("wgad_opinions", "below_expected_min"): NO_STATE,
    ("iom_missing_migrants", "duplicate_item"): PUBLISHED_SO,
    ("shutdowns_keepiton", "duplicate_item"): PUBLISHED_SO,
    ("shutdowns_keepiton", "same_ref_twice"): PUBLISHED_SO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Where the payloads of a card come from, and how many requests and bytes a week of it is.

    A card of a module that nobody wrote payloads for yet is `left out`, and the figures say so.
    """

    card: SourceCard
    origin: str
    requests: int
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    url: str
    body: bytes
    kind: str = "application/octet-stream"


def make_week(card: SourceCard, folder: Path, recorded: Path, samples: Path) -> Made:
    """Write one week of a card as a specimen folder of its own."""
    place = folder / WEEK
    place.mkdir(parents=True)
    origin, answers = _source(card, recorded, samples / BUNDLED)
    looks: list[str] = []
    requests = size = 0
    for day in range(7 if card.cadence is Cadence.DAILY else 1):
        moment = LAST_LOOK - timedelta(days=day)
        lines = ["[[look]]", f'source = "{card.id}"', f"looked_at = {moment.isoformat()}", 'basis = "as published"']
        for number, answer in enumerate(answers(moment)):
            name = f"{day}.{number}.bin"
            (place / name).write_bytes(answer.body)
            lines += ["[[look.payload]]", f"url = {json.dumps(answer.url)}", f'file = "{name}"', "status = 200"]
            lines.append(f'content_type = "{answer.kind}"')
            requests, size = requests + 1, size + len(answer.body)
        looks.append("\n".join(lines))
    head = f'as_of = {LAST_LOOK + timedelta(hours=18):%Y-%m-%dT%H:%M:%SZ}\ntitle = "bench"\n\n'
    (place / "manifest.toml").write_text(head + "\n\n".join(looks) + "\n", "utf-8")
    return Made(card=card, origin=origin, requests=requests, size=size)


Answers = Callable[[datetime], Iterator[Answer]]


def _source(card: SourceCard, recorded: Path, specimen: Path) -> tuple[str, Answers]:
    if card.id in RECORDED and (found := recorded / RECORDED[card.id]).is_file():
        return "recorded", _copies(card, found.read_bytes())
    bundled = sorted(path for path in specimen.glob(f"{card.id}.*") if "html" not in path.suffix)
    if bundled:
        body = bundled[0].read_bytes()
        return "specimen", _copies(card, gzip.decompress(body) if bundled[0].suffix == ".gz" else body)
    own = {
        "acled_civilian_targeting": _acled,
        "acled_events": _acled_events,
        "cloudflare_radar_outages": _cloudflare,
        "cpj_data": _cpj,
        "gdelt_events": _gdelt,
        "iachr_press": _releases,
        "ioda_outages": _ioda,
        "sdg_16_10_1": _sdg,
        "sp_communications_lookup": _lookup,
        "treaty_ratification_status": _treaties,
        "uhri_recommendations": _uhri,
        "upr_recommendations": _upr,
        "wgeid_report": _pdf,
    }
    kinds = {
        Kind.RSS: _feed,
        Kind.JSON_API: _json,
        Kind.CSV_FILE: _csv,
        Kind.TABLE_FILE: _workbook,
        Kind.HTML_TABLE: _table,
        Kind.UN_DOCUMENT: _pdf,
    }
    make = own.get(card.id) if card.kind is Kind.MODULE else kinds[card.kind]
    if make is None:
        return "left out", lambda _: iter(())
    return "made", lambda moment: make(card, moment)


def _copies(card: SourceCard, body: bytes) -> Answers:
    """The same payload each day with another line end after it, as if it had changed; Parquet bears none."""

    def answers(moment: datetime) -> Iterator[Answer]:
        ends = b"" if body.startswith(b"PAR1") else b"\n" * (LAST_LOOK - moment).days
        yield Answer(card.url, body + ends)

    return answers


def _size(card: SourceCard) -> int:
    return (card.expected_min + card.expected_max) // 2


def _feed(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    """A tenth of the entries is new each day, as in a feed of some ten days."""
    size = _size(card)
    first = (moment - LAST_LOOK).days * max(size // 10, 1) + 10_000
    items = "".join(
        f"<item><title>Notice {at} of the harbour, berth {at % 97}</title><link>{_link(card, at)}</link>"
        f"<guid isPermaLink='false'>{card.id}-{at}</guid><category>Harbour</category>"
        f"<pubDate>{NEWEST - timedelta(days=at % 20):%a, %d %b %Y} 10:00:00 GMT</pubDate>"
        f"<description><![CDATA[<p>{SENTENCE * 6}</p><p><a href='{_link(card, at)}'>{SENTENCE * 3}</a></p>]]>"
        "</description></item>"
        for at in range(first, first + size)
    )
    head = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Harbour Gazette</title>'
    yield Answer(card.url, f"{head}{items}</channel></rss>".encode(), "application/rss+xml")


def _link(card: SourceCard, at: int) -> str:
    return f"https://{card.id.replace('_', '-')}.example/notices/{at}"


def _rows(card: SourceCard, count: int, day: int = 0) -> Iterator[dict[str, object]]:
    """Records with every column that the card reads or leaves."""
    plan, fields = Plan.of(card), card.fields
    columns = sorted(plan.needed | plan.welcome | set(fields.ignore))
    parts = {part.strip() for part in fields.ref.split("+")}
    dates = {fields.occurred_on, fields.published_at}
    numbers = plan.numbers | {series.field for series in card.series}
    for at in range(count):
        row: dict[str, object] = {}
        for name in columns:
            if name in dates:
                row[name] = (NEWEST - timedelta(days=at % 700)).isoformat()
            elif name in {series.days_field for series in card.series}:
                row[name] = 24
            elif name in numbers:
                row[name] = at % 7
            elif name in parts:
                row[name] = f"{name} {at + day * 100}"
            elif name in {fields.place, fields.addressee}:
                row[name] = f"Ruritania {at % 150}"
            else:
                row[name] = f"{name} {at % 11}"
        yield row


def _json(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    rows: object = [_nested(row) for row in _rows(card, _size(card), moment.day)]
    for step in reversed(card.fields.items.split(".") if card.fields.items else []):
        rows = {step: rows}
    yield _said(card.url, rows)


def _nested(row: dict[str, object]) -> dict[str, object]:
    made: dict[str, object] = {}
    for path, value in row.items():
        *outer, name = path.split(".")
        inner = made
        for step in outer:
            inner = inner.setdefault(step, {})
        inner[name] = value
    return made


def _said(url: str, said: object) -> Answer:
    return Answer(url, json.dumps(said).encode(), "application/json")


def _csv(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    words = io.StringIO()
    if card.fields.layout == "wide":
        places = [f"Ruritania {number}" for number in range(200)]
        lines = csv.writer(words)
        lines.writerow(["", *places])
        for month in range(_size(card) // len(places)):
            lines.writerow([date(2023 - month // 12, 12 - month % 12, 1), *[month % 9] * len(places)])
    else:
        rows = list(_rows(card, _size(card), moment.day))
        table = csv.DictWriter(words, rows[0])
        table.writeheader()
        table.writerows(rows)
    yield Answer(card.url, words.getvalue().encode(), "text/csv")


def _workbook(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    """XLSX where the address says so, else Parquet."""
    rows = list(_rows(card, _size(card), moment.day))
    if "xlsx" not in card.url:
        out = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), out)
        yield Answer(card.url, out.getvalue())
        return
    space = "http://schemas.openxmlformats.org"
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in line) + "</row>" for line in lines
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{space}/spreadsheetml/2006/main"'
            f' xmlns:r="{space}/officeDocument/2006/relationships"><sheets>'
            f'<sheet name="{card.fields.items or "Table"}2024" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships">'
            '<Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        sheet = f'<worksheet xmlns="{space}/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    yield Answer(card.url, out.getvalue())


def _table(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    if card.fields.layout == "letters":
        yield Answer(card.url, _letters(f"XRU {at}/2026" for at in range(1, _size(card) + 1)), "text/html")
        return
    rows = list(_rows(card, _size(card), moment.day))
    head = "".join(f"<th>{name}</th>" for name in rows[0])
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row.values()) + "</tr>" for row in rows)
    page = f"<html><table><tr>{head}</tr>{lines}</table><p> page 1 of 1 </p></html>"
    yield Answer(card.url, page.encode(), "text/html")


def _letters(references: Iterable[str]) -> bytes:
    rows = "".join(
        f'<tr data-id="{at}"></tr><tr><td><ul>AL</ul></td><td><ul>{NEWEST - timedelta(days=90 + at):%d %b %Y}</ul></td>'
        f'<td><ul><a href="/letters/{at}">{reference}</a></ul></td><td><ul>Ruritania</ul></td>'
        "<td><li>harbours</li></td></tr>"
        for at, reference in enumerate(references, start=1)
    )
    return f"<html><table>{rows}</table><p> page 1 of 1 </p></html>".encode()


def _pdf(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    """Twenty pages, with the sentences on the first that the readers of such documents look for."""
    out = io.BytesIO()
    page = Canvas(out, invariant=True)
    figures = (
        "Opinion No. 1/2024 concerning the boats of the harbour (Ruritania). Table as at 1 May 2023. The Working Group "
        "has transmitted a total of 60,000 cases to 110 States; under active consideration stands at 45,000 in a total "
        "of 97 States. During the reporting period, 100 cases were clarified. 1 May 2022 to 30 April 2023"
    )
    first = textwrap.wrap(figures, 80)
    for number in range(PDF_PAGES):
        lines = [f"{line + 1}. {SENTENCE}" for line in range(45)]
        if number == 0:
            lines[: len(first)] = first
        for line, words in enumerate(lines):
            page.drawString(40, 800 - 16 * line, words)
        page.showPage()
    page.save()
    yield Answer(card.url, out.getvalue(), "application/pdf")


class _Publisher:
    """Answers a module's own questions, whatever their addresses, and keeps what it answered."""

    def __init__(self, card: SourceCard, moment: datetime, reply: Callable[[str], bytes], kind: str) -> None:
        self._card = card
        self._moment = moment
        self._reply = reply
        self._kind = kind
        self.answered: dict[str, Answer] = {}

    def get(self, url: str) -> Payload:
        body = self._reply(url)
        self.answered[url] = Answer(url, body, self._kind)
        headers = (("content-type", self._kind),)
        return Payload(
            source_id=self._card.id, url=url, status=200, headers=headers, body=body, collected_at=self._moment
        )

    def post(self, url: str, body: str) -> Payload:
        return self.get(url)

    def stream(self, url: str) -> Stream:
        raise NotImplementedError


def _asked(card: SourceCard, moment: datetime, reply: Callable[[str], bytes], kind: str) -> Iterator[Answer]:
    publisher = _Publisher(card, moment, reply, kind)
    list(collector_for(card).fetch(card, publisher))
    yield from publisher.answered.values()


def _acled_events(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    """Nine weeks of one page each, and a few deletions."""

    def reply(url: str) -> bytes:
        asked = parse_qs(urlsplit(url).query)
        if "event_date" in asked:
            monday = date.fromisoformat(asked["event_date"][0].split("|")[0])
            names = asked["fields"][0].split("|")
            rows = [_event(names, monday, at) for at in range(ACLED_LINES)]
        elif "deleted_timestamp" in asked:
            deleted = int(moment.timestamp()) - 86_400
            rows = [{"event_id_cnty": f"RUR{at}", "deleted_timestamp": str(deleted)} for at in range(50)]
        else:
            rows = [{"event_id_cnty": "RUR1"}]
        return json.dumps({"status": 200, "data": rows}).encode()

    return _asked(card, moment, reply, "application/json")


def _event(names: list[str], monday: date, at: int) -> dict[str, str]:
    told = {
        "event_id_cnty": f"RUR{monday.toordinal() * 10_000 + at}",
        "event_date": str(min(monday + timedelta(days=at % 7), NEWEST)),
        "event_type": "Violence against civilians",
        "sub_event_type": "Attack",
        "inter1": ("State forces", "Rebel group", "Political militia")[at % 3],
        "country": f"Ruritania {at % 150}",
        "admin1": f"Province {at % 40}",
        "fatalities": str(at % 5),
    }
    return {name: told.get(name, str(at % 3)) for name in names}


def _cpj(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    """Pages of twenty people, and the empty one after them."""
    pages = _size(card) // cpj_data.PAGE_SIZE

    def reply(url: str) -> bytes:
        page = int(parse_qs(urlsplit(url).query)["pageNum"][0])
        rows = [
            {
                "country": f"Ruritania {at % 30}",
                "startDisplay": f"{NEWEST - timedelta(days=at % 400):%B %d, %Y}",
                "type": "Journalist",
                "status": "Killed",
                "typeOfDeath": "Murder",
                "motiveConfirmed": ("Confirmed", "Unconfirmed")[at % 2],
            }
            for at in range((page - 1) * cpj_data.PAGE_SIZE, page * cpj_data.PAGE_SIZE)
        ]
        return json.dumps({"data": rows if page <= pages else []}).encode()

    return _asked(card, moment, reply, "application/json")


def _releases(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    lines = "".join(
        f'<tr><td><a href="/en/iachr/media_center/PReleases/2026/{at:03}.asp">Notice {at} of the harbour</a></td>'
        f"<td>{NEWEST - timedelta(days=at % 200):%B %d, %Y}</td></tr>"
        for at in range(moment.day, moment.day + _size(card))
    )
    yield Answer(card.url, f"<html><body><table>{lines}</table></body></html>".encode(), "text/html")


def _lookup(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    """The list of latest letters of ten addressees, the letter after each, and a page without one."""
    addressees = [f"XR{letter}" for letter in "ABCDEFGHIJ"]

    def reply(url: str) -> bytes:
        wanted = parse_qs(urlsplit(url).query).get("code", [""])[0]
        if not wanted:
            return _letters(f"{addressee} 4/2026" for addressee in addressees)
        return _letters([wanted] if wanted.endswith(" 5/2026") else [])

    return _asked(card, moment, reply, "text/html")


def _uhri(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    rows = [
        {
            "AnnotationId": f"{at:032x}",
            "DocumentId": f"{at // 40:032x}",
            "Text": f"<p>{SENTENCE * (6 + at % 13)}</p>",
            "Symbol": f"FIC/{at // 40}",
            "Body": "- Harbour Committee",
            "Countries": [f"- Ruritania {at % 150}"],
            "Regions": ["- The sea"],
            "Themes": ["- Piers", "- Boats"],
            "Sdgs": [],
            "AffectedPersons": [],
            "AnnotationType": "- Recommendations",
            "PublicationDate": f"2025-{at % UHRI_MONTHS + 1:02}-15T00:00:00",
            "PublicationDateOnUhri": None,
            "UprCycle": None,
            "UprRecommendingCountry": [],
        }
        for at in range(UHRI_MONTHS * UHRI_LINES)
    ]
    yield _said(card.url, rows)


def _acled(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    yield _said(f"{card.url}&limit=1", {"data": [], "asked": moment.isoformat()})
    first = moment.date().replace(day=1)
    for _ in range(6):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
        rows = [
            {
                "location_code": f"X{at % 50:02d}",
                "event_type": "civilian_targeting",
                "reference_period_start": f"{first}T00:00:00",
                "reference_period_end": f"{last}T00:00:00",
                "admin_level": 2,
                "admin2_code": f"X{at}",
                "fatalities": at % 5,
                "events": at % 3,
            }
            for at in range(5_000)
        ]
        yield _said(f"{card.url}&start_date={first}&end_date={last}&limit=10000&offset=0", {"data": rows})


def _cloudflare(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    rows = [
        _nested(row) | {"locationsDetails": [{"code": "XR", "name": "Ruritania"}]}
        for row in _rows(card, _size(card), moment.day)
    ]
    yield _said(card.url, {"result": {"annotations": rows}})


def _ioda(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    yield _said(urljoin(card.url, "/v2/datasources"), {"asked": moment.isoformat()})
    until = int(moment.timestamp())
    rows = [
        _nested(row)
        | {
            "location": f"country/X{at % 60:02d}",
            "datasource": "bgp" if at % 2 else "ping-slash24",
            "start": until - 1800 * at - 7200,
            "duration": 3600,
        }
        for at, row in enumerate(_rows(card, _size(card), moment.day))
    ]
    start = int((moment - timedelta(days=28)).timestamp())
    yield _said(f"{card.url}&from={start}&until={until}", {"data": rows})


def _sdg(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    for series in ("VC_VAW_MTUHRA", "VC_VOC_ENFDIS"):
        rows = [
            _nested(row) | {"dimensions": {"Sex": "_T", "Part": str(at)}}
            for at, row in enumerate(_rows(card, _size(card) // 2))
        ]
        yield _said(card.url.replace("VC_VAW_MTUHRA", series), {"data": rows, "totalPages": 1, "series": series})


def _treaties(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    for instrument in treaty_ratification_status.INSTRUMENTS:
        words = io.StringIO()
        rows = [row | {card.fields.title or "note": instrument} for row in _rows(card, 197)]
        table = csv.DictWriter(words, rows[0])
        table.writeheader()
        table.writerows(rows)
        yield Answer(urljoin(card.url, f"hr_status_{instrument}.csv"), words.getvalue().encode(), "text/csv")


def _upr(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    names = (*upr_recommendations.NEEDED, *upr_recommendations.IGNORED)
    for block in upr_recommendations.BLOCKS:
        words = io.StringIO()
        lines = csv.writer(words)
        lines.writerow(names)
        for at in range(UPR_LINES):
            given = {"To": f"Ruritania {at % 30}", "Response": "Noted", "Action": str(at % 5), "Session": block}
            lines.writerow([given.get(name, SENTENCE * 2 if name == "Text" else name) for name in names])
        yield Answer(urljoin(card.url, f"{block}.csv"), words.getvalue().encode(), "text/csv")


def _gdelt(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    midnight = moment.replace(hour=0) - timedelta(days=1)
    cells = [f"{at}" for at in range(gdelt_events.COLUMNS)]
    lines: list[str] = []
    for at in range(GDELT_LINES):
        cells[0] = str(at * 1_000_003 + midnight.day)
        cells[gdelt_events.SQLDATE] = f"{midnight:%Y%m%d}"
        cells[gdelt_events.IS_ROOT] = str(int(at % 4 > 0))
        cells[gdelt_events.ROOT_CODE] = f"{at % 20 + 1:02d}"
        cells[gdelt_events.PLACE] = f"Quay {at}, Province {at % 40}, Ruritania {at % 650}"
        cells[gdelt_events.ADDED] = f"{midnight:%Y%m%d}001500"
        cells[60] = f"https://gazette.example/{at}"
        lines.append("\t".join(cells))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("export.CSV"), "\n".join(lines), zipfile.ZIP_DEFLATED)
    stamps = [f"{midnight + timedelta(minutes=15 * quarter):%Y%m%d%H%M%S}" for quarter in range(gdelt_events.SLICES)]
    newest = urljoin(card.url, f"/gdeltv2/{moment:%Y%m%d}000000.export.CSV.zip")
    yield Answer(card.url, f"1 x {newest}\n".encode(), "text/plain")
    for stamp in stamps:
        yield Answer(urljoin(card.url, f"{stamp}.export.CSV.zip"), packed.getvalue(), "application/zip")
