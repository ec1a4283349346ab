"""The only place that opens DuckDB: two files, one for each lens, locked down before anything is read.

One process at a time may write a file, and while it does no other can even read it: a connection lives for one
stage. The public lens never opens the confidential file.

Where keys were made (`warehouse.sealed`), the confidential file is encrypted by DuckDB under a key of its own: it is
attached to a connection that lives in memory. Writing such a file well takes DuckDB's extension httpfs, which installs
as a package for 1.5 and brings OpenSSL; without it DuckDB writes with its own library, whose random numbers it calls
unsafe itself, and `cipher` says so. Reading takes neither.
"""

import contextlib
import importlib.util
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import polars as pl

from domain.classification import Lens
from domain.errors import Unavailable
from domain.given import PREFIX, may_be_used
from domain.review import Act
from domain.signal import Fact
from warehouse.migrate import find_new, migrate
from warehouse.sealed import KeyLost, find_vault

HERE = Path(__file__).parent
ATTACHED = "confidential"
REPORT = "report/"  # what a decision on a report calls its object, before the report's id
FILES = {Lens.PUBLIC: "warehouse.duckdb", Lens.RESTRICTED: "warehouse_confidential.duckdb"}

Value = str | int | float | bool | date | datetime | None | list[str]


class Store:
    """The warehouse as one lens sees it. Writes of a lens go to its own file; the restricted lens reads both."""

    def __init__(self, lens: Lens, files: Mapping[Lens, duckdb.DuckDBPyConnection]) -> None:
        self.lens = lens
        self._files = files

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for connection in self._files.values():
            connection.close()

    def query(self, name: str, **params: Value) -> pl.DataFrame:
        """Run one SELECT of warehouse/models, checks or queries over every file that this lens may see."""
        sql = select(name)
        used = {key: value for key, value in params.items() if f"${key}" in sql}
        found = pl.concat([frame(connection, sql, used) for connection in self._files.values()])
        return self._usable(found, params["as_of"]) if name == "core_reports" else found

    @property
    def behind(self) -> bool:
        """Whether an older version of this software wrote it, and nobody has migrated it since."""
        return any(find_new(connection) for connection in self._files.values())

    def query_own(self, name: str, **params: Value) -> pl.DataFrame:
        """The same over this lens's own file alone: what its own runs wrote."""
        sql = select(name)
        used = {key: value for key, value in params.items() if f"${key}" in sql}
        return frame(self._files[self.lens], sql, used)

    def _usable(self, reports: pl.DataFrame, as_of: Value) -> pl.DataFrame:
        """Reports without those that were withdrawn by then, and without given ones that consent does not let out."""
        if not isinstance(as_of, datetime):
            raise TypeError("as_of is an instant")
        gone = withdrawn_reports(self.query("core_decisions", as_of=as_of))
        given = reports.filter(pl.col("source_id").str.starts_with(PREFIX))
        held = [
            row["report_id"]
            for row in given.iter_rows(named=True)
            if row["source_ref"] in gone or not may_be_used(_facts(row["facts"]), as_of.date())
        ]
        return reports.filter(~pl.col("report_id").is_in([*gone, *held])) if gone or held else reports

    def known(self, table: str, column: str) -> frozenset[str]:
        """All values of one text column in this lens's own file."""
        sql = f"SELECT DISTINCT {_name(column)} AS value FROM {_name(table)}"  # noqa: S608  (checked names)
        rows = frame(self._files[self.lens], sql, {})
        return frozenset(rows["value"].to_list())

    def dump(self, table: str) -> pl.DataFrame:
        """A whole table of this lens's own file, sorted by all its columns: for comparing two warehouses."""
        sql = f"SELECT * FROM {_name(table)} ORDER BY ALL"  # noqa: S608  (a checked name)
        return frame(self._files[self.lens], sql, {})

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing is."""
        own = self._files[self.lens]
        own.execute("BEGIN")
        try:
            yield
        except BaseException:
            own.execute("ROLLBACK")
            raise
        own.execute("COMMIT")

    def insert(self, table: str, rows: pl.DataFrame) -> int:
        """Append rows; columns are matched by name, so a wrong name is an error and never a shifted column."""
        if rows.is_empty():
            return 0
        own = self._files[self.lens]
        columns = own.sql(f"SELECT * FROM {_name(table)} LIMIT 0").columns  # noqa: S608  (checked name)
        unknown = sorted(set(rows.columns) - set(columns))
        if unknown:
            raise ValueError(f"{table} has no column {', '.join(unknown)}")
        missing = [pl.lit(None).alias(name) for name in columns if name not in rows.columns]
        # Arrow and not a registered frame: DuckDB would hold every frame until the transaction ends.
        own.from_arrow(rows.with_columns(missing).select(columns).to_arrow()).insert_into(_name(table))
        return rows.height

    def delete_issue(self, table: str, *, issue: str) -> None:
        """Take out one issue of this lens, before the same issue is written anew."""
        own = self._files[self.lens]
        own.execute(
            f"DELETE FROM {_name(table)} WHERE issue = $issue AND lens = $lens",  # noqa: S608
            {"issue": issue, "lens": self.lens.value},
        )


def open_store(var: Path, lens: Lens, *, read_only: bool = False) -> Store:
    """Open the warehouse for one stage, migrated and locked down."""
    var.mkdir(parents=True, exist_ok=True)
    wanted = [Lens.PUBLIC] if lens is Lens.PUBLIC else [Lens.PUBLIC, Lens.RESTRICTED]
    files: dict[Lens, duckdb.DuckDBPyConnection] = {}
    try:
        for one in wanted:
            keys = _keys(var) if one is Lens.RESTRICTED else ()
            path = var / FILES[one]
            files[one] = _open_sealed(path, keys, read_only=read_only) if keys else _open(path, read_only=read_only)
    except BaseException:
        for connection in files.values():
            connection.close()
        raise
    return Store(lens, files)


def withdrawn_reports(decisions: pl.DataFrame) -> frozenset[str]:
    """The ids of reports that people withdrew: of rows, or those under which they were taken in."""
    objects = decisions.filter(pl.col("act") == Act.WITHDRAW.value)["object_id"].to_list()
    return frozenset(one.removeprefix(REPORT) for one in objects if one.startswith(REPORT))


def memory_store(lens: Lens = Lens.PUBLIC) -> Store:
    """A warehouse that lives in memory, for tests and for replays that leave nothing behind."""
    wanted = [Lens.PUBLIC] if lens is Lens.PUBLIC else [Lens.PUBLIC, Lens.RESTRICTED]
    files = {}
    for one in wanted:
        files[one] = duckdb.connect(":memory:")
        migrate(files[one])
        _lock_down(files[one], Path.cwd())
    return Store(lens, files)


def frame(connection: duckdb.DuckDBPyConnection, sql: str, params: Mapping[str, Value] | None = None) -> pl.DataFrame:
    """Run one SELECT; `con.sql` with parameters works on DuckDB 1.5 and 2.0 alike."""
    relation = connection.sql(sql, params=dict(params)) if params else connection.sql(sql)
    return relation.pl()


def select(name: str) -> str:
    """The text of one .sql file, by its name without folder and suffix."""
    for folder in ("models", "queries", "checks"):
        path = HERE / folder / f"{name}.sql"
        if path.is_file():
            return path.read_text("utf-8")
    raise FileNotFoundError(f"there is no SELECT named {name} in warehouse/")


def check_names() -> Sequence[str]:
    """All checks: each is a SELECT that returns the rows that fail."""
    return sorted(path.stem for path in (HERE / "checks").glob("*.sql"))


def cipher() -> str:
    """What encrypts a confidential file here, in words."""
    if _extension() is not None:
        return "AES-256-GCM by OpenSSL (DuckDB's extension httpfs)"
    return "AES-256-GCM by DuckDB's own library, whose random numbers are weak: install duckdb-extension-httpfs"


def encrypt_file(var: Path) -> bool:
    """Put an encrypted copy in the place of a confidential file from before the keys; False when there is none."""
    path, keys = var / FILES[Lens.RESTRICTED], _keys(var)
    if not keys or not path.exists() or not _is_plain(path):
        return False
    beside = path.with_name(f".{path.name}.sealing")
    beside.unlink(missing_ok=True)
    connection = _with_cipher()
    try:
        connection.execute(f"ATTACH '{_quoted(path)}' AS before (READ_ONLY)")
        _attach(connection, beside, keys[0], read_only=False)
        connection.execute(f"COPY FROM DATABASE before TO {ATTACHED}")
    finally:
        connection.close()
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    beside.replace(path)
    return True


def _keys(var: Path) -> tuple[str, ...]:
    """The keys that the confidential file of this folder may be under, the newest first; none were ever made: none."""
    vault = find_vault(var)
    return () if vault is None else tuple(vault.key(slot).hex() for slot in vault.warehouse_slots())


def _open_sealed(path: Path, keys: Sequence[str], *, read_only: bool) -> duckdb.DuckDBPyConnection:
    there = path.exists()
    if there and _is_plain(path):
        raise Unavailable(
            f"The warehouse {path.name} is not encrypted, and keys were made.",
            why="It is from before the keys, or was put here by hand.",
            do="Run `horizon load --rebuild`, or `horizon keys encrypt`.",
        )
    connection = _with_cipher()
    try:
        for key in keys if there else keys[:1]:
            try:
                _attach(connection, path, key, read_only=read_only and there)
            except duckdb.InvalidInputException:
                continue  # under another key: a rebuild was killed before it dropped the old one
            connection.execute(f"USE {ATTACHED}")
            break
        else:
            raise KeyLost(
                f"The warehouse {path.name} does not open with the keys that are here.",
                why="It was written under other keys.",
                do="Restore the keys it was written with, or build it anew with `horizon load --rebuild`.",
            )
        if not read_only or not there:
            migrate(connection)
        _lock_down(connection, path.parent)
    except duckdb.IOException as error:
        connection.close()
        raise _unavailable(path, error) from None
    except BaseException:
        connection.close()
        raise
    return connection


def _with_cipher() -> duckdb.DuckDBPyConnection:
    """A connection in memory that can write encrypted files; what does not fit into memory is not written elsewhere."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET temp_directory = ''")
    extension = _extension()
    if extension is not None:
        connection.execute(f"LOAD '{_quoted(extension)}'")
    else:
        connection.execute("SET force_mbedtls_unsafe = 'true'")
    return connection


