"""The sessional edition: for everyone, from public rows alone; names from emerging concern on, totals below."""

from dataclasses import replace

from briefs import wording
from briefs.ahead import dates_ahead
from briefs.entries import Notes, Numbers, confidence, headlines, not_known
from briefs.front import unbroken_line
from briefs.lookup import Lookup
from briefs.method import notes_section
from briefs.said import join, listed, say, term
from briefs.view import Block, Layout, Line, Lines, Paragraph, Section, Table
from domain.situation import Level, Situation

LEAD = (
    "From public information only; not an assessment by OHCHR. Levels are computed from public rows alone. Situations "
    "are named from emerging concern on; of watch this edition gives totals."
)
NONE_NAMED = "No situation reached emerging concern. This is not a finding that there is none."


def sessional_sections(lookup: Lookup) -> tuple[Section, ...]:
    """Named situations of all regions, totals by list of places, dates ahead, limits, notes."""
    numbers, notes = Numbers(), Notes()
    ranked = sorted(
        (
            row
            for row in lookup.issue.situations
            if row.level.rank >= Level.EMERGING.rank and lookup.told_with(row) is row
        ),
        key=lookup.print_order,
    )
    named: list[Block] = [
        Paragraph(
            number=numbers.take(),
            lead=say(
                "{shape} {place}: {level}, {phase}.",
                shape=row.level.shape,
                place=lookup.names(row),
                level=term(row.level.value),
                phase=term(row.phase.value),
            ),
            text=lookup.each(row, lambda part: _told(lookup, part)),
            notes=notes.cite(source for part in lookup.parts(row) for source in lookup.situation_sources(part)),
        )
        for row in ranked
    ] or [Paragraph(number=numbers.take(), lead="", text=say(NONE_NAMED))]
    totals = [
        Line(lead=term(wording.plain(region.name)), text=unbroken_line(lookup, lookup.members(region.code)))
        for region in lookup.regions
    ]
    others = unbroken_line(lookup, lookup.others(), noun="places")
    totals.append(Line(lead=say("Observers and territories"), text=others))
    council = [row for row in dates_ahead(lookup, ()) if not row.place]
    dates: Block
    if council:
        dates = Table(
            caption=say("Dates of the Council, eight weeks ahead"),
            head=(say("Date"), say("Event"), say("Source")),
            rows=tuple((wording.day(row.on), row.title, row.source) for row in council),
        )
    else:
        nothing = say("No date of the Council in the next eight weeks is entered.")
        dates = Paragraph(number=numbers.take(), lead="", text=nothing)
    limits = Paragraph(
        number=numbers.take(),
        lead=say("Limits."),
        text=join(
            say(wording.NOT_REASSURANCE),
            say(wording.ATTENTION),
            "" if lookup.issue.accounts else say("No State was asked for its account in this run."),
        ),
    )
    return (
        Section(anchor="named", heading=say("Emerging concern and urgent"), blocks=tuple(named)),
        Section(anchor="totals", heading=say("Totals"), blocks=(Lines(layout=Layout.LIST, lines=tuple(totals)),)),
        Section(anchor="calendar", heading=say("Dates of the Council"), blocks=(dates,)),
        Section(anchor="limits", heading=say("Limits"), blocks=(limits,)),
        replace(notes_section(notes), annex=False),
    )


def _told(lookup: Lookup, situation: Situation) -> str:
    return join(
        headlines(lookup, situation, sourced=False),
        say("Confidence: {word}.", word=confidence(lookup, situation)[0]),
        say("Not known: {unknown}.", unknown=listed(not_known(lookup, situation)[:2])),
    )
