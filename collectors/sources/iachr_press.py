"""Press releases of the Inter-American Commission on Human Rights, from the page that lists them.

A module, because the list has no feed and no table that was seen: what a link to a release says is all that is read.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urljoin

from lxml import etree

from collectors.base import Client, Parsed, ParseStopped
from collectors.kinds.html_table import read_page, words_in
from collectors.records import BadRecord, address, moment, one_language, warn
from domain.signal import Payload, Report
from domain.source import SourceCard

RELEASE = re.compile(r"/preleases/(\d{4})/(\d{1,4}[a-z]?)\.asp", re.IGNORECASE)
AMERICAN_DAY = re.compile(r"\b([A-Z][a-z]+ \d{1,2}, \d{4})\b")
ONLY_A_NUMBER = re.compile(r"^(?:No\.?\s*)?\d{1,4}[A-Za-z]?(?:/\d{2,4})?$|^(?:read more|more)\W*$", re.IGNORECASE)
LINES = ("tr", "li", "p")
MAX_TITLE = 1_000
MAX_LINE = 2_000  # signs; a longer line is the whole page laid out in one cell, and its day is anybody's


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    yield client.get(card.url)


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    """One report for each release; two links to one release are one, with the title of the longer."""
    page = read_page(payload)
    if page is None:
        raise ParseStopped("unreadable_payload", "there is no HTML in it")
    found: dict[str, tuple[str, str, etree._Element]] = {}
    for link in page.iter("a"):
        href = (link.get("href") or "").strip()
        named = RELEASE.search(href)
        if named is None:
            continue
        ref = f"{named[1]}/{named[2].upper().zfill(3)}"
        title = words_in(link)[:MAX_TITLE]
        if len(title) >= len(found.get(ref, ("", "", link))[0]):
            found[ref] = (title, urljoin(card.url, href), link)
    if not found:
        raise ParseStopped("wrong_type", "no link to a press release stands in the page")
    for ref, (title, href, link) in found.items():
        line = _line_around(link)
        day = AMERICAN_DAY.search(line)
        said = line if ONLY_A_NUMBER.match(title) or not title else title
        if not said or ONLY_A_NUMBER.match(said):
            yield warn(card, "missing_field", "a link without a title", ref)
            continue
        try:
            published_at = _published(day[1], payload) if day else None
        except BadRecord as bad:
            yield warn(card, bad.check, bad.evidence, ref)
            continue
        yield Report(
            source_id=card.id,
            source_ref=ref,
            title=said[:MAX_TITLE],
            url=address(card, href),
            collected_at=payload.collected_at,
            published_at=published_at,
            language=one_language(card),
            basis=payload.basis,
        )


def _line_around(link: etree._Element) -> str:
    """The words of the row, point or paragraph that the link stands in, when it is that of one release."""
    for part in link.iterancestors(*LINES):
        refs = {found[0].lower() for one in part.iter("a") if (found := RELEASE.search(one.get("href") or ""))}
        words = words_in(part)
        return words if len(refs) == 1 and len(words) <= MAX_LINE else ""
    return ""


def _published(words: str, payload: Payload) -> datetime:
    try:
        day = datetime.strptime(words, "%B %d, %Y").replace(tzinfo=UTC)
    except ValueError:
        raise BadRecord("unreadable_date", f"published is {words!r}") from None
    return moment(day.isoformat(), "published", payload)
