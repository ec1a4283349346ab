"""What changed: at most five points, the counts, the week before, the dates ahead."""

from collections.abc import Sequence
from itertools import groupby

from briefs import wording
from briefs.ahead import dates_line
from briefs.entries import Notes, Numbers, confidence, headlines, not_known
from briefs.front import printed_counts, states, unbroken_line
from briefs.lookup import Lookup, anchor
from briefs.said import Said, capital, count, join, listed, say, term
from briefs.since import since_line
from briefs.view import Layout, Line, Lines, Link, Paragraph, Section
from domain.situation import Level, Printed, Situation
from domain.source import SourceState
from domain.state import Place, PlaceKind

POINTS = 5
WITH_LIMITED = "{number} with limited coverage"
WITHOUT_SOURCE = "{number} not monitored"
BEHIND_FAILURE = "{number} behind a source failure"
FAILED = "{number} failed"
STALE = "{number} stale"
ABSENT = "{number} not in the specimen"
NOT_YET = "{number} not looked at yet"
DISABLED = "{number} disabled for want of a credential"


def changed_section(
    lookup: Lookup, members: Sequence[Place], situations: Sequence[Situation], numbers: Numbers, notes: Notes
) -> Section:
    said = (unbroken_line(lookup, members), since_line(lookup, members), dates_line(lookup, members))
    box = Lines(layout=Layout.BOX, lines=tuple(Line(lead="", text=text) for text in said if text))
    points = _changed(lookup, members, situations, numbers, notes)
    return Section(anchor="changed", heading=say("What changed"), blocks=(*points, box))


def _changed(
    lookup: Lookup, members: Sequence[Place], situations: Sequence[Situation], numbers: Numbers, notes: Notes
) -> tuple[Paragraph, ...]:
    """At most five points; the last is always what we cannot see. A level has a point for each or one for all."""
    room = POINTS - 1
    points: list[Paragraph] = []
    levels = [(level, tuple(group)) for level, group in groupby(situations, key=lambda situation: situation.level)]
    for place_in_list, (level, group) in enumerate(levels):
        still_to_come = len(levels) - place_in_list - 1
        if len(group) <= room - len(points) - still_to_come:
            points += [_point(lookup, situation, numbers.take(), notes) for situation in group]
        else:
            points.append(_group_point(lookup, level, group, numbers.take(), notes))
    if not points:
        points.append(
            Paragraph(
                number=numbers.take(),
                lead=say("No situation reached watch."),
                text=say(
                    "No trigger that this version can feed is met here. That says what was heard, not what happened."
                ),
            )
        )
    points.append(_unseen(lookup, members, situations, numbers.take()))
    return tuple(points)


def _point(lookup: Lookup, situation: Situation, number: str, notes: Notes) -> Paragraph:
    word, why = confidence(lookup, situation)
    unknown = listed(not_known(lookup, situation)[:2])
    return Paragraph(
        number=number,
        lead=say(
            "{place}, {phase}: {level} {shape}",
            place=lookup.name(situation.place),
            phase=term(situation.phase.value),
            level=term(situation.level.value),
            shape=situation.level.shape,
        ),
        text=join(
            headlines(lookup, situation),
            say("Confidence is {word}: {why}.", word=word, why=why),
            say("Not known: {unknown}.", unknown=unknown),
        ),
        links=(Link(text=say("Entry"), href=f"#{anchor(lookup, situation)}"),),
        notes=notes.cite(lookup.situation_sources(situation)),
    )


def _group_point(lookup: Lookup, level: Level, group: Sequence[Situation], number: str, notes: Notes) -> Paragraph:
    """All situations of one level in one point, all named below it; no choice is made among equals."""
    low = sum(confidence(lookup, situation)[0] == "low" for situation in group)
    one_origin = sum(len(situation.origins) < 2 for situation in group)
    sure = say("Confidence is low for each")
    if low != len(group):
        sure = say("Confidence is low for {low} and moderate for {moderate}", low=low, moderate=len(group) - low)
    cited = notes.cite([source for situation in group for source in lookup.situation_sources(situation)])
    word = join(capital(term(level.value)), level.shape)
    phases = {situation.phase for situation in group}
    lead = count("{level}: {n} situation.", "{level}: {n} situations.", len(group), level=word)
    if len(phases) == 1:
        phase = term(phases.pop().value)
        lead = count(
            "{level}: {n} situation, {phase}.", "{level}: {n} situations, all {phase}.", len(group), level=word,
            phase=phase,
        )  # fmt: skip
    if one_origin:
        resting = say("each rests on one origin, and whether a second would say the same is not known")
        if one_origin != len(group):
            resting = count(
                "{n} rests on one origin, and whether a second would say the same is not known",
                "{n} rest on one origin, and whether a second would say the same is not known",
                one_origin,
            )
        sure = join(sure, resting, between="; ")
    others = sum(lookup.place(situation.place).kind is not PlaceKind.MEMBER for situation in group)
    concern = count("{n} concerns an observer or a territory.", "{n} concern observers or territories.", others)
    return Paragraph(
        number=number,
        lead=lead,
        text=join(
            say("{clause}.", clause=sure),
            _sought(lookup, group),
            capital(concern) if others else "",
            say("All are named below, by trigger met in the last twelve weeks."),
        ),
        rows=_rows(lookup, group),
        notes=cited,
    )


