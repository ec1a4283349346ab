-- How reports that people gave us are classified, each by its own record.
SELECT DISTINCT report_id, classification
FROM raw_reports
WHERE starts_with(source_id, 'given_')
ORDER BY report_id, classification
