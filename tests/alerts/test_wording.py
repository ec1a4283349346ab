"""What a notice says in six languages, and what it never says."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from invented import AS_OF, SENT, alert, drafted, released, standing

from alerts.mail import to_html
from alerts.notice import Failure
from alerts.person import Skill
from alerts.recipients import UNIVERSAL
from alerts.rules import draft_failure, load_cards
from alerts.wording import LANGUAGES, LOCALES, Links, classes, instant, labels, word
from domain.situation import Level
from domain.source import SourceClass
from scoring.method import load_triggers

LINKS = Links(acknowledge="https://desk.example/acknowledge?m=1", read_more="https://desk.example/alerts/1")


def test_an_alert_in_english_reads_as_a_standby_and_no_request():
    text = word(released(alert()), place="Ruritania", language="en", zone=UNIVERSAL, links=LINKS).plain()
    assert text.startswith("Standby: Ruritania, alleged enforced disappearances rising. Acknowledge by 1 April 2026")
    assert "This is not a request. No entity has asked for a deployment" in text
    assert "The level is ◆ emerging concern; as known on 30 March 2026, 00:00 UTC." in text
    assert "investigation of disappearances, forensic documentation" in text
    assert "nationals and residents of the State concerned" in text
    assert "civil society and media" in text
    assert "RESTRICTED to roster managers" in text
    assert "Acknowledge: https://desk.example/acknowledge?m=1 Or answer this message." in text


def test_an_update_says_what_was_told_before():
    update = drafted(standing(level=Level.URGENT), released(alert()))
    assert update is not None
    text = word(released(update), place="Ruritania", language="en", zone=UNIVERSAL).plain()
    assert "The level moved from ◆ emerging concern to ■ urgent" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_words_every_kind_under_140_signs(language):
    first = alert()
    update = drafted(standing(level=Level.URGENT, held_since="2026-03-30"), released(first))
    cancel = drafted(standing(level=Level.NONE, triggers=()), released(first))
    technical = draft_failure(Failure(issue="2026-W13", step="draft", sort="Refused"), cards=load_cards(), as_of=AS_OF)
    long_place = "the Grand and Sovereign Confederation of Ruritania and the Southern Isles"
    for notice in (first, update, cancel, technical):
        assert notice is not None
        for place in ("Ruritania", long_place):
            worded = word(released(notice), place=place, language=language, zone=UNIVERSAL, links=LINKS)
            assert 0 < len(worded.headline) < 140
            assert "{" not in worded.plain()
            assert f'lang="{language}" dir="{worded.direction}"' in to_html(worded)


def test_every_language_has_the_same_sentences():
    names = {language: set(labels(language)) for language in LANGUAGES}
    assert all(found == names["en"] for found in names.values())
    assert sorted(path.stem for path in LOCALES.glob("*.toml")) == sorted(LANGUAGES)


def test_a_class_with_one_organisation_is_merged():
    found = classes((SourceClass.NHRI, SourceClass.FIELD_PRESENCE, SourceClass.MEDIA), "en")
    assert found == "media and a United Nations or national source"


def test_a_held_level_says_that_it_cannot_be_seen_and_not_who_fell_silent():
    held = drafted(standing(held_since="2026-03-30", classes=(), origins=0), released(alert()))
    assert held is not None
    text = word(released(held), place="Ruritania", language="en", zone=UNIVERSAL).plain()
    assert "Level held since 30 March 2026: it cannot be seen whether it still applies." in text
    assert "silent" not in text


def test_times_carry_their_zone_through_a_clock_change():
    zurich = ZoneInfo("Europe/Zurich")
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert instant(before, "en", zurich).endswith("00:30 UTC (01:30 CET)")
    assert instant(before + timedelta(hours=1), "en", zurich).endswith("01:30 UTC (03:30 CEST)")
    assert instant(SENT, "en", UNIVERSAL).endswith("10:15 UTC")
    assert instant(datetime(2026, 3, 31, 23, 0, tzinfo=UTC), "en", zurich).endswith("23:00 UTC (2026-04-01 01:00 CEST)")


def test_what_a_person_wrote_cannot_become_markup():
    worded = word(released(alert()), place="<b>x</b>", language="en", zone=UNIVERSAL, links=LINKS)
    assert "<b>x" not in to_html(worded)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_skill_of_a_card_or_of_the_roster_has_its_name(language):
    named = {name.removeprefix("skills.") for name in labels(language) if name.startswith("skills.")}
    assert named == set(Skill) >= {skill for card in load_triggers() for skill in card.skills}


def test_a_notice_in_another_language_holds_no_english_skill_or_role():
    text = word(released(alert()), place="Ruritanie", language="fr", zone=UNIVERSAL).plain()
    assert "fonctionnaire de permanence, chef de région" in text
    assert "enquêtes sur les disparitions, documentation médico-légale" in text
    assert "forensic" not in text
