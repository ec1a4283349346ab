"""The stages of a week on a fictional world: each does one thing, and the same call again changes nothing."""

import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from fictional import AS_OF, COUNTS, LOOKS, WIRE, World, row, wire
from pytest_httpserver import HTTPServer

import collectors.sources
from domain.classification import Lens
from domain.errors import HorizonError, Unavailable, UsageError
from horizon import listing, stages
from warehouse.connection import FILES, open_store
from warehouse.landing import LandedLook, LandedPayload, read_records
from warehouse.outcome import TABLES

RAW = ("raw_payloads", "raw_looks", "raw_reports", "raw_observations", "raw_defects", "raw_decisions")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def looks(world: World, source: str) -> list[tuple[str, str]]:
    found = [one.look for one in read_records(world.settings().landing / source) if isinstance(one, LandedLook)]
    return [(look.state.value, look.detail) for look in found]


def rows(world: World, lens: Lens, tables: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    with open_store(world.settings().var, lens) as store:
        return {table: store.dump(table).rows() for table in tables}


def test_a_week_from_looks_to_drafts(world: World):
    drafted = world.run()
    assert (drafted.issue, drafted.revision) == ("2024-W04", "r1")
    assert all(path.is_file() for path in drafted.paths)
    assert {path.name for path in drafted.paths} >= {"AFR.html", "WEO.html", "bureau.html", "index.html"}
    assert drafted.paths[0].parent == world.settings().drafts / "2024-W04" / "r1"
    assert (drafted.real_cards, drafted.cards) == (3, 3)
    assert drafted.summary[0].startswith("AFR")
    printed = {one["place"]: one["printed"] for one in world.rows("out_states")}
    assert len(printed) == 8
    assert printed["XRU"] == "signals"
    assert printed["XFR"] == "not monitored"
    assert "Ruritania" in world.page()


def test_every_claim_leads_back_to_landed_bytes(ran: World):
    landed = {one.sha256 for one in read_records(ran.settings().landing) if isinstance(one, LandedPayload)}
    reports = {one["report_id"]: one["payload_sha"] for one in ran.rows("raw_reports", Lens.PUBLIC)}
    incidents = ran.rows("out_incidents")
    assert incidents
    for incident in incidents:
        for report in incident["reports"]:
            assert reports[report] in landed


def test_collecting_twice_adds_nothing(world: World):
    settings = world.settings()
    first = [stages.collect(source, settings) for source in ("gazette_wire", "gazette_feed")]
    before = files(settings.landing)
    assert [stages.collect(source, settings) for source in ("gazette_wire", "gazette_feed")] == first
    assert files(settings.landing) == before
    assert first == ["ok", "unchanged"]


def test_the_whole_week_twice_gives_the_same_bytes(ran: World):
    drafts = files(ran.settings().drafts)
    tables = rows(ran, Lens.RESTRICTED, TABLES)
    ran.run()
    assert files(ran.settings().drafts) == drafts
    assert rows(ran, Lens.RESTRICTED, TABLES) == tables


def test_a_second_load_finds_nothing_new(ran: World):
    again = stages.load(settings=ran.settings())
    assert (again.payloads, again.reports, again.observations, again.defects) == (0, 0, 0, 0)
    assert (again.issue, again.as_of) == ("2024-W04", AS_OF)


def test_a_load_takes_the_instant_it_is_given(world: World):
    stages.collect("gazette_wire", world.settings())
    given = datetime(2024, 1, 22, tzinfo=UTC)
    done = stages.load(given, world.settings())
    assert (done.issue, done.as_of) == ("2024-W03", given)


def test_a_live_load_fixes_its_instant_to_the_second(world: World):
    done = stages.load(settings=replace(world.settings(), live=True))
    assert done.as_of.microsecond == 0
    assert done.as_of.tzinfo is UTC


def test_an_unknown_source_is_told_with_the_known_ones(world: World):
    with pytest.raises(UsageError, match="There is no source 'gazete_wire'") as told:
        stages.collect("gazete_wire", world.settings())
    assert "gazette_wire" in told.value.why


def test_a_card_without_a_look_is_not_in_the_specimen(world: World):
    world.card("gazette_silent", WIRE)
    assert stages.collect("gazette_silent", world.settings()) == "not in the specimen"
    drafted = world.run()
    assert (drafted.real_cards, drafted.cards) == (3, 4)
    assert "not in the specimen" in world.page()


def test_a_look_of_which_only_the_fact_is_known_is_landed_without_a_payload(world: World):
    world.card("gazette_seen", WIRE).look("gazette_seen", None, LOOKS[1], state="failed")
    assert stages.collect("gazette_seen", world.settings()) == "failed"
    assert looks(world, "gazette_seen") == [("failed", "replayed")]
    assert not world.landed_bytes("gazette_seen")


def test_a_source_that_fails_is_landed_as_a_failed_look_and_raised(world: World):
    card = world.folder / "cards" / "gazette_wire.toml"
    card.write_text(card.read_text("utf-8").replace("example/data", "example/moved"), "utf-8")
    with pytest.raises(HorizonError, match=r"Nothing came from https://gazette_wire\.example/moved"):
        stages.collect("gazette_wire", world.settings())
    ((state, detail),) = looks(world, "gazette_wire")
    assert state == "failed"
    assert detail.startswith("Nothing came from https://gazette_wire.example/moved. ")
    assert detail.endswith("does not hold this address.")
    log = (world.settings().var / "log" / "horizon.jsonl").read_text("utf-8")
    assert '"look failed"' in log
    assert '"source": "gazette_wire"' in log


def test_a_module_that_breaks_is_a_failed_look_too(world: World, monkeypatch):
    own = world.folder / "modules"
    own.mkdir()
    (own / "gazette_own.py").write_text("def fetch(card, client):\n    yield {}['rows']\n", "utf-8")
    monkeypatch.setattr(collectors.sources, "__path__", [*collectors.sources.__path__, str(own)])
    monkeypatch.delitem(sys.modules, "collectors.sources.gazette_own", raising=False)
    world.card("gazette_own", WIRE.replace('"json_api"', '"module"')).look("gazette_own", b"[]")
    with pytest.raises(Unavailable, match="gazette_own broke") as told:
        stages.collect("gazette_own", world.settings())
    assert told.value.why == "KeyError: 'rows'"
    assert looks(world, "gazette_own") == [("failed", "KeyError: 'rows'")]


def test_a_failed_source_is_printed_as_such_and_the_others_are_used(world: World):
    world.look("gazette_wire", None, datetime(2024, 1, 28, 18, tzinfo=UTC), state="failed")
    world.run()
    states = {one["source_id"]: one["state"] for one in world.rows("out_sources")}
    assert states["gazette_wire"] == "failed"
    assert states["gazette_feed"] == "unchanged"
    assert "source failure" in world.page()


def test_a_live_look_without_its_credential_says_so_and_is_not_counted_as_looked(world: World, monkeypatch):
    monkeypatch.delenv("GAZETTE_KEY", raising=False)
    world.card("gazette_wire", WIRE, more='credentials = ["GAZETTE_KEY"]\n')
    settings = replace(world.settings(), live=True)
    assert stages.collect("gazette_wire", settings) == "disabled: no credential"
    assert looks(world, "gazette_wire") == [("disabled: no credential", "GAZETTE_KEY not set")]
    now = datetime.now(UTC)  # noqa: TID251  (a live look has no other clock)
    stages.load(now, settings)
    stages.score(as_of=now, settings=settings)
    (line,) = [one for one in world.rows("out_sources") if one["source_id"] == "gazette_wire"]
    assert (line["state"], line["items"]) == ("disabled: no credential", 0)
    assert {one["coverage"] for one in world.rows("out_coverage")} == {"none"}


def test_a_live_look_refuses_an_address_of_the_machine_itself(world: World, httpserver: HTTPServer):
    httpserver.expect_request("/data").respond_with_json([])
    world.card("gazette_wire", WIRE)
    card = world.folder / "cards" / "gazette_wire.toml"
    card.write_text(
        card.read_text("utf-8").replace("https://gazette_wire.example/data", httpserver.url_for("/data")), "utf-8"
    )
    with pytest.raises(HorizonError):
        stages.collect("gazette_wire", replace(world.settings(), live=True))
    assert [state for state, _ in looks(world, "gazette_wire")] == ["failed"]
    assert httpserver.log == []


def test_an_issue_knows_nothing_that_came_later(ran: World):
    before = rows(ran, Lens.RESTRICTED, TABLES)
    late = LOOKS[-1] + timedelta(days=2)
    ran.look("gazette_wire", wire(row("late", "2024-01-29", killed=40)), late)
    ran.run()
    assert rows(ran, Lens.RESTRICTED, TABLES) == before


def test_a_rebuilt_warehouse_equals_the_one_it_replaces_row_for_row(ran: World):
    settings = ran.settings()
    stages.approve("2024-W04/r1", by="A. Reviewer", role="analyst", reason="read", settings=settings)
    stages.load(settings=settings)
    earlier = datetime(2024, 1, 22, tzinfo=UTC)
    stages.score(as_of=earlier, settings=settings)
    stages.score(as_of=AS_OF, settings=settings)
    stages.score(as_of=AS_OF, settings=replace(settings, lens=Lens.PUBLIC))
    before = {lens: rows(ran, lens, (*RAW, *TABLES)) for lens in Lens}
    assert [issue[0] for issue in before[Lens.RESTRICTED]["out_issues"]] == ["2024-W03", "2024-W04"]
    done = stages.rebuild(settings)
    assert {lens: rows(ran, lens, (*RAW, *TABLES)) for lens in Lens} == before
    assert done.payloads == len(before[Lens.PUBLIC]["raw_payloads"])
    assert not (settings.var / "rebuild").exists()


def test_a_lost_warehouse_is_rebuilt_from_landing(ran: World):
    before = {lens: rows(ran, lens, RAW) for lens in Lens}
    for name in FILES.values():
        (ran.settings().var / name).unlink()
    stages.rebuild(ran.settings())
    assert {lens: rows(ran, lens, RAW) for lens in Lens} == before


def test_a_log_left_by_a_killed_process_does_not_enter_the_rebuilt_file(ran: World):
    settings = ran.settings()
    before = rows(ran, Lens.PUBLIC, RAW)
    log = settings.var / f"{FILES[Lens.PUBLIC]}.wal"
    with open_store(settings.var, Lens.PUBLIC) as store:
        with store.transaction():
            store.insert("raw_looks", store.dump("raw_looks").head(1).with_columns(look_sha=pl.lit("late")))
        killed = log.read_bytes()
    (settings.var / FILES[Lens.PUBLIC]).unlink()
    log.write_bytes(killed)
    stages.rebuild(replace(settings, lens=Lens.PUBLIC))
    assert rows(ran, Lens.PUBLIC, RAW) == before


def test_snapshots_for_readers_hold_what_was_scored(ran: World):
    folder = ran.settings().var / "snapshots"
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES.values())
    own = rows(ran, Lens.RESTRICTED, TABLES)
    with open_store(folder, Lens.RESTRICTED, read_only=True) as store:
        assert {table: store.dump(table).rows() for table in TABLES} == own


