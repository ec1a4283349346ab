"""A token in every field of a person, a request, a mission and a recipient: what each may reach, and nothing else.

The fields come from the types: a new one without a token, or without the reason why it needs none, fails here.
"""

import csv
import io
import logging
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date

import httpx
import pytest
from desks import PEOPLE, Desk, Visitor
from standbys import DRAFT, MARCH, TOLD, asked, everybody, fill_standby
from weeks import World

from alerts.person import Facts, Gender, Grade, Paper, Person, Skill, Span, Tongue
from alerts.recipients import Recipient
from alerts.request import Category, Composition, Kind, Request
from alerts.roster import Purpose, Step
from alerts.sheets import NAMES, check_table, write_csv
from domain.errors import HorizonError
from horizon import alerting, clock
from horizon.commands.roster import open_roster, register
from review.rights import RIGHTS, Role

NUMBER = "R-Xyzzynumber"
PERSON = {"name": "Xyzzyname", "mail": "xyzzymail@people.example", "phone": "Xyzzyphone"}
FACTS: Mapping[str, object] = {
    "number": NUMBER,
    "gender": Gender.NOT_STATED,
    "nationalities": frozenset({"XOR"}),
    "residence": "XLA",
    "skills": frozenset({Skill.DISAPPEARANCES, Skill.INTERPRETATION}),
    "languages": (Tongue("yo", Grade.C2),),
    "availability": (Span(date(2026, 1, 2), date(2031, 2, 3)),),
    "clearances": (Paper("Xyzzyclearance", date(2031, 4, 5)),),
    "vaccinations": (Paper("Xyzzyvaccination", date(2031, 6, 7)),),
    "visas": (Paper("XLA", date(2031, 8, 9)),),
    "back_on": date(2019, 5, 6),
    "prior_involvement": frozenset({"XAV"}),
    "independence_declared_on": date(2026, 2, 11),
    "consent_on": date(2018, 9, 10),
    "retain_until": date(2035, 11, 12),
}
NO_TOKEN = {
    "facts": "its own fields are below",
    "regional_group": "made from the reference table; it stands in the statistics",
    "notice_days": "a small number cannot be told from others",
}
# What a list of numbers shows to those who keep the roster. All else stands on the one record alone.
LISTED = {"number", "skills", "languages"}
IN_CLEAR = {"gender", "retain_until"}  # in the roster's own file: for its statistics, and for the retention timer
CODES = {
    "nationalities",
    "residence",
    "prior_involvement",
    "skills",
}  # a form that lists all codes has them too, and all skills
FORMS = {"GET /roster/request", "POST /roster/request"}
TYPED = {one.name for one in fields(Request) if one.type is str or one.type == "str"} - {"id", "alert"}
SHOWN_OF_RECIPIENT = {
    "id", "role", "channels", "regions", "levels", "languages", "zone", "quiet_from", "quiet_to", "weekly_budget",
    "deputies", "away", "technical",
}  # fmt: skip
ADDRESSES = {"mail", "hook", "cap", "chat", "secret"}
RECIPIENTS = """
[[recipient]]
id = "machine"
channels = ["mail", "hook", "cap", "chat"]
mail = "xyzzyto@people.example"
hook = "https://xyzzyhook.example/in"
cap = "https://xyzzycap.example/in"
chat = "XYZZYCHAT"
secret = "XYZZYSECRET"
"""


def texts(value: object) -> Iterator[str]:
    """How a value may be written: a day in figures and in words, a language and its level by both signs."""
    match value:
        case Span():
            yield from texts(value.last)
        case Paper():
            yield from texts(value.expires_on)
            if value.name.startswith("Xyzzy"):
                yield value.name
        case Tongue():
            yield f"{value.language}:{value.grade.value}"
            yield f"{value.language} {value.grade.value}"
        case frozenset() | tuple():
            for one in value:
                if one is not Skill.DISAPPEARANCES:  # the alert names it
                    yield from texts(one)
        case date():
            yield value.isoformat()
            yield f"{value.day} {value:%B %Y}"
        case _:
            yield str(value)


TOKENS = {name: tuple(texts(value)) for name, value in {**PERSON, **FACTS}.items()}


def found(text: str, names: Iterable[str] = TOKENS) -> list[str]:
    """The fields whose token stands in a text."""
    return [name for name in names if any(one in text for one in TOKENS[name])]


