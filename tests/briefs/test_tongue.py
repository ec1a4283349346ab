"""Pages in six languages: the words, their forms, what stays in its own language, and what never changes."""

import csv
import re
from dataclasses import fields, is_dataclass, replace
from datetime import date
from string import Formatter

import forms
import issues
import pytest
from babel.messages.pofile import read_po
from lxml import html

from briefs import build, messages, tongue
from briefs.dossier import Improvement, as_dossier
from briefs.render import content_hash, render_forms, render_page, view_json
from briefs.said import count, join, listed, month, numeral, quote, say, span, term
from briefs.tongue import Spoken, furniture, load_catalogue, place_name, speak
from briefs.view import Paragraph, View, blocks_of
from domain.errors import UsageError
from domain.state import REFERENCE, PlaceKind, load_gazetteer

OTHERS = messages.LANGUAGES


def said(text: str, language: str) -> str:
    """One text in another language, by the way that a page takes."""
    view = build.build_index(issues.issue())
    return str(speak(replace(view, foot=text), language).foot)


def views(issue=None) -> list[View]:
    one = issue or issues.world_issue()
    scans = [build.build_scan(one, code) for code, _ in issues.REGIONS]
    return [*scans, build.build_bureau(one), build.build_ledger(one), build.build_flags(one), build.build_index(one)]


def places_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_of_the_code_has_a_translation(language):
    made, missing = messages.update(language, messages.find_messages())
    assert missing == []
    with messages.catalogue_path(language).open("rb") as file:
        stored = {str(one.id) for one in read_po(file, locale=language) if one.id}
    assert stored == {str(one.id) for one in made if one.id}  # nothing is left over from older pages


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_fuzzy_and_all_of_its_forms_are_there(language):
    with messages.catalogue_path(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    assert "NO NATIVE READER" in catalogue.header_comment
    for one in catalogue:
        if not one.id:
            continue
        assert not one.fuzzy
        given = one.string if isinstance(one.id, tuple) else (one.string,)
        assert len(given) == (catalogue.num_plurals if isinstance(one.id, tuple) else 1)
        assert all(given), one.id


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_places_of_its_message(language):
    with messages.catalogue_path(language).open("rb") as file:
        for one in read_po(file, locale=language):
            if isinstance(one.id, tuple):
                wanted = places_in(one.id[0]) | places_in(one.id[1])
                for form in one.string:
                    # A form of one or two may say its number in words, as English and Arabic do.
                    assert wanted - {"n", "figure"} <= places_in(form) <= wanted, (one.id, form)
                assert places_in(one.string[-1]) >= wanted & {"n"}
            elif one.id:
                assert places_in(one.string) == places_in(one.id), one.id


def test_six_languages_and_no_other_have_pages():
    assert set(tongue.LANGUAGES) == {"ar", "en", "es", "fr", "ru", "zh"}
    with pytest.raises(UsageError, match="not a language of the pages"):
        speak(build.build_index(issues.issue()), "de")


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (0, "0 инцидентов"), (1, "1 инцидент"), (2, "2 инцидента"), (3, "3 инцидента"), (5, "5 инцидентов"),
        (11, "11 инцидентов"), (21, "21 инцидент"), (100, "100 инцидентов"),
    ],
)  # fmt: skip
def test_russian_has_three_forms(number, wanted):
    assert said(count("{n} incident", "{n} incidents", number), "ru") == wanted


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (0, "0 حادث"), (1, "حادث واحد"), (2, "حادثان"), (3, "3 حوادث"), (5, "5 حوادث"), (11, "11 حادثاً"),
        (21, "21 حادثاً"), (100, "100 حادث"),
    ],
)  # fmt: skip
def test_arabic_has_six_forms(number, wanted):
    assert said(count("{n} incident", "{n} incidents", number), "ar") == wanted


