-- The defects of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_defects
WHERE issue = $issue
ORDER BY source_id, level, check_name, record, evidence
