"""An approval: a named person who is not the author, on exactly the bytes that were seen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.classification import Lens
from domain.errors import Refused, UsageError
from domain.review import Act, Authentication, Decision
from review.approval import Draft, approve, check_release, read_draft, write_manifest
from review.ledger import Hand

NOON = datetime(2024, 1, 30, 12, tzinfo=UTC)


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    (tmp_path / "pages").mkdir()
    (tmp_path / "AFR.html").write_text("<p>Ruritania</p>", "utf-8")
    (tmp_path / "pages" / "APS.html").write_text("<p>Genovia</p>", "utf-8")
    return write_manifest(tmp_path, issue="2024-W04", revision="r1", lens=Lens.RESTRICTED, author="A. Writer")


def approved(draft: Draft, by: str = "A. Reviewer", hours: int = 0) -> Decision:
    hand = Hand(by=by, role="analyst", operating_system_user="reviewer")
    return approve(draft, hand=hand, reason="read in full", at=NOON + timedelta(hours=hours))


def why(draft: Draft, *decisions: Decision) -> str:
    with pytest.raises(Refused) as told:
        check_release(draft, decisions)
    assert told.value.exit_code == 3
    return told.value.why


def test_a_draft_is_read_as_it_was_described(draft):
    assert read_draft(draft.folder) == draft
    assert draft.object_id == "2024-W04/r1/restricted"


def test_a_folder_without_a_manifest_is_no_draft(tmp_path):
    with pytest.raises(UsageError, match="There is no draft"):
        read_draft(tmp_path)


def test_any_change_changes_the_hash(draft):
    seen = {draft.object_hash}
    for change in (
        lambda: (draft.folder / "AFR.html").write_text("<p>Ruritania!</p>", "utf-8"),
        lambda: (draft.folder / "pages" / "new.html").write_text("", "utf-8"),
        lambda: (draft.folder / "pages" / "APS.html").replace(draft.folder / "pages" / "EES.html"),
        lambda: write_manifest(draft.folder, issue="2024-W04", revision="r1", lens=Lens.PUBLIC),
    ):
        change()
        seen.add(read_draft(draft.folder).object_hash)
    assert len(seen) == 5


def test_two_files_cannot_swap_their_contents_unseen(draft):
    one, other = draft.folder / "AFR.html", draft.folder / "pages" / "APS.html"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    assert read_draft(draft.folder).object_hash != draft.object_hash


def test_an_approval_says_who_what_and_when(draft):
    decision = approved(draft, by="  A. Reviewer ")
    assert decision == Decision(
        act=Act.APPROVE,
        object_id="2024-W04/r1/restricted",
        object_hash=draft.object_hash,
        by="A. Reviewer",
        role="analyst",
        author="A. Writer",
        reason="read in full",
        decided_at=NOON,
        lens=Lens.RESTRICTED,
        authentication=Authentication.UNAUTHENTICATED,
        operating_system_user="reviewer",
    )
    assert check_release(draft, [decision]) == decision


@pytest.mark.parametrize("by", ["", "   ", "\t"])
def test_an_approval_without_a_name_is_refused(draft, by):
    with pytest.raises(Refused, match="needs a name"):
        approved(draft, by=by)


@pytest.mark.parametrize("by", ["A. Writer", "a. writer", " A. WRITER "])
def test_the_author_is_refused_however_the_name_is_written(draft, by):
    with pytest.raises(Refused, match="cannot approve this draft"):
        approved(draft, by=by)


def test_nobody_approved(draft):
    assert "Nobody has approved it" in why(draft)


def test_an_approval_of_another_object_does_not_count(draft):
    assert "Nobody has approved it" in why(draft, replace(approved(draft), object_id="2024-W04/r2/restricted"))


def test_an_approval_by_the_author_that_came_from_elsewhere_does_not_count(draft):
    assert "Its approver is its author" in why(draft, replace(approved(draft), by="A. Writer"))
    assert "Its approver is its author" in why(draft, replace(approved(draft), by=" "))


def test_an_approval_of_other_bytes_is_stale(draft):
    decision = approved(draft)
    (draft.folder / "AFR.html").write_text("<p>other</p>", "utf-8")
    assert "changed after it was approved" in why(read_draft(draft.folder), decision)


@pytest.mark.parametrize("act", [Act.WITHDRAW, Act.STOP])
def test_an_approval_can_be_taken_back_and_given_again(draft, act):
    given = approved(draft)
    taken = replace(approved(draft, by="Another", hours=1), act=act)
    again = approved(draft, hours=2)
    assert "taken back" in why(draft, taken, given)
    assert check_release(draft, [again, taken, given]) == again


@pytest.mark.parametrize("act", [Act.SET_ASIDE, Act.CONFIRM_LEVEL, Act.OVERRIDE_LEVEL, Act.MERGE, Act.SPLIT])
def test_acts_on_incidents_neither_give_nor_take_an_approval(draft, act):
    given = approved(draft)
    assert check_release(draft, [given, replace(approved(draft, hours=1), act=act)]) == given
    assert "Nobody" in why(draft, replace(given, act=act))


def test_a_public_draft_needs_a_person_who_signed_in(draft):
    public = write_manifest(draft.folder, issue="2024-W04", revision="r1", lens=Lens.PUBLIC, author="A. Writer")
    decision = approved(public)
    assert "not authenticated" in why(public, decision)
    signed = replace(decision, authentication=Authentication.SIGNED_IN)
    assert check_release(public, [signed]) == signed
