"""Writes the files of docs/ that must never differ from the code: the data dictionary, the list of sources, the schema.

`python -m horizon.pages` writes them; `--check` writes nothing and exits 1 when one of them is not current.
The types come from an empty warehouse in memory, the meanings from docs/data-dictionary.toml. A column without a
meaning is an error, and so is a meaning without a column.
"""

import re
import sys
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import typer

from briefs.schema import schema_text
from collectors.replay import MANIFEST, list_looks
from domain.classification import Lens
from domain.errors import HorizonError, UsageError
from domain.source import SourceCard, load_cards
from horizon.settings import ROOT
from warehouse.connection import memory_store

DOCS = ROOT / "docs"
CARDS = ROOT / "collectors" / "sources"
SAMPLES = ROOT / "collectors" / "samples"
MIGRATIONS = ROOT / "warehouse" / "migrations"
MODELS = ROOT / "warehouse" / "models"
MEANINGS = "data-dictionary.toml"
ANY_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)  # an empty warehouse gives the same columns at every instant

_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)\s*\((.*?)\n\)", re.DOTALL)
_RENAMED = re.compile(r"ALTER TABLE (\w+) RENAME TO (\w+)")
_NOT_NULL = re.compile(r'^\s*"?(\w+)"? .*\b(?:NOT NULL|PRIMARY KEY)\b', re.MULTILINE)
_LAYERS = (
    ("raw_", "What the parsers read, one row for each record of a payload. Rebuilt from landing at any time."),
    ("core_", "What was known at `as_of`: SELECTs over `raw_`, stored nowhere. They take `$as_of`."),
    ("out_", "What a run found. An issue and lens is replaced as a whole."),
    ("schema_", "The warehouse's own book-keeping."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`missing`: may it hold no value? None where the SELECT does not say."""

    name: str
    kind: str
    missing: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanings:
    """`shared` holds for every table that has the column, unless `tables` says otherwise for one of them."""

    about: Mapping[str, str]
    shared: Mapping[str, str]
    tables: Mapping[str, Mapping[str, str]]

    def of(self, table: str, column: str) -> str:
        return self.tables.get(table, {}).get(column) or self.shared.get(column, "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write them, or say which of them is not current."""
    parser = ArgumentParser(prog="python -m horizon.pages", description="Write the generated pages of docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is not current")
    asked = parser.parse_args(arguments)
    try:
        old = [path for path, body in generate().items() if not path.is_file() or path.read_text("utf-8") != body]
        for path in old:
            if not asked.check:
                path.write_text(generate()[path], "utf-8")
            typer.echo(f"{path.relative_to(ROOT)}\t{'not current' if asked.check else 'written'}")
    except HorizonError as error:
        typer.echo(str(error), err=True)
        return error.exit_code
    if asked.check and old:
        typer.echo("Do: .venv/bin/python -m horizon.pages", err=True)
        return 1
    return 0


def generate() -> dict[Path, str]:
    """The files as they should stand; the same code gives the same bytes."""
    return {
        DOCS / "data-dictionary.md": describe_tables(read_tables(), read_meanings(DOCS / MEANINGS)),
        DOCS / "sources.md": describe_sources(load_cards(CARDS), read_specimens(SAMPLES)),
        DOCS / "schema" / "brief.schema.json": schema_text(),
    }


def read_tables() -> dict[str, tuple[Column, ...]]:
    """Every table and every core_ SELECT of the warehouse, with its columns, as an empty one in memory has them."""
    declared: dict[str, set[str]] = {}
    for path in sorted(MIGRATIONS.glob("*.sql")):
        text = path.read_text("utf-8")
        declared |= {name: set(_NOT_NULL.findall(body)) for name, body in _TABLE.findall(text)}
        # A table that is made anew takes its old name at the end.
        declared |= {name: declared.pop(made) for made, name in _RENAMED.findall(text)}
    found: dict[str, tuple[Column, ...]] = {}
    with memory_store(Lens.PUBLIC) as store:
        for name in sorted({*declared, "schema_migrations"}):
            full = declared.get(name, {"name"})
            found[name] = tuple(
                Column(name=column, kind=_kind(dtype), missing=column not in full)
                for column, dtype in store.dump(name).schema.items()
            )
        for path in sorted(MODELS.glob("*.sql")):
            found[path.stem] = tuple(
                Column(name=column, kind=_kind(dtype), missing=None)
                for column, dtype in store.query(path.stem, as_of=ANY_INSTANT).schema.items()
            )
    return found


def read_meanings(path: Path) -> Meanings:
    raw = tomllib.loads(path.read_text("utf-8"))
    return Meanings(about=raw["about"], shared=raw["shared"], tables=raw.get("tables", {}))


def read_specimens(folder: Path) -> dict[str, frozenset[str]]:
    """For each bundled week, the sources with a real payload in it."""
    weeks = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    return {week.name: frozenset(look.source_id for look in list_looks(week) if look.payloads) for week in weeks}


def describe_tables(tables: Mapping[str, Sequence[Column]], meanings: Meanings) -> str:
    """The data dictionary; refuses a hole in either direction."""
    _refuse_holes(tables, meanings)
    lines = [
        "# Data dictionary",
        "",
        "Generated by `python -m horizon.pages` from the warehouse itself and from `docs/data-dictionary.toml`.",
        "Do not edit this page: a test compares it with the code.",
        "",
        "There are two files with the same tables, one for each lens: `warehouse.duckdb` holds public rows,",
        "`warehouse_confidential.duckdb` the rows and the runs of the restricted lens.",
        "",
        "**`core_` and `out_` are frozen by the first issue.** Later versions add columns. They never rename one,",
        "never remove one, and never give one another meaning.",
        "",
        "A value that is missing is missing. It is never zero. Instants are in UTC.",
    ]
    for prefix, words in _LAYERS:
        lines += ["", f"## `{prefix}`", "", words]
        for name in sorted(table for table in tables if table.startswith(prefix)):
            lines += ["", f"### {name}", "", meanings.about[name], ""]
            known = any(column.missing is not None for column in tables[name])
            head = ("column", "type", "may be missing", "meaning") if known else ("column", "type", "meaning")
            rows = [
                (
                    f"`{one.name}`",
                    one.kind,
                    *(("yes" if one.missing else "no",) if known else ()),
                    meanings.of(name, one.name),
                )
                for one in tables[name]
            ]
            lines += _table(head, rows)
    return "\n".join(lines) + "\n"


def describe_sources(cards: Sequence[SourceCard], specimens: Mapping[str, frozenset[str]]) -> str:
    """All cards, by id."""
    rows = [
        (
            f"`{card.id}`",
            card.title,
            card.source_class.value,
            card.kind.value,
            card.cadence.value,
            card.licence,
            "yes" if card.verified else "no",
            ", ".join(week for week, played in specimens.items() if card.id in played) or "none",
        )
        for card in cards
    ]
    lines = [
        "# Sources",
        "",
        "Generated by `python -m horizon.pages` from the cards in `collectors/sources` and the bundled payloads in",
        "`collectors/samples`. It is written anew at a release; `horizon sources` is never behind.",
        "",
        f"There are {len(cards)} cards. *Verified* says whether the true address has been seen to answer in the form",
        "that the card expects. *Specimen* names the bundled weeks that hold a real payload of this source. A card",
        "without one is shown in the briefs as *not in the specimen*; nothing is invented for it. The origin of each",
        "bundled payload stands in `collectors/samples/README.md`. What a card leaves out, and why, its `notes` say.",
        "",
        *_table(("id", "title", "class", "kind", "cadence", "licence", "verified", "specimen"), rows),
    ]
    return "\n".join(lines) + "\n"


def _refuse_holes(tables: Mapping[str, Sequence[Column]], meanings: Meanings) -> None:
    columns = {name: {one.name for one in found} for name, found in tables.items()}
    everywhere = {column for found in columns.values() for column in found}
    without = [f"{name}.{column}" for name in columns for column in columns[name] if not meanings.of(name, column)]
    without += [name for name in columns if not meanings.about.get(name)]
    left = [name for name in meanings.about if name not in columns]
    left += [column for column in meanings.shared if column not in everywhere]
    left += [
        f"{name}.{column}"
        for name, own in meanings.tables.items()
        for column in own
        if column not in columns.get(name, set())
    ]
    if without:
        raise UsageError(
            f"No meaning is given for: {', '.join(sorted(without))}.",
            why="Every table and column of the warehouse is explained, or nobody can check what it says.",
            do=f"Add it to docs/{MEANINGS}, then run `python -m horizon.pages`.",
        )
    if left:
        raise UsageError(
            f"docs/{MEANINGS} explains what is not there: {', '.join(sorted(left))}.",
            why="core_ and out_ columns are never renamed or removed; other names may be misspelt.",
            do="Correct the name, or take the line out.",
        )


def _kind(dtype: pl.DataType) -> str:
    """A type in words; a list here is always one of texts."""
    if dtype == pl.List(pl.String):
        return "list of texts"
    if isinstance(dtype, pl.Datetime):
        return "instant"
    if isinstance(dtype, pl.Date):
        return "day"
    if isinstance(dtype, pl.Boolean):
        return "true or false"
    if dtype.is_integer() or isinstance(dtype, pl.Decimal):
        return "whole number"
    if dtype.is_float():
        return "number"
    if isinstance(dtype, pl.String):
        return "text"
    raise UsageError(
        f"The type {dtype} has no word yet.", why="A column of a new type came in.", do="Name it in _kind."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *(_line(row) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
