"""`horizon withdraw`: everything that used a report, and its withdrawal."""

import getpass
from typing import Annotated

import typer

from horizon import clock
from horizon.settings import load_settings
from horizon.withdrawal import REVISED, list_uses
from horizon.withdrawal import withdraw as record_withdrawal


def withdraw(
    report: Annotated[str, typer.Argument(help="The id of a report: of its rows, or the one it was taken in under.")],
    *,
    only_list: Annotated[bool, typer.Option("--list", help="Only show what used it.")] = False,
    by: Annotated[str, typer.Option(help="The name of the person who decides.")] = "",
    role: Annotated[str, typer.Option(help="That person's role.")] = "protection officer",
    reason: Annotated[str, typer.Option(help="It stays in the record and is printed nowhere.")] = "",
) -> None:
    """List what rests on a report, and withdraw it: no later run uses it, and replays print *withdrawn*."""
    settings = load_settings()
    if only_list:
        for one in list_uses(report, settings):
            typer.echo(one.line())
        return
    uses = record_withdrawal(
        report, by=by, role=role, reason=reason, at=clock.now(), user=getpass.getuser(), settings=settings
    )
    for one in uses:
        typer.echo(one.line())
    typer.echo(f"withdrawn\t{report}\tused {len(uses)} times")
    if any(one.what == "published" for one in uses):
        typer.echo(f"Issue a revision of what was published. It says: {REVISED}", err=True)
    typer.echo("Load, score and draft again: the next run leaves it out.", err=True)
