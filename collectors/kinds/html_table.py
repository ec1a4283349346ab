"""A table in an HTML page, with its pager.

Layout `rows`: the header's names over plain cells. Layout `letters`: the special procedures' table of
communications, whose cells hold several things each and are told apart by what they say, not by where they stand.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from lxml import etree

from collectors.base import Client, Parsed, ParseStopped, readable
from collectors.kinds.decoding import decode_markup
from collectors.kinds.xml_guard import refuse_crowded_tags
from collectors.records import BadRecord, day, read_rows, warn
from domain.signal import Basis, Payload
from domain.source import SourceCard

MAX_PAGES = 60
MAX_PAGE = 32 * 1024 * 1024
MAX_CELLS = 200_000
CELL = re.compile(r"<t[dhr][\s>/]", re.IGNORECASE)
DATE = re.compile(r"^\d{1,2} [A-Z][a-z]+ \d{4}$")
REFERENCE = re.compile(r"^[A-Z]{3} \d+/\d{4}$")
LETTER_TYPE = re.compile(r"^(AL|UA|JAL|JUA|OL|JOL|AM|JAM)$")
PAGE_OF = re.compile(r"\bpage (\d+) of (\d+)\b", re.IGNORECASE)

Cells = dict[str, object]


def fetch(card: SourceCard, client: Client) -> Iterator[Payload]:
    """Page after page, until one has no row that was not seen, or says that it is the last."""
    seen: set[str] = set()
    for page in range(1, MAX_PAGES + 1):
        payload = client.get(card.url if page == 1 else _page_address(card.url, page))
        tree = read_page(payload)
        found = {str(row) for row in _rows(card, tree)} if tree is not None else set()
        if page > 1 and found <= seen:
            return
        yield payload
        if tree is None or not found or _is_last(tree):
            return
        seen |= found


def parse(card: SourceCard, payload: Payload) -> Iterator[Parsed]:
    tree = read_page(payload)
    if tree is None:
        raise ParseStopped("unreadable_payload", "there is no HTML in it")
    if tree.find(".//table") is None:
        raise ParseStopped("wrong_type", "the page holds no table")
    rows = _rows(card, tree)
    if card.fields.layout != "letters":
        yield from read_rows(card, payload, rows)
        return
    dated: list[Cells] = []
    for row in rows:
        try:
            dated.append(row | _dates(card, payload, row))
        except BadRecord as bad:
            yield warn(card, bad.check, bad.evidence, str(row["reference"]))
    yield from read_rows(card, payload, dated)


def _rows(card: SourceCard, tree: etree._Element) -> list[Cells]:
    return _letters(card, tree) if card.fields.layout == "letters" else _plain_rows(tree)


def references(card: SourceCard, payload: Payload) -> list[str]:
    """The references of the letters on a page, in its order; none where there is no page."""
    tree = read_page(payload)
    found = [str(row["reference"]) for row in _letters(card, tree)] if tree is not None else []
    return [reference for reference in found if reference]


def _dates(card: SourceCard, payload: Payload, row: Cells) -> Cells:
    """Letters become public some time after they were sent; only an estimate may say when (triggers, section 2.2)."""
    if not row["sent_on"]:
        raise BadRecord("missing_field", "sent_on")
    sent_on = day(row["sent_on"], "sent_on", payload)
    estimated = payload.basis is Basis.ESTIMATED
    published = (sent_on + timedelta(days=card.lag_days)).isoformat() if estimated else ""
    return {"sent_on": sent_on.isoformat(), "published_at": published}


def _letters(card: SourceCard, tree: etree._Element) -> list[Cells]:
    rows: list[Cells] = []
    record_id = ""
    for line in tree.iter("tr"):
        cells = list(line.iter("td"))
        if not cells:  # an empty row before each letter carries its number
            record_id = line.get("data-id", "")
            continue
        row: Cells = dict.fromkeys(
            ("reference", "title", "sent_on", "published_at", "addressee", "type", "link", "mandates", "replies"), ""
        )
        row["record_id"] = record_id
        for cell in cells:
            _classify(card, cell, row)
        row["title"] = f"{row['type']} {row['reference']}".strip()
        rows.append(row)
        record_id = ""
    return rows


def _classify(card: SourceCard, cell: etree._Element, row: Cells) -> None:
    links = list(cell.iter("a"))
    if items := [words for item in cell.iter("li") if (words := words_in(item))]:
        row["mandates"] = "; ".join(items)
    elif any("DownLoadFile" in (link.get("href") or "") for link in links):
        row["replies"] = "; ".join(words_in(link) for link in links)
    elif pieces := [words for piece in cell.iter("ul") if (words := words_in(piece))]:
        for words in pieces:
            if REFERENCE.match(words):
                row["reference"] = words
                row["link"] = next((urljoin(card.url, link.get("href") or "") for link in links), "")
            elif LETTER_TYPE.match(words):
                row["type"] = words
            elif DATE.match(words):
                row["sent_on"] = words
            elif not row["addressee"]:
                row["addressee"] = words


def _plain_rows(tree: etree._Element) -> list[Cells]:
    names: list[str] = []
    rows: list[Cells] = []
    for line in tree.iter("tr"):
        heads = [words_in(cell) for cell in line.iter("th")]
        cells = [words_in(cell) for cell in line.iter("td")]
        if heads and not cells:
            names = heads
        elif cells:
            rows.append(dict(zip(names, cells, strict=False)))
    return rows


def words_in(element: etree._Element) -> str:
    """What a reader sees of a part of a page, in one line."""
    return " ".join(readable("".join(str(part) for part in element.itertext())).split())


def read_page(payload: Payload) -> etree._Element | None:
    """The page, whatever its encoding; half a gigabyte of tags is not a page."""
    if len(payload.body) > MAX_PAGE:
        raise ParseStopped("oversized_payload", f"{len(payload.body)} bytes; a page has at most {MAX_PAGE}")
    words = decode_markup(payload).words.replace("\x00", "")
    refuse_crowded_tags(words)
    if sum(1 for _ in CELL.finditer(words)) > MAX_CELLS:
        raise ParseStopped("oversized_table", f"more than {MAX_CELLS} cells")
    body = words.encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        tree: etree._Element | None = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    return tree


def _is_last(tree: etree._Element) -> bool:
    found = PAGE_OF.search(words_in(tree))
    return found is not None and int(found[1]) >= int(found[2])


def _page_address(url: str, page: int) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "page"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("page", str(page))])))
