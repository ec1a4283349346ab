-- What parsing found wrong, up to $as_of.
SELECT source_id, level, check_name, record, evidence
FROM raw_defects
WHERE seen_at <= $as_of
ORDER BY source_id, level, check_name, record, evidence
