"""A level that two people signed at the desk stands on the page; one signature, or one that came late, does not."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import issues
from reading import entries

from briefs.build import build_scan
from briefs.dossier import as_dossier
from domain.classification import Lens, Protection
from domain.review import Act, Authentication, Decision
from domain.situation import Level
from horizon.issue import read_levels
from horizon.settings import load_settings
from review.ledger import Ledger
from review.levels import Request, object_of
from review.rights import Role
from warehouse.outcome import Run

PROTECTION = replace(Protection.public(date(2024, 1, 1)), lens=Lens.RESTRICTED)
ASKED = Request(
    situation_id="s-2",
    run="2024-W04",
    from_level=Level.EMERGING,
    proposed_level=Level.EMERGING,
    to_level=Level.WATCH,
    rules_departed_from=("P1",),
    incidents_for=("i0",),
    contrary_considered=("two reappeared",),
    expires_on=date(2024, 2, 12),
)


def sign(ledger: Ledger, by: str, role: Role, *, days: float, version: int) -> None:
    decision = Decision(
        act=Act.OVERRIDE_LEVEL,
        object_id=object_of("s-2"),
        object_hash="",
        by=by,
        role=role.value,
        author="",
        reason="the two reports tell of one event",
        decided_at=issues.AS_OF + timedelta(days=days),
        lens=Lens.RESTRICTED,
        authentication=Authentication.SIGNED_IN,
        content=ASKED.content,
    )
    ledger.save(decision, PROTECTION, version=version)


def run() -> Run:
    made = issues.issue()
    return Run(
        issue=made.week,
        as_of=made.as_of,
        method_version="m1",
        code_version="c1",
        states=made.states,
        situations=made.situations,
        triggers=made.triggers,
        gates=(),
        series=(),
        coverage=(),
        incidents=(),
        sources=(),
        letters=(),
        defects=(),
    )


def test_two_signatures_set_the_level_that_is_printed_and_no_name_goes_with_it(tmp_path: Path):
    settings = replace(load_settings({}), var=tmp_path)
    ledger = Ledger(tmp_path / "review")
    sign(ledger, "A. Writer", Role.ANALYST, days=1, version=1)
    assert read_levels(run(), settings, lens=Lens.RESTRICTED) == ()
    sign(ledger, "B. Reader", Role.SECOND_ANALYST, days=2, version=2)
    (found,) = read_levels(run(), settings, lens=Lens.RESTRICTED)
    assert (found.level, found.roles, found.decided_on) == (
        Level.WATCH, ("analyst", "second analyst"), date(2024, 1, 31),
    )  # fmt: skip
    view = build_scan(replace(as_dossier(issues.issue()), levels=(found,)), "AFR")
    entry = next(one for one in entries(view) if one.situation_id == "s-2")
    assert entry.departed.startswith(
        "Level set by analysts; the rules gave ◆ emerging concern. Reason: The two reports"
    )
    assert "A. Writer" not in str(view)
    assert read_levels(run(), settings, lens=Lens.PUBLIC) == ()


def test_what_is_signed_more_than_a_week_later_belongs_to_a_later_issue(tmp_path: Path):
    settings = replace(load_settings({}), var=tmp_path)
    ledger = Ledger(tmp_path / "review")
    sign(ledger, "A. Writer", Role.ANALYST, days=1, version=1)
    sign(ledger, "B. Reader", Role.SECOND_ANALYST, days=8, version=2)
    assert read_levels(run(), settings, lens=Lens.RESTRICTED) == ()


def test_without_a_decision_there_is_no_level_of_people(tmp_path: Path):
    assert read_levels(run(), replace(load_settings({}), var=tmp_path), lens=Lens.RESTRICTED) == ()