def test_scoring_before_loading_is_told_in_words(world: World):
    for stage in (stages.score, stages.draft):
        with pytest.raises(Unavailable, match="There is no warehouse yet"):
            stage(as_of=AS_OF, settings=world.settings())


def test_drafting_before_scoring_is_told_in_words(world: World):
    stages.load(settings=world.settings())
    with pytest.raises(Unavailable, match="2024-W04 has not been scored"):
        stages.draft(as_of=AS_OF, settings=world.settings())


def test_a_specimen_that_is_not_there_is_told_in_words(world: World):
    with pytest.raises(Unavailable, match="There is no specimen in 2026-W13"):
        stages.collect("gazette_wire", replace(world.settings(), week="2026-W13"))


def test_what_changed_since_the_issue_before_is_said(ran: World):
    settings = ran.settings()
    stages.score(as_of=datetime(2024, 1, 22, tzinfo=UTC), settings=settings)
    stages.score(as_of=AS_OF, settings=settings)
    stages.draft(as_of=AS_OF, settings=settings)
    assert "2024-W03" in ran.page()


def test_the_public_lens_runs_with_a_confidential_file_that_nobody_can_read(world: World):
    settings = world.settings(Lens.PUBLIC)
    settings.var.mkdir(parents=True)
    confidential = settings.var / FILES[Lens.RESTRICTED]
    confidential.write_bytes(b"no database")
    drafted = world.run(Lens.PUBLIC)
    stages.rebuild(settings)
    assert confidential.read_bytes() == b"no database"
    assert drafted.paths[0].is_relative_to(settings.var / "drafts" / "public")
    assert [path.name for path in (settings.var / "snapshots").iterdir()] == [FILES[Lens.PUBLIC]]


