"""From one issue to the five regional scans and the list of pages: decides, words and rounds, draws nothing."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from briefs import evidence, wording
from briefs.bureau import build_bureau
from briefs.entries import Notes, Numbers, build_entry, confidence, drawable, headlines, not_known
from briefs.lookup import Lookup, alphabetical, anchor
from briefs.view import (
    Block,
    Heading,
    Layout,
    Line,
    Lines,
    Link,
    Masthead,
    NoteList,
    PageKind,
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
    View,
)
from domain.classification import Lens
from domain.issue import Issue
from domain.situation import Level, Printed, Situation, TriggerValue
from domain.source import SourceState
from domain.state import Place, PlaceKind, Region, RegionScheme
from domain.window import Week

__all__ = ["build_bureau", "build_evidence", "build_index", "build_scan", "summary_lines"]

POINTS = 5
FULL_ENTRIES = 12
FIGURES = 24
WEEKS_AHEAD = 8
NO_BREAK = "\N{NO-BREAK SPACE}"
PLACE_HEAD = (
    "State",
    "Level",
    "What is heard",
    "Triggers met",
    "Access",
    "Cooperation",
    "Coverage",
    "Confidence",
    "Last look",
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
ACCESS = ("T11", "T12", "T13", "T15a", "T15b")
LEVELS_KEY = "Levels: ○ none, △ watch, ◆ emerging concern, ■ urgent. Proposed by the machine; nobody confirmed one."
EXPLAINED = {
    Level.URGENT: "Emerging concern in two runs, with more origins and further conditions.",
    Level.EMERGING: "A pattern and gravity, both on the same or on linked incidents.",
    Level.WATCH: "A trigger is met, or one gate is open; one incident or one origin never goes further.",
}
MARKS = {Level.WATCH: "watch", Level.EMERGING: "emerging", Level.URGENT: "urgent"}
PRINTED_MARKS = {
    Printed.SIGNALS: "none",
    Printed.QUIET: "quiet",
    Printed.LIMITED: "limited",
    Printed.NOT_MONITORED: "unmonitored",
    Printed.SOURCE_FAILURE: "failed",
}
SCHEMES = {
    RegionScheme.REGIONAL_GROUPS: "regional groups of Member States",
    RegionScheme.FIELD_REGIONS: "OHCHR field regions",
}


def build_scan(issue: Issue, region_code: str) -> View:
    """The weekly scan of one region: the main part first, then the annex."""
    lookup = Lookup(issue)
    region = lookup.region(region_code)
    members = lookup.members(region_code)
    situations = lookup.region_situations(region_code)
    numbers, notes = Numbers(), Notes()
    sections = [
        _changed_section(lookup, members, situations, numbers, notes),
        _places_section(lookup, region, situations, numbers, notes),
        _situations_section(lookup, region, situations, numbers, notes),
        _access_section(lookup, members, numbers),
        _calendar_section(lookup, members),
        _method(lookup, numbers),
        _notes_section(notes),
    ]
    return View(
        kind=PageKind.SCAN,
        language="en",
        region_code=region.code,
        masthead=_masthead(
            issue,
            title="Horizon scan",
            subtitle=f"{wording.plain(region.name)} · weekly",
            reference=f"HS/{region.code}/{_slashed(lookup.week)}",
        ),
        nav=_nav(lookup),
        sections=tuple(one for one in sections if one.blocks),
    )


def build_evidence(issue: Issue, region_code: str) -> View:
    """What the numbers of one region's scan rest on: incidents, reports, origins, labels and their words."""
    lookup = Lookup(issue)
    region = lookup.region(region_code)
    rooted = evidence.roots(lookup)
    found = [evidence.build_section(lookup, one, rooted) for one in lookup.region_situations(region_code)]
    return View(
        kind=PageKind.EVIDENCE,
        language="en",
        region_code=region.code,
        masthead=_masthead(
            issue,
            title="Evidence",
            subtitle=f"{wording.plain(region.name)} · weekly",
            reference=f"HS/{region.code}/{_slashed(lookup.week)}/Evidence",
        ),
        nav=_nav(lookup),
        lead="What each count of the scan rests on: the alleged incidents of twelve weeks, the reports of each with "
        "who first learned of it, and the source's own words behind each label. The week and the State are given, "
        "and nothing closer. A published total has no incidents here: its figures stand below its picture.",
        sections=tuple(one for one in found if one is not None),
        foot=LEVELS_KEY,
    )


