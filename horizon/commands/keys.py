"""`horizon keys`: make, change, count and destroy the keys that confidential records are sealed under."""

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from domain.classification import Lens
from domain.errors import Refused, Unavailable, UsageError
from horizon import clock, stages
from horizon.settings import Settings, load_settings
from horizon.withdrawal import require_slot, withdraw
from warehouse.connection import FILES, cipher, encrypt_file
from warehouse.landing import LandedDecision, LandedPayload, LandedSealed, read_records
from warehouse.sealed import MARKER, Vault, find_vault, make_vault, move_vault

OFF = "encryption at rest: off. No key was ever made; confidential records lie as they came. Use an encrypted disk."
By = Annotated[str, typer.Option(help="The person's own name; it stands in the log of the keys.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the log of the keys.")]

keys = typer.Typer(help="Keys of the confidential records: make, rotate, erase, status.", no_args_is_help=True)


@keys.command()
def init(by: By, reason: Reason = "first keys") -> None:
    """Make keys. From then on what lands in the restricted lens is sealed, and the confidential warehouse encrypted."""
    settings = load_settings()
    _require_name(by)
    vault = make_vault(settings.var, settings.keys)
    vault.note(act="init", by=_who(by), words=reason, at=clock.now())
    _encrypt(settings)
    typer.echo(f"keys made in {vault.keys}")
    typer.echo(f"the confidential warehouse: {cipher()}")
    typer.echo("Copy master and slots to two sealed places now, apart from each other and from the backups.", err=True)


@keys.command()
def rotate(by: By, reason: Reason) -> None:
    """Make a new master key; it wraps the data keys anew, and no sealed byte changes. Destroy copies of the old one."""
    settings = load_settings()
    _require_name(by)
    vault = require_vault(settings)
    vault.check()
    vault.rotate()
    vault.note(act="rotate", by=_who(by), words=reason, at=clock.now())
    typer.echo(f"{vault.check().in_use} data keys are under the new master key")
    typer.echo("Copy master and slots to their sealed places, and destroy the copies of the old ones.", err=True)


@keys.command()
def erase(
    of: Annotated[str, typer.Argument(help="The id of a given report, or the hash of a sealed payload.")],
    by: By,
    reason: Reason,
    role: Annotated[str, typer.Option(help="The person's role.")] = "protection officer",
) -> None:
    """Destroy the key of one record, for good, and build the confidential warehouse anew under another key."""
    settings = load_settings()
    _require_name(by)
    vault = require_vault(settings)
    vault.check()
    slot = require_slot(of, settings)
    uses = withdraw(
        of, by=by, role=role, reason=reason, at=clock.now(), user=getpass.getuser(), settings=settings, any_record=True
    )
    vault.note(act="erase begun", by=_who(by), words=f"{of}: {reason}", at=clock.now())
    vault.erase(slot)
    done = stages.rebuild(settings)
    vault.note(act="erase", by=_who(by), words=f"{of}, slot {slot}", at=clock.now())
    for one in uses:
        typer.echo(one.line())
    typer.echo(f"erased\t{of}\tslot {slot}\t{done.reports} reports in the warehouse")
    typer.echo(
        "Backups of slots can still open it: run `horizon keys rotate` and destroy the copies of the old master key. "
        "Draft the issues above again; delete their old drafts.",
        err=True,
    )


@keys.command()
def status() -> None:
    """What is sealed, where the keys lie, what was done to them; exit 4 when a key is lost."""
    settings = load_settings()
    for line in describe(settings):
        typer.echo(line)
    vault = find_vault(settings.var)
    if vault is not None:
        for one in vault.read_log():
            typer.echo(f"{one.at[:19]}\t{one.act}\t{one.by}\t{one.words}")
        vault.check()


@keys.command()
def encrypt() -> None:
    """Encrypt a confidential warehouse file that is from before the keys."""
    settings = load_settings()
    require_vault(settings).check()
    typer.echo("encrypted" if _encrypt(settings) else "nothing to do")


@keys.command()
def move(to: Annotated[Path, typer.Argument(help="The folder where master and slots lie now.")], by: By) -> None:
    """Say that the keys lie in another folder now."""
    settings = load_settings()
    _require_name(by)
    if not (to / "master").is_file() or not (to / "slots").is_file():
        raise UsageError("There are no keys.", why=f"{to} holds no master and slots.", do="Put them there first.")
    require_vault(settings)
    vault = move_vault(settings.var, to)
    vault.check()
    vault.note(act="move", by=_who(by), words=str(to.name), at=clock.now())
    typer.echo(f"keys in {vault.keys}")


def require_vault(settings: Settings) -> Vault:
    """The keys of this var folder, or an error in words."""
    vault = find_vault(settings.var)
    if vault is None:
        raise Unavailable("There are no keys.", why="None were ever made here.", do="Make them: `horizon keys init`.")
    if vault.var != settings.var:
        raise Refused(
            "These keys are those of another var folder.",
            why="This folder lies in it, as a copy for a drill does, and has none of its own.",
            do=f"Put {MARKER} and the keys into this folder, or set HORIZON_VAR to the other one.",
        )
    return vault


def describe(settings: Settings) -> tuple[str, ...]:
    """How confidential records lie here, in lines for a person: also for a page and for `horizon doctor`."""
    vault = find_vault(settings.var)
    if vault is None:
        return (OFF,)
    return tuple(_described(vault, settings))


def _described(vault: Vault, settings: Settings) -> Iterator[str]:
    try:
        kept = vault.check()
    except Unavailable as error:
        yield "encryption at rest: on, and the keys cannot be used"
        yield error.why
        return
    yield "encryption at rest: on"
    yield f"keys: {kept.keys}"
    yield f"data keys: {kept.in_use} in use, {kept.erased} destroyed"
    yield f"confidential warehouse: {cipher()}"
    records = list(read_records(settings.landing, settings.decisions, lens=Lens.RESTRICTED))
    sealed = sum(isinstance(one, LandedPayload | LandedDecision) and one.slot is not None for one in records)
    closed = sum(isinstance(one, LandedSealed) for one in records)
    before = sum(isinstance(one, LandedPayload | LandedDecision) and one.slot is None for one in records)
    yield f"restricted payloads and decisions: {sealed} sealed, {closed} that cannot be read, {before} not sealed"
    acts = [one.act for one in vault.read_log()]
    if acts.count("erase begun") > acts.count("erase"):
        yield "an erasure was broken off after its key was destroyed: run `horizon load --rebuild`"


def _encrypt(settings: Settings) -> bool:
    """The file, and the snapshot that was made of it."""
    done = encrypt_file(settings.var)
    plain = settings.var / "snapshots" / FILES[Lens.RESTRICTED]
    if done and plain.exists():
        encrypt_file(plain.parent)
    return done


def _who(by: str) -> str:
    return f"{by.strip()} ({getpass.getuser()})"


def _require_name(by: str) -> None:
    if not by.strip():
        raise UsageError("A name is missing.", why="Who changes keys is on record.", do="Give --by.")
