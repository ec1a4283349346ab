"""Every route, every role, every classification: the table is what the desk does, in both directions."""

import itertools
from pathlib import Path

import pytest
from desks import PEOPLE, Desk
from fastapi.routing import APIRoute
from standbys import DRAFT, TOLD, fill_standby
from weeks import ISSUE, OTHER, SITUATION

from domain.classification import Classification
from domain.errors import Refused
from domain.signal import short_hash
from domain.state import Place, PlaceKind
from review.rights import BY_NAME, RANK, RIGHTS, Person, Role, check_row, describe, may_see, strictest

RURITANIA = Place(code="XRU", name="Ruritania", kind=PlaceKind.MEMBER, regional_group="AFR", field_region="AFRICA")
ONE_OF_EACH = {role: next(name for name, one in PEOPLE.items() if one[1] is role) for role in Role}
NAMES = {
    "incident": short_hash("incident", "XRU", "0"),
    "situation": SITUATION,
    "week": ISSUE,
    "revision": "r1",
    "name": "AFR.html",
    "form": "json",
    "report": f"{short_hash('incident', 'XRU', '0')}-a",
    "account": "olga",
    "alert": TOLD.alert_id,
    "notice": DRAFT.notice_id,
    "request": "REQ-1",
}
# What a role is told beyond the table: an issue is cleared and sent by heads, once nothing holds it back.
WORDS = "This page is not for your role."


def address(path: str) -> str:
    return path.format(**NAMES)


def test_the_application_has_the_routes_of_the_table_and_no_other(desk: Desk):
    routes = {(method, one.path) for one in desk.app.routes if isinstance(one, APIRoute) for method in one.methods}
    assert routes == {(one.method, one.path) for one in RIGHTS}
    assert [one for one in desk.app.routes if not isinstance(one, APIRoute)] == []
    assert len(RIGHTS) == len({(one.method, one.path) for one in RIGHTS}) == len(BY_NAME)


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name)
def test_each_role_opens_what_the_table_gives_it_and_is_refused_the_rest(desk: Desk, role: Role):
    fill_standby(desk.settings)
    visitor = desk.person(ONE_OF_EACH[role])
    for right in RIGHTS:
        if right.open or right.name == "sign_out":
            continue
        if right.method == "GET":
            visitor.get(address(right.path))
        else:
            visitor.post(address(right.path), {})
        refused = visitor.status == 403 and visitor.what == WORDS
        assert refused == (role not in right.ceilings), (right.name, visitor.status, visitor.what)
        if right.method == "GET" and role in right.ceilings and right.name != "released_page":
            assert visitor.status == 200, (right.name, visitor.what)


def test_nobody_opens_anything_but_the_open_routes_without_signing_in(desk: Desk):
    stranger = desk.stranger()
    for right in RIGHTS:
        if right.name.startswith("office"):
            continue  # of an office's sign-in, which this desk has none of: test_openid.py
        if right.name == "read_link":
            continue  # a link without its signature is refused: test_roster_pages.py
        if right.method == "GET":
            stranger.get(address(right.path).replace("/static/AFR.html", "/static/desk.css"))
        else:
            answer = stranger.client.post(address(right.path), data={"reason": "x"})
            stranger.status, stranger.text = answer.status_code, answer.text
        closed = 303 if right.method == "GET" else 401
        assert stranger.status == (closed if not right.open else 200 if right.method == "GET" else 403)


@pytest.mark.parametrize(("role", "level"), itertools.product(Role, Classification))
def test_a_row_is_seen_up_to_the_ceiling_and_no_further(role: Role, level: Classification):
    person = Person(account="x", name="X", role=role, regions=frozenset({"*"}))
    for right in RIGHTS:
        ceiling = right.ceilings.get(role)
        wanted = ceiling is not None and RANK[level] <= RANK[ceiling]
        assert may_see(person, right, classification=level, place=RURITANIA) == wanted
        if wanted:
            check_row(person, right, classification=level, place=RURITANIA)
        else:
            with pytest.raises(Refused):
                check_row(person, right, classification=level, place=RURITANIA)


@pytest.mark.parametrize(("regions", "seen"), [({"AFRICA"}, True), ({"*"}, True), ({"ASPAC"}, False), (set(), False)])
def test_a_row_is_for_those_whose_desk_holds_its_region(regions, seen):
    person = Person(account="x", name="X", role=Role.ANALYST, regions=frozenset(regions))
    right = BY_NAME["incident"]
    assert may_see(person, right, classification=Classification.UNCLASSIFIED, place=RURITANIA) == seen


