-- The ledger: every warning with its horizon when it is made, and what is known of events at each issue.
CREATE TABLE out_warnings (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    situation_id VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    confirmed VARCHAR,
    made_at TIMESTAMPTZ NOT NULL,
    horizon_days INTEGER NOT NULL,
    ends_on DATE NOT NULL,
    rules VARCHAR[] NOT NULL,
    triggers VARCHAR[] NOT NULL
);

CREATE TABLE out_events (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    began_on DATE NOT NULL,
    source_id VARCHAR NOT NULL,
    "value" DOUBLE NOT NULL,
    usual DOUBLE NOT NULL
);

CREATE TABLE out_watched (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    "first" DATE NOT NULL,
    "last" DATE NOT NULL
);
