-- The codings of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_codings
WHERE issue = $issue
ORDER BY incident_id, "trigger", outcome, victim
