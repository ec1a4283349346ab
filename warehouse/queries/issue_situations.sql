-- The situations of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_situations
WHERE issue = $issue
ORDER BY place
