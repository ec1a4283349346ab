"""`horizon states`: names of States and territories to codes, as structured fields hold them or as prose names them."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import UsageError
from domain.state import Gazetteer, load_gazetteer
from horizon.output import written_text
from horizon.settings import load_settings
from scoring.coding.mentions import Mentions, load_mentions

UNKNOWN = "unknown"
PHRASE = "phrase"  # a part of a State, named in prose; no name of the State


def states(
    names: Annotated[Path, typer.Argument(help="A CSV file with a column 'name'.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write name, iso3, rule.")],
    prose: Annotated[bool, typer.Option("--prose", help="The column holds running text, not names.")] = False,
    language: Annotated[str, typer.Option(help="With --prose: en, fr, es, ar, ru or zh, where it is known.")] = "",
) -> None:
    """Match names of States and territories; an unknown name gets no code and the rule 'unknown', never a guess.

    A name in a grammatical form counts where nothing else stands beside it. With --prose a row holds every place that
    the text names, each once, in order of first naming.
    """
    settings = load_settings()
    said = _read(names)
    gazetteer = load_gazetteer(settings.reference)
    mentions = load_mentions(gazetteer, settings.reference)
    with written_text(out) as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["name", "iso3", "rule"])
        for name in said:
            codes, rule = _named(name, mentions, language) if prose else _matched(name, gazetteer, mentions)
            writer.writerow([name, " ".join(codes), rule])
    typer.echo(str(out))


def _matched(name: str, gazetteer: Gazetteer, mentions: Mentions) -> tuple[tuple[str, ...], str]:
    if match := gazetteer.match(name):
        return match.places, match.rule
    bare = name.strip()
    found = mentions.find(bare) if bare else ()
    # A Russian case or an Arabic clitic: the table of names has the first form alone.
    if len(found) == 1 and (found[0].start, found[0].end) == (0, len(bare)) and found[0].rule != PHRASE:
        return (found[0].code,), f"{found[0].rule}/inflected"
    return (), UNKNOWN


def _named(text: str, mentions: Mentions, language: str) -> tuple[tuple[str, ...], str]:
    """Codes in order of first naming, and for each the rule that found it first."""
    found: dict[str, str] = {}
    for one in mentions.find(text, language=language):
        found.setdefault(one.code, one.rule)
    return tuple(found), " ".join(found.values()) or UNKNOWN


def _read(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if "name" not in (reader.fieldnames or ()):
                raise UsageError(
                    f"{path.name} has no column 'name'.",
                    why="Its columns are: " + ", ".join(reader.fieldnames or ("none",)) + ".",
                    do="Give the column that holds the names that heading.",
                )
            return [row["name"] or "" for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path.name} cannot be read.", why=str(error), do="Give a CSV file in UTF-8.") from error
