"""`horizon site`: what is confidential reaches no byte of it, and drafts stand in it only when asked for."""

from dataclasses import replace
from pathlib import Path

import pytest
import test_two_lenses as lenses
import typer
from fictional import World
from typer.testing import CliRunner

from domain.classification import Lens
from domain.errors import Refused, UsageError
from horizon.commands.site import site, write_site
from review.approval import write_manifest

APP = typer.Typer()
APP.command()(site)


def call(*words: str):
    return CliRunner().invoke(APP, list(words), catch_exceptions=False)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, World]:
    """Two worlds that differ in confidential cards, rows and decisions alone, both run in both lenses."""
    plain = World(tmp_path_factory.mktemp("one") / "store").with_sources()
    planted = World(tmp_path_factory.mktemp("two") / "store").with_sources()
    lenses.plant(planted)
    lenses.decide(planted)
    for world in (plain, planted):
        world.run(Lens.RESTRICTED)
        world.run(Lens.PUBLIC)
    return plain, planted


def built(world: World, lens: Lens = Lens.RESTRICTED, *, drafts: bool = True) -> dict[str, bytes]:
    folder, _ = write_site(world.settings(lens), drafts=drafts)
    return lenses.tree(folder)


def test_confidential_rows_change_no_name_and_no_byte_of_the_site(worlds):
    plain, planted = (built(world) for world in worlds)
    assert len(plain) > 30
    assert sorted(planted) == sorted(plain)
    assert planted == plain
    token = lenses.TOKEN.lower().encode()
    assert [name for name, body in planted.items() if token in body.lower() or token.decode() in name.lower()] == []


def test_the_confidential_rows_do_change_what_the_other_lens_drafts(worlds):
    drafts = [lenses.tree(world.settings(Lens.RESTRICTED).drafts / "2024-W04") for world in worlds]
    assert drafts[0] != drafts[1]


def test_the_lens_of_the_caller_changes_nothing(worlds):
    plain, _ = worlds
    assert built(plain, Lens.PUBLIC) == built(plain, Lens.RESTRICTED)


def test_drafts_stand_in_it_only_when_asked_for_and_are_marked(worlds):
    plain, _ = worlds
    without = built(plain, drafts=False)
    assert not [name for name in without if name.startswith("issues/")]
    assert b"No public issue has been published yet." in without["index.html"]
    assert b"draft, not issued" in built(plain)["index.html"]


def test_a_new_site_takes_the_place_of_the_old_one_as_a_whole(worlds):
    plain, _ = worlds
    folder, _ = write_site(plain.settings(), drafts=True)
    (folder / "left.html").write_text("old", "utf-8")
    assert "left.html" not in built(plain)
    assert sorted(path.name for path in folder.parent.glob(".site*")) == []


def test_a_confidential_page_among_the_public_ones_stops_the_whole_site(worlds, tmp_path):
    plain, _ = worlds
    settings = replace(plain.settings(), var=tmp_path)
    there = replace(settings, lens=Lens.PUBLIC).drafts / "2024-W04" / "r1"
    there.mkdir(parents=True)
    page = plain.settings(Lens.RESTRICTED).drafts / "2024-W04" / "r1" / "AFR.json"
    (there / "AFR.json").write_bytes(page.read_bytes())
    write_manifest(there, issue="2024-W04", revision="r1", lens=Lens.PUBLIC)
    with pytest.raises(Refused, match="cannot stand on the public site"):
        write_site(settings, drafts=True)
    assert not (tmp_path / "site").exists()


def test_the_command_says_where_the_site_is(worlds, monkeypatch):
    plain, _ = worlds
    for name, value in plain.environment().items():
        monkeypatch.setenv(name, value)
    done = call("--drafts", "--base", "https://scans.example")
    folder, files = done.stdout.strip().split("\t")
    assert Path(folder, "index.html").is_file()
    assert files == f"{sum(1 for one in Path(folder).rglob('*') if one.is_file())} files"
    assert "https://scans.example/issues/2024-W04/r1/index.html" in Path(folder, "issues.atom").read_text("utf-8")
    with pytest.raises(UsageError, match="is no address"):
        call("--base", "scans.example")
