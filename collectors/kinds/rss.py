"""RSS and Atom. Entries without a date are kept; markup is reduced to text before anything else sees it."""

import html
import io
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser
import nh3

from collectors.base import Client, Parsed, ParseStopped
from collectors.records import BadRecord, moment, one_language, warn
from domain.signal import Fact, Payload, Report
from domain.source import SourceCard

# A wrong label on a feed that can be read is the server's affair.
HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    yield client.get(card.url)


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    # Bytes in a file object only: given a string, feedparser opens addresses and paths.
    feed: Any = feedparser.parse(
        io.BytesIO(payload.body), response_headers=dict(payload.headers), resolve_relative_uris=False
    )
    if not feed.version:
        check = (
            "unreadable_payload" if payload.body.lstrip().startswith((b"<?xml", b"<rss", b"<feed")) else "wrong_type"
        )
        raise ParseStopped(check, f"no feed: {feed.get('bozo_exception', 'unknown form')}")
    if feed.bozo and not isinstance(feed.bozo_exception, HARMLESS):
        # A cut-off feed still gives its first entries; the rest of them is what would be missed.
        yield warn(card, "broken_feed", f"{type(feed.bozo_exception).__name__}: {feed.bozo_exception}")
    language = str(feed.feed.get("language", "")) or one_language(card)
    for number, entry in enumerate(feed.entries, start=1):
        ref = str(entry.get("id") or entry.get("link") or "")
        try:
            yield _report(card, payload, entry, ref, language)
        except BadRecord as bad:
            yield warn(card, bad.check, bad.evidence, ref or f"entry {number}")


def plain(markup: str) -> str:
    """The words of a piece of HTML. Some feeds escape their HTML twice, so it is unwrapped until nothing changes."""
    words = markup
    for _ in range(3):
        cleaned = html.unescape(nh3.clean(words, tags=set(), clean_content_tags={"script", "style"}))
        if cleaned == words:
            break
        words = cleaned
    return " ".join(words.split())


def _report(card: SourceCard, payload: Payload, entry: Mapping[str, Any], ref: str, language: str) -> Report:
    title = plain(str(entry.get("title", "")))
    if not ref:
        raise BadRecord("missing_field", f"an entry without guid and link: {title}")
    if not title:
        raise BadRecord("missing_field", "title")
    link = str(entry.get("link", ""))
    return Report(
        source_id=card.id,
        source_ref=ref,
        title=title,
        url=link if urlsplit(link).scheme in {"http", "https"} else "",
        collected_at=payload.collected_at,
        published_at=_published(entry, payload),
        place=card.fields.place_fixed,
        language=language,
        text=plain(str(entry.get("summary", ""))),
        facts=tuple(Fact(name=name, value=plain(_cell(entry, name))) for name in card.fields.facts),
        basis=payload.basis,
    )


def _published(entry: Mapping[str, Any], payload: Payload) -> datetime | None:
    words = entry.get("published") or entry.get("updated")
    if not words:
        return None
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    if parsed is None:
        raise BadRecord("unreadable_date", f"published is {words!r}")
    try:
        read = datetime.fromtimestamp(timegm(parsed), tz=UTC)
    except (OverflowError, ValueError, OSError):
        raise BadRecord("date_out_of_range", f"published is {words!r}") from None
    return moment(read.isoformat(), "published", payload)


def _cell(entry: Mapping[str, Any], name: str) -> str:
    if name == "category":
        return ", ".join(str(tag.get("term", "")) for tag in entry.get("tags", ()))
    return str(entry.get(name, ""))
