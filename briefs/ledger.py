"""Past warnings scored: in detail, State by State, inside the Office; totals alone outside it (triggers, section 7).

Hit, miss, false alarm, cannot be known, each a word with one meaning; shares are printed as counts ("2 of 3"), because
a share of so few says too much. Nothing here names a State unless the lens is the restricted one.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from briefs import wording
from briefs.entries import Numbers
from briefs.lookup import Lookup, hole
from briefs.said import Said, capital, count, join, listed, numeral, quote, say, term
from briefs.view import (
    Block,
    Heading,
    Layout,
    Line,
    Lines,
    Link,
    Masthead,
    PageKind,
    Paragraph,
    Point,
    Section,
    SeriesFigure,
    Table,
    View,
)
from domain.classification import Lens
from domain.ledger import EventKind, Judged, Ledger, Missed, Outcome, Score, Unknown, WarningMade, Who
from domain.situation import Level
from domain.state import fold
from domain.window import Week

PAGE = "ledger.html"
HEADING = "Past warnings scored"
WEEKS_SHOWN = 26
NOTHING = "–"
NO_BREAK = "\N{NO-BREAK SPACE}"
LEASTS = {Level.EMERGING: "emerging concern or above", Level.WATCH: "watch or above"}
KINDS = {EventKind.DEATHS: "onset of deaths", EventKind.GRAVE: "rise in grave incidents"}
SHORT = {EventKind.DEATHS: "deaths", EventKind.GRAVE: "incidents"}
WHO = {
    Who.PROPOSED: "levels proposed",
    Who.CONFIRMED: "levels confirmed",
    Who.LAST: "what was, will be",
    Who.FREQUENT: "most frequent so far",
}
LETTERS = {Unknown.OPEN: "a", Unknown.LATE: "b", Unknown.UNWATCHED: "c"}
WHY = {
    Unknown.OPEN: "the horizon is not over.",
    Unknown.LATE: "it is over, and the counts of its last days are not out.",
    Unknown.UNWATCHED: "no count watched the place to its end, or the count stood too high for an onset to begin.",
}
WHY_FOR = {
    Unknown.OPEN: "for {number} the horizon is not over",
    Unknown.LATE: "for {number} the counts are not out",
    Unknown.UNWATCHED: "for {number} nothing watched the place to the end",
}
OUTCOMES = {
    Outcome.HIT: ("{figure} hit", "{figure} hits"),
    Outcome.FALSE_ALARM: ("{figure} false alarm", "{figure} false alarms"),
    Outcome.CANNOT_BE_KNOWN: ("{figure} cannot be known", "{figure} cannot be known"),
}
ORDER = (Outcome.HIT, Outcome.FALSE_ALARM, Outcome.CANNOT_BE_KNOWN)


def build_view(lookup: Lookup, *, masthead: Masthead, nav: tuple[Link, ...]) -> View:
    """The ledger's own page; who may read of single States is decided here and by the lens alone."""
    inside = lookup.issue.lens is Lens.RESTRICTED
    numbers = Numbers()
    sections = [_sums(lookup, numbers)]
    if inside:
        sections += [_by_state(lookup, numbers), _misses(lookup, numbers)]
    return View(
        kind=PageKind.LEDGER,
        language="en",
        masthead=masthead,
        nav=nav,
        lead=join(
            say(
                "Every situation at watch or above is a warning. It is written down when it is made, with three "
                "horizons, and is not edited afterwards. Each issue scores all of them anew, on what is known by then."
            ),
            "" if inside else say("Outside the Office the ledger gives totals alone."),
        ),
        sections=(*sections, _method(numbers)),
    )


def section(lookup: Lookup, numbers: Numbers) -> Section:
    """The part of a regional scan: one paragraph and one table over all States, and the way to the page."""
    ledger = lookup.issue.ledger
    text = join(_made(ledger), _settled(ledger), _people(lookup))
    blocks: list[Block] = [
        Paragraph(
            number=numbers.take(),
            lead=say("The ledger, over all States."),
            text=text,
            links=(Link(text=say("The ledger"), href=PAGE),),
        )
    ]
    if (table := _beside_base_lines(ledger)).rows:
        blocks.append(table)
    return Section(anchor="past-warnings", heading=say(HEADING), blocks=tuple(blocks))


