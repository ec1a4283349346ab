"""A view made ready for paper: signs that hide are shown, links lead somewhere, and no table is left behind a fold.

A screen can fold a table behind its picture. Paper cannot, and every form carries the same text: such tables stand at
the end, after the main part and the annex.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from typing import TypeVar

import vl_convert

from briefs.fonts import font_folders, shown
from briefs.tongue import Spoken
from briefs.view import (
    Block,
    Entry,
    Heading,
    Incidents,
    Lines,
    NoteList,
    Paragraph,
    PlaceTable,
    SeriesFigure,
    StripFigure,
    Table,
    TileGrid,
    View,
)

T = TypeVar("T")

_SHARPNESS = 2.5  # pixels of a picture by unit of its drawing
_WEB = re.compile(r"https?://[^\s<>\"\\^`{|}]+")
_BESIDE = re.compile(r"[A-Za-z0-9][\w.-]*\.(?:html|json|pdf|docx)(?:#[\w.-]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """`anchors` are the places that a link of this page can lead to; `behind` the tables behind its pictures."""

    view: View
    title: str
    anchors: frozenset[str]
    behind: tuple[Table, ...]


def lay_out(view: View) -> Paper:
    """The same page with safe texts and addresses; nothing is worded, left out or rounded."""
    clean = _each_text(view, _shown)
    anchors = frozenset(_anchors(clean))
    mast = clean.masthead
    return Paper(
        view=clean,
        title=f"{mast.reference} · {mast.title} · {mast.subtitle}",
        anchors=anchors,
        behind=tuple(table for section in clean.sections for block in section.blocks for table in _behind(block)),
    )


def led_to(href: str, anchors: frozenset[str]) -> str:
    """Where a link may lead: the web, a file of the issue, or a place on this page; else nowhere, as plain text."""
    if href.startswith("#"):
        return href if href[1:] in anchors else ""
    return href if _WEB.fullmatch(href) or _BESIDE.fullmatch(href) else ""


@lru_cache(maxsize=64)
def to_png(svg: str) -> bytes:
    """A drawing as pixels, for forms that cannot hold it as lines."""
    _know_fonts()
    made = vl_convert.svg_to_png(svg, scale=_SHARPNESS)
    if not isinstance(made, bytes):
        raise TypeError("a picture is one run of bytes")
    return made


@cache
def _know_fonts() -> None:
    for folder in font_folders():
        vl_convert.register_font_directory(str(folder))


def note_anchor(number: str) -> str:
    return f"note-{number}"


def place_anchor(code: str) -> str:
    return f"place-{code}"


def paragraph_anchor(number: str) -> str:
    return f"p{number}"


def depths(blocks: tuple[Block, ...]) -> tuple[int, ...]:
    """The level of each heading in a section, 0 where a block is none: a level is never skipped on the way down."""
    found, before = [], 2
    for block in blocks:
        wanted = 0
        if isinstance(block, Heading):
            wanted = block.level
        elif isinstance(block, Entry) and block.full:
            wanted = 4
        level = min(wanted, before + 1)
        before = level or before
        found.append(level)
    return tuple(found)


def _each_text(held: T, change: Callable[[str], str]) -> T:
    """The same dataclasses with every text changed."""
    if isinstance(held, str):
        # An enum's word is ours; a text of ours may hold a word of others.
        return held if isinstance(held, StrEnum) else change(held)  # type: ignore[return-value]
    if isinstance(held, tuple):
        return tuple(_each_text(one, change) for one in held)  # type: ignore[return-value] # a tuple stays a tuple
    if is_dataclass(held) and not isinstance(held, type):
        changed = {field.name: _each_text(getattr(held, field.name), change) for field in fields(held) if field.init}
        return replace(held, **changed)
    return held


def _shown(text: str) -> str:
    """A safe text; what it says of its languages stays."""
    if not isinstance(text, Spoken):
        return shown(str(text))
    held = (replace(one, text=_ends(one.text, shown(one.text.strip()))) for one in text.pieces)
    return Spoken(tuple(held))


def _ends(old: str, new: str) -> str:
    """A piece keeps the space that parts it from its neighbours."""
    before, after = " " * old[:1].isspace(), " " * old[-1:].isspace()
    return f"{before}{new}{after}" if new else before


def _behind(block: Block) -> Iterator[Table]:
    match block:
        case TileGrid() | SeriesFigure() | StripFigure():
            yield block.table
        case Entry():
            for figure in block.figures:
                yield figure.table
        case Table():
            if not block.printed:
                yield block


def _anchors(view: View) -> Iterator[str]:
    for section in view.sections:
        yield section.anchor
        for block in section.blocks:
            yield from filter(None, _anchors_of(block))


def _anchors_of(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield block.anchor
        case Paragraph():
            yield from (paragraph_anchor(block.number), *(row.anchor for row in block.rows))
        case Lines():
            yield from (row.anchor for row in block.lines)
        case PlaceTable():
            yield from (place_anchor(row.code) for row in block.rows)
        case TileGrid() | SeriesFigure() | StripFigure():
            yield block.figure_id
        case Entry():
            yield block.anchor
            yield from _anchors_of(block.why)
            yield from (figure.figure_id for figure in block.figures)
        case Incidents():
            yield from (incident.anchor for incident in block.incidents)
        case NoteList():
            yield from (note_anchor(note.number) for note in block.notes)
