-- level: error
-- A vintage that ends before an older one did is a broken upstream run: its values are not used.
WITH vintages AS (
    SELECT
        source_id,
        payload_sha,
        min(collected_at) AS collected_at,
        max(period_start) FILTER (WHERE value IS NOT NULL) AS newest_period
    FROM raw_observations
    WHERE collected_at <= $as_of
    GROUP BY source_id, payload_sha
)
SELECT
    source_id,
    strftime(collected_at, '%Y-%m-%d') AS record,
    'ends ' || newest_period || ', an older vintage ended ' || reached_before AS evidence
FROM (
    SELECT
        *,
        max(newest_period) OVER (
            PARTITION BY source_id
            ORDER BY collected_at, payload_sha
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_before
    FROM vintages
)
WHERE newest_period < reached_before
ORDER BY source_id, record
