"""What people wrote and cleared stands under its letter, in its language; nothing of it is in the public lens."""

from dataclasses import replace
from datetime import date

import issues
import pytest
from forms import read_docx, read_html, read_pdf
from reading import entries

from briefs.build import build_bureau, build_scan, build_sessional
from briefs.dossier import Account, ClearedText, Dossier, Judgement, as_dossier
from briefs.render import render_forms, render_page
from briefs.view import Entry, View
from domain.classification import Lens

WORDS = ClearedText(
    situation_id="s-2",
    cleared_on=date(2024, 1, 30),
    roles=("regional head",),
    language="en",
    why_now="arrests at the harbour went on for a third week",
    alleged="according to the log, persons were allegedly taken at the harbour",
    confidence="high",
    confidence_why="two origins agree on place and day.",
    account="the harbour office spoke of a drill",
    contrary="two persons came back",
    corroboration="the second origin saw the registers",
    watch_up="a case outside the harbour",
    watch_down="access for monitors",
    improvements="one person was released",
)


def page(*, lens: Lens = Lens.RESTRICTED, **other) -> View:
    return build_scan(dossier(lens=lens, **other), "AFR")


def dossier(**other) -> Dossier:
    return replace(as_dossier(issues.issue()), **other)


def entry(view: View) -> Entry:
    return next(one for one in entries(view) if one.situation_id == "s-2")


def told(view: View) -> dict[str, tuple[str, ...]]:
    return {str(one.lead): one.lines for one in entry(view).items}


def test_each_field_stands_first_under_its_letter():
    found = told(page(texts=(WORDS,)))
    assert entry(page(texts=(WORDS,))).why.lead == "Why now: Arrests at the harbour went on for a third week."
    assert found["Alleged"][0] == "According to the log, persons were allegedly taken at the harbour."
    assert found["Corroboration"][0] == "The second origin saw the registers."
    assert found["Confidence"] == ("High: two origins agree on place and day.",)
    assert found["State's account"] == ("The harbour office spoke of a drill.",)
    assert found["Against this view"][0] == "Two persons came back."
    assert found["Would change it"][:2] == ("Up: a case outside the harbour.", "Down: access for monitors.")
    assert found["Improvements"] == ("One person was released.",)
    # What the rules count stays where it was.
    assert found["Triggers"] == told(page())["Triggers"]
    assert found["Alleged"][1:] == told(page())["Alleged"]


def test_the_clearance_by_role_stands_where_the_machine_proposal_stood():
    assert entry(page()).status.endswith("proposed by machine, reviewed by nobody")
    view = page(texts=(WORDS,))
    assert entry(view).status.endswith(
        "level as the rules propose it · text cleared on 30 January 2024 by regional head"
    )
    assert view.masthead.review == (
        "One text was written and cleared by people. The rest is a machine proposal, reviewed by nobody."
    )


def test_a_text_in_another_language_stands_beside_as_a_paragraph_that_says_so():
    french = replace(WORDS, language="fr", contrary="deux personnes sont revenues")
    view = page(texts=(french,))
    found = [one for one in entry(view).items if one.letter == "(i)"]
    assert [(str(one.lead), one.language) for one in found] == [
        ("Against this view", ""),
        ("Against this view (French)", "fr"),
    ]
    assert found[1].lines == ("Deux personnes sont revenues.",)
    assert entry(view).why.language == "fr"
    assert told(view)["Confidence"] == ("High: for the reasons that the analysts give.",)
    html = render_page(view)
    assert '<div lang="fr" dir="auto"><em>Against this view (French).</em> Deux personnes sont revenues.' in html


def test_likelihood_and_confidence_have_letters_of_their_own():
    outlook = Judgement(situation_id="s-2", what="Further cases", likelihood="likely")
    found = told(page(texts=(WORDS,), judgements=(outlook,)))
    assert found["Outlook, 30 days"] == ("Further cases: likely (55 to 80 in a hundred), in the analysts' view.",)
    assert "likely" not in " ".join(found["Confidence"])


def test_that_a_text_was_not_shown_is_said_and_not_why():
    withheld = Account(situation_id="s-2", withheld=True)
    found = told(page(texts=(WORDS,), accounts=(withheld,)))["State's account"]
    assert found == (
        "The harbour office spoke of a drill.",
        "The text was not shown to the State; two persons recorded why.",
    )
    assert "s-2" not in build_bureau(dossier(accounts=(withheld,), lens=Lens.RESTRICTED)).section("also").blocks[0].text


@pytest.mark.parametrize("build", [lambda made: build_scan(made, "AFR"), build_bureau, build_sessional])
def test_the_public_lens_prints_no_word_of_it_even_when_it_is_given(build):
    outlook = Judgement(situation_id="s-2", what="Further cases", likelihood="likely")
    given = dossier(texts=(WORDS,), judgements=(outlook,))
    assert given.lens is Lens.PUBLIC
    assert build(given) == build(dossier())


def test_all_four_forms_carry_the_same_items():
    made = render_forms(page(texts=(replace(WORDS, language="fr"),)), name="page", as_of=issues.AS_OF)
    read = {name.rpartition(".")[2]: body for name, body in made.items()}
    screen = read_html(read["html"])
    assert any("Againstthisview(French).Twopersonscameback." in one for one in screen.items)
    assert read_docx(read["docx"]).items == read_pdf(read["pdf"]).items == screen.items
    assert "Against this view (French)" in read["json"].decode()
