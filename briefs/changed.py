"""What changed: at most five points, the counts, the week before, the dates ahead."""

from collections.abc import Sequence
from itertools import groupby

from briefs import wording
from briefs.ahead import dates_line
from briefs.entries import Notes, Numbers, confidence, headlines, not_known
from briefs.front import printed_counts, slashed, states, unbroken_line
from briefs.lookup import Lookup, anchor
from briefs.room import Form, Plan
from briefs.said import Said, capital, count, join, listed, say, term
from briefs.since import since_line
from briefs.view import Layout, Line, Lines, Link, Paragraph, Section
from domain.situation import Printed, Situation
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
    lookup: Lookup,
    members: Sequence[Place],
    situations: Sequence[Situation],
    numbers: Numbers,
    notes: Notes,
    *,
    plan: Plan,
) -> Section:
    said = (unbroken_line(lookup, members), since_line(lookup, members), dates_line(lookup, members))
    box = Lines(layout=Layout.BOX, lines=tuple(Line(lead="", text=text) for text in said if text))
    points = _changed(lookup, members, situations, numbers, notes, plan=plan)
    return Section(anchor="changed", heading=say("What changed"), blocks=(*points, box))


def _changed(
    lookup: Lookup,
    members: Sequence[Place],
    situations: Sequence[Situation],
    numbers: Numbers,
    notes: Notes,
    *,
    plan: Plan,
) -> tuple[Paragraph, ...]:
    """At most five points; the last is always what we cannot see. A level has a point for each or one for all."""
    points = [
        _point(lookup, group[0], numbers.take(), notes)
        if plan.apart and len(group) == 1
        else _group_point(lookup, group, numbers.take(), notes, plan=plan)
        for group in _grouped(lookup, situations, plan)
    ]
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


def _grouped(lookup: Lookup, situations: Sequence[Situation], plan: Plan) -> list[tuple[Situation, ...]]:
    """The situations of each point. One over several places stands there once, by the first that this page holds."""
    held = {lookup.told_with(row).situation_id: row for row in reversed(situations)}
    rows = [row for row in situations if held[lookup.told_with(row).situation_id] is row]
    levels = [tuple(group) for _, group in groupby(rows, key=lambda situation: situation.level)]
    points: list[tuple[Situation, ...]] = []
    for at, group in enumerate(levels):
        still_to_come = len(levels) - at - 1
        fits = plan.apart and len(group) <= POINTS - 1 - len(points) - still_to_come
        points += [(situation,) for situation in group] if fits else [group]
    return points


def refer(lookup: Lookup, situation: Situation) -> tuple[Said, str]:
    """Where a situation over several places is told, in words and as an address; see `region_situations`."""
    first = lookup.told_with(situation)
    home, here = (lookup.home(lookup.place(row.place)) for row in (first, situation))
    others = listed([lookup.name(row.place) for row in lookup.parts(situation) if row is not situation])
    if home == here:
        told = say("One situation with {places}, told under {place}.", places=others, place=lookup.name(first.place))
        return told, f"#{anchor(lookup, first)}"
    told = say(
        "One situation with {places}, told under {place} in {page} ({region}).",
        places=others,
        place=lookup.name(first.place),
        page=f"HS/{home}/{slashed(lookup.week)}",
        region=term(wording.plain(lookup.region(home).name)),
    )
    return told, f"{home}.html#{anchor(lookup, first)}"


def _elsewhere(lookup: Lookup, situation: Situation) -> bool:
    """Whether a situation is told in full on the page of another region."""
    homes = {lookup.home(lookup.place(row.place)) for row in (lookup.told_with(situation), situation)}
    return len(homes) > 1


