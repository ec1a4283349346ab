-- level: error
-- A row without a landing record has no root and could not be defended.
SELECT report.source_id, report.source_ref AS record, report.payload_sha AS evidence
FROM raw_reports AS report
ANTI JOIN raw_payloads USING (source_id, payload_sha)
WHERE report.collected_at <= $as_of
ORDER BY report.source_id, record
