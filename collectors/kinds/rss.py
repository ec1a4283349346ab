"""RSS and Atom, well or badly formed, in any encoding.

Entries without a date are kept; markup is reduced to text before anything else sees it. An entry is named by its guid;
where that is missing or stands for several, by its link; where that fails too, by its title, or else its text, and
date.
"""

import html
import io
import re
from calendar import timegm
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import nh3

from collectors.base import Client, Parsed, ParseStopped, readable
from collectors.kinds.decoding import decode_markup
from collectors.kinds.xml_guard import body_of, refuse_crowded_tags, without_controls
from collectors.records import BadRecord, address, moment, one_language, warn
from domain.defect import Defect, DefectLevel
from domain.signal import Fact, Payload, Report, short_hash
from domain.source import SourceCard

MAX_FEED = 32 * 1024 * 1024
MAX_ENTRIES = 50_000
MAX_TITLE = 1_000
MAX_TEXT = 200_000  # signs of markup; the longest meeting summaries seen have 90,000
MAX_REF = 500
TITLE_FROM_TEXT = 120
UNWRAPPED = 3
MAX_TAGS = 3_000  # a tree of many open tags takes quadratic time: 40,000 of them took a minute, so no tree is built
TAG = re.compile(r"<[^<>]*>")
ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>/]", re.I)
SIZE = re.compile(r"</?(?:width|height)\b[^<>]*>", re.I)
BARE = re.compile(r"&(?![#\w])")
MAX_BARE = 50_000  # the library takes a step of its own for each; real feeds have some hundreds
CHANNEL = re.compile(r"<channel[\s>]", re.I)  # the root of a CDF file, for which the library has no name
ENTRY = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>/]")
BLOCK = re.compile(r"<(?=/?(?:p|div|br|hr|li|ul|ol|td|th|tr|table|h[1-6]|blockquote|section|article|dd|dt)\b)", re.I)
ZONE = re.compile(r"(?:Z|[A-Z]{2,5}|[+-]\d{2}:?\d{2})\)?\s*$|T.*[+-]\d{2}$", re.IGNORECASE)
# feedparser 6.0.14 takes 2024/01/24 for the first of November.
YEAR_FIRST = re.compile(r"^\d{4}[/.]\d{1,2}[/.]\d{1,2}")
CLOCK = re.compile(r"\d:\d\d")
FORMS = (
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%d %b %Y",
    "%b %d %Y %I:%M %p",
    "%b %d %Y %H:%M",
    "%b %d %Y",
    "%Y.%m.%d",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S %Z",
)
# The first letters of months in the languages of the feeds that do not write them in English.
MONTHS = {
    "jan": "Jan", "ene": "Jan", "fev": "Feb", "feb": "Feb", "mar": "Mar", "avr": "Apr", "abr": "Apr", "apr": "Apr",
    "mai": "May", "may": "May", "juin": "Jun", "jun": "Jun", "juil": "Jul", "jul": "Jul", "aou": "Aug", "ago": "Aug",
    "aug": "Aug", "sep": "Sep", "set": "Sep", "oct": "Oct", "out": "Oct", "nov": "Nov", "dec": "Dec", "dic": "Dec",
    "dez": "Dec",
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]+\.?")
PLAIN_LETTERS = str.maketrans("éèûîôáíóúç", "eeuioaiouc")


