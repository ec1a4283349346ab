"""What the English lexicon makes of sentences: the act, the context, the people, and the trigger it feeds."""

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from scoring.coding.context import Context
from scoring.coding.feeds import codings
from scoring.coding.lexicon import Lexicon, load_lexicon, load_lexicons
from scoring.coding.text import JOIN, Coder, Label, TextCoding


@pytest.fixture(scope="session")
def coder() -> Coder:
    return Coder(load_lexicons())


def code(coder: Coder, sentence: str) -> TextCoding:
    return coder.code_in(sentence, "en")


def label(coder: Coder, sentence: str, wanted: str) -> Label:
    found = [one for one in code(coder, sentence).labels if one.code == wanted]
    assert len(found) == 1, f"{wanted}: {found}"
    return found[0]


def triggers(coder: Coder, sentence: str) -> str:
    return " ".join(sorted({one.trigger for one in codings(code(coder, sentence))}))


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("Soldiers were accused of extrajudicial killings in the valley.", "KILL"),
        ("Police shot dead a protester at the harbour.", "KILL"),
        ("He was forcibly disappeared after a checkpoint.", "DISAP"),
        ("The detainees were tortured with electric wires.", "TORT"),
        ("She has been held incommunicado since Monday.", "DET"),
        ("Police arrested the editor of the Harbour Gazette.", "JOUR"),
        ("A human rights defender was beaten outside her home.", "HRD"),
        ("Gunmen kidnapped a teacher.", "KIDN"),
        ("Soldiers raped women in the camp.", "SGBV"),
        ("Officers used excessive force at the rally.", "FORCE"),
        ("Authorities ordered an internet shutdown in the north.", "ACCESS"),
        ("Thousands were forcibly displaced by the militia.", "DISPL"),
        ("Shelling killed twelve civilians in the market.", "IHL"),
        ("The broadcast was an incitement to hatred.", "HATE"),
        ("Famine has reached the besieged town.", "ESC"),
        ("He was threatened for cooperating with the United Nations.", "REPR"),
    ],
)
def test_each_class_is_found_as_an_incident(coder: Coder, sentence: str, wanted: str):
    assert wanted in code(coder, sentence).classes


@pytest.mark.parametrize(
    ("sentence", "wanted", "context"),
    [
        ("There were no reports of enforced disappearances.", "DISAP", Context.NEGATED),
        ("The ministry denied allegations of torture.", "TORT", Context.DENIED),
        ("Ruritania ratified the Convention against Torture.", "TORT", Context.NORM),
        ("The Special Rapporteur on extrajudicial executions spoke.", "KILL", Context.NORM),
        ("Parliament debated a bill to criminalize torture.", "TORT", Context.NORM),
        ("Families marked the anniversary of the massacre.", "IHL", Context.ANNIVERSARY),
        ("The army tortured prisoners in the 1970s.", "TORT", Context.HISTORIC),
        ("If returned, she would face torture.", "TORT", Context.IMMINENT),
        ("The editor was freed after six weeks of arbitrary detention.", "DET", Context.POSITIVE),
    ],
)
def test_a_label_outside_an_incident_says_in_which_context(coder: Coder, sentence: str, wanted: str, context: Context):
    found = label(coder, sentence, wanted)
    assert found.context is context
    assert wanted not in code(coder, sentence).classes
    assert triggers(coder, sentence) == ""


def test_a_label_shows_the_rule_and_the_words_that_took_it_out_of_the_incidents(coder: Coder):
    sentence = "There were no reports of torture."
    found = label(coder, sentence, "TORT")
    assert found.rule == "en.tort.1"
    assert sentence[found.start : found.end] == found.words == "torture"
    assert found.why is not None
    assert found.why.rule.startswith("en.negation.")
    assert sentence[found.why.start : found.why.end] == "no reports of"


def test_a_negation_that_is_part_of_the_act_does_not_negate_it(coder: Coder):
    assert label(coder, "He was held without charge for a year.", "DET").context is Context.INCIDENT


def test_a_context_does_not_reach_into_the_next_sentence(coder: Coder):
    found = label(coder, "There were no reports from the north. Guards tortured two prisoners.", "TORT")
    assert found.context is Context.INCIDENT


def test_offsets_are_those_of_title_and_content_joined(coder: Coder):
    title, content = "Café – harbour news", "“Guards tortured two prisoners”, the crew said, and the boats lay still."
    text = title + JOIN + content
    coded = coder.code(title=title, content=content, declared="en")
    (found,) = (one for one in coded.labels if one.code == "TORT")
    assert coded.read
    assert text[found.start : found.end] == found.words == "tortured"


