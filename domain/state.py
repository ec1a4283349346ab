"""States, observers and territories: one table, dated, with no rule of its own.

Rules here are about how names are written (order of words, articles, short words, footnote signs), never about which
State is meant; every name itself stands in a table under `reference/`. docs/places.md says what is matched and why.
"""

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceName:
    """One written name of a place. `rule` says which table gave it; a name `as_written` counts in that case alone."""

    text: str
    code: str
    rule: str
    as_written: bool = False


class Gazetteer:
    """Names in structured fields to places: exact after folding what is only manner of writing; never a guess.

    Two-letter codes are not names: `NA` is more often "not available" than Namibia, and `CG`, `CD`, `GN`, `GM` differ
    from what people write by one stroke. Three-letter codes and abbreviations count as written, in capitals.
    """

    def __init__(
        self,
        places: tuple[Place, ...],
        regions: tuple[Region, ...],
        names: Iterable[PlaceName],
        units: tuple[ProviderUnit, ...],
    ) -> None:
        self.places = places
        self.regions = regions
        self.names = tuple(names)
        self.units = units
        self._by_code = {place.code: place for place in places}
        self._as_written = _index((_letters(name.text), name) for name in self.names if name.as_written)
        spoken = [name for name in self.names if not name.as_written]
        self._folded = _index((fold(name.text), name) for name in spoken)
        self._words = _index((words, name) for name in spoken if (words := _words(name.text)))

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
        found = self._one(name) or self._pair(name)
        return Match(places=(found.code,), rule=found.rule) if found else None

    def _one(self, name: str) -> PlaceName | None:
        said = _FOOTNOTE.sub("", name)
        found = self._as_written.get(_letters(said)) or self._folded.get(fold(said))
        if found is not None:
            return found
        words = _words(said)
        other = self._words.get(words) if words else None
        return PlaceName(text=other.text, code=other.code, rule=f"{other.rule}/form") if other else None

    def _pair(self, name: str) -> PlaceName | None:
        """Two names of one place side by side, "Burma/Myanmar"; two that differ name nothing, "Georgia, USA"."""
        halves = _PAIR.fullmatch(name.strip())
        if halves is None:
            return None
        found = [self._one(half) for half in halves.groups() if half]
        if len(found) == PAIR and found[0] and found[1] and found[0].code == found[1].code:
            return PlaceName(text=name, code=found[0].code, rule=f"{found[0].rule}/pair")
        return None


