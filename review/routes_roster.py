"""The roster at the desk: people for a stated reason alone, requests, teams with their reasons, and the log.

Numbers and names travel in forms and never in an address. The roster writes each look down before it happens; what
concerns single people is in the desk's own log too, by pseudonym.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from alerts.person import Facts, Paper, Skill
from alerts.request import REQUIRED, WORDS, Category, Composition, Kind, Request, Stage, missing, read_request
from alerts.roster import AFTER, Course, Entry, Purpose, Roster, Step
from alerts.sheets import Fault
from domain.classification import Classification
from domain.errors import HorizonError, Refused, UsageError
from review.office import Ask
from review.routes_alerts import Next, alerts_that_wait, place_of, standby_of
from review.standby import Standby

STRICT = Classification.STRICTLY_CONFIDENTIAL
CONFIDENTIAL = Classification.CONFIDENTIAL
SOON = timedelta(days=60)
A_PAGE = 50
NEWEST = 200
SILENT = timedelta(hours=24)
SEATS = 6
MEMBERS = 8
FILE_BYTES = 20 * 1024 * 1024
WHYS = (
    "papers that expire",
    "availability for a request",
    "the person asked to see it",
    "the person asked for a correction",
)
TEXTS = tuple(
    one
    for one in REQUIRED
    if one in WORDS and one not in {"places", "profiles", "dates", "latest_decision", "answer_due"}
)
DAYS = ("start", "end", "latest_decision", "answer_due")
FIELDS = ("kind", *TEXTS, "places", *DAYS, "remote_share", "wanted_languages", "clearances", "vaccinations",
          "rest_days", "alert")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person in the list: a number, what the person brings, and what runs out."""

    number: str
    skills: str
    languages: str
    runs_out: str
    first: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One person of a request: the steps so far, and those that may follow."""

    number: str
    steps: tuple[Entry, ...]
    may: tuple[Step, ...]


def first_page(ask: Ask) -> list[Next]:
    """What waits for a roster manager: alerts first, then requests with their next step, then records to erase."""
    standby = standby_of(ask.office)
    with standby.open_roster() as held:
        requests = [
            Next(place=course.request, words=words, path=f"/roster/request/{course.request}", due=asked.answer_due)
            for course in held.courses()
            if (asked := standby.load(course.request)) is not None and _may_see(ask, standby, asked)
            if (words := _next_step(held, course, asked))
        ]
        late = held.overdue(ask.at.date())
    requests.sort(key=lambda one: (one.due or date.max, one.place))
    words = f"{late} {'is' if late == 1 else 'are'} past the day that they may be kept: erase"
    gone = [Next(place="Records", words=words, path="/roster/people", due=None)] if late else []
    return [*alerts_that_wait(ask), *requests, *gone]


def overview(ask: Ask) -> Response:
    """Requests with their stages and hours and what is to be done next, and counts that name nobody."""
    standby = standby_of(ask.office)
    with standby.open_roster() as held:
        courses = [
            (one, _next_step(held, one, asked) if asked else "")
            for one in held.courses()
            if _may_see(ask, standby, asked := standby.load(one.request))
        ]
        late = held.overdue(ask.at.date())
        counts = held.statistics()
    return ask.page("roster.html", courses=courses, late=late, counts=counts)


def people(ask: Ask) -> Response:
    """Everybody by number, who next needs a new paper first: no name, no address, no nationality."""
    standby = standby_of(ask.office)
    with standby.open_roster() as held:
        found = held.export(_purpose(ask, "list of the roster"))
    ask.see("roster", STRICT, None)
    skill = ask.query.get("skill", "")
    lines = [_line(one.facts, ask.at.date()) for one in found if not skill or skill in one.facts.skills]
    lines.sort(key=lambda one: (one.first or date.max, one.number))
    page = int(ask.query["page"]) if ask.query.get("page", "").isdecimal() else 0
    return ask.page(
        "roster_people.html",
        lines=lines[page * A_PAGE : (page + 1) * A_PAGE],
        number=len(lines),
        at=page,
        more=(page + 1) * A_PAGE < len(lines),
        skill=skill,
        skills=list(Skill),
        whys=WHYS,
    )


def person(ask: Ask) -> Response:
    """One record, with the reason for the look written down before."""
    standby = standby_of(ask.office)
    why = _words(ask, "why", "What the look is for")
    with standby.open_roster() as held:
        found = held.person(ask.form.get("number", ""), _purpose(ask, why, ask.form.get("request", "")))
        mark = held.pseudonym(found.facts.number)
        looks = [one for one in held.accesses() if one.people == mark]
    ask.see(f"roster/{mark}", STRICT, None)
    facts = found.facts
    today = ask.at.date()
    return ask.page(
        "roster_person.html",
        found=found,
        facts=facts,
        papers=[(kind, one, _state(one.expires_on, today)) for kind, papers in _papers(facts) for one in papers],
        dates=[
            ("Independence declared", facts.independence_declared_on, _declared(facts, today)),
            ("Consent to be on the roster", facts.consent_on, "" if facts.consent_on else "none"),
            ("Record may be kept until", facts.retain_until, _state(facts.retain_until, today)),
            ("Back from the last mission", facts.back_on, ""),
        ],
        looks=looks[::-1][:20],
        request=ask.form.get("request", ""),
    )


def erase_person(ask: Ask) -> Response:
    """Destroy the record's key. It cannot be taken back, so the number is typed once more."""
    standby = standby_of(ask.office)
    number = ask.form.get("number", "")
    why = _words(ask, "why", "Why it is erased")
    if ask.form.get("again", "").strip().casefold() != number.casefold():
        raise Refused("Nothing was erased.", why="The number that was typed is another one.", do="Type it once more.")
    with standby.open_roster() as held:
        mark = held.pseudonym(number)
        held.erase(number, _purpose(ask, why))
    ask.see(f"roster/{mark}", STRICT, None)
    return ask.go("/roster")