def test_field_regions_make_other_pages_of_the_same_run(ran: World):
    settings = ran.settings()
    fields = replace(settings, scheme=type(settings.scheme).FIELD_REGIONS, var=settings.var)
    drafted = stages.draft(as_of=AS_OF, settings=fields)
    names = {path.stem for path in drafted.paths}
    assert {"AFRICA", "AMERICAS", "ASPAC", "ECA", "MENA"} <= names
    assert "AFR" not in names


def event(value: str | None) -> SimpleNamespace:
    return SimpleNamespace(extra={"as_of": value} if value else {})


def test_as_of_comes_from_the_asset_event():
    newest = "2024-01-29T00:00:00+00:00"
    events = {"signals": [event("2024-01-22T00:00:00+00:00"), event(newest), event(None)]}
    assert stages.as_of(events, SimpleNamespace(run_after=LOOKS[0])) == AS_OF


def test_as_of_comes_from_an_accessor_that_is_no_mapping():
    class Accessor:
        def __iter__(self):
            return iter(["signals"])

        def __getitem__(self, asset: str) -> list[SimpleNamespace]:
            assert asset == "signals"
            return [event("2024-01-29T00:00:00+00:00")]

    assert stages.as_of(Accessor(), None) == AS_OF


def test_as_of_comes_from_run_after_when_no_asset_fired():
    assert stages.as_of(None, SimpleNamespace(run_after=AS_OF)) == AS_OF
    assert stages.as_of({}, SimpleNamespace(run_after=AS_OF)) == AS_OF


