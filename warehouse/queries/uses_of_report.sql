-- Everything of a run that rests on one report: its incident, labels, triggers and situations, and calls read from it.
WITH incidents AS (
    SELECT DISTINCT issue, incident_id
    FROM out_reports
    WHERE report_id = $report_id
),
uses AS (
    SELECT issue, 'incident' AS what, incident_id AS name, incident.place
    FROM incidents
    JOIN out_incidents AS incident USING (issue, incident_id)
    UNION
    SELECT issue, 'label' AS what, "trigger" || ' ' || rule AS name, '' AS place
    FROM out_labels
    WHERE report_id = $report_id
    UNION
    SELECT met.issue, 'trigger' AS what, met.trigger AS name, met.place
    FROM out_triggers AS met
    JOIN incidents ON incidents.issue = met.issue AND list_contains(met.incidents, incidents.incident_id)
    UNION
    SELECT situation.issue, 'situation' AS what, situation_id AS name, situation.place
    FROM out_situations AS situation
    JOIN incidents ON incidents.issue = situation.issue AND list_contains(situation.incidents, incidents.incident_id)
    UNION
    SELECT issue, 'call' AS what, office AS name, place
    FROM out_calls
    WHERE report_id = $report_id
)
SELECT issue, what, name, place
FROM uses
ORDER BY issue, what, place, name
