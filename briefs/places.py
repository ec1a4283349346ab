"""All places of a list, in the alphabet and unranked, as a table and as tiles."""

from collections.abc import Sequence

from briefs import wording
from briefs.entries import Notes, Numbers, confidence, departed
from briefs.front import count_line, levels_key, states
from briefs.lookup import Lookup, alphabetical, anchor
from briefs.said import Said, capital, join, say, term
from briefs.view import (
    Block,
    Heading,
    Layout,
    Line,
    Lines,
    Paragraph,
    PlaceRow,
    PlaceTable,
    Remark,
    Section,
    Table,
    Tile,
    TileBlock,
    TileGrid,
    Tone,
)
from domain.situation import Level, Printed, Situation, TriggerValue
from domain.state import Place, PlaceKind, Region

PLACE_HEAD = (
    say("State"),
    say("Level"),
    say("What is heard"),
    say("Triggers met"),
    say("Access"),
    say("Cooperation"),
    say("Coverage"),
    say("Confidence"),
    say("Last look"),
)
OTHERS = "Observers and territories"
ACCESS_TRIGGERS = ("T11", "T12", "T13")
COOPERATION_TRIGGERS = ("T15a", "T15b")
TILE_KEY = (
    ("urgent", "urgent"),
    ("emerging", "emerging concern"),
    ("watch", "watch"),
    ("quiet", "quiet"),
    ("limited", "limited coverage"),
    ("unmonitored", "not monitored"),
    ("failed", "source failure"),
)
MARKS = {Level.WATCH: "watch", Level.EMERGING: "emerging", Level.URGENT: "urgent"}
PRINTED_MARKS = {
    Printed.SIGNALS: "none",
    Printed.QUIET: "quiet",
    Printed.LIMITED: "limited",
    Printed.NOT_MONITORED: "unmonitored",
    Printed.SOURCE_FAILURE: "failed",
}


def states_section(lookup: Lookup, members: Sequence[Place], numbers: Numbers) -> Section:
    """Every State of the group by name, under its level or its printed word; the table in the annex says more."""
    lines = {place.code: lookup.state(place.code) for place in members}
    groups: list[tuple[str, list[Place]]] = [
        (wording.level_word(level), [place for place in members if lines[place.code].level is level])
        for level in (Level.URGENT, Level.EMERGING, Level.WATCH)
    ]
    without = [place for place in members if lines[place.code].level is Level.NONE]
    for printed in Printed:
        word = term("signals without a level" if printed is Printed.SIGNALS else printed.value)
        shape = Level.NONE.shape if printed is Printed.QUIET else ""
        groups.append((join(shape, word), [place for place in without if lines[place.code].printed is printed]))
    intro = join(
        say("All {states} of the group; within each word in English alphabetical order.", states=states(len(members))),
        say(wording.NOT_REASSURANCE),
    )
    rows = (
        Remark(
            text=say(
                "{what} ({number}): {names}.",
                what=capital(word),
                number=len(held),
                names=join(*(lookup.name(place.code) for place in held), between=", "),
            ),
            tone=Tone.SMALL,
        )
        for word, held in groups
        if held
    )
    return Section(
        anchor="states",
        heading=say("All States of the group"),
        blocks=(Paragraph(number=numbers.take(), lead="", text=intro), *rows),
    )


def places_section(
    lookup: Lookup, region: Region, situations: Sequence[Situation], numbers: Numbers, notes: Notes
) -> Section:
    members, others = lookup.members(region.code), lookup.others()
    title = say("All States of the group: {region}", region=term(wording.plain(region.name)))
    intro = Paragraph(
        number=numbers.take(),
        lead="",
        text=join(
            say("All {states} of the group in English alphabetical order, unranked.", states=states(len(members))),
            say(wording.PRINTED_KEY),
            say(wording.NOT_REASSURANCE),
        ),
    )
    blocks: list[Block] = [
        intro,
        _grid(lookup, region.code),
        PlaceTable(
            caption=title,
            caption_shown=True,
            head=PLACE_HEAD,
            homes=False,
            rows=tuple(_place_row(lookup, place, region.code, notes) for place in members),
        ),
        Heading(level=3, text=say(OTHERS)),
        PlaceTable(
            caption=say(OTHERS),
            caption_shown=False,
            head=(say("Place"), *PLACE_HEAD[1:], say("Entries in")),
            homes=True,
            rows=tuple(_place_row(lookup, place, region.code, notes) for place in others),
        ),
    ]
    if key := trigger_key(lookup, (*members, *others), situations):
        lines = tuple(Line(lead=trigger, text=name) for trigger, name in key)
        blocks.append(Lines(layout=Layout.KEY, lines=lines))
    blocks.append(Remark(text=levels_key(lookup), tone=Tone.SMALL))
    return Section(anchor="places", heading=title, blocks=tuple(blocks), annex=True)


