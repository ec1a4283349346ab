"""Folding, sentences and words: spellings of one word meet, and every offset leads back to the source's own signs."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.coding.words import BOUND, fold, sentences, tokens

LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")


def cut(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "folded"),
    [
        ("fr", "Arrêtés À L’ŒUVRE", "arretes a l'oeuvre"),
        ("es", "Desaparición de niños", "desaparicion de ninos"),
        ("en", "ﬁle — “naïve”", 'file - "naive"'),
        ("ru", "Пы́тки ещё идут", "пытки еще идут"),
        ("ar", "أُعْتُقِلَ إلى آخـر المدينة", "اعتقل الي اخر المدينه"),
        ("ar", "٣٥ شخصاً", "35 شخصا"),
        ("zh", "強迫失蹤，ＡＢＣ　１２３", "强迫失踪,abc 123"),
        ("fr", "1\u202f234 morts", "1\u00a0234 morts"),
    ],
)
def test_spellings_of_one_word_meet(language, text, folded):
    assert fold(text, language).text == folded


def test_a_letter_whose_mark_is_part_of_it_keeps_it_in_both_spellings():
    assert fold("мой", "ru").text == fold("мои\u0306", "ru").text == "мой"
    assert fold("مسؤول", "ar").text == fold("مسو\u0654ول", "ar").text


def test_chinese_variants_meet_only_in_chinese():
    assert fold("警察殺害記者", "zh").text == "警察杀害记者"
    assert fold("殺", "en").text == "殺"


def test_offsets_lead_back_to_the_accent_that_fell_away():
    text = "il a été e\u0301coute\u0301 hier"
    folded = fold(text, "fr")
    start = folded.text.index("ecoute")
    begin, end = folded.span(start, start + len("ecoute"))
    assert text[begin:end] == "e\u0301coute\u0301"


def test_one_sign_that_became_two_leads_back_to_itself():
    folded = fold("ﬁn", "fr")
    assert (folded.text, folded.span(0, 1), folded.span(1, 2), folded.span(0, 3)) == ("fin", (0, 1), (0, 1), (0, 2))


@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_every_folded_sign_has_a_place_in_the_source_and_folding_again_changes_nothing(text, language):
    folded = fold(text, language)
    assert len(folded.origin) == len(folded.text)
    assert list(folded.origin) == sorted(folded.origin)
    assert all(0 <= at < len(text) for at in folded.origin)
    assert fold(folded.text, language).text == folded.text
    folded.text.encode("utf-8")


@given(st.text(alphabet="aB. !?\n-1۔。؟“)й\u0301", max_size=80), st.sampled_from(LANGUAGES))
def test_sentences_hold_every_sign_once_and_in_order(text, language):
    spans = sentences(text, language)
    assert all(start < end for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [
        ("en", "Mr. Doe met Dr. J. Roe under par. 5 of art. 3. He left.", 2),
        ("en", "The U.N. said 3.5 tons came. It was late! Why? Nobody knows.", 4),
        ("en", "He said no. They left with No. 7.", 2),
        ("en", "“Stop!” he cried. “Go away.” They went.", 3),
        ("en", "They left the prison.Police came.", 2),
        ("fr", "Selon l'art. 5, M. Doe et Mme Roe ont été arrêtés. Ils sont libres.", 2),
        ("es", "El Sr. Roe y la Dra. Doe salieron. ¿Volverán? No. Nadie sabe.", 4),
        ("ru", "См. п. 5 ст. 3 и г. Стрельск. Его избили, т.е. наказали. Он жив.", 3),
        ("ar", "اعتُقل د. سامي أمس. هل مات؟ لا أحد يعلم.", 3),
        ("zh", "警察说他走了。他们逃走了！为什么？没有人知道", 4),
        ("en", "Title without a stop\n\nFirst line of\nthe text.", 2),
        ("en", "Seen:\n- one was hit\n- two were shot\n1. First. Second.", 5),
    ],
)
def test_a_stop_ends_a_sentence_and_an_abbreviation_does_not(language, text, parts):
    assert len(cut(text, language)) == parts, cut(text, language)


def test_a_text_without_a_stop_is_cut_at_a_bound():
    spans = sentences("palabra " * 12_500, "es")
    assert max(end - start for start, end in spans) <= BOUND
    assert len(sentences("x" * 100_000, "en")) == 100_000 // BOUND


def test_words_are_separated_by_hyphens_and_apostrophes_and_figures_stay_whole():
    def words(text, language):
        folded = fold(text, language).text
        return [folded[start:end] for start, end in tokens(folded, language)]

    assert words("L’arrestation-éclair de 1\u202f234 personnes", "fr") == [
        "l", "arrestation", "eclair", "de", "1\u00a0234", "personnes",
    ]  # fmt: skip
    assert words("10,000 people, 3.5 tons", "en") == ["10,000", "people", "3.5", "tons"]
    assert words("警方逮捕12人 NGO", "zh") == ["警", "方", "逮", "捕", "12", "人", "ngo"]


@pytest.mark.parametrize(
    "unit", ["\u0301", "\u200d", "\u200f", "\ud800", "a\u0301", ". ", "a.", "\n", "-\n", "1.\n", "'.\"", "و", "(", "。"]
)
def test_hostile_runs_cost_no_more_than_prose(unit):
    def cost(size):
        text = (unit * size)[:size]
        begin = time.process_time()
        folded = fold(text, "ar")
        tokens(folded.text, "ar")
        sentences(text, "ar")
        return time.process_time() - begin

    cost(1_000)
    # Ten times the length may cost ten times the time and some noise; what grows with the square costs a hundred.
    assert cost(100_000) < 40 * max(cost(10_000), 0.002)
