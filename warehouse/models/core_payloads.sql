-- Payloads known at $as_of, newest last.
SELECT payload_sha, source_id, url, collected_at, basis, size_bytes, reports, observations, errors
FROM raw_payloads
WHERE collected_at <= $as_of
ORDER BY source_id, collected_at, payload_sha
