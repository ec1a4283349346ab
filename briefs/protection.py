"""Small numbers and rare combinations: what pages may say of places below a State and of single incidents.

Fewer than three incidents with place and date can point to a person. So a place needs three, what is left of the total
needs three or none, and no two issues whose weeks overlap may differ by one or two at one place: what each of them
hides, their difference would show. What fails is counted at State level.

An incident that rests on a protected report is listed as one of three at least: three that share the week, the acts,
the victims, their number and the actor, or else three that share the week and the acts. Otherwise it keeps its trigger
alone, which the scan counts at State level anyway. The same holds beside earlier issues: no combination may grow or
shrink by one or two.

All of it is read from public or restricted pages of one lens, never of two; nothing here knows why a number is small.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from briefs import wording
from briefs.view import PlaceCount
from domain.errors import Refused
from domain.incident import Incident
from domain.window import Week

OVERLAP_WEEKS = 12  # an entry counts the incidents of so many weeks
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one entry prints: all its incidents, and those at the places that it names."""

    code: str
    situation_id: str
    total: int
    places: tuple[PlaceCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """What a page says, or could say, of one guarded incident. An empty `week` or `closer` is not said.

    `acts` are triggers and outcomes; `closer` holds everything closer.
    """

    code: str
    week: str
    acts: tuple[str, ...]
    closer: str

    @property
    def plain(self) -> "Trait":
        return replace(self, closer="")

    @property
    def bare(self) -> "Trait":
        return replace(self, week="", closer="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The numbers of one revision of one issue, as its readers have them; a trait for each guarded incident."""

    week: str
    revision: str
    cells: tuple[Cell, ...]
    traits: tuple[Trait, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.week}/{self.revision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One number that may point to somebody; `what` never repeats the name of the place."""

    code: str
    what: str


def name_places(
    incidents: Iterable[Incident], *, code: str, state_only: frozenset[str], before: Sequence[Edition]
) -> tuple[PlaceCount, ...]:
    """The first-level places of one entry that may be named, in the alphabet; the rest stays at State level.

    An incident that feeds a trigger of `state_only` is never placed. Places that tie are named or left out together.
    """
    rows = list(incidents)
    counts = Counter(
        wording.plain(row.first_level, longest=60)
        for row in rows
        if row.first_level and not state_only & {coding.trigger for coding in row.codings}
    )
    earlier = _printed(before, code)
    named = {
        name: number
        for name, number in counts.items()
        if number >= wording.SMALL and not any(_near(number, other) for other in earlier.get(name, ()))
    }
    while named and _small(len(rows) - sum(named.values())):
        least = min(named.values())
        named = {name: number for name, number in named.items() if number > least}
    return tuple(PlaceCount(name=name, count=number) for name, number in sorted(named.items()))


def merge_rare(traits: Sequence[Trait], *, before: Sequence[Edition]) -> tuple[Trait, ...]:
    """What may be said of each guarded incident of one State, in the same order."""
    exact, weekly = [_counts(edition.traits) for edition in before], [_weekly(edition.traits) for edition in before]
    full = {
        one
        for one, number in Counter(traits).items()
        if number >= wording.SMALL and not any(_near(number, earlier[one]) for earlier in exact)
    }
    said = [one if one in full else one.plain for one in traits]
    held = Counter(one for one in said if not one.closer)
    said = [one.bare if not one.closer and held[one] < wording.SMALL else one for one in said]
    near = {one for one, number in _weekly(said).items() if any(_near(number, earlier[one]) for earlier in weekly)}
    return tuple(one.bare if one.plain in near else one for one in said)


def _counts(traits: Iterable[Trait]) -> Counter[Trait]:
    """How many incidents share exactly what is said."""
    return Counter(one for one in traits if one.week)


def _weekly(traits: Iterable[Trait]) -> Counter[Trait]:
    """How many are known to share a week and acts, whatever else is said of them."""
    return Counter(one.plain for one in traits if one.week)


def earlier_editions(folder: Path, *, week: str, revision: str) -> tuple[Edition, ...]:
    """Published revisions below `folder` that a reader of this one may lay beside it, oldest first."""
    oldest = str(Week.parse(week).back(OVERLAP_WEEKS - 1))
    found = (
        (path.parent.name, int(path.name[1:]), path)
        for path in folder.glob("????-W??/r*")
        if path.name[1:].isdecimal() and oldest <= path.parent.name <= week
    )
    return tuple(
        read_edition(path, week=of, revision=path.name)
        for of, number, path in sorted(found)
        if (of, number) < (week, int(revision[1:]))
    )


def read_edition(folder: Path, *, week: str, revision: str) -> Edition:
    """The numbers of a folder of pages, from the machine's edition of each."""
    cells: dict[Cell, None] = {}
    traits: list[Trait] = []
    for path in sorted(folder.glob("*.json")):
        page = json.loads(path.read_text("utf-8"))
        cells |= dict.fromkeys(_cells(page))
        # A translated page says the same of the same incidents: they count once.
        if isinstance(page, dict) and page.get("language") == "en":
            traits += _traits(page)
    return Edition(week=week, revision=revision, cells=tuple(cells), traits=tuple(traits))


def check(this: Edition, earlier: Sequence[Edition]) -> tuple[Disclosure, ...]:
    """What these pages give away, alone and beside the earlier ones."""
    places = (one for cell in this.cells for one in _disclosed(cell, earlier))
    return (*places, *_singled_out(this.traits, earlier))


def refuse_disclosures(found: Sequence[Disclosure], name: str) -> None:
    """Stop an issue; the message says where and why, and repeats no place."""
    if not found:
        return
    lines = "; ".join(f"{one.code}: {one.what}" for one in found[:SHOWN])
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise Refused(
        f"{name} cannot be published: its numbers may point to persons.",
        why=f"{lines}{more}.",
        do="Draft the issue again: drafting merges such counts at State level, with what was published since.",
    )


def _disclosed(cell: Cell, earlier: Sequence[Edition]) -> Iterator[Disclosure]:
    if any(place.count < wording.SMALL for place in cell.places):
        yield Disclosure(code=cell.code, what="a place below the State with fewer than three incidents")
    rest = cell.total - sum(place.count for place in cell.places)
    if cell.places and _small(rest):
        yield Disclosure(code=cell.code, what="its total less the places named leaves one or two incidents")
    for edition in earlier:
        printed = _printed((edition,), cell.code)
        if any(_near(place.count, other) for place in cell.places for other in printed.get(place.name, ())):
            yield Disclosure(code=cell.code, what=f"one place differs from {edition.name} by one or two incidents")


def _singled_out(traits: Sequence[Trait], earlier: Sequence[Edition]) -> Iterator[Disclosure]:
    """Guarded incidents that fewer than three share, or that an earlier edition tells apart."""
    for one, number in sorted(_counts(traits).items(), key=lambda row: repr(row[0])):
        if number < wording.SMALL:
            yield Disclosure(code=one.code, what="an incident of a protected source that fewer than three share")
        for edition in earlier:
            if one.closer and _near(number, _counts(edition.traits)[one]):
                yield Disclosure(code=one.code, what=f"one combination differs from {edition.name} by one or two")
    for one, number in sorted(_weekly(traits).items(), key=lambda row: repr(row[0])):
        for edition in earlier:
            if _near(number, _weekly(edition.traits)[one]):
                yield Disclosure(code=one.code, what=f"one week differs from {edition.name} by one or two incidents")


def _printed(editions: Iterable[Edition], code: str) -> Mapping[str, tuple[int, ...]]:
    """The counts that editions gave for each place of one State."""
    found: dict[str, tuple[int, ...]] = {}
    for edition in editions:
        for cell in edition.cells:
            for place in cell.places if cell.code == code else ():
                found[place.name] = (*found.get(place.name, ()), place.count)
    return found


def _small(number: int) -> bool:
    return 0 < number < wording.SMALL


def _near(one: int, other: int) -> bool:
    return _small(abs(one - other))


def _cells(node: Any) -> Iterator[Cell]:
    """Entries anywhere in a page; a short line of a situation prints no numbers of places."""
    if isinstance(node, list):
        for one in node:
            yield from _cells(one)
    elif isinstance(node, dict):
        if node.get("kind") == "entry":
            # A situation over several places has one entry; each of its places has numbers of its own.
            for one in node.get("parts") or (node,):
                yield Cell(
                    code=str(one["code"]),
                    situation_id=str(one["situation_id"]),
                    total=len(one["incidents"]),
                    places=tuple(PlaceCount(name=row["name"], count=row["count"]) for row in one.get("placed", ())),
                )
        else:
            for value in node.values():
                yield from _cells(value)


def _traits(node: Any, code: str = "") -> Iterator[Trait]:
    """Guarded incidents anywhere in a page."""
    if isinstance(node, list):
        for one in node:
            yield from _traits(one, code)
    elif isinstance(node, dict):
        if node.get("guarded") is True:
            # In a replay after a withdrawal a word stands in the place of the week: then nothing is said.
            week = str(node["week"]) if re.fullmatch(r"\d{4}-W\d\d", str(node["week"])) else ""
            closer = str(node["closer"]) if week else ""
            yield Trait(code=code, week=week, acts=tuple(map(str, node["acts"])), closer=closer)
        else:
            code = str(node.get("code", "")) if node.get("kind") == "incidents" else code
            for value in node.values():
                yield from _traits(value, code)