def table(ask: Ask) -> Response:
    return _table(ask, done="")


def take_table(ask: Ask) -> Response:
    """Check a table by row and column, or take it in as a whole. What stands in a cell is never repeated."""
    standby = standby_of(ask.office)
    upload = ask.files.get("file")
    if upload is None or not upload.filename:
        raise UsageError("There is no file.", why="None was chosen.", do="Choose a CSV or XLSX file.")
    ask.see("roster", STRICT, None)
    try:
        found = standby.check_table(upload.filename, upload.file.read(FILE_BYTES + 1))
    except UsageError as error:
        return _table(ask, done="", error=error, status=422)
    if found.faults:
        return _table(ask, done="", faults=found.faults, status=422)
    if ask.form.get("do") != "take":
        return _table(ask, done=f"{len(found.people)} people, no fault. Nothing was taken in.")
    with standby.open_roster() as held:
        new, replaced = held.keep(found.people, _purpose(ask, "import"))
    return _table(ask, done=f"{new} new, {replaced} replaced. Destroy the table now: it is not encrypted.")


def new_request(ask: Ask) -> Response:
    """An empty form; from an alert it knows the State and the skills that may be asked for."""
    standby = standby_of(ask.office)
    typed: dict[str, str] = {"rest_days": "14", "remote_share": "0"}
    wanted: Sequence[str] = ()
    if alert := ask.query.get("alert", ""):
        told = [one.notice for one in standby.released() if one.notice.alert_id == alert]
        if not told:
            raise UsageError("There is no such alert.", why="It was never sent.", do="Open the form without it.")
        ask.see(told[-1].object_id, CONFIDENTIAL, place_of(standby, told[-1].place))
        typed |= {"alert": alert, "places": told[-1].place}
        wanted = [one for one in told[-1].skills if one in set(Skill)]
    return _form(ask, typed, wanted=wanted)


def register(ask: Ask) -> Response:
    """Register a request; while it is not whole it is shown again with what is missing, and nobody is looked for."""
    standby = standby_of(ask.office)
    try:
        values = _values(ask)
        if left := missing(values):
            return _form(ask, ask.form, wanted=ask.lists.get("wanted_skills", ()), left=left, status=422)
        if unknown := sorted(set(values["places"]) - set(standby.places)):
            raise UsageError(
                f"There is no State with the code {', '.join(unknown)}.",
                why="Nationals of the State concerned must not be sent, so its code must be right.",
                do="Give codes of three letters.",
            )
        with standby.open_roster() as held:
            asked = read_request(values, name=_next(ask, held))
            _check_days(asked)
            _see_request(ask, asked, standby)
            standby.register(held, asked, ask.person.name)
    except UsageError as error:
        return _form(ask, ask.form, wanted=ask.lists.get("wanted_skills", ()), error=error, status=422)
    return ask.go(f"/roster/request/{asked.id}")