def _place_row(lookup: Lookup, place: Place, region_code: str, notes: Notes) -> PlaceRow:
    state = lookup.state(place.code)
    totals = lookup.usual_totals(place.code) if state.printed is not Printed.SIGNALS else ()
    held = lookup.situations.get(place.code, ())
    situations = tuple(row for row in held if row.level is not Level.NONE)
    # A level that people took away has no entry: what the rules gave, and why not, stands on the place's own line.
    taken = (departed(lookup, row) for row in held if row.level is Level.NONE)
    details = (wording.printed_detail(state.printed, state.smallest_rise), *map(wording.usual_total, totals), *taken)
    home = lookup.home(place)
    href = ""
    if situations:
        page = "" if home == region_code else f"{home}.html"
        href = f"{page}#{anchor(lookup, situations[0])}"
    level: Said = term(state.level.value)
    if state.phase is not None and state.level is not Level.NONE:
        level = say("{level} ({phase})", level=level, phase=term(state.phase.value))
    return PlaceRow(
        code=place.code,
        name=lookup.name(place.code),
        note=term(wording.plain(place.note)),
        shape=state.level.shape,
        level=level,
        printed=term(state.printed.value),
        detail=join(*details, between="; "),
        triggers=", ".join(state.triggers_met) or say("none"),
        coverage=term(state.coverage.value),
        access=_heard_of(lookup, place.code, ACCESS_TRIGGERS),
        cooperation=_heard_of(lookup, place.code, COOPERATION_TRIGGERS),
        confidence=confidence(lookup, situations[0])[0] if situations else say("not stated"),
        last_look=wording.looked(state.last_look),
        home=home if place.kind is not PlaceKind.MEMBER else "",
        href=href,
        notes=notes.cite([lookup.source(series.source_id) for series in totals]) if totals else (),
    )


def _heard_of(lookup: Lookup, place: str, triggers: Sequence[str]) -> str:
    """The triggers met, or the most that can be said where none is: not met, cannot tell, no input."""
    fed = [trigger for trigger in triggers if trigger in lookup.cards and lookup.cards[trigger].fed]
    values = {
        trigger: lookup.triggers[(place, trigger)].value for trigger in fed if (place, trigger) in lookup.triggers
    }
    if met := [trigger for trigger, value in values.items() if value is TriggerValue.MET]:
        return say("{triggers} met", triggers=", ".join(met))
    for value in (TriggerValue.CANNOT_TELL, TriggerValue.NOT_MET, TriggerValue.NOT_APPLICABLE):
        if value in values.values():
            return term(value.value)
    return say("no input")


def trigger_key(
    lookup: Lookup, places: Sequence[Place], situations: Sequence[Situation]
) -> tuple[tuple[str, str], ...]:
    """The names of the triggers that the tables and the short lines of this page print by id."""
    met = {trigger for place in places for trigger in lookup.state(place.code).triggers_met}
    for situation in situations:
        met |= {coding.trigger for row in lookup.situation_incidents(situation) for coding in row.codings}
        met |= set(situation.triggers)
    return tuple((trigger, term(wording.plain(lookup.card(trigger).name))) for trigger in sorted(met))


def _grid(lookup: Lookup, region_code: str) -> TileGrid:
    blocks = [
        _tile_block(
            lookup,
            term(wording.plain(region.name)),
            lookup.members(region.code),
            here=region.code == region_code,
            noun="States",
        )
        for region in lookup.regions
    ]
    blocks.append(_tile_block(lookup, say(OTHERS), lookup.others(), here=False, noun="places"))
    return TileGrid(
        figure_id="tiles",
        key=tuple((mark, term(word)) for mark, word in TILE_KEY),
        table=Table(
            caption=say("Every place with its level, or its printed word where it has none"),
            head=(say("Place"), say("Code"), say("List"), say("Level or word")),
            rows=tuple((tile.name, tile.code, block.title, tile.word) for block in blocks for tile in block.tiles),
            folded=True,
            printed=False,
        ),
        caption=say(
            "All States, observers and territories, one equal tile each, in English alphabetical order; this scan's "
            "region has the strong frame. No size, place or boundary is meant."
        ),
        blocks=tuple(blocks),
    )


def _tile_block(lookup: Lookup, title: str, places: Sequence[Place], *, here: bool, noun: str) -> TileBlock:
    tiles = []
    for place in alphabetical(places):
        state = lookup.state(place.code)
        mark = MARKS.get(state.level) or PRINTED_MARKS[state.printed]
        word = term(state.level.value if state.level in MARKS else state.printed.value)
        tiles.append(Tile(code=place.code, name=lookup.name(place.code), mark=mark, word=word))
    return TileBlock(title=title, sentence=count_line(lookup, places, noun=noun), here=here, tiles=tuple(tiles))
