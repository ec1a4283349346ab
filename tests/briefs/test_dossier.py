"""What people enter and what earlier issues held: levels, accounts, outlooks, improvements, options, corrections."""

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import issues
import pytest
from reading import entries, named, points, rows, tables

from briefs import lint, wording
from briefs.attention import measure_attention, wilson
from briefs.build import build_bureau, build_flags, build_scan, build_sessional
from briefs.diff import _pieces
from briefs.docx import render_docx
from briefs.dossier import (
    Account,
    ClearedText,
    Dossier,
    Improvement,
    Judgement,
    Letter,
    SetLevel,
    Shift,
    as_dossier,
    compare_runs,
)
from briefs.lookup import Lookup
from briefs.protection import read_edition
from briefs.render import render_page, view_json
from briefs.tongue import speak
from briefs.view import Entry, View
from domain.classification import Lens
from domain.errors import Refused
from domain.incident import Coding
from domain.options import known_options, load_options
from domain.situation import Joined, Level
from warehouse.outcome import Run

REGISTER = Path(__file__).parents[2] / "domain" / "reference" / "options.toml"


def dossier(**other) -> Dossier:
    return replace(as_dossier(issues.issue()), **other)


def told(made: Dossier, lead: str, *, entry: int = 0) -> tuple[str, ...]:
    return next(item.lines for item in entries(build_scan(made, "AFR"))[entry].items if item.lead == lead)


def set_level(level: Level, **other) -> SetLevel:
    given = {
        "situation_id": "s-2",
        "level": level,
        "reason": "both cases were found to be one",
        "roles": ("analyst", "second analyst"),
        "decided_on": date(2024, 1, 29),
        "expires_on": date(2024, 2, 20),
    }
    return SetLevel(**(given | other))


def test_a_level_that_people_set_is_shown_with_the_proposed_one_beside_it():
    view = build_scan(dossier(levels=(set_level(Level.WATCH),)), "AFR")
    entry = next(row for row in entries(view) if row.situation_id == "s-2")
    assert (entry.level, entry.proposed, entry.shape) == ("watch", "emerging concern", "△")
    assert entry.departed == (
        "Level set by analysts; the rules gave ◆ emerging concern. Reason: Both cases were found to be one. It lapses "
        "on 20 February 2024."
    )
    assert entry.status.endswith("confirmed on 29 January 2024 by analyst and second analyst")
    assert [row.level for row in named(view)] == ["watch", "watch"]
    assert next(row for row in rows(view) if row.name == "Ruritania").level == "watch (new)"
    assert "Level set by analysts" in render_page(view)


def test_a_level_that_people_took_away_is_told_on_the_line_of_the_place():
    taken = dossier(levels=(set_level(Level.NONE),))
    row = next(row for row in rows(build_scan(taken, "AFR")) if row.name == "Ruritania")
    assert row.level == "none"
    assert "the rules gave ◆ emerging concern. Reason: Both cases were found to be one." in row.detail


def test_a_level_that_people_confirmed_departs_from_nothing_and_no_name_is_printed():
    entry = entries(build_scan(dossier(levels=(set_level(Level.EMERGING),)), "AFR"))[0]
    assert (entry.level, entry.proposed, entry.departed) == ("emerging concern", "emerging concern", "")


def test_the_line_on_review_is_true_once_people_set_a_level():
    untouched, touched = dossier(), dossier(levels=(set_level(Level.EMERGING),))
    assert build_bureau(untouched).masthead.review == wording.REVIEW
    for view in (build_scan(touched, "AFR"), build_bureau(touched)):
        assert view.masthead.review == (
            "One level was set by people. The rest is a machine proposal, reviewed by nobody."
        )
    assert "no person has read them" not in render_page(build_scan(touched, "AFR"))


def test_the_bureau_page_says_when_comments_were_sought_and_what_came():
    sought = Account(situation_id="s-2", sought_on=date(2024, 1, 27))
    view = build_bureau(dossier(accounts=(sought,)))
    assert (
        view.section("new")
        .blocks[0]
        .text.endswith("The State's comments were sought on 27 January 2024 and are awaited.")
    )
    assert "Ruritania on 27 January 2024." in [block.text for block in view.section("also").blocks]
    received = replace(sought, received_on=date(2024, 1, 28), text="an inquiry was opened")
    text = build_bureau(dossier(accounts=(received,))).section("new").blocks[0].text
    assert text.endswith("Not known: who acted. The State replied on 28 January 2024: An inquiry was opened.")


