-- What texts may be for a State: calls and mentions, as proposed, with the sentence.
CREATE TABLE out_calls (
    issue VARCHAR NOT NULL,
    lens VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    report_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    office VARCHAR NOT NULL,
    said_on DATE NOT NULL,
    sentence VARCHAR NOT NULL,
    url VARCHAR NOT NULL
);
