"""Every message that a page can hold, read from the code itself, and the catalogues brought up to it.

`python -m briefs.messages` adds what is new to the catalogues, empty, and says what is missing; with `--check` it
writes nothing and exits 1 where a message has no translation. A message is what stands in a call of `say`, `count`,
`counted` or `term`, the words of the closed sets below, and the words of the templates.
"""

import ast
import sys
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from briefs import access, changed, entries, flags, front, ledger, places, sessional, situations, wording
from briefs.furniture import FURNITURE
from briefs.tongue import RULES
from domain.classification import Lens
from domain.incident import Actor
from domain.ledger import Outcome
from domain.signal import Basis
from domain.situation import Coverage, GateState, Level, Phase, Printed, TriggerValue
from domain.state import REFERENCE, PlaceKind, load_gazetteer

HERE = Path(__file__).parent
MODULES = {"flags": flags, "ledger": ledger, "sessional": sessional, "wording": wording}
LOCALES = HERE / "locales"
TRIGGERS = HERE.parent / "scoring" / "triggers"
LANGUAGES = ("ar", "es", "fr", "ru", "zh")
DOMAIN = "briefs"
# Modules whose words are no part of a view: the site, the check of wording, the comparison, drawings.
LEFT_OUT = frozenset(
    {"docx.py", "site.py", "lint.py", "diff.py", "schema.py", "interactive.py", "messages.py", "tongue.py"}
)
UNITS = (
    "deaths", "death", "events", "event", "incidents", "incident", "persons", "person", "fatalities", "people",
    "persons killed", "persons displaced", "paragraphs",
)  # fmt: skip
VICTIMS = (
    "civilians", "displaced persons", "educators", "humanitarian workers", "journalists", "protesters", "students",
    "combatants and civilians not separated",
)  # fmt: skip
OTHERS = (
    "announced", "begun", "done", "method", "code", "analyst", "withdrawn", "revised", "high", "second analyst",
    "protection officer", "regional head", "High Commissioner's office",
)  # fmt: skip
OUTCOMES = ("killed", "injured", "detained", "abducted", "disappeared", "displaced")


def find_messages() -> dict[str, str]:
    """Every message with its plural, which is empty where it has none, in the order of the code."""
    found: dict[str, str] = {}
    for path in sorted(HERE.glob("*.py")):
        if path.name not in LEFT_OUT:
            for one, many in _of_module(path):
                _add(found, one, many)
    for word in (*_closed_sets(), *_reference(), *FURNITURE):
        _add(found, word, "")
    return found


def _add(found: dict[str, str], one: str, many: str) -> None:
    if found.setdefault(one, many) != many:
        if many and found[one]:
            raise ValueError(f"{one!r} has two plurals: {found[one]!r} and {many!r}")
        found[one] = many or found[one]


def _closed_sets() -> Iterator[str]:
    for kinds in (Level, Phase, Printed, Coverage, TriggerValue, GateState, Actor, Basis, Outcome, Lens):
        yield from (one.value for one in kinds)
    tables: Sequence[Mapping[Any, str]] = (
        wording.CLASS_WORDS, wording.STATE_WORDS, wording.ACTS, wording.LANGUAGES, wording.LIKELIHOODS, front.SCHEMES,
        situations.EXPLAINED, entries.BY_PERIOD, ledger.LEASTS, ledger.KINDS, ledger.SHORT, ledger.WHO, ledger.WHY,
        ledger.WHY_FOR,
    )  # fmt: skip
    for table in tables:
        yield from table.values()
    yield from wording.LIKELIHOODS
    yield from (word for _, word in (*places.TILE_KEY, *access.STRIP_KEY))
    yield from (lead for lead, _ in ledger.HOW)
    yield from (changed.WITH_LIMITED, changed.WITHOUT_SOURCE, changed.BEHIND_FAILURE)
    yield from (changed.FAILED, changed.STALE, changed.ABSENT, changed.NOT_YET, changed.DISABLED)
    yield from (*entries.LEADS, *UNITS, *VICTIMS, *RULES, *OTHERS, *OUTCOMES)


def _reference() -> Iterator[str]:
    """Names of regions, triggers and territories, the notes beside names, and dated events."""
    gazetteer = load_gazetteer()
    yield from (region.name for region in gazetteer.regions)
    for path in sorted(TRIGGERS.glob("*.toml")):
        yield str(tomllib.loads(path.read_text("utf-8"))["name"])
    for place in gazetteer.places:
        if place.kind is PlaceKind.TERRITORY:
            yield place.name
        if place.note:
            yield place.note
    for line in (REFERENCE / "calendar.csv").read_text("utf-8").splitlines()[1:]:
        yield line.split(",")[1]


def _of_module(path: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text("utf-8"))
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }

    def text(node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            held = getattr(MODULES.get(node.value.id), node.attr, "")
            return held if isinstance(held, str) else ""
        return constants.get(node.id, "") if isinstance(node, ast.Name) else ""

    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        given = node.args
        if name in {"say", "term", "_some"}:
            for one in given[:1] if name != "_some" else ():
                if words := text(one):
                    yield words, ""
            if name == "_some":
                yield text(given[2]), text(given[3])
        elif name == "count" and len(given) > 2 and text(given[0]):
            yield text(given[0]), text(given[1])
        elif name == "counted" and text(given[1]):
            yield f"{{n}} {text(given[1])}", f"{{n}} {text(given[2])}"


def catalogue_path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def update(language: str, messages: Mapping[str, str]) -> tuple[Catalog, list[str]]:
    """The catalogue with exactly these messages; translations that are there stay. Beside it, what is missing."""
    path = catalogue_path(language)
    with path.open("rb") as file:
        old = read_po(file, locale=language)
    made = Catalog(
        locale=language, domain=DOMAIN, header_comment=old.header_comment, project="horizon", version="1",
        last_translator="nobody yet", language_team="none", fuzzy=False, creation_date=old.creation_date,
        revision_date=old.revision_date, copyright_holder="",
    )  # fmt: skip
    missing = []
    for one, many in messages.items():
        known = old.get(one)
        words = known.string if known is not None else ""
        if not words or (isinstance(words, tuple | list) and not all(words)):
            missing.append(one)
        made.add((one, many) if many else one, words or (("",) * made.num_plurals if many else ""))
    return made, missing


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(prog="python -m briefs.messages", description="Bring the catalogues up to the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a translation is missing")
    asked = parser.parse_args(arguments)
    messages = find_messages()
    lacking = 0
    for language in LANGUAGES:
        made, missing = update(language, messages)
        lacking += len(missing)
        if not asked.check:
            with catalogue_path(language).open("wb") as file:
                write_po(file, made, width=120, omit_header=False)
        sys.stdout.write(f"{language}\t{len(messages) - len(missing)} of {len(messages)}\n")
        for one in missing:
            sys.stderr.write(f"{language}: {one}\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