def test_a_heading_is_no_incident(coder: Coder):
    found = label(coder, "VII. TORTURE", "TORT")
    assert found.context is Context.NORM
    assert found.why is not None
    assert found.why.rule == "heading"


def test_a_theme_is_an_annotation_and_no_class(coder: Coder):
    coded = code(coder, "The death penalty was discussed at length.")
    assert [one.code for one in coded.labels] == ["DEATHPEN"]
    assert coded.classes == ()


def test_a_language_without_a_lexicon_is_unread_and_not_silent():
    coder = Coder({"en": load_lexicons()["en"]})
    coded = coder.code_in("Les soldats ont torturé deux prisonniers.", "fr")
    assert not coded.read
    assert coded.reason
    assert coded.labels == ()


def test_a_language_that_nobody_reads_is_unread(coder: Coder):
    text = "Policja zatrzymała wczoraj dwunastu dziennikarzy, którzy protestowali przed ratuszem w mieście."
    assert not coder.code(title="", content=text).read


@pytest.mark.parametrize(
    ("sentence", "persons", "is_round"),
    [
        ("Police arrested 12 journalists.", 12, False),
        ("Police arrested twelve journalists.", 12, False),
        ("Police arrested 1,200 protesters.", 1200, False),
        ("Police arrested dozens of protesters.", 24, True),
        ("Police arrested hundreds of protesters.", 100, True),
        ("Police arrested tens of thousands of protesters.", 10_000, True),
        ("Police arrested two hundred protesters.", 200, True),
        ("Police arrested between 30 and 40 protesters.", 30, False),
        ("Police arrested 30–40 protesters.", 30, False),
        ("Police arrested protesters.", None, False),
        ("Police arrested protesters on 12 May.", None, False),
        ("In 2023, arrested activists were moved.", None, False),
        ("Police arrested protesters, 40% of whom were students.", None, False),
        ("Police arrested 14 protesters; 300 people had gathered.", 14, False),
        ("Police arrested fifty-four protesters.", 54, False),
        ("At least 200 people, including 35 women, were arbitrarily arrested.", 200, False),
        ("Protesters were arrested, and two people were killed.", None, False),
    ],
)
def test_persons_are_the_lowest_reading_and_missing_is_never_zero(
    coder: Coder, sentence: str, persons: int | None, is_round: bool
):
    found = label(coder, sentence, "DET")
    assert (found.persons, found.round) == (persons, is_round)


def test_a_list_of_many_treaties_is_about_none_of_them(coder: Coder):
    few = "Ratify the Convention against Torture, the CRC and the CRPD."
    many = (
        "Ratify the ICCPR, the ICESCR, the ICERD, CEDAW, the Convention against Torture, the CRC, the CRPD and the CED."
    )
    assert "TORT" in {one.code for one in code(coder, few).labels}
    assert code(coder, many).labels == ()


def test_an_act_beside_many_treaties_is_still_an_act(coder: Coder):
    text = "Guards tortured two men there, while the ICCPR, ICESCR, ICERD, CEDAW, CRC, CRPD and CED were being debated."
    assert "TORT" in code(coder, text).classes


def test_actor_and_victim_are_the_nearest_of_the_sentence(coder: Coder):
    found = label(coder, "Gunmen fled when police arrested a lawyer; a priest watched.", "DET")
    assert (found.actor, found.victim) == ("State agents", "lawyers")


@pytest.mark.parametrize(
    ("sentence", "fed"),
    [
        ("The detainees were tortured by guards.", "T03"),
        ("He was forcibly disappeared by soldiers.", "T01"),
        ("He was forcibly disappeared by rebels.", "T01"),
        ("Rebels abducted three men.", "T06"),
        ("Robbers kidnapped a merchant.", ""),
        ("Police shot dead the reporter at her door.", "T02 T08"),
        ("Soldiers tortured a human rights defender.", "T03 T07"),
        ("He was threatened for cooperating with the United Nations.", "T09"),
        ("Police used excessive force at the rally.", ""),
        ("Police used excessive force and three people were injured.", "T05"),
        ("Police opened fire on the crowd.", "T05"),
        ("Authorities blocked the humanitarian aid convoy.", "T11"),
        ("Observers were denied access to monitors' posts; accreditation was withdrawn.", "T12"),
        ("An internet shutdown began at noon.", "T13"),
        ("A husband raped his wife.", ""),
        ("Soldiers raped women in the camp.", "T03"),
        ("Gunmen raped women in the camp.", "T06"),
        ("The death penalty was discussed at length.", ""),
    ],
)
def test_a_label_feeds_the_trigger_of_its_act_victim_and_actor(coder: Coder, sentence: str, fed: str):
    assert triggers(coder, sentence) == fed


