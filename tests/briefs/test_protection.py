"""Small numbers and rare combinations: what may be said, alone and beside what was published before, and what stops.

Every expected number is counted by hand.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path

import issues
import pytest
from reading import entries, tables

from briefs import wording
from briefs.build import (
    build_bureau,
    build_evidence,
    build_flags,
    build_index,
    build_ledger,
    build_scan,
    build_sessional,
)
from briefs.dossier import Dossier, as_dossier
from briefs.lookup import STATE_LEVEL_ONLY
from briefs.protection import (
    Cell,
    Disclosure,
    Edition,
    Trait,
    check,
    earlier_editions,
    merge_rare,
    name_places,
    read_edition,
    refuse_disclosures,
)
from briefs.render import render_interactive, render_page, view_json
from briefs.view import IncidentLine, PlaceCount, Table, View
from domain.classification import Lens
from domain.errors import Refused
from domain.evidence import LabelRoot, ReportRoot
from domain.incident import Coding, Incident
from domain.source import SourceClass
from horizon.withdrawal import REVISED, REVISED_WORD, Rooted, mask


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


# Rare combinations. The six incidents of the usual issue: five of week 1, one of week 2, one person detained in each.


def told(victim: str = "", persons: int = 1) -> tuple[Coding, ...]:
    return (Coding(trigger="T07", rule="log:detained", persons=persons, outcome="detained", victim=victim),)


def root(incident_id: str, *, source: str = "log", source_class: SourceClass = SourceClass.CIVIL_SOCIETY) -> ReportRoot:
    return ReportRoot(
        incident_id=incident_id,
        report_id=f"report-{incident_id}",
        version="v1",
        source_id=source,
        source_class=source_class,
        origin="Press Council log",
        joined="the first report",
        url=f"https://example.org/{incident_id}",
        language="en",
        published_at=issues.AS_OF,
        collected_at=issues.AS_OF,
        payload_sha="ab" * 32,
    )


def label(incident_id: str, coding: Coding) -> LabelRoot:
    return LabelRoot(
        incident_id=incident_id,
        report_id=f"report-{incident_id}",
        trigger=coding.trigger,
        rule="log:detained",
        outcome=coding.outcome,
        victim=coding.victim,
        persons=coding.persons,
        field="kind",
        words="words of the source",
        start=None,
        end=None,
        why="",
    )


def week(*codings: tuple[Coding, ...], held: bool = True, **other) -> Dossier:
    """The usual issue with the given codings of its first incidents; all its reports are protected, or none is."""
    made = as_dossier(issues.issue())
    rows = tuple(
        replace(row, codings=codings[at] if at < len(codings) else row.codings) for at, row in enumerate(made.incidents)
    )
    ids = [row.incident_id for row in rows]
    return replace(
        made,
        incidents=rows,
        reports=tuple(root(one, **other) for one in ids),
        labels=tuple(label(row.incident_id, coding) for row in rows for coding in row.codings),
        protected=frozenset(f"report-{one}" for one in ids) if held else frozenset(),
    )


def lines(made: Dossier) -> list[IncidentLine]:
    view = build_evidence(made, "AFR")
    return [one for section in view.sections for block in section.blocks for one in getattr(block, "incidents", ())]


def said(made: Dossier) -> list[str]:
    return [
        one.text.partition(". Alleged")[0].partition(". One ind")[0].partition(". Two ind")[0] for one in lines(made)
    ]


FULL = "Week 2024-W01. T07, one person detained"
WEEKLY = "Week 2024-W01. T07, detained"
BARE = "In these twelve weeks; fewer than three share more than is said here. T07, detained"


def test_a_guarded_incident_that_stands_alone_in_its_week_keeps_its_trigger_and_stands_last():
    assert said(week()) == [FULL] * 5 + [BARE]


def test_a_rare_victim_group_is_merged_into_its_trigger():
    assert said(week(told("lawyers"))) == [FULL] * 4 + [BARE] * 2
    text = json.dumps([line.text for line in lines(week(told("lawyers")))])
    assert "lawyers" not in text


def test_groups_too_small_each_share_the_week_when_they_are_three_together():
    # Two lawyers, two students and one without a group: none has three, all five share the week.
    made = week(told("lawyers"), told("lawyers"), told("students"), told("students"))
    assert said(made) == [WEEKLY] * 5 + [BARE]
    assert not any("Alleged actor" in line.text for line in lines(made))


def test_a_number_of_persons_is_a_combination_too():
    assert said(week(told(persons=40))) == [FULL] * 4 + [BARE] * 2


def test_what_an_open_report_says_stands_and_what_only_a_protected_one_says_does_not():
    open_ = week(told("lawyers"), held=False)
    assert said(open_)[0] == "Week 2024-W01. T07, one person detained (lawyers)"
    assert not any(line.guarded for line in lines(open_))
    # The same incident has an open report that says less, and a protected one that names the group.
    more = replace(root("i0"), report_id="given")
    mixed = replace(
        open_,
        incidents=(replace(open_.incidents[0], reports=("report-i0", "given")), *open_.incidents[1:]),
        reports=(*open_.reports, more),
        labels=(
            *(label(row.incident_id, told()[0]) for row in open_.incidents),
            replace(label("i0", told("lawyers")[0]), report_id="given"),
        ),
        protected=frozenset({"given"}),
    )
    assert [line.guarded for line in lines(mixed)].count(True) == 1
    assert said(mixed)[-1] == BARE


def test_nothing_of_a_protected_report_leads_to_its_source():
    for made in (week(), week(held=False, source_class=SourceClass.FIELD_PRESENCE)):
        for line in lines(made):
            (report,) = line.reports
            assert (report.href, report.payload, report.origin) == ("", "", "")
            assert (report.source, report.published) == ("A United Nations or national source", "not shown")
            assert {(one.words, one.rule) for one in report.labels} == {("not shown", "not shown")}


def trait(number: int, *, of: str = "2024-W01", closer: str = "T07 detained lawyers 1; unknown") -> list[Trait]:
    return [Trait(code="RUR", week=of, acts=("T07 detained",), closer=closer)] * number


def before(*traits: Trait) -> Edition:
    return Edition(week="2024-W03", revision="r1", cells=(), traits=traits)


@pytest.mark.parametrize(("earlier", "kept"), [(0, 5), (2, 5), (3, 0), (4, 0), (5, 5), (6, 0), (7, 0), (8, 5)])
def test_a_combination_that_differs_by_one_or_two_from_what_was_published_is_withheld(earlier, kept):
    found = merge_rare(trait(5), before=(before(*trait(earlier)),))
    assert sum(bool(one.week) for one in found) == kept


def test_what_a_finer_line_would_leave_over_from_an_earlier_coarser_one_is_withheld():
    # Five of the week were published without their groups; three with theirs would give away the other two.
    now = [*trait(3), *trait(1, closer="a"), *trait(1, closer="b", of="2024-W02")]
    assert [one.week for one in merge_rare(now, before=())] == ["2024-W01"] * 3 + [""] * 2
    assert [one.week for one in merge_rare(now, before=(before(*trait(5, closer="")),))] == [""] * 5


def test_rare_combinations_stop_an_issue_alone_and_beside_earlier_ones():
    def stopped(traits: list[Trait], *earlier: Edition) -> list[str]:
        return [one.what for one in check(before(*traits), earlier)]

    assert stopped(trait(3)) == []
    assert stopped(trait(2)) == ["an incident of a protected source that fewer than three share"]
    assert stopped(trait(2, of="", closer="")) == []
    assert stopped(trait(4), before(*trait(3))) == [
        "one combination differs from 2024-W03/r1 by one or two",
        "one week differs from 2024-W03/r1 by one or two incidents",
    ]
    assert stopped(trait(5, closer=""), before(*trait(3))) == [
        "one week differs from 2024-W03/r1 by one or two incidents"
    ]


def test_the_pages_of_guarded_incidents_are_read_back_as_written_and_drafting_again_merges(tmp_path: Path):
    made = week()
    (tmp_path / "AFR-evidence.json").write_bytes(view_json(build_evidence(made, "AFR")))
    (tmp_path / "AFR-evidence.fr.json").write_bytes(view_json(replace(build_evidence(made, "AFR"), language="fr")))
    read = read_edition(tmp_path, week="2024-W03", revision="r1")
    assert [one.week for one in read.traits] == ["2024-W01"] * 5 + [""]
    assert check(read, (read,)) == ()
    # One of the five is no longer held: four beside the five published would show which week it was of.
    fewer = replace(
        made,
        situations=tuple(
            replace(row, incidents=tuple(one for one in row.incidents if one != "i0")) for row in made.situations
        ),
        triggers=tuple(
            replace(row, incidents=tuple(one for one in row.incidents if one != "i0")) for row in made.triggers
        ),
    )
    assert said(fewer) == [FULL] * 4 + [BARE]
    assert said(replace(fewer, printed_before=(read,))) == [BARE] * 5


def test_a_withdrawn_line_says_no_week(tmp_path: Path):
    page = json.loads(view_json(build_evidence(week(), "AFR")))
    for section in page["sections"]:
        for block in section["blocks"]:
            for line in block.get("incidents", ()):
                line |= {"week": "withdrawn", "acts": ["withdrawn"], "closer": "withdrawn"}
    (tmp_path / "AFR-evidence.json").write_text(json.dumps(page), "utf-8")
    read = read_edition(tmp_path, week="2024-W03", revision="r1")
    assert {(one.week, one.closer) for one in read.traits} == {("", "")}


# The protection rules that touch levels and text (triggers, section 7), by their numbers.

HIDDEN = "Xyzzy7"
ALONE = sorted(wording.IDENTIFYING)


def of_class(source_class: SourceClass, lens: Lens) -> Dossier:
    """The usual issue with all its words and numbers from one organisation of a class of which a State has one."""
    made = week(held=False, source_class=source_class)
    return replace(
        made,
        lens=lens,
        sources=tuple(
            replace(
                row, source_class=source_class, title=f"{HIDDEN} title", publisher=f"{HIDDEN} team",
                sha256=("cd" * 32,), url="https://xyzzy7.example", citation=f"{HIDDEN} citation",
                licence=f"{HIDDEN} licence", detail=f"{HIDDEN} detail",
            )
            for row in made.sources
        ),
        incidents=tuple(
            replace(row, classes=(source_class,), origins=(f"{HIDDEN} team",), sources=("log",))
            for row in made.incidents
        ),
        situations=tuple(replace(row, origins=(f"{HIDDEN} team",)) for row in made.situations),
        triggers=tuple(replace(row, origins=(f"{HIDDEN} team",)) for row in made.triggers),
        reports=tuple(replace(row, origin=f"{HIDDEN} team", url="https://xyzzy7.example/1") for row in made.reports),
        labels=tuple(replace(row, words=f"{HIDDEN} words", rule=f"{HIDDEN}:rule") for row in made.labels),
        defects=tuple(replace(row, example=f"{HIDDEN} example") for row in made.defects),
    )  # fmt: skip


def every_view(made: Dossier) -> dict[str, View]:
    views = {code: build_scan(made, code) for code, _ in issues.REGIONS}
    views |= {f"{code}-evidence": build_evidence(made, code) for code, _ in issues.REGIONS}
    views |= {
        "bureau": build_bureau(made), "flags": build_flags(made), "ledger": build_ledger(made),
        "index": build_index(made),
    }  # fmt: skip
    return views | ({"sessional": build_sessional(made)} if made.lens is Lens.PUBLIC else {})


@pytest.mark.parametrize("source_class", ALONE)
def test_rules_1_and_2_outside_no_page_names_a_source_that_its_class_would_name(source_class: SourceClass):
    made = of_class(source_class, Lens.PUBLIC)
    pages = {name: view_json(view).decode() for name, view in every_view(made).items()}
    pages["interactive"] = render_interactive(made)
    for name, page in pages.items():
        assert HIDDEN.lower() not in page.lower(), name
        assert wording.CLASS_WORDS[source_class] not in page, name
        assert "cd" * 32 not in page, name
    assert "A United Nations or national source." in pages["AFR"]


@pytest.mark.parametrize("source_class", ALONE)
def test_rules_1_and_2_inside_only_the_list_of_all_sources_names_it(source_class: SourceClass):
    views = every_view(of_class(source_class, Lens.RESTRICTED))
    for view in views.values():
        parts = {one.anchor: json.dumps(asdict(one)) for one in view.sections}
        assert {anchor for anchor, text in parts.items() if HIDDEN in text} <= {"method"}
        assert not any(wording.CLASS_WORDS[source_class] in text for text in parts.values())
    assert HIDDEN in json.dumps(asdict(views["AFR"].section("method")))


def test_rule_3_outside_the_office_a_page_says_revised_and_never_that_something_was_withdrawn():
    made = issues.issue()
    rooted = Rooted(
        situations=frozenset({"s-2"}), fragments=frozenset({"situation-ar0-1"}), places=frozenset({"AR0"}),
        names=frozenset({"Ruritania"}), word=REVISED_WORD,
    )  # fmt: skip
    for view in every_view(as_dossier(made)).values():
        text = view_json(mask(view, rooted)).decode().lower()
        assert "withdr" not in text
    assert '"revised"' in view_json(mask(build_scan(made, "AFR"), rooted)).decode()
    assert "revised" in REVISED
    assert "withdr" not in REVISED


def test_rule_3_outside_the_list_of_sources_says_whether_each_was_looked_at_and_not_how_much_it_said():
    (sources,) = (one for one in tables(build_scan(issues.issue(), "AFR"), "method") if "Sources" in one.caption)
    assert "Items" not in sources.head
    assert {row[4] for row in sources.rows} == {"yes", "not looked"}


def test_rule_4_every_public_page_says_on_what_its_levels_rest_and_that_they_are_no_assessment():
    said = "from public information only; not an assessment by OHCHR"
    for name, view in every_view(as_dossier(issues.issue())).items():
        assert view.masthead.distribution.endswith(said), name
        assert said in render_page(view), name
    for name, view in every_view(as_dossier(replace(issues.issue(), lens=Lens.RESTRICTED))).items():
        assert view.masthead.distribution == "CONFIDENTIAL · DRAFT", name


def test_rule_6_outside_no_page_holds_a_last_look_at_a_source_or_names_who_is_at_watch_in_the_sessional_edition():
    made = as_dossier(issues.issue())
    for name, view in every_view(made).items():
        for table in (block for section in view.sections for block in section.blocks if isinstance(block, Table)):
            assert not {"Last look", "Newest item"} & set(table.head), name
    watched = next(place.name for place in made.places if place.code == made.situations[0].place)
    assert watched not in view_json(build_sessional(made)).decode()
    assert "Ruritania" in view_json(build_sessional(made)).decode()
