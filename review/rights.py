"""Who may open and do what: one table of routes, roles and classifications. The web desk is built from it.

A route that is not in this table does not exist; a role that a route does not name is refused. The ceiling beside a
role is the highest classification of a row that this role may see or change there. Regions come on top: need-to-know
is decided for each row, by the field region of its place. `docs/desk-rights.md` is generated from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.classification import Classification
from domain.errors import Refused
from domain.state import Place, RegionScheme

ALL_REGIONS = "*"


class Role(StrEnum):
    """One account has one role. A second analyst is an analyst who also challenges and confirms."""

    ANALYST = "analyst"
    SECOND_ANALYST = "second analyst"
    PROTECTION_OFFICER = "protection officer"
    REGIONAL_HEAD = "regional head"
    HIGH_COMMISSIONER = "High Commissioner's office"
    PRESIDENT = "President and Bureau"
    ROSTER_MANAGER = "roster manager"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is signed in. `regions` are codes of field regions, or `*`; `nationality` is a place's code or empty."""

    account: str
    name: str
    role: Role
    regions: frozenset[str]
    nationality: str = ""

    def knows(self, place: Place) -> bool:
        """Whether this person's desk holds the place. An empty set of regions holds none."""
        return ALL_REGIONS in self.regions or place.region(RegionScheme.FIELD_REGIONS) in self.regions


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One route. `ceilings` without a role: refused. An open route needs no sign-in and shows no row."""

    name: str
    method: str
    path: str
    about: str
    ceilings: Mapping[Role, Classification]
    open: bool = False


OPEN = Classification.UNCLASSIFIED
CONFIDENTIAL = Classification.CONFIDENTIAL
STRICT = Classification.STRICTLY_CONFIDENTIAL
RANK = {OPEN: 0, CONFIDENTIAL: 1, STRICT: 2}

_EVERYONE = dict.fromkeys(Role, OPEN)
_OFFICE = {
    Role.ANALYST: CONFIDENTIAL,
    Role.SECOND_ANALYST: CONFIDENTIAL,
    Role.PROTECTION_OFFICER: STRICT,
    Role.REGIONAL_HEAD: STRICT,
    Role.HIGH_COMMISSIONER: STRICT,
}
_ANALYSTS = {Role.ANALYST: CONFIDENTIAL, Role.SECOND_ANALYST: CONFIDENTIAL}
_HEADS = {Role.REGIONAL_HEAD: STRICT, Role.HIGH_COMMISSIONER: STRICT}
_CLEARERS = {Role.PROTECTION_OFFICER: STRICT, **_HEADS}
_OF_THE_PUBLIC = dict.fromkeys(_OFFICE, OPEN)
_HEADS_IN_PUBLIC = dict.fromkeys(_HEADS, OPEN)
_CLEARERS_IN_PUBLIC = dict.fromkeys(_CLEARERS, OPEN)
_CONFIRMERS = {**_ANALYSTS, **_HEADS}
_READERS = {**_OFFICE, Role.PRESIDENT: CONFIDENTIAL, Role.ROSTER_MANAGER: OPEN}
_AUDITOR = {Role.AUDITOR: STRICT}
_ADMINISTRATOR = {Role.ADMINISTRATOR: OPEN}
_MANAGER = {Role.ROSTER_MANAGER: CONFIDENTIAL}
_OF_PEOPLE = {Role.ROSTER_MANAGER: STRICT}
_ALERTED = {**_CLEARERS, **_MANAGER}


def _right(
    name: str, method: str, path: str, about: str, ceilings: Mapping[Role, Classification], *, open_: bool = False
) -> Right:
    return Right(name=name, method=method, path=path, about=about, ceilings=ceilings, open=open_)


RIGHTS: tuple[Right, ...] = (
    _right("sign_in", "GET", "/sign-in", "The form to sign in", {}, open_=True),
    _right("sign_in_now", "POST", "/sign-in", "Sign in, and carry on a form that was typed", {}, open_=True),
    _right("office", "GET", "/office", "To the office's own sign-in, where there is one", {}, open_=True),
    _right("office_back", "GET", "/office/back", "Back from it", {}, open_=True),
    _right("static", "GET", "/static/{name}", "Style and script", {}, open_=True),
    _right("sign_out", "POST", "/sign-out", "Sign out", _EVERYONE),
    _right("home", "GET", "/", "What waits for this person", {**_EVERYONE, **_OFFICE, **_MANAGER}),
    _right("triage", "GET", "/triage", "The week's new incidents by State", _OFFICE),
    _right("incident", "GET", "/incident/{incident}", "One incident, its sources and labels", _OFFICE),
    _right("decide_incident", "POST", "/incident/{incident}", "Relevant, duplicate, park, set aside", _ANALYSTS),
    _right("correct_incident", "POST", "/incident/{incident}/correct", "Correct a coded value", _ANALYSTS),
    _right("split_incident", "POST", "/incident/{incident}/split", "Split reports off", _ANALYSTS),
    _right("take_back", "POST", "/incident/{incident}/take-back", "Take a decision back", _ANALYSTS),
    _right("situations", "GET", "/situations", "All situations of this person's regions", _OFFICE),
    _right("situation", "GET", "/situation/{situation}", "One situation: facts, text, steps", _OFFICE),
    _right("write", "GET", "/situation/{situation}/write", "The form for the text", _ANALYSTS),
    _right("save", "POST", "/situation/{situation}/write", "Save a version of the text", _ANALYSTS),
    _right("move", "POST", "/situation/{situation}/move", "Move the text one step; who may is told there", _OFFICE),
    _right("preview", "GET", "/situation/{situation}/preview", "The text as a reader will see it", _OFFICE),
    _right("preview_form", "GET", "/situation/{situation}/preview/{form}", "Its entry in one form; logged", _OFFICE),
    _right("export", "GET", "/situation/{situation}/export", "The same for machines; logged", _OFFICE),
    _right("level", "GET", "/situation/{situation}/level", "Proposed and confirmed level", _OFFICE),
    _right("sign_level", "POST", "/situation/{situation}/level", "Sign a level or an override", _CONFIRMERS),
    _right("rulings", "GET", "/situation/{situation}/rulings", "What only people can say, and proposed calls", _OFFICE),
    _right("enter_ruling", "POST", "/situation/{situation}/rulings", "Enter, confirm or refuse it", _ANALYSTS),
    _right("account", "GET", "/situation/{situation}/account", "Whether the State was asked, and its answer", _OFFICE),
    _right("note_account", "POST", "/situation/{situation}/account", "Note it, or why a text is not shown", _CLEARERS),
    _right("options", "GET", "/situation/{situation}/options", "Options, conditions, what was decided", _CLEARERS),
    _right("decide_option", "POST", "/situation/{situation}/options", "Enter what was decided", _HEADS),
    _right("issues", "GET", "/issues", "Drafts of issues, and what holds them back", _OFFICE),
    _right("issue", "GET", "/issue/{week}/{revision}", "One issue before it leaves", _OFFICE),
    _right("issue_page", "GET", "/issue/{week}/{revision}/{name}", "A page of a draft, in any form; logged", _OFFICE),
    _right("clear_issue", "POST", "/issue/{week}/{revision}/clear", "Clear an issue", _HEADS),
    _right("send_issue", "POST", "/issue/{week}/{revision}/issue", "Issue it", _HEADS),
    _right("stop_issue", "POST", "/issue/{week}/{revision}/stop", "Stop or withdraw it", _CLEARERS),
    _right("public_issue", "GET", "/public/{week}/{revision}", "A public edition before it leaves", _OF_THE_PUBLIC),
    _right("public_page", "GET", "/public/{week}/{revision}/{name}", "A page of it; logged", _OF_THE_PUBLIC),
    _right("clear_public", "POST", "/public/{week}/{revision}/clear", "Clear a public edition", _HEADS_IN_PUBLIC),
    _right("send_public", "POST", "/public/{week}/{revision}/issue", "Publish it", _HEADS_IN_PUBLIC),
    _right("stop_public", "POST", "/public/{week}/{revision}/stop", "Stop or withdraw it", _CLEARERS_IN_PUBLIC),
    _right("released", "GET", "/released", "Issues that were released", _READERS),
    _right("released_page", "GET", "/released/{week}/{revision}/{name}", "A released page; logged", _READERS),
    _right("acknowledge", "POST", "/released/{week}/{revision}", "Acknowledge an issue", _READERS),
    _right("intake", "GET", "/intake", "The form for people's own reports", {**_ANALYSTS, **_CLEARERS}),
    _right("receive", "POST", "/intake", "Take reports in, by form or file", {**_ANALYSTS, **_CLEARERS}),
    _right("report", "GET", "/report/{report}", "One report taken in, and all that used it", _OFFICE),
    _right("withdraw_report", "POST", "/report/{report}", "Withdraw a report", {**_ANALYSTS, **_CLEARERS}),
    _right("read_link", "GET", "/acknowledge", "A notice by the link of its mail, before the click", {}, open_=True),
    _right("click_link", "POST", "/acknowledge", "Acknowledge it, after the click", {}, open_=True),
    _right("alerts", "GET", "/alerts", "Alerts that left, and drafts that wait for an approver", _ALERTED),
    _right("alert", "GET", "/alerts/{alert}", "One alert: what was told, to whom, who answered", _ALERTED),
    _right("answer_alert", "POST", "/alerts/{alert}", "Acknowledge a message of it", _MANAGER),
    _right("send_again", "POST", "/alerts/{alert}/again", "Send a dead letter once more", _HEADS),
    _right("notice", "GET", "/notice/{notice}", "One notice as its readers see it", _CLEARERS),
    _right("notice_cap", "GET", "/notice/{notice}/cap", "The same as CAP 1.2; logged", _CLEARERS),
    _right("approve_notice", "POST", "/notice/{notice}/approve", "Approve it", _HEADS),
    _right("withdraw_notice", "POST", "/notice/{notice}/withdraw", "Take it back", _CLEARERS),
    _right("roster", "GET", "/roster", "Requests, their stages and hours; no person", _MANAGER),
    _right("people", "GET", "/roster/people", "Numbers and papers, without names; logged", _OF_PEOPLE),
    _right("roster_person", "POST", "/roster/person", "One record, for a stated reason; logged", _OF_PEOPLE),
    _right("erase_person", "POST", "/roster/person/erase", "Erase a record", _OF_PEOPLE),
    _right("roster_table", "GET", "/roster/intake", "The form for a table of people", _OF_PEOPLE),
    _right("take_table", "POST", "/roster/intake", "Check a table, or take it in", _OF_PEOPLE),
    _right("new_request", "GET", "/roster/request", "The form of a request", _MANAGER),
    _right("register", "POST", "/roster/request", "Register a request", _MANAGER),
    _right("request", "GET", "/roster/request/{request}", "One request, its people's steps", _OF_PEOPLE),
    _right("find_team", "POST", "/roster/request/{request}/team", "Find teams; logged", _OF_PEOPLE),
    _right("ask_team", "POST", "/roster/request/{request}/ask", "Note that a team is asked", _OF_PEOPLE),
    _right("note_step", "POST", "/roster/request/{request}/step", "Note one person's step", _OF_PEOPLE),
    _right("move_request", "POST", "/roster/request/{request}/stage", "Bring it to a later stage", _MANAGER),
    _right("mission", "POST", "/roster/request/{request}/mission", "Record a good-offices mission", _OF_PEOPLE),
    _right("roster_access", "GET", "/roster/access", "Who looked into the roster", {**_MANAGER, **_AUDITOR}),
    _right("history", "GET", "/history", "All decisions on one object", {**_OFFICE, **_AUDITOR}),
    _right("audit", "GET", "/audit", "Is the chain of decisions whole?", _AUDITOR),
    _right("access", "GET", "/access", "Who read what, and when", _AUDITOR),
    _right("accounts", "GET", "/accounts", "Accounts and roles", _ADMINISTRATOR),
    _right("set_account", "POST", "/accounts/{account}", "Close or open an account", _ADMINISTRATOR),
)
BY_NAME = {one.name: one for one in RIGHTS}


def check_role(person: Person, right: Right) -> None:
    """Refused when this role has nothing to do on this route."""
    if not right.open and person.role not in right.ceilings:
        raise Refused(
            "This page is not for your role.",
            why=f"You are signed in as {person.role.value}, and this page is for other roles.",
            do="Go back, or ask the administrator if your role has changed.",
        )


def may_see(person: Person, right: Right, *, classification: Classification, place: Place | None) -> bool:
    """Whether a row of this classification and place is for this person on this route."""
    ceiling = right.ceilings.get(person.role)
    if ceiling is None or RANK[classification] > RANK[ceiling]:
        return False
    return place is None or person.knows(place)


def check_row(person: Person, right: Right, *, classification: Classification, place: Place | None) -> None:
    """The same, as a refusal in words."""
    check_role(person, right)
    if place is not None and not person.knows(place):
        raise Refused(
            "This belongs to another region.",
            why="People see what their own desk works on, and nothing else.",
            do="Go back; if you need it for your work, ask your regional head to have your account changed.",
        )
    if not may_see(person, right, classification=classification, place=place):
        raise Refused(
            f"This is {classification.value.replace('_', ' ')}.",
            why=f"The role of {person.role.value} does not reach that far on this page.",
            do="Ask the protection officer.",
        )


def strictest(*found: Classification) -> Classification:
    """The classification of what is made of these parts; of nothing, unclassified."""
    return max(found, key=lambda one: RANK[one], default=OPEN)


def describe() -> str:
    """The table for docs/desk-rights.md."""
    words = {OPEN: "unclassified", CONFIDENTIAL: "confidential", STRICT: "strictly confidential"}
    short = {OPEN: "U", CONFIDENTIAL: "C", STRICT: "S"}
    head = ["route", "what", *(role.value for role in Role)]
    lines = [
        "# Rights at the desk",
        "",
        "Generated by `python -m review.rights` from the table that the desk itself is built from. Do not edit this",
        "page: a test compares it with the code, and another opens every route in every role.",
        "",
        "A letter is the highest classification that the role may see or change on that route: "
        + ", ".join(f"**{short[one]}** {words[one]}" for one in RANK)
        + ". A dash is a refusal. *Open* needs no sign-in and shows no row. Pages that show no row of the store are",
        "marked U. On top of this table stand the person's regions: a row of another region is refused on every route.",
        "",
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
    ]
    for one in RIGHTS:
        cells = ["open" if one.open else short.get(one.ceilings.get(role, ""), "–") for role in Role]  # type: ignore[call-overload]
        lines.append(f"| `{one.method} {one.path}` | {one.about} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "Who may move a text which step, who confirms which level, and who may override are rules of their own: they",
        "stand in `review/situations.py` and `review/levels.py`, and [the desk's page](desk.md) tells them.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(describe())
