-- Every look at a source up to $as_of; a payload that could not be read turns an 'ok' into what it was.
WITH readings AS (
    SELECT
        look.look_sha,
        sum(payload.reports + payload.observations) AS items,
        sum(payload.errors) AS errors
    FROM (SELECT look_sha, source_id, unnest(payloads) AS payload_sha FROM raw_looks) AS look
    JOIN raw_payloads AS payload USING (source_id, payload_sha)
    GROUP BY look.look_sha
)
SELECT
    look.source_id,
    look.looked_at,
    CASE
        WHEN look.state IN ('ok', 'unchanged') AND readings.errors > 0 AND readings.items = 0 THEN 'shape changed'
        WHEN look.state = 'ok' AND readings.items = 0 THEN 'empty'
        ELSE look.state
    END AS state,
    look.detail,
    look.payloads
FROM raw_looks AS look
LEFT JOIN readings USING (look_sha)
WHERE look.looked_at <= $as_of
ORDER BY look.source_id, look.looked_at, look.look_sha
