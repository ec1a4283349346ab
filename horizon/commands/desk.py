"""`horizon desk` serves the web desk on this machine; `horizon desk add-user` opens an account, password asked for.

What serves pages is imported by the functions that need it: other commands start without it.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.classification import Lens
from domain.errors import Unavailable, UsageError
from domain.options import load_options
from domain.source import load_cards
from domain.state import RegionScheme, load_gazetteer
from horizon import clock, stages
from horizon.commands.keys import OFF
from horizon.parsing import read_upload
from horizon.settings import Settings, credential, load_settings
from review.rights import ALL_REGIONS, Person, Role
from scoring.method import load_triggers
from warehouse.sealed import find_vault

if TYPE_CHECKING:
    from review.office import Note, Office, Press
    from review.openid import OpenId

PORT = 8090
# Rules of whole pages say nothing of one field that a person is typing.
OF_PAGES = frozenset(
    {"alphabet", "bureau_length", "points", "headline", "missing_note", "empty_chart", "empty_section"}
)


def desk(
    action: Annotated[str, typer.Argument(help="Nothing to serve; add-user to open an account.")] = "serve",
    account: Annotated[str, typer.Argument(help="The sign-in name of a new account.")] = "",
    *,
    name: Annotated[str, typer.Option(help="The person's name, as it stands under decisions.")] = "",
    role: Annotated[str, typer.Option(help="; ".join(one.value for one in Role))] = "",
    regions: Annotated[list[str] | None, typer.Option("--region", help="A field region's code, or all.")] = None,
    nationality: Annotated[str, typer.Option(help="A State's code: nobody decides on their own State.")] = "",
    hosts: Annotated[list[str] | None, typer.Option("--host", help="A name that a proxy before it answers to.")] = None,
    port: Annotated[int, typer.Option(help="On 127.0.0.1 alone.", min=1, max=65535)] = PORT,
) -> None:
    """Serve the desk where analysts work and people decide."""
    settings = load_settings()
    if action == "add-user":
        add_user(settings, account, name=name, role=role, regions=regions or [], nationality=nationality)
        return
    if action != "serve":
        raise UsageError(f"'{action}' is no action.", why="There is one, add-user.", do="Leave it out to serve.")
    import uvicorn  # noqa: PLC0415

    from review.desk import build  # noqa: PLC0415

    office = open_office(settings, hosts=hosts or ())
    if find_vault(settings.var) is None:
        typer.echo(OFF, err=True)
    if not office.accounts.all():
        typer.echo("There is no account yet. Do: horizon desk add-user NAME --name … --role … --region …", err=True)
    with contextlib.suppress(Unavailable):
        office.shelf.newest()  # read before the first person asks for it, and the decisions with it
    office.overlay()
    typer.echo(f"http://127.0.0.1:{port} · Ctrl-C stops", err=True)
    uvicorn.run(build(office), host="127.0.0.1", port=port, log_level="warning", server_header=False)


def open_office(settings: Settings, *, hosts: Sequence[str] = ()) -> "Office":
    """The stores of the desk under these settings."""
    from horizon.standby import make_standby  # noqa: PLC0415
    from review.accounts import Accounts  # noqa: PLC0415
    from review.ledger import Ledger  # noqa: PLC0415
    from review.office import Office  # noqa: PLC0415
    from review.snapshot import Shelf  # noqa: PLC0415

    gazetteer = load_gazetteer(settings.reference)
    cards = {card.id: card for card in load_cards(settings.cards) if settings.sees(card.lens)}
    folder = settings.var / "review"
    return Office(
        shelf=Shelf(settings.var / "snapshots", settings.lens, gazetteer=gazetteer, cards=cards),
        ledger=Ledger(folder),
        accounts=Accounts(folder / "desk.sqlite"),
        drafts=settings.drafts,
        published=settings.published,
        lens=settings.lens,
        now=clock.now,
        publish=lambda issue: stages.publish(issue, settings),
        preview=lambda issue, situation, form: stages.preview(issue, situation, form, settings=settings),
        public=_public_press(settings),
        read_upload=read_upload,
        classes={card.id: card.name for card in load_triggers()},
        options=load_options(settings.reference / "options.toml"),
        lint=lambda text: read_with_rules(text, settings.reference),
        openid=_provider(),
        hosts=("127.0.0.1", "localhost", *hosts),
        standby=make_standby(settings) if settings.lens is Lens.RESTRICTED else None,
    )


def add_user(
    settings: Settings, account: str, *, name: str, role: str, regions: Sequence[str], nationality: str
) -> None:
    """Open one account; the password is asked for twice and shown nowhere."""
    from review.accounts import Accounts  # noqa: PLC0415

    if role not in set(Role):
        raise UsageError(f"'{role}' is no role.", why="Rights belong to roles.", do=f"Give --role: {', '.join(Role)}.")
    gazetteer = load_gazetteer(settings.reference)
    known = {region.code for region in gazetteer.region_codes(RegionScheme.FIELD_REGIONS)}
    wanted = {ALL_REGIONS if one == "all" else one.upper() for one in regions}
    if unknown := sorted(wanted - known - {ALL_REGIONS}):
        raise UsageError(
            f"There is no field region {', '.join(unknown)}.",
            why="People see the regions of their own desk.",
            do=f"Give --region: all, {', '.join(sorted(known))}.",
        )
    if nationality and nationality not in {place.code for place in gazetteer.places}:
        raise UsageError(f"'{nationality}' is no place's code.", why="It has three letters.", do="See horizon states.")
    person = Person(
        account=account.casefold(),
        name=name,
        role=Role(role),
        regions=frozenset(wanted),
        nationality=nationality,
    )
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    accounts = Accounts(settings.var / "review" / "desk.sqlite")
    accounts.add(person, password=password, at=clock.now())
    accounts.close()
    typer.echo(f"{person.account}\t{person.name}\t{person.role.value}\t{' '.join(sorted(wanted)) or 'no region'}")


def read_with_rules(text: str, reference: Path) -> "tuple[Note, ...]":
    """What the rules of wording say of one text that a person wrote."""
    from briefs.lint import lint, load_names, load_rules, read_text  # noqa: PLC0415
    from review.office import Note  # noqa: PLC0415

    page = read_text("text", text, confidential=True)
    linted = lint([page], rules=load_rules(), places=load_names(reference))
    return tuple(
        Note(excerpt=one.words, words=f"{one.what} {one.do}") for one in linted.findings if one.rule not in OF_PAGES
    )


def _provider() -> "OpenId | None":
    """The sign-in of an office, where the environment names one."""
    from review.openid import OpenId, Provider  # noqa: PLC0415

    issuer, client, secret = (credential(f"DESK_OIDC_{name}") for name in ("ISSUER", "CLIENT", "SECRET"))
    if not issuer:
        return None
    if not client or not secret:
        raise UsageError(
            "The office's sign-in is set by half.",
            why="DESK_OIDC_ISSUER is set, DESK_OIDC_CLIENT or DESK_OIDC_SECRET is not.",
            do="Set all three, or none.",
        )
    return OpenId(Provider(issuer=issuer, client=client, secret=secret))


def _public_press(settings: Settings) -> "Press":
    """The way of public editions: their own drafts, of a run on public rows alone, and their own folder."""
    from review.office import Press  # noqa: PLC0415

    public = replace(settings, lens=Lens.PUBLIC)
    return Press(drafts=public.drafts, published=public.published, publish=lambda issue: stages.publish(issue, public))
