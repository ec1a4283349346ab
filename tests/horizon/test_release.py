"""Nothing leaves without a named person who is not its author, and what left never changes."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fictional import AS_OF, World

from briefs import protection
from domain.classification import Lens
from domain.errors import HorizonError, Refused, UsageError
from domain.review import Act, Authentication
from horizon import stages
from horizon.settings import Settings
from horizon.withdrawal import read_gone
from review import approval
from review.approval import read_draft, write_manifest
from review.ledger import Conflict, Hand, Ledger, decide, protect, unchained, verify
from warehouse.connection import open_store
from warehouse.landing import LandedDecision, read_records, write_decision
from warehouse.uses import Gone

NAME = "2024-W04/r1"
NOW = datetime(2024, 1, 30, 12, tzinfo=UTC)


def approve(settings: Settings, by: str = "A. Reviewer", name: str = NAME):
    return stages.approve(name, by=by, role="analyst", reason="read in full", settings=settings)


@pytest.fixture
def desk(tmp_path: Path) -> World:
    """A world with two finished drafts, one a lens; their pages are one line, for approval reads bytes alone."""
    world = World(tmp_path)
    for lens in Lens:
        folder = world.settings(lens).drafts / NAME
        folder.mkdir(parents=True)
        (folder / "AFR.html").write_text(f"<p>{lens.value}</p>", "utf-8")
        write_manifest(folder, issue="2024-W04", revision="r1", lens=lens)
    return world


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_draft_that_nobody_approved_is_refused(desk: World):
    with pytest.raises(Refused, match="cannot be published") as told:
        stages.publish(NAME, desk.settings())
    assert told.value.exit_code == 3
    assert not desk.settings().published.exists()


def test_a_draft_that_a_named_person_approved_is_published_as_it_was_seen(desk: World):
    settings = desk.settings()
    approve(settings)
    target = stages.publish(NAME, settings)
    assert target == settings.published / NAME
    assert files(target) == files(settings.drafts / NAME)


def test_the_author_of_a_draft_cannot_approve_it(desk: World):
    settings = desk.settings()
    write_manifest(settings.drafts / NAME, issue="2024-W04", revision="r1", lens=settings.lens, author="A. Writer")
    with pytest.raises(Refused, match="cannot approve"):
        approve(settings, by=" a. writer ")
    assert not list(read_records(settings.decisions))


def test_an_approval_needs_a_name(desk: World):
    with pytest.raises(Refused, match="needs a name"):
        approve(desk.settings(), by="  ")


def test_a_draft_that_changed_after_its_approval_is_refused(desk: World):
    settings = desk.settings()
    approve(settings)
    (settings.drafts / NAME / "AFR.html").write_text("<p>other</p>", "utf-8")
    with pytest.raises(Refused, match="cannot be published") as told:
        stages.publish(NAME, settings)
    assert "changed after it was approved" in told.value.why
    approve(settings)
    assert stages.publish(NAME, settings).is_dir()


def test_a_public_draft_waits_for_people_who_sign_in(desk: World):
    settings = desk.settings(Lens.PUBLIC)
    decision = approve(settings)
    assert decision.authentication is Authentication.UNAUTHENTICATED
    with pytest.raises(Refused) as told:
        stages.publish(NAME, settings)
    assert "not authenticated" in told.value.why


def test_an_approval_of_one_lens_is_none_of_the_other(desk: World):
    approve(desk.settings(Lens.PUBLIC))
    with pytest.raises(Refused, match="2024-W04/r1/restricted"):
        stages.publish(NAME, desk.settings())


def test_what_was_published_never_changes(desk: World):
    settings = desk.settings()
    approve(settings)
    before = files(stages.publish(NAME, settings))
    (settings.drafts / NAME / "AFR.html").write_text("<p>other</p>", "utf-8")
    approve(settings)
    with pytest.raises(HorizonError, match="is published already"):
        stages.publish(NAME, settings)
    assert files(settings.published / NAME) == before


def test_the_decision_is_a_landing_record_with_the_user_of_the_machine(desk: World):
    settings = desk.settings()
    decision = approve(settings)
    (record,) = read_records(settings.decisions)
    assert isinstance(record, LandedDecision)
    assert record.decision == decision
    assert record.protection.lens is settings.lens
    assert decision.operating_system_user
    assert decision.object_id == "2024-W04/r1/restricted"
    assert decision.object_hash == read_draft(settings.drafts / NAME).object_hash


def test_a_decision_that_was_edited_releases_nothing(desk: World):
    settings = desk.settings()
    write_manifest(settings.drafts / NAME, issue="2024-W04", revision="r1", lens=settings.lens, author="A. Writer")
    approve(settings)
    path = next(settings.decisions.rglob("*.json"))
    path.write_text(path.read_text("utf-8").replace("A. Reviewer", "B. Reviewer"), "utf-8")
    with pytest.raises(HorizonError, match="was changed"):
        stages.publish(NAME, settings)


def test_the_decision_survives_a_rebuild(desk: World):
    settings = desk.settings()
    approve(settings)
    stages.load(settings=settings)
    (before,) = desk.rows("raw_decisions")
    stages.rebuild(settings)
    assert desk.rows("raw_decisions") == [before]
    assert (before["decided_by"], before["act"]) == ("A. Reviewer", "approve")


def test_a_restricted_decision_is_not_in_the_public_file(desk: World):
    approve(desk.settings())
    stages.load(settings=desk.settings())
    with open_store(desk.settings().var, Lens.PUBLIC) as store:
        assert store.dump("raw_decisions").is_empty()


@pytest.mark.parametrize("name", ["2024-W99/r1", "soon", "2024-W04/r9", "2023-W04"])
def test_a_draft_that_is_not_there_is_a_usage_error(desk: World, name):
    with pytest.raises(UsageError):
        approve(desk.settings(), name=name)


def test_the_issue_alone_means_its_first_revision(desk: World):
    assert approve(desk.settings(), name="2024-W04").object_id == "2024-W04/r1/restricted"


def test_the_next_draft_after_a_publication_is_r2(ran: World):
    settings = ran.settings()
    again = stages.draft(as_of=AS_OF, settings=settings)
    assert again.revision == "r1"
    approve(settings)
    published = stages.publish(NAME, settings)
    before = files(published)
    drafted = stages.draft(as_of=AS_OF, settings=settings)
    assert drafted.revision == "r2"
    assert drafted.paths[0].parent == settings.drafts / "2024-W04" / "r2"
    assert files(published) == before
    with pytest.raises(Refused):
        stages.publish("2024-W04/r2", settings)
    public = replace(settings, lens=Lens.PUBLIC)
    stages.score(as_of=AS_OF, settings=public)
    assert stages.draft(as_of=AS_OF, settings=public).revision == "r1"


def placed(folder: Path, **places: int) -> None:
    """One entry on a page: ten incidents, so many at each place."""
    entry = {
        "kind": "entry",
        "code": "XRU",
        "situation_id": "s",
        "incidents": [f"i{number}" for number in range(10)],
        "placed": [{"name": name, "count": count} for name, count in places.items()],
    }
    (folder / "AFR.json").write_text(json.dumps({"entries": [entry]}), "utf-8")


def test_numbers_that_may_point_to_persons_stop_an_issue(desk: World):
    settings = desk.settings()
    placed(settings.drafts / NAME, north=8)
    approve(settings)
    with pytest.raises(Refused, match="may point to persons") as told:
        stages.publish(NAME, settings)
    assert told.value.exit_code == 3
    assert not settings.published.exists()


def test_an_issue_stops_where_it_differs_too_little_from_what_was_published(desk: World):
    settings = desk.settings()
    placed(settings.drafts / NAME, north=5)
    earlier = settings.published / "2024-W03" / "r1"
    earlier.mkdir(parents=True)
    placed(earlier, north=4)
    approve(settings)
    with pytest.raises(Refused, match="may point to persons"):
        stages.publish(NAME, settings)
    placed(earlier, north=5)
    assert stages.publish(NAME, settings).is_dir()


def test_what_was_published_in_the_other_lens_stops_no_public_issue(desk: World):
    settings, public = desk.settings(), desk.settings(Lens.PUBLIC)
    earlier = settings.published / "2024-W03" / "r1"
    earlier.mkdir(parents=True)
    placed(earlier, north=4)
    assert protection.earlier_editions(public.published, week="2024-W04", revision="r1") == ()
    assert len(protection.earlier_editions(settings.published, week="2024-W04", revision="r1")) == 1


def test_an_approval_of_the_command_line_stands_in_the_chain(desk: World):
    settings = desk.settings()
    decision = approve(settings)
    ledger = Ledger(settings.decisions.parent)
    (landed,) = ledger.history("2024-W04/r1/restricted")
    assert landed.decision == decision
    assert (decision.version, decision.authentication) == (1, Authentication.UNAUTHENTICATED)
    approve(settings, by="B. Reviewer")
    assert [one.decision.by for one in ledger.history("2024-W04/r1/restricted")] == ["A. Reviewer", "B. Reviewer"]
    assert verify(settings.decisions.parent) == ()
    assert unchained(settings.decisions.parent) == ()


def test_who_approves_while_another_decides_is_told_and_overwrites_nothing(desk: World, monkeypatch):
    settings = desk.settings()
    made = approval.approve

    def stopped_meanwhile(draft, **told):
        stop = decide(Act.STOP, draft.object_id, hand=Hand(by="P. Officer", role="r"), reason="x", at=NOW)
        Ledger(settings.decisions.parent).save(stop, protect(stop), version=None)
        return made(draft, **told)

    monkeypatch.setattr(approval, "approve", stopped_meanwhile)
    with pytest.raises(Conflict) as told:
        approve(settings)
    assert (told.value.exit_code, told.value.theirs.by) == (3, "P. Officer")
    with pytest.raises(Refused, match="cannot be published"):
        stages.publish(NAME, settings)


def test_an_approval_put_into_the_folder_by_another_hand_releases_nothing(desk: World):
    for lens in Lens:
        settings = desk.settings(lens)
        hand = Hand(by="F. Forger", role="regional head", authentication=Authentication.SIGNED_IN)
        forged = approval.approve(read_draft(settings.drafts / NAME), hand=hand, reason="x", at=NOW)
        body = write_decision(forged, protect(forged))
        path = settings.decisions / "2024" / f"{hashlib.sha256(body).hexdigest()}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        with pytest.raises(Refused, match="cannot be published"):
            stages.publish(NAME, settings)


def test_a_withdrawal_put_into_the_folder_by_another_hand_withdraws_nothing(tmp_path: Path):
    settings = World(tmp_path).settings()
    hand = Hand(by="F. Forger", role="protection officer", authentication=Authentication.SIGNED_IN)
    forged = decide(Act.WITHDRAW, "report/one", hand=hand, reason="x", at=NOW)
    body = write_decision(forged, protect(forged))
    path = settings.decisions / "2024" / f"{hashlib.sha256(body).hexdigest()}.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    assert read_gone(settings) == Gone()
    Ledger(settings.decisions.parent).save(forged, protect(forged), version=None)
    assert "one" in read_gone(settings).withdrawn


def test_an_old_approval_outside_the_chain_still_releases(desk: World):
    settings = desk.settings()
    old = approval.approve(
        read_draft(settings.drafts / NAME), hand=Hand(by="A. Reviewer", role="analyst"), reason="read", at=NOW
    )
    body = write_decision(old, protect(old))
    path = settings.decisions / "2024" / f"{hashlib.sha256(body).hexdigest()}.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    assert stages.publish(NAME, settings).is_dir()


def test_what_people_signed_is_never_drafted_over(ran: World):
    settings = ran.settings()
    first = files(settings.drafts / NAME)
    approve(settings)
    assert stages.draft(as_of=AS_OF, settings=settings).revision == "r2"
    assert files(settings.drafts / NAME) == first
    # Nobody signed the second one: drafted again, it is the same revision.
    assert stages.draft(as_of=AS_OF, settings=settings).revision == "r2"
    assert stages.publish(NAME, settings).is_dir()


def test_a_decision_while_a_draft_is_made_keeps_the_draft_that_was_signed(ran: World, monkeypatch):
    settings = ran.settings()
    first = files(settings.drafts / NAME)
    written = approval.write_manifest

    def signed_meanwhile(folder: Path, **told):
        approve(settings)
        return written(folder, **told)

    monkeypatch.setattr(approval, "write_manifest", signed_meanwhile)
    with pytest.raises(Refused, match="while it was drafted anew"):
        stages.draft(as_of=AS_OF, settings=settings)
    assert files(settings.drafts / NAME) == first
    assert not [path for path in (settings.drafts / "2024-W04").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(("act", "named"), [(Act.STOP, "r1"), (Act.APPROVE, "r2")])
def test_of_public_drafts_a_restricted_stop_changes_no_name(desk: World, act: Act, named: str):
    settings = desk.settings(Lens.PUBLIC)
    decision = decide(act, "2024-W04/r1/public", hand=Hand(by="P. Officer", role="r"), reason="x", at=NOW)
    Ledger(settings.decisions.parent).save(decision, protect(decision), version=None)
    assert stages._next_revision(settings, "2024-W04") == named
    assert stages._next_revision(desk.settings(), "2024-W04") == "r1"