def request(ask: Ask) -> Response:
    """One request: who was asked and answered what, and for good offices what was decided."""
    standby, asked = _request(ask)
    with standby.open_roster() as held:
        return _request_page(ask, held, asked)


def find_team(ask: Ask) -> Response:
    """The best team and three others with reasons, or what is missing. Nobody is asked by it."""
    standby, asked = _request(ask)
    ask.see("roster", STRICT, None)
    with standby.open_roster() as held:
        found, _ = standby.match(held, asked, ask.person.name, SILENT if ask.form.get("silent") == "yes" else None)
        last = {one.person: one.step.value for one in held.log(asked.id)}
        marked = {number: last.get(held.pseudonym(number), "") for team in found.teams for number in team.numbers}
    return ask.page(
        "roster_team.html",
        asked=asked,
        found=found,
        marked=marked,
        begun=frozenset(number for number, step in marked.items() if step),
        excluded=found.excluded[:NEWEST],
    )


def ask_team(ask: Ask) -> Response:
    """Note that these people are asked. The desk writes to nobody: the roster manager calls them."""
    standby, asked = _request(ask)
    numbers = list(dict.fromkeys(ask.lists.get("number", ())))
    if not numbers or len(numbers) > asked.size:
        raise UsageError(
            "This is no team of the request.", why=f"It has {asked.size} seats.", do="Choose a team on the page before."
        )
    with standby.open_roster() as held:
        begun = {one.person for one in held.log(asked.id)}
        left = [number for number in numbers if held.pseudonym(number) not in begun]
        if not left:
            raise Refused(
                "All of this team were asked before.",
                why="Each is asked once for a request.",
                do="Note their answers on the page of the request, or choose another team.",
            )
        for number in left:
            _note(ask, held, asked.id, number, Step.ASKED)
        _reach(ask, held, asked.id, Stage.ASKED)
    return ask.go(f"/roster/request/{asked.id}")


def note_step(ask: Ask) -> Response:
    """Note what one person answered or did; the request follows when it is the first or the last."""
    standby, asked = _request(ask)
    if ask.form.get("step") not in set(Step):
        raise UsageError("Nothing is chosen.", why="A step is needed.", do="Use the buttons of the page.")
    step = Step(ask.form["step"])
    with standby.open_roster() as held:
        _note(ask, held, asked.id, ask.form.get("number", ""), step)
        if step is Step.DEPLOYED:
            _reach(ask, held, asked.id, Stage.DEPLOYED)
        course = _course(held, asked.id)
        if step is Step.BACK and course.back == course.deployed:
            _reach(ask, held, asked.id, Stage.BACK)
    return ask.go(f"/roster/request/{asked.id}")


def move_request(ask: Ask) -> Response:
    standby, asked = _request(ask)
    if ask.form.get("stage") not in set(Stage):
        raise UsageError("Nothing is chosen.", why="A stage is needed.", do="Choose one from the list.")
    with standby.open_roster() as held:
        held.move(asked.id, Stage(ask.form["stage"]), _purpose(ask, "stage", asked.id))
    return ask.go(f"/roster/request/{asked.id}")


