"""`horizon group ITEMS.jsonl --out GROUPS.jsonl`: one incident, once, with the reason for every merge.

An item is one JSON object a line: `id, title, content, link, lang, published_at`, and where known `state, class,
source_class, origin_hint, procedure_ref, first_known_at`. A line that cannot be used is named on standard error with
its defect; where it has an id, it still gets a row of its own. The exit code is then 1, and nothing is lost.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import UsageError
from domain.source import SourceClass
from horizon.output import written_text
from scoring.grouping.group import group as group_items
from scoring.grouping.item import Grouped, Item

LONGEST_LINE = 8 * 1024 * 1024
LONGEST_TEXT = 200_000  # signs; of a longer text only the beginning is read, and that is said
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_TEXTS = ("title", "content", "link", "lang", "state", "class", "origin_hint", "procedure_ref")


@dataclass(frozen=True, slots=True, kw_only=True)
class Defective:
    """One thing that is wrong with one line; `check` is a fixed word."""

    line: int
    check: str
    evidence: str
    id: str = ""

    def __str__(self) -> str:
        shown = ascii(self.evidence[:80])[1:-1]
        about = f" id={ascii(self.id[:80])[1:-1]}" if self.id else ""
        return f"line {self.line}: {self.check}{about} {shown}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a file of items holds: those to group, those that only get a row, and what is wrong."""

    items: tuple[Item, ...]
    alone: tuple[Grouped, ...]
    defects: tuple[Defective, ...]


def group(
    items: Annotated[Path, typer.Argument(help="Items, one JSON object a line.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write id, incident_id, origin_id, reason.")],
) -> None:
    """Put reports of one event together, each with its origin and the reason."""
    read = read_items(items)
    for defect in read.defects:
        typer.echo(str(defect), err=True)
    grouping = group_items(read.items)
    _write(out, (*grouping.items, *read.alone))
    typer.echo(
        f"{len(grouping.items) + len(read.alone)} items\t{grouping.incidents + len(read.alone)} incidents\t{out}"
    )
    raise typer.Exit(1 if read.defects else 0)


def read_items(path: Path) -> Read:
    """Read items line by line; every line gives an item, a row alone or a defect."""
    kept: list[Item] = []
    alone: list[Grouped] = []
    defects: list[Defective] = []
    seen: set[str] = set()
    for number, line in _lines(path):
        raw, check = _object(line)
        if raw is None:
            defects.append(Defective(line=number, check=check, evidence=line[:80].decode("utf-8", "replace")))
            continue
        item_id = raw.get("id")
        if isinstance(item_id, int) and not isinstance(item_id, bool):
            item_id = str(item_id)
        if not isinstance(item_id, str) or not item_id.strip():
            defects.append(Defective(line=number, check="no_id", evidence=str(raw.get("title", ""))))
            continue
        if item_id in seen:
            defects.append(
                Defective(line=number, check="duplicate_id", evidence="the first line of it counts", id=item_id)
            )
            alone.append(_alone(item_id, number, "duplicate_id"))
            continue
        seen.add(item_id)
        item, wrong = _item(item_id, raw)
        defects += [Defective(line=number, check=check, evidence=said, id=item_id) for check, said in wrong]
        kept.append(item)
    return Read(items=tuple(kept), alone=tuple(alone), defects=tuple(defects))


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line.removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise UsageError(f"{path} cannot be read.", why=str(error), do="Give a file of JSON lines.") from error


def _object(line: bytes) -> tuple[dict[str, object] | None, str]:
    if len(line) > LONGEST_LINE:
        return None, "line_too_long"
    try:
        raw = json.loads(line)
    except UnicodeDecodeError:
        return None, "not_utf8"
    except RecursionError:
        return None, "nested_too_deep"
    except ValueError:
        return None, "not_json"
    return (raw, "") if isinstance(raw, dict) else (None, "not_an_object")


def _item(item_id: str, raw: dict[str, object]) -> tuple[Item, list[tuple[str, str]]]:
    """The item with what can be read of it, and what cannot."""
    wrong: list[tuple[str, str]] = []
    texts = {name: _text(raw.get(name), name, wrong) for name in _TEXTS}
    source_class = None
    if said := _text(raw.get("source_class"), "source_class", wrong):
        try:
            source_class = SourceClass(said)
        except ValueError:
            wrong.append(("unknown_source_class", said))
    item = Item(
        id=item_id,
        title=texts["title"],
        content=texts["content"],
        link=texts["link"],
        language=texts["lang"],
        state=texts["state"],
        kind=texts["class"],
        origin_hint=texts["origin_hint"],
        procedure_ref=texts["procedure_ref"],
        source_class=source_class,
        published_at=_instant(raw.get("published_at"), "published_at", wrong),
        first_known_at=_instant(raw.get("first_known_at"), "first_known_at", wrong),
    )
    if not (item.title.strip() or item.content.strip()):
        wrong.append(("no_text", "nothing to compare"))
    return item, wrong


def _text(value: object, name: str, wrong: list[tuple[str, str]]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        wrong.append((f"unreadable_{name}", str(value)))
        return ""
    if len(value) > LONGEST_TEXT:
        wrong.append(("text_too_long", f"{name}: {len(value)} signs, the first {LONGEST_TEXT} are read"))
        value = value[:LONGEST_TEXT]
    if _HIDDEN.search(value):
        wrong.append(("hidden_signs", f"{name} holds control or direction signs; they are not read"))
        value = _HIDDEN.sub("", value)
    return value


def _instant(value: object, name: str, wrong: list[tuple[str, str]]) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None:
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        wrong.append((f"unreadable_{name}", str(value)))
    return moment


def _alone(item_id: str, line: int, check: str) -> Grouped:
    """A row for a line that could not be compared: its own incident and its own origin."""
    own = Item(id=f"{item_id}#{line}").hash
    return Grouped(
        id=item_id, incident_id=own, origin_id=own, reason=f"stands alone: line {line}, {check}", score=None, flags=()
    )


def _write(out: Path, rows: Iterable[Grouped]) -> None:
    with written_text(out, errors="backslashreplace") as lines:
        for row in rows:
            lines.write(json.dumps(_row(row), ensure_ascii=False) + "\n")


def _row(row: Grouped) -> dict[str, object]:
    return {
        "id": row.id,
        "incident_id": row.incident_id,
        "origin_id": row.origin_id,
        "reason": row.reason,
        "score": row.score,
        "flags": [flag.value for flag in row.flags],
    }
