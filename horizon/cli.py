"""The `horizon` command: the same stages that the DAGs call, for people who do not want Airflow.

Results go to standard output, messages to standard error. Exit codes: 0 done; 1 done, with failed checks;
2 usage; 3 refused by a rule; 4 unavailable.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from domain.errors import HorizonError, UsageError
from domain.source import SourceCard, known, load_cards
from horizon import clock, listing, parsing, stages
from horizon.commands.alerts import alerts
from horizon.commands.audit import audit
from horizon.commands.backtest import backtest
from horizon.commands.code import code
from horizon.commands.desk import desk
from horizon.commands.detect import detect
from horizon.commands.diff import diff
from horizon.commands.group import group
from horizon.commands.intake import intake
from horizon.commands.keys import describe, keys
from horizon.commands.label import label
from horizon.commands.languages import languages
from horizon.commands.lint import lint
from horizon.commands.roster import roster
from horizon.commands.site import site
from horizon.commands.states import states
from horizon.commands.withdraw import withdraw
from horizon.settings import Settings, load_settings

app = typer.Typer(
    help="Early-warning signals of human-rights crises: collect, load, score, draft, approve, publish.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
told = Console(stderr=True, highlight=False)

AsOf = Annotated[str, typer.Option("--as-of", help="Known at this instant, such as 2024-01-29T00:00Z.")]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", help="Beside English: ar, es, fr, ru or zh. Give it once for each language."),
]
Draft = Annotated[str, typer.Argument(help="An issue and revision, such as 2024-W04/r1.")]


def main() -> None:
    """Run the command; an error of ours is printed in words and sets the exit code."""
    try:
        app()
    except HorizonError as error:
        told.print(str(error), style="bold", markup=False, soft_wrap=True)
        raise SystemExit(error.exit_code) from None


@app.command()
def collect(
    sources: Annotated[list[str] | None, typer.Argument(help="Source ids; all of them when none is given.")] = None,
) -> None:
    """Look at the sources and land what they give."""
    settings = load_settings()
    failed = 0
    for card in _chosen(settings, sources or []):
        try:
            state = stages.collect(card.id, settings)
        except UsageError:
            raise
        except HorizonError as error:
            failed += 1
            state = "failed"
            told.print(f"{card.id}: {error}", markup=False, soft_wrap=True)
        typer.echo(f"{card.id}\t{state}")
    raise typer.Exit(1 if failed else 0)


@app.command()
def load(
    rebuild: Annotated[bool, typer.Option(help="Build the warehouse anew from landing.")] = False,
    as_of: AsOf = "",
) -> None:
    """Parse and load what has landed; fixes the issue's as-of."""
    done = stages.rebuild() if rebuild else stages.load(_instant(as_of))
    typer.echo(
        f"{done.issue}\t{done.as_of.isoformat()}\t{done.payloads} payloads\t{done.reports} reports\t"
        f"{done.observations} observations\t{done.defects} defects"
    )
    for one in done.unreadable:
        told.print(f"{one.source_id}: {one.evidence}", markup=False, soft_wrap=True)
    raise typer.Exit(1 if done.unreadable else 0)


@app.command()
def score(as_of: AsOf = "") -> None:
    """Assess every State on what was known."""
    done = stages.score(as_of=_known_at(as_of))
    words = ", ".join(f"{word} {number}" for word, number in done.printed)
    typer.echo(f"{done.issue}\t{words}\t{done.alarms} series with an alarm")


@app.command()
def draft(as_of: AsOf = "", language: Languages = None) -> None:
    """Render the pages of a scored issue as drafts."""
    _print_drafted(stages.draft(as_of=_known_at(as_of), languages=language or ["en"]))


@app.command()
def run(as_of: AsOf = "") -> None:
    """The whole week: collect, load, score, draft."""
    settings = load_settings()
    failed = 0
    with _step("collect"):
        for card in load_cards(settings.cards):
            try:
                stages.collect(card.id, settings)
            except UsageError:
                raise
            except HorizonError as error:
                failed += 1
                told.print(f"{card.id}: {error}", markup=False, soft_wrap=True)
    with _step("load"):
        loaded = stages.load(_instant(as_of), settings)
    with _step("score"):
        stages.score(as_of=loaded.as_of, settings=settings)
    with _step("draft"):
        drafted = stages.draft(as_of=loaded.as_of, settings=settings)
    _print_drafted(drafted)
    raise typer.Exit(1 if failed else 0)