def test_french_says_none_in_the_singular_and_chinese_has_one_form():
    assert said(count("{n} incident", "{n} incidents", 0), "fr") == "0 incident"
    assert said(count("{n} incident", "{n} incidents", 2), "fr") == "2 incidents"
    assert said(count("{n} incident", "{n} incidents", 1), "zh") == "1起事件"
    assert said(count("{n} incident", "{n} incidents", 7), "zh") == "7起事件"


@pytest.mark.parametrize(
    ("first", "last", "language", "wanted"),
    [
        (date(2024, 1, 22), date(2024, 1, 28), "fr", "22–28 janvier 2024"),
        (date(2024, 1, 1), date(2024, 1, 1), "fr", "1er janvier 2024"),
        (date(2024, 1, 29), date(2024, 2, 4), "es", "29 de enero – 4 de febrero de 2024"),
        (date(2024, 12, 30), date(2025, 1, 5), "ru", "30 декабря 2024 года – 5 января 2025 года"),
        (date(2024, 1, 29), date(2024, 2, 4), "ru", "29 января – 4 февраля 2024 года"),
        (date(2024, 1, 22), date(2024, 1, 28), "zh", "2024年1月22日至28日"),
        (date(2024, 12, 30), date(2025, 1, 5), "zh", "2024年12月30日至2025年1月5日"),
        (date(2024, 1, 22), date(2024, 1, 28), "ar", "22–28 كانون الثاني/يناير 2024"),
    ],
)
def test_days_are_written_as_in_the_language(first, last, language, wanted):
    assert said(span(first, last), language) == wanted


def test_a_month_stands_alone():
    assert said(month(date(2024, 5, 1)), "ru") == "май 2024 года"
    assert said(month(date(2024, 5, 1)), "zh") == "2024年5月"


def test_numbers_are_written_as_in_the_language_and_in_arabic_with_the_figures_of_united_nations_documents():
    assert said(numeral(12345.6, decimals=1), "fr") == "12\u202f345,6"
    assert said(numeral(12345.6, decimals=1), "es") == "12.345,6"
    assert said(numeral(12345.6, decimals=1), "ru") == "12\xa0345,6"
    assert said(numeral(12345), "ar") == "12,345"


def test_lists_and_signs_between_parts_belong_to_the_language():
    parts = [say("Access"), say("Coverage"), say("Letters")]
    assert said(listed(parts), "fr") == "Accès, Couverture et Lettres"
    assert said(listed(parts), "zh") == "准入、覆盖和信函"
    assert said(join(*parts, between=", "), "ar") == "الوصول، التغطية، الرسائل"
    assert said(join(say("No situation reached watch."), say("Letters.")), "zh") == "没有任何情况达到关注级别。信函。"


def test_french_signs_stand_behind_a_space_that_does_not_break():
    assert said(say("Reason: {reason}", reason="A"), "fr") == "Motif\xa0: A"
    for forms_ in load_catalogue("fr").words.values():
        for form in forms_:
            assert not re.search(r"\w [:;!?»]|« ", form), form


@pytest.mark.parametrize("language", OTHERS)
def test_every_state_has_its_official_name(language):
    members = [place for place in load_gazetteer().places if place.kind is PlaceKind.MEMBER]
    assert len(members) == 193
    with (REFERENCE / "states.csv").open(encoding="utf-8") as lines:
        table = {row["iso3"]: row[f"name_{language}"] for row in csv.DictReader(lines)}
    for place in members:
        assert place_name(place.code, place.name, language) == table[place.code] != ""


def test_a_code_that_names_another_place_here_keeps_the_name_of_the_issue():
    assert place_name("AFG", "Freedonia", "fr") == ""


@pytest.mark.parametrize("language", OTHERS)
def test_numbers_anchors_and_addresses_are_the_same_in_every_language(language):
    for view in views():
        spoken = speak(view, language)
        assert skeleton(spoken) == skeleton(view)
        assert [one.number for one in blocks_of(spoken, Paragraph)] == [
            one.number for one in blocks_of(view, Paragraph)
        ]
        assert spoken.language == language
        assert spoken.direction == ("rtl" if language == "ar" else "ltr")