# Totals


def _sums(lookup: Lookup, numbers: Numbers) -> Section:
    ledger = lookup.issue.ledger
    blocks: list[Block] = [
        Paragraph(number=numbers.take(), lead=say("Warnings."), text=join(_made(ledger), _replayed(lookup))),
        Paragraph(number=numbers.take(), lead=say("Outcomes."), text=_settled(ledger)),
        Paragraph(number=numbers.take(), lead=say("People."), text=_people(lookup), rows=_overridden(lookup)),
    ]
    if ledger.issues:
        blocks.append(_figure(lookup))
    for least, words in LEASTS.items():
        blocks.append(Heading(level=3, text=say("Warnings at {least}", least=term(words))))
        if any(one.level.rank >= least.rank for one in ledger.warnings):
            known = [kind for kind in EventKind if _known(ledger, least, kind)]
            blocks += [_table(ledger, least, kind) for kind in known]
            if silent := [KINDS[kind] for kind in EventKind if kind not in known]:
                text = say(
                    "{kinds}: no outcome can be known yet, of these warnings or of a base line.",
                    kinds=capital(listed([term(one) for one in silent])),
                )
                blocks.append(Paragraph(number=numbers.take(), lead="", text=text))
        else:
            missed = len({one.event for one in ledger.missed if one.least is least})
            none = say("No warning at {least} has been made, so there is none to score.", least=term(words))
            misses = capital(count("{n} event is a miss.", "{n} events are misses.", missed)) if missed else ""
            blocks.append(Paragraph(number=numbers.take(), lead="", text=join(none, misses)))
    return Section(anchor="totals", heading=say("Totals"), blocks=tuple(blocks))


def _made(ledger: Ledger) -> str:
    """How many warnings, at which level, in which issues."""
    if not ledger.issues:
        return say("No issue has been run yet, so no warning has been made.")
    first, last = ledger.issues[0][0], ledger.issues[-1][0]
    number = len(ledger.issues)
    issues = say("one issue, {first}", first=first)
    if number > 1:
        issues = count(
            "{figure} issue, {first} to {last}",
            "{figure} issues, {first} to {last}",
            number,
            figure=number,
            first=first,
            last=last,
        )
    made = _single(ledger)
    if not made:
        return say("The ledger holds {issues}, and no warning.", issues=issues)
    strong = sum(one.level.rank >= Level.EMERGING.rank for one in made)
    weak = len(made) - strong
    least = term(LEASTS[Level.EMERGING] if strong else Level.WATCH.value)
    if strong and weak:
        levels = say(
            "{strong} at emerging concern or above and {weak} at watch",
            strong=wording.cardinal(strong),
            weak=wording.cardinal(weak),
        )
    elif len(made) > 1:
        levels = say("all at {least}", least=least)
    else:
        levels = say("at {least}", least=least)
    return join(
        count(
            "The ledger holds {issues}, and {n} warning, {levels}.",
            "The ledger holds {issues}, and {n} warnings, {levels}.",
            len(made),
            issues=issues,
            levels=levels,
        ),
        say("A situation that goes on is a warning in each issue."),
    )


def _replayed(lookup: Lookup) -> str:
    if not lookup.issue.specimen:
        return ""
    return say("This is a bundled week, replayed from payloads of its time: nobody was warned by it then.")