def build_index(issue: Issue) -> View:
    """The list of the pages of one issue, with one line of what each holds."""
    lookup = Lookup(issue)
    pages = [
        (wording.plain(region.name), f"{region.code}.html", _unbroken(_counts(lookup, lookup.members(region.code))))
        for region in lookup.regions
    ]
    pages.append(("Bureau page", "bureau.html", "One page for the President and the Bureau."))
    pages += [
        (
            f"Evidence: {wording.plain(region.name)}",
            evidence.page_name(region.code),
            "The incidents, reports and words behind each count of the scan.",
        )
        for region in lookup.regions
    ]
    pages.append(("Interactive figures", "interactive.html", "The same series, to look into; needs JavaScript."))
    lines = tuple(Line(lead="", text=text, links=(Link(text=name, href=href),)) for name, href, text in pages)
    return View(
        kind=PageKind.INDEX,
        language="en",
        masthead=_masthead(
            issue,
            title="Horizon scans of the week",
            subtitle=f"{wording.counted(len(lookup.regions), 'region', 'regions')} · weekly".capitalize(),
            reference=f"HS/{_slashed(lookup.week)}",
        ),
        nav=(),
        lead=f"{wording.plain(_real(issue))} What was not heard may still have happened.",
        sections=(
            Section(anchor="pages", heading="Pages of this issue", blocks=(Lines(layout=Layout.PAGES, lines=lines),)),
        ),
        foot=LEVELS_KEY,
    )


def summary_lines(issue: Issue) -> tuple[str, ...]:
    """One line per region of what was found, for the command line; the observers and territories come last."""
    lookup = Lookup(issue)
    lines = [
        f"{region.code}  {wording.plain(region.name)}: {_counts(lookup, lookup.members(region.code))}"
        for region in lookup.regions
    ]
    if others := lookup.others():
        lines.append(f"     Observers and territories: {_counts(lookup, others, noun='places')}")
    return tuple(lines)


def _masthead(issue: Issue, *, title: str, subtitle: str, reference: str) -> Masthead:
    week = Week.parse(issue.week)
    public = issue.lens is Lens.PUBLIC
    return Masthead(
        title=title,
        subtitle=subtitle,
        reference=reference,
        distribution="DRAFT · from public information only; not an assessment by OHCHR"
        if public
        else "CONFIDENTIAL · DRAFT",
        review=wording.REVIEW,
        week=f"Week {week}, {wording.span(week.first_day, week.last_day)}",
        as_of=f"As known on {wording.moment(issue.as_of)}",
        imprint=f"{wording.plain(issue.revision)}, not issued · cleared by nobody · {SCHEMES[issue.scheme]} · "
        f"{issue.lens.value} lens · original: English",
        facts=(
            ("Version", f"{wording.plain(issue.revision)}, draft, not issued"),
            ("Cleared by", "nobody"),
            ("Regions", SCHEMES[issue.scheme]),
            ("Lens", issue.lens.value),
            ("Original language", "English"),
            ("Method", wording.plain(issue.method_version)),
            ("Code", wording.plain(issue.code_version)),
        ),
        disclaimer=wording.DISCLAIMER,
    )


def _nav(lookup: Lookup) -> tuple[Link, ...]:
    return (
        Link(text="All pages", href="index.html"),
        *(Link(text=wording.plain(region.name), href=f"{region.code}.html") for region in lookup.regions),
        Link(text="Bureau page", href="bureau.html"),
        Link(text="Interactive figures", href="interactive.html"),
    )