@dataclass(frozen=True, slots=True)
class _Name:
    """How one entry names itself, and what it is recognised by when others use the same name."""

    ref: str
    link: str
    title: str
    stamp: str
    guid: bool
    text: str


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    yield client.get(card.url)


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    if len(payload.body) > MAX_FEED:
        raise ParseStopped("oversized_payload", f"{len(payload.body)} bytes; a feed has at most {MAX_FEED}")
    decoded = decode_markup(payload)
    words, controls = without_controls(body_of(decoded.words))
    if len(ENTRY.findall(words)) > MAX_ENTRIES:
        raise ParseStopped("oversized_payload", f"more than {MAX_ENTRIES} entries")
    refuse_crowded_tags(words)
    if sum(1 for _ in BARE.finditer(words)) > MAX_BARE:
        raise ParseStopped("oversized_payload", f"more than {MAX_BARE} bare ampersands")
    # Where nothing could begin a feed, the library is not asked: a page of ten megabytes took it seconds to say so.
    feed = _read(words if ROOT.search(words) else "")
    if not feed.version and not CHANNEL.match(words):
        xml = decoded.words.lstrip().startswith(("<?xml", "<rss", "<feed"))
        raise ParseStopped(
            "unreadable_payload" if xml else "wrong_type", f"no feed: {feed.get('bozo_exception', 'unknown form')}"
        )
    if decoded.mislabelled:
        yield _info(card, "wrong_encoding", f"said {decoded.mislabelled}, read as {decoded.encoding}")
    if controls:
        yield _info(card, "control_signs", f"{controls} signs that XML does not know were left out")
    if feed.bozo:
        # A cut-off feed still gives its first entries; the rest of them is what would be missed.
        yield warn(card, "broken_feed", f"{type(feed.bozo_exception).__name__}: {feed.bozo_exception}")
    language = readable(str(feed.feed.get("language", "")))[:35] or one_language(card)
    unzoned: list[str] = []
    names = [_name(card, entry) for entry in feed.entries]
    for number, (entry, name) in enumerate(zip(feed.entries, _told_apart(names, feed.version), strict=True), start=1):
        try:
            report = _report(card, payload, entry, name, language=language, unzoned=unzoned)
        except BadRecord as bad:
            yield warn(card, bad.check, bad.evidence, name.ref or f"entry {number}")
            continue
        if name.ref != names[number - 1].ref:
            yield warn(card, "reused_guid", f"{names[number - 1].ref} names several; read as {name.ref}", name.ref)
        elif not name.guid:
            named_by_link = bool(name.link) and name.ref == name.link
            check = "ref_from_link" if named_by_link else "ref_from_title"
            yield (
                _info(card, check, report.title, name.ref)
                if named_by_link
                else warn(card, check, report.title, name.ref)
            )
        yield report
    if unzoned:
        yield _info(card, "date_without_zone", f"{len(unzoned)} read as UTC; the first is {unzoned[0]}")


def plain(markup: str) -> str:
    """The words of a piece of HTML. Some feeds escape their HTML twice, so it is unwrapped until nothing changes."""
    words = markup
    for _ in range(UNWRAPPED):
        if "<" not in words and "&" not in words:
            break
        spaced = BLOCK.sub(" <", words)  # two paragraphs are not one word
        if words.count("<") <= MAX_TAGS:
            cleaned = html.unescape(nh3.clean(spaced, tags=set(), clean_content_tags={"script", "style"}))
        else:
            cleaned = html.unescape(TAG.sub(" ", spaced))
        if cleaned == words:
            break
        words = cleaned
    return " ".join(readable(words).split())


def _read(words: str) -> Any:
    """The library's reading; where it stumbles over the size of a picture, as 6.0.14 does, without those sizes."""
    try:
        return _ask_library(words)
    except TypeError as error:
        feed = _ask_library(SIZE.sub("", words))
        feed.update(bozo=True, bozo_exception=error)
        return feed


