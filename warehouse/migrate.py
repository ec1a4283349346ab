"""Migrations: plain .sql files, applied once each, in order, all or nothing."""

from pathlib import Path

import duckdb

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(connection: duckdb.DuckDBPyConnection, folder: Path = MIGRATIONS) -> tuple[str, ...]:
    """Apply what is new; gives the names applied."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR PRIMARY KEY)")
    new = find_new(connection, folder)
    for path in new:
        connection.execute("BEGIN")
        try:
            connection.execute(path.read_text("utf-8"))
            connection.execute("INSERT INTO schema_migrations VALUES ($name)", {"name": path.stem})
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    return tuple(path.stem for path in new)


def find_new(connection: duckdb.DuckDBPyConnection, folder: Path = MIGRATIONS) -> tuple[Path, ...]:
    """What this file has not had yet: an older version of this software wrote it."""
    done = {name for (name,) in connection.execute("SELECT name FROM schema_migrations").fetchall()}
    return tuple(path for path in sorted(folder.glob("*.sql")) if path.stem not in done)
