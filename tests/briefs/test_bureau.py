"""One page for the President: short, complete in names, and nothing that the State concerned should not read."""

from dataclasses import replace

import issues
import pytest

from briefs.bureau import WORD_LIMIT, build_bureau, count_words
from briefs.render import render_page
from domain.errors import Refused
from domain.issue import Issue
from domain.situation import Level

EVERY = {
    "usual": issues.issue,
    "silent": issues.silent_issue,
    "later": issues.later_issue,
    "hostile": issues.hostile_issue,
    "world": issues.world_issue,
    "three": lambda: issues.crowded_issue(3, Level.EMERGING),
    "four": lambda: issues.crowded_issue(4, Level.URGENT),
    "twenty": lambda: issues.crowded_issue(20, Level.EMERGING),
    "all": lambda: issues.crowded_issue(42, Level.EMERGING),
}


@pytest.fixture(params=EVERY, name="made")
def _made(request: pytest.FixtureRequest) -> Issue:
    return EVERY[request.param]()


def test_it_never_has_more_than_350_words(made):
    assert count_words(build_bureau(made)) <= WORD_LIMIT == 350


def test_every_situation_of_emerging_concern_or_more_is_named(made):
    names = {place.code: place.name for place in made.places}
    page = render_page(build_bureau(made))
    for situation in made.situations:
        if situation.level.rank >= Level.EMERGING.rank:
            assert names[situation.place] in page


def test_three_are_told_in_full_and_four_have_one_line_each():
    full = build_bureau(issues.crowded_issue(3, Level.EMERGING)).section("new").blocks
    assert len(full) == 3
    assert all("Not known:" in entry.text for entry in full)
    lines = build_bureau(issues.crowded_issue(4, Level.EMERGING)).section("new").blocks
    assert len(lines) == 4
    assert not any("Not known:" in entry.text for entry in lines)


def test_only_the_highest_level_is_told_and_the_next_is_named():
    made = issues.crowded_issue(2, Level.EMERGING)
    mixed = replace(made, situations=(replace(made.situations[0], level=Level.URGENT), *made.situations[1:]))
    view = build_bureau(mixed)
    assert [entry.lead for entry in view.section("new").blocks] == ["■ Freedonia AFR: urgent, new."]
    assert view.section("also").blocks[0].lead == "◆ emerging concern:"
    assert view.section("also").blocks[0].text == "Ruritania."


def test_it_says_plainly_when_nothing_reached_emerging_concern():
    view = build_bureau(issues.crowded_issue(2))
    assert view.section("new").blocks[0].lead == "No situation reached emerging concern."
    assert view.section("also").blocks[0].text.startswith("Two places are at watch. Five are quiet")
    assert (
        view.section("also").blocks[1].text.startswith("Information is limited on 33 places, absent on one place and ")
    )


def test_it_covers_five_regions_and_was_reviewed_by_nobody(made):
    view = build_bureau(made)
    assert view.masthead.review == "Machine proposal. Reviewed by nobody."
    assert view.section("also").blocks[-1].text.startswith("Five regions are covered")


def test_it_names_no_source_and_no_option(made):
    page = render_page(build_bureau(made))
    for source in made.sources:
        assert source.publisher not in page
        assert source.title not in page
    assert "special session" not in page


def test_a_page_that_cannot_name_everyone_in_350_words_is_refused():
    made = issues.crowded_issue(42, Level.EMERGING)
    long = tuple(replace(place, name=" ".join(["Long"] * 9 + [place.name])) for place in made.places)
    with pytest.raises(Refused, match="350"):
        build_bureau(replace(made, places=long))
