"""`horizon diff`: what changed between two issues, paragraph by paragraph, and why."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from briefs.diff import EXPLAINED, Cause, IssueDiff, ParagraphChange, compare
from domain.errors import UsageError
from domain.state import load_gazetteer
from domain.window import Week
from horizon.settings import Settings, load_settings
from warehouse.connection import FILES, open_store
from warehouse.outcome import Run, read

SHOWN = 8


def diff(
    before: Annotated[str, typer.Argument(help="The earlier issue, such as 2024-W03 or 2024-W03/r1.")],
    after: Annotated[str, typer.Argument(help="The later issue.")],
    as_json: Annotated[bool, typer.Option("--json", help="The whole difference as one JSON object.")] = False,
    whole: Annotated[bool, typer.Option("--all", help="Every row and paragraph, not the first of each kind.")] = False,
) -> None:
    """Say what changed between two issues: new events, late reports, corrections, method."""
    settings = load_settings()
    found = difference(before, after, settings)
    if as_json:
        typer.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2, default=str))
        return
    _tell(found, settings, whole=whole)


def difference(before: str, after: str, settings: Settings) -> IssueDiff:
    """The rows of both issues from the store of this lens, and their pages where they were drafted or published."""
    (first, first_revision), (second, second_revision) = (_named(one, settings) for one in (before, after))
    runs = _runs(settings, first, second)
    if runs[0].as_of > runs[1].as_of:
        raise UsageError(
            f"{first} was known later than {second}.",
            why="A difference is told from the earlier issue to the later one.",
            do=f"Run `horizon diff {after} {before}`.",
        )
    return compare(
        *runs,
        names={place.code: place.name for place in load_gazetteer(settings.reference).places},
        pages_before=_pages(settings, first, first_revision),
        pages_after=_pages(settings, second, second_revision),
        revisions=(first_revision, second_revision),
    )


def _named(name: str, settings: Settings) -> tuple[str, str]:
    """Week and revision; without one the newest of this lens, and empty when there is no page of it."""
    week, _, revision = name.partition("/")
    Week.parse(week)
    there = {
        path.name
        for folder in (settings.drafts, settings.published)
        if (folder / week).is_dir()
        for path in (folder / week).glob("r*")
    }
    if revision and revision not in there:
        raise UsageError(
            f"There is no issue {name}.",
            why="No draft and no publication has that revision in this lens.",
            do=f"Give one of: {', '.join(sorted(there)) or 'none is there'}.",
        )
    return week, revision or max(there, key=lambda one: (len(one), one), default="")


def _runs(settings: Settings, *weeks: str) -> tuple[Run, Run]:
    if not (settings.var / FILES[settings.lens]).exists():
        raise UsageError(
            f"There is no issue {weeks[0]}.", why="There is no warehouse yet.", do="Run `horizon run` first."
        )
    with open_store(settings.var, settings.lens) as store:
        known = sorted(store.known("out_issues", "issue"))
        for week in weeks:
            if week not in known:
                raise UsageError(
                    f"There is no issue {week}.",
                    why="It was not scored in this lens.",
                    do=f"Give two of: {', '.join(known) or 'none was scored yet'}.",
                )
        return read(store, weeks[0]), read(store, weeks[1])


def _pages(settings: Settings, week: str, revision: str) -> Mapping[str, Mapping[str, Any]]:
    """Pages by name: what was published, or else the draft."""
    for folder in (settings.published / week / revision, settings.drafts / week / revision):
        if revision and folder.is_dir():
            return {
                path.stem: page
                for path in sorted(folder.glob("*.json"))
                if "masthead" in (page := _object(path))
                and page.get("language", "en") == "en"  # the same page in another language says nothing more
                and not path.stem.endswith("-evidence")
            }
    return {}


def _object(path: Path) -> dict[str, Any]:
    held = json.loads(path.read_text("utf-8"))
    return held if isinstance(held, dict) else {}


def _plain(found: IssueDiff) -> dict[str, Any]:
    return asdict(found) | {
        "same_version": found.same_version,
        "counts": {cause.value: count for cause, count in found.counts},
    }


def _tell(found: IssueDiff, settings: Settings, *, whole: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    names = {place.code: place.name for place in load_gazetteer(settings.reference).places}
    console.print(f"[bold]{found.before.issue} → {found.after.issue}[/bold]")
    for head in (found.before, found.after):
        pages = f"pages of {head.revision}" if head.revision else "no pages"
        console.print(
            f"{head.issue}: as known on {head.as_of:%Y-%m-%d %H:%M} UTC, method {head.method_version}, "
            f"code {head.code_version}, {pages}"
        )
    if not found.same_version:
        console.print(
            "Method or code differ between the two: a part of any change below may come from that, and what no row "
            "explains is called method."
        )
    table = Table(title="Rows that differ", title_justify="left", box=None, pad_edge=False)
    for column in ("cause", "rows", "meaning"):
        table.add_column(column, justify="right" if column == "rows" else "left")
    for cause, count in found.counts:
        table.add_row(cause.value, str(count), EXPLAINED[cause])
    console.print(table)
    for cause in Cause:
        rows = [one for one in found.rows if one.cause is cause]
        if rows:
            console.print(f"\n[bold]{cause.value.capitalize()}[/bold]")
        for one in rows if whole else rows[:SHOWN]:
            console.print(f"  {escape(names.get(one.place, one.place))}: {escape(one.text)}")
        _more(console, len(rows), whole=whole)
    console.print("\n[bold]Places[/bold]" if found.places else "\nNo place changed its level, word or triggers.")
    for place in found.places:
        causes = ", ".join(f"{cause.value} {count}" for cause, count in place.causes)
        console.print(f"  {escape(place.name)}: {escape(place.before)} → {escape(place.after)} [dim]({causes})[/dim]")
    if not found.before.revision or not found.after.revision:
        console.print("\nNo page of one of them is there, so no paragraph is compared.")
        return
    console.print("\n[bold]Paragraphs[/bold]" if found.paragraphs else "\nNo paragraph differs.")
    for page in sorted({one.page for one in found.paragraphs}):
        said = [one for one in found.paragraphs if one.page == page]
        console.print(f"  [bold]{escape(page)}[/bold]")
        for paragraph in said if whole else said[:SHOWN]:
            _paragraph(console, paragraph)
        _more(console, len(said), whole=whole)


def _paragraph(console: Console, one: ParagraphChange) -> None:
    numbers = " → ".join(number or "none" for number in (one.before, one.after)) if one.before or one.after else ""
    causes = ", ".join(cause.value for cause in one.causes)
    console.print(f"    {escape(one.about)}{f', paragraph {numbers}' if numbers else ''} [dim]({causes})[/dim]")
    for said in one.removed:
        console.print(f"      [red]- {escape(said)}[/red]")
    for said in one.added:
        console.print(f"      [green]+ {escape(said)}[/green]")


def _more(console: Console, count: int, *, whole: bool) -> None:
    if not whole and count > SHOWN:
        console.print(f"    … and {count - SHOWN} more; see them with --all", style="dim")
