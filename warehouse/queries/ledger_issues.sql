-- Every issue of this lens that had been run by an instant: each could have warned.
SELECT issue, as_of
FROM out_issues
WHERE as_of <= $as_of
ORDER BY as_of, issue
