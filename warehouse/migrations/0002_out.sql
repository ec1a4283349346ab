-- What a run found. An issue and lens is replaced as a whole; columns are added later, never renamed.
CREATE TABLE out_issues (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    as_of TIMESTAMPTZ NOT NULL,
    method_version VARCHAR NOT NULL,
    code_version VARCHAR NOT NULL,
    PRIMARY KEY (issue, lens)
);

CREATE TABLE out_states (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    printed VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    phase VARCHAR,
    triggers_met VARCHAR[] NOT NULL,
    coverage VARCHAR NOT NULL,
    smallest_rise INTEGER,
    last_look VARCHAR NOT NULL
);

CREATE TABLE out_triggers (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    "trigger" VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    window_weeks INTEGER NOT NULL,
    incidents VARCHAR[] NOT NULL,
    count INTEGER NOT NULL,
    persons INTEGER,
    origins VARCHAR[] NOT NULL,
    classes VARCHAR[] NOT NULL,
    alarm BOOLEAN NOT NULL,
    series VARCHAR[] NOT NULL
);

CREATE TABLE out_series (
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
    shared_with VARCHAR[] NOT NULL
);

CREATE TABLE out_points (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    period_start DATE NOT NULL,
    observed DOUBLE,
    expected DOUBLE,
    upper DOUBLE
);

CREATE TABLE out_coverage (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    coverage VARCHAR NOT NULL,
    covering VARCHAR[] NOT NULL,
    classes VARCHAR[] NOT NULL,
    items_4w INTEGER NOT NULL,
    failed VARCHAR[] NOT NULL,
    reason VARCHAR NOT NULL,
    smallest_rise INTEGER
);

CREATE TABLE out_gates (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    gate VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    incidents VARCHAR[] NOT NULL,
    triggers VARCHAR[] NOT NULL
);

CREATE TABLE out_situations (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    situation_id VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    phase VARCHAR NOT NULL,
    since VARCHAR NOT NULL,
    held_since VARCHAR NOT NULL,
    triggers VARCHAR[] NOT NULL,
    incidents VARCHAR[] NOT NULL,
    origins VARCHAR[] NOT NULL,
    classes VARCHAR[] NOT NULL,
    ceiling VARCHAR NOT NULL,
    reasons VARCHAR[] NOT NULL,
    would_raise VARCHAR NOT NULL,
    would_lower VARCHAR NOT NULL
);

CREATE TABLE out_incidents (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    incident_id VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    first_level VARCHAR NOT NULL,
    occurred_on DATE NOT NULL,
    date_inferred BOOLEAN NOT NULL,
    first_published_at TIMESTAMPTZ,
    first_known_at TIMESTAMPTZ NOT NULL,
    actor VARCHAR NOT NULL,
    actor_name VARCHAR NOT NULL,
    origins VARCHAR[] NOT NULL,
    classes VARCHAR[] NOT NULL,
    reports VARCHAR[] NOT NULL,
    sources VARCHAR[] NOT NULL
);

CREATE TABLE out_codings (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    incident_id VARCHAR NOT NULL,
    "trigger" VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    persons INTEGER,
    outcome VARCHAR NOT NULL,
    victim VARCHAR NOT NULL
);

CREATE TABLE out_defects (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    check_name VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL
);

CREATE TABLE out_sources (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    publisher VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    source_class VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    basis VARCHAR,
    last_look TIMESTAMPTZ,
    last_item VARCHAR NOT NULL,
    items INTEGER NOT NULL,
    url VARCHAR NOT NULL,
    licence VARCHAR NOT NULL,
    citation VARCHAR NOT NULL,
    languages VARCHAR[] NOT NULL,
    sha256 VARCHAR[] NOT NULL,
    collected_at TIMESTAMPTZ,
    real_payload BOOLEAN NOT NULL
);

CREATE TABLE out_letters (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    sent INTEGER NOT NULL
);
