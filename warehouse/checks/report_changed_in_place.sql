-- level: info
-- The same reference with other content is a new version; the old one stays and can be asked for.
SELECT source_id, source_ref AS record, count(DISTINCT version) || ' versions' AS evidence
FROM raw_reports
WHERE collected_at <= $as_of
GROUP BY source_id, source_ref
HAVING count(DISTINCT version) > 1
ORDER BY source_id, record
