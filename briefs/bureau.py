"""The Bureau page: one A4 page, 350 words at most, written as if the State concerned will read it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from briefs import wording
from briefs.ahead import dates_ahead
from briefs.entries import Numbers, confidence, headlines, not_known
from briefs.front import review_line
from briefs.lookup import Lookup, anchor, hole
from briefs.view import Link, Masthead, PageKind, Paragraph, Section, View
from domain.classification import Lens
from domain.issue import Issue
from domain.situation import Level, Phase, Printed, Situation
from domain.state import fold
from domain.window import Week

WORD_LIMIT = 350
FULL_SITUATIONS = 3
DATES = 3
NOTHING_UNSEEN = "What was not heard may still have happened."
NOT_WORDS = frozenset({"href", "language", "direction", "number", "kind", "anchor", "region_code"})
LEVELS_KEY = "Levels: ○ none, △ watch, ◆ emerging concern, ■ urgent."


def build_bureau(issue: Issue) -> View:
    """Full situations where they fit, else one line each; a situation is never dropped to make room."""
    lookup = Lookup(issue)
    for line, spare in ((_full, True), (_told, True), (_short, True), (_short, False)):
        view = _page(lookup, line, spare=spare)
        if count_words(view) <= WORD_LIMIT:
            return view
    raise hole(f"The Bureau page needs {count_words(view)} words where {WORD_LIMIT} are allowed")


def count_words(view: View) -> int:
    """Words on paper, masthead and keys included; the usual disclaimer and the navigation are not counted."""
    return sum(len(re.findall(r"\S+", text)) for text in _texts(asdict(view)))


def _texts(node: Any, name: str = "") -> Iterator[str]:
    if isinstance(node, str):
        if name not in NOT_WORDS:
            yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in {"nav", "disclaimer"}:
                yield from _texts(value, key)
    elif isinstance(node, tuple | list):
        for value in node:
            yield from _texts(value, name)


def _page(lookup: Lookup, line: Callable[[Lookup, Situation, str], Paragraph], *, spare: bool) -> View:
    """One form of the page; `spare` says whether there is room for dates and for what is always available."""
    issue = lookup.issue
    ranked = sorted(
        (situation for situation in issue.situations if situation.level.rank >= Level.EMERGING.rank),
        key=lookup.print_order,
    )
    continuing = tuple(row for row in ranked if issue.previous and not _changed(lookup, row))
    numbers = Numbers()
    entries: list[Paragraph] = []
    also: list[Paragraph] = []
    told = [row for row in ranked if row not in continuing]
    for level, rows in groupby(told, key=lambda situation: situation.level):
        group = tuple(rows)
        if entries:
            also.append(_named(lookup, level, group, numbers.take()))
        elif len(group) <= FULL_SITUATIONS:
            entries = [line(lookup, situation, numbers.take()) for situation in group]
        elif line is not _short:
            entries = [_short(lookup, situation, numbers.take()) for situation in group]
        else:
            entries = [_named(lookup, level, group, numbers.take())]
    entries += _lowered(lookup, numbers)
    if not entries:
        entries = [_nothing(numbers.take(), continuing=bool(continuing))]
    if continuing:
        also.append(_continuing(lookup, continuing, numbers.take()))
    also += [
        _watch(lookup, numbers.take()),
        _not_seen(lookup, numbers.take()),
        _informed(lookup, ranked, numbers.take()),
    ]
    if spare:
        also += [_dates(lookup, ranked, numbers.take()), _available(numbers.take())]
    also.append(_regions(lookup, numbers.take()))
    heading = "New or changed" if issue.previous else "This week"
    return View(
        kind=PageKind.BUREAU,
        language="en",
        masthead=_masthead(issue),
        nav=(Link(text="All pages", href="index.html"),),
        lead="For information. It makes no finding and proposes no decision. It uses the same rules for all States "
        "(A/HRC/43/37, paragraph 62).",
        sections=(
            Section(anchor="new", heading=heading, blocks=tuple(entries)),
            Section(anchor="also", heading="Also", blocks=tuple(also)),
        ),
        foot=LEVELS_KEY,
    )


def _changed(lookup: Lookup, situation: Situation) -> bool:
    """New, or of another phase than sustained, or of another level than a week ago."""
    moved = {change.place for change in lookup.issue.changes}
    return situation.phase is not Phase.SUSTAINED or situation.place in moved


def _lowered(lookup: Lookup, numbers: Numbers) -> list[Paragraph]:
    """Places that a week ago stood at emerging concern or above and now stand lower: news as well."""
    down = [
        change
        for change in lookup.issue.changes
        if change.before in {Level.EMERGING.value, Level.URGENT.value}
        and lookup.state(change.place).level.rank < Level.EMERGING.rank
    ]
    down.sort(key=lambda change: (fold(lookup.place(change.place).name), change.place))
    return [
        Paragraph(
            number=numbers.take(),
            lead=f"{lookup.state(change.place).level.shape} {wording.plain(lookup.place(change.place).name)}: lowered "
            f"from {change.before} to {wording.plain(change.after)}.",
            text="",
        )
        for change in down
    ]


def _nothing(number: str, *, continuing: bool) -> Paragraph:
    if continuing:
        return Paragraph(number=number, lead="No level changed.", text="What continues is named below.")
    return Paragraph(
        number=number,
        lead="No situation reached emerging concern.",
        text="No pattern of grave incidents could be shown from what was heard. This is not a finding that there is "
        "none.",
    )


def _continuing(lookup: Lookup, rows: tuple[Situation, ...], number: str) -> Paragraph:
    said = [
        f"{row.level.shape} {wording.plain(lookup.place(row.place).name, longest=80)}, {row.level.value}"
        for row in rows
    ]
    return Paragraph(number=number, lead="Continuing.", text=f"{'; '.join(said)}.")


def _informed(lookup: Lookup, ranked: Sequence[Situation], number: str) -> Paragraph:
    """When each State on this page was asked for its account; nothing where nobody was."""
    sought = {row.situation_id: row.sought_on for row in lookup.issue.accounts if row.sought_on is not None}
    said = [
        f"{wording.plain(lookup.place(row.place).name, longest=80)} on {wording.day(sought[row.situation_id])}"
        for row in ranked
        if row.situation_id in sought
    ]
    text = f"{'; '.join(said)}." if said else "None, and none was asked for its account."
    return Paragraph(number=number, lead="States informed.", text=text)


def _dates(lookup: Lookup, ranked: Sequence[Situation], number: str) -> Paragraph:
    """The next dates of the Council and of the places named here."""
    places = [lookup.place(row.place) for row in ranked]
    here = {place.code for place in places}
    rows = [row for row in dates_ahead(lookup, places) if not row.place or row.place in here][:DATES]
    said = [f"{wording.day(row.on)}, {row.title}{f', {row.name}' if row.name else ''}" for row in rows]
    text = f"{'; '.join(said)}." if said else "None is entered for the next eight weeks."
    return Paragraph(number=number, lead="Dates.", text=text)


def _available(number: str) -> Paragraph:
    return Paragraph(
        number=number,
        lead="Available in every case,",
        text="at the President's choosing after consulting the Bureau: a further briefing by OHCHR; contact with the "
        "Permanent Mission concerned.",
    )


def _masthead(issue: Issue) -> Masthead:
    week = Week.parse(issue.week)
    mark = "DRAFT · public information only" if issue.lens is Lens.PUBLIC else "CONFIDENTIAL · DRAFT"
    return Masthead(
        title="Early-warning note for the President of the Human Rights Council",
        subtitle="Draft for the High Commissioner; not transmitted",
        reference=f"HS/B/{week.year}/W{week.number:02d}",
        distribution=mark,
        review=review_line(issue),
        week=wording.span(week.first_day, week.last_day),
        as_of=f"As known on {wording.utc(issue.as_of)}",
        imprint=f"{wording.plain(issue.revision)}, not issued · cleared by nobody",
        facts=(("Version", wording.plain(issue.revision)), ("Method", wording.plain(issue.method_version))),
        disclaimer=wording.DISCLAIMER,
    )


def _full(lookup: Lookup, situation: Situation, number: str) -> Paragraph:
    word, why = confidence(lookup, situation)
    unknown = wording.listed(not_known(lookup, situation)[:2])
    return Paragraph(
        number=number,
        lead=_lead(lookup, situation),
        text=f"{headlines(lookup, situation, sourced=False)} Confidence: {word}; {why}. Not known: {unknown}."
        f"{_account(lookup, situation)}",
        links=_entry_link(lookup, situation),
    )


def _told(lookup: Lookup, situation: Situation, number: str) -> Paragraph:
    """The same with fewer words: why the confidence is what it is stays in the scan."""
    return Paragraph(
        number=number,
        lead=_lead(lookup, situation),
        text=f"{headlines(lookup, situation, sourced=False)} Confidence: {confidence(lookup, situation)[0]}. "
        f"Not known: {not_known(lookup, situation)[0]}.{_account(lookup, situation)}",
        links=_entry_link(lookup, situation),
    )


def _account(lookup: Lookup, situation: Situation) -> str:
    """The State's own words where they came, or since when they are awaited."""
    said = ""
    for row in lookup.issue.accounts:
        if row.situation_id != situation.situation_id:
            continue
        if row.received_on is not None:
            said += f" The State replied on {wording.day(row.received_on)}: {wording.sentence(row.text)}"
        elif row.sought_on is not None:
            said += f" The State's comments were sought on {wording.day(row.sought_on)} and are awaited."
    return said


