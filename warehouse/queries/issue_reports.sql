-- The reports behind the incidents of one issue of this lens, the first known in front.
SELECT * EXCLUDE (issue, lens)
FROM out_reports
WHERE issue = $issue
ORDER BY incident_id, collected_at, report_id
