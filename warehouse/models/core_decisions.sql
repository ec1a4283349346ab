-- Decisions of named people, oldest first.
SELECT * EXCLUDE (classification, source_sharing, consent_scope, valid_from)
FROM raw_decisions
WHERE decided_at <= $as_of
ORDER BY decided_at, decision_sha
