"""One page for the President: short, complete in names, and nothing that the State concerned should not read."""

from dataclasses import replace
from pathlib import Path

import issues
import pytest

from briefs import wording
from briefs.build import build_scan
from briefs.bureau import WORD_LIMIT, build_bureau, count_words
from briefs.dossier import Account, ClearedText, Judgement, Letter, SetLevel, as_dossier
from briefs.render import render_page, view_json
from briefs.view import Paragraph, Table, blocks_of
from domain.classification import Lens
from domain.errors import Refused
from domain.issue import Issue
from domain.options import load_options
from domain.situation import Level

AS_OF = issues.AS_OF
REGISTER = Path(__file__).parents[2] / "domain" / "reference" / "options.toml"

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


TOKEN = "Xyzzy7"  # noqa: S105  (planted, so that a leak can be found)


def test_whoever_reads_it_as_the_state_concerned_finds_no_source_no_option_and_no_word_of_the_analysts():
    """Rule 7 of triggers, section 7: a token stands in every field that people or sources fill, but the account."""
    made = issues.issue()
    ids = [row.situation_id for row in made.situations]
    text = dict.fromkeys(
        ("why_now", "alleged", "confidence_why", "account", "contrary", "corroboration", "watch_up", "watch_down"),
        TOKEN,
    )
    filled = replace(
        as_dossier(made),
        lens=Lens.RESTRICTED,
        sources=tuple(
            replace(
                row,
                title=TOKEN,
                publisher=TOKEN,
                detail=TOKEN,
                citation=TOKEN,
                licence=TOKEN,
                url=f"https://{TOKEN}.example",
            )
            for row in made.sources
        ),
        defects=tuple(replace(row, source_id=TOKEN, example=TOKEN) for row in made.defects),
        incidents=tuple(replace(row, first_level=TOKEN, actor_name=TOKEN, origins=(TOKEN,)) for row in made.incidents),
        situations=tuple(
            replace(row, origins=(TOKEN,), would_raise=TOKEN, would_lower=TOKEN, ceiling=TOKEN)
            for row in made.situations
        ),
        triggers=tuple(replace(row, origins=(TOKEN,)) for row in made.triggers),
        coverage=tuple(replace(row, covering=(TOKEN,), reason=TOKEN) for row in made.coverage),
        options=tuple(replace(row, name=TOKEN, basis=TOKEN, note=TOKEN) for row in load_options(REGISTER)),
        letters=(
            Letter(place="AR0", sent_on=AS_OF.date(), mandates=(TOKEN,), reference=TOKEN, url=TOKEN, source_id="log"),
        ),
        levels=tuple(
            SetLevel(situation_id=one, level=level, reason=TOKEN, roles=(TOKEN,), decided_on=AS_OF.date())
            for one, level in zip(ids, (Level.EMERGING, Level.URGENT), strict=True)
        ),
        judgements=tuple(Judgement(situation_id=one, what=TOKEN, likelihood="likely") for one in ids),
        texts=tuple(
            ClearedText(
                situation_id=one, cleared_on=AS_OF.date(), roles=(TOKEN,), language="en", confidence="moderate", **text
            )
            for one in ids
        ),
        accounts=tuple(
            Account(situation_id=one, sought_on=AS_OF.date(), received_on=AS_OF.date(), text="an inquiry was opened")
            for one in ids
        ),
    )
    page = view_json(build_bureau(filled)).decode()
    assert TOKEN.lower() not in page.lower()
    assert "An inquiry was opened" in page
    for words in (*wording.LIKELIHOODS, wording.MERGED_CLASS, "according to", "protected", "withdr", "special session"):
        assert words not in page
    assert TOKEN in view_json(build_scan(filled, "AFR")).decode()


def test_the_distribution_of_attention_is_in_every_scan_with_its_intervals_and_not_on_the_bureau_page(made):
    for code, _ in issues.REGIONS:
        view = build_scan(made, code)
        (table,) = [one for one in blocks_of(view, Table, section="method") if "attention" in one.caption]
        assert table.head[-1] == "95 % interval, %"
        assert len(table.rows) == len(issues.REGIONS) + 1
        signals = {row[-1] for row in table.rows}
        assert signals == {"none"} or all(" to " in one for one in signals)
        lead = [one for one in blocks_of(view, Paragraph, section="method") if one.lead == "Distribution of attention."]
        assert "Signals follow coverage" in lead[0].text
    assert "attention" not in view_json(build_bureau(made)).decode().lower()
