-- The incidents of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_incidents
WHERE issue = $issue
ORDER BY incident_id
