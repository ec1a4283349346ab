"""The calendar: dated events of the next eight weeks, clashes marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from briefs import wording
from briefs.lookup import Lookup
from briefs.said import count, join, say, term
from briefs.view import Block, Remark, Section, Table
from domain.state import Place
from domain.window import Week

WEEKS_AHEAD = 8
IN_LINE = 6
COUNCIL = "the Council"
NOTHING = (
    "The reference table holds no dated event of the next eight weeks for this region. Elections, reviews, mandate "
    "renewals and due reports stand here once somebody enters them; that none is listed does not mean that none is due."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """One dated event; `place` is a code, or empty where it is the Council's own. `clashes` are titles."""

    on: date
    title: str
    place: str
    name: str
    source: str
    clashes: tuple[str, ...]


def dates_ahead(lookup: Lookup, places: Sequence[Place]) -> list[Ahead]:
    """Events of these places, of the observers and territories and of the Council, oldest first.

    Two events clash in one ISO week when they concern one place, or when one of them is the Council's own: who
    follows the one cannot follow the other.
    """
    here = {place.code for place in (*places, *lookup.others())}
    first = lookup.issue.as_of.date()
    found: list[Ahead] = []
    for entry in lookup.issue.calendar:
        on = date.fromisoformat(entry.on)
        if not first <= on <= first + timedelta(weeks=WEEKS_AHEAD) or (entry.place and entry.place not in here):
            continue
        found.append(
            Ahead(
                on=on,
                title=term(wording.plain(entry.title)),
                place=entry.place,
                name=lookup.name(entry.place) if entry.place else "",
                source=wording.plain(entry.source),
                clashes=(),
            )
        )
    found.sort(key=lambda row: (row.on, row.title, row.name))
    return [
        Ahead(
            on=row.on,
            title=row.title,
            place=row.place,
            name=row.name,
            source=row.source,
            clashes=tuple(_said(other) for other in found if other is not row and _clash(row, other)),
        )
        for row in found
    ]


def dates_line(lookup: Lookup, members: Sequence[Place]) -> str:
    """The first of them in one line; a clash is marked by its word."""
    ahead = dates_ahead(lookup, members)
    said: list[str] = [
        join(
            wording.day(row.on),
            say("{what} ({aside})", what=_said(row), aside=say("clash")) if row.clashes else _said(row),
            between=", ",
        )
        for row in ahead[:IN_LINE]
    ]
    if more := len(ahead) - len(said):
        said.append(count("and {n} more, in the calendar", "and {n} more, in the calendar", more))
    if not said:
        return say("Next eight weeks: no dated event is entered.")
    return say("Next eight weeks: {events}.", events=join(*said, between=" · "))


def calendar_section(lookup: Lookup, members: Sequence[Place]) -> Section:
    ahead = dates_ahead(lookup, members)
    rows = tuple(
        (
            wording.day(row.on),
            row.title,
            row.name or say(COUNCIL),
            join(*row.clashes, between="; ") or say("none"),
            row.source,
        )
        for row in ahead
    )
    blocks: tuple[Block, ...] = (Remark(text=say(NOTHING)),)
    if rows:
        blocks = (
            Table(
                caption=say("Dated events, eight weeks ahead"),
                head=(say("Date"), say("Event"), say("Place"), say("Clashes in the same week with"), say("Source")),
                rows=rows,
            ),
        )
    return Section(anchor="calendar", heading=say("Calendar, eight weeks ahead"), blocks=blocks)


def _said(row: Ahead) -> str:
    return join(row.title, row.name, between=", ")


def _clash(one: Ahead, other: Ahead) -> bool:
    return Week.of(one.on) == Week.of(other.on) and (one.place == other.place or not one.place or not other.place)
