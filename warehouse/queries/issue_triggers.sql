-- The triggers of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_triggers
WHERE issue = $issue
ORDER BY place, "trigger"
