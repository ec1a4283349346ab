"""The ledger in print: State by State in the restricted lens, totals alone in the public one."""

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from issues import AS_OF, issue

from briefs import ledger
from briefs.entries import Numbers
from briefs.lookup import Lookup
from briefs.render import render_page, view_json
from briefs.view import Link, Masthead, Paragraph, SeriesFigure, Table, View
from domain.classification import Lens
from domain.issue import Issue
from domain.ledger import EventKind, KnownEvent, Ledger, WarningMade, WatchedSpan
from domain.situation import Level
from domain.window import Week
from scoring.ledger import score_ledger

MASTHEAD = Masthead(
    title="Ledger of warnings",
    subtitle="",
    reference="HS/2024/W04/Ledger",
    distribution="DRAFT",
    review="Machine proposal. Reviewed by nobody.",
    week="",
    as_of="",
    imprint="",
    facts=(),
    disclaimer="",
)
NAMES = {"Ruritania": "AR0", "Freedonia AFR": "AF1", "Genovia AFR": "AG2", "Îles Bleues AFR": "AI6"}
MONDAYS = [AS_OF - timedelta(weeks=back) for back in range(30, -1, -1)]  # 3 July 2023 to 29 January 2024
EVENT = KnownEvent(
    place="AG2", kind=EventKind.DEATHS, began_on=date(2023, 12, 1), source_id="totals", value=61.0, usual=2.5
)


def warnings(place: str, *days: datetime, level: Level = Level.WATCH, confirmed: Level | None = None):
    return [
        WarningMade(
            issue=str(Week.last_complete(day)),
            situation_id=f"s-{place}",
            place=place,
            level=level,
            confirmed=confirmed,
            made_at=day,
            horizon_days=horizon,
            ends_on=day.date() + timedelta(days=horizon),
            rules=("P1", "G3", "T07:alarm") if level is Level.EMERGING else ("T06:alarm",),
            triggers=("T07",) if level is Level.EMERGING else ("T06",),
        )
        for day in days
        for horizon in (30, 90, 180)
    ]


def watched(*places: str, last: date = date(2024, 1, 31)) -> list[WatchedSpan]:
    return [
        WatchedSpan(place=place, kind=kind, first=date(2023, 1, 1), last=last) for place in places for kind in EventKind
    ]


def scored(*made: list[WarningMade], events=(), spans=(), days: list[datetime] = MONDAYS) -> Ledger:
    return score_ledger(
        warnings=[one for group in made for one in group],
        issues=[(str(Week.last_complete(day)), day) for day in days],
        events=events,
        watched=spans,
        as_of=AS_OF,
    )


def written(past: Ledger, *, lens: Lens = Lens.RESTRICTED, **other) -> Issue:
    return replace(issue(), lens=lens, ledger=past, **other)


def page(given: Issue) -> View:
    nav = (Link(text="All pages", href="index.html"),)
    return ledger.build_view(Lookup(given), masthead=MASTHEAD, nav=nav)


def texts(view: View) -> list[str]:
    return [one.text for section in view.sections for one in section.blocks if isinstance(one, Paragraph)]


def table(view: View, caption: str) -> Table:
    found = [one for section in view.sections for one in section.blocks if isinstance(one, Table)]
    (one,) = [one for one in found if one.caption.startswith(caption)]
    return one


@pytest.fixture
def long() -> Ledger:
    """Half a year: a hit, false alarms, what cannot be known, and a miss of the stronger level."""
    return scored(
        warnings("AG2", *MONDAYS[18:22]),  # 6 to 27 November, then 1 December
        warnings("AF1", MONDAYS[0]),  # 3 July: over and watched to 30 December
        warnings("AR0", *MONDAYS[-2:], level=Level.EMERGING),
        warnings("AI6", MONDAYS[0]),  # nobody watches it
        events=[EVENT],
        spans=watched("AG2", "AF1", "AR0"),
    )


