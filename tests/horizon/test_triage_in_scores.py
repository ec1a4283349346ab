"""What people decide in triage is in the next run, as of its own time, and is told as revised."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from fictional import AS_OF, World

from domain.classification import Lens, Protection
from domain.review import Act, Decision
from horizon import stages
from horizon.issue import assemble
from review.ledger import Ledger
from warehouse.connection import open_store
from warehouse.outcome import read

BEFORE = AS_OF - timedelta(hours=3)
LAST_WEEK = AS_OF - timedelta(days=7)


def decide(world: World, act: Act, on: str, *, at: datetime = BEFORE, **said: object) -> None:
    decision = Decision(
        act=act,
        object_id=on,
        object_hash="",
        by="A. Analyst",
        role="analyst",
        author="",
        reason="looked at it",
        decided_at=at,
        lens=Lens.RESTRICTED,
        content=json.dumps(said) if said else "",
    )
    protection = replace(Protection.public(at.date()), lens=Lens.RESTRICTED)
    Ledger(world.settings().decisions.parent).save(decision, protection, version=None)


def again(world: World, *, as_of: datetime = AS_OF) -> dict[str, dict[str, object]]:
    """Loaded and scored anew; the incidents of that run by id."""
    stages.load(settings=world.settings())
    stages.score(as_of=as_of, settings=world.settings())
    return incidents(world)


def incidents(world: World) -> dict[str, dict[str, object]]:
    return {str(one["incident_id"]): one for one in world.rows("out_incidents") if one["issue"] == "2024-W04"}


@pytest.fixture(name="first")
def _first(ran: World) -> str:
    """The first of the incidents of Ruritania that tell of a killing."""
    return min(incidents(ran), key=lambda one: (incidents(ran)[one]["occurred_on"], one))


def test_corrected_values_are_in_the_next_run_and_the_coded_ones_come_back(ran: World, first: str):
    before = incidents(ran)[first]
    decide(ran, Act.CORRECT, first, field="state", coded="XRU", value="XGE")
    decide(ran, Act.CORRECT, first, field="date", coded="2024-01-10", value="2024-01-09")
    decide(ran, Act.CORRECT, first, field="class", coded="T02", value="T06")
    after = again(ran)[first]
    assert (after["place"], after["occurred_on"], after["first_level"]) == ("XGE", date(2024, 1, 9), "")
    assert [one["trigger"] for one in ran.rows("out_codings") if one["incident_id"] == first] == ["T06"]
    assert {one["rule"] for one in ran.rows("out_labels") if one["incident_id"] == first} == {
        "gazette_wire:wire.killed",
        "people.corrected",
    }
    # What the source said is as it was.
    assert {one["place"] for one in ran.rows("raw_reports", Lens.PUBLIC) if one["source_id"] == "gazette_wire"} >= {
        "Ruritania"
    }
    for version in (1, 2, 3):
        decide(ran, Act.WITHDRAW, first, version=version)
    assert again(ran)[first] == before


def test_a_decision_made_after_the_issue_changes_nothing_in_it(ran: World, first: str):
    before = incidents(ran)
    decide(ran, Act.CORRECT, first, at=AS_OF + timedelta(seconds=1), field="state", coded="XRU", value="XGE")
    assert again(ran) == before


def test_numbered_incidents_are_merged_and_parted_again(ran: World, first: str):
    second = next(one for one in sorted(incidents(ran)) if one != first)
    rows = incidents(ran)
    name = " ".join(sorted({*rows[first]["reports"], *rows[second]["reports"]}))
    decide(ran, Act.MERGE, name)
    merged = again(ran)
    assert second not in merged
    assert merged[first]["reports"] == name.split()
    decide(ran, Act.WITHDRAW, name)
    assert again(ran) == rows


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (Act.CORRECT, {"field": "class", "coded": "T02", "value": "T06"}),
        (Act.PARK, {}),
        (Act.SET_ASIDE, {}),
        (Act.RELEVANT, None),
    ],
    ids=str,
)
def test_what_people_changed_since_last_week_is_told_as_revised(
    ran: World, first: str, act: Act, said: dict[str, str] | None
):
    stages.score(as_of=LAST_WEEK, settings=ran.settings())
    decide(ran, act, first, **(said or {}))
    again(ran)
    with open_store(ran.settings().var, Lens.RESTRICTED) as store:
        issue = assemble(store, read(store, "2024-W04"), ran.settings(), revision="r1")
    # That it is relevant changes nothing that is counted.
    assert issue.since is not None
    assert sum(one.corrected for one in issue.since.shifts) == (said is not None)


def test_the_public_run_knows_nothing_of_them(ran: World, first: str):
    settings = ran.settings(Lens.PUBLIC)
    stages.score(as_of=AS_OF, settings=settings)
    before = ran.rows("out_incidents", Lens.PUBLIC), ran.rows("out_states", Lens.PUBLIC)
    decide(ran, Act.CORRECT, first, field="state", coded="XRU", value="XGE")
    decide(ran, Act.PARK, first)
    stages.load(settings=settings)
    stages.score(as_of=AS_OF, settings=settings)
    assert (ran.rows("out_incidents", Lens.PUBLIC), ran.rows("out_states", Lens.PUBLIC)) == before