def _short(lookup: Lookup, situation: Situation, number: str) -> Paragraph:
    return Paragraph(
        number=number,
        lead=_lead(lookup, situation),
        text=f"Triggers {', '.join(situation.triggers)}. Confidence: {confidence(lookup, situation)[0]}.",
        links=_entry_link(lookup, situation),
    )


def _lead(lookup: Lookup, situation: Situation) -> str:
    name = wording.plain(lookup.place(situation.place).name, longest=80)
    return f"{situation.level.shape} {name}: {situation.level.value}, {situation.phase.value}."


def _entry_link(lookup: Lookup, situation: Situation) -> tuple[Link, ...]:
    home = lookup.home(lookup.place(situation.place))
    return (Link(text="Entry", href=f"{home}.html#{anchor(lookup, situation)}"),)


def _named(lookup: Lookup, level: Level, group: tuple[Situation, ...], number: str) -> Paragraph:
    names = wording.listed([wording.plain(lookup.place(row.place).name, longest=80) for row in group])
    return Paragraph(number=number, lead=f"{wording.level_word(level).capitalize()}:", text=f"{names}.")


def _watch(lookup: Lookup, number: str) -> Paragraph:
    watched = sum(state.level is Level.WATCH for state in lookup.issue.states)
    text = f"{wording.counted(watched, 'place is', 'places are')} at watch. ".capitalize() if watched else ""
    quiet = sum(state.printed is Printed.QUIET for state in lookup.issue.states)
    return Paragraph(
        number=number,
        lead="Watch.",
        text=f"{text or 'No place is at watch. '}{wording.counted(quiet, 'is', 'are').capitalize()} quiet: a rise "
        "would have shown, within the limits printed in the scans.",
    )


def _not_seen(lookup: Lookup, number: str) -> Paragraph:
    states = [state for state in lookup.issue.states if state.level is Level.NONE]
    limited = sum(state.printed is Printed.LIMITED for state in states)
    absent = sum(state.printed is Printed.NOT_MONITORED for state in states)
    failed = sum(state.printed is Printed.SOURCE_FAILURE for state in states)
    parts = [
        f"{how} {wording.counted(count, 'place', 'places')}"
        for how, count in (("limited on", limited), ("absent on", absent), ("broken off by source failure on", failed))
        if count
    ]
    heard = f"Information is {wording.listed(parts)}. That is not reassurance." if parts else ""
    return Paragraph(number=number, lead="Not seen.", text=f"{heard or NOTHING_UNSEEN}")


def _regions(lookup: Lookup, number: str) -> Paragraph:
    count = wording.counted(len(lookup.regions), "region is", "regions are").capitalize()
    first = "" if lookup.issue.previous else " This is the first issue: there is nothing to compare it with."
    return Paragraph(number=number, lead="Covered.", text=f"{count} covered, with observers and territories.{first}")