def test_a_decision_on_a_situation_of_another_run_changes_nothing():
    other = set_level(Level.URGENT, situation_id="gone")
    assert build_scan(dossier(levels=(other,)), "AFR") == build_scan(dossier(), "AFR")


def test_an_outlook_is_printed_only_where_analysts_entered_one_and_never_in_the_public_lens():
    entered = Judgement(situation_id="s-2", what="Further cases", likelihood="likely")
    assert told(dossier(), "Outlook, 30 days") == (
        "None is given: no analyst entered one, and the machine enters none.",
    )
    assert told(dossier(judgements=(entered,)), "Outlook, 30 days") == told(dossier(), "Outlook, 30 days")
    restricted = dossier(judgements=(entered,), lens=Lens.RESTRICTED)
    assert told(restricted, "Outlook, 30 days") == (
        "Further cases: likely (55 to 80 in a hundred), in the analysts' view.",
    )
    assert not any(word in " ".join(told(restricted, "Confidence")) for word in wording.LIKELIHOODS)


def test_the_account_of_a_state_is_sought_then_received_with_its_dates_and_language():
    sought = Account(situation_id="s-2", sought_on=date(2024, 1, 27))
    assert told(dossier(accounts=(sought,)), "State's account") == (
        "Comment was sought on 27 January 2024; none received by 29 January 2024, 00:00 UTC.",
    )
    received = replace(sought, received_on=date(2024, 1, 28), text="une enquête est ouverte", language="fr")
    page = render_page(build_scan(dossier(accounts=(received,)), "AFR"))
    assert "Received on 28 January 2024: Une enquête est ouverte." in page
    assert '<div lang="fr" dir="auto"><em>State&#39;s account.' in page


def test_an_improvement_is_a_dated_fraction_beside_the_concern():
    main = next(place.code for place in issues.places() if place.name == "Ruritania")
    step = Improvement(place=main, on=date(2024, 1, 26), step="done", text="persons were released", part=41, whole=63)
    made = dossier(improvements=(step,))
    assert told(made, "Improvements") == ("Persons were released. 41 of 63. 26 January 2024 (done).",)
    improved = build_scan(made, "AFR").section("improved").blocks
    assert [block.lead for block in improved] == ["Ruritania.", ""]
    assert points(build_scan(made, "AFR"))[0] == points(build_scan(dossier(), "AFR"))[0]


def test_options_stand_in_the_restricted_annex_alone_and_never_on_the_bureau_page():
    register = known_options(load_options(REGISTER), on=date(2024, 1, 29))
    public, restricted = dossier(options=register), dossier(options=register, lens=Lens.RESTRICTED)
    view = build_scan(restricted, "AFR")
    (table,) = tables(view, "options")
    assert view.section("options").annex
    assert table.rows[0][0] == "Technical cooperation and capacity-building"
    others = [row[0] for row in table.rows[1:]]
    assert others == sorted(others)
    assert len(table.rows) == len(register) >= 10
    pages = [build_scan(public, "AFR"), build_bureau(public), build_bureau(restricted), build_sessional(public)]
    for page in map(render_page, pages):
        assert not [one.name for one in register if one.name in page]


def test_an_option_holds_from_its_day_on_and_names_basis_condition_and_sureness():
    early = {one.option_id for one in known_options(load_options(REGISTER), on=date(2020, 9, 1))}
    later = known_options(load_options(REGISTER), on=date(2020, 10, 7))
    assert {one.option_id for one in later} - early == {"briefing_between_sessions"}
    assert all(one.basis and one.condition and one.sureness for one in later)
    assert [one.option_id for one in later if one.always] == ["technical_cooperation"]


def test_an_option_with_a_word_misspelt_is_an_error(tmp_path: Path):
    path = tmp_path / "options.toml"
    path.write_text('[[options]]\nid = "a"\nnme = "b"\nsureness = "read"\nvalid_from = 2020-01-01\n')
    with pytest.raises(TypeError, match="nme"):
        load_options(path)


def test_an_empty_register_says_so():
    made = dossier(lens=Lens.RESTRICTED, options=())
    assert build_scan(made, "AFR").section("options").blocks[0].text == "The register of options is empty."


def test_wilson_s_interval_by_hand():
    # Half of ten with z = 2: middle 0.5, half width 2/(1+0.4) * sqrt(0.025 + 0.01) = 0.26726.
    low, high = wilson(0.5, 10, z=2)
    assert (round(low, 5), round(high, 5)) == (0.23274, 0.76726)
    assert wilson(0.0, 4, z=2)[0] == 0.0
    assert wilson(0.0, 4, z=2)[1] == 0.5