def test_another_regions_id_in_the_address_is_refused_with_words(desk: Desk):
    visitor = desk.person("ana")
    for path in ("", "/write", "/preview", "/preview/pdf", "/export", "/level"):
        visitor.get(f"/situation/{OTHER}{path}")
        assert (visitor.status, visitor.what) == (403, "This belongs to another region.")
    for path in (
        f"/incident/{short_hash('incident', 'XGE', '0')}",
        "/triage?place=XGE",
        f"/history?object=level/{OTHER}",
    ):
        visitor.get(path)
        assert visitor.status in {200, 403}
        assert "Genovia" not in visitor.text
    visitor.post(
        f"/incident/{short_hash('incident', 'XGE', '0')}", {"verdict": "relevant", "reason": "x", "version": "0"}
    )
    assert (visitor.status, visitor.what) == (403, "This belongs to another region.")
    assert desk.office.ledger.in_order() == ()


def test_a_strictly_confidential_row_is_not_for_analysts_and_not_in_their_lists(desk: Desk):
    sealed = short_hash("incident", "XFR", "1")
    situation = short_hash("situation", "XFR", "2024-W04")
    analyst = desk.person("ana")
    analyst.get(f"/incident/{sealed}")
    assert (analyst.status, analyst.what) == (403, "This is strictly confidential.")
    assert situation not in analyst.get("/situations").text
    officer = desk.person("pia")
    assert officer.get(f"/incident/{sealed}").status == 200
    assert situation in officer.get("/situations").text


def test_reads_of_confidential_rows_are_logged_and_others_are_not(desk: Desk):
    analyst = desk.person("ana")
    analyst.get(f"/incident/{short_hash('incident', 'XRU', '4')}")
    analyst.get(f"/incident/{short_hash('incident', 'XRU', '3')}")  # open, and nothing confidential near it
    analyst.get(f"/situation/{SITUATION}")
    analyst.get(f"/situation/{SITUATION}/export")
    rows = [(one.what, one.object_id, one.classification) for one in desk.accounts.accesses("ana")][::-1]
    assert rows == [
        ("signed in", "", "unclassified"),
        ("GET incident", short_hash("incident", "XRU", "4"), "confidential"),
        ("GET situation", f"situation/{SITUATION}", "confidential"),
        ("export export", f"situation/{SITUATION}", "confidential"),
    ]
    assert rows[1][1] in desk.person("alma").get("/access").text


SECRET = short_hash("incident", "XRU", "4")  # of a confidential source
TEXT_OF = f"situation/{SITUATION}"


@pytest.mark.parametrize(
    ("who", "path", "what", "object_id"),
    [
        ("ana", "/", "GET home", TEXT_OF),
        ("ana", "/triage?place=XRU", "GET triage", SECRET),
        ("ana", f"/incident/{short_hash('incident', 'XRU', '0')}", "GET incident", SECRET),
        ("ana", "/situations", "GET situations", TEXT_OF),
        ("ana", f"/situation/{SITUATION}/write", "GET write", TEXT_OF),
        ("ana", f"/situation/{SITUATION}/preview", "GET preview", TEXT_OF),
        ("ana", f"/situation/{SITUATION}/preview/json", "export preview_form", f"{TEXT_OF}/preview.json"),
        ("ana", f"/situation/{SITUATION}/level", "GET level", TEXT_OF),
        ("rex", f"/situation/{SITUATION}/options", "GET options", TEXT_OF),
        ("ana", f"/issue/{ISSUE}/r1", "GET issue", TEXT_OF),
        ("rex", f"/issue/{ISSUE}/r1", "GET issue", f"{ISSUE}/r1/restricted"),
        ("rex", f"/issue/{ISSUE}/r1/AFR.html", "export issue_page", f"{ISSUE}/r1/restricted/AFR.html"),
        ("rex", f"/public/{ISSUE}/r1/AFR.html", "export public_page", f"{ISSUE}/r1/public/AFR.html"),
        ("ana", f"/report/{SECRET}-a", "GET report", f"report/{SECRET}-a"),
        ("alma", "/audit", "GET audit", "chain"),
    ],
)
def test_each_page_that_shows_a_confidential_row_or_gives_a_file_away_says_so_in_the_log(
    desk: Desk, who: str, path: str, what: str, object_id: str
):
    visitor = desk.person(who).get(path)
    assert visitor.status == 200, visitor.what
    assert (what, object_id) in {(one.what, one.object_id) for one in desk.accounts.accesses(who)}


def test_a_refused_read_leaves_no_read_in_the_log(desk: Desk):
    desk.person("ana").get(f"/situation/{OTHER}")
    assert [one.what for one in desk.accounts.accesses("ana")] == ["signed in"]


def test_the_strictest_of_parts_holds():
    assert strictest() is Classification.UNCLASSIFIED
    assert strictest(*Classification) is Classification.STRICTLY_CONFIDENTIAL


def test_the_page_of_the_table_is_current(root: Path):
    assert (root / "docs" / "desk-rights.md").read_text("utf-8") == describe(), "python -m review.rights writes it"
