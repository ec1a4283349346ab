-- Every report as it read at $as_of: its newest version, with the day on which it was first known.
WITH looks AS (
    SELECT source_id, unnest(payloads) AS payload_sha, looked_at
    FROM raw_looks
    WHERE looked_at <= $as_of
),
sightings AS (
    SELECT source_id, payload_sha, collected_at AS seen_at FROM raw_payloads WHERE collected_at <= $as_of
    UNION ALL
    SELECT source_id, payload_sha, looked_at AS seen_at FROM looks
),
payloads AS (
    SELECT source_id, payload_sha, max(seen_at) AS last_seen_at
    FROM sightings
    GROUP BY source_id, payload_sha
),
versions AS (
    SELECT
        report.*,
        min(report.collected_at) OVER (PARTITION BY report.report_id) AS first_known_at,
        row_number() OVER (
            PARTITION BY report.report_id
            ORDER BY payloads.last_seen_at DESC, report.collected_at DESC, report.version
        ) AS age
    FROM raw_reports AS report
    JOIN payloads USING (source_id, payload_sha)
    WHERE report.collected_at <= $as_of
)
SELECT
    report_id, version, payload_sha, source_id, source_ref, title, url, collected_at, first_known_at, published_at,
    occurred_on, place, addressee, first_level, actor, victim, language, text, facts, basis
FROM versions
WHERE age = 1
ORDER BY report_id
