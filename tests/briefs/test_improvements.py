"""A step for the better counts once two named persons entered it, and then stands beside the concern."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from domain.classification import Lens, Protection
from domain.review import Act, Authentication, Decision
from horizon import stages
from horizon.issue import read_improvements
from horizon.settings import Settings, load_settings
from review.ledger import Ledger
from warehouse.connection import open_store

WORDS = "RUR T04 done 2026-03-20 relief; the State: 41 of 63 persons were released"


def enter(settings: Settings, *people: str) -> tuple[tuple[date, str, str], ...]:
    ledger = Ledger(settings.decisions.parent)
    for version, by in enumerate(people, start=1):
        decision = Decision(
            act=Act.MITIGATION,
            object_id=WORDS,
            object_hash="",
            by=by,
            role="analyst",
            author="",
            reason="seen in two reports",
            decided_at=datetime(2026, 3, 25, version, tzinfo=UTC),
            lens=Lens.RESTRICTED,
            authentication=Authentication.SIGNED_IN,
        )
        ledger.save(decision, replace(Protection.public(date(2026, 3, 1)), lens=Lens.RESTRICTED), version=version)
    stages.collect("sp_communications", settings)
    as_of = stages.load(settings=settings).as_of
    with open_store(settings.var, Lens.RESTRICTED) as store:
        return tuple((row.on, row.step, row.text) for row in read_improvements(store, as_of=as_of))


def test_two_persons_make_it_count_and_one_does_not(tmp_path: Path):
    settings = replace(load_settings({}), week="2026-W13", lens=Lens.RESTRICTED)
    one = replace(settings, var=tmp_path / "one")
    two = replace(settings, var=tmp_path / "two")
    assert enter(one, "A. Writer") == ()
    assert enter(two, "A. Writer", "B. Reader") == ((date(2026, 3, 20), "done", "41 of 63 persons were released"),)
