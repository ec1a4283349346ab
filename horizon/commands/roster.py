"""`horizon roster`: people who can be sent, requests, the best team with its reasons, and what became of it."""

import json
import os
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from alerts.matching import Match, Team, load_weights, match_team
from alerts.person import Person
from alerts.request import Category, Composition, Request, Stage, load_request
from alerts.roster import Purpose, Roster, Step
from alerts.sheets import Checked, check_table, read_table, write_csv, write_xlsx
from domain.errors import UsageError
from domain.state import load_gazetteer
from horizon import alerting, clock
from horizon.asked import keep_request
from horizon.output import written
from horizon.settings import Settings, load_settings

roster = typer.Typer(
    help="The roster: import, check, match, log. Every look is logged.", no_args_is_help=True, add_completion=False
)

By = Annotated[str, typer.Option(help="Your own name; every look is logged.")]
Why = Annotated[str, typer.Option(help="What for.")]
Out = Annotated[Path, typer.Option("--out", help="A file that ends in .csv or .xlsx.")]

REQUEST = """# A request comes from an entity. Nothing is searched before every line stands.
kind = "deployment"          # or "good offices": recorded, never matched
entity = ""                  # requesting entity
contact = ""                 # its contact
legal_basis = ""             # resolution, OHCHR request, invitation of the State
purpose = ""                 # purpose and terms of reference
consent_of_state = ""        # given on …, or why it is not needed
visas_and_entry = ""
security = ""                # level, and who owns the clearance
duty_of_care = ""            # insurance, medical and psychosocial support
contract = ""                # contract or loan, and who pays
independence = ""
data_terms = ""
balance = ""                 # aim of gender and regional balance
duty_station = ""
places = []                  # codes of the State concerned, ["XXX"]: no nationals, no residents
start = ""                   # 2026-04-01
end = ""
latest_decision = ""
answer_due = ""
remote_share = 0             # per cent
wanted_skills = []           # somebody of the team should have each
wanted_languages = []        # ["ar:B2"]
clearances = []              # everybody must hold, to the last day
vaccinations = []
visa_needed = false
rest_days = 14
alert = ""                   # HS-ALERT-…, when one led to the request

[[profiles]]                 # one block for each kind of seat
name = "investigation"
count = 2
skills = ["investigation"]
languages = ["en:B2"]
"""


@roster.command()
def template(
    out: Out,
    request: Annotated[bool, typer.Option("--request", help="A request in TOML instead of a table of people.")] = False,
) -> None:
    """Write an empty table of people, or an empty request."""
    body = REQUEST.encode() if request else _table(out, ())
    with written(out) as target:
        target.write(body)
    typer.echo(str(out))


@roster.command()
def check(
    table: Annotated[Path | None, typer.Argument(help="A table to check; without one the roster itself.")] = None,
) -> None:
    """Check a table: each fault by row and column, never by what stands there. Or the roster's own records."""
    settings = load_settings()
    if table is not None:
        found = _checked(table, settings)
        _tell_faults(found)
        typer.echo(f"{len(found.people)} people, {_faults(found)}")
        raise typer.Exit(1 if found.faults else 0)
    with open_roster(settings) as held:
        accesses = held.accesses()
        late = held.overdue(clock.now().date())
    typer.echo(f"{late} records are past the day that they may be kept; `horizon roster erase --overdue` erases them")
    typer.echo(f"the access log is whole: {len(accesses)} looks")
    raise typer.Exit(1 if late else 0)


@roster.command("import")
def import_(table: Annotated[Path, typer.Argument(help="A CSV or XLSX file, filled in.")], by: By) -> None:
    """Take a table in, all or nothing. A person who is there already is replaced."""
    settings = load_settings()
    found = _checked(table, settings)
    if found.faults:
        _tell_faults(found)
        raise UsageError(
            f"{table.name} was not imported.",
            why=f"It has {_faults(found)}; nobody of it was taken.",
            do="Correct the rows and columns named above.",
        )
    with open_roster(settings) as held:
        new, replaced = held.keep(found.people, _purpose(by, "import"))
    typer.echo(f"{new} new, {replaced} replaced. Now destroy the table: it is not encrypted.")


