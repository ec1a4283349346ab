-- Each sighting of counts as a vintage: how far it reaches, and how far the ones before it reached.
WITH sightings AS (
    SELECT source_id, payload_sha, collected_at AS seen_at FROM raw_payloads WHERE collected_at <= $as_of
    UNION
    SELECT source_id, unnest(payloads) AS payload_sha, looked_at AS seen_at FROM raw_looks WHERE looked_at <= $as_of
),
reaches AS (
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
    payload_sha,
    collected_at,
    newest_period,
    max(newest_period) OVER (
        PARTITION BY source_id
        ORDER BY seen_at, payload_sha
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reached_before
FROM sightings
JOIN reaches USING (source_id, payload_sha)
ORDER BY source_id, seen_at, payload_sha
