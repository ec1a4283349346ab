-- The warnings that one issue of this lens made.
SELECT * EXCLUDE (lens)
FROM out_warnings
WHERE issue = $issue
ORDER BY place, situation_id, horizon_days