def _extension() -> Path | None:
    """DuckDB's httpfs for exactly this version, where it is installed as a package; DuckDB checks its signature."""
    found = importlib.util.find_spec("duckdb_extension_httpfs")
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        path = Path(folder) / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
        if path.is_file():
            return path
    return None


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, key: str, *, read_only: bool) -> None:
    options = f"ENCRYPTION_KEY '{key}', ENCRYPTION_CIPHER 'GCM'" + (", READ_ONLY" if read_only else "")
    connection.execute(f"ATTACH '{_quoted(path)}' AS {ATTACHED} ({options})")


def _is_plain(path: Path) -> bool:
    """Whether a file opens without a key."""
    try:
        with duckdb.connect(str(path), read_only=True):
            return True
    except duckdb.CatalogException:
        return False
    except duckdb.IOException as error:
        raise _unavailable(path, error) from error


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _unavailable(path: Path, error: duckdb.IOException) -> Unavailable:
    return Unavailable(
        f"The warehouse {path.name} cannot be opened.",
        why=str(error).splitlines()[0],
        do="Wait for the stage that holds it, or stop that process; then run this again. If the file is damaged, "
        "move it away and build it anew from landing with `horizon load --rebuild`.",
    )


def _open(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        if not path.exists():
            with duckdb.connect(str(path)) as fresh:
                fresh.execute("SET TimeZone = 'UTC'")
                migrate(fresh)
        connection = duckdb.connect(str(path), read_only=read_only)
    except duckdb.IOException as error:
        raise _unavailable(path, error) from error
    except duckdb.CatalogException:
        raise KeyLost(
            f"The warehouse {path.name} is encrypted, and nothing says where its key lies.",
            why="sealed.json is gone.",
            do="Restore sealed.json from a backup; see docs/keys.md.",
        ) from None
    if not read_only:
        migrate(connection)
    _lock_down(connection, path.parent)
    return connection


def _lock_down(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """No files, no network, no Python variables from SQL; the order is part of it (docs/adr/0002-duckdb.md)."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET allowed_directories = [$folder]", {"folder": str(folder)})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET lock_configuration = true")


def _facts(told: str) -> list[Fact]:
    return [Fact(name=name, value=value) for name, value in json.loads(told).items()]


def _name(identifier: str) -> str:
    if not identifier.replace("_", "").isalnum():
        raise ValueError(f"{identifier!r} is not a name of a table or column")
    return identifier
