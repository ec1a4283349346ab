-- level: error
-- A vintage that ends before an older one did is a broken upstream run: its values are not used.
WITH sightings AS (
    SELECT source_id, payload_sha, collected_at AS seen_at FROM raw_payloads WHERE collected_at <= $as_of
    UNION
    SELECT source_id, unnest(payloads) AS payload_sha, looked_at AS seen_at FROM raw_looks WHERE looked_at <= $as_of
),
reaches AS (
    SELECT source_id, payload_sha, max(period_start) FILTER (WHERE value IS NOT NULL) AS newest_period
    FROM raw_observations
    WHERE collected_at <= $as_of
    GROUP BY source_id, payload_sha
),
vintages AS (
    SELECT
        source_id,
        seen_at,
        newest_period,
        max(newest_period) OVER (
            PARTITION BY source_id
            ORDER BY seen_at, payload_sha
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_before
    FROM sightings
    JOIN reaches USING (source_id, payload_sha)
)
SELECT DISTINCT
    source_id,
    strftime(seen_at, '%Y-%m-%d') AS record,
    coalesce('ends ' || newest_period, 'holds no value') || ', an older vintage ended ' || reached_before AS evidence
FROM vintages
WHERE newest_period < reached_before OR (newest_period IS NULL AND reached_before IS NOT NULL)
ORDER BY source_id, record, evidence
