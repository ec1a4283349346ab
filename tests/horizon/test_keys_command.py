"""`horizon keys`, and a world that is sealed: its pages are the same, and what a lost key stops is said in words."""

import shutil
from pathlib import Path

import pytest
from fictional import LOOKS, WIRE, World, row, wire
from given_reports import GIVEN, TOKEN, give, leaks, seal, tree
from test_two_lenses import CONFIDENTIAL, RAW
from typer.testing import CliRunner

from domain.classification import Lens
from domain.errors import HorizonError
from horizon import stages
from horizon.cli import app
from warehouse.connection import FILES, open_store
from warehouse.landing import LandedDecision, LandedPayload, LandedSealed, read_records
from warehouse.outcome import TABLES
from warehouse.sealed import find_vault

pytestmark = pytest.mark.duckdb1
BY = ("--by", "An Officer", "--reason", "a drill")


def build(folder: Path) -> World:
    """The fictional world with a confidential source beside the public ones."""
    world = World(folder).with_sources()
    world.card("harbour_files", WIRE, more=CONFIDENTIAL.format(token=TOKEN), title=f"{TOKEN} files")
    rows = [row(f"{TOKEN}-{at}", f"2024-01-0{3 + at}", killed=2, headline=f"{TOKEN} note") for at in range(4)]
    for when in LOOKS:
        world.look("harbour_files", wire(*rows), when)
    return world


@pytest.fixture(name="sealed_once", scope="module")
def _sealed_once(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Sealed from the first day, run restricted and then public."""
    world = build(tmp_path_factory.mktemp("sealed") / "store")
    seal(world)
    give(world)
    world.run(Lens.RESTRICTED)
    world.run(Lens.PUBLIC)
    return world


@pytest.fixture(name="sealed")
def _sealed(sealed_once: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A copy to change, and the environment of its command line."""
    shutil.copytree(sealed_once.folder, tmp_path / "store")
    world = World(tmp_path / "store", list(sealed_once.looks))
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)
    return world


def call(*arguments: str) -> tuple[int, str, HorizonError | None]:
    """Exit code, standard output, and the error of ours, if there was one."""
    done = CliRunner().invoke(app, list(arguments))
    if isinstance(done.exception, HorizonError):
        return done.exception.exit_code, done.stdout, done.exception
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, None


def rows(world: World, lens: Lens) -> dict[str, list[tuple[object, ...]]]:
    with open_store(world.settings().var, lens, read_only=True) as store:
        return {table: store.dump(table).rows() for table in (*RAW, *TABLES)}


def test_no_file_but_restricted_drafts_holds_a_confidential_word(sealed_once: World):
    settings = sealed_once.settings()
    assert leaks(settings) == []
    restricted = b"".join(tree(settings.drafts / "2024-W04").values())
    assert TOKEN.encode() in restricted  # the test would find it


def test_sealing_changes_no_byte_of_any_page(sealed_once: World, tmp_path: Path):
    plain = build(tmp_path / "plain")
    give(plain)
    plain.run(Lens.RESTRICTED)
    plain.run(Lens.PUBLIC)
    public = [tree(world.settings(Lens.PUBLIC).drafts) for world in (plain, sealed_once)]
    assert len(public[0]) > 10
    assert public[0] == public[1]
    restricted = [tree(world.settings().drafts / "2024-W04") for world in (plain, sealed_once)]
    differ = {name for name in restricted[0] if restricted[0][name] != restricted[1][name]}
    # Only where a page prints under which hash a confidential record lies.
    assert {name.split("/")[-1].split(".")[0] for name in differ} <= {"AFR", "AFR-evidence"}


