"""`horizon intake`: take in a report that people gave us, from a form, an e-mail file, CSV or XLSX."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import UsageError
from domain.state import load_gazetteer
from horizon import clock
from horizon.commands.keys import OFF
from horizon.parsing import read_upload
from horizon.settings import load_settings
from review.intake import Sort, check_rows, take_in
from review.ledger import Hand, Ledger
from warehouse.sealed import find_vault

ASKED = "For a form or an e-mail; a table has its own column."


def intake(
    file: Annotated[Path, typer.Argument(help="Text in UTF-8, .eml, CSV or XLSX.")],
    kind: Annotated[str, typer.Option(help=", ".join(Sort))],
    by: Annotated[str, typer.Option(help="The name of the person who takes it in; never the sender's.")],
    *,
    role: Annotated[str, typer.Option(help="That person's role.")] = "analyst",
    title: Annotated[str, typer.Option(help=f"{ASKED} An e-mail's subject stands for it.")] = "",
    place: Annotated[str, typer.Option(help=f"The State or territory. {ASKED}")] = "",
    first_level: Annotated[str, typer.Option(help="The province, if the report says it.")] = "",
    occurred_on: Annotated[str, typer.Option(help="The day of the event, YYYY-MM-DD.")] = "",
    source_class: Annotated[str, typer.Option(help=f"Who gives it: nhri, civil_society … {ASKED}")] = "",
    classification: Annotated[str, typer.Option(help=ASKED)] = "",
    sharing: Annotated[str, typer.Option(help=f"The source's wish (TLP). {ASKED}")] = "",
    consent: Annotated[str, typer.Option(help=f"What the person concerned agreed to. {ASKED}")] = "",
    consent_until: Annotated[str, typer.Option(help=f"The last day of that, YYYY-MM-DD. {ASKED}")] = "",
) -> None:
    """Take in one report, or every row of a table: all of them, or none. Nothing of the sender is kept."""
    if kind not in set(Sort):
        raise UsageError(f"'{kind}' is no kind.", why="It says how to read it.", do=f"Give --kind: {', '.join(Sort)}.")
    settings = load_settings()
    said = {
        "title": title,
        "place": place,
        "first_level": first_level,
        "occurred_on": occurred_on,
        "source_class": source_class,
        "classification": classification,
        "sharing": sharing,
        "consent": consent,
        "consent_until": consent_until,
    }
    at = clock.now()
    try:
        with file.open("rb") as stream:
            read = read_upload(file.name, stream, said, Sort(kind))
    except OSError as error:
        raise UsageError("The file cannot be read.", why=f"{error.strerror}.", do="Check the path.") from None
    given = check_rows(read.rows, gazetteer=load_gazetteer(settings.reference), today=at.date())
    hand = Hand(by=by, role=role, operating_system_user=getpass.getuser())
    taken = take_in(given, hand=hand, at=at, ledger=Ledger(settings.decisions.parent))
    for report_id in taken.new:
        typer.echo(f"taken in\t{report_id}")
    if taken.known:
        typer.echo(f"here already: {taken.known}", err=True)
    for one in read.left_out:
        typer.echo(f"left out: {one}", err=True)
    if find_vault(settings.var) is None:
        typer.echo(OFF, err=True)
    typer.echo("The next `horizon load` reads it.", err=True)
