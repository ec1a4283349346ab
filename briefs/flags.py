"""The annual flags annex: calendar year by mandate by State, from the communications that are known."""

from collections.abc import Sequence

from briefs import wording
from briefs.dossier import Letter
from briefs.entries import Numbers
from briefs.lookup import Lookup, alphabetical
from briefs.said import capital, count, quote, say
from briefs.view import Block, Paragraph, Remark, Section, Table, Tone
from domain.state import fold

LEAD = (
    "Every State that a special procedure wrote to, by calendar year and mandate, for the annual report of special "
    "procedures to the Council. A letter is evidence that a mandate took something up; it is no finding. A letter of "
    "several mandates stands under each of them. Letters become public some months after they are sent, so the newest "
    "year is never whole, and no fall is to be read from it."
)
NOTHING = (
    "No communication of special procedures to a State is known at this date, so there is nothing to list. That says "
    "what was read, and not what was sent."
)
MENTIONS = (
    "Mentions of a State by a mandate in public statements are not listed: this version reads no such statement as a "
    "mention of one mandate."
)
HEAD = (say("Year"), say("Mandate"), say("State"), say("Sent on"), say("Reference and link"))


def flag_sections(lookup: Lookup) -> tuple[Section, ...]:
    """One section a calendar year, the newest first; letters without a date of sending last."""
    numbers = Numbers()
    letters = lookup.issue.letters
    years = sorted({letter.sent_on.year for letter in letters if letter.sent_on is not None}, reverse=True)
    sections = []
    for year in years:
        rows = [one for one in letters if one.sent_on is not None and one.sent_on.year == year]
        sections.append(_section(lookup, f"year-{year}", str(year), rows, numbers))
    if undated := [letter for letter in letters if letter.sent_on is None]:
        sections.append(_section(lookup, "year-unknown", say("Year not given"), undated, numbers))
    if not sections:
        block = Paragraph(number=numbers.take(), lead="", text=say(NOTHING))
        sections.append(Section(anchor="letters", heading=say("Letters"), blocks=(block,)))
    mentions = Paragraph(number=numbers.take(), lead="", text=say(MENTIONS))
    return (*sections, Section(anchor="mentions", heading=say("Mentions"), blocks=(mentions,)))


def _section(lookup: Lookup, anchor: str, year: str, letters: Sequence[Letter], numbers: Numbers) -> Section:
    rows: list[tuple[tuple[str, ...], str]] = []
    order = {place.code: at for at, place in enumerate(alphabetical(lookup.issue.places))}
    flags = [(mandate, letter) for letter in letters for mandate in letter.mandates]
    for mandate, letter in sorted(flags, key=lambda one: (fold(one[0]), order[one[1].place], one[1].reference)):
        said = wording.plain(mandate)
        rows.append(
            (
                (
                    year,
                    quote(said[:1].upper() + said[1:]),
                    lookup.name(letter.place),
                    wording.day(letter.sent_on) if letter.sent_on is not None else say("not given"),
                    wording.plain(letter.reference),
                ),
                letter.url if letter.url.startswith(("https://", "http://")) else "",
            )
        )
    places = len({letter.place for letter in letters})
    text = say(
        "{letters} to {states}, {flags}: one for each mandate of each letter.",
        letters=capital(wording.counted(len(letters), "letter", "letters")),
        states=count("{n} State", "{n} States", places),
        flags=wording.counted(len(rows), "flag", "flags"),
    )
    blocks: tuple[Block, ...] = (
        Paragraph(number=numbers.take(), lead="", text=text),
        Table(
            caption=say("Flags: {year} by mandate and State", year=year),
            head=HEAD,
            rows=tuple(row for row, _ in rows),
            hrefs=tuple(href for _, href in rows),
        ),
        Remark(text=say("States addressed, in the alphabet of the mandates and then of the States."), tone=Tone.SMALL),
    )
    return Section(anchor=anchor, heading=year, blocks=blocks)
