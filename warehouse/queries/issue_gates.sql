-- The gates of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_gates
WHERE issue = $issue
ORDER BY place, gate
