"""The type of the printed forms, from installed packages, and what it can draw.

A page set without a sign's font leaves a hole, often without an error. So every sign of a document is looked up in the
fonts before it is set. What others wrote in a script that none of them holds is not set: a note in brackets says so and
names the script, and the other forms hold the words; no source can stop an issue by its script. A fixed word of ours
without a font is refused by name. A font of the machine is never used, or the same issue would give other bytes there.
Noto Sans (Latin, Greek, Cyrillic), IBM
Plex Sans Arabic and Noto Sans SC (Chinese, and the shapes of the levels), all under the Open Font Licence; a bare
machine needs no font of its own. Noto Sans Arabic draws a letter and its dots as two signs, and a screen reader then
reads each letter twice.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from fontTools import unicodedata as scripts
from fontTools.ttLib import TTFont

from domain.errors import Refused, Unavailable

LATIN, ARABIC, CHINESE = FAMILIES = ("Noto Sans", "IBM Plex Sans Arabic", "Noto Sans SC")
_FILES = (
    ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf"),
    ("fontpkg_ibm_plex_sans_arabic", "files/IBMPlexSansArabic-Regular.ttf"),
    ("justmytype_intl_cjk", "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"),
)
# They shape what stands beside them and are drawn by no font: joiners of Arabic and Persian, and soft hyphens.
_UNDRAWN = frozenset("\u00ad\u200c\u200d")
# They turn the order of reading, cannot be seen or mean nothing; what a source wrote may do none of it in print.
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_NO_SCRIPT = frozenset({"Zyyy", "Zinh", "Zzzz"})  # signs of many scripts, of the sign before, and of none


@cache
def font_files() -> tuple[Path, ...]:
    """The files, in the order of `FAMILIES`."""
    found = []
    for package, name in _FILES:
        try:
            path = Path(str(files(package))) / name
        except ModuleNotFoundError:
            path = Path(name)
        if not path.is_file():
            raise Unavailable(
                f"The font {Path(name).name} is not installed.",
                why=f"It comes with the package {package}, and no printed form is set without it.",
                do="Run `make setup`.",
            )
        found.append(path)
    return tuple(found)


def font_folders() -> tuple[Path, ...]:
    return tuple(path.parent for path in font_files())


@cache
def drawable() -> frozenset[str]:
    """Every sign that one of the fonts draws."""
    signs: set[str] = set(_UNDRAWN)
    for path in font_files():
        with TTFont(path, lazy=True) as font:
            signs.update(map(chr, font.getBestCmap()))
    return frozenset(sign for sign in signs if sign in _UNDRAWN or unicodedata.category(sign) not in _HIDDEN)


def shown(text: str) -> str:
    """Text on one line, with what hides or turns the reading shown as its code point: `[U+202E]`.

    A space that does not break a line stays one.
    """
    if text.isprintable() and _UNDRAWN.isdisjoint(text):
        return text
    return _SPACES.sub(" ", "".join(map(_shown, text))).strip()


def require_drawable(texts: Iterable[str], *, page: str) -> None:
    """Refuse a page that holds a sign which none of the fonts draws, and name the sign."""
    known = drawable()
    for text in texts:
        missing = next((sign for sign in text if sign not in known), None)
        if missing is None:
            continue
        name = unicodedata.name(missing, "a sign without a name")
        raise Refused(
            f"{page} cannot be printed: no font draws U+{ord(missing):04X} ({name}).",
            why=f"It would leave a hole in “{_around(text, missing)}”.",
            do="Write it in another way, or add a font that holds it to briefs/fonts.py.",
        )


def undrawn(text: str) -> Iterator[tuple[str, str]]:
    """Pieces of a text with the script that no font draws, by its code of ISO 15924; empty where the piece is drawn.

    What stands between two words of such a script belongs to them. A single sign without a font, or one of no script,
    is shown as its code point.
    """
    known = drawable()
    if text.isascii() or known.issuperset(text):
        yield text, ""
        return
    at = 0
    while at < len(text):
        if text[at] in known:
            end = next((one for one in range(at, len(text)) if text[one] not in known), len(text))
            yield text[at:end], ""
        else:
            end, script = _run(text, at, known)
            words = text[at:end]
            alone = len(words) == 1 or not script
            yield ("".join(one if one in known else _point(one) for one in words), "") if alone else (words, script)
        at = end


def _run(text: str, start: int, known: frozenset[str]) -> tuple[int, str]:
    """Where words of one script without a font end, and the script."""
    end, script = start, ""
    for at in range(start, len(text)):
        if text[at] in known:
            if text[at].isalpha():
                break
            continue
        here = scripts.script(text[at])
        if here not in _NO_SCRIPT:
            if script and here != script:
                break
            script = here
        end = at + 1
    return end, script


def script_name(code: str) -> str:
    """The English name of a script: `Hebrew`."""
    return str(scripts.script_name(code)).replace("_", " ")


def texts_of(held: Any) -> Iterator[str]:
    """Every text in plain data or in parts of a page: lists, tuples and mappings of texts, at any depth."""
    if isinstance(held, str):
        yield held
    elif is_dataclass(held):
        for field in fields(held):
            yield from texts_of(getattr(held, field.name))
    elif isinstance(held, dict):
        for value in held.values():
            yield from texts_of(value)
    elif isinstance(held, list | tuple):
        for value in held:
            yield from texts_of(value)


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """Pieces of a text with whether they read from right to left; neutral signs stay with the piece before."""
    piece, turned = "", False
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        here = kind in _RIGHT_TO_LEFT if kind in _RIGHT_TO_LEFT or kind == "L" else turned
        if here is not turned and piece:
            yield piece, turned
            piece = ""
        piece, turned = piece + sign, here
    if piece:
        yield piece, turned


def turned(text: str) -> bool:
    """Does any of it read from right to left?"""
    return any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text)


def _shown(sign: str) -> str:
    if sign in "\t\n\r":
        return " "
    if sign not in _UNDRAWN and unicodedata.category(sign) in _HIDDEN:
        return _point(sign)
    return sign


def _point(sign: str) -> str:
    return f"[U+{ord(sign):04X}]"


def _around(text: str, sign: str) -> str:
    at = text.index(sign)
    return text[max(at - 30, 0) : at + 30]
