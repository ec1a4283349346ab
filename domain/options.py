"""The register of options: procedures that exist, for every State alike. Never ranked, and none is ever advised."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path


class Sureness(StrEnum):
    """How well a condition is known; printed beside it."""

    SOURCE = "source"
    READ = "read"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that the Council, its President or a committee can do, and what it takes.

    `condition` is what the rules demand and nothing else; what is only usual or only recommended is a `note`.
    `needs_consent`: nobody enters it without saying where the State's consent is on record. `always`: it can stand
    beside every other one.
    """

    option_id: str
    name: str
    basis: str
    condition: str
    sureness: Sureness
    valid_from: date
    needs_consent: bool = False
    always: bool = False
    note: str = ""


def load_options(path: Path) -> tuple[Option, ...]:
    """The whole register, the one that always holds first, then the alphabet: an order that says nothing.

    A missing or unknown field is a TypeError, and an unknown sureness a ValueError, so typing errors cannot hide.
    """
    found = []
    for row in tomllib.loads(path.read_text("utf-8"))["options"]:
        given: dict[str, object] = dict(row)
        found.append(
            Option(option_id=given.pop("id"), sureness=Sureness(given.pop("sureness", "")), **given)  # type: ignore[arg-type]  # checked by the class and the tests
        )
    return tuple(sorted(found, key=lambda one: (not one.always, one.name)))


def known_options(options: Iterable[Option], *, on: date) -> tuple[Option, ...]:
    """Those that we hold to exist on a day."""
    return tuple(one for one in options if one.valid_from <= on)
