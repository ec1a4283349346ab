"""The Bureau page: one A4 page, 350 words at most, written as if the State concerned will read it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

from briefs import wording
from briefs.entries import Numbers, confidence, headlines, not_known
from briefs.lookup import Lookup, anchor, hole
from briefs.view import Link, Masthead, PageKind, Paragraph, Section, View
from domain.classification import Lens
from domain.issue import Issue
from domain.situation import Level, Printed, Situation
from domain.window import Week

WORD_LIMIT = 350
FULL_SITUATIONS = 3
NOT_WORDS = frozenset({"href", "language", "direction", "number", "kind", "anchor", "region_code"})
LEVELS_KEY = "Levels: ○ none, △ watch, ◆ emerging concern, ■ urgent."


def build_bureau(issue: Issue) -> View:
    """Full situations where they fit, else one line each; a situation is never dropped to make room."""
    lookup = Lookup(issue)
    for line in (_full, _told, _short):
        view = _page(lookup, line)
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


def _page(lookup: Lookup, line: Callable[[Lookup, Situation, str], Paragraph]) -> View:
    issue = lookup.issue
    ranked = sorted(
        (situation for situation in issue.situations if situation.level.rank >= Level.EMERGING.rank),
        key=lookup.print_order,
    )
    numbers = Numbers()
    entries: list[Paragraph] = []
    also: list[Paragraph] = []
    for level, rows in groupby(ranked, key=lambda situation: situation.level):
        group = tuple(rows)
        if entries:
            also.append(_named(lookup, level, group, numbers.take()))
        elif len(group) <= FULL_SITUATIONS:
            entries = [line(lookup, situation, numbers.take()) for situation in group]
        elif line is not _short:
            entries = [_short(lookup, situation, numbers.take()) for situation in group]
        else:
            entries = [_named(lookup, level, group, numbers.take())]
    if not entries:
        entries = [
            Paragraph(
                number=numbers.take(),
                lead="No situation reached emerging concern.",
                text="No pattern of grave incidents could be shown from what was heard. This is not a finding that "
                "there is none.",
            )
        ]
    also += [_watch(lookup, numbers.take()), _not_seen(lookup, numbers.take()), _regions(lookup, numbers.take())]
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


def _masthead(issue: Issue) -> Masthead:
    week = Week.parse(issue.week)
    mark = "DRAFT · public information only" if issue.lens is Lens.PUBLIC else "CONFIDENTIAL · DRAFT"
    return Masthead(
        title="Early-warning note for the President of the Human Rights Council",
        subtitle="Draft for the High Commissioner; not transmitted",
        reference=f"HS/B/{week.year}/W{week.number:02d}",
        distribution=mark,
        review=wording.REVIEW,
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
        text=f"{headlines(lookup, situation, sourced=False)} Confidence: {word}; {why}. Not known: {unknown}.",
        links=_entry_link(lookup, situation),
    )


def _told(lookup: Lookup, situation: Situation, number: str) -> Paragraph:
    """The same with fewer words: why the confidence is what it is stays in the scan."""
    return Paragraph(
        number=number,
        lead=_lead(lookup, situation),
        text=f"{headlines(lookup, situation, sourced=False)} Confidence: {confidence(lookup, situation)[0]}. "
        f"Not known: {not_known(lookup, situation)[0]}.",
        links=_entry_link(lookup, situation),
    )


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
    heard = f"Information is {wording.listed(parts)}. That is not reassurance. " if parts else ""
    return Paragraph(
        number=number, lead="Not seen.", text=f"{heard}No State has been informed or asked for its account."
    )


def _regions(lookup: Lookup, number: str) -> Paragraph:
    count = wording.counted(len(lookup.regions), "region is", "regions are").capitalize()
    first = "" if lookup.issue.previous else " This is the first issue: there is nothing to compare it with."
    return Paragraph(number=number, lead="Covered.", text=f"{count} covered, with observers and territories.{first}")
