-- How much was heard, by place, week, class of source and language, in one issue of this lens.
SELECT * EXCLUDE (issue, lens)
FROM out_exposure
WHERE issue = $issue
ORDER BY place, week, source_class, language
