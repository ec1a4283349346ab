-- The two views of a surge, the view that allows for report volume, and what late reports may yet add. The tables are
-- made anew: DuckDB alters a table that holds rows only once in a transaction.
CREATE TABLE out_series_wider (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    "trigger" VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    indicator VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    period_start DATE,
    observed DOUBLE,
    expected DOUBLE,
    lower DOUBLE,
    upper DOUBLE,
    p_value DOUBLE,
    method VARCHAR NOT NULL,
    alarm BOOLEAN NOT NULL,
    stale BOOLEAN NOT NULL,
    "offset" VARCHAR NOT NULL,
    smallest_rise INTEGER,
    label VARCHAR NOT NULL,
    basis VARCHAR NOT NULL,
    shared_with VARCHAR[] NOT NULL,
    sudden BOOLEAN NOT NULL DEFAULT false,
    sustained BOOLEAN NOT NULL DEFAULT false,
    p_sudden DOUBLE,
    p_sustained DOUBLE,
    p_offset DOUBLE,
    offset_expected DOUBLE,
    offset_lower DOUBLE,
    offset_upper DOUBLE,
    share_here DOUBLE
);
INSERT INTO out_series_wider BY NAME SELECT * FROM out_series;
DROP TABLE out_series;
ALTER TABLE out_series_wider RENAME TO out_series;

CREATE TABLE out_points_wider (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    period_start DATE NOT NULL,
    observed DOUBLE,
    expected DOUBLE,
    upper DOUBLE,
    late_low DOUBLE,
    late_high DOUBLE
);
INSERT INTO out_points_wider BY NAME SELECT * FROM out_points;
DROP TABLE out_points;
ALTER TABLE out_points_wider RENAME TO out_points;
