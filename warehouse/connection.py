"""The only place that opens DuckDB: two files, one for each lens, locked down before anything is read.

One process at a time may write a file, and while it does no other can even read it: a connection lives for one
stage. The public lens never opens the confidential file.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import polars as pl

from domain.classification import Lens
from domain.errors import Unavailable
from warehouse.migrate import migrate

HERE = Path(__file__).parent
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
        return pl.concat([frame(connection, sql, used) for connection in self._files.values()])

    def query_own(self, name: str, **params: Value) -> pl.DataFrame:
        """The same over this lens's own file alone: what its own runs wrote."""
        sql = select(name)
        used = {key: value for key, value in params.items() if f"${key}" in sql}
        return frame(self._files[self.lens], sql, used)

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
            files[one] = _open(var / FILES[one], read_only=read_only)
    except BaseException:
        for connection in files.values():
            connection.close()
        raise
    return Store(lens, files)


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


def _open(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    try:
        if not path.exists():
            with duckdb.connect(str(path)) as fresh:
                fresh.execute("SET TimeZone = 'UTC'")
                migrate(fresh)
        connection = duckdb.connect(str(path), read_only=read_only)
    except duckdb.IOException as error:
        raise Unavailable(
            f"The warehouse {path.name} cannot be opened.",
            why=str(error).splitlines()[0],
            do="Wait for the stage that holds it, or stop that process; then run this again. If the file is damaged, "
            "move it away and build it anew from landing with `horizon load --rebuild`.",
        ) from error
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


def _name(identifier: str) -> str:
    if not identifier.replace("_", "").isalnum():
        raise ValueError(f"{identifier!r} is not a name of a table or column")
    return identifier
