"""How well the language of a text is found, and how well the lexicons read sentences, with sample sizes.

Samples: own sentences about fictional places (tests/scoring), the translated words of an installed program's pages,
and, where they are beside the repository, recorded texts. Prints figures; nothing is asserted. Run by hand:
`.venv/bin/python tests/bench/languages.py`.
"""

import csv
import gzip
import json
import re
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from domain.taxonomy import bundled_taxonomy
from scoring.coding.context import Context
from scoring.coding.language import READ, identify
from scoring.coding.lexicon import load_lexicons
from scoring.coding.text import Coder, Label

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT / "tests" / "scoring"
RECORDED = ROOT.parent / "shared" / "recorded"
TARGET_WRONGLY_READ = 3.0
TARGET_WRONGLY_REFUSED = 2.0


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)
    elif isinstance(value, str):
        yield value


def program_pages(shortest: int = 20) -> dict[str, list[str]]:
    """Short real texts in many languages: what a translated program says, without those of a few letters."""
    spec = find_spec("airflow")
    if spec is None or not spec.submodule_search_locations:
        return {}
    found: dict[str, list[str]] = {}
    for folder in sorted((Path(spec.submodule_search_locations[0]) / "ui/dist/i18n/locales").glob("*")):
        language = folder.name[:2]
        english = {
            text for page in folder.parent.glob("en/*.json") for text in strings(json.loads(page.read_text("utf-8")))
        }
        for page in sorted(folder.glob("*.json")):
            for text in strings(json.loads(page.read_text("utf-8"))):
                plain = re.sub(r"\{\{.*?\}\}|<.*?>|\$t\(.*?\)", " ", text)
                letters = sum(3 if sign >= "\u3400" else 1 for sign in plain if sign.isalpha())
                if letters >= shortest and (language == "en" or text not in english):
                    found.setdefault(language, []).append(plain)
    return found


def own_sentences() -> dict[str, list[str]]:
    found = tomllib.loads((SAMPLES / "language_samples.toml").read_text("utf-8"))
    for path in sorted(SAMPLES.glob("lexicon_sentences_*.txt")):
        for line in path.read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                language, _, text = line.split("\t")
                found.setdefault(language, []).append(text)
    return found


