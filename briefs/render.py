"""From views to files. Places what build decided, and nothing else; the same issue gives the same bytes."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import rfc8785
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from briefs import charts
from briefs.build import (
    build_bureau,
    build_evidence,
    build_flags,
    build_index,
    build_ledger,
    build_scan,
    build_sessional,
)
from briefs.docx import render_docx
from briefs.evidence import page_name
from briefs.interactive import PLOTLY_JS, InteractivePage, build_interactive
from briefs.lookup import hole
from briefs.pdf import render_pdf
from briefs.tongue import ENGLISH, bare, each_text, furniture, speak, switcher
from briefs.view import SeriesFigure, StripFigure, TileBlock, View
from domain.classification import Lens
from domain.errors import UsageError
from domain.issue import Issue
from warehouse.durable import write_whole

TEMPLATES = Path(__file__).parent / "templates"
INDEX = "index"
FORMS = ("html", "pdf", "docx", "json")

__all__ = [
    "content_hash",
    "environment",
    "render_forms",
    "render_interactive",
    "render_page",
    "view_json",
    "write_issue",
]


def environment() -> Environment:
    """Autoescape and StrictUndefined always: a hole in a page is an error, never an empty place."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.update(
        refuse_block=_refuse_block,
        draw_tiles=_draw_tiles,
        draw_series=_draw_series,
        draw_strip=_draw_strip,
        draw_mark=charts.draw_legend_mark,
    )
    # A title and an attribute hold text alone: no mark of another language can stand in them.
    made.filters["bare"] = bare
    return made


def _draw_tiles(block: TileBlock) -> Markup:
    return charts.draw_tiles(each_text(block, bare))


def _draw_series(figure: SeriesFigure, language: str) -> Markup:
    return charts.draw_series(each_text(figure, bare), language=language)


def _draw_strip(strip: StripFigure) -> Markup:
    return charts.draw_strip(each_text(strip, bare))


def _refuse_block(kind: str) -> str:
    """A block without its place in the template would be a hole."""
    raise hole(f"The page has no place for a block of the kind {kind}")


def view_json(view: View) -> bytes:
    """The machine's edition: canonical JSON (RFC 8785), without hash, form or time of rendering."""
    return rfc8785.dumps(asdict(view))


def content_hash(view: View) -> str:
    """sha256 of the machine's edition, so that `sha256sum AFR.json` gives what the page prints."""
    return hashlib.sha256(view_json(view)).hexdigest()


def render_page(view: View, *, digest: str = "", name: str = "", languages: tuple[str, ...] = (ENGLISH,)) -> str:
    """The HTML of one page, with the hash of its content: of the English page, whatever the language.

    `languages` are those in which the page stands beside this one, as `name` and the language.
    """
    style, style_hash = _style()
    return (
        environment()
        .get_template("page.html")
        .render(
            view=view,
            hash=digest or content_hash(view),
            t=furniture(view.language),
            switcher=switcher(view.language, languages, name) if name else (),
            style=style,
            policy=f"default-src 'none'; style-src {style_hash}; base-uri 'none'; form-action 'none'",
        )
    )


def render_forms(
    view: View, *, name: str, as_of: datetime, digest: str = "", languages: tuple[str, ...] = (ENGLISH,)
) -> dict[str, bytes]:
    """The four forms of one page, by name of file: the same paragraphs, numbers and hash in each."""
    digest = digest or content_hash(view)
    file = file_stem(name, view.language)
    return {
        f"{file}.html": render_page(view, digest=digest, name=name, languages=languages).encode(),
        **{f"{file}.{form}": render_form(view, form, as_of=as_of, digest=digest) for form in FORMS[1:]},
    }


def render_form(view: View, form: str, *, as_of: datetime, digest: str = "") -> bytes:
    """One form of one page alone, one of FORMS."""
    digest = digest or content_hash(view)
    match form:
        case "html":
            return render_page(view, digest=digest).encode()
        case "pdf":
            return render_pdf(view, content_hash=digest, as_of=as_of)
        case "docx":
            return render_docx(view, content_hash=digest, as_of=as_of)
        case "json":
            return view_json(view)
        case _:
            raise UsageError(f"'{form}' is no form.", why="A page has four.", do=f"Ask for one of: {', '.join(FORMS)}.")


def render_interactive(issue: Issue) -> str:
    """The one page with JavaScript: plotly.js inline, allowed by its hash, and no network."""
    page: InteractivePage = build_interactive(issue)
    style, style_hash = _style()
    # Our own files and JSON whose < and / are written as escapes: nothing in them can end the script.
    return (
        environment()
        .get_template("interactive.html")
        .render(
            page=page,
            style=style,
            plotly=Markup(PLOTLY_JS),  # noqa: S704
            start=Markup(page.start),  # noqa: S704
            data=Markup(page.data),  # noqa: S704
            policy=f"default-src 'none'; script-src {_allowed(PLOTLY_JS)} {_allowed(page.start)}; "
            "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'",
            style_hash=style_hash,
        )
    )


def write_issue(
    issue: Issue,
    folder: Path,
    *,
    languages: Sequence[str] = (ENGLISH,),
    mask: Callable[[View], View] | None = None,
    drawn: Issue | None = None,
) -> tuple[Path, ...]:
    """All pages of an issue in their forms into `folder`; each written beside and then put in place.

    The English pages are always there: they are the original, and their hash is printed in every language.
    A replay of an issue from which something was withdrawn hands in what stands in the place of its words: `mask` for
    pages, and `drawn`, the issue as the interactive page may draw it.
    """
    shown = mask or _as_built
    spoken = tuple(dict.fromkeys((ENGLISH, *languages)))
    codes = [region.code for region in issue.regions if region.scheme is issue.scheme]
    products = {code: build_scan(issue, code) for code in codes}
    products |= {"bureau": build_bureau(issue), "flags": build_flags(issue)}
    if issue.lens is Lens.PUBLIC:
        products["sessional"] = build_sessional(issue)
    screens = {page_name(code).removesuffix(".html"): build_evidence(issue, code) for code in codes}
    screens |= {"ledger": build_ledger(issue), INDEX: build_index(issue)}
    pages = frozenset(f"{name}.html" for name in (*products, *screens))
    files: dict[str, bytes] = {}
    for name, built in (products | screens).items():
        view = shown(built)
        digest = content_hash(view)
        for language in spoken:
            said = speak(view, language, content_hash=digest, pages=pages)
            if name in products:
                files |= render_forms(said, name=name, as_of=issue.as_of, digest=digest, languages=spoken)
                continue
            file = file_stem(name, language)
            files[f"{file}.html"] = render_page(said, digest=digest, name=name, languages=spoken).encode()
            if name != INDEX:
                files[f"{file}.json"] = view_json(said)
    files["interactive.html"] = render_interactive(drawn or issue).encode()
    for name, body in files.items():
        write_whole(folder / name, body)
    return tuple(folder / name for name in files)


def file_stem(name: str, language: str) -> str:
    """`AFR` for the English page, `AFR.fr` for the French one."""
    return name if language == ENGLISH else f"{name}.{language}"


def _as_built(view: View) -> View:
    return view


def _style() -> tuple[Markup, str]:
    """The style sheet of all pages, and the only style that their policy allows."""
    text = (TEMPLATES / "style.css").read_text("utf-8")
    return Markup(text), _allowed(text)  # noqa: S704 - our own file


def _allowed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
