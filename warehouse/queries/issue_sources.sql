-- The sources of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_sources
WHERE issue = $issue
ORDER BY source_id
