-- Payloads already in this file.
SELECT source_id || '/' || payload_sha AS key
FROM raw_payloads
ORDER BY key
