"""The classes of violations, the themes, and the closed lists of facets, with what other vocabularies call them."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from domain.errors import UsageError
from domain.state import REFERENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationClass:
    """One class. `uhri` are themes, each after the version of that taxonomy; `atrocity` annotates and never scores.

    `grave` holds for the three of A/HRC/43/37 paragraph 62; `checked` says that a pointer was read in a document.
    """

    code: str
    name: str
    grave: bool
    huridocs: tuple[str, ...]
    upr_info: tuple[str, ...]
    uhri: tuple[str, ...]
    mandates: tuple[str, ...]
    iccs: tuple[str, ...]
    atrocity: tuple[str, ...]
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What a text is about; an annotation, never an incident."""

    code: str
    name: str
    upr_info: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """One dated version of all of it. Each facet is a closed list of words."""

    version: str
    valid_from: date
    classes: tuple[ViolationClass, ...]
    themes: tuple[Theme, ...]
    victims: tuple[str, ...]
    actors: tuple[str, ...]
    phases: tuple[str, ...]
    outcomes: tuple[str, ...]

    @property
    def class_codes(self) -> frozenset[str]:
        return frozenset(one.code for one in self.classes)

    @property
    def codes(self) -> frozenset[str]:
        """Classes and themes: everything that a term of a lexicon may carry."""
        return self.class_codes | {one.code for one in self.themes}

    def of_mandate(self, name: str) -> tuple[str, ...]:
        """Classes of a special procedure's short name; empty for one that says nothing of a class."""
        wanted = name.casefold().strip()
        return tuple(one.code for one in self.classes if wanted in {mandate.casefold() for mandate in one.mandates})

    def facet(self, kind: str) -> tuple[str, ...]:
        """The closed list of that facet."""
        lists = {"victim": self.victims, "actor": self.actors, "phase": self.phases, "outcome": self.outcomes}
        return lists[kind]


def load_taxonomy(path: Path = REFERENCE / "taxonomy.toml") -> Taxonomy:
    """Read the file; a missing, unknown or doubled entry stops with its name."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        taxonomy = Taxonomy(
            version=raw.pop("version"),
            valid_from=raw.pop("valid_from"),
            classes=tuple(ViolationClass(**_tupled(row)) for row in raw.pop("class")),
            themes=tuple(Theme(**_tupled(row)) for row in raw.pop("theme")),
            victims=tuple(raw.pop("victim")),
            actors=tuple(raw.pop("actor")),
            phases=tuple(raw.pop("phase")),
            outcomes=tuple(raw.pop("outcome")),
        )
    except tomllib.TOMLDecodeError as error:
        raise _bad(path, f"it is not TOML: {error}") from error
    except KeyError as error:
        raise _bad(path, f"it has no {error}") from error
    except TypeError as error:
        raise _bad(path, str(error)) from error
    if raw:
        raise _bad(path, f"nobody reads {', '.join(sorted(raw))}")
    codes = [one.code for one in taxonomy.classes] + [one.code for one in taxonomy.themes]
    if doubled := sorted({code for code in codes if codes.count(code) > 1}):
        raise _bad(path, f"it holds {', '.join(doubled)} twice")
    return taxonomy


@cache
def bundled_taxonomy() -> Taxonomy:
    """The one that comes with the code."""
    return load_taxonomy()


def _tupled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _bad(path: Path, why: str) -> UsageError:
    return UsageError(
        f"The taxonomy {path.name} cannot be used.", why=why, do="Compare it with the version in the repository."
    )