def test_attention_and_signals_are_shares_of_the_whole_issue():
    shares = {one.name: one for one in measure_attention(Lookup(dossier()))}
    here = shares["African States"]
    # Six incidents and one alarm, all in one list: (6 + 1)² / (6² + 1²) = 49/37 independent ones.
    assert (here.situations, here.signals, here.signal, here.attention) == (2, 7, 1.0, 1.0)
    assert here.low == pytest.approx(wilson(1.0, 49 / 37)[0])
    elsewhere = shares["Eastern European States"]
    assert (elsewhere.situations, elsewhere.words, elsewhere.signal, elsewhere.low) == (0, 0, 0.0, 0.0)
    assert sum(one.words for one in shares.values()) == here.words > 100


def test_no_signal_anywhere_gives_no_share_and_not_zero():
    for one in measure_attention(Lookup(issues.silent_issue())):
        assert (one.attention, one.signal, one.low, one.high) == (None, None, None, None)


def test_attention_is_in_the_method_box_and_not_on_the_bureau_page():
    made = dossier()
    caption = tables(build_scan(made, "AFR"), "method")[0].caption
    assert caption.startswith("Distribution of attention")
    assert "attention" not in render_page(build_bureau(made)).casefold().split("</style>")[1]


def run(week: str, as_of: datetime, **other) -> Run:
    given = {
        "issue": week,
        "as_of": as_of,
        "method_version": "m1",
        "code_version": "c1",
        **dict.fromkeys(
            ("states", "situations", "triggers", "gates", "series", "coverage", "incidents", "sources", "letters"), ()
        ),
        "defects": (),
    }
    return Run(**(given | other))


def test_new_late_corrected_and_gone_incidents_are_told_apart():
    old = datetime(2024, 1, 22, tzinfo=UTC)
    same = issues.incident("same", "AR0")
    before = (same, issues.incident("fixed", "AR0"), issues.incident("gone", "AR0"))
    now = (
        same,
        issues.incident("fixed", "AR0", codings=(Coding(trigger="T07", rule="log:detained", persons=2),)),
        issues.incident("new", "AR0", occurred_on=date(2024, 1, 23)),
        issues.incident("late", "AR0", occurred_on=date(2024, 1, 21)),
        issues.incident("historic", "AR0", occurred_on=date(2019, 1, 21)),
    )
    since = compare_runs(
        run("2024-W03", old, incidents=before), run("2024-W04", issues.AS_OF, incidents=now, code_version="c2")
    )
    assert since.shifts == (Shift(place="AR0", new=1, late=1, corrected=1, gone=1),)
    assert since.method == (("code", "c1", "c2"),)


def test_a_new_period_of_a_total_is_new_and_another_figure_for_an_old_one_is_revised():
    whole = issues.series("t", "AR0")
    shorter = replace(whole, history=whole.history[:-1])
    revised = replace(whole, history=((whole.history[0][0], 99.0, None, None), *whole.history[1:]))
    first = run("2024-W03", issues.AS_OF, series=(shorter,))
    since = compare_runs(first, run("2024-W04", issues.AS_OF, series=(revised, issues.series("other", "AF1"))))
    assert since.shifts == (Shift(place="AR0", new_figures=1, revised_figures=1),)


def test_flags_stand_by_year_mandate_and_state_once_for_each_mandate_of_a_letter():
    made = dossier(
        letters=(
            Letter(
                place="AR0", sent_on=date(2023, 12, 8), mandates=("torture", "defenders"), reference="RUR 1/2023",
                url="https://example.org/1", source_id="log",
            ),
            Letter(
                place="AF1", sent_on=date(2024, 1, 8), mandates=("torture",), reference="FRE 1/2024",
                url="javascript:1", source_id="log",
            ),
        )
    )  # fmt: skip
    view = build_flags(made)
    assert [section.heading for section in view.sections] == ["2024", "2023", "Mentions"]
    (newest,), (older,) = tables(view, "year-2024"), tables(view, "year-2023")
    assert newest.rows == (("2024", "Torture", "Freedonia AFR", "8 January 2024", "FRE 1/2024"),)
    assert newest.hrefs == ("",)
    assert [row[1:3] for row in older.rows] == [("Defenders", "Ruritania"), ("Torture", "Ruritania")]
    assert older.hrefs == ("https://example.org/1",) * 2


def test_without_letters_the_annex_of_flags_says_so():
    assert "there is nothing to list" in build_flags(issues.issue()).sections[0].blocks[0].text


