-- Every published count as it read at $as_of. A vintage that steps backwards is a defect and is not used.
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
        payload_sha,
        seen_at,
        newest_period,
        max(newest_period) OVER (
            PARTITION BY source_id
            ORDER BY seen_at, payload_sha
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_before
    FROM sightings
    JOIN reaches USING (source_id, payload_sha)
),
sound AS (
    SELECT source_id, payload_sha, max(seen_at) AS last_seen_at
    FROM vintages
    WHERE reached_before IS NULL OR newest_period >= reached_before
    GROUP BY source_id, payload_sha
),
versions AS (
    SELECT
        observation.*,
        row_number() OVER (
            PARTITION BY observation.source_id, indicator, place, period_kind, period_start
            ORDER BY last_seen_at DESC, observation.collected_at DESC, payload_sha
        ) AS age
    FROM raw_observations AS observation
    JOIN sound USING (source_id, payload_sha)
    WHERE observation.collected_at <= $as_of
)
SELECT source_id, indicator, place, period_kind, period_start, value, unit, collected_at, published_at, basis,
    payload_sha
FROM versions
WHERE age = 1
ORDER BY source_id, indicator, place, period_start
