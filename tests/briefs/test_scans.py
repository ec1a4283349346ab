"""What every scan must say, and what it must never say."""

import re
from dataclasses import asdict, replace
from typing import Any

import issues
import pytest
from reading import anchors, box, entries, grid, named, notes, others, points, rows, tables

from briefs import room
from briefs.build import build_index, build_scan, summary_lines
from briefs.changed import POINTS
from briefs.dossier import Shift, Since, as_dossier
from briefs.entries import acts
from briefs.lookup import Lookup
from briefs.render import render_page
from briefs.view import Paragraph, View, blocks_of
from briefs.wording import REVIEW
from domain.classification import Lens
from domain.errors import Refused
from domain.incident import Coding
from domain.issue import CalendarEntry, Issue
from domain.situation import Level, Phase, Printed
from domain.source import SourceClass
from domain.state import PlaceKind, RegionScheme, fold, load_gazetteer

CODES = tuple(code for code, _ in issues.REGIONS)
EVERY = {
    "usual": issues.issue,
    "silent": issues.silent_issue,
    "later": issues.later_issue,
    "crowded": issues.crowded_issue,
    "dominated": issues.dominated_issue,
    "hostile": issues.hostile_issue,
    "world": issues.world_issue,
}


@pytest.fixture(params=EVERY, name="made")
def _made(request: pytest.FixtureRequest) -> Issue:
    return EVERY[request.param]()


def scans(made: Issue) -> list[View]:
    return [build_scan(made, code) for code in CODES]