def test_a_rebuild_without_keys_gives_the_public_lens_and_names_each_sealed_record(sealed: World):
    settings = sealed.settings()
    records = list(read_records(settings.landing, settings.decisions, lens=Lens.RESTRICTED))
    assert {type(one) for one in records} >= {LandedPayload, LandedDecision}
    before, pages = rows(sealed, Lens.PUBLIC), tree(sealed.settings(Lens.PUBLIC).drafts)
    assert all((before["raw_reports"], before["out_incidents"], before["out_states"], len(pages) > 10))
    confidential = (settings.var / FILES[Lens.RESTRICTED]).read_bytes()
    shutil.rmtree(settings.keys)
    done = stages.rebuild(settings)
    assert len(done.unreadable) == len(records)
    assert {one.check for one in done.unreadable} == {"key_lost"}
    assert TOKEN not in repr([one.evidence for one in done.unreadable])
    assert rows(sealed, Lens.PUBLIC) == before
    assert (settings.var / FILES[Lens.RESTRICTED]).read_bytes() == confidential
    stages.draft(as_of=done.as_of, settings=sealed.settings(Lens.PUBLIC))
    assert tree(sealed.settings(Lens.PUBLIC).drafts) == pages


def test_a_lost_key_is_exit_4_for_what_needs_it_and_the_public_lens_goes_on(sealed: World, monkeypatch):
    settings = sealed.settings()
    settings.keys.rename(settings.keys.with_name("away"))
    for command in (("load",), ("score",), ("draft",), ("keys", "status"), ("keys", "rotate", *BY)):
        code, _, error = call(*command)
        assert code == 4, command
        assert error is not None
        assert "cannot be used" in error.what
    code, _, _ = call("load", "--rebuild")
    assert code == 1
    monkeypatch.setenv("LENS", "public")
    assert [call(*command)[0] for command in (("load",), ("score",), ("draft",))] == [0, 0, 0]


def test_keys_that_come_back_give_the_same_rows_again(sealed: World):
    settings = sealed.settings()
    before = rows(sealed, Lens.RESTRICTED)
    settings.keys.rename(settings.keys.with_name("away"))
    stages.rebuild(settings)
    settings.keys.with_name("away").rename(settings.keys)
    (settings.var / FILES[Lens.RESTRICTED]).unlink()
    stages.load(settings=settings)
    after = rows(sealed, Lens.RESTRICTED)
    assert {table: after[table] for table in RAW} == {table: before[table] for table in RAW}


def test_one_lost_slot_is_one_defect_and_the_rest_is_read(sealed: World):
    settings = sealed.settings()
    vault = find_vault(settings.var)
    assert vault is not None
    # A copy of the keys from before the newest report.
    old = (vault.keys / "slots").read_bytes()
    give(sealed, GIVEN | {"title": "Another report"})
    (vault.keys / "slots").write_bytes(old)
    stages.load(settings=settings)
    lost = [one for one in sealed.rows("raw_defects") if one["check_name"] == "key_lost"]
    assert len(lost) == 1
    closed = [one for one in read_records(settings.decisions) if isinstance(one, LandedSealed)]
    assert lost[0]["record"] == closed[0].sha256[:12]


def test_init_seals_what_lands_from_then_on_and_encrypts_what_is_there(tmp_path: Path, monkeypatch):
    world = build(tmp_path / "store")
    settings = world.settings()
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)
    stages.collect("harbour_files", settings)
    stages.load(settings=settings)
    assert "off. No key was ever made" in call("keys", "status")[1]
    assert "off. No key was ever made" in call("doctor")[1]
    code, said, _ = call("keys", "init", "--by", "An Officer")
    assert code == 0
    assert "keys made in" in said
    assert TOKEN.encode() not in (settings.var / FILES[Lens.RESTRICTED]).read_bytes()
    stages.collect("gazette_wire", settings)
    give(world)
    stages.load(settings=settings)
    found = [one["source_id"] for one in world.rows("raw_reports")]
    assert {"harbour_files", "given_civil_society"} <= set(found)
    said = call("keys", "status")[1]
    assert "encryption at rest: on" in said
    assert "1 sealed, 0 that cannot be read, 1 not sealed" in said
    assert "init\tAn Officer" in said
    assert "encryption at rest: on" in call("doctor")[1]
    code, _, error = call("keys", "init", "--by", "An Officer")
    assert code == 2
    assert error is not None


