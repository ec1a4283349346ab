-- Each payload of counts as a vintage: how far it reaches, and how far the ones before it reached.
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
    *,
    max(newest_period) OVER (
        PARTITION BY source_id
        ORDER BY collected_at, payload_sha
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reached_before
FROM vintages
ORDER BY source_id, collected_at, payload_sha