def _ask_library(words: str) -> Any:
    # Bytes in a file object only: given a string, feedparser opens addresses and paths. nh3 cleans, so it need not.
    return feedparser.parse(
        io.BytesIO(b'<?xml version="1.0" encoding="utf-8"?>' + words.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )


def _info(card: SourceCard, check: str, evidence: str, record: str = "") -> Defect:
    return Defect(level=DefectLevel.INFO, check=check, source_id=card.id, evidence=evidence, record=record)


def _name(card: SourceCard, entry: Mapping[str, Any]) -> _Name:
    guid = " ".join(readable(str(entry.get("id") or "")).split())
    link = address(card, entry.get("link"))
    title = plain(str(entry.get("title", ""))[:MAX_TITLE])
    stamp = str(entry.get("published") or entry.get("updated") or "")
    text = plain(str(entry.get("summary", ""))[:MAX_TEXT])
    ref = guid or link or _content_ref(title, stamp) or _content_ref(text, stamp)
    if len(ref) > MAX_REF:
        ref = ref[: MAX_REF - 21] + " " + short_hash(ref)
    return _Name(ref, link, title, stamp, bool(guid), text)


def _content_ref(words: str, stamp: str) -> str:
    return f"title:{short_hash(words, stamp)}" if words else ""


def _told_apart(names: list[_Name], version: str) -> Iterator[_Name]:
    """Where one name stands for several entries, each gets one of its own: by its link, else by title and date.

    In Atom an id said twice with one link is two versions of one entry, and stays so.
    """
    shared: dict[str, set[tuple[str, str]]] = {}
    for name in names:
        shared.setdefault(name.ref, set()).add((name.link, name.title))
    links = Counter((name.ref, name.link) for name in dict.fromkeys(names))
    for name in names:
        several = {link for link, _ in shared[name.ref]}
        if not name.ref or len(shared[name.ref]) == 1 or (len(several) == 1 and version.startswith("atom")):
            yield name
        elif name.link and len(several) > 1 and links[name.ref, name.link] == 1:
            yield replace(name, ref=name.link, guid=False)
        else:
            yield replace(name, ref=_content_ref(name.title, name.stamp) or name.ref, guid=False)


def _report(
    card: SourceCard, payload: Payload, entry: Mapping[str, Any], name: _Name, *, language: str, unzoned: list[str]
) -> Report:
    title = name.title or name.text[:TITLE_FROM_TEXT]
    if not title:
        raise BadRecord("missing_field", "title")
    if not name.ref:
        raise BadRecord("missing_field", "guid, link, title and text")
    return Report(
        source_id=card.id,
        source_ref=name.ref,
        title=title,
        url=name.link,
        collected_at=payload.collected_at,
        published_at=_published(entry, payload, unzoned),
        place=card.fields.place_fixed,
        language=language,
        text=name.text,
        facts=tuple(Fact(name=fact, value=plain(_cell(entry, fact)[:MAX_TEXT])) for fact in card.fields.facts),
        basis=payload.basis,
    )


def _published(entry: Mapping[str, Any], payload: Payload, unzoned: list[str]) -> datetime | None:
    words = str(entry.get("published") or entry.get("updated") or "").strip()
    if not words:
        return None
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    if YEAR_FIRST.match(words):
        parsed = None
    try:
        read = datetime.fromtimestamp(timegm(parsed), tz=UTC) if parsed else _odd_date(words)
    except (OverflowError, ValueError, OSError):
        raise BadRecord("date_out_of_range", f"published is {words!r}") from None
    if read is None:
        raise BadRecord("unreadable_date", f"published is {words!r}")
    if CLOCK.search(words) and not ZONE.search(words):
        unzoned.append(words)
    return moment(read.isoformat(), "published", payload)


def _odd_date(words: str) -> datetime | None:
    """Dates that feedparser leaves unread: months of other languages, other orders. Never day and month guessed."""
    if len(words) > 60:
        return None
    english = " ".join(WORD.sub(_month, words).replace(",", " ").split())
    try:
        read = parsedate_to_datetime(english)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    unzoned = re.sub(r"\s(?:GMT|UTC|UT|Z)$", "", english)
    for form in FORMS:
        try:
            return datetime.strptime(unzoned, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _month(found: re.Match[str]) -> str:
    """An English month for one of another language; days of the week say nothing and go; `de` goes too."""
    word = found[0].rstrip(".")
    if word.upper() in {"AM", "PM", "GMT", "UTC", "UT", "Z", "T", "EST", "EDT", "CST", "CDT", "PST", "PDT", "CET"}:
        return word
    folded = word.casefold().translate(PLAIN_LETTERS)
    if folded[:3] == "mar" and folded not in {"mar", "mars", "march", "marzo", "marco"}:
        return ""  # mardi, martes
    for letters in (4, 3):
        if folded[:letters] in MONTHS:
            return MONTHS[folded[:letters]]
    return ""


def _cell(entry: Mapping[str, Any], name: str) -> str:
    if name == "category":
        return ", ".join(str(tag.get("term", "")) for tag in entry.get("tags", ()))
    return str(entry.get(name, ""))
