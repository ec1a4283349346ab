-- The states of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_states
WHERE issue = $issue
ORDER BY place