def _slashed(week: Week) -> str:
    return f"{week.year}/W{week.number:02d}"


def _states(count: int) -> str:
    return f"{count} State" if count == 1 else f"{count} States"


# 1 What changed


def _changed_section(
    lookup: Lookup, members: Sequence[Place], situations: Sequence[Situation], numbers: Numbers, notes: Notes
) -> Section:
    said = (_unbroken(_counts(lookup, members)), _since(lookup, members), _dates(lookup, members))
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
        text=f"Confidence is {sure}{origin}. No State's account was sought.{aside} All are named below, by "
        "trigger met in the last twelve weeks.",
        rows=_rows(lookup, group),
        notes=cited,
    )


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
    counts = _printed_counts(lookup, members)
    parts = [
        f"{counts[printed]} {verb}"
        for printed, verb in (
            (Printed.LIMITED, "with limited coverage"),
            (Printed.NOT_MONITORED, "not monitored"),
            (Printed.SOURCE_FAILURE, "behind a source failure"),
        )
        if counts[printed]
    ]
    text = f"Of {_states(len(members))}, without signals: {wording.listed(parts)}. " if parts else ""
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


def _printed_counts(lookup: Lookup, places: Sequence[Place]) -> dict[Printed, int]:
    """Of the places without a level: how many print each word."""
    states = [lookup.state(place.code) for place in places]
    return {
        printed: sum(state.level is Level.NONE and state.printed is printed for state in states) for printed in Printed
    }


def _counts(lookup: Lookup, places: Sequence[Place], *, noun: str = "States") -> str:
    """One line that adds up: every place once, by level or, without one, by its printed word."""
    states = [lookup.state(place.code) for place in places]
    parts = [
        f"{wording.level_word(level)} {sum(state.level is level for state in states)}"
        for level in (Level.URGENT, Level.EMERGING, Level.WATCH)
    ]
    for printed, count in _printed_counts(lookup, places).items():
        if printed is Printed.SIGNALS:
            if count:
                parts.append(f"signals without a level {count}")
        else:
            parts.append(f"{'○ ' if printed is Printed.QUIET else ''}{printed.value} {count}")
    return f"{' · '.join(parts)} ({len(states)} {noun[:-1] if len(states) == 1 else noun})"


def _unbroken(counts: str) -> str:
    """The same line for a page: no end of a line falls between a shape, its word and its number."""
    parts, bracket, total = counts.rpartition(" (")
    return " · ".join(part.replace(" ", NO_BREAK) for part in parts.split(" · ")) + bracket + total


def _since(lookup: Lookup, members: Sequence[Place]) -> str:
    if not lookup.issue.previous:
        return "This is the first issue of its store: there is nothing to compare it with."
    here = {place.code for place in members}
    named = sorted(
        (change for change in lookup.issue.changes if change.place in here),
        key=lambda change: [place.code for place in members].index(change.place),
    )
    before = wording.plain(lookup.issue.previous)
    if not named:
        return f"Since {before} no State here changed its level or its printed word."
    said = [
        f"{wording.plain(lookup.place(change.place).name)} ({wording.plain(change.before)} → "
        f"{wording.plain(change.after)})"
        for change in named
    ]
    return f"Since {before}, {wording.counted(len(said), 'State', 'States')} changed: {wording.listed(said)}."


def _ahead(lookup: Lookup, places: Sequence[Place]) -> list[tuple[date, str, str, str]]:
    """Dated events of the next eight weeks: day, title, place or empty, source."""
    here = {place.code for place in (*places, *lookup.others())}
    first = lookup.issue.as_of.date()
    found: list[tuple[date, str, str, str]] = []
    for entry in lookup.issue.calendar:
        on = date.fromisoformat(entry.on)
        if not first <= on <= first + timedelta(weeks=WEEKS_AHEAD) or (entry.place and entry.place not in here):
            continue
        name = wording.plain(lookup.place(entry.place).name) if entry.place else ""
        found.append((on, wording.plain(entry.title), name, wording.plain(entry.source)))
    return sorted(found)


