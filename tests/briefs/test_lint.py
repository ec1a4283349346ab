"""The wording check: each rule finds its fault in an invented text, and lets the right wording pass."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import issues
import pytest

from briefs import lint
from briefs.build import build_bureau, build_scan
from briefs.bureau import count_words
from briefs.render import view_json
from domain.errors import Refused, UsageError
from domain.state import load_gazetteer

ROOT = Path(__file__).resolve().parent.parent.parent


def found(text: str, *, confidential: bool = False, language: str = "en") -> list[tuple[str, str]]:
    """Rule and paragraph of each error in a text."""
    done = lint.lint([lint.read_text("text", text, confidential=confidential, language=language)])
    return [(one.rule, one.paragraph) for one in done.errors]


def rules(text: str, *, confidential: bool = False) -> set[str]:
    return {rule for rule, _ in found(text, confidential=confidential)}


def page(**parts: object) -> dict[str, object]:
    masthead = {"distribution": "CONFIDENTIAL · DRAFT", "as_of": "As known on 29 January 2024", "facts": []}
    return {"language": "en", "kind": "scan", "masthead": masthead} | parts


def on(view: dict[str, object]) -> set[str]:
    return {one.rule for one in lint.lint([lint.read_page("page.json", view)]).errors}


def paragraph(text: str, number: str = "1", **parts: object) -> dict[str, object]:
    return {"number": number, "lead": "", "text": text, "notes": [], "links": [], "rows": []} | parts


# One text a rule that it must find, and one that it must let pass.
WORDS = {
    "likelihood": ("Further cases are likely.", "Further cases were alleged."),
    "likelihood-with-confidence": (
        "Confidence is low that it is likely.",
        "Confidence is low. The reports agree on the place.",
    ),
    "reasonable-grounds": (
        "There are reasonable grounds to believe that it happened.",
        "The body found “reasonable grounds to believe” that it happened (A/HRC/99/1, paragraph 12).",
    ),
    "beyond-the-ladder": ("It is certain that the prison was closed.", "The prison was reportedly closed."),
    "alleged": ("Six persons were killed at the harbour.", "Six persons were allegedly killed at the harbour."),
    "legal-finding": ("These are war crimes.", "One witness spoke of “war crimes”."),
    "blame": ("A brutal operation was reported.", "An operation with 14 alleged victims was reported."),
    "neutral-terms": ("The regime denies it.", "The Government denies it; the legal regime of visas is older."),
    "cooperation-label": ("The State is uncooperative.", "A report has been overdue since 2019."),
    "no-reassurance": ("This is a low-risk place.", "A rise would have shown from four incidents."),
    "rank-of-states": ("It is the worst place of the region.", "All States are listed, unranked."),
    "recommendation": ("The Council should act.", "The Council meets on 26 February."),
    "source-withdrew": ("One source withdrew its report.", "The figure was revised."),
    "protected-class": (
        "According to the OHCHR field presence, it is alleged.",
        "According to a United Nations or national source, it is alleged.",
    ),
    "colour-word": ("The place is marked red.", "The place is at watch."),
    "abbreviation": ("The QXZ spoke of it.", "The Quiet Zone Exchange (QXZ) spoke of it. The QXZ meets."),
}  # fmt: skip


@pytest.mark.parametrize("rule", WORDS)
def test_a_rule_finds_its_fault_and_lets_the_right_wording_pass(rule):
    wrong, right = WORDS[rule]
    assert rule in rules(wrong)
    assert rules(right) == set()


def test_every_rule_of_words_has_a_fault_here_or_a_test_of_its_own():
    own = Path(__file__).read_text("utf-8")
    assert [one.id for one in lint.load_rules().rules if f'"{one.id}"' not in own] == []


def test_likelihood_may_stand_in_the_confidential_edition_with_the_analysts_named():
    judged = "Further cases are likely, in the analysts' view."
    assert rules(judged, confidential=True) == set()
    assert rules(judged) == {"likelihood"}
    assert rules("Further cases are likely.", confidential=True) == {"likelihood"}


def test_a_class_with_one_member_is_found_on_an_analysts_page_and_one_with_two_is_not():
    for text in ("According to the OHCHR field presence, it is alleged.", "It is alleged by a field presence (1)."):
        assert rules(text, confidential=True) == {"protected-class"}
    assert rules("It is alleged by an OHCHR field presence (4).", confidential=True) == set()


def test_references_of_letters_are_no_abbreviations_and_no_names():
    assert rules("The letters KEN 4/2099 and UA USA 21/2099 were sent on 16 January.") == set()


def test_headings_in_capitals_are_no_abbreviations():
    assert rules("NOTE FOR THE PRESIDENT. CONFIDENTIAL.") == set()


def test_an_abbreviation_beside_a_known_one_is_found_once():
    assert found("The UN QXZ spoke.\n\nThe QXZ met.") == [("abbreviation", "line 1")]


def test_lettered_items_are_sentences_of_their_own():
    text = "(f) Further cases are likely, in the analysts' view. (g) Confidence is moderate."
    assert rules(text, confidential=True) == set()


def test_a_text_for_the_bureau_page_is_read_by_its_rules():
    text = f"1. {load_gazetteer().places[0].name}: a special session could be asked for."
    done = lint.lint([lint.read_text("text", text, kind="bureau", confidential=True)])
    assert [one.rule for one in done.errors] == ["option-beside-a-name"]


def test_likelihood_and_confidence_never_share_a_sentence_whoever_judged():
    text = "In the analysts' view further cases are likely, with moderate confidence."
    assert rules(text, confidential=True) == {"likelihood-with-confidence"}


def test_a_quotation_without_symbol_or_paragraph_is_found():
    for cited in ("in a report", "in A/HRC/99/1", "in paragraph 12"):
        assert rules(f"The body found “reasonable grounds to believe” it {cited}.") == {"reasonable-grounds"}


def test_a_finding_says_rule_paragraph_words_reason_and_what_to_do():
    (one,) = lint.lint([lint.read_text("text", "7. Quiet.\n\n8. The regime denies it.")]).findings
    assert (one.rule, one.paragraph, one.page) == ("neutral-terms", "8", "text")
    assert one.words == "The regime denies it."
    assert one.why
    assert one.do


def test_a_paragraph_without_a_number_is_named_by_its_line():
    assert found("First line.\n\n\nThe regime denies it.") == [("neutral-terms", "line 4")]


@pytest.mark.parametrize("wrong", ["alias:former", "alias:short", "alias:abbreviation"])
def test_a_name_that_is_not_the_official_one_is_found_with_the_official_one(wrong):
    gazetteer = load_gazetteer()
    name = next(one for one in gazetteer.names if one.rule == wrong and one.text.isalpha() and one.text.isascii())
    official = gazetteer.place(name.code).name
    (one,) = [
        one
        for one in lint.lint([lint.read_text("text", f"In 2019 {name.text} replied.")]).findings
        if one.rule == "official-names"
    ]
    assert one.words == f"{name.text} → {official}"
    assert rules(f"In 2019 {official} replied.") == set()


def test_the_first_words_of_an_official_name_are_not_that_name():
    gazetteer = load_gazetteer()
    short = [one for one in gazetteer.names if one.rule == "alias:short" and one.text.isascii() and " " in one.text]
    parts = [one for one in short if gazetteer.place(one.code).name.startswith(f"{one.text} of ")]
    assert len(parts) >= 2
    for one in parts:
        assert "official-names" in rules(f"In 2019 {one.text} replied.")


def test_every_official_name_passes_also_inside_a_longer_one():
    places = [place.name for place in load_gazetteer().places]
    assert found(". ".join(f"In 2019 {name} replied" for name in places)) == []


def test_a_name_within_a_name_of_something_else_is_no_name_of_a_state():
    text = "Ships crossed the Gulf of Guinea."
    assert "official-names" not in rules(text)


def test_long_sentences_are_advice_and_no_error():
    (one,) = lint.lint([lint.read_text("text", " ".join(["word"] * 26) + ".")]).findings
    assert (one.rule, one.level) == ("long-sentence", lint.LintLevel.ADVICE)
    assert lint.lint([lint.read_text("text", " ".join(["word"] * 25) + ".")]).findings == ()


def test_another_language_is_read_by_the_rules_without_words_alone_and_that_is_said():
    done = lint.lint([lint.read_page("AFR.json", page(language="fr", changed=[paragraph("likely")] * 6))])
    assert {one.rule for one in done.findings} == {"points"}
    ((name, language, left),) = done.not_run
    assert (name, language) == ("AFR.json", "fr")
    assert "likelihood" in left
    assert "points" not in left


def test_a_persons_text_in_another_language_is_passed_by_and_said():
    view = page(changed=[paragraph("Plus de morts, likely.", language="fr")])
    done = lint.lint([lint.read_page("AFR.json", view)])
    assert done.findings == ()
    assert [language for _, language, _ in done.not_run] == ["fr"]


def test_names_of_sources_are_names_and_their_words_are_theirs():
    table = {"caption": "Sources", "head": ["Source", "Items"], "rows": [["Rebels Watch QXZ", "3"]]}
    view = page(method=[table], changed=[paragraph("Three items of Rebels Watch QXZ were reported.")])
    assert on(view) == set()
    assert on(page(changed=[paragraph("Three items of Rebels Watch were reported.")])) == {"neutral-terms"}


# Length, order, holes


def test_more_than_five_points_are_found_in_either_form_of_a_page():
    points = [paragraph("Quiet.", str(number)) for number in range(1, 7)]
    assert on(page(changed=points)) == {"points"}
    assert on(page(sections=[{"anchor": "changed", "heading": "What changed", "blocks": points}])) == {"points"}
    assert on(page(sections=[{"anchor": "changed", "heading": "What changed", "blocks": points[:5]}])) == set()


def test_a_bureau_page_of_351_words_is_too_long_and_one_of_350_is_not():
    def words(number: int) -> set[str]:
        masthead = {"distribution": "", "disclaimer": "not counted " * 40}
        return on({"kind": "bureau", "language": "en", "masthead": masthead, "lead": "word " * number})

    assert words(350) == set()
    assert words(351) == {"bureau-length"}


def test_a_fourth_situation_in_full_on_the_bureau_page_is_found():
    told = [paragraph(f"Confidence: low. Not known: why ({number}).", str(number)) for number in range(1, 5)]
    assert on(page(kind="bureau", entries=told)) == {"bureau-situations"}
    assert on(page(kind="bureau", entries=told[:3])) == set()


def test_an_option_beside_a_name_is_found_on_the_bureau_page_alone():
    name = load_gazetteer().places[0].name
    view = page(entries=[paragraph(f"{name}: a special session could be asked for.")])
    assert on(view | {"kind": "bureau"}) == {"option-beside-a-name"}
    assert on(view) == set()
    apart = [paragraph(f"{name} replied."), paragraph("A special session needs 16 members.", "2")]
    assert on(page(kind="bureau", entries=apart)) == set()


@pytest.mark.parametrize("length", [139, 140])
def test_a_headline_has_fewer_than_140_characters(length):
    assert on(page(alerts=[{"headline": "x" * length}])) == ({"headline"} if length == 140 else set())


def test_a_notice_is_read_by_its_headline(tmp_path):
    path = tmp_path / "notice.json"
    path.write_text(json.dumps({"headline": "The regime denies it", "what": "y"}), "utf-8")
    assert [one.rule for one in lint.lint(lint.read_pages([path])).errors] == ["neutral-terms"]


def test_a_list_of_states_out_of_order_is_found():
    rows = [{"name": name, "level": "none", "shape": "○"} for name in ("Averna", "Zenda", "Genovia")]
    assert on(page(places=rows)) == {"alphabet"}
    assert on(page(places=sorted(rows, key=lambda row: str(row["name"])))) == set()


HOLES = {
    "missing-note": page(changed=[paragraph("Quiet.", notes=["4"])]),
    "note-without-source": page(notes=[{"number": "1", "text": " ", "address": "", "hashes": []}]),
    "empty-chart": page(figures=[{"figure_id": "f", "title": "t", "sentence": "s", "points": [{"value": None}]}]),
    "empty-section": page(sections=[{"anchor": "a", "heading": "Situations", "blocks": []}]),
    "colour-alone": page(tiles=[{"name": "Averna", "mark": "watch", "word": ""}]),
    "ladder-step": page(why=[{"letter": "(e)", "lead": "Step on the proof ladder", "lines": ["Established."]}]),
}


@pytest.mark.parametrize("rule", HOLES)
def test_a_hole_is_found(rule):
    assert on(HOLES[rule]) == {rule}


def test_corroborated_on_one_origin_is_found():
    def entry(origins: str) -> set[str]:
        items = [
            {"letter": "(d)", "lead": "Corroboration", "lines": [origins]},
            {"letter": "(e)", "lead": "Step on the proof ladder", "lines": ["Corroborated by independent sources."]},
        ]
        return on(page(situations=[{"why": paragraph("Why now."), "items": items}]))

    assert entry("One independent origin in all: two incidents have one.") == {"ladder-step"}
    assert entry("Two independent origins in all.") == set()


def test_the_steps_of_a_situation_over_several_places_are_read_each_with_its_own_origins():
    def joined(first: str, other: str) -> set[str]:
        items = [
            {
                "letter": "(d)",
                "lead": "Corroboration",
                "lines": ["Averna: One independent origin in all.", "Zenda: Two."],
            },
            {"letter": "(e)", "lead": "Step on the proof ladder", "lines": [f"Averna: {first}", f"Zenda: {other}"]},
        ]
        parts = [{"situation_id": "s1", "place": "Averna"}, {"situation_id": "s2", "place": "Zenda"}]
        return on(page(situations=[{"why": paragraph("Why now."), "items": items, "parts": parts}]))

    corroborated = "Corroborated by independent sources."
    assert joined("Reported.", corroborated) == set()
    assert joined(corroborated, "Reported.") == {"ladder-step"}
    assert joined("Reported.", "Established.") == {"ladder-step"}


def test_a_step_that_was_withdrawn_is_no_hole():
    items = [{"letter": "(e)", "lead": "Step on the proof ladder", "lines": ["withdrawn"]}]
    assert on(page(why=items)) == set()


def test_a_row_that_is_shorter_than_its_head_is_a_hole():
    table = {"caption": "Values", "head": ["Value", "Count"], "rows": [["a", "1"], ["b"]]}
    assert on(page(tables=[table])) == {"empty-section"}
    assert on(page(tables=[table | {"rows": []}])) == {"empty-section"}


def test_a_link_to_nowhere_is_found():
    link = {"text": "Entry", "href": "#situation-1"}
    assert on(page(changed=[paragraph("Quiet.", links=[link])])) == {"missing-note"}
    assert on(page(changed=[paragraph("Quiet.", links=[link])], entries=[{"anchor": "situation-1"}])) == set()


def test_a_failed_source_must_be_declared_in_the_text():
    head = ["Source", "What came of the look"]
    table = {"caption": "Sources", "head": head, "rows": [["A feed", "source failure: shape changed"]]}
    unseen = paragraph("Of 2 sources: one failed.", lead="What we cannot see.")
    assert on(page(method=[table], changed=[unseen])) == set()
    silent = paragraph("All of 2 sources could be looked at.", lead="What we cannot see.")
    assert on(page(method=[table], changed=[silent])) == {"undeclared-failure"}


def test_a_clearance_older_than_the_page_or_denied_by_it_is_stale():
    def cleared(on_day: str, review: str) -> set[str]:
        facts = [["Cleared by", "the regional head"], ["Cleared on", on_day]]
        masthead = {"distribution": "", "as_of": "As known on 29 January 2024", "review": review, "facts": facts}
        return on(page(masthead=masthead))

    assert cleared("30 January 2024", "Reviewed by two analysts.") == set()
    assert cleared("28 January 2024", "Reviewed by two analysts.") == {"stale-clearance"}
    assert cleared("30 January 2024", "Machine proposal. Reviewed by nobody.") == {"stale-clearance"}


# Our own pages


@pytest.mark.parametrize("made", [issues.issue, issues.silent_issue, issues.later_issue, issues.crowded_issue])
def test_pages_of_invented_issues_have_no_error(made):
    issue = made()
    views = [build_scan(issue, code) for code, _ in issues.REGIONS]
    pages = [lint.read_page("page.json", json.loads(view_json(one))) for one in (*views, build_bureau(issue))]
    assert lint.lint(pages).errors == ()


def test_a_word_that_was_put_into_a_page_is_found_in_its_paragraph():
    view = json.loads(view_json(build_scan(issues.issue(), "AFR")))
    text = json.dumps(view).replace("Not known:", "It was brutal. Not known:", 1)
    done = lint.lint([lint.read_page("AFR.json", json.loads(text))])
    assert [(one.rule, one.paragraph) for one in done.errors] == [("blame", "1")]


def test_the_bureau_page_is_counted_as_its_builder_counts_it():
    view = build_bureau(issues.crowded_issue())
    limited = lint.Rules(
        rules=tuple(replace(one, limit=0) for one in lint.load_rules().rules if one.id == "bureau-length"),
        known_abbreviations=frozenset(),
    )
    (one,) = lint.lint([lint.read_page("bureau.json", json.loads(view_json(view)))], rules=limited).findings
    assert abs(int(one.words.split()[0]) - count_words(view)) <= 10


def test_an_error_refuses_publication_and_advice_does_not():
    bad = lint.lint([lint.read_text("AFR.json", "3. The regime denies it.")])
    with pytest.raises(Refused, match="2024-W04/r1 cannot be published") as told:
        lint.refuse_errors(bad, "2024-W04/r1")
    assert told.value.exit_code == 3
    assert "AFR.json, paragraph 3" in told.value.why
    lint.refuse_errors(lint.lint([lint.read_text("AFR.json", " ".join(["word"] * 30) + ".")]), "2024-W04/r1")


def test_what_is_no_page_is_refused_in_words(tmp_path):
    for name, body in (("a.json", "{}"), ("b.json", "{"), ("c.html", "<p>")):
        (tmp_path / name).write_text(body, "utf-8")
        with pytest.raises(UsageError):
            lint.read_pages([tmp_path / name])


@pytest.mark.parametrize(
    "view",
    [
        {"masthead": ["no", "masthead"], "language": None, "sections": 3},
        page(masthead={"facts": 4, "as_of": ["x"], "distribution": 7}),
        page(tables=[{"caption": "c", "head": ["a", 2], "rows": [["x", "y"], "z", None, {"a": 1}]}]),
        page(changed={"number": []}, places=[1], tiles="x", notes=[{"number": None, "hashes": 3}], points=[None]),
    ],
)
def test_a_page_of_odd_parts_is_read_without_breaking(view):
    lint.lint([lint.read_page("odd.json", view)])


def test_a_folder_gives_its_pages_and_leaves_out_its_manifest(tmp_path):
    (tmp_path / "AFR.json").write_text(json.dumps(page(changed=[paragraph("The regime denies it.")])), "utf-8")
    (tmp_path / "manifest.json").write_text("{}", "utf-8")
    done = lint.lint_folder(tmp_path)
    assert done.pages == ("AFR.json",)
    assert [one.rule for one in done.errors] == ["neutral-terms"]


def test_a_misspelt_check_or_field_stops_loading(tmp_path):
    text = (ROOT / "briefs/lint.toml").read_text("utf-8")
    for old, new in (('check = "alphabet"', 'check = "alphabeth"'), ("limit = 350", "limits = 350")):
        path = tmp_path / f"{abs(hash(new))}.toml"
        path.write_text(text.replace(old, new), "utf-8")
        with pytest.raises(ValueError, match=r"lint\.toml"):
            lint.load_rules(path)


def test_the_page_of_rules_is_current():
    page_ = (ROOT / "docs/wording.md").read_text("utf-8")
    assert page_ == lint.describe_rules(lint.load_rules())
    assert asdict(lint.load_rules().rules[0])["id"] in page_