@pytest.fixture(scope="module")
def desk(built_week: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose roster holds one person with a token in each field, and a request with one in each of its words."""
    folder = tmp_path_factory.mktemp("secrets")
    shutil.copytree(built_week.folder, folder, dirs_exist_ok=True)
    made = Desk(World(folder).settings())
    made.clock.at = MARCH
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: made.clock.at)
        fill(made)
        yield made
    made.accounts.close()


def fill(made: Desk) -> None:
    fill_standby(made.settings)
    (made.settings.var / "alerts" / "recipients.toml").write_text(RECIPIENTS, "utf-8")
    live = replace(made.settings, live=True)
    for name in ("One", "Two"):
        alerting.approve(DRAFT.notice_id, by=name, role="regional head", reason="read", settings=live)
    template = everybody()[0]
    person = replace(template, **PERSON, facts=replace(template.facts, **FACTS))
    why = Purpose(by="A manager", why="import", at=MARCH)
    with open_roster(made.settings) as held:
        checked = check_table(
            list(csv.reader(io.StringIO(write_csv([person]).decode("utf-8-sig")))), places=groups(made)
        )
        held.keep(checked.people, why)
        for one in (typed(), typed(id="REQ-G", kind=Kind.GOOD_OFFICES, profiles=())):
            register(held, one, by="A manager", settings=made.settings)
        held.record_mission(
            Composition(
                request="REQ-G", decided_by="Xyzzydecider", decided_on=date(2026, 3, 18), recorded_at=MARCH,
                consulted_bureau_on=date(2026, 3, 17), consent_of_state="Xyzzyconsent", consent_on=date(2026, 3, 16),
                members=((Category.OHCHR, "Xyzzymember"),),
            ),
            why,
        )  # fmt: skip


def groups(desk: Desk) -> dict[str, str]:
    assert desk.office.standby is not None
    return {code: place.regional_group for code, place in desk.office.standby.places.items()}


def typed(**changes: object) -> Request:
    return replace(asked(id="REQ-X"), **{name: f"Xyzzytyped {name}" for name in TYPED}, **changes)  # type: ignore[arg-type]


@dataclass
class Walk:
    """Everything that one account was shown, and every address that it came by."""

    account: str
    pages: list[tuple[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    @property
    def visited(self) -> list[str]:
        """Addresses that a server is asked for; the links that write to or call a person stand on the one record."""
        return [one for one in self.addresses if not one.startswith(("mailto:", "tel:"))]

    def begin(self, desk: Desk) -> Visitor:
        visitor = desk.person(self.account)
        visitor.client.event_hooks["response"].append(self.keep)
        return visitor

    def keep(self, answer: httpx.Response) -> None:
        answer.read()
        self.pages.append((f"{answer.request.method} {answer.url.path}", answer.text))
        self.addresses += [str(answer.url), answer.headers.get("location", "")]
        self.addresses += re.findall(r'(?:href|action|src)="([^"]*)"', answer.text)


def walk(desk: Desk, account: str) -> Walk:
    """Every page that a role may open by an address; for the roster manager every form too, wrong ones as well."""
    seen = Walk(account)
    visitor = seen.begin(desk)
    known = {"alert": TOLD.alert_id, "request": "REQ-X", "notice": DRAFT.notice_id}
    role = PEOPLE[account][1]
    for right in RIGHTS:
        names = re.findall(r"{(\w+)}", right.path)
        if right.method == "GET" and role in right.ceilings and set(names) <= set(known):
            visitor.get(right.path.format(**known))
    if role is not Role.ROSTER_MANAGER:
        return seen
    here = "/roster/request/REQ-X"
    visitor.post(f"{here}/team", {}, page=here)
    assert NUMBER in visitor.text
    for step in ("asked", "deployed", "accepted", "declined"):
        if step == "asked":
            visitor.post(f"{here}/ask", {"number": [NUMBER]}, page=here)
        visitor.post(f"{here}/step", {"number": NUMBER, "step": step}, page=here)
        visitor.get(here)
    visitor.post(f"{here}/team", {"silent": "yes"}, page=here)
    visitor.get("/roster/request/REQ-G")
    visitor.post("/roster/person", {"number": NUMBER, "why": "papers that expire"}, page="/roster")
    visitor.post("/roster/person", {"number": f"{NUMBER}x", "why": "papers that expire"}, page="/roster")
    visitor.post("/roster/person/erase", {"number": NUMBER, "why": "x", "again": "R-1"}, page="/roster")
    return seen


@dataclass
class Walked:
    """What all accounts were shown, and every line of any log meanwhile."""

    walks: list[Walk]
    log: str


@pytest.fixture(scope="module")
def walked(desk: Desk) -> Walked:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    top = logging.getLogger()
    before = top.level
    top.addHandler(handler)
    top.setLevel(logging.DEBUG)
    walks = [walk(desk, account) for account in PEOPLE]
    top.removeHandler(handler)
    top.setLevel(before)
    assert lines.getvalue(), "some library wrote something"
    return Walked(walks, lines.getvalue())


def test_no_field_of_a_person_reaches_a_page_address_message_or_file_that_it_should_not(desk: Desk, walked: Walked):
    """Names on one record; numbers, skills and languages on the roster manager's pages; nothing on anybody else's."""
    walks = walked.walks
    mine = next(one for one in walks if one.account == "rosa")
    record = [text for path, text in mine.pages if path == "POST /roster/person" and "Xyzzyname" in text]
    assert len(record) == 1
    shown = set(found(record[0]))
    assert shown >= set(PERSON) | {"number", "residence", "nationalities", "vaccinations", "prior_involvement"}
    for one in walks:
        assert len(one.pages) > 1
        for path, text in one.pages:
            if text in record:
                continue
            allowed = LISTED if one.account == "rosa" and "/roster" in path else set[str]()
            ours = path == "GET /" or re.match("[A-Z]+ /(roster|alerts|notice|access)", path)
            allowed = allowed if ours and path not in FORMS else allowed | CODES
            assert found(text, set(TOKENS) - allowed - {"gender"}) == [], (one.account, path)
        names = set(TOKENS) - (set[str]() if one.account == "rosa" else CODES)
        assert found("\n".join(one.visited), names) == [], one.account
    with alerting.open_outbox(desk.settings) as outbox:
        lines = [repr(one) for one in outbox.messages()]
    assert len(lines) == 6
    assert found("\n".join(lines)) == []
    assert found(walked.log, set(TOKENS) - CODES) == []
    for path in desk.settings.var.rglob("*"):
        if path.is_file() and path.suffix != ".duckdb":
            names = set(TOKENS) - (IN_CLEAR | CODES | {"skills"})
            assert found(path.read_bytes().decode("utf-8", "replace"), names) == [], path
            assert NUMBER not in str(path)


def test_words_of_a_request_and_of_a_mission_stay_with_those_who_keep_the_roster(desk: Desk, walked: Walked):
    for one in walked.walks:
        for path, text in one.pages:
            if one.account != "rosa":
                assert "Xyzzy" not in text, (one.account, path)
            if path != "GET /roster/request/REQ-G":
                assert not re.search("Xyzzy(decider|consent|member)", text), path
        assert not [address for address in one.visited if "yzzy" in address]
    assert "Xyzzytyped" not in walked.log
    for path in desk.settings.var.rglob("*"):
        if path.is_file() and path.suffix != ".duckdb" and path.parent.name != "requests":
            assert b"Xyzzytyped" not in path.read_bytes(), path
            assert b"Xyzzymember" not in path.read_bytes(), path


def test_addresses_and_credentials_of_recipients_are_on_no_page_and_in_no_line(desk: Desk, walked: Walked):
    """They stand in their own file and in the messages that wait to leave, and nowhere else."""
    for one in walked.walks:
        for path, text in one.pages:
            assert not re.search("xyzzy(to|hook|cap)|XYZZY", text), (one.account, path)
    drafts, seen = alerting.show(desk.settings)
    told = repr(drafts) + repr([replace(one.message, payload="", endpoint="") for one in seen])
    assert not re.search("xyzzy|XYZZY", told)
    log = desk.settings.var / "log"
    assert not [path for path in log.rglob("*") if path.is_file() and b"xyzzy" in path.read_bytes().lower()]


@pytest.mark.parametrize("column", NAMES)
def test_no_fault_of_any_column_repeats_the_cell(column):
    for cell in ("Xyzzy7; ;=Xyzzy7", "Xyzzy7:2026-13-99", "Xyzzy7/Xyzzy7" * 200):
        row = [cell if name == column else "" for name in NAMES]
        lines = [one.line() for one in check_table([list(NAMES), row], places={}).faults]
        assert lines
        assert "yzzy" not in "".join(lines).casefold()


def test_no_refusal_repeats_a_number_or_a_name(desk: Desk):
    why = Purpose(by="A manager", why="log", at=MARCH)
    with open_roster(desk.settings) as held:
        calls = [
            lambda: held.note("REQ-X", NUMBER, Step.BACK, why),
            lambda: held.note("REQ-X", "R-Xyzzyother", Step.ASKED, why),
            lambda: held.person("R-Xyzzyother", why),
            lambda: held.erase("R-Xyzzyother", why),
            lambda: held.search(typed(id="REQ-Z"), why),
        ]
        for call in calls:
            with pytest.raises(HorizonError) as error:
                call()
            assert "yzzy" not in str(error.value).casefold()


def test_every_field_has_a_token_or_a_reason():
    assert {one.name for one in fields(Person)} | {one.name for one in fields(Facts)} == set(TOKENS) | set(NO_TOKEN)
    assert {one.name for one in fields(Recipient)} == SHOWN_OF_RECIPIENT | ADDRESSES
    assert {one.name for one in fields(Composition)} == {
        "request", "decided_by", "decided_on", "consulted_bureau_on", "consent_of_state", "consent_on", "members",
        "recorded_at",
    }  # fmt: skip
    assert len(TYPED) == 13
