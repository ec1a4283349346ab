-- Letters of special procedures known in one issue of this lens, by State addressed.
SELECT place, sent
FROM out_letters
WHERE issue = $issue
ORDER BY place
