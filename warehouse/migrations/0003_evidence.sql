-- Why each number stands: the reports of every incident with their origins, the labels with their words, and how much
-- was heard. Added to the run; nothing before it changes.
CREATE TABLE out_reports (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    incident_id VARCHAR NOT NULL,
    report_id VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    source_class VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    joined VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    published_at TIMESTAMPTZ,
    collected_at TIMESTAMPTZ NOT NULL,
    payload_sha VARCHAR NOT NULL
);

CREATE TABLE out_labels (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    incident_id VARCHAR NOT NULL,
    report_id VARCHAR NOT NULL,
    "trigger" VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    victim VARCHAR NOT NULL,
    persons INTEGER,
    field VARCHAR NOT NULL,
    words VARCHAR NOT NULL,
    "start" INTEGER,
    "end" INTEGER,
    why VARCHAR NOT NULL
);

CREATE TABLE out_exposure (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    week DATE NOT NULL,
    source_class VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    reports INTEGER NOT NULL,
    own INTEGER NOT NULL,
    unread INTEGER NOT NULL
);
