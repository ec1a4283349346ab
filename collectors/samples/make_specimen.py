"""Cut the specimen weeks from recorded payloads: `python -m collectors.samples.make_specimen <recorded folder>`.

Rows come from real payloads only, in the form in which they travel: same keys, same types, same order. Left out are
rows before the back-look and after the week, and every cell that holds free text, a quotation, a named person, a
link or a coordinate: such a cell keeps its key and says nothing. The same input gives the same bytes.
"""

import gzip
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.compute
import pyarrow.parquet

from domain.signal import Basis
from domain.source import SourceCard, load_cards

SAMPLES = Path(__file__).parent
SOURCES = SAMPLES.parent / "sources"
FIRST_DAY = date(2021, 10, 4)  # 104 weeks before the oldest window that either week asks for, and two weeks of margin
EARLIER_LOOKS = 3
PAGE_ROWS = 10
LETTER_DAYS = 60

INSECURITY_INSIGHT = {
    "insecurity_insight_aid": "aidWorkerKIKA.json",
    "insecurity_insight_education": "education.json",
    "insecurity_insight_protection": "protection.json",
    "insecurity_insight_sexual_violence": "sv.json",
}
PALESTINE = {"gaza_daily": "casualties_daily.min.json", "west_bank_daily": "west_bank_daily.min.json"}
UCDP = "ucdp_state_months"
SHUTDOWNS = "shutdowns_keepiton"
LETTERS = "sp_communications"
BLANK_TEXTS = ("Event Description", "Latitude", "Longitude")
BLANK_COLUMNS = (
    "decision_maker",
    "actual_cause_details",
    "info_source_link",
    "gov_just_details",
    "legal_method",
    "gov_ack_source",
    "gov_ack_quote",
    "telcos_involved",
    "telco_ack_source",
    "telco_ack_quote",
    "users_targeted",
    "users_target_detail",
    "econ_impact",
    "event",
    "an_link",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """One week, and which vintages and sources were to be seen by then."""

    name: str
    title: str
    as_of: datetime
    vintages: tuple[str, ...]
    letters: bool

    @property
    def last_day(self) -> date:
        return self.as_of.date() - timedelta(days=1)

    @property
    def final_look(self) -> datetime:
        """Two hours before the week ends: the first look that can hold its last day."""
        return datetime.combine(self.last_day, time(22), tzinfo=UTC)

    @property
    def earlier_looks(self) -> tuple[datetime, ...]:
        """Mondays at six, oldest first."""
        monday = self.as_of - timedelta(weeks=EARLIER_LOOKS + 1) + timedelta(hours=6)
        return tuple(monday + timedelta(weeks=week) for week in range(1, EARLIER_LOOKS + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a look and the address that it answers."""

    url: str
    file: str
    body: bytes
    content_type: str

    @property
    def travels_compressed(self) -> bool:
        return self.file.endswith(".gz")


WEEKS = (
    Specimen(
        name="2024-W04",
        title="Week of 22 to 28 January 2024",
        as_of=datetime(2024, 1, 29, tzinfo=UTC),
        vintages=("2024-01-26",),
        letters=False,
    ),
    Specimen(
        name="2026-W13",
        title="Week of 23 to 29 March 2026",
        as_of=datetime(2026, 3, 30, tzinfo=UTC),
        vintages=("2024-12-21", "2025-01-21", "2025-09-25", "2026-03-29"),
        letters=True,
    ),
)


def make(recorded: Path, out: Path) -> None:
    """Write both weeks below `out`; what stood there is replaced."""
    cards = {card.id: card for card in load_cards(SOURCES)}
    for week in WEEKS:
        folder = out / week.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        manifest = [f'as_of = {_stamp(week.as_of)}\ntitle = "{week.title}"\n']
        for vintage in week.vintages:
            body = (recorded / "ucdp_country_month" / "vintages" / f"Conf_asof_{vintage}.csv").read_bytes()
            part = Part(url=cards[UCDP].url, file=f"{UCDP}.{vintage}.csv", body=body, content_type="text/plain")
            noon = datetime.combine(date.fromisoformat(vintage), time(12), tzinfo=UTC)
            manifest.append(_entry(folder, UCDP, noon, Basis.AS_PUBLISHED, [part]))
        for looked_at in week.earlier_looks:
            manifest.append(_entry(folder, UCDP, looked_at, Basis.AS_PUBLISHED, [], reconstructed=True))
        for source_id, basis, cut in _sources(week):
            for looked_at in week.earlier_looks:
                manifest.append(_entry(folder, source_id, looked_at, basis, [], reconstructed=True))
            parts = list(cut(cards[source_id], recorded, week))
            manifest.append(_entry(folder, source_id, week.final_look, basis, parts, reconstructed=True))
        (folder / "manifest.toml").write_text("\n".join(manifest), "utf-8")


Cut = Callable[[SourceCard, Path, Specimen], Iterator[Part]]


def _sources(week: Specimen) -> Iterator[tuple[str, Basis, Cut]]:
    for source_id in INSECURITY_INSIGHT:
        yield source_id, Basis.FINAL_VALUES, _incidents
    for source_id in PALESTINE:
        yield source_id, Basis.FINAL_VALUES, _palestine
    yield SHUTDOWNS, Basis.FINAL_VALUES, _shutdowns
    if week.letters:
        yield LETTERS, Basis.ESTIMATED, _letters


def _incidents(card: SourceCard, recorded: Path, week: Specimen) -> Iterator[Part]:
    """Kept compressed, as it would travel: a megabyte of repeated keys each."""
    rows = json.loads((recorded / "insecurity_insight" / INSECURITY_INSIGHT[card.id]).read_text("utf-8"))
    kept = [
        row | dict.fromkeys((name for name in BLANK_TEXTS if row[name] is not None), "")
        for row in rows
        if FIRST_DAY <= date.fromisoformat(row["Date"][:10]) <= week.last_day
    ]
    packed = gzip.compress(_minified(kept), compresslevel=9, mtime=0)
    yield Part(url=card.url, file=f"{card.id}.json.gz", body=packed, content_type="application/json")


def _palestine(card: SourceCard, recorded: Path, week: Specimen) -> Iterator[Part]:
    rows = json.loads((recorded / "gaza_daily" / PALESTINE[card.id]).read_text("utf-8"))
    kept = [row for row in rows if date.fromisoformat(row["report_date"]) <= week.last_day]
    yield Part(url=card.url, file=f"{card.id}.json", body=_minified(kept), content_type="application/json")


def _shutdowns(card: SourceCard, recorded: Path, week: Specimen) -> Iterator[Part]:
    """A shutdown that had not ended by the last day has no end, length and status yet."""
    table = pyarrow.parquet.read_table(recorded / "shutdowns" / "access_now_snapshot_2026-05-20.parquet")
    start = table["start_date"]
    after = pyarrow.compute.greater_equal(start, pyarrow.scalar(_midnight(FIRST_DAY), start.type))
    before = pyarrow.compute.less(start, pyarrow.scalar(_midnight(week.as_of.date()), start.type))
    # One that lasts is listed again each year: the lists of later years were not there yet.
    listed = pyarrow.compute.less_equal(table["count_year"], week.last_day.year)
    table = table.filter(pyarrow.compute.and_(pyarrow.compute.and_(after, before), listed))
    end = table["end_date"]
    to_come = pyarrow.compute.fill_null(
        pyarrow.compute.greater_equal(end, pyarrow.scalar(_midnight(week.as_of.date()), end.type)), fill_value=False
    )
    for name in ("end_date", "duration", "shutdown_status"):
        unsaid = pyarrow.scalar(None, table[name].type)
        table = _put(table, name, pyarrow.compute.if_else(to_come, unsaid, table[name]))
    for name in BLANK_COLUMNS:
        table = _put(table, name, pyarrow.nulls(table.num_rows, table[name].type))
    table = table.replace_schema_metadata(None)
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file, compression="snappy")
    yield Part(
        url=card.url,
        file=f"{card.id}.parquet",
        body=file.getvalue(),
        content_type="application/vnd.apache.parquet",
    )


def _letters(card: SourceCard, recorded: Path, week: Specimen) -> Iterator[Part]:
    """Rows of the live page of 12 July 2026 in its documented markup, ten a page, without summaries."""
    found = json.loads(
        (recorded / "sp_communications" / "communication_sent_2026-07-12_42rows.json").read_text("utf-8")
    )
    public_after = timedelta(days=LETTER_DAYS)
    rows = [row for row in _rows(found) if date.fromisoformat(row["date"]) + public_after <= week.last_day]
    pages = [rows[at : at + PAGE_ROWS] for at in range(0, len(rows), PAGE_ROWS)]
    for number, page in enumerate(pages, start=1):
        yield Part(
            url=card.url if number == 1 else f"{card.url}?page={number}",
            file=f"{card.id}.{number}.html",
            body=_page(page, len(rows), number, len(pages)).encode(),
            content_type="text/html; charset=utf-8",
        )


def _rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    return next(value for value in found.values() if isinstance(value, list) and value and "ref" in value[0])


def _page(rows: list[dict[str, Any]], total: int, number: int, pages: int) -> str:
    lines = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Communications sent</title></head><body>',
        f'<div class="container body-content">\n{total} communications found page {number} of {pages}',
        '<div class="table-responsive">\n<table class="table table-striped">',
        "<thead><tr><th>Date, Country, Type and ref. no.</th><th>Mandates</th><th>Summary</th>"
        "<th>Replies received</th></tr></thead>\n<tbody>",
    ]
    for row in rows:
        sent = date.fromisoformat(row["date"]).strftime("%d %b %Y")
        link = f"/TMResultsBase/DownLoadPublicCommunicationFile?gId={row['id']}"
        mandates = "".join(f"<li>{escape(mandate)}</li>" for mandate in row["mandates"])
        lines.append(
            f'<tr data-id="{row["id"]}"></tr>\n<tr>\n<td><ul>{sent}</ul>'
            f'<ul style="font-weight:700;word-wrap:break-word">{escape(row["country"])}</ul>'
            f'<ul>{row["type"]}</ul><ul><a href="{link}" target="Com_{row["id"]}">{row["ref"]}</a></ul></td>\n'
            f"<td><ul>{mandates}</ul></td>\n<td></td>\n<td></td>\n</tr>"
        )
    return "\n".join([*lines, "</tbody></table></div></div></body></html>\n"])


def _entry(
    folder: Path, source_id: str, looked_at: datetime, basis: Basis, parts: list[Part], *, reconstructed: bool = False
) -> str:
    lines = [f'[[look]]\nsource = "{source_id}"\nlooked_at = {_stamp(looked_at)}\nbasis = "{basis}"\nstate = "ok"']
    if reconstructed:
        lines.append("reconstructed = true")
    for part in parts:
        (folder / part.file).write_bytes(part.body)
        lines.append(
            f'[[look.payload]]\nurl = "{part.url}"\nfile = "{part.file}"\nstatus = 200\n'
            f'content_type = "{part.content_type}"' + ('\nencoding = "gzip"' if part.travels_compressed else "")
        )
    return "\n".join(lines) + "\n"


def _put(table: pyarrow.Table, name: str, values: Any) -> pyarrow.Table:
    return table.set_column(table.schema.get_field_index(name), table.schema.field(name), values)


def _minified(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    make(Path(sys.argv[1]), SAMPLES)
