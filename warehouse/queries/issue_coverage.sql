-- The coverage of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_coverage
WHERE issue = $issue
ORDER BY place
