"""A public edition at the desk: cleared and published by its own rights, from bytes that no restricted hand touches."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from desks import PEOPLE, Desk, words_of
from weeks import ISSUE, SITUATION

from domain.classification import Lens
from domain.review import Authentication
from horizon import stages
from review.approval import write_manifest
from review.rights import Role
from warehouse.connection import open_store
from warehouse.sealed import make_vault

PAGE = f"/public/{ISSUE}/r1"
TOKEN = "Qxylo4"  # noqa: S105  (planted, so that a leak can be found)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def published(desk: Desk) -> Path:
    """The public edition after it went the whole way."""
    rex, hana = desk.person("rex"), desk.person("hana")
    assert rex.post(f"{PAGE}/clear", {"reason": f"read in full {TOKEN}", "version": "0"}, page=PAGE).status == 303
    assert hana.post(f"{PAGE}/issue", {"reason": f"for all {TOKEN}", "version": "1"}, page=PAGE).status == 303, (
        hana.text
    )
    return desk.office.public.published / ISSUE / "r1"


def test_both_editions_are_listed_and_each_opens_its_own_pages(desk: Desk):
    rex = desk.person("rex")
    assert f'href="{PAGE}"' in rex.get("/issues").text
    assert "for everyone" not in rex.get(f"/issue/{ISSUE}/r1/AFR.html").text
    assert "for everyone" in rex.get(f"{PAGE}/AFR.html").text
    page = words_of(rex.get(PAGE).text)
    assert "on public rows and rules alone" in page
    assert "Situations in it" not in page
    assert "Chain of decisions" not in page


def test_it_is_seen_cleared_and_published_and_everyone_gets_it(desk: Desk):
    target = published(desk)
    assert files(target) == files(desk.office.public.drafts / ISSUE / "r1")
    reader = desk.person("rosa")
    assert "AFR.html" in reader.get("/released").text
    assert "for everyone" in reader.get(f"/released/{ISSUE}/r1/AFR.html?lens=public").text
    cleared = desk.office.ledger.history(f"{ISSUE}/r1/public")[0].decision
    assert (cleared.by, cleared.authentication, cleared.lens) == (
        "Rex Region",
        Authentication.SIGNED_IN,
        Lens.RESTRICTED,
    )


def test_nothing_of_who_cleared_it_or_of_the_chain_is_in_any_public_file(desk: Desk):
    target = published(desk)
    settings = replace(desk.settings, lens=Lens.PUBLIC)
    stages.load(settings=settings)
    with open_store(desk.settings.var, Lens.PUBLIC) as store:
        assert store.dump("raw_decisions").is_empty()
    found = files(target.parent)
    assert not [name for name in found if "anchor" in name]
    told = b"".join(found.values()) + (desk.settings.var / "warehouse.duckdb").read_bytes()
    for trace in (TOKEN, "Rex Region", "regional head"):
        assert trace.encode() not in told


def test_a_restricted_clearance_releases_no_public_edition_and_the_other_way_round(desk: Desk):
    rex, hana = desk.person("rex"), desk.person("hana")
    assert rex.post(f"{PAGE}/clear", {"reason": "read", "version": "0"}, page=PAGE).status == 303
    hana.post(f"/issue/{ISSUE}/r1/issue", {"reason": "x", "version": "0"}, page=f"/issue/{ISSUE}/r1")
    assert hana.status == 403
    assert not (desk.settings.published / ISSUE).exists()
    assert not desk.office.public.published.exists()


def test_a_restricted_draft_in_the_public_folder_is_refused(desk: Desk):
    folder = desk.office.public.drafts / ISSUE / "r1"
    shutil.rmtree(folder)
    shutil.copytree(desk.settings.drafts / ISSUE / "r1", folder)
    rex = desk.person("rex")
    assert rex.get(PAGE).what == "This draft is not what its folder says."
    assert rex.get(f"{PAGE}/AFR.html").status == 403
    rex.post(f"{PAGE}/clear", {"reason": "read", "version": "0"})
    assert rex.status == 403
    assert desk.office.ledger.in_order() == ()


def test_what_holds_the_restricted_issue_back_is_not_asked_of_the_public_one(desk: Desk):
    assert SITUATION in desk.person("rex").get(f"/issue/{ISSUE}/r1").text
    assert published(desk).is_dir()


def test_a_stopped_public_edition_does_not_leave_and_its_reason_is_sealed_from_the_public_lens(desk: Desk):
    rex, pia = desk.person("rex"), desk.person("pia")
    assert rex.post(f"{PAGE}/clear", {"reason": "read", "version": "0"}, page=PAGE).status == 303
    assert pia.post(f"{PAGE}/stop", {"reason": f"a risk {TOKEN}", "version": "1"}, page=PAGE).status == 303
    rex.post(f"{PAGE}/issue", {"reason": "x", "version": "2"}, page=PAGE)
    assert rex.status == 403
    assert desk.office.ledger.history(f"{ISSUE}/r1/public")[1].decision.lens is Lens.RESTRICTED


def test_a_draft_that_was_made_anew_is_the_one_to_clear(desk: Desk):
    folder = desk.office.public.drafts / ISSUE
    shutil.copytree(folder / "r1", folder / "r2")
    write_manifest(folder / "r2", issue=ISSUE, revision="r2", lens=Lens.PUBLIC)
    rex = desk.person("rex")
    assert "drafted anew since then, as r2" in rex.get(PAGE).text
    rex.post(f"{PAGE}/clear", {"reason": "read", "version": "0"}, page=PAGE)
    assert rex.what == f"{ISSUE} r1 is not the newest draft."


@pytest.mark.parametrize("name", ["adam", "pia"])
def test_who_can_do_something_is_told_that_nothing_is_sealed(desk: Desk, name: str):
    assert "Encryption at rest is off." in desk.person(name).get("/").text
    assert PEOPLE[name][1] in {Role.ADMINISTRATOR, Role.PROTECTION_OFFICER}
    assert "Encryption at rest is off." not in desk.person("ana").get("/").text
    make_vault(desk.settings.var, desk.settings.var / "keys")
    assert "Encryption at rest is off." not in desk.person(name).get("/").text