def _settled(ledger: Ledger) -> str:
    """What can be said by now; where nothing can, when the first horizon ends."""
    if not ledger.judged:
        return say("There is nothing to score.")
    found = Counter(one.outcome for one in ledger.judged)
    unknown = Counter(one.why for one in ledger.judged if one.why is not None)
    if found[Outcome.CANNOT_BE_KNOWN] == len(ledger.judged):
        if unknown[Unknown.OPEN] == len(ledger.judged):
            ends = min(one.ends_on for one in ledger.warnings)
            return say(
                "No outcome can be known yet: no horizon is over. The first one ends on {day}.", day=wording.day(ends)
            )
        return say("No outcome can be known yet: {why}.", why=_why(unknown))
    known = say(
        "{hits}, and {alarms}.",
        hits=capital(count("{n} is a hit", "{n} are hits", found[Outcome.HIT])),
        alarms=count("{n} is a false alarm", "{n} are false alarms", found[Outcome.FALSE_ALARM]),
    )
    over = count(
        "Over {horizons} and {kinds} kinds of event there are {figure} outcomes.",
        "Over {horizons} and {kinds} kinds of event there are {figure} outcomes.",
        len(ledger.judged),
        horizons=wording.counted(len(ledger.horizons), "horizon", "horizons"),
        kinds=wording.cardinal(len(EventKind)),
        figure=len(ledger.judged),
    )
    rest = ""
    if left := found[Outcome.CANNOT_BE_KNOWN]:
        rest = capital(count("{n} cannot be known: {why}.", "{n} cannot be known: {why}.", left, why=_why(unknown)))
    return join(over, known, rest)


def _why(unknown: Counter[Unknown]) -> str:
    return listed([say(WHY_FOR[one], number=unknown[one]) for one in Unknown if unknown[one]])


def _people(lookup: Lookup) -> str:
    """Proposals and confirmed levels are scored apart; where no level was confirmed, that is said, not scored."""
    ledger = lookup.issue.ledger
    if all(one.confirmed is None for one in ledger.warnings):
        return say(
            "People have confirmed no level yet, so proposals alone are scored. There are no overrides to count; that "
            "is not a score of zero."
        )
    up = sum(one.up for one in ledger.overrides)
    return join(
        say("Levels proposed and levels confirmed are scored apart."),
        count(
            "People set {n} level higher and {down} lower than the rules.",
            "People set {n} levels higher and {down} lower than the rules.",
            up,
            down=wording.cardinal(len(ledger.overrides) - up),
        ),
    )


def _overridden(lookup: Lookup) -> tuple[Line, ...]:
    """Overrides up and down, by region, in the order of the regions; those without any are named too."""
    ledger = lookup.issue.ledger
    if not ledger.overrides:
        return ()
    up, down = Counter[str](), Counter[str]()
    for one in ledger.overrides:
        (up if one.up else down)[lookup.home(lookup.place(one.place))] += 1
    return tuple(
        Line(
            lead=term(wording.plain(region.name)),
            text=say("{up} up, {down} down.", up=up[region.code], down=down[region.code]),
        )
        for region in lookup.regions
    )


def _figure(lookup: Lookup) -> SeriesFigure:
    """Warnings by issue over half a year; a week without an issue is a gap, not zero."""
    ledger = lookup.issue.ledger
    weeks = [str(lookup.week.back(back)) for back in range(WEEKS_SHOWN - 1, -1, -1)]
    run = {week for week, _ in ledger.issues}
    made = Counter(one.issue for one in _single(ledger))
    strong = Counter(one.issue for one in _single(ledger) if one.level.rank >= Level.EMERGING.rank)
    gaps = sum(week not in run for week in weeks)
    newest = count("{n} warning in {week}.", "{n} warnings in {week}.", made[weeks[-1]], week=weeks[-1])
    missing = count(
        "No issue was run in {n} week; it is a gap, not zero.",
        "No issue was run in {n} weeks; they are gaps, not zero.",
        gaps,
    )
    text = join(say("{first} to {last}.", first=weeks[0], last=weeks[-1]), capital(newest), missing if gaps else "")
    return SeriesFigure(
        figure_id="warnings-by-issue",
        title=say("Warnings by issue"),
        sentence=say("Warnings made by each issue, {facts}", facts=text),
        shown=text,
        unit=say("warnings at watch or above"),
        key=say("Bars: warnings. ×: no issue was run."),
        points=tuple(
            Point(
                period=week,
                value=float(made[week]) if week in run else None,
                expected=None,
                lower=None,
                upper=None,
                late_low=None,
                late_high=None,
                above=False,
                alarm=False,
            )
            for week in weeks
        ),
        table=Table(
            caption=say("Warnings by issue"),
            head=(say("Issue"), say("Warnings"), say("At emerging concern or above")),
            rows=tuple(
                (week, numeral(made[week]), numeral(strong[week]))
                if week in run
                else (week, say("no issue"), say("no issue"))
                for week in weeks
            ),
            numeric=(1, 2),
            folded=True,
            printed=False,
        ),
    )


