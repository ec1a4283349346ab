"""Hands every file of the given folders to `horizon parse`, once for each of several cards, and prints what came.

`python -m tests.corpus.run FOLDER… [--card ID]…` ends with 1 when one file ends in anything but items or a named
defect within the limits: no line, two lines, a traceback, a reader that died, too much time or memory. The files are
strangers' and stay where they are; tests/corpus/README.md says which public packages hold such files.
"""

import os
import re
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.source import Kind, SourceCard, load_cards
from horizon.parsing import list_files
from horizon.settings import ROOT

CARDS = ROOT / "collectors" / "sources"
HORIZON = Path(sys.executable).with_name("horizon")
MAX_SECONDS = 5.0
MAX_MEMORY = 512 * 1024 * 1024
LINE = re.compile(r"^(?P<path>.*)  items=(?P<items>\d+)  defect=(?P<defect>[a-z0-9_]+)  (?P<seconds>\d+\.\d{3})$")
# The reader's end on a file is a name too, and yet a crash; nobody should have to look for it among the names.
CRASHES = frozenset({"parser_died"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One folder read with one card. Units: `slowest` in seconds, `memory` in bytes of the largest process."""

    card: str
    folder: Path
    files: int
    items: int
    defects: Counter[str]
    slowest: float
    slowest_file: str
    memory: int
    faults: tuple[str, ...]


def one_card_a_kind(cards: Iterable[SourceCard]) -> list[SourceCard]:
    """The first card of each ready kind and layout: what the kinds make of a file does not depend on the source."""
    found: dict[tuple[Kind, str], SourceCard] = {}
    for card in cards:
        if card.kind is not Kind.MODULE:
            found.setdefault((card.kind, card.fields.layout), card)
    return list(found.values())


def look(card: str, folder: Path) -> Look:
    """Read a folder as a person would, by the command line."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
        process = subprocess.Popen([HORIZON, "parse", card, str(folder)], stdout=out, stderr=told, cwd=ROOT)
        _, status, used = os.wait4(process.pid, 0)  # it counts the process that read, too
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        told.seek(0)
        lines = out.read().decode("utf-8", "replace").splitlines()
        said = told.read().decode("utf-8", "replace")
    return judge(
        card,
        folder,
        files=sum(1 for _ in list_files([folder])),
        lines=lines,
        said=said,
        code=process.returncode,
        memory=used.ru_maxrss * 1024,
    )


def judge(card: str, folder: Path, *, files: int, lines: Sequence[str], said: str, code: int, memory: int) -> Look:
    """What the command said, counted, and what it should not have said."""
    faults: list[str] = []
    defects: Counter[str] = Counter()
    items, slowest, slowest_file = 0, 0.0, ""
    for line in lines:
        found = LINE.match(line)
        if found is None:
            faults.append(f"no line of ours: {line[:200]}")
            continue
        seconds = float(found["seconds"])
        items += int(found["items"])
        defects[found["defect"]] += 1
        if seconds > slowest:
            slowest, slowest_file = seconds, found["path"]
        if seconds > MAX_SECONDS or found["defect"] in CRASHES:
            faults.append(line)
        if not int(found["items"]) and found["defect"] == "none":
            faults.append(f"neither items nor a defect: {line}")
    if len(lines) != files:
        faults.append(f"{files} files, {len(lines)} lines")
    if code not in {0, 1}:
        faults.append(f"the command ended with {code}: {said[-500:]}")
    if "Traceback" in said:
        faults.append(f"a traceback: {said[-500:]}")
    if memory > MAX_MEMORY:
        faults.append(f"{memory // 2**20} MB")
    return Look(
        card=card,
        folder=folder,
        files=len(lines),
        items=items,
        defects=defects,
        slowest=slowest,
        slowest_file=slowest_file,
        memory=memory,
        faults=tuple(faults),
    )


def table(looks: Sequence[Look]) -> str:
    """One line for each folder and card, then each fault."""
    lines = ["folder | card | files | items | slowest s | MB | defects"]
    for one in looks:
        defects = ", ".join(f"{name} {count}" for name, count in one.defects.most_common() if name != "none")
        lines.append(
            f"{one.folder.name} | {one.card} | {one.files} | {one.items} | {one.slowest:.3f} | "
            f"{one.memory // 2**20} | {defects or 'none'}"
        )
    if looks:
        worst = max(looks, key=lambda one: one.slowest)
        lines.append(f"slowest: {worst.slowest:.3f} s, {worst.slowest_file} with {worst.card}")
        lines.append(f"largest: {max(one.memory for one in looks) // 2**20} MB")
    faults = [f"FAULT {one.card}: {fault}" for one in looks for fault in one.faults]
    lines += faults
    lines.append(f"{sum(one.files for one in looks)} readings, {len(faults)} outside items or a named defect in time")
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> int:
    """Read the folders with one card of each kind, or with the cards named."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--card", action="append", default=[], help="a card's id; may be said several times")
    given = parser.parse_args(words)
    cards = given.card or [card.id for card in one_card_a_kind(load_cards(CARDS))]
    looks = [look(card, folder) for folder in given.folders for card in cards]
    sys.stdout.write(table(looks) + "\n")
    return 1 if any(one.faults for one in looks) else 0


if __name__ == "__main__":
    sys.exit(main())
