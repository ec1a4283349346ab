"""The language of a text: the six are read, their neighbours are named and left, and what says too little is und."""

import subprocess
import sys
import time
import tomllib

import py3langid.langid
import pytest

from scoring.coding.language import READ, _model, identify

SIX = {
    "en": "Police in Ruritania detained twelve people in front of the court yesterday.",
    "fr": "La police de Ruritanie a arrêté hier douze personnes devant le tribunal.",
    "es": "La policía de Ruritania detuvo ayer a doce personas frente al juzgado.",
    "ru": "Полиция Руритании вчера задержала двенадцать человек перед зданием суда.",
    "ar": "اعتقلت شرطة روريتانيا أمس اثني عشر شخصا أمام المحكمة.",
    "zh": "卢里塔尼亚警方昨天在法院门前拘留了十二人。",
}


@pytest.fixture(scope="module")
def others(root):
    return tomllib.loads((root / "tests" / "scoring" / "language_samples.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", READ)
def test_the_six_are_read(language):
    found = identify(SIX[language])
    assert (found.language, found.read) == (language, True)


def test_traditional_signs_are_chinese():
    assert identify("警方昨天在法院門前拘留了十二人，其中三人後來獲釋。").language == "zh"


def test_at_most_three_in_a_hundred_texts_of_other_languages_are_read(others):
    texts = [text for rows in others.values() for text in rows]
    assert len(others) >= 12
    assert sum(identify(text).read for text in texts) <= 0.03 * len(texts)


@pytest.mark.parametrize("language", ["pt", "it", "fa", "ur", "uk", "bg", "ja", "ko", "ku", "ckb", "tr", "ca"])
def test_a_neighbour_is_not_taken_for_one_of_the_six(others, language):
    assert [text for text in others[language] if identify(text).read] == []


def test_a_language_that_is_not_read_is_named(others):
    assert identify(others["pt"][0]).language == "pt"
    assert identify(others["ja"][0]).language == "ja"


@pytest.mark.parametrize("text", ["", "   \n", "2024-05-01", "OK", "Ruritania", "https://example.org/el/los/las/y/del"])
def test_a_text_that_says_too_little_has_no_language(text):
    found = identify(text)
    assert (found.language, found.read, found.score) == ("und", False, 0.0)


def test_a_very_short_text_takes_the_declared_language_only_in_a_fitting_script():
    assert identify("Detenidos", declared="es").read
    assert identify("Detenidos", declared="es-EC").language == "es"
    assert not identify("Detenidos", declared="ru").read
    assert not identify("Detenidos", declared="pt").read


def test_a_declared_language_is_not_believed():
    assert identify(SIX["fr"], declared="en").language == "fr"
    assert not identify("O governo não comentou as denúncias de tortura na prisão.", declared="es").read


def test_a_long_text_of_a_neighbour_is_not_read_as_the_language_declared(others):
    assert [
        text for text in ["  ".join(others["pt"]), "  ".join(others["ca"])] if identify(text, declared="es").read
    ] == []


def test_a_declared_language_whose_small_words_stand_in_the_text_needs_no_model():
    text = "The court said that the two men were detained by the police and that one of them was released."
    asked = _model.cache_info()
    assert identify(text, declared="en").read
    assert _model.cache_info().hits == asked.hits


@pytest.mark.parametrize("language", [*READ, "pt", "sr", "uk", "fa", "hi", "ko", "nothing"])
def test_the_compiled_walk_answers_as_the_package_does(others, language):
    text = {**SIX, **{name: rows[0] for name, rows in others.items()}, "nothing": "()"}[language]
    package = py3langid.langid
    expected = dict(package.LanguageIdentifier.from_model_file(package.MODEL_FILE, norm_probs=True).rank(text))
    expected["ar"] += expected["ary"] + expected["arz"]
    expected["zh"] += expected["wuu"] + expected["yue"]
    model = _model()
    found = dict(zip(model.codes, model.probabilities(text).tolist(), strict=True))
    assert found == pytest.approx({code: expected[code] for code in found}, abs=1e-5)


def test_a_mixed_text_is_read_in_the_language_of_most_of_its_letters():
    mostly = identify(SIX["ar"] * 3 + " " + SIX["en"])
    assert (mostly.language, mostly.read) == ("ar", True)
    assert mostly.score < 1


def test_a_long_text_whose_parts_disagree_is_read_when_half_of_them_agree():
    found = identify(SIX["fr"] * 60 + SIX["en"] * 20)
    assert (found.language, found.read) == ("fr", True)


def test_names_in_another_script_do_not_change_the_language():
    assert identify("Полиция задержала активистов Human Rights Group и Free Press перед судом.").language == "ru"


def test_capitals_and_addresses_do_not_matter():
    assert identify(SIX["es"].upper()).language == "es"
    assert identify("@reporter_1 " + SIX["ru"] + " https://example.org/the/of/and/with/from").language == "ru"


@pytest.mark.parametrize("unit", ["\u0301", "\u200d", "\ud800", "@", "www.", "a@", "۔", "é"])
def test_hostile_runs_are_answered_quickly(unit):
    identify(SIX["en"])
    begin = time.process_time()
    identify(unit * 100_000)
    assert time.process_time() - begin < 0.5


def test_the_model_is_loaded_only_when_asked(root):
    code = (
        "from scoring.coding import language as l; assert l._model.cache_info().currsize == 0; "
        "l.identify('Twelve people were arrested.'); l.identify('Ils sont venus hier soir.'); "
        "assert l._model.cache_info().misses == 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
