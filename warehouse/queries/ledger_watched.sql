-- The days on which an event would have been seen, as one issue of this lens knew them.
SELECT * EXCLUDE (issue, lens)
FROM out_watched
WHERE issue = $issue
ORDER BY place, kind, "first"