def _sought(lookup: Lookup, group: Sequence[Situation]) -> str:
    """Of how many of these the State was asked for its account."""
    asked = {row.situation_id for row in lookup.issue.accounts}
    sought = sum(situation.situation_id in asked for situation in group)
    if not sought:
        return say("No State's account was sought.")
    return say(
        "The State's account was sought in {sought} of {all}.",
        sought=wording.cardinal(sought),
        all=wording.cardinal(len(group)),
    )


def _rows(lookup: Lookup, group: Sequence[Situation]) -> tuple[Line, ...]:
    """What the situations of a group rest on, in the order of the trigger list; each stands in every row it meets."""
    rows: list[tuple[Said, list[Situation]]] = [
        (
            lookup.trigger_name(trigger),
            [situation for situation in group if trigger in situation.triggers],
        )
        for trigger in sorted({trigger for situation in group for trigger in situation.triggers})
    ]
    if without := [situation for situation in group if not situation.triggers]:
        rows.append((say("No trigger; grave incidents or a gate alone"), without))
    return tuple(
        Line(
            lead=say("{what} ({number})", what=lead, number=len(held)),
            links=tuple(
                Link(text=_named(lookup, situation, group), href=f"#{anchor(lookup, situation)}") for situation in held
            ),
        )
        for lead, held in rows
    )


def _named(lookup: Lookup, situation: Situation, group: Sequence[Situation]) -> str:
    """The name, with its phase where the group holds several."""
    name = lookup.name(situation.place)
    if len({row.phase for row in group}) > 1:
        return say("{what} ({aside})", what=name, aside=term(situation.phase.value))
    return name


def _unseen(lookup: Lookup, members: Sequence[Place], situations: Sequence[Situation], number: str) -> Paragraph:
    counts = printed_counts(lookup, members)
    parts = [
        say(message, number=counts[printed])
        for printed, message in (
            (Printed.LIMITED, WITH_LIMITED),
            (Printed.NOT_MONITORED, WITHOUT_SOURCE),
            (Printed.SOURCE_FAILURE, BEHIND_FAILURE),
        )
        if counts[printed]
    ]
    said: list[str] = []
    if parts:
        said.append(say("Of {states}, without signals: {parts}.", states=states(len(members)), parts=listed(parts)))
    failed = sum(source.state.failure for source in lookup.issue.sources)
    stale = sum(source.state is SourceState.STALE for source in lookup.issue.sources)
    absent = sum(source.state is SourceState.NOT_IN_SPECIMEN for source in lookup.issue.sources)
    not_yet = sum(source.state is SourceState.NOT_YET for source in lookup.issue.sources)
    disabled = sum(source.state is SourceState.NO_CREDENTIAL for source in lookup.issue.sources)
    blind = [
        say(message, number=wording.cardinal(number))
        for number, message in (
            (failed, FAILED),
            (stale, STALE),
            (absent, ABSENT),
            (not_yet, NOT_YET),
            (disabled, DISABLED),
        )
        if number
    ]
    total = wording.counted(len(lookup.issue.sources), "source", "sources")
    if blind:
        said.append(say("Of {sources}: {parts}.", sources=total, parts=listed(blind)))
    else:
        said.append(say("All of {sources} could be looked at.", sources=total))
    held = [situation for situation in situations if situation.held_since]
    if held:
        names = listed([lookup.name(situation.place) for situation in held])
        said.append(say("Held, because we cannot see: {names}.", names=names))
    said.append(say("What was not heard may still have happened."))
    return Paragraph(number=number, lead=say("What we cannot see."), text=join(*said))