def test_the_restricted_page_names_each_state_with_its_outcomes(long):
    rows = {(row[0], row[1]): row[2:] for row in table(page(written(long)), "Warnings, State by State").rows}
    assert rows[("Freedonia AFR", "2023-W26")][2:] == ("false alarm", "false alarm", "false alarm")
    assert rows[("Îles Bleues AFR", "2023-W26")][2:] == ("cannot be known (c)",) * 3
    level, rests, thirty, ninety, _ = rows[("Ruritania", "2024-W03 to 2024-W04 (2 issues)")]
    assert (level, rests) == ("◆\N{NO-BREAK SPACE}emerging concern", "P1, G3, T07")
    assert (thirty, ninety) == ("2 cannot be known (a)", "2 cannot be known (a)")
    # 6, 13, 20 and 27 November lie 25, 18, 11 and 4 days before 1 December.
    assert rows[("Genovia AFR", "2023-W44 to 2023-W47 (4 issues)")][2] == (
        "deaths: 4 hits, 4 to 25 days ahead; incidents: 4 false alarms"
    )


def test_places_are_in_alphabetical_order_and_the_newest_issues_of_a_place_first(long):
    more = scored(warnings("AF1", MONDAYS[0], MONDAYS[-1]), warnings("AR0", MONDAYS[-1]), warnings("AI6", MONDAYS[-1]))
    rows = table(page(written(more)), "Warnings, State by State").rows
    assert [row[:2] for row in rows] == [
        ("Freedonia AFR", "2024-W04"),
        ("Freedonia AFR", "2023-W26"),
        ("Îles Bleues AFR", "2024-W04"),
        ("Ruritania", "2024-W04"),
    ]


def test_a_week_without_an_issue_breaks_the_line_and_another_level_has_its_own():
    gap = [*warnings("AF1", MONDAYS[-4], MONDAYS[-2]), *warnings("AF1", MONDAYS[-1], level=Level.EMERGING)]
    rows = table(page(written(scored(gap))), "Warnings, State by State").rows
    assert sorted(row[1] for row in rows) == ["2024-W01", "2024-W03", "2024-W04"]


def test_a_miss_is_named_inside_with_the_level_at_which_it_was_one(long):
    (row,) = table(page(written(long)), "Misses, each named").rows
    assert row == ("Genovia AFR", "onset of deaths", "December 2023", "61", "2.5", "30, 90", "warned of")


def test_the_public_page_names_no_state_and_holds_the_same_totals(long):
    inside, outside = page(written(long)), page(written(long, lens=Lens.PUBLIC))
    assert [section.anchor for section in inside.sections] == ["totals", "state-by-state", "misses", "how"]
    assert [section.anchor for section in outside.sections] == ["totals", "how"]
    assert outside.sections[0] == inside.sections[0]
    printed = render_page(outside) + view_json(outside).decode()
    assert [place.name for place in issue().places if place.name in printed] == []
    codes = [place.code for place in issue().places]
    assert re.findall(rf"\b(?:{'|'.join(codes)})\b", printed) == []
    # The test can fail: the same words stand on the restricted page.
    assert "Genovia AFR" in render_page(inside)


def test_totals_stand_beside_both_base_lines(long):
    rows = {row[0]: row[1:] for row in table(page(written(long)), "Onset of deaths: warnings at watch").rows}
    assert list(rows)[:3] == ["30 days, levels proposed", "30 days, what was, will be", "30 days, most frequent so far"]
    # Eight warnings: four hits, one false alarm; two are open and one was not watched.
    assert rows["30 days, levels proposed"] == ("8", "4", "1", "3", "0", "1 of 1", "25")


def test_a_first_issue_says_that_nothing_can_be_known_yet_and_when_something_can():
    first = scored(warnings("AF1", AS_OF), days=[AS_OF])
    view = page(written(first))
    assert "The ledger holds one issue, 2024-W04, and one warning, at watch." in texts(view)[0]
    assert texts(view)[1] == "No outcome can be known yet: no horizon is over. The first one ends on 28 February 2024."
    assert "no outcome can be known yet" in " ".join(texts(view))
    assert [one.caption for section in view.sections for one in section.blocks if isinstance(one, Table)] == [
        "Warnings, State by State"
    ]