def test_the_sessional_edition_names_emerging_concern_and_gives_totals_of_watch():
    page = render_page(build_sessional(issues.issue()))
    assert "◆ Ruritania: emerging concern, new." in page
    assert "Freedonia AFR" not in page
    assert "From public information only; not an assessment by OHCHR." in page
    with pytest.raises(Refused, match="public lens"):
        build_sessional(replace(issues.issue(), lens=Lens.RESTRICTED))


# Situations over several States


def joined(level: Level = Level.EMERGING, number: int = 12) -> Dossier:
    """Freedonia and Ruritania of one region and Ruritania of another are one; the first in the alphabet tells it."""
    one = Joined(joined_id="s-AR0", situations=("s-AR0", "s-AF1", "s-PR0"))
    return replace(as_dossier(issues.crowded_issue(number, level)), joined=(one,))


def of_join(view: View) -> list[Entry]:
    return [row for row in named(view) if row.situation_id == "s-AR0"]


ALL = "Freedonia AFR, Ruritania and Ruritania APS"


def test_a_situation_over_several_states_is_told_in_full_once_with_all_states_and_elsewhere_by_reference():
    views = {code: build_scan(joined(), code) for code, _ in issues.REGIONS}
    full = [row for view in views.values() for row in entries(view) if row.situation_id == "s-AR0"]
    assert [(row.place, row.code, [part.code for part in row.parts]) for row in full] == [
        (ALL, "AF1", ["AF1", "AR0", "PR0"])
    ]
    assert [row.place for row in of_join(views["AFR"])] == [ALL, "Ruritania"]
    (elsewhere,) = of_join(views["APS"])
    assert (elsewhere.place, elsewhere.full, elsewhere.items, elsewhere.incidents) == ("Ruritania APS", False, (), ())
    # The reference gives the number of the paragraph that tells it, whichever page that is on.
    for reference in (elsewhere, of_join(views["AFR"])[1]):
        assert [link.text for link in reference.more] == [f"Paragraph {full[0].why.number}"]
    assert [link.href for link in elsewhere.more] == [f"AFR.html#{full[0].anchor}"]
    assert [link.href for link in of_join(views["AFR"])[1].more] == [f"#{full[0].anchor}"]
    assert elsewhere.line.startswith("One situation with Freedonia AFR and Ruritania, told under Freedonia AFR")
    assert "HS/AFR/2024/W04" in elsewhere.line


def test_each_state_of_a_joined_situation_has_its_own_words_under_each_letter_and_its_own_level():
    made = joined()
    made = replace(
        made,
        levels=(set_level(Level.WATCH, situation_id="s-AF1"),),
        situations=tuple(
            replace(row, origins=("One", "Two")) if row.situation_id == "s-PR0" else row for row in made.situations
        ),
    )
    # Freedonia is lowered to watch, so Ruritania is the first by level.
    (entry,) = (row for row in entries(build_scan(made, "AFR")) if row.situation_id == "s-AR0")
    assert [(part.place, part.level) for part in entry.parts] == [
        ("Ruritania", "emerging concern"),
        ("Ruritania APS", "emerging concern"),
        ("Freedonia AFR", "watch"),
    ]
    assert next(row for row in rows(build_scan(made, "AFR")) if row.code == "AF1").level == "watch (new)"
    items = {item.lead: item.lines for item in entry.items}
    assert items["Corroboration"] == (
        "Ruritania: One independent origin in all.",
        "Ruritania APS: Two independent origins in all.",
        "Freedonia AFR: One independent origin in all.",
    )
    assert items["Outlook, 30 days"] == ("None is given: no analyst entered one, and the machine enters none.",)
    assert entry.departed.startswith("Freedonia AFR: Level set by analysts; the rules gave")


def test_a_joined_situation_counts_once_and_every_state_keeps_its_line():
    plain, made = replace(joined(), joined=()), joined()

    def counted(one: Dossier) -> list[int]:
        return [share.situations for share in measure_attention(Lookup(one))]

    assert [counted(plain), counted(made)] == [[8, 4, 0, 0, 0, 0], [7, 3, 0, 0, 0, 0]]
    shares = [sum(share.words for share in measure_attention(Lookup(one))) for one in (plain, made)]
    assert shares[0] == shares[1]
    for code in ("AFR", "APS"):
        assert [row.level for row in rows(build_scan(made, code))] == [
            row.level for row in rows(build_scan(plain, code))
        ]
    heading = next(
        block.text for block in build_scan(made, "APS").section("situations").blocks if getattr(block, "level", 0) == 3
    )
    assert heading == "◆ emerging concern: three situations"


