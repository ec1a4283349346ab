-- What a decision says beyond its name, for the acts of triage, and which of an object's decisions it is.
-- Decisions are landing records: the next load brings those back that were loaded without either.
DELETE FROM raw_decisions;
ALTER TABLE raw_decisions ADD COLUMN content VARCHAR DEFAULT '';
ALTER TABLE raw_decisions ADD COLUMN version BIGINT DEFAULT 0;
