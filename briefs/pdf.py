"""From a view to tagged PDF (PDF/UA-1), set by Typst.

The page's text reaches Typst as JSON and is never read as markup. Conformance is the compiler's: a picture without
words, a heading out of order or a fixed word without a font ends in an error. The same view, hash and `as_of` give the
same bytes; the date in the file is `as_of`, and it names no person, machine or program beyond the compiler's own.
"""

import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import typst
from babel import Locale

from briefs import charts
from briefs.fonts import FAMILIES, drawable, font_folders, require_drawable, script_name, texts_of, turned, undrawn
from briefs.paper import Paper, depths, lay_out, led_to, note_anchor, paragraph_anchor, place_anchor, to_png
from briefs.tongue import ENGLISH, Piece, Spoken, each_text, furniture, pieces_of
from briefs.view import (
    Block,
    Entry,
    Heading,
    Incidents,
    NoteList,
    PlaceTable,
    SeriesFigure,
    StripFigure,
    Table,
    TileGrid,
    View,
    place_cells,
)
from domain.errors import Refused

_TEMPLATES = Path(__file__).parent / "templates"
_SMALL, _PLACES, _TINY = 7.5, 7.0, 6.5  # points
_FAIR_SHARE, _LONG = 4.0, 20
_OPEN, _FROM, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}[^{_FROM}]*{_FROM}|{_CLOSE}")
_REMEMBERED = 10  # pages: the compiler's own figure
# Shares of the width by column of a PlaceTable, of a group and of places at home in several; 0 is as wide as its words.
_PLACE_SHARES = (6.5, 4.0, 7.0, 3.5, 0.0, 0.0, 0.0, 0.0, 0.0)
_HOME_SHARES = (8.0, 3.5, 5.0, 3.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def render_pdf(view: View, *, content_hash: str, as_of: datetime) -> bytes:
    """One page as PDF. Refused where a sign has no font or the compiler finds a hole."""
    paper = _drawn_only(lay_out(view))
    data = _data(paper, content_hash)
    texts = texts_of([data["view"], data["behind"], list(data["words"].values())])
    require_drawable(map(_unmarked, texts), page=paper.view.masthead.reference)
    try:
        made = _compiler().compile(
            format="pdf",
            sys_inputs={"page": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=as_of,
        )
    except typst.TypstError as error:
        raise Refused(
            f"{paper.view.masthead.reference} cannot be set as PDF: {error.message}",
            why="The compiler checks PDF/UA-1 and found what a reader with a screen reader would miss.",
            do=" ".join(error.hints) or "Compare the view with briefs/templates/page.typ.",
        ) from error
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one run of bytes")
    _forget()
    return _head_rows(made)


def _drawn_only(paper: Paper) -> Paper:
    """The same page with a note in the place of words that no font draws; see `fonts.undrawn`."""
    language = paper.view.language
    words = furniture(language)
    names = Locale.parse(language).scripts

    def note(script: str) -> str:
        name = names.get(script) or script_name(script)
        return str(words("[text in {script} script; see HTML or JSON]", script=name))

    def drawn(text: str) -> str:
        if drawable().issuperset(text):
            return text
        pieces = (
            Piece(text=note(script), language=language) if script else replace(one, text=part)
            for one in pieces_of(text)
            for part, script in undrawn(one.text)
        )
        return Spoken(tuple(pieces))

    return replace(
        paper,
        view=each_text(paper.view, drawn),
        title=str(drawn(paper.title)),
        behind=tuple(each_text(table, drawn) for table in paper.behind),
    )


def _head_rows(made: bytes) -> bytes:
    """Tag the first cell of every row as the head of its row: the compiler's own way is not open from Python yet.

    A list of heads at a cell, as the compiler writes it, names those of columns alone and would hide the row's.
    """
    with pikepdf.open(io.BytesIO(made)) as pdf:
        for part in pdf.objects:
            if isinstance(part, pikepdf.Dictionary) and part.get("/S") == "/TR" and part.P.S == "/TBody":
                first, *others = part.K if isinstance(part.K, pikepdf.Array) else [part.K]
                first.S = pikepdf.Name.TH
                first.A[0].Scope = pikepdf.Name.Row
                for cell in (first, *others):
                    if "/Headers" in cell.A[0]:
                        del cell.A[0]["/Headers"]
        out = io.BytesIO()
        pdf.save(
            out,
            deterministic_id=True,
            fix_metadata_version=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return out.getvalue()


@cache
def _compiler() -> typst.Compiler:
    """One compiler for all pages, so that fonts are read once. Its root is the folder of templates and nothing else."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(one) for one in font_folders()]
    )
    return typst.Compiler(
        str(_TEMPLATES / "page.typ"), root=str(_TEMPLATES), font_paths=fonts, ignore_system_fonts=True
    )


@cache
def _blank() -> typst.Compiler:
    return typst.Compiler(b" ", ignore_system_fonts=True)


def _forget() -> None:
    """Let the compiler drop what it remembers of the page: about 50 MB each, kept until it is that many pages old."""
    for _ in range(_REMEMBERED + 1):
        _blank().compile(b" ", format="pdf")


def _data(paper: Paper, content_hash: str) -> dict[str, Any]:
    """What the template places: the view itself, with what it cannot work out on its own."""
    words = furniture(paper.view.language)
    own, paper = (
        paper,
        replace(
            paper,
            view=each_text(paper.view, _marked),
            behind=tuple(each_text(table, _marked) for table in paper.behind),
        ),
    )
    page = asdict(paper.view)
    pictures: dict[str, dict[str, Any]] = {}
    marks: dict[str, str] = {}
    seen: set[str] = set()
    for section, made in zip(paper.view.sections, page["sections"], strict=True):
        made["anchor"] = _once(section.anchor, seen)
        made["heading"] = _unmarked(section.heading)
        made["blocks"] = [
            _block(
                block,
                raw,
                depth,
                words=words,
                language=paper.view.language,
                pictures=pictures,
                marks=marks,
                seen=seen,
            )
            for block, raw, depth in zip(section.blocks, made["blocks"], depths(section.blocks), strict=True)
            if not (isinstance(block, Table) and not block.printed)
        ]
    _lead_on(page, paper.anchors)
    return {
        "title": paper.title,
        "fonts": list(FAMILIES),
        "hash": content_hash,
        "words": _words(own.view, words),
        "view": page,
        "pictures": pictures,
        "marks": marks,
        "behind": [_lead_on(_table(asdict(table), size=_TINY), paper.anchors) for table in paper.behind],
    }


def _block(
    block: Block,
    raw: dict[str, Any],
    depth: int,
    *,
    words: Callable[..., str],
    language: str,
    pictures: dict[str, dict[str, Any]],
    marks: dict[str, str],
    seen: set[str],
) -> dict[str, Any]:
    raw["depth"] = depth
    _name_anchors(raw, seen)
    match block:
        case Table():
            return _table(raw, size=_SMALL)
        case PlaceTable():
            return _places(block, seen)
        case TileGrid() | StripFigure():
            marks.update((mark, charts.draw_mark_picture(mark)) for mark, _ in block.key)
            raw["pictures"] = _drawn(block, pictures, language)
        case SeriesFigure():
            raw["pictures"] = _drawn(block, pictures, language)
        case Heading():
            raw["text"] = _unmarked(block.text)
        case NoteList() | Incidents():
            _word(raw, words)
        case Entry():
            for name in ("place", "level", "phase"):
                raw[name] = _unmarked(raw[name])
            raw["named"] = words(
                "{place}, {level} ({phase}).", place=raw["place"], level=raw["level"], phase=raw["phase"]
            )
            for figure, made in zip(block.figures, raw["figures"], strict=True):
                made["pictures"] = _drawn(figure, pictures, language)
        case _:
            pass
    return raw


def _word(raw: dict[str, Any], words: Callable[..., str]) -> None:
    """Put the form's own words around what a note or an incident holds."""
    for note in raw.get("notes", ()):
        if note["collected"]:
            note["collected"] = _marked(words("Collected {moment}.", moment=note["collected"]))
    for report in (one for incident in raw.get("incidents", ()) for one in incident["reports"]):
        if report["origin"]:
            report["origin"] = _marked(words("Origin: {origin}.", origin=report["origin"]))
        for label in report["labels"]:
            label["field"] = _marked(words("in {field}", field=label["field"]))


def _drawn(block: Block, pictures: dict[str, dict[str, Any]], language: str) -> list[str]:
    drawn = charts.draw_pictures(each_text(block, _unmarked), language=language)
    for one in drawn:
        # The compiler tags Arabic inside a drawing wrongly, and its own check of PDF/UA-1 then refuses the page.
        pixels = list(to_png(one.svg)) if turned(one.svg) else []
        pictures[one.name] = {"svg": one.svg, "png": pixels, "words": one.words}
    return [one.name for one in drawn]


def _words(view: View, words: Callable[..., str]) -> dict[str, str]:
    """The form's own words in the language of the page, by what the template calls them."""
    english = view.language == ENGLISH
    symbol = "{reference} is a working reference, not a document symbol of the United Nations."
    held = {
        "content": words("content") if english else words("content of the English page"),
        "comma": words(", "),
        "colon": words(": "),
        "stop": words("."),
        "annex": words("Annex"),
        "opens": words("Opens:"),
        "payload": words("Payload"),
        "behind": words("Tables behind the pictures"),
        "hash": words("Content hash") if english else "",  # a translated page holds it among its facts
        "symbol": words(symbol, reference=view.masthead.reference),
    }
    return {name: _marked(text) for name, text in held.items()}


def _marked(text: str) -> str:
    """What of a text is of another language than its page, between signs that no text can hold (see `fonts.shown`)."""
    return "".join(
        f"{_OPEN}{one.language}{_FROM}{one.text}{_CLOSE}" if one.language else one.text for one in pieces_of(text)
    )


def _unmarked(text: str) -> str:
    return _MARK.sub("", text)


def _table(raw: dict[str, Any], *, size: float) -> dict[str, Any]:
    return raw | {
        "size": size,
        "strong": False,
        "shares": [],
        "noted": -1,
        "notes": [],
        "anchors": [],
        "asides": [],
        "leads": [],
    }


def _places(block: PlaceTable, seen: set[str]) -> dict[str, Any]:
    """The places as a plain table; the notes follow what is heard."""
    cells = [place_cells(row, homes=block.homes) for row in block.rows]
    longest = [max(map(len, column), default=0) for column in zip(block.head, *cells, strict=True)]
    given = _HOME_SHARES if block.homes else _PLACE_SHARES
    return {
        "kind": "table",
        "caption": block.caption,
        "head": list(block.head),
        "rows": [(row.name, *own[1:]) for row, own in zip(block.rows, cells, strict=True)],
        "asides": [row.note for row in block.rows],
        "leads": [row.href for row in block.rows],
        "numeric": [],
        "hrefs": [],
        "size": _PLACES,
        "strong": True,
        # A column without a share is as wide as its words; long ones would leave the others no place.
        "shares": [share or _FAIR_SHARE * (long > _LONG) for share, long in zip(given, longest, strict=True)],
        "noted": 2,
        "notes": [list(row.notes) for row in block.rows],
        "anchors": [_once(place_anchor(row.code), seen) for row in block.rows],
    }


def _name_anchors(held: Any, seen: set[str]) -> None:
    """Give every part its anchor, in the order of print; a second part of the same name goes without."""
    if isinstance(held, list | tuple):
        for one in held:
            _name_anchors(one, seen)
    elif isinstance(held, dict):
        if held.get("kind") == "paragraph":
            held["anchor"] = paragraph_anchor(held["number"])
        elif {"number", "hashes"} <= held.keys():
            held["anchor"] = note_anchor(held["number"])
        for key in ("anchor", "figure_id"):
            if key in held:
                held[key] = _once(held[key], seen)
        for one in held.values():
            _name_anchors(one, seen)


def _once(anchor: str, seen: set[str]) -> str:
    if anchor in seen:
        return ""
    seen.add(anchor)
    return anchor


def _lead_on(held: Any, anchors: frozenset[str]) -> Any:
    """Every address as one that may be followed, and every number of a note as a link to it."""
    if isinstance(held, list | tuple):
        for one in held:
            _lead_on(one, anchors)
    elif isinstance(held, dict):
        for key, value in held.items():
            if key == "href":
                held[key] = led_to(value, anchors)
            elif key in {"hrefs", "leads"}:
                held[key] = [led_to(one, anchors) for one in value]
            elif key in {"notes", "closing_notes"} and value and all(isinstance(one, str) for one in value):
                held[key] = [_ref(one, anchors) for one in value]
            elif key == "notes" and held.get("kind") == "table":
                held[key] = [[_ref(one, anchors) for one in row] for row in value]
            else:
                _lead_on(value, anchors)
    return held


def _ref(number: str, anchors: frozenset[str]) -> dict[str, str]:
    return {"text": number, "href": led_to(f"#{note_anchor(number)}", anchors)}
