"""Places in running text: the longest exact name, with what else a name can be."""

import csv
import hashlib
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.state import LANGUAGES, REFERENCE, load_gazetteer
from scoring.coding.mentions import Role, load_mentions
from scoring.coding.places import read_places
from tests.bench.states import AFTER, agreement, gold, measure, own_sentences, sentences

GAZETTEER = load_gazetteer()
MENTIONS = load_mentions(GAZETTEER)
FULL = load_mentions(GAZETTEER, adjectives=True, capitals=True)


def codes(text, language=""):
    return [one.code for one in MENTIONS.find(text, language=language)]


def spans(text):
    return [text[one.start : one.end] for one in MENTIONS.find(text)]


def roles(text):
    return [(one.code, one.role) for one in MENTIONS.find(text)]


@pytest.mark.recorded
def test_recorded_sentences_are_read_as_both_passes_labelled_them(recorded):
    counts = measure(MENTIONS, sentences(recorded))
    counts |= measure(MENTIONS, sentences(recorded, AFTER))
    for part, least in (("tune", 90), ("held out", 90), ("after", 40)):
        count = counts[part, ""]
        assert count.right + count.missed > least
        assert count.precision >= 0.98
        assert count.recall >= 0.95


def test_labels_are_many_in_halves_by_hash_and_two_passes_agree():
    rows = gold()
    assert len(rows) >= 400
    assert len({row["sha256"] for row in rows}) == len(rows)
    assert all((row["half"] == "tune") == (int(row["sha256"][-1], 16) % 2 == 1) for row in rows)
    kappa, shared, apart = agreement()
    assert kappa > 0.9
    assert shared > 250
    assert apart < 10


@pytest.mark.parametrize("sentence", own_sentences(), ids=lambda one: f"{one.language}: {one.text[:40]}")
def test_own_sentence(sentence):
    expected = {code for code in sentence.codes if len(code) == 3}
    assert set(codes(sentence.text, sentence.language)) == expected
    assert set(codes(sentence.text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Michael Jordan and Chad Smith signed.",
        "Mr. Israel spoke; Dr. Kenya answered.",
        "Atlanta, Georgia, hosted the fair.",
        "a chad, a turkey and some china",
        "Lake Chad, the Gulf of Guinea and the Jordan River",
        "New Mexico, Jersey City and New England",
        "Air France, the Bank of China and Sudan University",
        "Islamic State of Iraq and the Levant",
        "Исламским государством Ирак и Левант",
        "Guinea worm disease and the Republic of China",
        "拉美国家、内蒙古、印度洋、新几内亚、约旦河",
        "الدعم المالي ونهر الأردن وبحيرة تشاد",
        "утечка газа, Гвинейский залив, озеро Чад",
        "JOIN US NOW",
        "发展中国家、沿海地区、马里乌波尔、法属圭亚那、古代立法国家",
        "多米尼克·史密斯发言",
        "Того же мнения придерживаются все. Газа не хватает.",
        "Maurice Dupont et Dominique Martin",
        "",
        " .,() ",
    ],
)
def test_what_only_sounds_like_a_state_names_none(text):
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Guinea-Bissau and Guinea", ["GNB", "GIN"]),
        ("in Guinea and in Papua New Guinea", ["GIN", "PNG"]),
        ("NIGER: DROUGHT; NIGERIA: FLOODS", ["NER", "NGA"]),
        ("Bosnia & Herzegovina, Trinidad & Tobago", ["BIH", "TTO"]),
        ("Sudan. South winds blew.", ["SDN"]),
        ("South Sudan’s and Sudan's", ["SSD", "SDN"]),
        ("the Syria-Jordan border", ["SYR", "JOR"]),
        ("footnote at Syria8 and at Mali12", ["SYR", "MLI"]),
        ("the US and the U.S. and the U.S.A.", ["USA", "USA", "USA"]),
        ("Того: доклад. Делегация Того выступила.", ["TGO", "TGO"]),
        ("Того, Чад и Мали проголосовали", ["TGO", "TCD", "MLI"]),
        ("in Benin City", ["NGA"]),
        ("in West Azerbaijan province", ["IRN"]),
        ("В Египте, в Нигере и в Гвинее-Бисау", ["EGY", "NER", "GNB"]),
        ("ولليبيا وللسودان وبالعراق", ["LBY", "SDN", "IRQ"]),
        ("蘇丹、南蘇丹、剛果民主共和國", ["SDN", "SSD", "COD"]),
        ("l'Inde, d’Haïti, qu'Israël", ["IND", "HTI", "ISR"]),
    ],
)
def test_longest_name_first_in_every_form(text, expected):
    assert codes(text) == expected


def test_a_short_name_after_the_full_one_means_the_same_state():
    text = "The Democratic Republic of the Congo presented its report. The experts thanked the Congo."
    assert codes(text) == ["COD", "COD"]
    assert MENTIONS.find(text)[1].rule == "short_of_named"
    assert codes("The Democratic Republic of the Congo and the Congo are neighbours.") == ["COD", "COG"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_offsets_are_those_of_the_text_as_given(form):
    text = unicodedata.normalize(form, "«Côte d’Ivoire», São Tomé and Príncipe; Türkiye")
    assert [unicodedata.normalize("NFC", said) for said in spans(text)] == [
        "Côte d’Ivoire",
        "São Tomé and Príncipe",
        "Türkiye",
    ]
    assert spans("Iran (Islamic Republic of) spoke") == ["Iran (Islamic Republic of)"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ambassador of Chad to the United Nations", [("TCD", Role.ADDRESSEE)]),
        ("the Permanent Mission of the Islamic Republic of Iran", [("IRN", Role.ADDRESSEE)]),
        ("la Misión Permanente del Perú", [("PER", Role.ADDRESSEE)]),
        ("An incident in Mali", [("MLI", Role.PLACE)]),
        ("en Haïti", [("HTI", Role.PLACE)]),
        ("в Чаде", [("TCD", Role.PLACE)]),
        ("Mali replied", [("MLI", Role.NONE)]),
        ("as recommended (Peru, Kenya)", [("PER", Role.RECOMMENDER), ("KEN", Role.RECOMMENDER)]),
        (
            "recommended by two (Iran (Islamic Republic of), Kenya)",
            [("IRN", Role.RECOMMENDER), ("KEN", Role.RECOMMENDER)],
        ),
        ("three offices (Peru, Kenya)", [("PER", Role.NONE), ("KEN", Role.NONE)]),
    ],
)
def test_a_role_is_given_where_the_words_make_it_certain(text, expected):
    assert roles(text) == expected


