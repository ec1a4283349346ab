-- Whether any row of a report is here.
SELECT DISTINCT report_id
FROM raw_reports
WHERE report_id = $report_id