def test_two_figures_of_one_act_give_the_lower(coder: Coder):
    text = "Police arrested 40 journalists. Later they said that police arrested 15 journalists."
    assert {one.persons for one in codings(code(coder, text)) if one.trigger == "T04"} == {15}


def test_a_condition_that_fails_hides_no_shorter_term(tmp_path: Path):
    reader = tiny(
        tmp_path,
        '[[term]]\nid = "en.a.1"\nclass = "TORT"\nwords = ["beaten in the yard"]\nwith = ["police"]\n'
        '[[term]]\nid = "en.a.2"\nclass = "TORT"\nwords = ["beaten"]\n',
    )
    assert [one.rule for one in Coder({"en": reader}).code_in("A man was beaten in the yard.", "en").labels] == [
        "en.a.2"
    ]


def test_the_longest_match_of_a_class_wins(tmp_path: Path):
    reader = tiny(
        tmp_path,
        '[[term]]\nid = "en.a.1"\nclass = "TORT"\nwords = ["beaten"]\n'
        '[[term]]\nid = "en.a.2"\nclass = "TORT"\nwords = ["badly beaten"]\n'
        '[[term]]\nid = "en.a.3"\nclass = "KILL"\nwords = ["beaten"]\n',
    )
    assert [one.rule for one in Coder({"en": reader}).code_in("A man was badly beaten there.", "en").labels] == [
        "en.a.2",
        "en.a.3",
    ]


def test_the_same_text_is_always_coded_the_same(coder: Coder):
    text = "Police arrested 12 journalists. Guards tortured two prisoners. No reports of disappearances."
    assert code(coder, text) == code(Coder(load_lexicons()), text)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "\ud800 torture \udfff and more", "a" * 100_000, "torture " * 20_000]
)
def test_odd_texts_are_coded_without_trouble(coder: Coder, text: str):
    coded = code(coder, text)
    assert all(text[one.start : one.end] == one.words for one in coded.labels)


@pytest.mark.parametrize(
    "text", ["الاختفاء القسري", "والاختفاء القسري", "بالاختفاء القسري", "للاختفاء القسري", "اختفاءً قسرياً"]
)
def test_an_arabic_word_is_found_behind_its_article_and_clitics(tmp_path: Path, text: str):
    reader = tiny(tmp_path, '[[term]]\nid = "ar.a.1"\nclass = "DISAP"\nwords = ["الاختفاء القسري*"]\n', "ar")
    sentence = f"قالت الصحيفة إن {text} مستمر في المدينة."
    (found,) = Coder({"ar": reader}).code_in(sentence, "ar").labels
    assert found.words == text


def test_chinese_is_found_without_spaces_and_a_gap_is_six_signs(tmp_path: Path):
    reader = tiny(tmp_path, '[[term]]\nid = "zh.a.1"\nclass = "DET"\nwords = ["拘留…记者"]\n', "zh")
    coder = Coder({"zh": reader})
    assert [one.words for one in coder.code_in("警方周一拘留了十二名记者。", "zh").labels] == ["拘留了十二名记者"]
    assert coder.code_in("警方拘留了他，随后又询问了那位记者。", "zh").labels == ()


def tiny(tmp_path: Path, terms: str, language: str = "en") -> Lexicon:
    path = tmp_path / f"{language}.toml"
    path.write_text(f'language = "{language}"\nreviewed_by = ""\n{terms}', "utf-8")
    return load_lexicon(path)


@pytest.fixture(scope="session")
def bench(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_coding", root / "tests" / "bench" / "coding.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.recorded
@pytest.mark.usefixtures("recorded")
def test_recommendations_of_states_that_no_term_was_written_on_are_coded_nearly_as_people_do(
    bench: ModuleType, coder: Coder
):
    counts, texts = bench.count_recommendations(coder)
    hit, wrong = Counter[bool](), Counter[bool]()
    for (half, _, _), one in counts.items():
        hit[half] += one.hit
        wrong[half] += one.false + one.missed
    assert texts[True] == 12_207
    assert 2 * hit[True] / (2 * hit[True] + wrong[True]) >= 0.90


@pytest.mark.recorded
@pytest.mark.usefixtures("recorded")
def test_few_norms_are_taken_for_incidents_and_most_incidents_are_kept(bench: ModuleType, coder: Coder):
    counted, _ = bench.count_contexts(coder)
    norm, incident = counted["score", "norm"], counted["score", "incident"]
    assert (sum(norm.values()), sum(incident.values())) == (79, 42)
    assert norm[True] / 79 < 0.05
    assert incident[True] / 42 > 0.85