def _dates(lookup: Lookup, members: Sequence[Place]) -> str:
    said = [
        f"{wording.day(on)}, {title}{f', {name}' if name else ''}" for on, title, name, _ in _ahead(lookup, members)
    ]
    return f"Next eight weeks: {' · '.join(said)}." if said else ""


def _calendar_section(lookup: Lookup, members: Sequence[Place]) -> Section:
    return Section(anchor="calendar", heading="Calendar", blocks=_calendar(lookup, members))


def _calendar(lookup: Lookup, members: Sequence[Place]) -> tuple[Block, ...]:
    rows = tuple(
        (wording.day(on), title, name or "the Council", source) for on, title, name, source in _ahead(lookup, members)
    )
    if not rows:
        return ()
    return (Table(caption="Dated events, eight weeks ahead", head=("Date", "Event", "Place", "Source"), rows=rows),)


# 2 All places


def _places_section(
    lookup: Lookup, region: Region, situations: Sequence[Situation], numbers: Numbers, notes: Notes
) -> Section:
    members, others = lookup.members(region.code), lookup.others()
    title = f"All States of the group: {wording.plain(region.name)}"
    intro = Paragraph(
        number=numbers.take(),
        lead="",
        text=f"All {_states(len(members))} of the group in English alphabetical order, unranked. "
        f"{wording.PRINTED_KEY} {wording.NOT_REASSURANCE}",
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
        Heading(level=3, text=OTHERS),
        PlaceTable(
            caption=OTHERS,
            caption_shown=False,
            head=("Place", *PLACE_HEAD[1:], "Entries in"),
            homes=True,
            rows=tuple(_place_row(lookup, place, region.code, notes) for place in others),
        ),
    ]
    if key := _trigger_key(lookup, (*members, *others), situations):
        lines = tuple(Line(lead=trigger, text=name) for trigger, name in key)
        blocks.append(Lines(layout=Layout.KEY, lines=lines))
    blocks.append(Remark(text=LEVELS_KEY, tone=Tone.SMALL))
    return Section(anchor="places", heading=title, blocks=tuple(blocks))


