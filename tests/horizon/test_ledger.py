"""The ledger through the stages: a run writes its warnings, later issues read them, and a rebuild does not."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

from fictional import AS_OF, World

from domain.classification import Lens, Protection
from domain.review import Act, Decision
from domain.situation import Level
from horizon import stages
from horizon.confirmed import add_confirmed
from review.ledger import Ledger
from review.levels import Request, object_of
from warehouse.connection import open_store
from warehouse.outcome import read_ledger

EARLIER = AS_OF - timedelta(weeks=1)


def texts(page: dict) -> str:
    return " ".join(block.get("text", "") for section in page["sections"] for block in section["blocks"])


def ledger_page(world: World, lens: Lens = Lens.RESTRICTED) -> dict:
    drafted = stages.draft(as_of=AS_OF, settings=world.settings(lens))
    return json.loads((drafted.paths[0].parent / "ledger.json").read_text("utf-8"))


def test_a_run_writes_a_warning_for_each_situation_and_horizon(ran: World):
    situations = {one["situation_id"]: one for one in ran.rows("out_situations")}
    made = ran.rows("out_warnings")
    assert situations
    assert sorted((one["situation_id"], one["horizon_days"]) for one in made) == sorted(
        (situation, days) for situation in situations for days in (30, 90, 180)
    )
    for one in made:
        assert (one["issue"], one["made_at"], one["confirmed"]) == ("2024-W04", AS_OF, None)
        assert one["level"] == situations[one["situation_id"]]["level"]
        assert one["triggers"] == situations[one["situation_id"]]["triggers"]


def test_a_rebuild_keeps_warnings_as_they_were_made(ran: World):
    settings = ran.settings()
    stages.score(as_of=EARLIER, settings=settings)
    with open_store(settings.var, Lens.RESTRICTED) as store:
        # As if the code of that week had warned of nothing this week, and otherwise the week before.
        store.delete_issue("out_warnings", issue="2024-W04")
        before = store.dump("out_warnings").rows()
    stages.rebuild(settings)
    with open_store(settings.var, Lens.RESTRICTED) as store:
        assert store.dump("out_warnings").rows() == before
        assert store.dump("out_situations").height > 0


def sign(world: World, situation_id: str, *, by: str, role: str, at: datetime, lens: Lens = Lens.RESTRICTED) -> None:
    """One signature under raising the situation from watch to emerging concern."""
    request = Request(
        situation_id=situation_id,
        run="2024-W04",
        from_level=Level.WATCH,
        proposed_level=Level.WATCH,
        to_level=Level.EMERGING,
        rules_departed_from=("P1",),
        expires_on=date(2024, 2, 20),
    )
    decision = Decision(
        act=Act.OVERRIDE_LEVEL,
        object_id=object_of(situation_id),
        object_hash="",
        by=by,
        role=role,
        author="",
        reason="A fictional reason.",
        decided_at=at,
        lens=lens,
        content=request.content,
        version=1 if role == "analyst" else 2,
    )
    Ledger(world.settings().decisions.parent).save(
        decision, replace(Protection.public(at.date()), lens=lens), version=None
    )


def confirmed(world: World, as_of: datetime, lens: Lens = Lens.RESTRICTED) -> dict[str, Level | None]:
    with open_store(world.settings().var, lens) as store:
        found = add_confirmed(store, read_ledger(store, as_of=as_of), world.settings(lens), as_of=as_of)
    return {one.situation_id: one.confirmed for one in found}


def both_sign(world: World, second_at: datetime, lens: Lens = Lens.RESTRICTED) -> str:
    situation_id = str(world.rows("out_warnings", lens)[0]["situation_id"])
    sign(world, situation_id, by="A. Analyst", role="analyst", at=AS_OF + timedelta(days=1), lens=lens)
    sign(world, situation_id, by="B. Second", role="second analyst", at=second_at, lens=lens)
    return situation_id


def test_a_level_signed_within_a_week_is_the_confirmed_one_and_the_row_stays_as_written(ran: World):
    before = ran.rows("out_warnings")
    raised = both_sign(ran, AS_OF + timedelta(days=7))
    levels = confirmed(ran, AS_OF + timedelta(days=8))
    assert levels.pop(raised) is Level.EMERGING
    assert set(levels.values()) <= {None}
    assert ran.rows("out_warnings") == before


def test_a_level_signed_later_or_by_one_person_is_none_for_that_issue(ran: World):
    raised = both_sign(ran, AS_OF + timedelta(days=7, seconds=1))
    assert confirmed(ran, AS_OF + timedelta(days=30))[raised] is None


def test_a_later_instant_knows_signatures_that_an_earlier_one_did_not(ran: World):
    raised = both_sign(ran, AS_OF + timedelta(days=3))
    assert confirmed(ran, AS_OF + timedelta(days=2))[raised] is None
    assert confirmed(ran, AS_OF + timedelta(days=3))[raised] is Level.EMERGING


def test_the_public_lens_does_not_know_what_was_signed_inside(ran: World):
    stages.score(as_of=AS_OF, settings=ran.settings(Lens.PUBLIC))
    both_sign(ran, AS_OF + timedelta(days=2))
    assert set(confirmed(ran, AS_OF + timedelta(days=8), Lens.PUBLIC).values()) == {None}


def test_scoring_an_issue_again_writes_its_warnings_once(ran: World):
    before = ran.rows("out_warnings")
    stages.score(as_of=AS_OF, settings=ran.settings())
    assert ran.rows("out_warnings") == before


def test_an_issue_reads_the_warnings_of_those_before_it(ran: World):
    stages.score(as_of=EARLIER, settings=ran.settings())
    assert "2 issues, 2024-W03 to 2024-W04" in texts(ledger_page(ran))


def test_the_page_of_the_public_lens_names_nobody_that_was_warned_of(ran: World):
    stages.score(as_of=AS_OF, settings=ran.settings(Lens.PUBLIC))
    warned = {one["place"] for one in ran.rows("out_warnings", Lens.PUBLIC)}
    assert warned
    outside = json.dumps(ledger_page(ran, Lens.PUBLIC), ensure_ascii=False)
    assert not any(f'"{code}"' in outside for code in warned)
    assert "Ruritania" not in outside
    assert "Ruritania" in json.dumps(ledger_page(ran), ensure_ascii=False)
