"""What a view of an incident says after the next run took people's decisions in."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain.classification import Lens, Protection
from domain.incident import Actor, Coding, Incident
from domain.review import Act, Decision
from domain.source import SourceClass
from review.triage import OUT, Overlay
from warehouse.landing import LandedDecision

AT = datetime(2024, 1, 30, 9, tzinfo=UTC)
INCIDENT = Incident(
    incident_id="i1",
    place="XRU",
    first_level="North",
    occurred_on=date(2024, 1, 10),
    date_inferred=False,
    first_published_at=None,
    first_known_at=AT,
    actor=Actor.UNKNOWN,
    actor_name="",
    codings=(Coding(trigger="T04", rule="log:held"),),
    origins=("relief",),
    classes=(SourceClass.CIVIL_SOCIETY,),
    reports=("r1",),
    sources=("relief",),
)


def overlay(*rows: tuple[Act, str, dict[str, object]]) -> Overlay:
    made = Overlay()
    versions: dict[str, int] = {}
    for number, (act, on, said) in enumerate(rows):
        versions[on] = versions.get(on, 0) + 1
        decision = Decision(
            act=act,
            object_id=on,
            object_hash="",
            by="Ana Lyst",
            role="analyst",
            author="",
            reason="looked at it",
            decided_at=AT + timedelta(minutes=number),
            lens=Lens.RESTRICTED,
            content=json.dumps(said) if said else "",
            version=versions[on],
        )
        made.add([LandedDecision(sha256=str(number), decision=decision, protection=Protection.public(AT.date()))])
    return made


def test_the_coded_value_stays_beside_the_corrected_one_after_the_run_that_took_it_in():
    found = overlay((Act.CORRECT, "i1", {"field": "class", "coded": "T04", "value": "T07"}))
    later = replace(INCIDENT, codings=(Coding(trigger="T07", rule="people.corrected"),))
    for incident in (INCIDENT, later):
        view = found.view(incident)
        assert (view.coded("class"), view.value("class")) == ("T04", "T07")
    assert found.view(later).coded("date") == "2024-01-10"


def test_a_duplicate_that_became_one_with_the_other_is_no_duplicate_any_more():
    found = overlay(
        (Act.MERGE, "r1 r2", {}),
        (Act.DUPLICATE, "i1", {"of": "i2", "merge": "r1 r2"}),
    )
    before = found.view(INCIDENT)
    assert before.verdict is not None
    assert before.verdict.act in OUT
    merged = found.view(replace(INCIDENT, reports=("r1", "r2")))
    assert (merged.verdict, merged.state) == (None, "not looked at")
    assert [one.act for one in merged.joinings] == [Act.MERGE]


def test_a_merge_that_was_taken_back_stands_no_longer():
    found = overlay((Act.MERGE, "r1 r2", {}), (Act.WITHDRAW, "r1 r2", {}))
    assert found.view(INCIDENT).joinings == ()
