"""`horizon languages`: what the lexicons hold, per language and class, and who has read them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from domain.taxonomy import Taxonomy, bundled_taxonomy
from horizon.output import written_text
from scoring.coding.lexicon import ContextKind, FacetKind, Lexicon, load_lexicons

HEAD = """# Languages

Written by `horizon languages --out docs/languages.md`; a test compares this page with the lexicons. The format of the
files: `scoring/coding/lexicon/README.md`. A text in any other language is named, counted as unread, and not coded.

A number is how many entries a file has (`with`, `without` and contexts narrow what they match). It says nothing about
how well a language is read: that needs texts labelled by native readers, and there are none yet. Figures over own
sentences, with their sample sizes: `.venv/bin/python tests/bench/languages.py`.

How a language is found: `scoring/coding/language.py`. Fewer than twelve letters (four Chinese signs) are no language
(`und`), unless the source declares one of the six and the script fits. A text in several languages is the one of most
of its letters, and is read when at least half are. What a source declares helps in doubt and is not believed otherwise.
Weak points: headlines of three or four words in Portuguese, Catalan or Dutch that are full of words of the six.
"""


def languages(
    out: Annotated[Path | None, typer.Option("--out", help="The page to write; without it, standard output.")] = None,
) -> None:
    """Print the coverage of the lexicons as a page."""
    page = write_page(load_lexicons(), bundled_taxonomy())
    if out is None:
        typer.echo(page, nl=False)
    else:
        with written_text(out) as lines:
            lines.write(page)


def write_page(lexicons: Mapping[str, Lexicon], taxonomy: Taxonomy) -> str:
    """One table for classes, one for themes, one for contexts and one for facets, a column for each language."""
    codes = sorted(lexicons)
    read = [lexicons[code] for code in codes]
    parts = [HEAD, "## Reviewed by\n", _table(("language", "a native reader"), _reviewers(read))]
    for title, wanted in (
        ("Classes: entries of terms", [one.code for one in taxonomy.classes]),
        ("Themes: entries of terms", [one.code for one in taxonomy.themes]),
    ):
        rows = [(code, *(str(_entries_of(lexicon, code)) for lexicon in read)) for code in wanted]
        parts += [f"## {title}\n", _table(("", *codes), rows)]
    contexts = [(kind.value, *(str(_contexts_of(lexicon, kind)) for lexicon in read)) for kind in ContextKind]
    facets = [(kind.value, *(str(_facets_of(lexicon, kind)) for lexicon in read)) for kind in FacetKind]
    numbers = ("number words", *(str(sum(len(one.words) for one in lexicon.numbers)) for lexicon in read))
    parts += ["## Contexts: entries\n", _table(("", *codes), contexts)]
    parts += ["## Facets and numbers: entries\n", _table(("", *codes), [*facets, numbers])]
    return "\n".join(parts)


def _reviewers(lexicons: list[Lexicon]) -> list[tuple[str, ...]]:
    return [(lexicon.language, lexicon.reviewed_by or "nobody yet") for lexicon in lexicons]


def _entries_of(lexicon: Lexicon, code: str) -> int:
    return sum(len(term.words) for term in lexicon.terms if term.code == code)


def _contexts_of(lexicon: Lexicon, kind: ContextKind) -> int:
    return sum(len(rule.words) for rule in lexicon.contexts if rule.kind is kind)


def _facets_of(lexicon: Lexicon, kind: FacetKind) -> int:
    return sum(len(facet.words) for facet in lexicon.facets if facet.kind is kind)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
