-- The series of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_series
WHERE issue = $issue
ORDER BY series_id
