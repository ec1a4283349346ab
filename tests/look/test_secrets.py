"""Planted tokens in every confidential field reach no public form, file name, metadata, log, feed or site."""

import json
from pathlib import Path

import pytest
import test_two_lenses as lenses
from fictional import LOOKS, World
from opened import read_every

from domain.classification import Lens
from domain.review import Act, Authentication, Decision
from domain.signal import short_hash
from horizon.commands.site import write_site
from review.ledger import Ledger

TOKEN = lenses.TOKEN
GIVEN = {
    "source_class": "defenders",
    "title": f"{TOKEN} three persons killed in Ruritania",
    "text": f"{TOKEN} text: three persons were killed.",
    "place": "Ruritania",
    "first_level": f"{TOKEN} province",
    "occurred_on": "2024-01-20",
    "consent": "share_un",
    "consent_until": "2030-01-01",
}


def decide_everything(world: World) -> None:
    """Restricted decisions of every kind on what is public, with a token in each field that people fill in.

    A report that was given to us is one of them, with consent to share it within the United Nations.
    """
    public = short_hash("gazette_wire", "n1")
    situation = short_hash("situation", "XRU", "2024-W04")
    for number, act in enumerate(Act):
        for on in (public, situation, f"situation:{situation}", "2024-W04/r1/public", f"XRU {TOKEN}"):
            decision = Decision(
                act=act,
                object_id=on,
                object_hash=TOKEN,
                by=f"{TOKEN} person {number}",
                role=f"{TOKEN} role",
                author=f"{TOKEN} author",
                reason=f"{TOKEN} reason",
                decided_at=LOOKS[number % 4],
                lens=Lens.RESTRICTED,
                authentication=Authentication.SIGNED_IN,
                operating_system_user=f"{TOKEN} user",
                previous=TOKEN,
                content=json.dumps(GIVEN if act is Act.RECEIVE else {"text": f"{TOKEN} content"}),
            )
            Ledger(world.settings().decisions.parent).save(decision, lenses.HELD, version=None)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("secret") / "store").with_sources()
    lenses.plant(made)
    lenses.decide(made)
    decide_everything(made)
    made.run(Lens.RESTRICTED)
    made.run(Lens.PUBLIC)
    write_site(made.settings(), drafts=True)
    return made


def found(folder: Path, token: str = TOKEN) -> list[str]:
    return [name for name, text in read_every(folder) if token.lower() in text.lower()]


def test_the_reader_of_files_finds_the_tokens_where_they_may_stand(world: World):
    hits = found(world.settings(Lens.RESTRICTED).drafts / "2024-W04")
    for end in (".html", ".json", ".pdf words", ".docx word/document.xml"):
        assert [one for one in hits if one.endswith(end)], end


@pytest.mark.parametrize("place", ["public", "site", "log"])
def test_no_planted_token_is_in_any_public_form_name_metadata_feed_or_log(world: World, place: str):
    folder = {
        "public": world.settings(Lens.PUBLIC).drafts,
        "site": world.settings().var / "site",
        "log": world.settings().var / "log",
    }[place]
    assert any(folder.rglob("*.*"))
    assert found(folder) == []


def test_the_public_folder_holds_every_form_and_the_site_its_feeds(world: World):
    public = {one.suffix for one in world.settings(Lens.PUBLIC).drafts.rglob("*.*")}
    assert {".html", ".pdf", ".docx", ".json"} <= public
    assert {".atom", ".json", ".ics", ".html"} <= {one.suffix for one in (world.settings().var / "site").rglob("*.*")}


def test_a_planted_public_token_would_be_found_in_all_of_them(tmp_path: Path):
    """The same world with the token in a public card: the search is not blind."""
    made = World(tmp_path / "store").with_sources()
    made.card("gazette_wire", lenses.WIRE, title=f"{TOKEN} title")
    made.run(Lens.PUBLIC)
    hits = found(made.settings(Lens.PUBLIC).drafts)
    for end in (".html", ".json", ".pdf words", ".docx word/document.xml"):
        assert [one for one in hits if one.endswith(end)], end
