"""States, observers and territories: one table, dated, with no rule of its own."""

import csv
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

REFERENCE = Path(__file__).parent / "reference"


class PlaceKind(StrEnum):
    MEMBER = "member"
    OBSERVER = "observer"
    TERRITORY = "territory"


class RegionScheme(StrEnum):
    """Desks own field regions; products of the Council use the five regional groups. Never both in one document."""

    REGIONAL_GROUPS = "regional_groups"
    FIELD_REGIONS = "field_regions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One line of every scan. `code` is a matcher's code and no statement on status.

    `listed_under` is the region under which an observer or a territory is shown; `note` is printed with the name.
    """

    code: str
    name: str
    kind: PlaceKind
    regional_group: str
    field_region: str
    note: str = ""
    source: str = ""

    def region(self, scheme: RegionScheme) -> str:
        return self.regional_group if scheme is RegionScheme.REGIONAL_GROUPS else self.field_region


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    code: str
    name: str
    scheme: RegionScheme


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderUnit:
    """A unit that a provider books under one name although it covers several lines of ours (triggers, section 6)."""

    source_id: str
    name: str
    places: tuple[str, ...]
    printed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A name resolved: codes of places, and the rule that said so."""

    places: tuple[str, ...]
    rule: str
    printed_unit: str = ""


class Gazetteer:
    """Names in structured fields to places. Exact after folding case, accents and spaces; never a guess."""

    def __init__(
        self,
        places: tuple[Place, ...],
        regions: tuple[Region, ...],
        names: dict[str, tuple[str, str]],
        units: tuple[ProviderUnit, ...],
    ) -> None:
        self.places = places
        self.regions = regions
        self.units = units
        self._names = names
        self._by_code = {place.code: place for place in places}

    def place(self, code: str) -> Place:
        return self._by_code[code]

    def region_codes(self, scheme: RegionScheme) -> tuple[Region, ...]:
        return tuple(region for region in self.regions if region.scheme is scheme)

    def match(self, name: str, *, source_id: str = "") -> Match | None:
        """The places that a structured field names, or None: an unknown name is a defect of the caller's."""
        folded = fold(name)
        for unit in self.units:
            if unit.source_id == source_id and fold(unit.name) == folded:
                return Match(places=unit.places, rule=f"provider_unit:{source_id}", printed_unit=unit.printed)
        found = self._names.get(folded)
        if found is None:
            return None
        code, rule = found
        return Match(places=(code,), rule=rule)


def fold(name: str) -> str:
    """Case, accents, apostrophes and runs of space do not tell names apart."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'").replace("‘", "'"))
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).casefold().split())


def load_gazetteer(folder: Path = REFERENCE) -> Gazetteer:
    """Read states.csv, territories.csv, aliases.csv, regions.toml and provider_units.toml from `folder`."""
    places: list[Place] = []
    names: dict[str, tuple[str, str]] = {}
    with (folder / "states.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            kind = PlaceKind(row["status"])
            place = Place(
                code=row["iso3"],
                name=row["name_en"],
                kind=kind,
                regional_group=row["regional_group"],
                field_region=row["field_region"],
                note=row["note"],
            )
            places.append(place)
            names[fold(row["iso3"])] = (place.code, "iso3")
            for language in ("en", "fr", "es", "ar", "ru", "zh"):
                names.setdefault(fold(row[f"name_{language}"]), (place.code, f"official:{language}"))
            names.setdefault(fold(row["name_en_formal"]), (place.code, "official:en_formal"))
    with (folder / "territories.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            places.append(
                Place(
                    code=row["id"],
                    name=row["printed_name"],
                    kind=PlaceKind.TERRITORY,
                    regional_group=row["listed_under_group"],
                    field_region=row["listed_under_field_region"],
                    note=row["note"],
                    source=row["source"],
                )
            )
            names.setdefault(fold(row["id"]), (row["id"], "territory_code"))
            names.setdefault(fold(row["printed_name"]), (row["id"], "territory_name"))
    codes = {place.code for place in places}
    with (folder / "aliases.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["code"] not in codes:
                raise ValueError(f"aliases.csv names an unknown code: {row}")
            names.setdefault(fold(row["name"]), (row["code"], f"alias:{row['kind']}"))
    regions = tomllib.loads((folder / "regions.toml").read_text("utf-8"))["regions"]
    units = tomllib.loads((folder / "provider_units.toml").read_text("utf-8")).get("units", [])
    return Gazetteer(
        places=tuple(sorted(places, key=lambda place: place.code)),
        regions=tuple(
            Region(code=row["code"], name=row["name"], scheme=RegionScheme(row["scheme"])) for row in regions
        ),
        names=names,
        units=tuple(
            ProviderUnit(
                source_id=row["source_id"], name=row["name"], places=tuple(row["places"]), printed=row["printed"]
            )
            for row in units
        ),
    )
