-- level: warn
-- Silence is data: a payload a fifth below the least, or above twice the most, that this source gave before.
WITH payloads AS (
    SELECT
        source_id,
        collected_at,
        reports + observations AS items,
        row_number() OVER (PARTITION BY source_id ORDER BY collected_at DESC, payload_sha DESC) AS age
    FROM raw_payloads
    WHERE collected_at <= $as_of AND errors = 0
),
volumes AS (
    SELECT
        source_id,
        max(collected_at) AS collected_at,
        max(items) FILTER (WHERE age = 1) AS items,
        min(items) FILTER (WHERE age > 1) AS least,
        max(items) FILTER (WHERE age > 1) AS most,
        count(*) FILTER (WHERE age > 1) AS earlier
    FROM payloads
    GROUP BY source_id
)
SELECT
    source_id,
    strftime(collected_at, '%Y-%m-%d') AS record,
    items || ' items, ' || least || ' to ' || most || ' in ' || earlier || ' payloads before' AS evidence
FROM volumes
WHERE earlier >= 4 AND (items < 0.8 * least OR items > 2 * most)
ORDER BY source_id
