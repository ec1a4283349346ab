"""What changed: at most five points, the counts, the week before, the dates ahead."""

from collections.abc import Sequence
from itertools import groupby

from briefs import wording
from briefs.ahead import dates_line
from briefs.entries import Notes, Numbers, confidence, headlines, not_known
from briefs.front import count_line, printed_counts, states, unbroken
from briefs.lookup import Lookup, anchor
from briefs.since import since_line
from briefs.view import Layout, Line, Lines, Link, Paragraph, Section
from domain.situation import Level, Printed, Situation
from domain.source import SourceState
from domain.state import Place, PlaceKind

POINTS = 5


def changed_section(
    lookup: Lookup, members: Sequence[Place], situations: Sequence[Situation], numbers: Numbers, notes: Notes
) -> Section:
    said = (unbroken(count_line(lookup, members)), since_line(lookup, members), dates_line(lookup, members))
    box = Lines(layout=Layout.BOX, lines=tuple(Line(lead="", text=text) for text in said if text))
    points = _changed(lookup, members, situations, numbers, notes)
    return Section(anchor="changed", heading="What changed", blocks=(*points, box))


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
                lead="No situation reached watch.",
                text="No trigger that this version can feed is met here. That says what was heard, not what happened.",
            )
        )
    points.append(_unseen(lookup, members, situations, numbers.take()))
    return tuple(points)


def _point(lookup: Lookup, situation: Situation, number: str, notes: Notes) -> Paragraph:
    word, why = confidence(lookup, situation)
    unknown = wording.listed(not_known(lookup, situation)[:2])
    name = wording.plain(lookup.place(situation.place).name)
    return Paragraph(
        number=number,
        lead=f"{name}, {situation.phase.value}: {situation.level.value} {situation.level.shape}",
        text=f"{headlines(lookup, situation)} Confidence is {word}: {why}. Not known: {unknown}.",
        links=(Link(text="Entry", href=f"#{anchor(lookup, situation)}"),),
        notes=notes.cite(lookup.situation_sources(situation)),
    )


def _group_point(lookup: Lookup, level: Level, group: Sequence[Situation], number: str, notes: Notes) -> Paragraph:
    """All situations of one level in one point, all named below it; no choice is made among equals."""
    low = sum(confidence(lookup, situation)[0] == "low" for situation in group)
    one_origin = sum(len(situation.origins) < 2 for situation in group)
    sure = "low for each" if low == len(group) else f"low for {low} and moderate for {len(group) - low}"
    cited = notes.cite([source for situation in group for source in lookup.situation_sources(situation)])
    count = wording.counted(len(group), "situation", "situations")
    phases = {situation.phase for situation in group}
    if len(phases) == 1:
        count += f", all {phases.pop().value}" if len(group) > 1 else f", {phases.pop().value}"
    resting = "each rests" if one_origin == len(group) else wording.counted(one_origin, "rests", "rest")
    origin = f"; {resting} on one origin, and whether a second would say the same is not known" if one_origin else ""
    others = sum(lookup.place(situation.place).kind is not PlaceKind.MEMBER for situation in group)
    concern = wording.counted(others, "concerns an observer or a territory", "concern observers or territories")
    aside = f" {wording.sentence(concern)}" if others else ""
    return Paragraph(
        number=number,
        lead=f"{level.value.capitalize()} {level.shape}: {count}.",
        text=f"Confidence is {sure}{origin}. {_sought(lookup, group)}{aside} All are named below, by "
        "trigger met in the last twelve weeks.",
        rows=_rows(lookup, group),
        notes=cited,
    )


def _sought(lookup: Lookup, group: Sequence[Situation]) -> str:
    """Of how many of these the State was asked for its account."""
    asked = {row.situation_id for row in lookup.issue.accounts}
    count = sum(situation.situation_id in asked for situation in group)
    if not count:
        return "No State's account was sought."
    return f"The State's account was sought in {wording.cardinal(count)} of {wording.cardinal(len(group))}."


def _rows(lookup: Lookup, group: Sequence[Situation]) -> tuple[Line, ...]:
    """What the situations of a group rest on, in the order of the trigger list; each stands in every row it meets."""
    rows = [
        (
            f"{trigger} {wording.plain(lookup.card(trigger).name)}",
            [situation for situation in group if trigger in situation.triggers],
        )
        for trigger in sorted({trigger for situation in group for trigger in situation.triggers})
    ]
    if without := [situation for situation in group if not situation.triggers]:
        rows.append(("No trigger; grave incidents or a gate alone", without))
    return tuple(
        Line(
            lead=f"{lead} ({len(held)})",
            links=tuple(
                Link(text=_named(lookup, situation, group), href=f"#{anchor(lookup, situation)}") for situation in held
            ),
        )
        for lead, held in rows
    )


def _named(lookup: Lookup, situation: Situation, group: Sequence[Situation]) -> str:
    """The name, with its phase where the group holds several."""
    name = wording.plain(lookup.place(situation.place).name)
    return f"{name} ({situation.phase.value})" if len({row.phase for row in group}) > 1 else name


def _unseen(lookup: Lookup, members: Sequence[Place], situations: Sequence[Situation], number: str) -> Paragraph:
    counts = printed_counts(lookup, members)
    parts = [
        f"{counts[printed]} {verb}"
        for printed, verb in (
            (Printed.LIMITED, "with limited coverage"),
            (Printed.NOT_MONITORED, "not monitored"),
            (Printed.SOURCE_FAILURE, "behind a source failure"),
        )
        if counts[printed]
    ]
    text = f"Of {states(len(members))}, without signals: {wording.listed(parts)}. " if parts else ""
    failed = sum(source.state.failure for source in lookup.issue.sources)
    stale = sum(source.state is SourceState.STALE for source in lookup.issue.sources)
    absent = sum(source.state is SourceState.NOT_IN_SPECIMEN for source in lookup.issue.sources)
    not_yet = sum(source.state is SourceState.NOT_YET for source in lookup.issue.sources)
    disabled = sum(source.state is SourceState.NO_CREDENTIAL for source in lookup.issue.sources)
    blind = [
        f"{wording.cardinal(count)} {verb}"
        for count, verb in (
            (failed, "failed"),
            (stale, "stale"),
            (absent, "not in the specimen"),
            (not_yet, "not looked at yet"),
            (disabled, "disabled for want of a credential"),
        )
        if count
    ]
    total = wording.counted(len(lookup.issue.sources), "source", "sources")
    text += f"Of {total}: {wording.listed(blind)}. " if blind else f"All of {total} could be looked at. "
    held = [situation for situation in situations if situation.held_since]
    if held:
        names = wording.listed([wording.plain(lookup.place(situation.place).name) for situation in held])
        text += f"Held, because we cannot see: {names}. "
    return Paragraph(
        number=number, lead="What we cannot see.", text=f"{text}What was not heard may still have happened."
    )