def texts(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        return [text for value in node.values() for text in texts(value)]
    if isinstance(node, list | tuple):
        return [text for value in node for text in texts(value)]
    return []


def test_every_member_stands_in_exactly_one_scan_with_one_printed_word(made):
    found = [row for view in scans(made) for row in rows(view)]
    members = sorted(place.code for place in made.places if place.kind is PlaceKind.MEMBER)
    assert sorted(row.code for row in found) == members
    assert {row.printed for row in found} <= {printed.value for printed in Printed}


def test_observers_and_territories_stand_as_a_sixth_list_on_every_scan(made):
    wanted = sorted(place.code for place in made.places if place.kind is not PlaceKind.MEMBER)
    assert wanted == ["OBS", "TER"]
    for view in scans(made):
        assert sorted(row.code for row in others(view)) == wanted


def test_every_place_has_one_tile_on_every_scan(made):
    for view in scans(made):
        tiles = [tile.code for block in grid(view).blocks for tile in block.tiles]
        assert sorted(tiles) == sorted(place.code for place in made.places)
        assert [block.here for block in grid(view).blocks].count(True) == 1


def test_places_are_in_english_alphabetical_order_and_accents_do_not_push_one_to_the_end():
    names = [row.name for row in rows(build_scan(issues.issue(), "AFR"))]
    assert names == [
        "Averna AFR",
        "Freedonia AFR",
        "Genovia AFR",
        "Îles Bleues AFR",
        "Laurania AFR",
        "Orsinia AFR",
        "Ruritania",
        "Zenda AFR",
    ]


def test_situations_are_in_order_of_level_phase_alphabet():
    crowd = issues.crowded_issue(5)
    phases = (Phase.EASING, Phase.NEW, Phase.RISING, Phase.NEW, Phase.SUSTAINED)
    levels = (Level.WATCH, Level.WATCH, Level.URGENT, Level.EMERGING, Level.WATCH)
    mixed = tuple(
        replace(row, phase=phase, level=level)
        for row, phase, level in zip(crowd.situations, phases, levels, strict=True)
    )
    view = build_scan(replace(crowd, situations=mixed), "AFR")
    assert [(entry.level, entry.phase) for entry in named(view)] == [
        ("urgent", "rising"),
        ("emerging concern", "new"),
        ("watch", "new"),
        ("watch", "sustained"),
        ("watch", "easing"),
    ]
    same = build_scan(crowd, "AFR")
    assert [entry.place for entry in named(same)] == sorted(entry.place for entry in named(same))


def test_every_situation_is_named_once_in_the_main_part_and_told_once_in_full(made):
    for view in scans(made):
        here = [place.code for place in made.places if place.region(made.scheme) == view.region_code]
        wanted = sorted(row.situation_id for row in made.situations if row.place in here)
        assert sorted(row.situation_id for row in named(view)) == wanted
        assert sorted(row.situation_id for row in entries(view)) == wanted
        assert all(row.level != "watch" for row in named(view) if row.full)


def test_a_line_at_watch_leads_to_its_entry_in_the_annex():
    view = build_scan(issues.issue(), "AFR")
    (line,) = [row for row in named(view) if not row.full]
    assert [link.href for link in line.more] == ["#situation-af1-1-entry"]
    assert [row.anchor for row in entries(view)][1:] == ["situation-af1-1-entry"]
    assert line.items == ()


def test_levels_have_their_pictures_as_a_whole_or_not_at_all():
    few = entries(build_scan(issues.crowded_issue(8), "AFR"))
    assert [len(row.figures) for row in few] == [1] * 8
    many = issues.dominated_issue()
    view = build_scan(many, "AFR")
    assert {bool(row.figures) for row in entries(view)} in ({True}, {False})


def test_no_place_is_called_low_risk_or_safe(made):
    for view in scans(made):
        page = render_page(view).casefold()
        assert "low risk" not in page
        assert not re.search(r"\b(safe|stable|calm|no concern)\b", re.sub(r"<style>.*?</style>", "", page, flags=re.S))


def test_no_likelihood_word_is_printed_where_no_analyst_entered_one(made):
    said = " ".join(text for view in scans(made) for text in texts(asdict(view))).casefold()
    assert not re.search(r"\b(likely|unlikely|probable|probably|almost certain|remote chance|likelihood of)\b", said)


def test_every_situation_paragraph_cites_a_note_that_the_page_prints(made):
    for view in scans(made):
        numbers = {note.number for note in notes(view)}
        for entry in entries(view):
            assert entry.why.notes
            assert set(entry.why.notes) <= numbers
            alleged = next(item for item in entry.items if item.lead == "Alleged")
            assert alleged.notes == entry.why.notes


def test_a_situation_without_any_source_is_refused():
    made = issues.issue()
    rootless = replace(made.situations[0], triggers=(), incidents=())
    with pytest.raises(Refused, match="names no source"):
        build_scan(replace(made, situations=(rootless,)), "AFR")


def test_a_level_held_without_anything_new_is_printed_as_held():
    made = issues.issue()
    held = replace(made.situations[0], triggers=(), origins=(), classes=(), held_since="2024-W01")
    view = build_scan(replace(made, situations=(held,)), "AFR")
    assert "held since 2024-W01: cannot see" in entries(view)[0].status
    assert "Held, because we cannot see: Freedonia AFR." in points(view)[-1].text


def test_paragraphs_are_numbered_consecutively_over_the_page(made):
    for view in scans(made):
        numbers = [int(found) for found in re.findall(r'class="para" id="p(\d+)"', render_page(view))]
        assert numbers == list(range(1, len(numbers) + 1))


def test_what_changed_has_at_most_five_points_and_ends_with_what_we_cannot_see(made):
    for view in scans(made):
        assert len(points(view)) <= POINTS
        assert points(view)[-1].lead == "What we cannot see."


def test_what_changed_names_all_situations_of_a_level_or_gives_each_a_point_or_says_where_they_are_named():
    for made in (issues.crowded_issue(), issues.world_issue(), issues.dominated_issue()):
        for view in scans(made):
            if any("All are named under Situations." in point.text for point in points(view)):
                assert len(named(view)) > POINTS
                continue
            links = [link for point in points(view) for link in point.links]
            links += [link for point in points(view) for row in point.rows for link in row.links]
            targets = {link.href for link in links}
            assert targets == {f"#{entry.anchor}" for entry in named(view)}


def test_the_line_of_counts_adds_up_to_the_number_of_states(made):
    for view in scans(made):
        line, total = re.fullmatch(r"(.*) \((\d+) States?\)", box(view)[0].text).groups()
        assert sum(int(number) for number in re.findall(r"\d+", line)) == int(total) == len(rows(view))


def test_quiet_says_from_how_many_incidents_a_rise_would_have_shown():
    row = next(row for row in rows(build_scan(issues.issue(), "AFR")) if row.name == "Genovia AFR")
    assert (row.printed, row.detail) == ("quiet", "a rise would have shown from 4 incidents in four weeks")


def test_only_quiet_says_so():
    for row in rows(build_scan(issues.issue(), "AFR")):
        assert bool(row.detail) == (row.printed == "quiet")


def test_a_count_below_three_never_stands_with_a_first_level_place():
    made = issues.issue()
    said = " ".join(line for item in entries(build_scan(made, "AFR"))[0].items for line in item.lines)
    assert "three in East Province and three in North Province" in said
    moved = tuple(replace(row, first_level="South Province") if row.first_level else row for row in made.incidents[:1])
    page = render_page(build_scan(replace(made, incidents=(*moved, *made.incidents[1:])), "AFR"))
    assert "South Province" not in page
    assert "East Province" in page
    assert "three in North Province" not in page


def test_parts_of_a_territory_are_not_named_in_a_provider_s_words():
    made = issues.issue()
    moved = replace(made.situations[1], place="TER", triggers=())
    page = render_page(build_scan(replace(made, situations=(moved,)), "AFR"))
    assert "North Province" not in page


def test_reprisals_are_never_placed_below_state_level():
    made = issues.issue()
    marked = tuple(
        replace(row, codings=(*row.codings, Coding(trigger="T09", rule="log:reprisal"))) for row in made.incidents
    )
    page = render_page(build_scan(replace(made, incidents=marked), "AFR"))
    assert "North Province" not in page


def test_fewer_than_three_incidents_print_no_dates():
    made = issues.issue()
    two = tuple(row.incident_id for row in made.incidents[:2])
    main = replace(made.situations[1], incidents=two)
    alleged = entries(build_scan(replace(made, situations=(main,)), "AFR"))[0].items[0]
    assert alleged.lines[0] == "Two alleged incidents, according to civil society (2) and media (2)."


def test_an_inferred_date_is_said_to_be_one():
    made = issues.issue()
    first = replace(made.incidents[0], date_inferred=True)
    alleged = entries(build_scan(replace(made, incidents=(first, *made.incidents[1:])), "AFR"))[0].items[0]
    assert "In one incident the date is inferred from the publication." in alleged.lines
    assert "inferred" not in " ".join(entries(build_scan(made, "AFR"))[0].items[0].lines)


def test_a_class_with_one_organisation_that_would_identify_it_is_merged():
    made = issues.issue()
    field = SourceClass.FIELD_PRESENCE
    changed = replace(
        made,
        incidents=tuple(replace(row, classes=(field,), sources=("log",)) for row in made.incidents),
        sources=tuple(replace(row, source_class=field) if row.source_id == "log" else row for row in made.sources),
    )
    alleged = entries(build_scan(changed, "AFR"))[0].items[0]
    assert "a United Nations or national source (6)" in alleged.lines[0]
    assert "field presence" not in alleged.lines[0]


def test_the_restricted_lens_merges_national_classes_with_one_organisation_and_no_others():
    view = build_scan(replace(issues.issue(), lens=Lens.RESTRICTED), "AFR")
    assert "according to media (2) and a United Nations or national source (6)." in entries(view)[0].items[0].lines[0]
    assert view.masthead.distribution == "CONFIDENTIAL · DRAFT"


def test_death_totals_say_that_combatants_and_civilians_are_not_separated():
    view = build_scan(issues.issue(), "AFR")
    assert "combatants and civilians not separated" in entries(view)[1].why.lead
    assert "how many of those killed were civilians" in points(view)[1].text


def test_a_figure_that_several_lines_share_says_so_on_each():
    made = issues.issue()
    shared = tuple(replace(row, shared_with=("TER",)) for row in made.series)
    triggers = entries(build_scan(replace(made, series=shared), "AFR"))[1].items[1]
    assert "counts in one unit with Terra Territory: the figure stands on each line and is counted once" in " ".join(
        triggers.lines
    )


def test_a_trigger_line_prints_count_usual_range_and_what_volume_does():
    triggers = entries(build_scan(issues.issue(), "AFR"))[1].items[1]
    assert triggers.lines[1] == (
        "90 reported deaths in December 2023 (Incident log totals; Deaths, all kinds of violence; combatants and "
        "civilians not separated); "
        "usual 26, range 15 to 40; alarm, ears c2. Allowing for the volume of reports: not applicable."
    )


def test_one_data_provider_is_no_more_than_reported_and_confidence_is_low():
    items = {item.lead: item.lines for item in entries(build_scan(issues.issue(), "AFR"))[1].items}
    assert items["Step on the proof ladder"] == ("Reported.",)
    assert items["Confidence"][0].startswith("Low: there is one origin")


def test_two_independent_origins_in_some_incidents_are_corroborated_in_part():
    items = {item.lead: item.lines for item in entries(build_scan(issues.issue(), "AFR"))[0].items}
    assert items["Corroboration"] == (
        "Two independent origins in all: two incidents have two or more and four incidents have one.",
    )
    assert items["Step on the proof ladder"] == (
        "Corroborated by independent sources in part; otherwise credible allegation.",
    )
    assert items["State's account"] == ("None received by 29 January 2024, 00:00 UTC; not sought: machine run.",)


def test_a_watch_without_a_met_trigger_says_what_its_incidents_are_coded_as():
    made = issues.issue()
    grave = replace(made.situations[1], level=Level.WATCH, triggers=(), incidents=("i0",))
    entry = entries(build_scan(replace(made, situations=(grave,)), "AFR"))[0]
    assert entry.why.lead == (
        "Why now: One alleged incident in twelve weeks, coded T07 Attacks on human rights defenders and civil society "
        "(1); no trigger is met."
    )
    assert entry.items[0].lines[2] == "Persons, as alleged, low figures: one detained."
    assert entry.items[1].lines == ("None is known to be met, now or in the last twelve weeks.",)
    assert [item.letter for item in entry.items] == [f"({letter})" for letter in "abcdefghijk"]


def test_a_point_for_many_says_what_they_rest_on():
    point = points(build_scan(issues.crowded_issue(9), "AFR"))[0]
    assert point.lead == "Watch △: eight situations, all new."
    assert [row.lead for row in point.rows] == [
        "T06 Attacks on civilians, forced displacement, other lethal violence (8)"
    ]
    assert len(point.rows[0].links) == 8


def test_a_point_for_many_names_each_under_every_trigger_it_met_and_apart_those_without():
    usual = issues.issue()
    made = issues.crowded_issue(6)
    made = replace(
        made,
        triggers=(*made.triggers, *(replace(row, trigger="T07", series=()) for row in made.triggers)),
        incidents=usual.incidents,
        sources=usual.sources,
    )
    met = (("T06",), ("T06", "T07"), ("T07",), (), ("T06",), ())
    mixed = tuple(
        replace(row, triggers=triggers, incidents=("i0",)) for row, triggers in zip(made.situations, met, strict=True)
    )
    point = points(build_scan(replace(made, situations=mixed), "AFR"))[0]
    assert [(row.lead[:10], len(row.links)) for row in point.rows] == [
        ("T06 Attack", 3),
        ("T07 Attack", 2),
        ("No trigger", 2),
    ]
    assert len({link.href for row in point.rows for link in row.links}) == 6


def test_two_data_providers_in_one_incident_are_one_origin():
    made = issues.issue()
    providers = tuple(replace(row, source_class=SourceClass.DATA_PROVIDER) for row in made.sources)
    items = {item.lead: item.lines for item in entries(build_scan(replace(made, sources=providers), "AFR"))[0].items}
    assert items["Corroboration"] == (
        "Two independent origins in all: six incidents have one.",
        "Data providers may count the same events: together they are one origin.",
    )


def test_a_trigger_met_weeks_ago_is_not_printed_as_met_now():
    made = issues.issue()
    past = replace(made.situations[0], triggers=("T02",), place="AR0", reasons=("T02 met 5 weeks ago",))
    heard = tuple(replace(row, covering=("wire",)) for row in made.coverage)
    entry = entries(build_scan(replace(made, situations=(past,), coverage=heard), "AFR"))[0]
    lead = entry.why.lead
    assert entry.why.notes == ("1",)
    assert lead.endswith("unlawful killings: met 5 weeks ago, not met now.")


def test_missing_periods_are_gaps_in_the_picture_and_words_in_the_table():
    entry = entries(build_scan(issues.issue(), "AFR"))[1]
    figure = entry.figures[0]
    assert "Two periods have no value; they are gaps, not zero." in figure.sentence
    assert [row[1] for row, point in zip(figure.table.rows, figure.points, strict=True) if point.value is None] == [
        "no value"
    ] * 2
    assert figure.table.rows[-1][-1] == "alarm"


def test_the_first_issue_says_that_there_is_nothing_to_compare_with():
    assert box(build_scan(issues.issue(), "AFR"))[1].text == (
        "Since last week: this is the first issue of its store: there is nothing to compare it with."
    )


def test_a_later_issue_names_what_went_up_and_the_dates_ahead():
    view = build_scan(issues.later_issue(), "AFR")
    assert box(view)[1].text == (
        "Since 2024-W03: up 1 (watch → emerging concern: Ruritania) · down 0 · held 0 · another printed word only 0. "
        "The rows of that issue are not at hand, so new, late and corrected cannot be told apart."
    )
    assert box(view)[2].text == (
        "Next eight weeks: 12 February 2024, election, Ruritania · 26 February 2024, Council, fifty-fifth session."
    )
    assert box(build_scan(issues.later_issue(), "APS"))[1].text.startswith("Since 2024-W03: up 0 · down 0 · held 0")


def test_new_late_and_revised_are_told_apart_and_so_is_a_change_of_method():
    since = Since(
        week="2024-W03",
        method=(("method", "m0", "m1"),),
        shifts=(
            Shift(place="AR0", new=2, late=1, corrected=1, new_figures=1, revised_figures=3),
            Shift(place="PR0", new=9),
        ),
    )
    made = replace(as_dossier(issues.later_issue()), since=since, lens=Lens.RESTRICTED)
    view = build_scan(made, "AFR")
    assert box(view)[1].text.endswith(
        "Of alleged incidents of twelve weeks, two are new, one was reported late, one was revised and none is no "
        "longer held; of the periods of published totals, one is new and three were revised. The method changed "
        "(method m0 → m1): a change of level may come from it, and not from events."
    )
    corrections = tables(view, "corrections")
    assert corrections[0].rows == (("Ruritania", "2", "1", "1", "0", "1", "3"),)
    assert corrections[1].rows == (("Ruritania", "watch", "emerging concern"),)


def test_outside_the_office_what_is_no_longer_held_was_revised():
    since = Since(week="2024-W03", method=(), shifts=(Shift(place="AR0", new=2, corrected=1, gone=1),))
    view = build_scan(replace(as_dossier(issues.later_issue()), since=since), "AFR")
    assert box(view)[1].text.endswith(
        "Of alleged incidents of twelve weeks, two are new, none was reported late and two were revised. The method is "
        "the same."
    )
    table = tables(view, "corrections")[0]
    assert table.rows == (("Ruritania", "2", "0", "2", "0", "0"),)
    assert "No longer held" not in table.head


def test_events_of_one_week_clash_where_they_share_the_place_or_one_is_the_council_s():
    days = (
        ("2024-02-12", "election", "AR0"),
        ("2024-02-14", "trial", "AR0"),
        ("2024-02-15", "election", "AF1"),
        ("2024-02-26", "session", ""),
        ("2024-02-27", "review", "AF1"),
    )
    made = replace(
        issues.issue(),
        calendar=tuple(CalendarEntry(on=on, title=title, place=place, source="table") for on, title, place in days),
    )
    (calendar,) = tables(build_scan(made, "AFR"), "calendar")
    assert [row[3] for row in calendar.rows] == [
        "trial, Ruritania",
        "election, Ruritania",
        "none",
        "review, Freedonia AFR",
        "session",
    ]


def test_a_section_with_nothing_to_say_says_so_and_none_is_left_out():
    sections = (
        "changed", "states", "situations", "access", "calendar", "entries", "places", "improved", "strip",
        "past-warnings", "method", "notes", "corrections",
    )  # fmt: skip
    for made in (issues.silent_issue(), issues.issue()):
        view = build_scan(made, "AFR")
        assert tuple(anchors(view)) == sections
        assert all(section.blocks for section in view.sections)
    assert "holds no dated event" in view.section("calendar").blocks[0].text
    assert "No improvement is known." in view.section("improved").blocks[0].text


def test_the_main_part_stands_before_the_annex():
    flags = [section.annex for section in build_scan(issues.issue(), "AFR").sections]
    assert flags == sorted(flags)
    assert flags.count(False) == 5


def test_every_state_is_named_once_on_the_two_pages_under_its_word():
    for view in scans(issues.world_issue()):
        said = [block.text for block in view.section("states").blocks[1:]]
        names = [name for text in said for name in text.split(": ")[1].rstrip(".").split(", ")]
        assert sorted(names) == sorted(row.name for row in rows(view))
        assert not view.section("states").annex
        words = {row.name: row.level if row.level != "none" else row.printed for row in rows(view)}
        for text in said:
            word, _, held = text.partition(" (")
            held = held.split(": ")[1].rstrip(".").split(", ")
            assert {words[name].partition(" (")[0] for name in held} == {word.strip("■◆△○ ").lower()}
            assert [fold(name) for name in held] == sorted(fold(name) for name in held)


LEVELS = (Level.URGENT, Level.EMERGING, Level.WATCH)


@pytest.mark.parametrize("millimetres", [160, 190, 220, 260, 320, 450, 2000])
def test_each_level_is_told_as_a_whole_and_in_no_more_words_than_the_one_above(
    monkeypatch: pytest.MonkeyPatch, millimetres: int
):
    """What does not stand on the two pages is in the annex, at the numbers that they give."""
    monkeypatch.setattr(room, "ROOM", millimetres)
    made = issues.packed_issue(*LEVELS, share=5)
    view = build_scan(made, "AFR")
    found = {"urgent": set(), "emerging concern": set(), "watch": set()}
    for entry in named(view):
        found[entry.level].add((entry.full, entry.line.startswith("T06: ")))
    assert all(len(one) <= 1 for one in found.values())
    steps = [max(one, default=(False, False)) for one in found.values()]
    assert steps == sorted(steps, reverse=True)
    assert all(entry.full is (millimetres == 2000) for entry in named(view) if entry.level == "urgent")

    here = {place.code for place in made.places if place.region(made.scheme) == "AFR"}
    wanted = sorted(row.situation_id for row in made.situations if row.place in here)
    assert sorted(entry.situation_id for entry in entries(view)) == wanted
    numbers = {f"#{entry.anchor}": entry.why.number for entry in entries(view)}
    lines = [(link.text, link.href) for entry in named(view) if not entry.full for link in entry.more]
    assert all(text == f"Paragraph {numbers[href]}" for text, href in lines)
    rows_ = [row for block in blocks_of(view, Paragraph, section="situations") for row in block.rows]
    links = [link for row in rows_ for link in row.links]
    assert all(link.text.endswith(f"({numbers[link.href]})") for link in links)
    assert len(lines) + len(links) <= len(wanted)


def test_where_not_even_names_find_room_the_number_and_the_paragraphs_are_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room, "ROOM", 0)
    view = build_scan(issues.packed_issue(*LEVELS, share=5), "AFR")
    blocks = [one for one in blocks_of(view, Paragraph, section="situations") if "watch" in one.lead]
    numbers = [entry.why.number for entry in entries(view) if entry.level == "watch"]
    assert len(numbers) == 3
    assert [one.lead for one in blocks] == ["△ watch: three situations."]
    assert blocks[0].text == f"Paragraphs {numbers[0]} to {numbers[-1]} of the annex."
    assert blocks[0].rows == ()
    point = next(point for point in points(view) if point.lead.startswith("Watch"))
    assert point.text.endswith("All are told in the annex.")