def mission(ask: Ask) -> Response:
    """Record a good-offices mission as the President decided it, in the order given. Nobody is matched or ranked."""
    standby, asked = _request(ask)
    if asked.kind is not Kind.GOOD_OFFICES:
        raise Refused("This is no good-offices mission.", why="It is a deployment.", do="Find a team for it.")
    with standby.open_roster() as held:
        try:
            names = ask.lists.get("name", ())
            categories = ask.lists.get("category", ())
            pairs = [
                (category, name.strip()) for category, name in zip(categories, names, strict=False) if name.strip()
            ]
            decided = Composition(
                request=asked.id,
                decided_by=ask.form.get("decided_by", ""),
                decided_on=_day(ask.form, "decided_on", "the day of the decision"),
                consulted_bureau_on=_day(ask.form, "consulted_bureau_on", "the day on which the Bureau was consulted"),
                consent_of_state=ask.form.get("consent_of_state", ""),
                consent_on=_day(ask.form, "consent_on", "the day of the State's consent"),
                members=tuple((_category(category), name) for category, name in pairs),
                recorded_at=ask.at,
            )
            held.record_mission(decided, _purpose(ask, "good offices", asked.id))
        except (Refused, UsageError) as error:
            return _request_page(ask, held, asked, error=error, status=422)
    return ask.go(f"/roster/request/{asked.id}")


def roster_access(ask: Ask) -> Response:
    """Who looked, when and what for; people stand in it as pseudonyms."""
    standby = standby_of(ask.office)
    with standby.open_roster() as held:
        looks = held.accesses()
    return ask.page("roster_access.html", looks=looks[::-1][:NEWEST], number=len(looks), limit=NEWEST)


def _next_step(held: Roster, course: Course, asked: Request) -> str:
    """What a roster manager does next for a request; empty when it is over."""
    if course.kind is Kind.GOOD_OFFICES:
        return "Record what the President decided" if course.stage is Stage.RECEIVED else ""
    last = Counter({one.person or at: one.step for at, one in enumerate(held.log(asked.id))}.values())
    going = last[Step.ACCEPTED] + last[Step.DEPLOYED] + last[Step.BACK]
    if course.stage is Stage.DEBRIEF:
        return ""
    if last[Step.BACK] and last[Step.BACK] == going:
        return "All are back: hold the debrief"
    if last[Step.DEPLOYED]:
        return f"{last[Step.DEPLOYED]} deployed: note who is back"
    if going >= asked.size:
        return "The team stands: note who is deployed"
    if going + last[Step.ASKED] >= asked.size:
        return f"{last[Step.ASKED]} asked and not answered: note what they say"
    if last:
        return f"{asked.size - going} of {asked.size} seats are open: find another team"
    return "Nobody has been asked: find a team" if course.stage is not Stage.RECEIVED else "Find a team"


def _line(facts: Facts, today: date) -> Line:
    """What a list needs: the papers and dates that have run out or do so within sixty days."""
    ends = [(one.expires_on, f"{kind} {one.name}") for kind, papers in _papers(facts) for one in papers]
    ends.append((facts.retain_until, "record"))
    if facts.independence_declared_on is not None:
        ends.append((facts.independence_declared_on + timedelta(days=365), "declaration of independence"))
    near = sorted(one for one in ends if one[0] <= today + SOON)
    words = [f"{what}: {_state(until, today)}" for until, what in near]
    if facts.independence_declared_on is None:
        words.append("declaration of independence: none")
    return Line(
        number=facts.number,
        skills=", ".join(sorted(facts.skills)),
        languages=", ".join(f"{one.language} {one.grade.value}" for one in facts.languages),
        runs_out="; ".join(words),
        first=near[0][0] if near else None,
    )


def _papers(facts: Facts) -> Iterable[tuple[str, tuple[Paper, ...]]]:
    return (("clearance", facts.clearances), ("vaccination", facts.vaccinations), ("visa", facts.visas))


def _state(until: date, today: date) -> str:
    if until < today:
        return f"ran out on {until:%-d %B %Y}"
    return f"until {until:%-d %B %Y}" + (", soon" if until <= today + SOON else "")


def _declared(facts: Facts, today: date) -> str:
    declared = facts.independence_declared_on
    return "none" if declared is None else _state(declared + timedelta(days=365), today)


def _purpose(ask: Ask, why: str, request_id: str = "") -> Purpose:
    return Purpose(by=ask.person.name, why=why, at=ask.at, request=request_id)


def _words(ask: Ask, name: str, what: str) -> str:
    found = " ".join(ask.form.get(name, "").split())[:200]
    if not found:
        raise UsageError(
            f"{what} is missing.", why="Every look at a person is written down with its purpose.", do="Go back; say it."
        )
    return found


