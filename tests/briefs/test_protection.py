"""Small numbers: what may be named below a State, alone and beside what was published before, and what stops an issue.

Every expected number is counted by hand.
"""

import json
from dataclasses import replace
from pathlib import Path

import issues
import pytest
from reading import entries, tables

from briefs.build import build_scan
from briefs.dossier import as_dossier
from briefs.lookup import STATE_LEVEL_ONLY
from briefs.protection import (
    Cell,
    Disclosure,
    Edition,
    check,
    earlier_editions,
    name_places,
    read_edition,
    refuse_disclosures,
)
from briefs.render import view_json
from briefs.view import PlaceCount
from domain.classification import Lens
from domain.errors import Refused
from domain.incident import Coding, Incident


def at(**places: int) -> list[Incident]:
    """So many incidents at each place; `nowhere` are those that no source places."""
    return [
        issues.incident(f"{name}-{number}", "RUR", first_level="" if name == "nowhere" else name)
        for name, count in places.items()
        for number in range(count)
    ]


def named(before: tuple[Edition, ...] = (), **places: int) -> dict[str, int]:
    found = name_places(at(**places), code="RUR", state_only=STATE_LEVEL_ONLY, before=before)
    return {one.name: one.count for one in found}


def edition(week: str = "2024-W03", *, code: str = "RUR", total: int = 12, **places: int) -> Edition:
    held = tuple(PlaceCount(name=name, count=count) for name, count in places.items())
    return Edition(week=week, revision="r1", cells=(Cell(code=code, situation_id="s-main", total=total, places=held),))


def test_a_place_needs_three_incidents():
    assert named(north=5, south=4, east=2, west=1) == {"north": 5, "south": 4}


@pytest.mark.parametrize(
    ("places", "left"),
    [
        ({"north": 5, "south": 4}, {"north": 5, "south": 4}),  # nothing left of nine
        ({"north": 5, "south": 4, "east": 2, "west": 1}, {"north": 5, "south": 4}),  # three left of twelve
        ({"north": 5, "south": 4, "east": 2}, {"north": 5}),  # two left of eleven, so the smaller place goes too
        ({"north": 5, "south": 5, "east": 1}, {}),  # a tie is broken by no name
        ({"north": 50, "nowhere": 1}, {}),  # one left, wherever it was
        ({"north": 50, "nowhere": 3}, {"north": 50}),
    ],
)
def test_the_total_less_the_named_places_is_none_or_three(places, left):
    assert named(**places) == left


def test_a_reprisal_is_in_the_total_and_at_no_place():
    rows = at(north=6)
    marked = [replace(row, codings=(*row.codings, Coding(trigger="T09", rule="log:reprisal"))) for row in rows[:3]]
    found = name_places([*marked, *rows[3:]], code="RUR", state_only=STATE_LEVEL_ONLY, before=())
    assert [(one.name, one.count) for one in found] == [("north", 3)]
    found = name_places([*marked[:2], *rows[2:]], code="RUR", state_only=STATE_LEVEL_ONLY, before=())
    assert found == ()  # four at north leave two of six, and those two are the reprisals


@pytest.mark.parametrize(
    ("earlier", "left"), [(5, {"north": 5}), (4, {}), (3, {}), (6, {}), (7, {}), (8, {"north": 5})]
)
def test_a_place_that_differs_by_one_or_two_from_what_was_published_is_not_named(earlier, left):
    assert named((edition(north=earlier),), north=5) == left


def test_what_was_published_of_another_state_or_place_says_nothing_here():
    assert named((edition(code="ORS", north=4), edition(south=4)), north=5) == {"north": 5}


def test_every_overlapping_issue_counts_and_not_the_last_alone():
    assert named((edition("2024-W02", north=4), edition("2024-W03", north=8)), north=5) == {}


def test_pages_that_name_a_single_incident_are_found():
    found = check(edition("2024-W04", total=8, north=5, east=2, west=1), ())
    assert found == (Disclosure(code="RUR", what="a place below the State with fewer than three incidents"),)


def test_pages_whose_total_gives_a_small_rest_away_are_found():
    assert check(edition("2024-W04", total=6, north=4), ()) == (
        Disclosure(code="RUR", what="its total less the places named leaves one or two incidents"),
    )
    assert check(edition("2024-W04", total=6, north=3, east=3), ()) == ()
    assert check(edition("2024-W04", total=6), ()) == ()


def test_two_issues_of_which_each_is_in_order_are_found_together():
    this, before = edition("2024-W04", north=5), edition("2024-W03", north=4)
    assert check(this, ()) == check(before, ()) == ()
    assert check(this, (before,)) == (
        Disclosure(code="RUR", what="one place differs from 2024-W03/r1 by one or two incidents"),
    )


def test_the_refusal_names_the_state_and_no_place():
    found = check(edition("2024-W04", total=6, north=4), ())
    with pytest.raises(Refused, match="may point to persons") as told:
        refuse_disclosures(found, "2024-W04/r1")
    assert told.value.exit_code == 3
    assert "RUR: its total" in told.value.why
    assert "north" not in str(told.value)
    refuse_disclosures((), "2024-W04/r1")


def test_the_pages_of_an_issue_give_nothing_away_and_are_read_back_as_written(tmp_path: Path):
    view = build_scan(issues.issue(), "AFR")
    (tmp_path / "AFR.json").write_bytes(view_json(view))
    read = read_edition(tmp_path, week="2024-W04", revision="r1")
    main = next(cell for cell in read.cells if cell.places)
    assert [(one.name, one.count) for one in main.places] == [("East Province", 3), ("North Province", 3)]
    assert main.total == 6
    assert check(read, ()) == ()


def test_drafting_again_after_an_issue_merges_what_their_difference_would_show():
    made = issues.issue()
    code = made.situations[1].place
    calm = as_dossier(made)
    before = Edition(
        week="2024-W03",
        revision="r1",
        cells=(Cell(code=code, situation_id="s", total=7, places=(PlaceCount(name="North Province", count=4),)),),
    )
    entry = entries(build_scan(replace(calm, printed_before=(before,)), "AFR"))[0]
    # Three in the north would show that one was taken out; three in the east alone leave three.
    assert [(one.name, one.count) for one in entry.placed] == [("East Province", 3)]
    assert "North Province" not in json.dumps([item.lines for item in entry.items])
    assert [one.name for one in entries(build_scan(calm, "AFR"))[0].placed] == ["East Province", "North Province"]


@pytest.mark.parametrize("lens", list(Lens))
def test_when_each_source_was_last_heard_stays_inside(lens):
    view = build_scan(replace(issues.issue(), lens=lens), "AFR")
    (sources,) = (one for one in tables(view, "method") if one.caption == "Sources of this issue")
    assert ("Last look" in sources.head) is (lens is Lens.RESTRICTED)
    assert ("Newest item" in sources.head) is (lens is Lens.RESTRICTED)
    assert {len(row) for row in sources.rows} == {len(sources.head)}


def test_only_earlier_revisions_whose_weeks_overlap_are_laid_beside(tmp_path: Path):
    for name in (
        "2023-W44/r1",
        "2023-W45/r1",
        "2024-W03/r2",
        "2024-W03/r10",
        "2024-W04/r1",
        "2024-W04/r2",
        "2024-W05/r1",
    ):
        (tmp_path / name).mkdir(parents=True)
    found = earlier_editions(tmp_path, week="2024-W04", revision="r2")
    assert [one.name for one in found] == ["2023-W45/r1", "2024-W03/r2", "2024-W03/r10", "2024-W04/r1"]