def test_swapping_two_places_of_a_group_changes_nothing_of_what_finds_room():
    made = issues.packed_issue(*LEVELS, share=4)
    by_code = {place.code: place for place in made.places}
    one, other = (by_code[code] for code in ("AAA", "ABB"))
    straight = [(section.anchor, section.annex) for section in build_scan(made, "AFR").sections]
    swapped = [(section.anchor, section.annex) for section in build_scan(issues.swap(made, one, other), "AFR").sections]
    assert straight == swapped


def test_words_in_a_script_that_the_pdf_cannot_draw_are_declared_in_the_method_box():
    made = issues.issue()
    written = tuple(replace(row, label="שלום עולם") for row in made.series)
    box_ = build_scan(replace(made, series=written), "AFR").section("method").blocks[-1]
    assert "no font of the PDF draws: Hebrew." in box_.text
    assert "no font of the PDF" not in str(build_scan(made, "AFR").section("method"))


def test_more_dates_than_a_line_holds_are_in_the_calendar():
    days = tuple(
        CalendarEntry(on=f"2024-02-{day:02d}", title="session", place="", source="table") for day in range(1, 10)
    )
    view = build_scan(replace(issues.issue(), calendar=days), "AFR")
    assert box(view)[2].text.endswith("6 February 2024, session (clash) · and three more, in the calendar.")


