"""The lexicons of French, Spanish, Russian, Arabic and Chinese: own sentences about fictional places, and traps.

The held-back half was written before the lexicons and was not used to tune them. Its sentences and the entries have one
author, so that its figure flatters; a native reader's texts will be harder.
"""

from pathlib import Path

import pytest

from domain.taxonomy import bundled_taxonomy
from scoring.coding.context import Context
from scoring.coding.lexicon import ContextKind, FacetKind, load_lexicons
from scoring.coding.text import Coder

FIVE = ("fr", "es", "ru", "ar", "zh")
HELD_BACK_AT_LEAST = 0.9
HERE = Path(__file__).parent
TAXONOMY = bundled_taxonomy()
LEXICONS = load_lexicons()
CODER = Coder(LEXICONS)


def rows(which):
    for line in (HERE / f"lexicon_sentences_{which}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield tuple(line.split("\t"))


def acts(text, language):
    """Labels of classes; themes annotate and are left out."""
    return [label for label in CODER.code_in(text, language).labels if label.code in TAXONOMY.class_codes]


def counted(text, language):
    return {label.code for label in acts(text, language) if label.context is Context.INCIDENT}


def holds(language, expected, text):
    if expected == "-":
        return not counted(text, language)
    code, context = expected.split()
    contexts = {label.context.value for label in acts(text, language) if label.code == code}
    return context in contexts and (context == "incident" or "incident" not in contexts)


@pytest.mark.parametrize("language", FIVE)
def test_the_sentences_of_the_table_are_read_as_written_there(language):
    table = [row for row in rows("tuned") if row[0] == language]
    assert len(table) >= 30
    assert [row for row in table if not holds(*row)] == []


@pytest.mark.parametrize("language", FIVE)
def test_most_sentences_that_were_held_back_are_read_as_written_there(language):
    table = [row for row in rows("held") if row[0] == language]
    assert len(table) == 30
    assert sum(holds(*row) for row in table) >= HELD_BACK_AT_LEAST * len(table)


@pytest.mark.parametrize("language", FIVE)
def test_every_class_theme_context_and_facet_has_words(language):
    lexicon = LEXICONS[language]
    assert {term.code for term in lexicon.terms} >= TAXONOMY.codes
    assert {rule.kind for rule in lexicon.contexts} == set(ContextKind)
    facets = {(facet.kind, facet.value) for facet in lexicon.facets}
    for kind in (FacetKind.VICTIM, FacetKind.ACTOR, FacetKind.OUTCOME):
        assert {value for of, value in facets if of is kind} == set(TAXONOMY.facet(kind.value))
    assert {value for of, value in facets if of is FacetKind.PHASE} == {"ongoing", "imminent", "past"}
    assert (FacetKind.PERSONS, "persons") in facets
    assert {number.value for number in lexicon.numbers} >= set(range(1, 21))


def test_no_native_reader_is_claimed():
    assert {LEXICONS[language].reviewed_by for language in FIVE} == {""}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le viol du règlement par la société a été sanctionné d'une amende, selon la loi."),
        ("fr", "Les droits des femmes ont été violés par la loi."),
        ("fr", "L'exécution provisoire du jugement a été ordonnée."),
        ("fr", "Par arrêté préfectoral, le marché des journalistes est déplacé."),
        ("es", "La violación de la ley electoral fue denunciada por el partido."),
        ("es", "Hubo violaciones de derechos humanos en los contratos laborales."),
        ("ru", "Власти Руритании ввели репрессалии против торговых партнёров."),
        ("ru", "Задержание рейса объяснили туманом."),
        ("ar", "أعدمت السلطات مدانا بالقتل بعد حكم نهائي."),
        ("ar", "صدر حكم بالإعدام بحق رجلين."),
        ("zh", "两名游客在大雾中失踪，搜救仍在进行。"),
        ("zh", "一名男子因虐待宠物狗被拘留。"),
        ("zh", "公司处决流程缓慢。"),
        ("zh", "法院处决了死刑犯。"),
    ],
)
def test_a_word_with_two_meanings_is_not_an_incident_in_the_other_one(language, text):
    assert counted(text, language) == set()