def skeleton(held) -> list[object]:
    """All that is no text: numbers, anchors, codes, and how much of everything there is."""
    if is_dataclass(held):
        kept = {
            "number",
            "letter",
            "anchor",
            "figure_id",
            "code",
            "mark",
            "href",
            "kind",
            "points",
            "shape",
            "reference",
        }
        return [
            getattr(held, one.name) if one.name in kept else skeleton(getattr(held, one.name))
            for one in fields(held)
            if one.name not in {"facts", "lead", "foot", "language", "direction"} or not hasattr(held, "sections")
            if one.name != "facts"
        ]
    if isinstance(held, tuple):
        return [skeleton(one) for one in held]
    return []


@pytest.mark.parametrize("language", OTHERS)
def test_no_fixed_word_is_left_in_english_without_a_mark(language):
    """Whatever has no translation carries its language: a run of Latin words without a mark is a hole."""
    names = {place.name for place in issues.world_issue().places}
    for view in views():
        page = html.fromstring(render_page(speak(view, language), digest="0" * 64))
        for part in page.xpath(
            "//*[@lang='en'] | //style | //code | //svg | //bdi[@dir='ltr'] | //ol[@class='notes']//a"
        ):
            part.drop_tree()
        words = [one for one in page.text_content().splitlines() if one.strip()]
        if language in {"ru", "zh", "ar"}:
            left = {hit for line in words for hit in re.findall(r"[A-Za-z]{4,}", line)}
            # Names of places below a State are the sources' own.
            allowed = {
                "sha256",
                "JavaScript",
                "Ledger",
                "Flags",
                "Evidence",
                "East",
                "North",
                "Province",
                "District",
                "West",
                "South",
            } | {word for name in names for word in name.split()}
            assert left <= allowed, left - allowed


def test_what_people_wrote_keeps_its_language():
    first = issues.issue()
    code = next(place.code for place in first.places if place.name == "Ruritania")
    step = Improvement(place=code, on=date(2024, 1, 20), step="done", text="Liberación de dos personas", language="es")
    view = build.build_scan(replace(as_dossier(first), improvements=(step,)), "AFR")
    page = html.fromstring(render_page(speak(view, "ru"), digest="0" * 64))
    assert next(one.text for one in page.xpath("//bdi[@lang='es']")) == "Liberación de dos personas."
    assert "20 января 2024 года (выполнено)" in page.text_content()


def test_reasons_of_the_rules_are_marked_as_english_and_the_page_says_so_in_its_own_language():
    page = html.fromstring(render_page(speak(build.build_scan(issues.issue(), "AFR"), "ar"), digest="0" * 64))
    assert page.get("lang") == "ar"
    assert page.get("dir") == "rtl"
    assert "ترجمة آلية للصفحة الإنكليزية" in page.text_content()
    assert any("Three or more incidents" in one.text for one in page.xpath("//bdi[@lang='en']"))


def test_a_reason_of_a_rule_is_said_with_its_codes_and_figures_and_the_words_of_a_person_stay():
    reason = "no surge, accumulation, persistence or finding; coverage is not adequate, nothing heard on T01, T05"
    assert said(quote(reason), "ru") == (
        "нет всплеска, накопления, устойчивости или вывода; охват недостаточен, ничего не слышно по T01, T05"
    )
    assert said(quote("T02 met 2 weeks ago."), "zh") == "T02于2周前达到。"
    assert said(quote("3 letters known, 4 needed"), "ar") == "الرسائل المعروفة: 3، المطلوبة: 4"
    assert said(quote("More than chance would give."), "fr") == "Plus que ne le voudrait le hasard."
    # One unknown part, or a person who wrote the same: nothing is translated.
    assert said(quote("more than chance would give; a reason nobody knows"), "fr").startswith("more than chance")
    assert said(quote("more than chance would give", "en"), "fr") == "more than chance would give"
    assert said(quote("met {n} weeks ago"), "fr") == "met {n} weeks ago"