def test_letters_are_counted_by_the_state_addressed():
    found = tables(build_scan(issues.later_issue(), "AFR"), "access")
    assert found[0].rows == (("Ruritania", "3"),)


def test_a_territory_prints_its_note_and_its_situation_stands_in_one_scan():
    made = issues.crowded_issue(42)
    assert "A note that is printed with the name." in {row.note for row in others(build_scan(made, "WEO"))}
    homes = [view.region_code for view in scans(made) if "TER" in {entry.code for entry in entries(view)}]
    assert homes == ["AFR"]
    row = next(row for row in others(build_scan(made, "WEO")) if row.code == "TER")
    assert row.href == "AFR.html#situation-ter-1"


def test_the_method_box_names_what_failed_and_what_is_not_in_the_specimen():
    view = build_scan(issues.issue(), "AFR")
    sources = tables(view, "method")[1]
    looks = {row[0]: row[2] for row in sources.rows}
    assert looks["Incident log dead"] == "source failure; HTTP 503"
    assert looks["Incident log absent"] == "not in the specimen"
    assert view.section("method").blocks[0].text.startswith("4 of 5 source cards ran on real payloads.")
    assert next(row[4] for row in sources.rows if row[0] == "Incident log dead") == "not looked"


def test_every_page_says_that_nobody_reviewed_it(made):
    for view in (*scans(made), build_index(made)):
        assert view.masthead.review == REVIEW == "Machine proposal. Reviewed by nobody."


