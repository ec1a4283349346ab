-- Reports of which a page may show no publisher, no words, no place below the State and no day.
SELECT DISTINCT report_id
FROM raw_reports
WHERE lens <> 'public' OR source_sharing <> 'clear' OR consent_scope <> 'public'
ORDER BY report_id