def test_without_confirmed_levels_no_score_of_them_is_printed(long):
    view = page(written(long))
    assert "People have confirmed no level yet" in texts(view)[2]
    assert "levels confirmed" not in view_json(view).decode()


def test_overrides_are_counted_up_and_down_by_region():
    up = warnings("AF1", MONDAYS[0], confirmed=Level.EMERGING)
    view = page(written(scored(up, spans=watched("AF1"))))
    (people,) = [one for one in view.sections[0].blocks if isinstance(one, Paragraph) and one.lead == "People."]
    assert "one level higher and no lower" in people.text
    assert [(row.lead, row.text) for row in people.rows][:2] == [
        ("African States", "1 up, 0 down."),
        ("Asia-Pacific States", "0 up, 0 down."),
    ]
    assert "levels confirmed" in view_json(view).decode()


def test_the_picture_shows_weeks_without_an_issue_as_gaps():
    three = scored(warnings("AF1", AS_OF), warnings("AR0", AS_OF), days=[MONDAYS[-3], AS_OF])
    (figure,) = [one for one in page(written(three)).sections[0].blocks if isinstance(one, SeriesFigure)]
    assert [point.value for point in figure.points[-3:]] == [0.0, None, 2.0]
    assert figure.table.rows[-3:] == (
        ("2024-W02", "0", "0"),
        ("2024-W03", "no issue", "no issue"),
        ("2024-W04", "2", "0"),
    )
    assert "No issue was run in 24 weeks; they are gaps, not zero." in figure.sentence


def test_the_section_of_a_scan_gives_totals_and_the_way_to_the_page(long):
    numbers = Numbers()
    found = ledger.section(Lookup(written(long)), numbers)
    paragraph, table_ = found.blocks
    assert isinstance(paragraph, Paragraph)
    assert (paragraph.number, paragraph.links) == ("1", (Link(text="The ledger", href="ledger.html"),))
    assert isinstance(table_, Table)
    first = next(row for row in table_.rows if row[0] == "Onset of deaths, 30 days, watch or above")
    assert first[:7] == (first[0], "8", "4", "0", "1", "3", "4 of 5")
    said = json.dumps([paragraph.text, table_.rows], ensure_ascii=False)
    assert not any(name in said for name in NAMES)


def test_the_section_of_the_first_issue_has_no_table():
    found = ledger.section(Lookup(written(scored(warnings("AF1", AS_OF), days=[AS_OF]))), Numbers())
    assert [type(one) for one in found.blocks] == [Paragraph]


def test_an_issue_that_was_never_scored_into_a_ledger_says_so():
    (paragraph,) = ledger.section(Lookup(issue()), Numbers()).blocks
    assert isinstance(paragraph, Paragraph)
    assert paragraph.text.startswith("No issue has been run yet, so no warning has been made.")


def test_a_replayed_week_says_that_nobody_was_warned_by_it():
    past = scored(warnings("AF1", AS_OF), days=[AS_OF])
    assert "nobody was warned by it then" in texts(page(written(past, specimen=True)))[0]
    assert "nobody was warned" not in texts(page(written(past, specimen=False)))[0]


def test_an_event_before_the_ledger_was_a_horizon_old_is_not_called_a_miss():
    early = replace(EVENT, began_on=date(2023, 7, 10))
    view = page(written(scored(warnings("AF1", MONDAYS[0]), events=[early], spans=watched("AG2"))))
    (said,) = [one.text for one in view.sections[2].blocks if isinstance(one, Paragraph)]
    assert said.endswith(
        "An event can be one only when the ledger is a whole horizon old; its first issue is 2023-W26."
    )
