"""`horizon lint`: the wording check over the pages of an issue, or over texts that people wrote."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from briefs import lint as linter
from domain.errors import UsageError
from domain.window import Week
from horizon.settings import Settings, load_settings


def lint(  # noqa: PLR0917  (a typer command: its options are given by name)
    names: Annotated[
        list[str] | None,
        typer.Argument(help="An issue such as 2024-W04/r1, or files: pages as .json, texts as .txt or .md."),
    ] = None,
    advice: Annotated[bool, typer.Option("--advice", help="Print advice too, which stops nothing.")] = False,
    confidential: Annotated[
        bool, typer.Option("--confidential", help="Read texts as of the confidential edition; else as public.")
    ] = False,
    bureau: Annotated[bool, typer.Option("--bureau", help="Read texts as of the Bureau page.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a finding.")] = False,
    rules: Annotated[
        bool, typer.Option("--rules", help="Print the rules as docs/wording.md, and read nothing.")
    ] = False,
) -> None:
    """Find words and holes that break a rule; exit code 1 when one of them is an error."""
    if rules:
        typer.echo(linter.describe_rules(linter.load_rules()), nl=False)
        return
    settings = load_settings()
    paths = [path for name in names or [_newest(settings)] for path in _files(name, settings)]
    found = linter.lint(
        linter.read_pages(paths, kind="bureau" if bureau else linter.TEXT, confidential=confidential or bureau),
        places=linter.load_names(settings.reference),
    )
    shown = [one for one in found.findings if advice or one.level is linter.LintLevel.ERROR]
    for one in shown:
        typer.echo(json.dumps(asdict(one), ensure_ascii=False) if as_json else _line(one))
    for page, language, left in found.not_run:
        typer.echo(f"{page}: not read in '{language}': {', '.join(left)}", err=True)
    hidden = len(found.findings) - len(shown)
    typer.echo(
        f"{len(found.pages)} pages, {len(found.errors)} errors, {len(found.findings) - len(found.errors)} advice"
        + (" (see them with --advice)" if hidden else ""),
        err=True,
    )
    raise typer.Exit(1 if found.errors else 0)


def _line(one: linter.Finding) -> str:
    head = "\t".join((one.page, one.paragraph, one.rule, one.level.value, one.words))
    return f"{head}\n  {one.what} {one.why}\n  Do: {one.do}"


def _files(name: str, settings: Settings) -> tuple[Path, ...]:
    """The pages of an issue, of its draft or else of what was published; or the one file of that name."""
    if (path := Path(name)).is_file():
        return (path,)
    week, _, revision = name.partition("/")
    if path.suffix or not week[:4].isdecimal():
        raise UsageError(
            f"There is no file {name}.",
            why="It is no issue either.",
            do="Give a file, or an issue such as 2024-W04/r1.",
        )
    Week.parse(week)
    for folder in (settings.drafts / week, settings.published / week):
        found = revision or _last(folder)
        if found and (pages := linter.page_files(folder / found)):
            return pages
    raise UsageError(
        f"There is no page of {name}.", why="No draft and no publication of it is there.", do="Run `horizon draft`."
    )


def _newest(settings: Settings) -> str:
    weeks = sorted(path.name for path in settings.drafts.glob("*-W??")) if settings.drafts.is_dir() else []
    if not weeks:
        raise UsageError("There is no draft yet.", why="Nothing was drafted in this lens.", do="Run `horizon draft`.")
    return weeks[-1]


def _last(folder: Path) -> str:
    """The newest revision in a folder, by number; empty when there is none."""
    numbers = [int(path.name[1:]) for path in folder.glob("r*") if path.name[1:].isdecimal()]
    return f"r{max(numbers)}" if numbers else ""
