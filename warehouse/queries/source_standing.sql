-- Each source as it stands: its newest signal, and its newest payload beside those before it.
WITH payloads AS (
    SELECT
        source_id,
        reports + observations AS items,
        row_number() OVER (PARTITION BY source_id ORDER BY collected_at DESC, payload_sha DESC) AS age
    FROM raw_payloads
),
volumes AS (
    SELECT
        source_id,
        max(items) FILTER (WHERE age = 1) AS items,
        min(items) FILTER (WHERE age > 1) AS least,
        max(items) FILTER (WHERE age > 1) AS most
    FROM payloads
    GROUP BY source_id
),
days AS (
    SELECT source_id, coalesce(occurred_on, CAST(published_at AS DATE)) AS day FROM raw_reports
    UNION ALL
    SELECT source_id, period_start AS day FROM raw_observations WHERE value IS NOT NULL
),
newest AS (
    SELECT source_id, max(day) AS last_item FROM days GROUP BY source_id
)
SELECT source_id, last_item, items, least, most
FROM volumes
LEFT JOIN newest USING (source_id)
ORDER BY source_id
