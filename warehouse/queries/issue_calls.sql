-- Calls and mentions of one issue of this lens, as proposed.
SELECT * EXCLUDE (issue, lens)
FROM out_calls
WHERE issue = $issue
ORDER BY place, said_on, report_id
