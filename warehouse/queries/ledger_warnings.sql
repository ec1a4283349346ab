-- Every warning of this lens that had been made by an instant, oldest first.
SELECT * EXCLUDE (lens)
FROM out_warnings
WHERE made_at <= $as_of
ORDER BY made_at, issue, place, situation_id, horizon_days
