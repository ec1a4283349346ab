"""`horizon code`: what texts say was done, to whom and by whom, with the words and the rules that said so."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import UsageError
from domain.state import load_gazetteer
from horizon.output import written
from horizon.settings import load_settings
from scoring.coding.lexicon import load_lexicons
from scoring.coding.mentions import Mention, load_mentions
from scoring.coding.text import JOIN, Coder, Label, TextCoding

TEXTS = ("title", "content", "link", "lang", "published_at", "state", "class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the input; what is missing or null is empty."""

    id: str
    title: str
    content: str
    link: str
    lang: str
    published_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that is no item: its number, counted from 1, and what is wrong with it."""

    line: int
    defect: str


def code(
    items: Annotated[Path, typer.Argument(help="Items, one JSON object a line: id, title, content, lang …")],
    out: Annotated[Path, typer.Option("--out", help="Where to write one JSON object an item.")],
) -> None:
    """Code texts: classes, victims, actors and contexts; each label with its words and rules."""
    refuse_same(items, out)
    coder = Coder(load_lexicons())
    reference = load_settings().reference
    places = load_mentions(load_gazetteer(reference), reference)
    count = bad = unread = 0
    with written(out) as target:
        for one in read_items(items):
            if isinstance(one, BadLine):
                bad += 1
                typer.echo(json.dumps({"line": one.line, "defect": one.defect}), err=True)
                continue
            coded = coder.code(title=one.title, content=one.content, declared=one.lang)
            text = one.title + JOIN + one.content
            found = places.find(text, language=coded.language) if coded.read else ()
            count += 1
            unread += not coded.read
            target.write(as_line(one, coded, found))
    typer.echo(f"{count} items\t{unread} unread\t{bad} bad lines\t{out}", err=True)
    raise typer.Exit(1 if bad else 0)


def read_items(path: Path) -> Iterator[Item | BadLine]:
    """Every line as an item or as what is wrong with it; an empty line is neither."""
    try:
        with path.open("rb") as lines:
            for number, raw in enumerate(lines, 1):
                if raw.strip():
                    yield _item(number, raw)
    except OSError as error:
        raise UsageError(f"{path} cannot be read.", why=str(error), do="Give a file with one item a line.") from error


def _item(number: int, raw: bytes) -> Item | BadLine:
    try:
        row = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return BadLine(line=number, defect="not_utf8")
    except RecursionError:
        return BadLine(line=number, defect="nested_too_deep")
    except ValueError:
        return BadLine(line=number, defect="not_json")
    if not isinstance(row, dict):
        return BadLine(line=number, defect="not_an_object")
    if "id" not in row:
        return BadLine(line=number, defect="no_id")
    if not isinstance(row["id"], str) or not row["id"]:
        return BadLine(line=number, defect="wrong_type:id")
    for name in TEXTS:
        if not isinstance(row.get(name), str | None):
            return BadLine(line=number, defect=f"wrong_type:{name}")
    texts = {name: row.get(name) or "" for name in ("title", "content", "link", "lang", "published_at")}
    return Item(id=row["id"], **texts)


def as_line(item: Item, coded: TextCoding, places: Sequence[Mention]) -> bytes:
    """The item's line of the output. Offsets are those of title + two line ends + content, in Unicode signs."""
    row = {
        "id": item.id,
        "lang": coded.language,
        "lang_given": item.lang,
        "read": coded.read,
        **({} if coded.read else {"reason": coded.reason}),
        "classes": list(coded.classes),
        "labels": [_label(label) for label in coded.labels],
        "places": [
            {"code": one.code, "start": one.start, "end": one.end, "rule": one.rule, "role": one.role.value}
            for one in places
        ],
    }
    try:
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair in the item's own text
        return json.dumps(row).encode() + b"\n"


def _label(label: Label) -> dict[str, object]:
    why = label.why
    return {
        "class": label.code,
        "start": label.start,
        "end": label.end,
        "words": label.words,
        "rule": label.rule,
        "context": label.context.value,
        "why": None if why is None else {"rule": why.rule, "start": why.start, "end": why.end},
        "victim": label.victim,
        "actor": label.actor,
        "phase": label.phase,
        "outcome": label.outcome,
        "detail": label.detail,
        "persons": label.persons,
        "round": label.round,
    }


def refuse_same(items: Path, out: Path) -> None:
    """The output may not be the input."""
    if out.exists() and items.exists() and out.samefile(items):
        raise UsageError(f"{out} would overwrite what it is made of.", why="Both are one file.", do="Name another.")