def _point(lookup: Lookup, situation: Situation, number: str, notes: Notes) -> Paragraph:
    lead = say(
        "{place}, {phase}: {level} {shape}",
        place=lookup.name(situation.place) if _elsewhere(lookup, situation) else lookup.names(situation),
        phase=term(situation.phase.value),
        level=term(situation.level.value),
        shape=situation.level.shape,
    )
    links = (Link(text=say("Entry"), href=f"#{anchor(lookup, situation)}"),)
    if _elsewhere(lookup, situation):
        return Paragraph(number=number, lead=lead, text=refer(lookup, situation)[0], links=links)
    parts = lookup.parts(situation)
    return Paragraph(
        number=number,
        lead=lead,
        text=lookup.each(situation, lambda part: _told(lookup, part)),
        links=links,
        notes=notes.cite([source for part in parts for source in lookup.situation_sources(part)]),
    )


def _told(lookup: Lookup, situation: Situation) -> str:
    word, why = confidence(lookup, situation)
    unknown = listed(not_known(lookup, situation)[:2])
    return join(
        headlines(lookup, situation),
        say("Confidence is {word}: {why}.", word=word, why=why),
        say("Not known: {unknown}.", unknown=unknown),
    )


def _group_point(lookup: Lookup, group: Sequence[Situation], number: str, notes: Notes, *, plan: Plan) -> Paragraph:
    """All situations of one level in one point; no choice is made among equals, and all are named on the page."""
    level = group[0].level
    told = [situation for situation in group if not _elsewhere(lookup, situation)]
    low = sum(any(confidence(lookup, part)[0] == "low" for part in lookup.parts(situation)) for situation in told)
    one_origin = sum(
        len({origin for part in lookup.parts(situation) for origin in part.origins}) < 2 for situation in told
    )
    sure = say("Confidence is low for each")
    if low != len(told):
        sure = say("Confidence is low for {low} and moderate for {moderate}", low=low, moderate=len(told) - low)
    cited = notes.cite(
        [source for row in told for part in lookup.parts(row) for source in lookup.situation_sources(part)]
    )
    word = join(capital(term(level.value)), level.shape)
    phases = {situation.phase for situation in told}
    lead = count("{level}: {n} situation.", "{level}: {n} situations.", len(told), level=word)
    if len(phases) == 1:
        phase = term(phases.pop().value)
        lead = count(
            "{level}: {n} situation, {phase}.", "{level}: {n} situations, all {phase}.", len(told), level=word,
            phase=phase,
        )  # fmt: skip
    if one_origin:
        resting = say("each rests on one origin, and whether a second would say the same is not known")
        if one_origin != len(told):
            resting = count(
                "{n} rests on one origin, and whether a second would say the same is not known",
                "{n} rest on one origin, and whether a second would say the same is not known",
                one_origin,
            )
        sure = join(sure, resting, between="; ")
    others = sum(lookup.place(situation.place).kind is not PlaceKind.MEMBER for situation in told)
    concern = count("{n} concerns an observer or a territory.", "{n} concern observers or territories.", others)
    below = say("All are told in the annex.")
    if plan.named:
        below = say("All are named below, by trigger met in the last twelve weeks.")
    elif plan.form(level) > Form.COUNTED:
        below = say("All are named under Situations.")
    if not told:
        lead, said = say("{what}:", what=word), join(said_elsewhere(len(group)), below)
    else:
        said = join(
            say("{clause}.", clause=sure),
            _sought(lookup, told),
            capital(concern) if others else "",
            said_elsewhere(len(group) - len(told)),
            below,
        )
    return Paragraph(
        number=number,
        lead=lead,
        text=said,
        rows=_rows(lookup, group) if plan.named else (),
        notes=cited,
    )


def said_elsewhere(number: int) -> str:
    """How many lines lead to situations that are told and counted elsewhere; empty where none does."""
    if not number:
        return ""
    told = count(
        "{n} line leads to a situation over several places that is told, and counted, under another of them.",
        "{n} lines lead to situations over several places that are told, and counted, under another of them.",
        number,
    )
    return capital(told)


def _sought(lookup: Lookup, group: Sequence[Situation]) -> str:
    """Of how many of these the State was asked for its account."""
    asked = {row.situation_id for row in lookup.issue.accounts}
    sought = sum(any(part.situation_id in asked for part in lookup.parts(situation)) for situation in group)
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
    name = lookup.name(situation.place) if _elsewhere(lookup, situation) else lookup.names(situation)
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
