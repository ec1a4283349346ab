"""What stands before the first element of an XML document: entities are refused, the rest is taken off.

Entities make bombs, and external ones make us read files and addresses; a feed or a sheet needs neither.
"""

import re

from collectors.base import ParseStopped

DECLARES = re.compile(r"<!\s*ENTITY|%\s*[\w.-]+\s*;", re.IGNORECASE)
ELEMENT = re.compile(r"<[^\W\d]")
QUOTED = re.compile(r"""["'\[\]>]|<!--""")
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
LONG_TAG = re.compile(r"<[^<>]{32768,}")
MAX_TAG = 8 * 1024 * 1024
MAX_ATTRIBUTES = 1_000  # of one long tag; a picture written into one is long and has few
MAX_HEAD = 65_536  # signs before the first element; real ones have a few hundred


def body_of(words: str) -> str:
    """The document from its first element on; it stops with `xml_entities` where one is declared before."""
    at = 0
    while True:
        at = words.find("<", at)
        if at < 0:
            return ""
        if at > MAX_HEAD:
            raise ParseStopped("unreadable_payload", f"no element within the first {MAX_HEAD} signs")
        if words.startswith("<!--", at):
            at = _after(words, "-->", at + 4)
        elif words.startswith("<?", at):
            at = _after(words, "?>", at + 2)
        elif words.startswith("<!", at):
            end = _declaration_end(words, at + 2)
            if found := DECLARES.search(words, at, end):
                raise ParseStopped("xml_entities", f"declared: {words[found.start() : found.start() + 80]!r}")
            at = end
        elif ELEMENT.match(words, at):
            return words[at:]
        else:
            at += 1


def refuse_entities(member: bytes) -> None:
    """For a document whose encoding is UTF-8: stop with `xml_entities` unless its head is plain."""
    body_of(member[: 4 * MAX_HEAD].decode("utf-8", "replace"))


def refuse_crowded_tags(words: str) -> None:
    """Stop where one tag has attributes by the thousand, or no end in sight: readers take quadratic time over them."""
    for tag in LONG_TAG.finditer(words):
        if len(tag[0]) > MAX_TAG:
            raise ParseStopped("oversized_payload", f"a tag of {len(tag[0])} signs")
        count = tag[0].count('="') + tag[0].count("='")
        if count > MAX_ATTRIBUTES:
            raise ParseStopped("oversized_payload", f"{count} attributes in one tag")


def without_controls(words: str) -> tuple[str, int]:
    """The words without signs that XML does not know, and how many there were."""
    return NOT_XML.subn("", words)


def _after(words: str, mark: str, start: int) -> int:
    end = words.find(mark, start)
    return len(words) if end < 0 else end + len(mark)


def _declaration_end(words: str, start: int) -> int:
    """The sign after a declaration, with quotes, comments and one bracketed part inside it."""
    at, depth = start, 0
    while found := QUOTED.search(words, at):
        sign = found[0]
        at = found.end()
        if sign in {'"', "'"}:
            at = _after(words, sign, at)
        elif sign == "<!--":
            at = _after(words, "-->", at)
        elif sign == "[":
            depth += 1
        elif sign == "]":
            depth -= 1
        elif depth <= 0:
            return at
    return len(words)
