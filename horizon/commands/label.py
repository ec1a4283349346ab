"""`horizon label`: sheets on which people code texts by hand, and how far two of them agree."""

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import UsageError
from domain.taxonomy import bundled_taxonomy
from horizon.commands.code import BadLine, Item, read_items, refuse_same
from horizon.output import written
from scoring.coding.agreement import Agreement, agree

GIVEN = ("id", "lang", "title", "text", "link")
DONE = "done"
NOTE = "note"
LONGEST = 3_000  # signs of a text on the sheet; a spreadsheet's cell ends at 32,767
YES = frozenset({"1", "x", "y", "yes"})
NO = frozenset({"", "0", "n", "no"})
# A spreadsheet takes a cell that begins so for a formula, also behind spaces and in wide forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "|", "%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What one person coded: per item that is done, the classes marked. `undone` are rows not marked as done."""

    marked: dict[str, frozenset[str]]
    undone: int
    unreadable: tuple[str, ...]


def label(
    items: Annotated[Path | None, typer.Argument(help="Items, one JSON object a line.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write the sheet (CSV).")] = None,
    sample: Annotated[int, typer.Option(min=0, help="So many items by chance; 0 takes all.")] = 0,
    seed: Annotated[int, typer.Option(help="Another seed draws another sample.")] = 1,
    compare: Annotated[
        tuple[Path, Path] | None, typer.Option("--compare", help="Two filled sheets of the same items.")
    ] = None,
) -> None:
    """Write a sheet for coding by hand, or compare two that were filled in."""
    if compare is not None:
        if items is not None or out is not None:
            raise _usage("It was given items and sheets to compare.")
        raise typer.Exit(1 if _compare(*compare) else 0)
    if items is None or out is None:
        raise _usage("It was given neither items with --out nor two sheets with --compare.")
    refuse_same(items, out)
    read: dict[str, Item] = {}
    bad = 0
    for one in read_items(items):
        if isinstance(one, BadLine):
            bad += 1
            typer.echo(f"line {one.line}: {one.defect}", err=True)
        elif one.id in read:
            bad += 1
            typer.echo(f"the id {one.id!r} stands twice; its first item is on the sheet", err=True)
        else:
            read[one.id] = one
    chosen = draw(list(read.values()), sample=sample, seed=seed)
    with written(out) as target:
        target.write(write_sheet(chosen))
    typer.echo(f"{len(chosen)} of {len(read)} items\t{out}", err=True)
    raise typer.Exit(1 if bad else 0)


def draw(items: list[Item], *, sample: int, seed: int) -> list[Item]:
    """So many items by chance, in the order of the file; the same for any order of the file. 0 takes all."""
    if not sample:
        return items
    order = sorted(items, key=lambda one: hashlib.sha256(f"{seed}:{one.id}".encode("utf-8", "replace")).digest())
    kept = {one.id for one in order[:sample]}
    return [one for one in items if one.id in kept]


def write_sheet(items: list[Item]) -> bytes:
    """Rows for a coder, blind: nothing that the machine found stands on it. UTF-8 with a mark, as spreadsheets want."""
    codes = sorted(bundled_taxonomy().class_codes)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([*GIVEN, DONE, *codes, NOTE])
    for one in items:
        content = one.content if len(one.content) <= LONGEST else one.content[:LONGEST] + " […]"
        given = (one.id, one.lang, one.title, content, one.link)
        writer.writerow([*map(harmless, given), "", *("" for _ in codes), ""])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def harmless(cell: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before it, control signs go."""
    plain = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in cell)
    return f"'{plain}" if plain.lstrip().startswith(_FORMULA) else plain


def read_sheet(path: Path) -> Sheet:
    """A filled sheet. A row counts when its coder marked it done, so that an empty row is never a judgement."""
    codes = sorted(bundled_taxonomy().class_codes)
    marked: dict[str, frozenset[str]] = {}
    unreadable: list[str] = []
    undone = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, dialect=_dialect(path))
            missing = sorted({"id", DONE, *codes} - set(reader.fieldnames or ()))
            if missing:
                raise UsageError(
                    f"{path.name} is no sheet of this version.",
                    why=f"It has no column '{missing[0]}'.",
                    do="Use sheets that `horizon label` wrote.",
                )
            for row in reader:
                name = row["id"] or ""
                cells = {code: (row[code] or "").strip().casefold() for code in (DONE, *codes)}
                odd = [f"{name}: {code} is '{said}'" for code, said in cells.items() if said not in YES | NO]
                if name in marked:
                    odd.append(f"{name}: stands twice")
                unreadable += odd
                if cells[DONE] in NO:
                    undone += 1
                elif not odd:
                    marked[name] = frozenset(code for code in codes if cells[code] in YES)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read.", why=str(error), do="Save the sheet as CSV in UTF-8.") from error
    return Sheet(marked=marked, undone=undone, unreadable=tuple(unreadable))


def _dialect(path: Path) -> type[csv.Dialect]:
    """Office programs of some languages save with semicolons."""
    head = path.read_text("utf-8-sig").split("\n", 1)[0]
    return _Semicolons if head.count(";") > head.count(",") else csv.excel


class _Semicolons(csv.excel):
    delimiter = ";"


def _compare(left: Path, right: Path) -> bool:
    """Print the agreement; true when something could not be read."""
    first, second = read_sheet(left), read_sheet(right)
    shared = sorted(first.marked.keys() & second.marked.keys())
    typer.echo(f"{'class':8} {'n':>5} {'both':>5} {'only A':>7} {'only B':>7} {'raw':>6} {'kappa':>6} {'alpha':>6}")
    pooled: tuple[list[bool], list[bool]] = ([], [])
    for code in sorted(bundled_taxonomy().class_codes):
        a = [code in first.marked[name] for name in shared]
        b = [code in second.marked[name] for name in shared]
        pooled[0].extend(a)
        pooled[1].extend(b)
        typer.echo(_row(code, agree(first=a, second=b)))
    typer.echo(_row("pooled", agree(first=pooled[0], second=pooled[1])))
    alone = len(first.marked.keys() ^ second.marked.keys())
    typer.echo(f"{len(shared)} items done by both; {alone} done by one; not done: {first.undone} and {second.undone}")
    for said in (*first.unreadable, *second.unreadable):
        typer.echo(said, err=True)
    return bool(first.unreadable or second.unreadable)


def _row(name: str, one: Agreement) -> str:
    shown = [f"{value:6.2f}" if value is not None else f"{'–':>6}" for value in (one.raw, one.kappa, one.alpha)]
    return f"{name:8} {one.n:5} {one.both:5} {one.only_first:7} {one.only_second:7} {' '.join(shown)}"


def _usage(why: str) -> UsageError:
    return UsageError(
        "It is not clear what to do.",
        why=why,
        do="Write `horizon label ITEMS.jsonl --out SHEET.csv`, or `horizon label --compare A.csv B.csv`.",
    )
