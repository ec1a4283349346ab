"""DuckDB is opened in one place, locked down, one file a lens, one process at a time."""

import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import gazette
import polars as pl
import pytest

from domain.classification import Lens
from domain.errors import Unavailable
from warehouse import connection
from warehouse.connection import FILES, Store, frame, memory_store, open_store, select
from warehouse.migrate import MIGRATIONS, migrate


@pytest.fixture(params=["memory", "file"])
def raw(request, tmp_path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The connection inside a store, to say to it what no stage would say."""
    with memory_store() if request.param == "memory" else open_store(tmp_path, Lens.PUBLIC) as store:
        yield store._files[Lens.PUBLIC]


def test_sql_cannot_read_files_of_the_machine(raw):
    with pytest.raises(duckdb.PermissionException, match="disabled by configuration"):
        raw.sql("SELECT * FROM read_text('/etc/hostname')").fetchall()


def test_sql_cannot_write_files_of_the_machine(raw, tmp_path_factory):
    target = tmp_path_factory.mktemp("elsewhere") / "out.csv"
    with pytest.raises(duckdb.PermissionException):
        raw.execute(f"COPY (SELECT 1) TO '{target}'")
    assert not target.exists()


def test_sql_cannot_attach_another_file(raw, tmp_path_factory):
    with pytest.raises(duckdb.PermissionException):
        raw.execute(f"ATTACH '{tmp_path_factory.mktemp('elsewhere') / 'other.duckdb'}'")


def test_sql_cannot_load_an_extension_or_reach_the_network(raw):
    with pytest.raises(duckdb.Error):
        raw.execute("INSTALL httpfs")
    with pytest.raises(duckdb.Error):
        raw.sql("SELECT * FROM read_csv('https://gazette.example/a.csv')").fetchall()


def test_sql_cannot_see_python_variables(raw):
    secret_frame = pl.DataFrame({"a": [1]})
    with pytest.raises(duckdb.CatalogException, match="secret_frame"):
        raw.sql("SELECT * FROM secret_frame").fetchall()
    assert secret_frame.height == 1
    # Without outside access the first answer would be the same: the setting is asked for by its name.
    assert raw.sql("SELECT current_setting('python_enable_replacements')").fetchall() == [(False,)]


@pytest.mark.parametrize(
    "wish",
    ["SET enable_external_access = true", "SET python_enable_replacements = true", "SET lock_configuration = false"],
)
def test_the_configuration_is_locked(raw, wish):
    with pytest.raises(duckdb.InvalidInputException, match="configuration has been locked"):
        raw.execute(wish)


def test_instants_are_read_in_utc(raw):
    ((zone,),) = raw.sql("SELECT current_setting('TimeZone')").fetchall()
    assert zone == "UTC"


HOLDER = """
    import sys, time
    from pathlib import Path
    from domain.classification import Lens
    from warehouse.connection import open_store
    with open_store(Path(sys.argv[1]), Lens.PUBLIC):
        Path(sys.argv[2]).touch()
        time.sleep(60)
"""


def test_a_second_process_is_told_that_the_warehouse_is_held(tmp_path, root):
    ready = tmp_path / "ready"
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER), str(tmp_path), str(ready)], cwd=root
    ) as child:
        waited = time.monotonic() + 30
        while not ready.exists():
            assert child.poll() is None
            assert time.monotonic() < waited
            time.sleep(0.01)
        try:
            with pytest.raises(Unavailable) as told:
                open_store(tmp_path, Lens.PUBLIC)
        finally:
            child.kill()
    assert told.value.exit_code == 4
    assert str(told.value).startswith("The warehouse warehouse.duckdb cannot be opened.")
    assert str(child.pid) in told.value.why
    assert "Wait" in told.value.do
    with open_store(tmp_path, Lens.PUBLIC) as store:
        assert store.known("raw_looks", "look_sha") == frozenset()


def test_the_public_lens_never_opens_the_confidential_file(tmp_path):
    with open_store(tmp_path, Lens.PUBLIC):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [FILES[Lens.PUBLIC]]
    (tmp_path / FILES[Lens.RESTRICTED]).write_bytes(b"no database")
    with open_store(tmp_path, Lens.PUBLIC) as store:
        gazette.fill(store, [gazette.parsed(b"1", gazette.at(22))])
        assert store.query("core_payloads", as_of=gazette.at(23)).height == 1
    assert (tmp_path / FILES[Lens.RESTRICTED]).read_bytes() == b"no database"


def test_a_damaged_file_is_told_in_words_and_leaves_nothing_open(tmp_path):
    (tmp_path / FILES[Lens.RESTRICTED]).write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable, match="warehouse_confidential") as told:
        open_store(tmp_path, Lens.RESTRICTED)
    assert "damaged" in told.value.do
    with open_store(tmp_path, Lens.PUBLIC) as store:  # its lock was given back
        assert store.known("raw_looks", "look_sha") == frozenset()


def test_a_reader_cannot_write(tmp_path):
    with open_store(tmp_path, Lens.PUBLIC) as store:
        gazette.fill(store, [gazette.parsed(b"1", gazette.at(22))])
    with open_store(tmp_path, Lens.PUBLIC, read_only=True) as store:
        assert store.query("core_payloads", as_of=gazette.at(23)).height == 1
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            gazette.fill(store, [gazette.parsed(b"2", gazette.at(22))])


def test_a_row_with_an_unknown_column_is_refused():
    with memory_store() as store:
        good = pl.DataFrame({"issue": ["2024-W04"], "lens": ["public"], "place": ["XAA"], "sent": [1]})
        assert store.insert("out_letters", good.select("sent", "place", "lens", "issue")) == 1
        assert store.dump("out_letters").rows() == [("2024-W04", "public", "XAA", 1)]
        with pytest.raises(ValueError, match="out_letters has no column send"):
            store.insert("out_letters", good.rename({"sent": "send"}))


@pytest.mark.parametrize("name", ["raw_looks; DROP TABLE raw_looks", "raw looks", "a.b", '"x"', ""])
def test_a_name_that_is_no_name_is_refused(name):
    with memory_store() as store, pytest.raises(ValueError, match="not a name"):
        store.dump(name)


def test_a_select_that_is_not_there_is_an_error():
    with pytest.raises(FileNotFoundError, match="core_nothing"):
        select("core_nothing")


@pytest.mark.parametrize(
    "name",
    sorted(path.stem for folder in ("models", "queries", "checks") for path in (connection.HERE / folder).glob("*")),
)
def test_every_select_runs_in_both_lenses_and_is_one_statement(name):
    for lens in Lens:
        with memory_store(lens) as store:
            found = store.query(name, as_of=gazette.at(22), issue="2024-W04", oldest="2024-W01", report_id="r1")
            assert found.is_empty()
            assert len(duckdb.extract_statements(select(name))) == 1


def test_a_migration_that_fails_leaves_nothing(tmp_path):
    (tmp_path / "0001_good.sql").write_text("CREATE TABLE good (a INTEGER); INSERT INTO good VALUES (1);", "utf-8")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE half (a INTEGER); INSERT INTO missing VALUES (1);", "utf-8")
    with duckdb.connect(":memory:") as opened:
        with pytest.raises(duckdb.CatalogException):
            migrate(opened, tmp_path)
        tables = {name for (name,) in opened.sql("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert tables == {"good", "schema_migrations"}
        (tmp_path / "0002_bad.sql").write_text("CREATE TABLE half (a INTEGER);", "utf-8")
        assert migrate(opened, tmp_path) == ("0002_bad",)
        assert migrate(opened, tmp_path) == ()
        assert opened.sql("SELECT a FROM good").fetchall() == [(1,)]


def test_rows_of_an_older_version_survive_every_later_migration(tmp_path):
    """An office's file is years old: each migration meets tables that hold rows."""
    for one in sorted(MIGRATIONS.glob("*.sql"))[:3]:
        shutil.copy(one, tmp_path / one.name)
    file = tmp_path / "old.duckdb"
    with duckdb.connect(str(file)) as opened:
        migrate(opened, tmp_path)
        opened.execute(
            "INSERT INTO out_series BY NAME SELECT '2024-W04' AS issue, 'public' AS lens, 's' AS series_id, "
            "'XRU' AS place, 'T01' AS \"trigger\", '' AS source_id, 'incidents' AS indicator, 'incidents' AS unit, "
            "'week' AS period, 'old' AS \"method\", true AS alarm, false AS stale, 'no' AS \"offset\", "
            "'' AS \"label\", '' AS basis, ['XGE'] AS shared_with"
        )
        opened.execute(
            "INSERT INTO out_points BY NAME SELECT '2024-W04' AS issue, 'public' AS lens, 's' AS series_id, "
            "DATE '2024-01-22' AS period_start, 3.0 AS observed"
        )
    with duckdb.connect(str(file)) as opened:
        migrate(opened)
        (series,) = opened.sql('SELECT place, "method", sudden, p_offset FROM out_series').fetchall()
        assert series == ("XRU", "old", False, None)
        assert opened.sql("SELECT observed, late_low FROM out_points").fetchall() == [(3.0, None)]


def test_a_first_migration_that_failed_is_done_by_the_next_stage(tmp_path, monkeypatch):
    def fail(_opened: duckdb.DuckDBPyConnection) -> None:
        raise RuntimeError("no space left")

    monkeypatch.setattr(connection, "migrate", fail)
    with pytest.raises(RuntimeError):
        open_store(tmp_path, Lens.PUBLIC)
    monkeypatch.undo()
    with open_store(tmp_path, Lens.PUBLIC) as store:
        assert store.dump("raw_payloads").is_empty()


def test_a_transaction_is_whole_or_nothing():
    with memory_store() as store:
        letters = pl.DataFrame({"issue": ["2024-W04"], "lens": ["public"], "place": ["XAA"], "sent": [1]})

        def stop_in_the_middle() -> None:
            with store.transaction():
                store.insert("out_letters", letters)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            stop_in_the_middle()
        assert store.dump("out_letters").is_empty()
        with store.transaction():
            store.insert("out_letters", letters)
            store.delete_issue("out_letters", issue="2024-W03")
        assert store.dump("out_letters").height == 1
        store.delete_issue("out_letters", issue="2024-W04")
        assert store.dump("out_letters").is_empty()


def test_a_store_is_closed_when_a_stage_ends(tmp_path):
    with open_store(tmp_path, Lens.RESTRICTED) as store:
        pass
    assert isinstance(store, Store)
    for opened in store._files.values():
        with pytest.raises(duckdb.ConnectionException):
            opened.sql("SELECT 1")
    assert not list(tmp_path.glob("*.wal"))


def test_a_select_without_parameters_runs_too():
    with duckdb.connect(":memory:") as opened:
        assert frame(opened, "SELECT 1 AS one").rows() == [(1,)]


def test_only_the_warehouse_imports_duckdb(root: Path):
    rooms = ("dags", "horizon", "review", "collectors", "scoring", "briefs", "alerts", "domain")
    found = [
        path for room in rooms for path in (root / room).rglob("*.py") if "import duckdb" in path.read_text("utf-8")
    ]
    assert found == []