def _may_see(ask: Ask, standby: Standby, asked: Request | None) -> bool:
    """A request that was never kept here cannot be placed: it is for those who hold every region."""
    if asked is None:
        return "*" in ask.person.regions
    return all(ask.sees(CONFIDENTIAL, place_of(standby, code)) for code in asked.places)


def _see_request(ask: Ask, asked: Request, standby: Standby) -> None:
    for code in sorted(asked.places):
        ask.see(f"request/{asked.id}", CONFIDENTIAL, place_of(standby, code))


def _request(ask: Ask) -> tuple[Standby, Request]:
    standby = standby_of(ask.office)
    asked = standby.load(ask.names["request"])
    if asked is None:
        raise UsageError(
            "There is no such request.",
            why="It was never registered, or by a version that kept no copy.",
            do="Register it on the page of the roster.",
        )
    _see_request(ask, asked, standby)
    return standby, asked


def _request_page(
    ask: Ask, held: Roster, asked: Request, *, error: HorizonError | None = None, status: int = 200
) -> Response:
    course = _course(held, asked.id)
    entries = held.log(asked.id)
    decided: tuple[Mapping[str, object], ...] = ()
    asked_people: list[Asked] = []
    gone = 0
    if asked.kind is Kind.GOOD_OFFICES:
        decided = tuple(map(_with_days, held.missions_of(asked.id, _purpose(ask, "good offices", asked.id))))
    elif entries:
        # A pseudonym names nobody: the numbers are found again among those on the roster now.
        facts = held.search(asked, _purpose(ask, "deployment log", asked.id))
        ask.see("roster", STRICT, None)
        known = {held.pseudonym(one.number): one.number for one in facts}
        steps: dict[str, list[Entry]] = {}
        for one in entries:
            steps.setdefault(one.person, []).append(one)
        gone = sum(mark not in known for mark in steps)
        asked_people = [
            Asked(
                number=known[mark],
                steps=tuple(own),
                may=tuple(
                    sorted((step for step in Step if own[-1].step in AFTER[step]), key=lambda one: one is Step.DECLINED)
                ),
            )
            for mark, own in steps.items()
            if mark in known
        ]
    standing = sum(one.steps[-1].step in {Step.ACCEPTED, Step.DEPLOYED, Step.BACK} for one in asked_people)
    stages = list(Stage)
    return ask.page(
        "roster_request.html",
        status=status,
        asked=asked,
        words=[(WORDS[name], getattr(asked, name)) for name in TEXTS],
        places=", ".join(sorted(asked.places)),
        course=course,
        people=asked_people,
        gone=gone,
        standing=standing,
        open=sum(one.steps[-1].step is Step.ASKED for one in asked_people),
        silent_hours=SILENT // timedelta(hours=1),
        later=stages[stages.index(course.stage) + 1 :],
        done=stages[: stages.index(course.stage)],
        good_offices=asked.kind is Kind.GOOD_OFFICES,
        decided=decided,
        categories=list(Category),
        members=range(MEMBERS),
        form=ask.form,
        error=error,
    )


def _with_days(mission: Mapping[str, object]) -> Mapping[str, object]:
    """Days as days, so that the page can word them."""
    days = {
        name: date.fromisoformat(str(mission[name])) for name in ("decided_on", "consulted_bureau_on", "consent_on")
    }
    return {**mission, **days}


def _course(held: Roster, request_id: str) -> Course:
    found = next((one for one in held.courses() if one.request == request_id), None)
    if found is None:
        raise UsageError("There is no such request.", why="The roster does not know it.", do="Register it again.")
    return found


def _note(ask: Ask, held: Roster, request_id: str, number: str, step: Step) -> None:
    held.note(request_id, number, step, _purpose(ask, "deployment log", request_id))
    ask.see(f"roster/{held.pseudonym(number)}", STRICT, None)


def _reach(ask: Ask, held: Roster, request_id: str, stage: Stage) -> None:
    """Bring a request to a stage that it has not passed."""
    order = list(Stage)
    if order.index(_course(held, request_id).stage) < order.index(stage):
        held.move(request_id, stage, _purpose(ask, "stage", request_id))


