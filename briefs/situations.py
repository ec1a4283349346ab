"""The situations of a region: in full above watch, in one line at watch, and the rest of the watch in the annex."""

from collections.abc import Sequence
from itertools import groupby

from briefs import wording
from briefs.entries import Notes, Numbers, build_entry, build_line, drawable
from briefs.lookup import Lookup
from briefs.places import trigger_key
from briefs.said import capital, count, join, say, term
from briefs.view import Block, Entry, Heading, Layout, Line, Lines, Paragraph, Remark, Section, Tone
from domain.situation import Level, Phase, Situation
from domain.state import PlaceKind, Region

FIGURES = 24
EXPLAINED = {
    Level.URGENT: "Emerging concern in two runs, with more origins and further conditions.",
    Level.EMERGING: "A pattern and gravity, both on the same or on linked incidents.",
    Level.WATCH: "A trigger is met, or one gate is open; one incident or one origin never goes further.",
}
NOTHING = "No situation reached watch. Which triggers could be seen at all is in the method box."
NO_ENTRY = "No situation stands at watch, so there is no further entry."


def situations_section(
    lookup: Lookup, region: Region, situations: Sequence[Situation], numbers: Numbers, notes: Notes
) -> Section:
    """The main part: everything above watch in full, and every situation at watch in one line."""
    pictures = _pictured(lookup, situations)
    blocks: list[Block] = [Paragraph(number=numbers.take(), lead="", text=_intro(lookup, region, situations))]
    for level, group in _levels(situations):
        heading = count(
            "{level}: {n} situation", "{level}: {n} situations", len(group), level=wording.level_word(level)
        )
        blocks += [Heading(level=3, text=heading), Remark(text=say(EXPLAINED[level]), tone=Tone.SMALL)]
        for situation in group:
            number = numbers.take()
            if level is Level.WATCH:
                blocks.append(build_line(lookup, situation, number=number, notes=notes))
            else:
                blocks.append(build_entry(lookup, situation, number=number, notes=notes, figures=level in pictures))
    if key := trigger_key(lookup, (), situations):
        blocks.append(Lines(layout=Layout.KEY, lines=tuple(Line(lead=trigger, text=name) for trigger, name in key)))
    return Section(anchor="situations", heading=say("Situations"), blocks=tuple(blocks))


def watch_section(lookup: Lookup, situations: Sequence[Situation], numbers: Numbers, notes: Notes) -> Section:
    """The annex: every situation at watch in full; on paper only those in which something changed."""
    group = [situation for situation in situations if situation.level is Level.WATCH]
    text, rows = say(NO_ENTRY), list[Entry]()
    if group:
        pictures = _pictured(lookup, situations)
        rows = [
            build_entry(
                lookup,
                situation,
                number=numbers.take(),
                notes=notes,
                figures=Level.WATCH in pictures,
                behind=True,
                printed=changed(lookup, situation),
            )
            for situation in group
        ]
        shown = sum(row.printed for row in rows)
        entries = count("{n} entry, in the same order as above.", "{n} entries, in the same order as above.", len(rows))
        paper = count(
            "On paper {n} is printed: those that are new, that changed, or that are held.",
            "On paper {n} are printed: those that are new, that changed, or that are held.",
            shown,
        )
        text = join(capital(entries), paper)
    blocks: tuple[Block, ...] = (
        Heading(level=3, text=wording.level_word(Level.WATCH)),
        Remark(text=text, tone=Tone.SMALL),
        *rows,
    )
    return Section(anchor="watch", heading=say("Situations at watch, in full"), blocks=blocks, annex=True)


def changed(lookup: Lookup, situation: Situation) -> bool:
    """New, another phase, another level or word than a week ago, rows that differ, or held."""
    moved = {change.place for change in lookup.issue.changes}
    shifted = {row.place for row in lookup.issue.since.shifts} if lookup.issue.since is not None else set()
    return (
        situation.phase is not Phase.SUSTAINED
        or situation.place in moved | shifted
        or bool(situation.held_since)
        or situation.situation_id in lookup.set_levels
    )


def _levels(situations: Sequence[Situation]) -> list[tuple[Level, tuple[Situation, ...]]]:
    return [(level, tuple(rows)) for level, rows in groupby(situations, key=lambda row: row.level)]


def _pictured(lookup: Lookup, situations: Sequence[Situation]) -> frozenset[Level]:
    """The levels whose situations all have their pictures: so no cut falls inside a tie."""
    room = FIGURES
    found: set[Level] = set()
    for level, group in _levels(situations):
        wanted = sum(drawable(row) for situation in group for row in lookup.situation_series(situation))
        if wanted > room:
            break
        room -= wanted
        found.add(level)
    return frozenset(found)


def _intro(lookup: Lookup, region: Region, situations: Sequence[Situation]) -> str:
    if not situations:
        return say(NOTHING)
    others = sum(lookup.place(situation.place).kind is not PlaceKind.MEMBER for situation in situations)
    order = count(
        "{n} situation, in the order level, phase (new, rising, sustained, easing), alphabet; nothing else orders "
        "them. Above watch each is told in full; at watch each has one line here and its entry in the annex.",
        "{n} situations, in the order level, phase (new, rising, sustained, easing), alphabet; nothing else orders "
        "them. Above watch each is told in full; at watch each has one line here and its entry in the annex.",
        len(situations),
    )
    if not others:
        return capital(order)
    concern = count(
        "{n} concerns an observer or a territory listed with {region}, not added to any State.",
        "{n} concern observers or territories listed with {region}, not added to any State.",
        others,
        region=term(wording.plain(region.name)),
    )
    return join(capital(order), capital(concern))