@app.command()
def approve(
    name: Draft,
    by: Annotated[str, typer.Option(help="The reviewer's own name.")],
    reason: Annotated[str, typer.Option(help="What was read, and why it may leave.")],
    role: Annotated[str, typer.Option(help="The reviewer's role.")] = "analyst",
) -> None:
    """Record a named person's approval of a draft."""
    decision = stages.approve(name, by=by, role=role, reason=reason)
    typer.echo(f"{decision.object_id}\tapproved by {decision.by} ({decision.authentication.value})")


@app.command()
def publish(name: Draft) -> None:
    """Copy an approved draft to var/published; refused without a named approver who is not its author."""
    typer.echo(str(stages.publish(name)))


@app.command()
def sources(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """What is listened to, and how each source stood at its last look."""
    for line in listing.list_sources(load_settings()):
        if as_json:
            typer.echo(json.dumps(line.as_json(), ensure_ascii=False))
        else:
            lag = "" if line.lag_days is None else f"{line.lag_days} days"
            typer.echo(
                f"{line.id:34} {line.kind:12} {line.source_class:19} {line.state:24} {line.last_look:21} "
                f"{line.last_item:11} {lag}".rstrip()
            )


@app.command()
def parse(
    source_id: Annotated[str, typer.Argument(help="The source whose card reads the files.")],
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders with all that is in them.")],
    out: Annotated[Path | None, typer.Option("--out", help="Where to write the items, one JSON object a line.")] = None,
) -> None:
    """See what one card's parser makes of files, each within limits of time and memory."""
    settings = load_settings()
    card = known(load_cards(settings.cards), source_id)
    failed = 0
    for one in parsing.parse_files(settings.cards / f"{card.id}.toml", paths, out=out, collected_at=clock.now()):
        failed += one.failed
        typer.echo(one.line())
    raise typer.Exit(1 if failed else 0)


@app.command()
def doctor() -> None:
    """Say in words what is there, what is missing, and what to do about it."""
    findings = listing.examine(load_settings())
    for finding in findings:
        typer.echo(f"{'ok     ' if finding.fine else 'MISSING'}  {finding.what}")
        if not finding.fine:
            typer.echo(f"         {finding.do}")
    for line in describe(load_settings()):
        typer.echo(f"         {line}")
    raise typer.Exit(0 if all(one.fine for one in findings) else 1)


def _chosen(settings: Settings, wanted: list[str]) -> list[SourceCard]:
    cards = load_cards(settings.cards)
    return [known(cards, one) for one in wanted] if wanted else cards


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"'{text}' is not an instant.",
            why="An instant is written like 2024-01-29T00:00Z.",
            do="Give --as-of in that form.",
        ) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _known_at(text: str) -> datetime:
    return _instant(text) or load_settings().as_of or clock.cut_off()


@contextmanager
def _step(name: str) -> Iterator[None]:
    with told.status(f"{name} …"):
        yield
    told.print(f"[green]✓[/green] {name}")


def _print_drafted(drafted: stages.Drafted) -> None:
    for path in drafted.paths:
        typer.echo(str(path))
    for line in drafted.summary:
        typer.echo(line)
    typer.echo(f"{drafted.real_cards} of {drafted.cards} cards ran on real payloads")
    if drafted.errors:
        told.print(
            f"The wording check found {drafted.errors} errors: see `horizon lint {drafted.issue}`.", markup=False
        )


for command in (states, code, label, languages, group, detect, backtest, audit, desk):
    app.command()(command)


app.command()(lint)
app.command()(diff)
app.command()(site)
app.add_typer(alerts, name="alerts")
app.add_typer(roster, name="roster")
app.add_typer(keys, name="keys")
app.command()(intake)
app.command()(withdraw)

if __name__ == "__main__":
    main()