def test_rotation_leaves_every_sealed_byte_and_says_who_did_it(sealed: World):
    settings = sealed.settings()
    before = {name: body for name, body in tree(settings.var).items() if not name.startswith("keys/")}
    code, said, _ = call("keys", "rotate", *BY)
    assert code == 0
    assert "under the new master key" in said
    after = {name: body for name, body in tree(settings.var).items() if not name.startswith("keys/")}
    assert after == before
    stages.load(settings=settings)
    stages.score(as_of=stages.load(settings=settings).as_of, settings=settings)
    assert "rotate\tAn Officer" in call("keys", "status")[1]


def test_erase_destroys_one_record_lists_its_uses_and_leaves_the_others(sealed: World):
    settings = sealed.settings()
    (given,) = [
        one
        for one in read_records(settings.decisions)
        if isinstance(one, LandedDecision) and one.decision.object_id.startswith("report/")
    ]
    report = given.decision.object_id.removeprefix("report/")
    code, said, _ = call("keys", "erase", report, *BY)
    assert code == 0
    assert "2024-W04 incident " in said
    assert f"erased\t{report}" in said
    left = {str(one["source_id"]) for one in sealed.rows("raw_reports")}
    assert left == {"harbour_files"}
    code, said, _ = call("keys", "status")
    assert code == 0
    assert "broken off" not in said
    assert "erase\tAn Officer" in said
    code, _, error = call("keys", "erase", "0" * 20, *BY)
    assert code == 2
    assert error is not None


def test_a_sealed_payload_is_erased_by_its_hash(sealed: World):
    settings = sealed.settings()
    (payload,) = [one for one in read_records(settings.landing, lens=Lens.RESTRICTED) if isinstance(one, LandedPayload)]
    code, _, _ = call("keys", "erase", payload.sha256, *BY)
    assert code == 0
    assert {one["source_id"] for one in sealed.rows("raw_reports")} == {"given_civil_society"}
    (closed,) = [one for one in read_records(settings.landing, lens=Lens.RESTRICTED) if isinstance(one, LandedSealed)]
    assert closed.sha256 == payload.sha256


def test_keys_that_lie_elsewhere_are_found_after_move(sealed: World, tmp_path: Path):
    settings = sealed.settings()
    settings.keys.rename(tmp_path / "stick")
    assert call("keys", "status")[0] == 4
    assert call("keys", "move", str(tmp_path / "nowhere"), "--by", "An Officer")[0] == 2
    assert call("keys", "move", str(tmp_path / "stick"), "--by", "An Officer")[0] == 0
    assert call("keys", "status")[0] == 0
    stages.load(settings=settings)


def test_a_copy_inside_the_folder_reads_with_its_keys_and_changes_none_of_them(sealed: World, monkeypatch):
    settings = sealed.settings()
    for name in ("landing", "review"):
        shutil.copytree(settings.var / name, settings.var / "drill" / name)
    before = tree(settings.keys), (settings.var / "sealed.json").read_bytes()
    drill = sealed.settings(var="var/drill")
    stages.rebuild(drill)
    assert (tree(settings.keys), (settings.var / "sealed.json").read_bytes()) == before
    with open_store(drill.var, Lens.RESTRICTED, read_only=True) as store:
        assert store.dump("raw_reports").height > 1
    assert sealed.rows("raw_reports")
    monkeypatch.setenv("HORIZON_VAR", str(drill.var))
    assert call("keys", "rotate", *BY)[0] == 3
    assert call("keys", "erase", "x", *BY)[0] == 3


def test_nothing_is_erased_or_rotated_where_no_key_was_made(tmp_path: Path, monkeypatch):
    world = World(tmp_path)
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)
    assert call("keys", "rotate", *BY)[0] == 4
    assert call("keys", "erase", "x", *BY)[0] == 4
    assert call("keys", "encrypt")[0] == 4
    assert call("keys", "rotate", "--by", " ", "--reason", "x")[0] == 2