@pytest.mark.parametrize(
    ("language", "code", "text"),
    [
        ("fr", "SGBV", "La jeune fille a été violée par deux soldats."),
        ("es", "SGBV", "La niña fue víctima de violación en el centro de detención."),
        ("ru", "REPR", "Активистку запугивали за сотрудничество с ООН."),
        ("ar", "KILL", "أعدم الجنود ثلاثة قرويين دون محاكمة أمس قرب ستيلز."),
        ("zh", "DISAP", "两名记者被警察带走后失踪。"),
        ("zh", "TORT", "囚犯称遭狱警虐待。"),
        ("fr", "TORT", "Des prisonniers auraient été passés à tabac."),
        ("es", "DET", "Detuvieron arbitrariamente a siete sindicalistas."),
        ("ru", "DET", "Семеро профсоюзных активистов арестованы."),
        ("ru", "DISAP", "Сообщается о новом насильственном исчезновении."),
        ("ar", "TORT", "وبالتعذيب انتُزعت الاعترافات."),
        ("ar", "JOUR", "واعتُقل الصحفيون الثلاثة."),
    ],
)
def test_the_meaning_that_counts_is_read_in_its_forms(language, code, text):
    assert code in counted(text, language)


def test_simplified_and_traditional_signs_are_read_alike():
    simple = "警方杀害三名示威者，另有两名记者被逮捕。当局切断网络。"
    traditional = "警方殺害三名示威者，另有兩名記者被逮捕。當局切斷網絡。"
    assert counted(simple, "zh") == counted(traditional, "zh") >= {"KILL", "JOUR"}


def test_marks_and_clitics_change_nothing_in_arabic():
    bare = "تعرض السجناء للتعذيب واعتقل ناشط تعسفا"
    marked = "تَعَرَّضَ السُّجَناءُ لِلتَّعْذِيبِ وَاعْتُقِلَ نـاشِطٌ تَعَسُّفًا"
    assert counted(bare, "ar") == counted(marked, "ar") >= {"TORT", "DET"}


def test_accents_left_off_change_nothing_in_french_and_spanish():
    assert counted("Le militant a ete arrete arbitrairement et torture.", "fr") >= {"DET", "TORT"}
    assert counted("Desaparicion forzada de dos lideres sociales.", "es") >= {"DISAP"}


@pytest.mark.parametrize(
    ("language", "code", "text", "persons", "is_round"),
    [
        ("fr", "KILL", "Deux personnes ont été tuées par la police.", 2, False),
        ("fr", "DET", "Une trentaine d'étudiants ont été arrêtés en masse.", 30, True),
        ("fr", "DET", "Trente-quatre manifestants ont été arrêtés.", 34, False),
        ("es", "KILL", "Veinte personas fueron asesinadas por la policía.", 20, False),
        ("es", "DISPL", "Doce mil personas fueron desplazadas por la violencia.", 12_000, False),
        ("ru", "JOUR", "Двое журналистов были избиты полицией.", 2, False),
        ("ru", "DET", "Двадцать три человека были задержаны на митинге.", 23, False),
        ("ru", "DISPL", "Около двух тысяч жителей были вынуждены покинуть дома.", 2_000, False),
        ("ar", "KILL", "قتل ثلاثة صحفيين برصاص الجيش.", 3, False),
        ("ar", "DET", "اعتقلت الشرطة خمسة وثلاثين متظاهرا.", 35, False),
        ("zh", "KILL", "警方杀害三名示威者。", 3, False),
        ("zh", "DET", "警方逮捕了二十三名示威者。", 23, False),
        ("zh", "DISPL", "约两千人被迫流离失所。", 2_000, False),
    ],
)
def test_words_for_numbers_are_read(language, code, text, persons, is_round):
    found = [label for label in acts(text, language) if label.code == code]
    assert [(label.persons, label.round) for label in found] == [(persons, is_round)]


@pytest.mark.parametrize(
    ("language", "text", "actor", "victim"),
    [
        ("fr", "Un groupe armé a enlevé neuf enseignants.", "non-State armed group", "teachers and students"),
        ("es", "La policía torturó a dos indígenas.", "State agents", "indigenous"),
        ("ru", "Боевики похитили двух врачей.", "non-State armed group", "health workers"),
        ("ar", "اعتقلت الشرطة محاميا تعسفا.", "State agents", "lawyers"),
        ("zh", "武装团伙绑架了九名教师。", "non-State armed group", "teachers and students"),
    ],
)
def test_actor_and_victim_are_named_as_the_sentence_names_them(language, text, actor, victim):
    assert {(label.actor, label.victim) for label in acts(text, language)} == {(actor, victim)}


@pytest.mark.parametrize("language", FIVE)
def test_a_label_shows_the_sources_own_words(language):
    for _, expected, text in (row for row in rows("tuned") if row[0] == language):
        for label in acts(text, language):
            assert label.words == text[label.start : label.end], expected


@pytest.mark.parametrize("language", FIVE)
def test_the_language_of_the_sentences_is_found(language):
    table = [row for which in ("tuned", "held") for row in rows(which) if row[0] == language]
    coded = [CODER.code(title="", content=text) for _, _, text in table]
    assert sum(one.read and one.language == language for one in coded) >= 0.95 * len(table)