def recorded() -> dict[str, list[str]]:
    """Longer real texts: paragraphs of documents in English and Spanish, and recommendations in English."""
    found: dict[str, list[str]] = {}
    if not RECORDED.is_dir():
        return found
    for path, languages in (
        ("iachr/iachr_reports_samples.json", {"en", "es"}),
        ("un_docs/upr_documents_samples.json", {"en"}),
    ):
        for document in json.loads((RECORDED / path).read_text("utf-8")):
            spanish = len(re.findall(r"\b(?:el|los|las|que|del)\b", document["text"][:20_000]))
            language = "es" if spanish > 100 else "en"
            if language in languages:
                parts = [part.strip() for part in re.split(r"\n{1,}", document["text"])]
                found.setdefault(language, []).extend(
                    [part for part in parts if len(part) >= 80 and "...." not in part][:60]
                )
    with gzip.open(RECORDED / "labelled/upr_info_recommendations_s1-13.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    name = next(one for one in rows[0] if "text" in one.lower() or one.lower() == "recommendation")
    found.setdefault("en", []).extend(row[name] for row in rows[::23] if len(row[name]) >= 20)
    return found


def print_identification() -> None:
    identify("warm")
    wrong_read = others = 0
    refused = six = 0
    say("sample            lang     n   right  refused  read as another of the six  ms/text")
    for sample, texts in (("own", own_sentences()), ("program", program_pages()), ("recorded", recorded())):
        for language, rows in sorted(texts.items()):
            begin = time.perf_counter()
            found = [identify(text) for text in rows]
            spent = 1000 * (time.perf_counter() - begin) / len(rows)
            read = sum(one.read for one in found)
            right = sum(one.read and one.language == language for one in found)
            if language in READ:
                six, refused = six + len(rows), refused + len(rows) - read
                line = f"{100 * right / len(rows):6.1f}%  {len(rows) - read:6d}  {read - right:6d}"
            else:
                others, wrong_read = others + len(rows), wrong_read + read
                line = f"{100 * (len(rows) - read) / len(rows):6.1f}%       –  {read:6d}"
            say(f"{sample:<16}  {language:<4}  {len(rows):5d} {line:<52} {spent:6.2f}")
            if "-v" in sys.argv:
                for text, one in zip(rows, found, strict=True):
                    if one.read != (language in READ) or (one.read and one.language != language):
                        say("      ", one, text[:90])
    for what, wrong, of, target in (
        ("others wrongly read", wrong_read, others, TARGET_WRONGLY_READ),
        ("the six wrongly refused", refused, six, TARGET_WRONGLY_REFUSED),
    ):
        say(f"{what}: {wrong} of {of} = {100 * wrong / of:.2f} % (target ≤ {target} %)")
    if not RECORDED.is_dir():
        say("../shared/recorded is not here. Left out: the rows 'recorded', longer real texts in English and Spanish")
    print_declared()


def print_declared() -> None:
    """Every text once with each of the six declared falsely: a hint must not make another language be read."""
    wrong_read = others = misread = six = 0
    for texts in (own_sentences(), program_pages()):
        for language, rows in texts.items():
            for hint in READ:
                found = [identify(text, declared=hint) for text in rows] if hint != language else []
                if language in READ:
                    six, misread = (
                        six + len(found),
                        misread + sum(one.read and one.language != language for one in found),
                    )
                else:
                    others, wrong_read = others + len(found), wrong_read + sum(one.read for one in found)
    say(
        f"declared falsely as one of the six, others read: {wrong_read} of {others} = {100 * wrong_read / others:.2f} %"
    )
    say(f"declared falsely as another of the six, read as another: {misread} of {six} = {100 * misread / six:.2f} %")


def print_reading() -> None:
    """Sentences read as their table says; and labels counted in texts that report nothing."""
    taxonomy = bundled_taxonomy()
    coder = Coder(load_lexicons())

    def acts(text: str, language: str) -> list[Label]:
        return [one for one in coder.code_in(text, language).labels if one.code in taxonomy.class_codes]

    def holds(language: str, expected: str, text: str) -> bool:
        if expected == "-":
            return not any(one.context is Context.INCIDENT for one in acts(text, language))
        code, context = expected.split()
        contexts = {one.context.value for one in acts(text, language) if one.code == code}
        return context in contexts and (context == "incident" or "incident" not in contexts)

    say("\nown sentences, read as written in the table: incident, other context, trap or unrelated")
    for which in ("tuned", "held"):
        lines = (SAMPLES / f"lexicon_sentences_{which}.txt").read_text("utf-8").splitlines()
        table = [line.split("\t") for line in lines if line and not line.startswith("#")]
        for language in sorted({row[0] for row in table}):
            cells = []
            for kind, fits in KINDS.items():
                rows = [row for row in table if row[0] == language and fits(row[1])]
                cells.append(f"{kind} {sum(holds(*row) for row in rows)}/{len(rows)}")
            say(f"{which:<6} {language}  {'  '.join(cells)}")
    say("\nlabels counted as incidents in a program's pages, which report none")
    for language, texts in sorted(program_pages(1).items()):
        if language in coder.languages:
            begin = time.perf_counter()
            wrong = sum(any(one.context is Context.INCIDENT for one in acts(text, language)) for text in texts)
            spent = 1000 * (time.perf_counter() - begin) / len(texts)
            say(f"{language}  {wrong} of {len(texts)}  {spent:.2f} ms/text")
    if not RECORDED.is_dir():
        say("\n../shared/recorded is not here. Left out: labels by context in Spanish paragraphs on old cases")
        return
    say("\nrecorded Spanish paragraphs on old cases before a regional commission: labels by context")
    found = Counter(one.context.value for text in recorded().get("es", ()) for one in acts(text, "es"))
    say(f"es  {len(recorded().get('es', ()))} paragraphs  {dict(sorted(found.items()))}")


KINDS: dict[str, Callable[[str], bool]] = {
    "incident": lambda expected: expected.endswith(" incident"),
    "context": lambda expected: " " in expected and not expected.endswith(" incident"),
    "trap": lambda expected: expected == "-",
}


def main() -> int:
    print_identification()
    print_reading()
    return 0


if __name__ == "__main__":
    sys.exit(main())
