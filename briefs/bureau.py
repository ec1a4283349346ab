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
from briefs.said import capital, count, join, listed, quote, say, term
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
        (
            situation
            for situation in issue.situations
            if situation.level.rank >= Level.EMERGING.rank and lookup.told_with(situation) is situation
        ),
        key=lookup.print_order,
    )
    named = [part for situation in ranked for part in lookup.parts(situation)]
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
        _informed(lookup, named, numbers.take()),
    ]
    if spare:
        also += [_dates(lookup, named, numbers.take()), _available(numbers.take())]
    also.append(_regions(lookup, numbers.take()))
    heading = say("New or changed") if issue.previous else say("This week")
    return View(
        kind=PageKind.BUREAU,
        language="en",
        masthead=_masthead(issue),
        nav=(Link(text=say("All pages"), href="index.html"),),
        lead=say(
            "For information. It makes no finding and proposes no decision. It uses the same rules for all States "
            "(A/HRC/43/37, paragraph 62)."
        ),
        sections=(
            Section(anchor="new", heading=heading, blocks=tuple(entries)),
            Section(anchor="also", heading=say("Also"), blocks=tuple(also)),
        ),
        foot=say(LEVELS_KEY),
    )


def _changed(lookup: Lookup, situation: Situation) -> bool:
    """New, or of another phase than sustained, or of another level than a week ago, in any of its places."""
    moved = {change.place for change in lookup.issue.changes}
    return any(part.phase is not Phase.SUSTAINED or part.place in moved for part in lookup.parts(situation))


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
            lead=say(
                "{shape} {place}: lowered from {before} to {after}.",
                shape=lookup.state(change.place).level.shape,
                place=lookup.name(change.place),
                before=term(change.before),
                after=term(wording.plain(change.after)),
            ),
            text="",
        )
        for change in down
    ]


def _nothing(number: str, *, continuing: bool) -> Paragraph:
    if continuing:
        return Paragraph(number=number, lead=say("No level changed."), text=say("What continues is named below."))
    return Paragraph(
        number=number,
        lead=say("No situation reached emerging concern."),
        text=say(
            "No pattern of grave incidents could be shown from what was heard. This is not a finding that there is "
            "none."
        ),
    )


def _continuing(lookup: Lookup, rows: tuple[Situation, ...], number: str) -> Paragraph:
    said = [
        say(
            "{shape} {place}, {level}",
            shape=row.level.shape,
            place=lookup.names(row, longest=80),
            level=term(row.level.value),
        )
        for row in rows
    ]
    return Paragraph(number=number, lead=say("Continuing."), text=say("{clause}.", clause=join(*said, between="; ")))


def _informed(lookup: Lookup, ranked: Sequence[Situation], number: str) -> Paragraph:
    """When each State on this page was asked for its account; nothing where nobody was."""
    sought = {row.situation_id: row.sought_on for row in lookup.issue.accounts if row.sought_on is not None}
    said = [
        say(
            "{place} on {day}",
            place=lookup.name(row.place, longest=80),
            day=wording.day(sought[row.situation_id]),
        )
        for row in ranked
        if row.situation_id in sought
    ]
    text = say("None, and none was asked for its account.")
    if said:
        text = say("{clause}.", clause=join(*said, between="; "))
    return Paragraph(number=number, lead=say("States informed."), text=text)


def _dates(lookup: Lookup, ranked: Sequence[Situation], number: str) -> Paragraph:
    """The next dates of the Council and of the places named here."""
    places = [lookup.place(row.place) for row in ranked]
    here = {place.code for place in places}
    rows = [row for row in dates_ahead(lookup, places) if not row.place or row.place in here][:DATES]
    said = [join(wording.day(row.on), row.title, row.name, between=", ") for row in rows]
    text = say("None is entered for the next eight weeks.")
    if said:
        text = say("{clause}.", clause=join(*said, between="; "))
    return Paragraph(number=number, lead=say("Dates."), text=text)


def _available(number: str) -> Paragraph:
    return Paragraph(
        number=number,
        lead=say("Available in every case,"),
        text=say(
            "at the President's choosing after consulting the Bureau: a further briefing by OHCHR; contact with the "
            "Permanent Mission concerned."
        ),
    )


def _masthead(issue: Issue) -> Masthead:
    week = Week.parse(issue.week)
    public = issue.lens is Lens.PUBLIC
    mark = say("CONFIDENTIAL · DRAFT")
    if public:
        mark = say("DRAFT · from public information only; not an assessment by OHCHR")
    return Masthead(
        title=say("Early-warning note for the President of the Human Rights Council"),
        subtitle=say("Draft for the High Commissioner; not transmitted"),
        reference=f"HS/B/{week.year}/W{week.number:02d}",
        distribution=mark,
        review=review_line(issue),
        week=wording.span(week.first_day, week.last_day),
        as_of=say("As known on {moment}", moment=wording.utc(issue.as_of)),
        imprint=say("{revision}, not issued · cleared by nobody", revision=wording.plain(issue.revision)),
        facts=((say("Version"), wording.plain(issue.revision)), (say("Method"), wording.plain(issue.method_version))),
        disclaimer=say(wording.DISCLAIMER),
    )