PAIR = 2
_PAIR = re.compile(
    r"([^()\[\]/,;]{2,60}?)(?:\s*[(\[（]\s*|\s*/\s*|\s+[-–—]\s+|\s*,\s*)(?:formerly |former |ex-|the )?"
    r"([^()\[\]/,;（）]{2,60}?)\s*[)\]）]?"
)
_FOOTNOTE = re.compile(r"[\s*†‡¹²³⁴]+$")
_DOTTED = re.compile(r"(?<!\w)(?:[^\W\d_]\.\s?){2,}(?:[^\W\d_](?!\w))?")
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼʻ‛′`´＇"), "'")
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—−－"), "-")
_BREAK = re.compile(r"[\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ARABIC_LETTERS = str.maketrans({"ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ـ": "", "ٱ": "ا"})
# Signs of names in their traditional form and the form that the tables hold, pair by pair.
_TRADITIONAL = (
    "東东亞亚蘭兰羅罗韓韩國国爾尔維维達达麗丽薩萨馬马盧卢緬缅烏乌茲兹別别剛刚蘇苏幾几內内紐纽賴赖賽赛納纳諾诺魯鲁約约倫伦義义聯联衛卫贊赞貝贝黃黄頓顿萊莱島岛圖图湯汤聖圣葉叶門门敘叙來来華华鮮鲜灣湾澤泽岡冈"
    "遜逊撾挝賓宾庫库紮扎麥麦濟济彌弥車车蓋盖愛爱圓圆銀银濱滨倉仓絲丝勞劳溫温優优與与"
)
SIMPLIFIED = str.maketrans(dict(zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)))
# Words that name nothing, and short forms with the words they stand for, in any language of the tables.
_IDLE = frozenset(
    {
        "the",
        "of",
        "and",
        "la",
        "le",
        "les",
        "el",
        "los",
        "las",
        "de",
        "du",
        "des",
        "del",
        "d",
        "l",
        "y",
        "et",
        "e",
        "da",
        "do",
        "i",
        "и",
    }
)
_FULL = {
    "rep": "republic",
    "republique": "republic",
    "republica": "republic",
    "dem": "democratic",
    "democratique": "democratic",
    "democratica": "democratic",
    "peoples": "people",
    "pop": "populaire",
    "is": "islands",
    "st": "saint",
    "ste": "sainte",
    "eq": "equatorial",
    "n": "north",
    "s": "south",
    "w": "western",
    "fed": "federal",
    "sts": "states",
    "terr": "territory",
    "prov": "province",
}


def fold(name: str) -> str:
    """Case, accents, width, apostrophes, hyphens and runs of space do not tell names apart."""
    plain = unicodedata.normalize("NFKD", name.translate(_APOSTROPHES)).translate(_HYPHENS)
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).casefold().split())


def _letters(name: str) -> str:
    """A code or an abbreviation as written: width and points off, case kept."""
    return unicodedata.normalize("NFKC", name).replace(".", "").replace(" ", "")


def _words(name: str) -> str:
    """The words of a name without their order, so that "Korea, Rep." and "Republic of Korea" meet.

    Names that differ in more than order, articles and short forms stay apart; loading fails when two places meet.
    """
    folded = fold(_DOTTED.sub(lambda found: f" {_letters(found.group())} ", name))
    if _HAN.search(folded):
        return _BREAK.sub("", folded).translate(SIMPLIFIED)
    plain = folded.translate(_ARABIC_LETTERS).replace("'s ", "s ").replace("s' ", "s ")
    words = [_FULL.get(word, word) for word in _BREAK.split(plain) if word and word not in _IDLE]
    return " ".join(sorted(word.removeprefix("ال") if len(word) > len("الx") + 1 else word for word in words))


def _index(keyed: Iterable[tuple[str, PlaceName]]) -> dict[str, PlaceName]:
    """The first table that gives a name gives its rule; one spelling for two places is an error of the tables."""
    found: dict[str, PlaceName] = {}
    for key, name in keyed:
        if (known := found.setdefault(key, name)).code != name.code:
            raise ValueError(f"'{name.text}' names {known.code} and {name.code}: {known.rule}, {name.rule}")
    return found


LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
# How "Republic of" is said: an official name so prefixed is a name wherever the formal English name is just that.
_REPUBLIC = ("Republic of {}", "République de {}", "República de {}", "جمهورية {}", "Республика {}", "{}共和国")


def _official(row: Mapping[str, str]) -> list[PlaceName]:
    """Code, short names in six languages, formal name, and "Republic of" before a short name where that is formal."""
    code = row["iso3"]
    names = [PlaceName(text=code, code=code, rule="iso3", as_written=True)]
    names += [PlaceName(text=row[f"name_{one}"], code=code, rule=f"official:{one}") for one in LANGUAGES]
    names.append(PlaceName(text=row["name_en_formal"], code=code, rule="official:en_formal"))
    if _words(row["name_en_formal"]) == _words(f"Republic {row['name_en']}") != _words(row["name_en"]):
        names += [
            PlaceName(text=form.format(row[f"name_{one}"]), code=code, rule=f"formal:{one}")
            for one, form in zip(LANGUAGES, _REPUBLIC, strict=True)
        ]
    return names


def load_gazetteer(folder: Path = REFERENCE) -> Gazetteer:
    """Read states.csv, territories.csv, aliases.csv, regions.toml and provider_units.toml from `folder`."""
    places: list[Place] = []
    names: list[PlaceName] = []
    with (folder / "states.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            places.append(
                Place(
                    code=row["iso3"],
                    name=row["name_en"],
                    kind=PlaceKind(row["status"]),
                    regional_group=row["regional_group"],
                    field_region=row["field_region"],
                    note=row["note"],
                )
            )
            names += _official(row)
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
            names.append(PlaceName(text=row["id"], code=row["id"], rule="territory_code", as_written=True))
            names.append(PlaceName(text=row["printed_name"], code=row["id"], rule="territory_name"))
    codes = {place.code for place in places}
    with (folder / "aliases.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["code"] not in codes:
                raise ValueError(f"aliases.csv names an unknown code: {row}")
            names.append(
                PlaceName(
                    text=row["name"],
                    code=row["code"],
                    rule=f"alias:{row['kind']}",
                    as_written=row["kind"] == "abbreviation",
                )
            )
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