def test_the_masthead_gives_the_instant_in_utc_and_geneva_and_no_real_symbol():
    masthead = build_scan(issues.issue(), "AFR").masthead
    assert masthead.as_of == "As known on 29 January 2024, 00:00 UTC (01:00 Geneva)"
    assert masthead.reference == "HS/AFR/2024/W04"
    assert ("Regions", "regional groups of Member States") in masthead.facts


def test_field_regions_are_another_view_of_the_same_rows():
    made = replace(issues.issue(), scheme=RegionScheme.FIELD_REGIONS)
    view = build_scan(made, "F-AFR")
    assert [row.code for row in rows(view)] == [row.code for row in rows(build_scan(issues.issue(), "AFR"))]
    with pytest.raises(Refused):
        build_scan(made, "AFR")


def test_a_place_without_its_line_is_refused():
    made = issues.issue()
    with pytest.raises(Refused, match="no line of the place"):
        build_scan(replace(made, states=made.states[1:]), "AFR")
    with pytest.raises(Refused, match="twice"):
        build_scan(replace(made, states=(*made.states, made.states[0])), "AFR")


def test_swapping_two_places_of_a_group_swaps_their_entries_and_nothing_else():
    made = issues.issue()
    by_name = {place.name: place for place in made.places}
    one, other = by_name["Ruritania"], by_name["Orsinia AFR"]
    straight = _state_entries(made)
    swapped = _state_entries(issues.swap(made, one, other))
    renamed = {_rename(entry, one, other) for entry in swapped}
    assert renamed == straight
    assert swapped != straight