def test_a_joined_situation_is_one_on_the_bureau_page_and_in_the_sessional_edition():
    made = joined(number=9)  # all eight of the one region, and one of the other
    leads = [block.lead for block in build_bureau(made).section("new").blocks]
    assert f"◆ {ALL}: emerging concern, new." in leads
    assert len(leads) == 7
    told_ = [block for block in build_sessional(made).section("named").blocks if block.lead.startswith(f"◆ {ALL}")]
    assert len(told_) == 1
    assert told_[0].text.count("Confidence: low.") == 3
    asked = replace(made, accounts=(Account(situation_id="s-PR0", sought_on=date(2024, 1, 27)),))
    informed = next(block for block in build_bureau(asked).section("also").blocks if block.lead == "States informed.")
    assert informed.text == "Ruritania APS on 27 January 2024."


def test_numbers_of_each_state_of_a_joined_situation_are_checked_for_themselves(tmp_path: Path):
    made = issues.issue()
    one = Joined(joined_id="s-2", situations=("s-2", "s-1"))
    view = build_scan(replace(as_dossier(made), joined=(one,)), "AFR")
    (tmp_path / "AFR.json").write_bytes(view_json(view))
    cells = {cell.code: cell for cell in read_edition(tmp_path, week="2024-W04", revision="r1").cells if cell.places}
    assert [(cell.total, len(cell.places)) for cell in cells.values()] == [(6, 2)]
    (entry,) = entries(view)
    assert entry.placed == ()
    assert [len(part.placed) for part in entry.parts] == [2, 0]
    assert len(entry.incidents) == 6


def test_a_join_of_which_one_situation_is_left_is_none():
    made = joined()
    alone = replace(made, joined=(Joined(joined_id="s-AR0", situations=("s-AR0", "gone")),))
    assert build_scan(alone, "AFR") == build_scan(replace(made, joined=()), "AFR")


def test_a_joined_situation_reads_the_same_in_all_forms_and_has_no_fault_of_wording():
    for code in ("AFR", "APS"):
        view = build_scan(joined(), code)
        page = json.loads(view_json(view))
        assert lint.lint([lint.read_page("page.json", page)]).errors == ()
        assert ALL in render_page(view) or code == "APS"
    french = speak(build_scan(joined(), "APS"), "fr", content_hash="0" * 64)
    (elsewhere,) = of_join(french)
    assert elsewhere.line.startswith("Une seule situation avec")


def test_what_changed_in_any_state_of_a_joined_situation_is_a_cause():
    view = json.loads(view_json(build_scan(joined(), "AFR")))
    pieces = [piece for piece in _pieces(view).values() if piece.about == f"{ALL}, level"]
    assert {piece.places for piece in pieces} == {("AF1", "AR0", "PR0")}


def test_hostile_words_of_people_stand_as_words():
    bad = f"{issues.HOSTILE} #eval(1) {'w' * 100_000}"
    main = "AR0"
    filled = dossier(
        lens=Lens.RESTRICTED,
        levels=(set_level(Level.URGENT, reason=bad, roles=(bad,)),),
        judgements=(Judgement(situation_id="s-2", what=bad, likelihood="likely"),),
        accounts=(Account(situation_id="s-2", sought_on=date(2024, 1, 27), received_on=date(2024, 1, 28), text=bad),),
        improvements=(Improvement(place=main, on=date(2024, 1, 26), step="done", text=bad),),
        letters=(
            Letter(place=main, sent_on=None, mandates=(bad,), reference=bad, url=f"javascript:{bad}", source_id="log"),
        ),
        texts=(
            ClearedText(
                situation_id="s-2", cleared_on=date(2024, 1, 29), roles=(bad,), language="en", why_now=bad, alleged=bad,
                confidence="low", confidence_why=bad, account=bad, contrary=bad, corroboration=bad, watch_up=bad,
                watch_down=bad, improvements=bad,
            ),
        ),
        joined=(Joined(joined_id="s-2", situations=("s-2", "s-1")),),
    )  # fmt: skip
    scan = build_scan(filled, "AFR")
    for view in (scan, build_bureau(filled), build_flags(filled)):
        html, page = render_page(view), view_json(view).decode()
        assert "<script>alert" not in html
        assert 'href="javascript' not in html
        for text in (html, page):
            assert "\u202e" not in text
            assert "w" * 1000 not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in render_page(scan)
    document = render_docx(scan, content_hash="0" * 64, as_of=filled.as_of)
    with zipfile.ZipFile(io.BytesIO(document)) as packed:
        words = packed.read("word/document.xml").decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in words
    assert set(re.findall(r"<w:instrText[^>]*>\s*(\w+)", words)) <= {"PAGE", "NUMPAGES"}
