"""GDELT's event export, one day at a time: how many root events of a few kinds the machine read, by State.

A module, because a day is 96 zipped tables of 61 columns without a header. Machine-read news is context: an event here
is a sentence about one, and no count of it is an allegation.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urljoin

from collectors.base import Client, FetchFailed, Parsed, ParseStopped, readable
from collectors.records import warn
from domain.defect import Defect, DefectLevel
from domain.signal import Observation, Payload, PeriodKind
from domain.source import SourceCard

SLICES = 96  # one each quarter of an hour
MOST_GAPS = 3  # of a day's files; more, and the host is not asked for the rest
NEWEST = re.compile(r"/(\d{14})\.export\.CSV\.zip")
STAMP = "%Y%m%d%H%M%S"
MAX_SLICE = 16 * 1024 * 1024
MAX_DAY = 256 * 1024 * 1024
MAX_RATIO = 120  # bytes out for a byte in; tables of this kind reach about 12
ENCRYPTED = 0x1

COLUMNS = 61
SQLDATE, IS_ROOT, ROOT_CODE, PLACE, ADDED = 1, 25, 28, 52, 59
# CAMEO: protest, coercion, assault, fighting, mass violence.
ROOTS = ("14", "17", "18", "19", "20")
OLD_AFTER = timedelta(days=7)  # an older date is an anniversary or a court case


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    """The last whole day, as one payload: the day's own zip files, unchanged, in a container without compression."""
    newest = client.get(card.url)
    found = NEWEST.search(newest.body.decode("ascii", errors="replace"))
    if found is None:
        raise FetchFailed(card.url, "it names no export file")
    midnight = datetime.strptime(found[1][:8], "%Y%m%d").replace(tzinfo=UTC) - timedelta(days=1)
    container, gaps = io.BytesIO(), 0
    with zipfile.ZipFile(container, "w", zipfile.ZIP_STORED) as archive:
        for quarter in range(SLICES):
            name = f"{midnight + timedelta(minutes=15 * quarter):{STAMP}}.export.CSV.zip"
            try:
                body = client.get(urljoin(card.url, name)).body
            except FetchFailed:
                gaps += 1
                if gaps > MOST_GAPS:
                    raise
                continue
            archive.writestr(zipfile.ZipInfo(name), body)  # its clock is fixed, so that one day has one hash
    yield Payload(
        source_id=card.id,
        url=urljoin(card.url, f"{midnight:%Y%m%d}"),
        status=newest.status,
        headers=(("content-type", "application/zip"),),
        body=container.getvalue(),
        collected_at=newest.collected_at,
        basis=newest.basis,
    )


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    """One count for each kind, State and day of adding; a day without all its files has none, for they would be low."""
    if not payload.body.startswith(b"PK\x03\x04"):
        raise ParseStopped("wrong_type", f"no zip file; it begins with {payload.body[:20]!r}")
    counts: Counter[tuple[str, str]] = Counter()
    placeless = 0
    with zipfile.ZipFile(io.BytesIO(payload.body)) as day_archive:
        names = sorted(day_archive.namelist())
        day = _whole_day(names)
        left = MAX_DAY
        for name in names:
            if day_archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
                raise ParseStopped("unreadable_payload", f"{name} is compressed twice; the container never does that")
            table = _table(name, day_archive.read(name))
            left -= len(table)
            if left < 0:
                raise ParseStopped("oversized_archive", f"more than {MAX_DAY} bytes unpacked")
            wrong = 0
            for cells in _lines(table):
                if len(cells) != COLUMNS:
                    wrong += 1
                elif _counts(cells, day):
                    # "Quay, Northern Province, Ruritania": the last part is the State.
                    place = readable(cells[PLACE].rpartition(",")[2]).strip()
                    placeless += not place
                    counts[cells[ROOT_CODE], place] += bool(place)
            if wrong:
                yield warn(card, "wrong_width", f"{wrong} lines without {COLUMNS} cells", name)
    if placeless:
        evidence = f"{placeless} events name no place"
        yield Defect(level=DefectLevel.INFO, check="without_place", source_id=card.id, evidence=evidence)
    for (root, place), count in sorted(counts.items()):
        if not place:
            continue
        yield Observation(
            source_id=card.id,
            indicator=f"gdelt_cameo_{root}",
            place=place,
            period_kind=PeriodKind.DAY,
            period_start=day,
            value=float(count),
            unit="events read in news",
            collected_at=payload.collected_at,
            basis=payload.basis,
        )


def _whole_day(names: list[str]) -> date:
    """The day of 96 files, all of it."""
    if not names or NEWEST.fullmatch(f"/{names[0]}") is None:
        raise ParseStopped("wrong_type", f"the container holds {names[:1]}")
    midnight = datetime.strptime(names[0][:8], "%Y%m%d").replace(tzinfo=UTC)
    wanted = [f"{midnight + timedelta(minutes=15 * quarter):{STAMP}}.export.CSV.zip" for quarter in range(SLICES)]
    if names != wanted:
        raise ParseStopped(
            "incomplete_day", f"{len(set(names) & set(wanted))} of {SLICES} files of {midnight:%Y-%m-%d}"
        )
    return midnight.date()


def _table(name: str, body: bytes) -> bytes:
    """The one table of a file, unpacked within limits."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = archive.infolist()
        if len(members) != 1 or members[0].flag_bits & ENCRYPTED:
            raise ParseStopped("unreadable_payload", f"{name} holds {len(members)} members, or is encrypted")
        (member,) = members
        if member.file_size > min(MAX_SLICE, MAX_RATIO * max(member.compress_size, 1)):
            raise ParseStopped("oversized_archive", f"{name}: {member.compress_size} to {member.file_size}")
        return archive.read(member)


def _lines(table: bytes) -> Iterator[list[str]]:
    """The cells of each line; the format has no quotes, so that a tab is always a border."""
    for line in table.decode("utf-8", errors="replace").split("\n"):
        if line.strip():
            yield line.rstrip("\r").split("\t")


def _counts(cells: list[str], day: date) -> bool:
    """A root event of a kind we count, added on this day, and not long past when it was added."""
    if cells[ROOT_CODE] not in ROOTS or cells[IS_ROOT] != "1" or cells[ADDED][:8] != f"{day:%Y%m%d}":
        return False
    try:
        happened = datetime.strptime(cells[SQLDATE], "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return False
    return day - OLD_AFTER <= happened <= day