def _table(ledger: Ledger, least: Level, kind: EventKind) -> Table:
    """All sums of one kind of event, ours and the base lines', horizon by horizon."""
    found = [one for one in ledger.scores if one.least is least and one.kind is kind]
    return Table(
        caption=say("{kind}: warnings at {least}", kind=capital(term(KINDS[kind])), least=term(LEASTS[least])),
        head=(
            say("Horizon, who warns"),
            say("Warnings"),
            say("Hit"),
            say("False alarm"),
            say("Cannot be known"),
            say("Miss"),
            say("Events found"),
            say("Days ahead"),
        ),
        rows=tuple(
            (
                join(_days(one.horizon_days), term(WHO[one.who]), between=", "),
                numeral(one.warnings),
                numeral(one.hits),
                numeral(one.false_alarms),
                numeral(one.unknown),
                numeral(one.misses),
                _found(one),
                NOTHING if one.median_lead_days is None else wording.figure(one.median_lead_days),
            )
            for one in found
        ),
        numeric=(1, 2, 3, 4, 5, 6, 7),
    )


def _known(ledger: Ledger, least: Level, kind: EventKind) -> bool:
    """Is there any outcome, of ours or of a base line, that a table could hold?"""
    return any(
        one.hits or one.false_alarms or one.misses for one in ledger.scores if one.least is least and one.kind is kind
    )


def _beside_base_lines(ledger: Ledger) -> Table:
    """One row for each kind and horizon: what the proposals reached, and beside it each base line's share."""
    rows = []
    for least, kind, days in [
        (least, kind, days) for least in LEASTS for kind in EventKind for days in ledger.horizons
    ]:
        own = {one.who: one for one in ledger.scores if (one.least, one.kind, one.horizon_days) == (least, kind, days)}
        ours = own[Who.PROPOSED]
        if not ours.hits and not ours.false_alarms and not ours.misses:
            continue
        rows.append(
            (
                join(capital(term(KINDS[kind])), _days(days), term(LEASTS[least]), between=", "),
                numeral(ours.warnings),
                numeral(ours.hits),
                numeral(ours.misses),
                numeral(ours.false_alarms),
                numeral(ours.unknown),
                _right(ours),
                _right(own[Who.LAST]),
                _right(own[Who.FREQUENT]),
            )
        )
    return Table(
        caption=say("Past warnings over all States, and right ones of those known beside two naive base lines"),
        head=(
            say("What was warned of"),
            say("Warnings"),
            say("Hit"),
            say("Miss"),
            say("False alarm"),
            say("Cannot be known"),
            say("Right"),
            say("What was, will be"),
            say("Most frequent so far"),
        ),
        rows=tuple(rows),
        numeric=(1, 2, 3, 4, 5, 6, 7, 8),
    )


def _right(one: Score) -> str:
    known = one.hits + one.false_alarms
    return say("{part} of {whole}", part=one.hits, whole=known) if known else NOTHING


def _days(number: int) -> Said:
    return count("{figure} day", "{figure} days", number, figure=number)


def _found(one: Score) -> str:
    happened = one.events_found + one.misses
    return say("{part} of {whole}", part=one.events_found, whole=happened) if happened else NOTHING


