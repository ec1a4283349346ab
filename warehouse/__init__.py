"""The only code that opens DuckDB, and the landing that can rebuild it."""