def _state_entries(made: Issue) -> set[str]:
    """Entries of places and of situations as text, without order and numbering."""
    view = build_scan(made, "AFR")
    found = [str(asdict(row)) for row in (*rows(view), *others(view))]
    for entry in entries(view):
        unnumbered = replace(
            entry,
            why=replace(entry.why, number="", notes=()),
            items=tuple(replace(item, notes=()) for item in entry.items),
        )
        found.append(str(asdict(unnumbered)))
    return set(found)


def _rename(entry: str, one: Any, other: Any) -> str:
    for a, b in ((one.name, other.name), (one.code, other.code), (one.code.lower(), other.code.lower())):
        entry = re.sub(f"{re.escape(a)}|{re.escape(b)}", lambda m, a=a, b=b: b if m[0] == a else a, entry)
    return entry


def test_the_command_line_gets_one_line_a_region():
    lines = summary_lines(issues.issue())
    assert lines[0] == (
        "AFR  African States: ■ urgent 0 · ◆ emerging concern 1 · △ watch 1 · ○ quiet 1 · limited coverage 3 · "
        "not monitored 1 · source failure 1 (8 States)"
    )
    assert len(lines) == 6
    assert Lookup(issues.issue()).others()


def test_the_real_table_of_states_gives_193_members_in_five_groups():
    gazetteer = load_gazetteer()
    small = issues.silent_issue()
    codes = [place.code for place in gazetteer.places]
    state, heard = small.states[0], small.coverage[0]
    made = replace(
        small,
        places=gazetteer.places,
        regions=gazetteer.regions,
        states=tuple(replace(state, place=code) for code in codes),
        coverage=tuple(replace(heard, place=code) for code in codes),
    )
    views = [build_scan(made, region.code) for region in gazetteer.region_codes(RegionScheme.REGIONAL_GROUPS)]
    assert sum(len(rows(view)) for view in views) == 193
    assert {len(others(view)) for view in views} == {len(codes) - 193}


def test_persons_of_two_groups_of_victims_add_up_and_two_readings_of_one_do_not():
    one = issues.incident(
        "i1",
        "RUR",
        codings=(
            Coding(trigger="T02", rule="a", persons=4, outcome="killed", victim="educators"),
            Coding(trigger="T06", rule="b", persons=3, outcome="killed", victim="educators"),
            Coding(trigger="T02", rule="c", persons=10, outcome="killed", victim="students"),
            Coding(trigger="T03", rule="d", persons=1, outcome="tortured", victim="students"),
        ),
    )
    assert acts((one,)) == (
        "Persons, as alleged, low figures: 14 killed and one subjected to torture or ill-treatment."
    )
