-- Events that could be warned of, as one issue of this lens knew them.
SELECT * EXCLUDE (issue, lens)
FROM out_events
WHERE issue = $issue
ORDER BY place, kind, began_on
