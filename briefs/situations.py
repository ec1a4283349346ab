"""The situations of a region: on the two pages in as many words as there is room for, and in full in the annex."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from briefs import wording
from briefs.changed import refer, said_elsewhere
from briefs.entries import Notes, Numbers, build_entry, build_line, build_reference, confidence, drawable
from briefs.lookup import Lookup, anchor
from briefs.places import trigger_key
from briefs.room import Form, Plan
from briefs.said import capital, count, join, say, term
from briefs.view import Block, Entry, Heading, Layout, Line, Lines, Link, Paragraph, Remark, Section, Tone
from domain.situation import Level, Phase, Situation
from domain.state import PlaceKind, Region

FIGURES = 24
EXPLAINED = {
    Level.URGENT: "Emerging concern in two runs, with more origins and further conditions.",
    Level.EMERGING: "A pattern and gravity, both on the same or on linked incidents.",
    Level.WATCH: "A trigger is met, or one gate is open; one incident or one origin never goes further.",
}
NOTHING = "No situation reached watch. Which triggers could be seen at all is in the method box."
NO_ENTRY = "No situation reached watch, so there is no entry."
ALL_TOLD = "Every situation is told in full above."


def situations_section(
    lookup: Lookup,
    region: Region,
    situations: Sequence[Situation],
    numbers: Numbers,
    notes: Notes,
    *,
    plan: Plan,
    first: int,
) -> Section:
    """The two pages: every situation, in as many words as the plan has for its level.

    `first` is the number of the first paragraph of the annex, which begins with the entries that do not stand here.
    """
    pictures = _pictured(lookup, situations)
    ahead = {row.situation_id: str(at) for at, row in enumerate(_behind(lookup, situations, plan), start=first)}
    blocks: list[Block] = [Paragraph(number=numbers.take(), lead="", text=_intro(lookup, region, situations))]
    for level, group in _levels(situations):
        form = plan.form(level)
        if form < Form.BRIEF:
            blocks.append(_together(lookup, level, group, ahead, number=numbers.take(), named=form is Form.NAMED))
            continue
        heading = Heading(level=3, text=_counted(lookup, level, group))
        blocks += [heading, Remark(text=say(EXPLAINED[level]), tone=Tone.SMALL)]
        for situation in group:
            number = numbers.take()
            if lookup.told_with(situation) is not situation:
                blocks.append(_reference(lookup, situation, number=number))
            elif form is Form.TOLD:
                blocks.append(build_entry(lookup, situation, number=number, notes=notes, figures=level in pictures))
            else:
                line = build_line(lookup, situation, number=number, notes=notes)
                more = say("Paragraph {number}", number=ahead[situation.situation_id])
                line = replace(line, more=tuple(replace(link, text=more) for link in line.more))
                blocks.append(line if form is Form.LINED else replace(line, line=_brief(lookup, situation)))
    lined = [row for row in situations if plan.form(row.level) in {Form.BRIEF, Form.LINED}]
    if key := trigger_key(lookup, (), lined):
        blocks.append(Lines(layout=Layout.KEY, lines=tuple(Line(lead=trigger, text=name) for trigger, name in key)))
    return Section(anchor="situations", heading=say("Situations"), blocks=tuple(blocks))


def entries_section(
    lookup: Lookup, situations: Sequence[Situation], numbers: Numbers, notes: Notes, *, plan: Plan
) -> Section:
    """The annex: in full every situation that is not so told before, in the same order."""
    behind = _behind(lookup, situations, plan)
    pictures = _pictured(lookup, situations)
    blocks: list[Block] = []
    told: list[Entry] = []
    for level, group in _levels(behind):
        blocks.append(Heading(level=3, text=wording.level_word(level)))
        for situation in group:
            number = numbers.take()
            if lookup.told_with(situation) is not situation:
                blocks.append(_reference(lookup, situation, number=number))
                continue
            entry = build_entry(
                lookup,
                situation,
                number=number,
                notes=notes,
                figures=level in pictures,
                behind=plan.form(level) >= Form.BRIEF,
                printed=changed(lookup, situation),
            )
            told.append(entry)
            blocks.append(entry)
    text = say(ALL_TOLD) if situations else say(NO_ENTRY)
    if behind:
        entries = count("{n} entry, in the same order as above.", "{n} entries, in the same order as above.", len(told))
        differ = count(
            "{n} is new, changed or held; the print of a screen leaves out the others.",
            "{n} are new, changed or held; the print of a screen leaves out the others.",
            sum(entry.printed for entry in told),
        )
        text = join(capital(entries), capital(differ))
    return Section(
        anchor="entries",
        heading=say("Situations, in full"),
        blocks=(Remark(text=text, tone=Tone.SMALL), *blocks),
        annex=True,
    )


def _behind(lookup: Lookup, situations: Sequence[Situation], plan: Plan) -> tuple[Situation, ...]:
    """What has a paragraph in the annex: all that is not told on the two pages and has its line or its entry there.

    Of several that are one, a line on the two pages is enough for those that are told under another.
    """
    return tuple(
        row
        for row in situations
        if plan.form(row.level) is not Form.TOLD and (plan.form(row.level) < Form.BRIEF or lookup.told_with(row) is row)
    )


def _counted(lookup: Lookup, level: Level, group: Sequence[Situation]) -> str:
    """How many situations of a level are told here; what is told under another place is counted there."""
    word, told = wording.level_word(level), len(_told(lookup, group))
    return count("{level}: {n} situation", "{level}: {n} situations", told, level=word) if told else word


def _together(
    lookup: Lookup,
    level: Level,
    group: Sequence[Situation],
    ahead: Mapping[str, str],
    *,
    number: str,
    named: bool,
) -> Paragraph:
    """All situations of one level in one paragraph, by name or, where even that finds no room, by their number."""
    first, last = ahead[group[0].situation_id], ahead[group[-1].situation_id]
    where = say("Paragraphs {first} to {last} of the annex.", first=first, last=last)
    if first == last:
        where = say("Paragraph {number} of the annex.", number=first)
    rows = tuple(
        Line(
            lead=capital(term(phase.value)),
            links=tuple(
                Link(
                    text=say("{what} ({number})", what=lookup.name(row.place), number=ahead[row.situation_id]),
                    href=f"#{anchor(lookup, row)}",
                )
                for row in rows
            ),
        )
        for phase, rows in groupby(group, key=lambda row: row.phase)
    )
    lead = say("{clause}.", clause=_counted(lookup, level, group))
    return Paragraph(number=number, lead=lead, text=where, rows=rows if named else ())


def _brief(lookup: Lookup, situation: Situation) -> str:
    """Which triggers, and how sure: what one line holds."""
    triggers = sorted({trigger for part in lookup.parts(situation) for trigger in part.triggers})
    met = ", ".join(triggers) or say("No trigger; grave incidents or a gate alone")
    return join(say("{clause}.", clause=met), say("Confidence: {word}.", word=confidence(lookup, situation)[0]))


def _reference(lookup: Lookup, situation: Situation, *, number: str) -> Entry:
    """The line of a situation that is one with another and told under it, here or in another region's scan."""
    told, href = refer(lookup, situation)
    return build_reference(lookup, situation, number=number, told=told, href=href)