def test_a_run_that_does_not_know_its_as_of_stops():
    with pytest.raises(UsageError, match="does not know its as_of"):
        stages.as_of(None, SimpleNamespace(run_after=None))


def test_sources_are_listed_with_their_last_look(world: World):
    before = {line.id: (line.state, line.last_look) for line in listing.list_sources(world.settings())}
    assert before["gazette_wire"] == ("not looked at yet", "")
    world.run()
    after = {line.id: (line.state, line.last_look) for line in listing.list_sources(world.settings())}
    assert after["gazette_wire"] == ("ok", "2024-01-28 06:00 UTC")
    assert after["gazette_feed"] == ("unchanged", "2024-01-28 06:00 UTC")


def test_the_public_list_of_sources_names_no_restricted_one(world: World):
    world.card("gazette_hidden", COUNTS, more='lens = "restricted"\nclassification = "confidential"\n')
    ids = {lens: {line.id for line in listing.list_sources(world.settings(lens))} for lens in Lens}
    assert ids[Lens.RESTRICTED] - ids[Lens.PUBLIC] == {"gazette_hidden"}


def test_the_doctor_says_what_is_missing_and_what_to_do(world: World, monkeypatch):
    monkeypatch.delenv("GAZETTE_KEY", raising=False)
    world.card("gazette_keyed", WIRE, more='credentials = ["GAZETTE_KEY"]\n')
    found = {one.what: one for one in listing.examine(world.settings())}
    assert found["4 source cards can be read"].fine
    assert found["the specimen 2024-W04 holds 3 sources"].fine
    assert not found["a warehouse in the var folder"].fine
    missing = found["credential GAZETTE_KEY for gazette_keyed"]
    assert not missing.fine
    assert "Set GAZETTE_KEY in the environment" in missing.do
    monkeypatch.setenv("GAZETTE_KEY", "secret")
    world.run()
    found = {one.what: one for one in listing.examine(world.settings())}
    assert found["credential GAZETTE_KEY for gazette_keyed"].fine
    assert found["a warehouse in the var folder"].fine
    assert not any("secret" in f"{one.what} {one.do}" for one in found.values())


def test_the_doctor_tells_of_a_bad_card_and_a_missing_specimen(world: World):
    (world.folder / "cards" / "gazette_wire.toml").write_text("title = 1", "utf-8")
    shutil.rmtree(world.folder / "samples")
    found = [one for one in listing.examine(world.settings()) if not one.fine]
    words = " ".join(f"{one.what} {one.do}" for one in found)
    assert "gazette_wire.toml" in words
    assert "There is no specimen in 2024-W04" in words
    live = [one for one in listing.examine(replace(world.settings(), live=True)) if "specimen" in one.what]
    assert live[0].fine
