"""`horizon alerts`: what was drafted, who was told, what came of it; and sending, which is a dry run unless asked."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from alerts.outbox import Seen, State
from alerts.recipients import load_recipients
from alerts.wording import LANGUAGES
from domain.errors import UsageError
from horizon import alerting, clock
from horizon.output import written
from horizon.settings import load_settings

alerts = typer.Typer(help="Alerts to roster managers: draft, read, approve, send, acknowledge.", add_completion=False)

Name = Annotated[str, typer.Argument(help="A notice, such as HS-ALERT-2026-1f3a09c2.1.")]
By = Annotated[str, typer.Option(help="Your own name.")]
Role = Annotated[str, typer.Option(help="Your role; roles are printed in the notice, names never.")]


@alerts.callback(invoke_without_command=True)
def overview(
    context: typer.Context,
    open_only: Annotated[bool, typer.Option("--open", help="Only what is not settled.")] = False,
) -> None:
    """Show drafts that wait for an approver, and the state of each message to each person."""
    if context.invoked_subcommand is not None:
        return
    drafts, seen = alerting.show(load_settings())
    for notice in drafts:
        names = f"{notice.people} {'person' if notice.people == 1 else 'people'}"
        typer.echo(
            f"{notice.notice_id}\tdraft\t{notice.move.value}\t{notice.place}\t{notice.level.value}\tneeds {names}"
        )
    for one in seen:
        if not (open_only and one.message.state in {State.ACCEPTED, State.COMBINED} and one.acknowledged_at):
            typer.echo(_line(one))
    if not drafts and not seen:
        typer.echo("No notice was drafted and no message queued.", err=True)


@alerts.command()
def draft(as_of: Annotated[str, typer.Option("--as-of", help="Known at this instant.")] = "") -> None:
    """Draft notices from the run of an issue. Nobody is told before people approve them."""
    settings = load_settings()
    for notice in alerting.draft_alerts(as_of=_instant(as_of) or settings.as_of or clock.cut_off(), settings=settings):
        rules = ", ".join(one.value for one in notice.rules)
        typer.echo(f"{notice.notice_id}\t{notice.move.value}\t{notice.place}\t{notice.level.value}\t{rules}")


@alerts.command()
def read(
    name: Name,
    language: Annotated[str, typer.Option(help=f"One of {', '.join(LANGUAGES)}.")] = "en",
) -> None:
    """Print a notice as its readers would see it."""
    _check_language(language)
    typer.echo(alerting.read_draft(name, settings=load_settings(), language=language).plain())


@alerts.command()
def approve(
    name: Name,
    by: By,
    reason: Annotated[str, typer.Option(help="What was read, and why it may leave.")],
    role: Role = "duty officer",
) -> None:
    """Approve a notice under your own name; the last approval that it needs queues it."""
    notice, missing = alerting.approve(name, by=by, role=role, reason=reason, settings=load_settings())
    what = f"{missing} more needed" if missing else "queued; `horizon alerts send --for-real` sends it"
    typer.echo(f"{notice.notice_id}\tapproved\t{what}")


@alerts.command()
def withdraw(
    name: Name, by: By, reason: Annotated[str, typer.Option(help="Why.")], role: Role = "duty officer"
) -> None:
    """Take an approval back: what did not leave yet is stopped."""
    notice = alerting.withdraw(name, by=by, role=role, reason=reason, settings=load_settings())
    typer.echo(f"{notice.notice_id}\tapproval taken back")


@alerts.command()
def send(
    for_real: Annotated[bool, typer.Option("--for-real", help="Send; without it nothing leaves.")] = False,
) -> None:
    """Send what is due. A dry run unless --for-real is given."""
    settings = load_settings()
    done = alerting.send(settings=settings, for_real=for_real)
    if done.dry_run:
        _, seen = alerting.show(settings)
        for one in seen:
            if one.message.state in {State.QUEUED, State.WAITING}:
                typer.echo(_line(one))
        typer.echo(f"Dry run: {done.due} messages are due, nothing was sent. Send with --for-real.", err=True)
        return
    result = done.report.line() if done.report else ""
    typer.echo(f"{result}\t{done.digests} digests\t{done.escalated} escalations\t{done.stopped} stopped")
    _, seen = alerting.show(settings)
    dead = [one for one in seen if one.message.state in {State.DEAD, State.UNKNOWN}]
    for one in dead:
        typer.echo(_line(one))
    raise typer.Exit(1 if dead else 0)


@alerts.command()
def dead() -> None:
    """Dead letters and messages that may not have arrived, each with the reason and what to do."""
    _, seen = alerting.show(load_settings())
    found = [one for one in seen if one.message.state in {State.DEAD, State.UNKNOWN}]
    if not found:
        typer.echo("Nothing needs a person.", err=True)
    for one in found:
        typer.echo(f"{_line(one)}\n\thorizon alerts again {one.message.key}")


@alerts.command()
def again(key: Annotated[str, typer.Argument(help="The message's key, as `horizon alerts dead` shows it.")]) -> None:
    """Try a dead or unknown letter once more, because you know that it did not arrive."""
    if not alerting.send_again(key, settings=load_settings()):
        raise UsageError(
            "There is no such dead letter.", why="The key names none.", do="See `horizon alerts dead` for the keys."
        )
    typer.echo(f"{key}\tqueued")


@alerts.command()
def acknowledge(
    link: Annotated[str, typer.Argument(help="The link of the notice.")] = "",
    reply: Annotated[Path | None, typer.Option(help="A reply as a mail file, .eml.")] = None,
) -> None:
    """Note that a notice was read, by its link or by a reply to it."""
    settings = load_settings()
    if bool(link) == (reply is not None):
        raise UsageError("One of the two is needed.", why="A link, or --reply with a file.", do="Give one of them.")
    try:
        key = (
            alerting.acknowledge_reply(reply.read_bytes(), settings=settings)
            if reply is not None
            else alerting.acknowledge(link, settings=settings)
        )
    except OSError as error:
        raise UsageError(
            "The reply cannot be read.", why=str(error.strerror), do="Give a file that is there."
        ) from error
    typer.echo(f"{key}\tacknowledged")


@alerts.command()
def cap(
    name: Name,
    out: Annotated[Path, typer.Option("--out", help="Where to write the XML.")],
    language: Annotated[str, typer.Option(help=f"One of {', '.join(LANGUAGES)}.")] = "en",
) -> None:
    """Write a notice as CAP 1.2; a draft, or a notice of a replayed week, has the status Exercise."""
    _check_language(language)
    body = alerting.cap_of(name, settings=load_settings(), language=language)
    with written(out) as target:
        target.write(body)
    typer.echo(str(out))


@alerts.command()
def check() -> None:
    """Check var/alerts: recipients, channels and key. Nothing of what stands in them is printed."""
    settings = load_settings()
    config = alerting.load_config(settings)
    recipients = load_recipients(settings.var / "alerts" / "recipients.toml")
    if not recipients:
        typer.echo(
            f"nobody is told: write {settings.var / 'alerts' / 'recipients.toml'}, docs/alerts.md has an example"
        )
    typer.echo(f"{len(recipients)} recipients, {sum(one.technical for one in recipients)} of them operators")
    typer.echo("mail server set" if config.mail else "no mail server: mail will wait")
    typer.echo("links lead to the desk" if config.sender.base else "no links: set links.base to the desk's address")
    unknown = sorted(set(config.duty) - {one.id for one in recipients})
    if unknown or not config.duty:
        typer.echo("duty officers: " + (f"{len(unknown)} have no entry" if unknown else "none named"))
    typer.echo("dry run unless asked" if config.dry_run else "the DAG sends for real")
    files = [settings.var / "alerts" / name for name in ("recipients.toml", "channels.toml")]
    exposed = [path.name for path in files if path.is_file() and path.stat().st_mode & 0o077]
    for name in exposed:
        typer.echo(f"{name} can be read by others on this machine: chmod 600")
    raise typer.Exit(0 if recipients and not unknown and not exposed else 1)


def _line(one: Seen) -> str:
    message = one.message
    reference = message.object_id.removeprefix("alert/")
    words = [message.told] if message.told else []
    if message.unknowns and message.state is not State.UNKNOWN:
        words.append(f"{message.unknowns} earlier {'try' if message.unknowns == 1 else 'tries'} unknown")
    if one.acknowledged_at:
        words.append(f"acknowledged {one.acknowledged_at:%Y-%m-%d %H:%M} UTC")
    due = f"due {message.due_at:%Y-%m-%d %H:%M} UTC" if message.state in {State.QUEUED, State.WAITING} else ""
    return "\t".join(
        [reference, message.recipient, message.channel.value, message.state.value, f"{message.attempts} tries", due,
         "; ".join(words)]
    ).rstrip()  # fmt: skip


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise UsageError(
            f"'{language}' is not one of the six languages.",
            why="Notices are worded in those alone.",
            do=f"Give one of {', '.join(LANGUAGES)}.",
        )


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"'{text}' is not an instant.", why="It is written like 2024-01-29T00:00Z.", do="Give it in that form."
        ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
