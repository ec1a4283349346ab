-- The points of one issue of this lens.
SELECT series_id, period_start, observed, expected, upper, late_low, late_high
FROM out_points
WHERE issue = $issue
ORDER BY series_id, period_start
