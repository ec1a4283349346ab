"""Compares the items of well-formed feeds with what the feed library finds in them by itself.

`python -m tests.corpus.agreement FOLDER… [--differences]`. The library is asked with everything switched on, relative
links and cleaning too; we ask it with them switched off and do that ourselves, and this says whether we do it right.
An entry without a title and without a word of text is no item on either side: it says nothing.
"""

import sys
from argparse import ArgumentParser
from calendar import timegm
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from collectors.base import parse_all
from collectors.kinds.rss import plain
from domain.signal import Payload, Report
from domain.source import load_card
from horizon.parsing import list_files
from tests.corpus.run import CARDS

LATER = datetime(2100, 1, 1, tzinfo=UTC)
ADDRESS = "http://127.0.0.1:8097/feed"
HEADERS = {"content-location": ADDRESS, "content-type": "application/xml"}
CARD = replace(load_card(CARDS / "osce_news.toml"), url=ADDRESS)
FEED_MARKS = (b"<rss", b"<feed", b"<rdf:RDF", b"<RDF", b"<channel", b"<CHANNEL", b":feed", b":RDF")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What one side says and the other does not, of one entry or of a whole feed."""

    path: Path
    what: str
    theirs: object
    ours: object


def entries_of(body: bytes) -> Any:
    """The library's own reading, or nothing where it calls the feed ill-formed or finds no form."""
    try:
        read = feedparser.parse(body, response_headers=HEADERS)
    except Exception:  # it breaks on some of its own files; what we make of them, `run` says
        return None
    return None if read.bozo or not read.version else read


def compare(path: Path, counts: Counter[str]) -> Iterator[Difference]:
    body = path.read_bytes()
    if not any(mark in body for mark in FEED_MARKS) or (theirs := entries_of(body)) is None:
        return
    counts["feeds"] += 1
    payload = Payload(source_id=CARD.id, url=ADDRESS, status=200, headers=(), body=body, collected_at=LATER)
    reports, _, defects = parse_all(CARD, payload)
    said = [entry for entry in theirs.entries if _says(entry)]
    counts["entries"] += len(said)
    counts["items"] += len(reports)
    if len(said) != len(reports):
        checks = ", ".join(sorted({defect.check for defect in defects}))
        yield Difference(path=path, what="count", theirs=f"{len(said)} {_first(said)}", ours=f"{len(reports)} {checks}")
        return
    counts["feeds that agree on the number"] += 1
    if said:
        counts["feeds with entries"] += 1
    for entry, report in zip(said, reports, strict=True):
        for what, wanted, got in _pairs(entry, report):
            if wanted in ("", None):
                continue
            counts[f"{what}s"] += 1
            if wanted == got:
                counts[f"{what}s that agree"] += 1
            else:
                yield Difference(path=path, what=what, theirs=wanted, ours=got)


def _says(entry: Any) -> bool:
    return any(plain(str(entry.get(name) or "")) for name in ("title", "summary"))


def _first(entries: Sequence[Any]) -> str:
    return str(
        {name: entry[name] for entry in entries[:1] for name in ("title", "link", "id", "summary") if name in entry}
    )[:160]


def _pairs(entry: Any, report: Report) -> Iterator[tuple[str, object, object]]:
    title = plain(str(entry.get("title", "")))
    yield "title", title, report.title if title else ""
    link = str(entry.get("link", ""))
    yield "link", link if link.startswith(("http://", "https://")) else "", report.url
    text = plain(str(entry.get("summary", "")))
    yield "text", text, report.text
    stamp = entry.get("published_parsed") or entry.get("updated_parsed")
    yield "date", datetime.fromtimestamp(timegm(stamp), tz=UTC) if stamp else None, report.published_at


def main(words: Sequence[str] | None = None) -> int:
    """Compare, and print the shares; with `--differences`, each of them too."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--differences", action="store_true")
    given = parser.parse_args(words)
    counts: Counter[str] = Counter()
    lines: list[str] = []
    for path in list_files(given.folders):
        for one in compare(path, counts):
            lines.append(f"{one.what}: {one.path}: {one.theirs!r} / {one.ours!r}")
    if given.differences:
        lines.sort()
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    for name, count in sorted(counts.items()):
        sys.stdout.write(f"{name}: {count}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
