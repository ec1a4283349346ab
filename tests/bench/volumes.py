"""One week of payloads for every card: recorded ones where they are at hand, else fictional ones in the kind's format.

A card's size is the middle of what it expects; a daily card is looked at seven times, any other once. Two looks never
bring the same bytes, so that all are read. Places are fictional. A PDF's headings name no place, so that its words
are read and nothing is counted.
"""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import pyarrow
import pyarrow.parquet
from reportlab.pdfgen.canvas import Canvas

from collectors.records import Plan
from collectors.sources import gdelt_events, treaty_ratification_status, upr_recommendations
from domain.source import Cadence, Kind, SourceCard

WEEK = "2024-W04"
LAST_LOOK = datetime(2024, 1, 28, 6, tzinfo=UTC)
NEWEST = date(2024, 1, 27)
SENTENCE = "The tide was low in the harbour, and the boats lay still until the evening. "
GDELT_LINES = 1_300  # of a quarter of an hour; the real files of a day have 100,000 to 150,000
UPR_LINES = 10_000  # of one of the four files; together they have about 40,000 recommendations of 23,000 texts and more
PDF_PAGES = 20
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
    origin, answers = _source(card, recorded, samples / WEEK)
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
    head = 'as_of = 2024-01-29T00:00:00Z\ntitle = "bench"\n\n'
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
        "cloudflare_radar_outages": _cloudflare,
        "gdelt_events": _gdelt,
        "ioda_outages": _ioda,
        "sdg_16_10_1": _sdg,
        "treaty_ratification_status": _treaties,
        "upr_recommendations": _upr,
        "wgeid_report": _pdf,
    }
    kinds = {
        Kind.RSS: _feed,
        Kind.JSON_API: _json,
        Kind.CSV_FILE: _csv,
        Kind.TABLE_FILE: _workbook,
        Kind.HTML_TABLE: _letters,
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


def _letters(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    rows = "".join(
        f'<tr data-id="{at}"></tr><tr><td><ul>AL</ul></td><td><ul>{NEWEST - timedelta(days=90 + at):%d %b %Y}</ul></td>'
        f'<td><ul><a href="/letters/{at}">XRU {at}/2024</a></ul></td><td><ul>Ruritania</ul></td>'
        "<td><li>harbours</li></td></tr>"
        for at in range(1, _size(card) + 1)
    )
    yield Answer(card.url, f"<html><table>{rows}</table><p> page 1 of 1 </p></html>".encode(), "text/html")


def _pdf(card: SourceCard, moment: datetime) -> Iterator[Answer]:
    out = io.BytesIO()
    page = Canvas(out, invariant=True)
    figures = (
        "has transmitted a total of 60,000 cases to 110 States; under active consideration stands at 45,000 in a total "
        "of 97 States. During the reporting period, 100 cases were clarified. 1 May 2022 to 30 April 2023"
    )
    for number in range(PDF_PAGES):
        for line in range(45):
            words = figures[line * 60 : (line + 1) * 60] if number == 0 and line < 4 else f"{line + 1}. {SENTENCE}"
            page.drawString(40, 800 - 16 * line, words)
        page.showPage()
    page.save()
    yield Answer(card.url, out.getvalue(), "application/pdf")


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
        cells[gdelt_events.IS_ROOT] = str(at % 2)
        cells[gdelt_events.ROOT_CODE] = f"{at % 20 + 1:02d}"
        cells[gdelt_events.PLACE] = f"Quay {at}, Province {at % 40}, Ruritania {at % 150}"
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