def test_adjectives_and_capitals_are_rules_of_their_own_and_off_by_default():
    text = "The Sudanese delegation met a délégation malienne in Nairobi."
    assert codes(text) == []
    assert [(one.code, one.rule) for one in FULL.find(text)] == [
        ("SDN", "adjective:en"),
        ("MLI", "adjective:fr"),
        ("KEN", "capital"),
    ]
    assert [one.rule for one in FULL.find("la delegación peruana, суданского, السودانية")] == [
        "adjective:es",
        "adjective:ru",
        "adjective:ar",
    ]


def test_a_language_is_not_its_state():
    assert [one.code for one in FULL.find("Adopted in English, French and Spanish; translated into Russian.")] == []
    assert [one.code for one in FULL.find("The French delegation spoke.")] == ["FRA"]


def test_a_city_hides_the_state_in_its_name_even_when_cities_are_not_asked_for():
    assert codes("Mexico City and Guatemala City") == []
    assert [one.code for one in FULL.find("Mexico City")] == ["MEX"]


def test_a_place_is_not_the_state_addressed_nor_the_one_that_recommends():
    found = read_places(
        ["Letter to the Ambassador of Peru", "The events took place in Mali; recommended earlier (Kenya, Chad)."],
        MENTIONS,
    )
    assert found.places == ("MLI",)
    assert found.addressees == ("PER",)
    assert found.recommenders == ("KEN", "TCD")
    assert [len(part) for part in found.mentions] == [1, 3]


def test_a_title_comes_before_a_text_and_nothing_named_is_no_place():
    assert read_places(["Mali: floods", "Teams arrived in Niger"], MENTIONS).places == ("MLI",)
    assert read_places(["Floods", "Teams arrived"], MENTIONS).places == ()


def test_an_unknown_act_or_code_in_the_table_stops(tmp_path):
    for name in ("phrases.csv", "capitals.csv", "adjectives.csv"):
        (tmp_path / name).write_bytes((REFERENCE / name).read_bytes())
    with (tmp_path / "phrases.csv").open("a", encoding="utf-8") as lines:
        lines.write("Harbour Gazette,gues,,,a slip\n")
    with pytest.raises(ValueError, match="unknown act"):
        load_mentions(GAZETTEER, tmp_path)
    (tmp_path / "phrases.csv").write_text("text,act,code,words,reason\nRuritania,phrase,XRU,,fictional\n", "utf-8")
    with pytest.raises(ValueError, match="unknown code"):
        load_mentions(GAZETTEER, tmp_path)


def test_every_official_name_is_found_in_a_line_of_its_own():
    missed = Counter()
    for name in GAZETTEER.names:
        if name.rule.startswith("official") and "(" not in name.text and "_" not in name.text:
            found = codes(f"{name.text}")
            if found != [name.code]:
                missed[name.rule, name.code] += 1
    # Official names that are also given names or words count with their article alone (docs/places.md).
    assert sorted(missed) == [
        ("official:ar", "MLI"),
        ("official:es", "GRD"),
        ("official:es", "LCA"),
        ("official:es", "MUS"),
        ("official:fr", "DMA"),
        ("official:fr", "GRD"),
        ("official:fr", "MUS"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("between", [", ", "; ", "/"])
def test_a_list_of_all_names_is_read_whole_in_any_order(language, between):
    with (REFERENCE / "states.csv").open(encoding="utf-8", newline="") as lines:
        names = [(row["iso3"], row[f"name_{language}"].partition(" (")[0]) for row in csv.DictReader(lines)]
    for seed in range(3):
        names.sort(key=lambda one, seed=seed: hashlib.sha256(f"{seed} {one[0]}".encode()).digest())
        assert codes(between.join(name for _, name in names), language) == [code for code, _ in names]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
@example("\ud800 Mali \udfff")
@example("Guinea" + "\u0301" * 500 + "-Bissau")
@example("(" * 900 + "Peru, recommend" + ")" * 900)
def test_any_text_gives_known_places_in_order_without_overlap(text):
    known = {place.code for place in GAZETTEER.places}
    end = 0
    for one in FULL.find(text):
        assert one.code in known
        assert end <= one.start < one.end <= len(text)
        end = one.end


def test_cost_grows_with_length_alone():
    for text in ("U." * 100_000, "(" * 200_000, "New " * 50_000, "Ба" * 100_000, "ال" * 100_000, "中" * 200_000):
        assert MENTIONS.find(text) == ()
    for name, number in (("Mali", 20_000), ("عمان", 20_000), ("Congo", 20_000), ("(Peru", 20_000), ("刚果", 50_000)):
        assert len(MENTIONS.find(f"{name} " * number)) == number
