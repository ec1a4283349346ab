-- The head of one issue of this lens.
SELECT issue, as_of, method_version, code_version
FROM out_issues
WHERE issue = $issue