# State by State, for the restricted lens


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Issues that follow each other and gave one place the same level, on the same rules and triggers."""

    place: str
    level: Level
    rests: str
    issues: tuple[str, ...]


def _by_state(lookup: Lookup, numbers: Numbers) -> Section:
    ledger = lookup.issue.ledger
    fates: dict[tuple[str, str, int], list[Judged]] = defaultdict(list)
    for judged in ledger.judged:
        fates[judged.place, judged.issue, judged.horizon_days].append(judged)
    seen = {one.why for one in ledger.judged if one.why is not None}
    rows = [
        (
            lookup.name(run.place),
            _span(run.issues),
            join(run.level.shape, term(run.level.value), between=NO_BREAK),
            run.rests,
            *(
                _fate([one for issue in run.issues for one in fates[run.place, issue, days]])
                for days in ledger.horizons
            ),
        )
        for run in _runs(lookup)
    ]
    blocks: list[Block] = [
        Paragraph(
            number=numbers.take(),
            lead=say("For the Office alone."),
            text=say(
                "All States and places that were warned of, in English alphabetical order, unranked. Issues that "
                "follow each other with the same level on the same grounds share a line. Outcomes are of both kinds of "
                "event where no kind is named."
            )
            if rows
            else say("No State or place has been warned of."),
        )
    ]
    if seen:
        lines = tuple(
            Line(lead=say("Cannot be known ({letter})", letter=LETTERS[one]), text=say(WHY[one]))
            for one in Unknown
            if one in seen
        )
        blocks.append(Lines(layout=Layout.LIST, lines=lines))
    if rows:
        blocks.append(
            Table(
                caption=say("Warnings, State by State"),
                head=(
                    say("State"),
                    say("Warned in"),
                    say("Level"),
                    say("Rests on"),
                    *(say("Within {days} days", days=days) for days in ledger.horizons),
                ),
                rows=tuple(rows),
            )
        )
    return Section(anchor="state-by-state", heading=say("State by State"), blocks=tuple(blocks))


def _runs(lookup: Lookup) -> list[_Run]:
    """In alphabetical order of places, the newest run first; ties of several situations by what they rest on."""
    made = sorted(
        _single(lookup.issue.ledger),
        key=lambda one: (fold(lookup.place(one.place).name), one.place, one.level.rank, _rests(one), one.made_at),
    )
    runs: list[_Run] = []
    for (place, level, rests), group in groupby(made, key=lambda one: (one.place, one.level, _rests(one))):
        held: list[str] = []
        for one in group:
            if held and Week.parse(one.issue).back(1) != Week.parse(held[-1]):
                runs.append(_Run(place=place, level=level, rests=rests, issues=tuple(held)))
                held = []
            held.append(one.issue)
        runs.append(_Run(place=place, level=level, rests=rests, issues=tuple(held)))
    # Sorting is stable: places stay in their order, and within one the newest issues come first.
    by_place = [list(group) for _, group in groupby(runs, key=lambda run: run.place)]
    return [run for group in by_place for run in sorted(group, key=lambda run: run.issues[-1], reverse=True)]


def _rests(one: WarningMade) -> str:
    """`P1, G3, T02, T07`: gates, then triggers; the trigger's own rule is on the page of evidence."""
    gates = [rule for rule in one.rules if ":" not in rule]
    return ", ".join((*gates, *one.triggers)) or NOTHING


def _span(issues: Sequence[str]) -> str:
    number = len(issues)
    if number == 1:
        return issues[0]
    return count(
        "{first} to {last} ({figure} issue)",
        "{first} to {last} ({figure} issues)",
        number,
        figure=number,
        first=issues[0],
        last=issues[-1],
    )


def _fate(judged: Sequence[Judged]) -> str:
    """One phrase for both kinds of event where they agree, otherwise one for each."""
    by_kind = {kind: _phrase([one for one in judged if one.kind is kind]) for kind in EventKind}
    if len(set(by_kind.values())) == 1:
        return next(iter(by_kind.values()))
    return join(
        *(say("{kind}: {fact}", kind=term(SHORT[kind]), fact=phrase) for kind, phrase in by_kind.items()), between="; "
    )


def _phrase(judged: Sequence[Judged]) -> str:
    parts = []
    for outcome in ORDER:
        mine = [one for one in judged if one.outcome is outcome]
        if not mine:
            continue
        letters = sorted({LETTERS[one.why] for one in mine if one.why is not None})
        part = term(outcome.value)
        if len(judged) > 1:
            one_, many = OUTCOMES[outcome]
            part = count(one_, many, len(mine), figure=len(mine))
        if letters:
            part = say("{what} ({aside})", what=part, aside=", ".join(letters))
        parts.append(part)
        if outcome is Outcome.HIT:
            days = sorted(one.lead_days for one in mine if one.lead_days is not None)
            if days[0] == days[-1]:
                parts.append(count("one day ahead", "{figure} days ahead", days[0], figure=days[0]))
            else:
                parts.append(say("{first} to {last} days ahead", first=days[0], last=days[-1]))
    if not parts:
        raise hole("A warning of the ledger has no outcome")
    return join(*parts, between=", ")


