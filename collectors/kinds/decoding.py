"""Bytes to words: which encoding a payload is in, whatever it says of itself."""

import codecs
import re
from dataclasses import dataclass

from collectors.base import ParseStopped
from domain.signal import Payload

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
# Python also calls rot13, zlib, unicode_escape, punycode and UTF-7 encodings: no feed is written in them, and some
# of them take quadratic time or smuggle markup past a guard.
KNOWN = re.compile(
    r"^(utf-8|utf-16|utf-32|utf-16-[lb]e|utf-32-[lb]e|ascii|iso8859-\d+|cp\d+|mac-[a-z]+|koi8-[rtu]|gb2312|gbk|gb18030|hz|"
    r"big5|big5hkscs|shift_jis\w*|euc_\w+|iso2022_\w+|johab|tis-620|kz1048|ptcp154)$"
)
SEVEN_BITS = re.compile(r"^(hz|iso2022_\w+)$")  # valid ASCII, and yet something else
ONE_BYTE = re.compile(r"^(ascii|iso8859-\d+|cp\d+|mac-[a-z]+|koi8-[rtu]|tis-620|kz1048|ptcp154)$")
EBCDIC_XML = b"\x4c\x6f\xa7\x94"
LAST_RESORT = "cp1252"


@dataclass(frozen=True, slots=True)
class Decoded:
    """`mislabelled` names the label that was wrong; empty when there was none or it was right."""

    words: str
    encoding: str
    mislabelled: str = ""


def decode_markup(payload: Payload) -> Decoded:
    """Words of a feed or page in any declared or wrong encoding; never fails.

    Its marks are believed first, then UTF-8 if the bytes are valid in it, then what is declared, then Windows-1252:
    valid UTF-8 beyond ASCII is hardly ever anything else, and a wrong label is common.
    """
    body = payload.body
    if found := _marked(body):
        mark, encoding = found
        return Decoded(body[mark:].decode(encoding, "replace"), encoding)
    if body.startswith(EBCDIC_XML):
        return Decoded(body.decode("cp037"), "cp037")
    declared = _declared(body) or _charset(payload)
    name = _known(declared)
    if name.startswith(("utf-16", "utf-32")):
        name = ""  # without a mark and without a zero byte it is not
    words = None if SEVEN_BITS.match(name) else _try(body, "utf-8")
    if words is not None:
        # A label that names nothing we read, such as UTF-7, is told even over plain ASCII: it may mean other signs.
        right = not declared or name in {"utf-8", "ascii"} or (body.isascii() and bool(name))
        if not right and name and not ONE_BYTE.match(name):
            # Short Chinese text can be valid in both; then the label decides.
            other = _try(body, name)
            if other is not None:
                return Decoded(other, name)
        return Decoded(words, "utf-8", "" if right else declared)
    if name and name != "utf-8":
        believed = "cp1252" if name in {"iso8859-1", "ascii"} else name
        words = _try(body, believed)
        if words is not None:
            return Decoded(words, believed, declared if name == "ascii" else "")
    words = body.decode("utf-8", "replace")
    if words.count("\ufffd") <= len(words) // 1000:
        return Decoded(words, "utf-8", "utf-8")  # one broken sign in a long text does not make it another encoding
    return Decoded(body.decode(LAST_RESORT, "replace"), LAST_RESORT, declared or "utf-8")


def decode_data(payload: Payload) -> str:
    """Words of JSON or CSV: UTF-8, or UTF-16 and UTF-32 that show it, or what the server says. Nothing is guessed."""
    body = payload.body
    found = _marked(body)
    mark, encoding = found or (0, "utf-8")
    try:
        return body[mark:].decode(encoding)
    except UnicodeDecodeError as error:
        name = _known(_charset(payload))
        if found is None and name and name != "utf-8":
            words = _try(body, name)
            if words is not None:
                return words
        raise ParseStopped("unreadable_payload", f"{type(error).__name__}: {error}") from error


def _marked(body: bytes) -> tuple[int, str] | None:
    """Length of the byte order mark and the encoding; without a mark, what the zero bytes of the start give away."""
    for mark, encoding in MARKS:
        if body.startswith(mark):
            return len(mark), encoding
    zeros = tuple(byte == 0 for byte in body[:4])
    match zeros:
        case (False, True, True, True):
            return 0, "utf-32-le"
        case (True, True, True, False):
            return 0, "utf-32-be"
        case (False, True, False, True):
            return 0, "utf-16-le"
        case (True, False, True, False):
            return 0, "utf-16-be"
    return None


def _declared(body: bytes) -> str:
    found = DECLARED.search(body[:1024])
    return found[1].decode("ascii") if found else ""


def _charset(payload: Payload) -> str:
    found = CHARSET.search(dict(payload.headers).get("content-type", ""))
    return found[1] if found else ""


def _known(label: str) -> str:
    try:
        name = codecs.lookup(label).name if label else ""
    except LookupError:
        return ""
    return name if KNOWN.match(name) else ""


def _try(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except UnicodeError:
        return None
