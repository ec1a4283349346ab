"""Sources without a real payload, each on a made-up one in the documented form, and the modules of sources."""

import pytest

from collectors.base import parse_all
from domain.source import Kind, load_cards
from tests.collectors.conftest import ROOT, checks, make_payload

CARDS = load_cards(ROOT / "collectors" / "sources")
FEEDS = [card for card in CARDS if card.kind is Kind.RSS]

# The Harbour Gazette of Ruritania in the six languages of the United Nations.
HEADLINES = {
    "en": "The council of Ruritania meets",
    "fr": "Le conseil de Ruritanie se réunit",
    "es": "Se reúne el consejo de Ruritania",
    "ru": "Заседание совета Руритании",
    "ar": "اجتماع مجلس روريتانيا",
    "zh": "鲁里塔尼亚理事会开会",
}


def gazette(headline, *, declared=""):
    """A feed in the form that the publishers document: RSS 2.0, description escaped twice, a flat 12:00."""
    language = f"<language>{declared}</language>" if declared else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Harbour Gazette</title>
    <link>https://gazette.example/</link><description>Fictional</description>{language}<item><title>{headline}</title>
    <link>https://gazette.example/story/2024/01/7</link><guid>https://gazette.example/story/2024/01/7</guid>
    <pubDate>Wed, 24 Jan 2024 12:00:00 +0000</pubDate><category>Harbour</category>
    <description>&amp;lt;p&amp;gt;{headline}&amp;lt;/p&amp;gt;</description></item></channel></rss>"""


# Feeds


def test_no_two_cards_ask_for_one_address():
    addresses = [card.url for card in CARDS]
    assert len(set(addresses)) == len(addresses)


def test_the_united_nations_newsroom_is_read_in_six_languages_and_is_one_origin():
    editions = [card for card in FEEDS if card.id.startswith("un_news_human_rights")]
    assert {card.languages for card in editions} == {(language,) for language in HEADLINES}
    assert {card.origin_id for card in editions} == {"United Nations"}


@pytest.mark.parametrize("card", FEEDS, ids=lambda card: card.id)
def test_a_feed_is_read_in_its_language_and_codes_nothing(card):
    (language,) = card.languages
    headline = HEADLINES[language]
    (report,), observations, defects = parse_all(card, make_payload(gazette(headline)))
    assert (report.title, report.text, report.language) == (headline, headline, language)
    assert report.url == "https://gazette.example/story/2024/01/7"
    assert (report.place, observations, defects, card.codes) == ("", [], [], ())


@pytest.mark.parametrize("card", FEEDS, ids=lambda card: card.id)
def test_a_wall_against_robots_is_no_feed_and_stops_the_source(card):
    body = "<!DOCTYPE html><html><head><title>Just a moment</title></head><body></body></html>"
    reports, _, defects = parse_all(card, make_payload(body, media="text/html"))
    assert (reports, checks(defects)) == ([], [("error", "wrong_type")])


@pytest.mark.parametrize("card", FEEDS, ids=lambda card: card.id)
def test_no_feed_claims_to_be_verified(card):
    assert not card.verified