def _next(ask: Ask, held: Roster) -> str:
    """`REQ-2026-0012`: the next number of the year."""
    start = f"REQ-{ask.at:%Y}-"
    taken = [one.request.removeprefix(start) for one in held.courses() if one.request.startswith(start)]
    return f"{start}{max((int(one) for one in taken if one.isdecimal()), default=0) + 1:04d}"


def _values(ask: Ask) -> dict[str, Any]:
    """The form as the fields of a request; what was left empty is left out."""
    form = ask.form
    values: dict[str, Any] = {name: form.get(name, "").strip() for name in (*TEXTS, *DAYS, "alert")}
    values["kind"] = form.get("kind") or Kind.DEPLOYMENT.value
    values["places"] = [one.upper() for one in _split(form.get("places", ""))]
    values["wanted_skills"] = list(ask.lists.get("wanted_skills", ()))
    for name in ("wanted_languages", "clearances", "vaccinations"):
        values[name] = _split(form.get(name, ""))
    for name, most in (("remote_share", 100), ("rest_days", 366)):
        text = form.get(name, "").strip() or "0"
        if not text.isdecimal() or int(text) > most:
            raise UsageError("A number is needed.", why=f"“{name.replace('_', ' ')}” is none.", do="Correct it.")
        values[name] = int(text)
    values["visa_needed"] = form.get("visa_needed") == "yes"
    values["profiles"] = [] if values["kind"] == Kind.GOOD_OFFICES.value else list(_profiles(form))
    return values


def _profiles(form: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    for at in range(SEATS):
        skills = [one for part in ("a", "b") if (one := form.get(f"seat_{at}_{part}", ""))]
        languages = _split(form.get(f"seat_{at}_languages", ""))
        if skills or languages:
            count = form.get(f"seat_{at}_count", "1")
            yield {
                "name": " and ".join(skills) or " and ".join(languages),
                "count": int(count) if count.isdecimal() else 0,
                "skills": skills,
                "languages": languages,
            }


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.replace(",", ";").split(";") if one.strip()]


def _check_days(asked: Request) -> None:
    if asked.dates.last < asked.dates.first:
        raise UsageError("The end lies before the start.", why="A mission has days.", do="Correct the two days.")


def _day(form: Mapping[str, str], name: str, what: str) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError:
        raise UsageError(f"{what[0].upper()}{what[1:]} is missing.", why="A day is needed.", do="Give it.") from None


def _category(text: str) -> Category:
    if text not in set(Category):
        raise UsageError("A category is missing.", why="Each member belongs to one of four.", do="Choose it.")
    return Category(text)


def _table(
    ask: Ask, *, done: str, faults: Sequence[Fault] = (), error: HorizonError | None = None, status: int = 200
) -> Response:
    return ask.page(
        "roster_table.html",
        status=status,
        done=done,
        faults=faults[:NEWEST],
        number=len(faults),
        error=error,
    )


def _form(
    ask: Ask,
    typed: Mapping[str, str],
    *,
    wanted: Sequence[str],
    left: Sequence[str] = (),
    error: HorizonError | None = None,
    status: int = 200,
) -> Response:
    standby = standby_of(ask.office)
    seats = [{part: typed.get(f"seat_{at}_{part}", "") for part in ("count", "a", "b", "languages")}
             for at in range(SEATS)]  # fmt: skip
    return ask.page(
        "roster_ask.html",
        status=status,
        typed={name: typed.get(name, "") for name in FIELDS},
        visa_needed=typed.get("visa_needed") == "yes",
        texts=[(name, WORDS[name]) for name in TEXTS],
        days=[("start", "start"), ("end", "end"), *((name, WORDS[name]) for name in DAYS[2:])],
        kinds=list(Kind),
        skills=list(Skill),
        wanted=wanted,
        seats=seats,
        places=[(one.code, one.name) for one in standby.places.values()],
        left=left,
        error=error,
    )


HANDLERS: dict[str, Callable[[Ask], Response]] = {
    "roster": overview,
    "people": people,
    "roster_person": person,
    "erase_person": erase_person,
    "roster_table": table,
    "take_table": take_table,
    "new_request": new_request,
    "register": register,
    "request": request,
    "find_team": find_team,
    "ask_team": ask_team,
    "note_step": note_step,
    "move_request": move_request,
    "mission": mission,
    "roster_access": roster_access,
}