def _full(lookup: Lookup, situation: Situation, number: str) -> Paragraph:
    def tell(part: Situation) -> str:
        word, why = confidence(lookup, part)
        # What analysts wrote of their sources stays in the scan; the word is theirs all the same.
        written = part.situation_id in lookup.texts
        sure = (
            say("Confidence: {word}.", word=word) if written else say("Confidence: {word}; {why}.", word=word, why=why)
        )
        return join(
            headlines(lookup, part, sourced=False),
            sure,
            say("Not known: {unknown}.", unknown=listed(not_known(lookup, part)[:2])),
            _account(lookup, part),
        )

    return _paragraph(lookup, situation, number, lookup.each(situation, tell))


def _told(lookup: Lookup, situation: Situation, number: str) -> Paragraph:
    """The same with fewer words: why the confidence is what it is stays in the scan."""

    def tell(part: Situation) -> str:
        return join(
            headlines(lookup, part, sourced=False),
            say("Confidence: {word}.", word=confidence(lookup, part)[0]),
            say("Not known: {unknown}.", unknown=not_known(lookup, part)[0]),
            _account(lookup, part),
        )

    return _paragraph(lookup, situation, number, lookup.each(situation, tell))


def _paragraph(lookup: Lookup, situation: Situation, number: str, text: str) -> Paragraph:
    lead = _lead(lookup, situation)
    return Paragraph(number=number, lead=lead, text=text, links=_entry_link(lookup, situation))


def _account(lookup: Lookup, situation: Situation) -> str:
    """The State's own words where they came, or since when they are awaited."""
    said: list[str] = []
    for row in lookup.issue.accounts:
        if row.situation_id != situation.situation_id:
            continue
        if row.received_on is not None:
            words = quote(wording.sentence(row.text), row.language or "en")
            said.append(say("The State replied on {day}: {words}", day=wording.day(row.received_on), words=words))
        elif row.sought_on is not None:
            day = wording.day(row.sought_on)
            said.append(say("The State's comments were sought on {day} and are awaited.", day=day))
    return join(*said)


def _short(lookup: Lookup, situation: Situation, number: str) -> Paragraph:
    def tell(part: Situation) -> str:
        return join(
            say("Triggers {triggers}.", triggers=", ".join(part.triggers)),
            say("Confidence: {word}.", word=confidence(lookup, part)[0]),
        )

    return _paragraph(lookup, situation, number, lookup.each(situation, tell))


def _lead(lookup: Lookup, situation: Situation) -> str:
    return say(
        "{shape} {place}: {level}, {phase}.",
        shape=situation.level.shape,
        place=lookup.names(situation, longest=80),
        level=term(situation.level.value),
        phase=term(situation.phase.value),
    )


def _entry_link(lookup: Lookup, situation: Situation) -> tuple[Link, ...]:
    home = lookup.home(lookup.place(situation.place))
    return (Link(text=say("Entry"), href=f"{home}.html#{anchor(lookup, situation)}"),)


def _named(lookup: Lookup, level: Level, group: tuple[Situation, ...], number: str) -> Paragraph:
    names = listed([lookup.names(row, longest=80) for row in group])
    return Paragraph(
        number=number,
        lead=say("{what}:", what=wording.level_word(level)),
        text=say("{clause}.", clause=names),
    )


def _watch(lookup: Lookup, number: str) -> Paragraph:
    watched = sum(state.level is Level.WATCH for state in lookup.issue.states)
    text: str = say("No place is at watch.")
    if watched:
        text = capital(count("{n} place is at watch.", "{n} places are at watch.", watched))
    quiet = sum(state.printed is Printed.QUIET for state in lookup.issue.states)
    calm = count(
        "{n} is quiet: a rise would have shown, within the limits printed in the scans.",
        "{n} are quiet: a rise would have shown, within the limits printed in the scans.",
        quiet,
    )
    return Paragraph(number=number, lead=say("Watch."), text=join(text, capital(calm)))


def _not_seen(lookup: Lookup, number: str) -> Paragraph:
    states = [state for state in lookup.issue.states if state.level is Level.NONE]
    limited = sum(state.printed is Printed.LIMITED for state in states)
    absent = sum(state.printed is Printed.NOT_MONITORED for state in states)
    failed = sum(state.printed is Printed.SOURCE_FAILURE for state in states)
    parts = []
    if limited:
        parts.append(count("limited on {n} place", "limited on {n} places", limited))
    if absent:
        parts.append(count("absent on {n} place", "absent on {n} places", absent))
    if failed:
        parts.append(
            count("broken off by source failure on {n} place", "broken off by source failure on {n} places", failed)
        )
    text = (
        say("Information is {parts}. That is not reassurance.", parts=listed(parts)) if parts else say(NOTHING_UNSEEN)
    )
    return Paragraph(number=number, lead=say("Not seen."), text=text)


def _regions(lookup: Lookup, number: str) -> Paragraph:
    covered = count(
        "{n} region is covered, with observers and territories.",
        "{n} regions are covered, with observers and territories.",
        len(lookup.regions),
    )
    first = "" if lookup.issue.previous else say("This is the first issue: there is nothing to compare it with.")
    return Paragraph(number=number, lead=say("Covered."), text=join(capital(covered), first))
