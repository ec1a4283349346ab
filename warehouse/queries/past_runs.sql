-- What earlier issues of this lens said of each place, as far back as persistence is asked for.
SELECT
    state.issue AS week,
    state.place,
    state.level,
    pattern.state AS pattern,
    gravity.state AS gravity,
    state.coverage,
    coalesce(situation.since, '') AS since,
    coalesce(situation.held_since, '') AS held_since,
    state.printed
FROM out_states AS state
JOIN out_gates AS pattern ON pattern.issue = state.issue AND pattern.place = state.place AND pattern.gate = 'pattern'
JOIN out_gates AS gravity ON gravity.issue = state.issue AND gravity.place = state.place AND gravity.gate = 'gravity'
LEFT JOIN out_situations AS situation ON situation.issue = state.issue AND situation.place = state.place
WHERE state.issue < $issue AND state.issue >= $oldest
ORDER BY state.issue, state.place
