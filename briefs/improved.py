"""Improved situations and opportunities: releases, replies, visits and repeals are signals as well."""

from collections.abc import Sequence

from briefs import wording
from briefs.dossier import Improvement
from briefs.entries import Numbers, improvement
from briefs.lookup import Lookup, anchor
from briefs.said import quote, say, term
from briefs.view import Link, Paragraph, Section
from domain.situation import Phase, Situation
from domain.state import Place

NOTHING = (
    "No improvement is known. Releases, charges dropped, laws repealed, visits that took place and replies count here "
    "once people have entered them with a date; nobody entered one for this region, and this version counts none from "
    "texts alone. That none is printed does not mean that there was none."
)
CAUTION = "An improvement is never subtracted from a count and closes no gate."


def improved_section(
    lookup: Lookup, members: Sequence[Place], situations: Sequence[Situation], numbers: Numbers
) -> Section:
    """Situations that ease, and the steps that people entered, in English alphabetical order."""
    places = (*members, *(place for place in lookup.others() if lookup.situations.get(place.code)))
    blocks = [
        Paragraph(
            number=numbers.take(),
            lead=say(
                "{place}: easing, {level} {shape}.",
                place=lookup.name(row.place),
                level=term(row.level.value),
                shape=row.level.shape,
            ),
            text=quote(wording.sentence("; ".join(row.reasons))),
            links=(Link(text=say("Entry"), href=f"#{anchor(lookup, row)}"),),
        )
        for row in situations
        if row.phase is Phase.EASING
    ]
    blocks += [
        Paragraph(
            number=numbers.take(),
            lead=say("{place}.", place=lookup.name(place.code)),
            text=improvement(row),
            language=row.language,
        )
        for place in places
        for row in _of(lookup, place)
    ]
    if blocks:
        blocks.append(Paragraph(number=numbers.take(), lead="", text=say(CAUTION)))
    else:
        blocks.append(Paragraph(number=numbers.take(), lead="", text=say(NOTHING)))
    return Section(anchor="improved", heading=say("Improved situations and opportunities"), blocks=tuple(blocks))


def _of(lookup: Lookup, place: Place) -> list[Improvement]:
    return sorted(
        (row for row in lookup.issue.improvements if row.place == place.code), key=lambda row: (row.on, row.text)
    )
