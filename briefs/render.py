"""From views to files. Places what build decided, and nothing else; the same issue gives the same bytes."""

import base64
import hashlib
import os
from collections.abc import Callable
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
from briefs.view import View
from domain.classification import Lens
from domain.issue import Issue

TEMPLATES = Path(__file__).parent / "templates"

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
        draw_tiles=charts.draw_tiles,
        draw_series=charts.draw_series,
        draw_strip=charts.draw_strip,
        draw_mark=charts.draw_legend_mark,
    )
    return made


def _refuse_block(kind: str) -> str:
    """A block without its place in the template would be a hole."""
    raise hole(f"The page has no place for a block of the kind {kind}")


def view_json(view: View) -> bytes:
    """The machine's edition: canonical JSON (RFC 8785), without hash, form or time of rendering."""
    return rfc8785.dumps(asdict(view))


def content_hash(view: View) -> str:
    """sha256 of the machine's edition, so that `sha256sum AFR.json` gives what the page prints."""
    return hashlib.sha256(view_json(view)).hexdigest()


def render_page(view: View) -> str:
    """The HTML of one page, with the hash of its content."""
    style, style_hash = _style()
    return (
        environment()
        .get_template("page.html")
        .render(
            view=view,
            hash=content_hash(view),
            style=style,
            policy=f"default-src 'none'; style-src {style_hash}; base-uri 'none'; form-action 'none'",
        )
    )


def render_forms(view: View, *, name: str, as_of: datetime) -> dict[str, bytes]:
    """The four forms of one page, by name of file: the same paragraphs, numbers and hash in each."""
    digest = content_hash(view)
    return {
        f"{name}.html": render_page(view).encode(),
        f"{name}.pdf": render_pdf(view, content_hash=digest, as_of=as_of),
        f"{name}.docx": render_docx(view, content_hash=digest, as_of=as_of),
        f"{name}.json": view_json(view),
    }


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
    issue: Issue, folder: Path, *, mask: Callable[[View], View] | None = None, drawn: Issue | None = None
) -> tuple[Path, ...]:
    """All pages of an issue in their forms into `folder`; each written beside and then put in place.

    A replay of an issue from which something was withdrawn hands in what stands in the place of its words: `mask` for
    pages, and `drawn`, the issue as the interactive page may draw it.
    """
    shown = mask or _as_built
    codes = [region.code for region in issue.regions if region.scheme is issue.scheme]
    files: dict[str, bytes] = {}
    for code in codes:
        files |= render_forms(shown(build_scan(issue, code)), name=code, as_of=issue.as_of)
        rooted = shown(build_evidence(issue, code))
        files[page_name(code)] = render_page(rooted).encode()
        files[page_name(code).replace(".html", ".json")] = view_json(rooted)
    products = {"bureau": build_bureau(issue), "flags": build_flags(issue)}
    if issue.lens is Lens.PUBLIC:
        products["sessional"] = build_sessional(issue)
    for name, view in products.items():
        files |= render_forms(shown(view), name=name, as_of=issue.as_of)
    past = shown(build_ledger(issue))
    files["ledger.html"] = render_page(past).encode()
    files["ledger.json"] = view_json(past)
    files["index.html"] = render_page(shown(build_index(issue))).encode()
    files["interactive.html"] = render_interactive(drawn or issue).encode()
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_put(folder / name, body) for name, body in files.items())


def _as_built(view: View) -> View:
    return view


def _style() -> tuple[Markup, str]:
    """The style sheet of all pages, and the only style that their policy allows."""
    text = (TEMPLATES / "style.css").read_text("utf-8")
    return Markup(text), _allowed(text)  # noqa: S704 - our own file


def _allowed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _put(path: Path, body: bytes) -> Path:
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)  # noqa: PTH105 - atomic on the same file system, and said by name
    return path
