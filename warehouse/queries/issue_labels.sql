-- The labels of the reports of one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_labels
WHERE issue = $issue
ORDER BY incident_id, report_id, "trigger", rule, "start", outcome, victim
