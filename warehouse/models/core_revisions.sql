-- The newest twelve months of each sound vintage of a monthly count, as that vintage gave them.
WITH sightings AS (
    SELECT source_id, payload_sha, collected_at AS seen_at FROM raw_payloads WHERE collected_at <= $as_of
    UNION
    SELECT source_id, unnest(payloads) AS payload_sha, looked_at AS seen_at FROM raw_looks WHERE looked_at <= $as_of
),
first_seen AS (
    SELECT source_id, payload_sha, min(seen_at) AS seen_at FROM sightings GROUP BY source_id, payload_sha
),
reaches AS (
    SELECT source_id, payload_sha, indicator, max(period_start) FILTER (WHERE value IS NOT NULL) AS newest_period
    FROM raw_observations
    WHERE collected_at <= $as_of AND period_kind = 'month'
    GROUP BY source_id, payload_sha, indicator
),
vintages AS (
    SELECT
        source_id,
        payload_sha,
        indicator,
        seen_at,
        newest_period,
        max(newest_period) OVER (
            PARTITION BY source_id, indicator
            ORDER BY seen_at, payload_sha
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS reached_before
    FROM first_seen
    JOIN reaches USING (source_id, payload_sha)
)
SELECT
    source_id,
    indicator,
    place,
    period_start,
    value,
    seen_at,
    newest_period,
    datediff('month', period_start, newest_period) AS age_months
FROM raw_observations
JOIN vintages USING (source_id, payload_sha, indicator)
WHERE period_kind = 'month'
    AND value IS NOT NULL
    AND (reached_before IS NULL OR newest_period >= reached_before)
    AND period_start > newest_period - INTERVAL 12 MONTH
ORDER BY source_id, indicator, place, period_start, seen_at