def changed(lookup: Lookup, situation: Situation) -> bool:
    """New, another phase, another level or word than a week ago, rows that differ, or held; in any of its places."""
    moved = {change.place for change in lookup.issue.changes}
    shifted = {row.place for row in lookup.issue.since.shifts} if lookup.issue.since is not None else set()
    return any(
        part.phase is not Phase.SUSTAINED
        or part.place in moved | shifted
        or bool(part.held_since)
        or part.situation_id in lookup.set_levels
        for part in lookup.parts(situation)
    )


def _told(lookup: Lookup, situations: Sequence[Situation]) -> list[Situation]:
    """Without those that are told under another place."""
    return [situation for situation in situations if lookup.told_with(situation) is situation]


def _levels(situations: Sequence[Situation]) -> list[tuple[Level, tuple[Situation, ...]]]:
    return [(level, tuple(rows)) for level, rows in groupby(situations, key=lambda row: row.level)]


def _pictured(lookup: Lookup, situations: Sequence[Situation]) -> frozenset[Level]:
    """The levels whose situations all have their pictures: so no cut falls inside a tie."""
    room = FIGURES
    found: set[Level] = set()
    for level, group in _levels(situations):
        wanted = sum(
            drawable(row)
            for situation in _told(lookup, group)
            for part in lookup.parts(situation)
            for row in lookup.situation_series(part)
        )
        if wanted > room:
            break
        room -= wanted
        found.add(level)
    return frozenset(found)


def _intro(lookup: Lookup, region: Region, situations: Sequence[Situation]) -> str:
    if not situations:
        return say(NOTHING)
    told = _told(lookup, situations)
    elsewhere = said_elsewhere(len(situations) - len(told))
    if not told:
        return elsewhere
    others = sum(lookup.place(situation.place).kind is not PlaceKind.MEMBER for situation in told)
    order = count(
        "{n} situation, in the order level, phase (new, rising, sustained, easing), alphabet; nothing else orders "
        "them. Where it is not told in full here, its entry is in the annex.",
        "{n} situations, in the order level, phase (new, rising, sustained, easing), alphabet; nothing else orders "
        "them. Where one is not told in full here, its entry is in the annex.",
        len(told),
    )
    if not others:
        return join(capital(order), elsewhere)
    concern = count(
        "{n} concerns an observer or a territory listed with {region}, not added to any State.",
        "{n} concern observers or territories listed with {region}, not added to any State.",
        others,
        region=term(wording.plain(region.name)),
    )
    return join(capital(order), capital(concern), elsewhere)