def _place_row(lookup: Lookup, place: Place, region_code: str, notes: Notes) -> PlaceRow:
    state = lookup.state(place.code)
    totals = lookup.usual_totals(place.code) if state.printed is not Printed.SIGNALS else ()
    details = (wording.printed_detail(state.printed, state.smallest_rise), *map(wording.usual_total, totals))
    situations = tuple(row for row in lookup.situations.get(place.code, ()) if row.level is not Level.NONE)
    home = lookup.home(place)
    href = ""
    if situations:
        page = "" if home == region_code else f"{home}.html"
        href = f"{page}#{anchor(lookup, situations[0])}"
    phase = f" ({state.phase.value})" if state.phase is not None and state.level is not Level.NONE else ""
    return PlaceRow(
        code=place.code,
        name=wording.plain(place.name),
        note=wording.plain(place.note),
        shape=state.level.shape,
        level=f"{state.level.value}{phase}",
        printed=state.printed.value,
        detail="; ".join(detail for detail in details if detail),
        triggers=", ".join(state.triggers_met) or "none",
        coverage=state.coverage.value,
        access=_heard_of(lookup, place.code, ACCESS_TRIGGERS),
        cooperation=_heard_of(lookup, place.code, COOPERATION_TRIGGERS),
        confidence=confidence(lookup, situations[0])[0] if situations else "not stated",
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
        return f"{', '.join(met)} met"
    for value in (TriggerValue.CANNOT_TELL, TriggerValue.NOT_MET, TriggerValue.NOT_APPLICABLE):
        if value in values.values():
            return value.value
    return "no input"


def _trigger_key(
    lookup: Lookup, places: Sequence[Place], situations: Sequence[Situation]
) -> tuple[tuple[str, str], ...]:
    """The names of the triggers that the tables and the short lines of this page print by id."""
    met = {trigger for place in places for trigger in lookup.state(place.code).triggers_met}
    for situation in situations:
        met |= {coding.trigger for row in lookup.situation_incidents(situation) for coding in row.codings}
    return tuple((trigger, wording.plain(lookup.card(trigger).name)) for trigger in sorted(met))


def _grid(lookup: Lookup, region_code: str) -> TileGrid:
    blocks = [
        _tile_block(lookup, wording.plain(region.name), lookup.members(region.code), here=region.code == region_code)
        for region in lookup.regions
    ]
    blocks.append(_tile_block(lookup, "Observers and territories", lookup.others(), here=False))
    return TileGrid(
        figure_id="tiles",
        key=TILE_KEY,
        table=Table(
            caption="Every place with its level, or its printed word where it has none",
            head=("Place", "Code", "List", "Level or word"),
            rows=tuple((tile.name, tile.code, block.title, tile.word) for block in blocks for tile in block.tiles),
            folded=True,
            printed=False,
        ),
        caption="All States, observers and territories, one equal tile each, in English alphabetical "
        "order; this scan's region has the strong frame. No size, place or boundary is meant.",
        blocks=tuple(blocks),
    )


def _tile_block(lookup: Lookup, title: str, places: Sequence[Place], *, here: bool) -> TileBlock:
    tiles = []
    for place in alphabetical(places):
        state = lookup.state(place.code)
        mark = MARKS.get(state.level) or PRINTED_MARKS[state.printed]
        word = state.level.value if state.level in MARKS else state.printed.value
        tiles.append(Tile(code=place.code, name=wording.plain(place.name), mark=mark, word=word))
    noun = "places" if not title or title.startswith("Observers") else "States"
    return TileBlock(title=title, sentence=_counts(lookup, places, noun=noun), here=here, tiles=tuple(tiles))


# 3 Situations


def _situations_section(
    lookup: Lookup, region: Region, situations: Sequence[Situation], numbers: Numbers, notes: Notes
) -> Section:
    intro = Paragraph(number=numbers.take(), lead="", text=_situations_intro(lookup, region, situations))
    return Section(
        anchor="situations",
        heading="Situations",
        blocks=(intro, *_blocks(lookup, situations, numbers, notes)),
    )


def _situations_intro(lookup: Lookup, region: Region, situations: Sequence[Situation]) -> str:
    if not situations:
        return "No situation reached watch. Which triggers could be seen at all is in the method box."
    others = sum(lookup.place(situation.place).kind is not PlaceKind.MEMBER for situation in situations)
    text = (
        f"{wording.counted(len(situations), 'situation', 'situations').capitalize()}, in the order level, phase "
        "(new, rising, sustained, easing), alphabet; nothing else orders them. Every situation of a level is named; "
        f"where more than {FULL_ENTRIES} would fill the pages, each of that level has one line and its full entry "
        "behind it."
    )
    if others:
        concern = wording.counted(others, "concerns an observer or a territory", "concern observers or territories")
        text += f" {wording.sentence(f'{concern} listed with {wording.plain(region.name)}, not added to any State')}"
    return text


def _blocks(lookup: Lookup, situations: Sequence[Situation], numbers: Numbers, notes: Notes) -> tuple[Block, ...]:
    """Full entries for a level only when all of it fits in what is left; so no cut falls inside a tie."""
    room, pictures = FULL_ENTRIES, FIGURES
    blocks: list[Block] = []
    for level, rows in groupby(situations, key=lambda situation: situation.level):
        group = tuple(rows)
        full = len(group) <= room
        # A level that did not fit closes the room for the levels below it.
        room = room - len(group) if full else 0
        wanted = sum(drawable(row) for situation in group for row in lookup.situation_series(situation))
        drawn = full and wanted <= pictures
        pictures -= wanted if drawn else 0
        heading = f"{wording.level_word(level)}: {wording.counted(len(group), 'situation', 'situations')}"
        blocks += [Heading(level=3, text=heading), Remark(text=EXPLAINED[level], tone=Tone.SMALL)]
        blocks += [
            build_entry(lookup, situation, number=numbers.take(), notes=notes, full=full, figures=drawn)
            for situation in group
        ]
    return tuple(blocks)


# 4 Access and cooperation


def _access_section(lookup: Lookup, members: Sequence[Place], numbers: Numbers) -> Section:
    return Section(anchor="access", heading="Access and cooperation", blocks=_access(lookup, members, numbers))


def _access(lookup: Lookup, members: Sequence[Place], numbers: Numbers) -> tuple[Block, ...]:
    """Absent when no trigger of access or cooperation has an input in this version and no letter is known."""
    cards = [lookup.cards[trigger] for trigger in ACCESS if trigger in lookup.cards]
    fed = [card for card in cards if card.fed]
    letters = _letters(lookup, members)
    if not fed and not letters:
        return ()
    tables: list[Table] = []
    codes = [place.code for place in members]
    rows = [
        (
            wording.plain(lookup.place(result.place).name),
            f"{result.trigger} {wording.plain(lookup.card(result.trigger).name)}",
            wording.sentence(result.reason),
        )
        for code in codes
        for result in sorted(lookup.issue.triggers, key=lambda row: row.trigger)
        if result.place == code and result.trigger in ACCESS and result.value is TriggerValue.MET
    ]
    blind = sum(
        result.value is TriggerValue.CANNOT_TELL and result.trigger in {card.id for card in fed}
        for result in lookup.issue.triggers
        if result.place in codes
    )
    watched = wording.listed([f"{card.id} {wording.plain(card.name)}" for card in fed])
    text = f"This version has inputs for: {watched}. " if fed else "No trigger of access has an input yet. "
    if fed and not rows:
        text += "None of them is met in this region. "
    if blind:
        text += f"In {blind:,} of {len(codes) * len(fed):,} cases (a State and a trigger) it cannot be told. "
    if missing := [card.id for card in cards if not card.fed]:
        text += f"Nothing can be said of {wording.listed(missing)}: no input is read."
    paragraph = Paragraph(number=numbers.take(), lead="", text=text.strip())
    if rows:
        tables.append(
            Table(
                caption="Triggers of access and cooperation that are met",
                head=("State", "Trigger", "What"),
                rows=tuple(rows),
            )
        )
    if letters:
        tables.append(
            Table(
                caption="Special procedures communications known at this date: evidence, not a trigger; "
                "later letters are not yet public",
                head=("State addressed", "Letters"),
                rows=letters,
                numeric=(1,),
            )
        )
    return (paragraph, *tables)


def _letters(lookup: Lookup, members: Sequence[Place]) -> tuple[tuple[str, ...], ...]:
    counts = dict(lookup.issue.communications)
    return tuple((wording.plain(place.name), f"{counts[place.code]:,}") for place in members if counts.get(place.code))


# 6 Method box


def _real(issue: Issue) -> str:
    real = sum(source.real_payload for source in issue.sources)
    return f"{real} of {len(issue.sources)} source cards ran on real payloads."


def _languages(issue: Issue) -> str:
    read = sorted({language for source in issue.sources if source.real_payload for language in source.languages})
    listed_ = wording.listed([wording.LANGUAGES.get(language, language) for language in read])
    found = {report.language for report in issue.reports if report.language}
    prose = wording.listed([wording.LANGUAGES.get(one, one) for one in sorted(found)])
    told = f"Incidents told in prose are in: {prose}." if prose else "No incident rests on prose."
    return f"Sources of this issue are in: {listed_ or 'none'}. {told}"


def _notes_section(notes: Notes) -> Section:
    printed = notes.printed()
    return Section(anchor="notes", heading="Notes", blocks=(NoteList(notes=printed),) if printed else ())


def _method(lookup: Lookup, numbers: Numbers) -> Section:
    issue = lookup.issue
    fed = [card.id for card in issue.trigger_cards if card.fed]
    unfed = [card.id for card in issue.trigger_cards if not card.fed]
    specimen = (
        " This is the bundled specimen week: recorded payloads are replayed; a source without one is named as not in "
        "the specimen, and nothing is invented in its place."
        if issue.specimen
        else ""
    )
    triggers = f"Triggers with an input: {wording.listed(fed) or 'none'}."
    if unfed:
        triggers += f" Without one, so that nothing can be said of them: {wording.listed(unfed)}."
    paragraphs = (
        Paragraph(number=numbers.take(), lead="Sources.", text=f"{_real(issue)}{specimen}"),
        Paragraph(
            number=numbers.take(),
            lead="Method.",
            text=f"Method {wording.plain(issue.method_version)}, code {wording.plain(issue.code_version)}; the same "
            f"rules and figures for every State. {triggers} Confidence is read off origins, classes of source and "
            "coverage; a machine alone prints at most moderate.",
        ),
        Paragraph(number=numbers.take(), lead="Languages.", text=_languages(issue)),
        Paragraph(
            number=numbers.take(),
            lead="Limits.",
            text=f"{wording.ATTENTION} No likelihood is given, because no analyst entered one. No State was asked for "
            "its account. Counts below three are not placed below State level.",
        ),
    )
    tables = [
        Table(
            caption="Sources of this issue",
            head=("Source", "Publisher", "What came of the look", "Values", "Items", "Newest item", "Last look"),
            rows=tuple(
                (
                    wording.plain(source.title),
                    wording.plain(source.publisher),
                    wording.STATE_WORDS[source.state] + (f"; {wording.clause(source.detail)}" if source.detail else ""),
                    source.basis.value if source.basis is not None else "–",
                    f"{source.items:,}" if source.state.looked or source.items else "not looked",
                    wording.looked(source.last_item) if source.last_item else "–",
                    wording.utc(source.last_look) if source.last_look is not None else "never",
                )
                for source in sorted(issue.sources, key=lambda source: source.source_id)
            ),
            numeric=(4,),
            folded=True,
        )
    ]
    if issue.defects:
        tables.append(
            Table(
                caption="Defects: what could not be used, by source and check",
                head=("Source", "Check", "Level", "Count", "First example"),
                rows=tuple(
                    (
                        wording.plain(line.source_id),
                        wording.plain(line.check.replace("_", " ")),
                        wording.plain(line.level),
                        f"{line.count:,}",
                        wording.plain(line.example, longest=160),
                    )
                    for line in sorted(issue.defects, key=lambda line: (line.source_id, line.check, line.level))
                ),
                numeric=(3,),
                folded=True,
                printed=False,
            )
        )
    tables.append(
        Table(
            caption="Triggers of the method",
            head=("Trigger", "Name", "Gravity", "Input in this version"),
            rows=tuple(
                (card.id, wording.plain(card.name), card.gravity.value, "yes" if card.fed else "none")
                for card in issue.trigger_cards
            ),
            folded=True,
            printed=False,
        )
    )
    if issue.thresholds:
        tables.append(
            Table(
                caption="Thresholds, the same for every State",
                head=("Threshold", "Value"),
                rows=tuple((wording.plain(name), wording.plain(value)) for name, value in issue.thresholds),
                numeric=(1,),
                folded=True,
                printed=False,
            )
        )
    return Section(anchor="method", heading="Method box", blocks=(*paragraphs, *tables))