@roster.command()
def export(out: Out, by: By, why: Why) -> None:
    """Write the whole roster as a table, readable by you alone. It is not encrypted: destroy it after use."""
    with open_roster(load_settings()) as held:
        people = held.export(_purpose(by, why))
    body = _table(out, people)
    before = os.umask(0o077)
    try:
        with written(out) as target:
            target.write(body)
    finally:
        os.umask(before)
    typer.echo(f"{len(people)} people")


@roster.command()
def request(path: Annotated[Path, typer.Argument(help="A request in TOML.")], by: By) -> None:
    """Register an entity's request; refused, with what is missing, while it is not whole."""
    settings = load_settings()
    asked = load_request(path)
    with open_roster(settings) as held:
        register(held, asked, by=by, settings=settings)
    typer.echo(f"{asked.id}\t{asked.kind.value}\tregistered")


@roster.command()
def match(
    path: Annotated[Path, typer.Argument(help="A registered request in TOML.")],
    by: By,
    *,
    names: Annotated[bool, typer.Option("--names", help="Print names beside numbers; each is logged.")] = False,
    why_not: Annotated[str, typer.Option("--why-not", help="Why this number was not chosen.")] = "",
    silent: Annotated[
        int | None, typer.Option(min=1, help="Leave out who was asked so many hours ago and has not answered.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """The best team and three others with their reasons, or what is missing. It proposes; the entity selects.

    Run again after answers came in, it keeps who accepted and leaves out who declined.
    """
    settings = load_settings()
    asked = load_request(path)
    with open_roster(settings) as held:
        wait = timedelta(hours=silent) if silent else None
        found, best = match_request(held, asked, by=by, include=why_not, wait=wait)
        called = {}
        if names and found.teams:
            numbers = sorted({one for team in found.teams for one in team.numbers})
            called = {one: held.person(one, _purpose(by, "names of proposed teams", asked.id)).name for one in numbers}
    if as_json:
        typer.echo(json.dumps(as_values(found), ensure_ascii=False))
    elif why_not:
        typer.echo(explain(found, best, why_not))
    else:
        for line in tell(found, called):
            typer.echo(line)
    raise typer.Exit(0 if found.teams else 1)


@roster.command()
def log(
    request: Annotated[str, typer.Argument(help="A request's id; all of them when none is given.")] = "",
    by: By = "",
    number: Annotated[str, typer.Option(help="Whose step to note.")] = "",
    step: Annotated[Step | None, typer.Option(help="The step to note.")] = None,
    stage: Annotated[Stage | None, typer.Option(help="Bring the request to this stage.")] = None,
) -> None:
    """The deployment log: steps, hours from alert to deployment. With --number and --step, note one."""
    with open_roster(load_settings()) as held:
        if step is not None:
            held.note(request, number, step, _purpose(by, "deployment log", request))
        if stage is not None:
            held.move(request, stage, _purpose(by, "stage", request))
        courses = [one for one in held.courses() if request in {"", one.request}]
        if not courses:
            typer.echo("No request is registered. `horizon roster template --request` begins one.", err=True)
        for one in courses:
            hours = "not deployed" if one.hours_to_deploy is None else f"{one.hours_to_deploy:.1f} h to deployment"
            typer.echo(
                f"{one.request}\t{one.stage.value}\tasked {one.asked}, accepted {one.accepted}, declined "
                f"{one.declined}, deployed {one.deployed}, back {one.back}\t{hours}"
            )


@roster.command()
def mission(
    path: Annotated[Path, typer.Argument(help="The President's decision on a good-offices mission, in TOML.")], by: By
) -> None:
    """Record a good-offices mission as it was decided, with the State's consent. Nobody is matched or ranked."""
    decided = read_mission(path)
    with open_roster(load_settings()) as held:
        held.record_mission(decided, _purpose(by, "good offices", decided.request))
    typer.echo(f"{decided.request}\t{len(decided.members)} members recorded as decided")


@roster.command()
def erase(
    by: By,
    why: Why,
    number: Annotated[str, typer.Argument(help="Whose record to erase.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Every record past its day.")] = False,
) -> None:
    """Destroy the keys of records: nobody can read them again, from no backup. Counts stay."""
    if bool(number) == overdue:
        raise UsageError("One of the two is needed.", why="A number, or --overdue.", do="Give one of them.")
    with open_roster(load_settings()) as held:
        if overdue:
            typer.echo(f"{held.erase_overdue(clock.now().date(), _purpose(by, why))} erased")
        else:
            held.erase(number, _purpose(by, why))
            typer.echo("1 erased")


@roster.command()
def rotate(by: By) -> None:
    """Change the roster's key; no record changes. Seal a copy of var/keys afterwards."""
    with open_roster(load_settings()) as held:
        held.rotate(_purpose(by, "key change"))
    typer.echo("The key was changed. Seal a copy of var/keys, and destroy older copies.")


@roster.command()
def access() -> None:
    """Who looked, when and what for."""
    with open_roster(load_settings()) as held:
        looks = held.accesses()
        if not looks:
            typer.echo("Nobody has looked into this roster yet.", err=True)
        for one in looks:
            typer.echo(f"{one.at:%Y-%m-%d %H:%M} UTC\t{one.by}\t{one.why}\t{one.request}\t{one.people}")


@roster.command()
def statistics() -> None:
    """Steps by year, gender and regional group; what is below three is not told exactly."""
    with open_roster(load_settings()) as held:
        rows = held.statistics()
        if not rows:
            typer.echo("Nothing is counted yet: nobody was asked.", err=True)
        for row in rows:
            typer.echo("\t".join(row))


def erase_overdue(settings: Settings) -> int:
    """The retention timer: every record past its day is erased. A machine without a roster gets none by it."""
    if not (settings.var / "roster" / "roster.sqlite").is_file():
        return 0
    with open_roster(settings) as held:
        return held.erase_overdue(clock.now().date(), _purpose("retention timer", "past the day that it may be kept"))


def open_roster(settings: Settings) -> Roster:
    """The roster of this machine."""
    return Roster(settings.var / "roster", key_file=settings.var / "keys" / "roster.key", places=_places(settings))


def register(held: Roster, asked: Request, *, by: str, settings: Settings) -> None:
    """Register a request, with the time at which its alert left."""
    held.open_request(
        asked, _purpose(by, "request", asked.id), alert_at=alerting.alert_sent(asked.alert, settings=settings)
    )
    keep_request(asked, settings)


def match_request(
    held: Roster, asked: Request, *, by: str, include: str = "", wait: timedelta | None = None
) -> tuple[Match, Team | None]:
    """The teams for a registered request; with `include` also the best team that holds that person.

    Who accepted it is kept, who declined it is left out; so is who has not answered for `wait`, where it is given.
    """
    now = clock.now()
    facts = held.search(asked, _purpose(by, "matching", asked.id))
    best_team = partial(
        match_team, facts, asked, today=now.date(), weights=load_weights(), missions=held.missions(facts, now),
        answers=held.answers(asked.id, facts, now, wait=wait),
    )  # fmt: skip
    found, best = best_team(), None
    if include:
        held_best = best_team(alternatives=0, include=include)
        best = held_best.teams[0] if held_best.teams else None
    if found.teams:
        order = list(Stage)
        stage = next(one.stage for one in held.courses() if one.request == asked.id)
        if order.index(stage) < order.index(Stage.LONG_LIST):
            held.move(asked.id, Stage.LONG_LIST, _purpose(by, "matching", asked.id))
    return found, best


def tell(found: Match, names: Mapping[str, str]) -> list[str]:
    """A match in lines for people."""
    if not found.teams:
        return [f"No team for {found.request}. What is missing:", *(f"- {one}" for one in found.missing)]
    lines = []
    for at, team in enumerate(found.teams):
        same = " (as good as the best)" if at and team.lost == found.teams[0].lost else ""
        sure = "" if team.proven else "; not proven to be the best"
        title = "Best team" if at == 0 else f"Alternative {at}"
        lines.append(f"{title}{same}: {team.lost} points lost{sure}")
        for one in team.members:
            called = f" {names[one.number]}" if one.number in names else ""
            lines.append(f"  {one.number}{called} · {one.seat}: {'; '.join(one.reasons)}")
        lines += [f"  Not covered: {one}" for one in team.short]
    lines.append(f"{len(found.eligible)} can go; {len(found.excluded)} cannot:")
    lines += [f"  {one.number}: {'; '.join(rule.value for rule in one.rules)}" for one in found.excluded]
    lines.append("This is a proposal. The entity selects; nobody has been asked.")
    return lines


def explain(found: Match, best: Team | None, number: str) -> str:
    """Why one person is not in the best team."""
    for one in found.excluded:
        if one.number == number:
            return f"{number} cannot go: {'; '.join(rule.value for rule in one.rules)}"
    if number not in found.eligible:
        raise UsageError("There is nobody with that number.", why="The roster has none.", do="Check the number.")
    if best is None or not found.teams:
        return f"{number} can go, and no team of this request can hold them: they fit no seat."
    more = best.lost - found.teams[0].lost
    if number in found.teams[0].numbers:
        return f"{number} is in the best team."
    return f"{number} can go. The best team that holds them loses {best.lost} points, {more} more than the best one."


def as_values(found: Match) -> dict[str, object]:
    """A match for machines: numbers and reasons, no names."""
    return {
        "request": found.request,
        "method": found.method,
        "teams": [
            {
                "lost": team.lost,
                "proven": team.proven,
                "members": [
                    {"number": one.number, "seat": one.seat, "reasons": list(one.reasons)} for one in team.members
                ],
                "short": list(team.short),
            }
            for team in found.teams
        ],
        "excluded": {one.number: [rule.value for rule in one.rules] for one in found.excluded},
        "eligible": list(found.eligible),
        "missing": list(found.missing),
    }


def read_mission(path: Path) -> Composition:
    """The decision as a person wrote it down."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        return Composition(
            request=str(found["request"]),
            decided_by=str(found["decided_by"]),
            decided_on=_date(found["decided_on"]),
            consulted_bureau_on=_date(found["consulted_bureau_on"]),
            consent_of_state=str(found["consent_of_state"]),
            consent_on=_date(found["consent_on"]),
            members=tuple((Category(one["category"]), str(one["name"])) for one in found["members"]),
            recorded_at=clock.now(),
        )
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, ValueError, TypeError) as error:
        raise UsageError(
            f"{path.name} cannot be read.",
            why=f"{type(error).__name__} in it.",
            do="It needs request, decided_by, decided_on, consulted_bureau_on, consent_of_state, consent_on, members.",
        ) from None


def _table(out: Path, people: tuple[Person, ...]) -> bytes:
    match out.suffix.casefold():
        case ".csv":
            return write_csv(people)
        case ".xlsx":
            return write_xlsx(people)
    raise UsageError(f"{out.name} is no table.", why="It ends in neither .csv nor .xlsx.", do="Give such a name.")


def _checked(table: Path, settings: Settings) -> Checked:
    return check_table(read_table(table), places=_places(settings))


def _faults(found: Checked) -> str:
    return f"{len(found.faults)} {'fault' if len(found.faults) == 1 else 'faults'}"


def _tell_faults(found: Checked) -> None:
    for fault in found.faults:
        typer.echo(fault.line())


def _places(settings: Settings) -> dict[str, str]:
    return {one.code: one.regional_group for one in load_gazetteer(settings.reference).places}


def _purpose(by: str, why: str, request: str = "") -> Purpose:
    return Purpose(by=by, why=why, at=clock.now(), request=request)


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
