-- Rows as the parsers read them. Every row carries its protection and the hash of the record it came from.
CREATE TABLE raw_payloads (
    payload_sha VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    status INTEGER NOT NULL,
    media_type VARCHAR NOT NULL,
    collected_at TIMESTAMPTZ NOT NULL,
    basis VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    reports INTEGER NOT NULL,
    observations INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    lens VARCHAR NOT NULL,
    classification VARCHAR NOT NULL,
    source_sharing VARCHAR NOT NULL,
    consent_scope VARCHAR NOT NULL,
    valid_from DATE NOT NULL,
    PRIMARY KEY (source_id, payload_sha)
);

CREATE TABLE raw_looks (
    look_sha VARCHAR PRIMARY KEY,
    source_id VARCHAR NOT NULL,
    looked_at TIMESTAMPTZ NOT NULL,
    state VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    payloads VARCHAR[] NOT NULL,
    lens VARCHAR NOT NULL,
    classification VARCHAR NOT NULL,
    source_sharing VARCHAR NOT NULL,
    consent_scope VARCHAR NOT NULL,
    valid_from DATE NOT NULL
);

CREATE TABLE raw_reports (
    report_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    payload_sha VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    source_ref VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    collected_at TIMESTAMPTZ NOT NULL,
    published_at TIMESTAMPTZ,
    occurred_on DATE,
    place VARCHAR NOT NULL,
    addressee VARCHAR NOT NULL,
    first_level VARCHAR NOT NULL,
    actor VARCHAR NOT NULL,
    victim VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    facts VARCHAR NOT NULL,
    basis VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    classification VARCHAR NOT NULL,
    source_sharing VARCHAR NOT NULL,
    consent_scope VARCHAR NOT NULL,
    valid_from DATE NOT NULL,
    PRIMARY KEY (report_id, version, payload_sha)
);

CREATE TABLE raw_observations (
    payload_sha VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    indicator VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    period_kind VARCHAR NOT NULL,
    period_start DATE NOT NULL,
    value DOUBLE,
    unit VARCHAR NOT NULL,
    collected_at TIMESTAMPTZ NOT NULL,
    published_at TIMESTAMPTZ,
    basis VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    classification VARCHAR NOT NULL,
    source_sharing VARCHAR NOT NULL,
    consent_scope VARCHAR NOT NULL,
    valid_from DATE NOT NULL
);

CREATE TABLE raw_defects (
    payload_sha VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    check_name VARCHAR NOT NULL,
    record VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    lens VARCHAR NOT NULL,
    classification VARCHAR NOT NULL,
    source_sharing VARCHAR NOT NULL,
    consent_scope VARCHAR NOT NULL,
    valid_from DATE NOT NULL
);

CREATE TABLE raw_decisions (
    decision_sha VARCHAR PRIMARY KEY,
    act VARCHAR NOT NULL,
    object_id VARCHAR NOT NULL,
    object_hash VARCHAR NOT NULL,
    decided_by VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    author VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    decided_at TIMESTAMPTZ NOT NULL,
    authentication VARCHAR NOT NULL,
    operating_system_user VARCHAR NOT NULL,
    previous VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    classification VARCHAR NOT NULL,
    source_sharing VARCHAR NOT NULL,
    consent_scope VARCHAR NOT NULL,
    valid_from DATE NOT NULL
);