def test_the_reasons_that_are_translated_are_words_of_the_rules_as_they_are():
    rooms = ("scoring", "collectors")
    source = " ".join(path.read_text("utf-8") for room in rooms for path in (messages.HERE.parent / room).rglob("*.py"))
    words = " ".join(source.split())
    for rule in tongue.RULES:
        longest = max((literal.strip(" (),:;") for literal, _, _, _ in Formatter().parse(rule)), key=len)
        # The code puts some together from two parts: then it begins or ends as one of them.
        ends = (longest[:12], longest[-12:], longest.partition(" ")[2] or longest)
        assert any(one in words for one in ends), rule


def test_a_message_without_a_translation_is_english_and_marked():
    spoken = speak(replace(build.build_index(issues.issue()), foot=say("Nobody translated this.")), "fr").foot
    assert isinstance(spoken, Spoken)
    assert [(one.text, one.language) for one in spoken.pieces] == [("Nobody translated this.", "en")]


def test_a_mark_never_stands_in_a_title_or_an_attribute():
    for view in views():
        text = render_page(speak(view, "ar"), digest="0" * 64)
        assert not re.search(r'="[^"]*<bdi', text)
        assert "<bdi" not in html.fromstring(text).xpath("//title")[0].text_content()


def test_hostile_texts_stay_texts_in_every_language():
    for language in OTHERS:
        for view in views(issues.hostile_issue()):
            page = html.fromstring(render_page(speak(view, language), digest="0" * 64))
            assert page.xpath("//script | //img | //iframe | //*[@onerror] | //*[@onclick]") == []


@pytest.mark.parametrize("language", ["ar", "fr", "zh"])
def test_all_forms_carry_the_hash_of_the_english_page_and_the_same_numbers(language):
    issue = issues.issue()
    view = build.build_scan(issue, "AFR")
    digest = content_hash(view)
    spoken = speak(view, language, content_hash=digest)
    made = render_forms(spoken, name="AFR", as_of=issue.as_of, digest=digest)
    assert set(made) == {f"AFR.{language}.{form}" for form in ("html", "pdf", "docx", "json")}
    read = {
        "html": forms.read_html(made[f"AFR.{language}.html"]),
        "pdf": forms.read_pdf(made[f"AFR.{language}.pdf"]),
        "docx": forms.read_docx(made[f"AFR.{language}.docx"]),
    }
    english = forms.read_html(render_page(view).encode())
    for one in read.values():
        assert digest in forms.squeeze(one.words)
        assert list(one.paragraphs) == list(english.paragraphs)
    assert digest.encode() in made[f"AFR.{language}.json"]
    assert view_json(view) == view_json(build.build_scan(issue, "AFR"))  # speaking changes nothing of the original


def test_arabic_paper_reads_from_right_to_left():
    issue = issues.issue()
    made = render_forms(speak(build.build_scan(issue, "AFR"), "ar"), name="AFR", as_of=issue.as_of, digest="0" * 64)
    parts = dict(forms.parts_of(made["AFR.ar.docx"]))
    body = parts["word/document.xml"].decode()
    assert "<w:bidi/>" in body
    assert "<w:bidiVisual/>" in body
    assert 'w:lang w:val="en"' in body  # reasons of the rules
    assert b"/Lang (ar)" in made["AFR.ar.pdf"] or b"ar" in made["AFR.ar.pdf"]


def test_furniture_of_a_form_speaks_the_language_and_english_stays():
    assert furniture("en")("Collected {moment}.", moment="now") == "Collected now."
    assert str(furniture("es")("Annex")) == "Anexo"


def test_links_lead_to_the_same_language_where_it_is_there():
    view = speak(build.build_index(issues.issue()), "fr", pages=frozenset({"AFR.html"}))
    hrefs = [link.href for block in view.sections[0].blocks for line in block.lines for link in line.links]
    assert hrefs[0] == "AFR.fr.html"
    assert "interactive.html" in hrefs


def test_quoted_words_and_codes_are_kept():
    assert said(join("T07", quote("three incidents")), "zh") == "T07 three incidents"
    assert said(term("watch"), "ru") == "наблюдение"
