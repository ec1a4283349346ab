-- Every issue that this lens has run, and the instant at which it was known.
SELECT issue, as_of
FROM out_issues
ORDER BY as_of, issue