def _misses(lookup: Lookup, numbers: Numbers) -> Section:
    """Every event that came unannounced, named, with the horizons and levels at which it was missed."""
    ledger = lookup.issue.ledger
    by_event: dict[tuple[str, EventKind, str], list[Missed]] = defaultdict(list)
    for one in ledger.missed:
        by_event[one.event.place, one.event.kind, one.event.began_on.isoformat()].append(one)
    rows = [
        (
            lookup.name(place),
            term(KINDS[kind]),
            wording.period(missed[0].event.began_on, "month"),
            wording.figure(missed[0].event.value),
            wording.figure(missed[0].event.usual),
            *(
                ", ".join(f"{one.horizon_days}" for one in missed if one.least is least) or say("warned of")
                for least in LEASTS
            ),
        )
        for (place, kind, _), missed in sorted(
            by_event.items(), key=lambda row: (fold(lookup.place(row[0][0]).name), row[0][2], row[0][1])
        )
    ]
    if not rows:
        text = say("No event counts as a miss so far. An event can be one only when the ledger is a whole horizon old.")
        if ledger.issues:
            text = say(
                "No event counts as a miss so far. An event can be one only when the ledger is a whole horizon old; "
                "its first issue is {week}.",
                week=ledger.issues[0][0],
            )
        return Section(
            anchor="misses",
            heading=say("Misses"),
            blocks=(Paragraph(number=numbers.take(), lead="", text=text),),
        )
    intro = say(
        "Events that no warning covered although an issue was run within the horizon before them. A place that was not "
        "monitored is named like any other."
    )
    table = Table(
        caption=say("Misses, each named"),
        head=(
            say("State"),
            say("What happened"),
            say("Broke out in"),
            say("Count of that month"),
            say("Mean of the year before"),
            *(say("Missed at {least}, days", least=term(words)) for words in LEASTS.values()),
        ),
        rows=tuple(rows),
        numeric=(3, 4),
    )
    return Section(
        anchor="misses",
        heading=say("Misses"),
        blocks=(Paragraph(number=numbers.take(), lead="", text=intro), table),
    )


# How


def _method(numbers: Numbers) -> Section:
    return Section(
        anchor="how",
        heading=say("How warnings are scored"),
        blocks=tuple(Paragraph(number=numbers.take(), lead=say(lead), text=quote(text)) for lead, text in HOW),
    )


HOW = (
    (
        "What is warned of.",
        "Two kinds of event, found by one formula, the same for every State, in one source's own monthly counts. "
        "An onset of deaths: over three months at least 25 persons a month are reported killed. In the year "
        "before it were fewer than 25 a month, and not more than a fifth of what came. A rise in grave incidents: "
        "this system counts at least three alleged incidents of class A in a month. In the year before it were "
        "fewer than three a month, and not more than a fifth. An event is dated to the first day of the month in "
        "which it broke out.",
    ),
    (
        "Outcomes.",
        "Hit: such an event began within the horizon, from the day after the warning to its last day. False "
        "alarm: none did, and every one of those days is over and was watched. Cannot be known: neither can be "
        "said. Miss: an event that no warning covered, although an issue was run within the horizon before it and "
        "the ledger was a whole horizon old.",
    ),
    (
        "Base lines.",
        "What was, will be: every place with such an event in the past horizon is warned of again. Most frequent "
        "so far: the places with most events, as many as this system warned of in that issue; those tied are all "
        "taken. Both look at events alone and are given events of the newest months earlier than anyone had them.",
    ),
    (
        "Limits.",
        "Deaths and incidents in tables are not all that matters: arrests and repression without arms make no such "
        "event. The incidents are this system's own counts, so the second kind tests it against what it heard. A "
        "war that goes on holds no onset. Counts are revised by their publishers, and an outcome with them. With "
        "a date of a month, the horizon of 30 days is coarse.",
    ),
)


def _single(ledger: Ledger) -> list[WarningMade]:
    """Each warning once, and not once a horizon."""
    return [one for one in ledger.warnings if one.horizon_days == ledger.horizons[0]]
