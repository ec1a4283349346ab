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
MANY = {Outcome.HIT: "hits", Outcome.FALSE_ALARM: "false alarms"}
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
        lead="Every situation at watch or above is a warning. It is written down when it is made, with three horizons, "
        "and is not edited afterwards. Each issue scores all of them anew, on what is known by then."
        + ("" if inside else " Outside the Office the ledger gives totals alone."),
        sections=(*sections, _method(numbers)),
    )


def section(lookup: Lookup, numbers: Numbers) -> Section:
    """The part of a regional scan: one paragraph and one table over all States, and the way to the page."""
    ledger = lookup.issue.ledger
    text = f"{_made(ledger)} {_settled(ledger)} {_people(lookup)}"
    blocks: list[Block] = [
        Paragraph(
            number=numbers.take(),
            lead="The ledger, over all States.",
            text=text,
            links=(Link(text="The ledger", href=PAGE),),
        )
    ]
    if (table := _beside_base_lines(ledger)).rows:
        blocks.append(table)
    return Section(anchor="past-warnings", heading=HEADING, blocks=tuple(blocks))


# Totals


def _sums(lookup: Lookup, numbers: Numbers) -> Section:
    ledger = lookup.issue.ledger
    blocks: list[Block] = [
        Paragraph(number=numbers.take(), lead="Warnings.", text=_made(ledger) + _replayed(lookup)),
        Paragraph(number=numbers.take(), lead="Outcomes.", text=_settled(ledger)),
        Paragraph(number=numbers.take(), lead="People.", text=_people(lookup), rows=_overridden(lookup)),
    ]
    if ledger.issues:
        blocks.append(_figure(lookup))
    for least, words in LEASTS.items():
        blocks.append(Heading(level=3, text=f"Warnings at {words}"))
        if any(one.level.rank >= least.rank for one in ledger.warnings):
            known = [kind for kind in EventKind if _known(ledger, least, kind)]
            blocks += [_table(ledger, least, kind) for kind in known]
            if silent := [KINDS[kind] for kind in EventKind if kind not in known]:
                text = (
                    f"{wording.listed(silent).capitalize()}: no outcome can be known yet, of these warnings or of a "
                    "base line."
                )
                blocks.append(Paragraph(number=numbers.take(), lead="", text=text))
        else:
            missed = len({one.event for one in ledger.missed if one.least is least})
            text = f"No warning at {words} has been made, so there is none to score."
            if missed:
                text += f" {wording.counted(missed, 'event is a miss', 'events are misses').capitalize()}."
            blocks.append(Paragraph(number=numbers.take(), lead="", text=text))
    return Section(anchor="totals", heading="Totals", blocks=tuple(blocks))


def _made(ledger: Ledger) -> str:
    """How many warnings, at which level, in which issues."""
    if not ledger.issues:
        return "No issue has been run yet, so no warning has been made."
    first, last = ledger.issues[0][0], ledger.issues[-1][0]
    issues = f"one issue, {first}" if len(ledger.issues) == 1 else f"{len(ledger.issues):,} issues, {first} to {last}"
    made = _single(ledger)
    if not made:
        return f"The ledger holds {issues}, and no warning."
    strong = sum(one.level.rank >= Level.EMERGING.rank for one in made)
    weak = len(made) - strong
    levels = f"{wording.cardinal(strong)} at emerging concern or above and {wording.cardinal(weak)} at watch"
    if not strong or not weak:
        levels = f"{'all ' if len(made) > 1 else ''}at {LEASTS[Level.EMERGING] if strong else 'watch'}"
    return (
        f"The ledger holds {issues}, and {wording.counted(len(made), 'warning', 'warnings')}, {levels}. A situation "
        "that goes on is a warning in each issue."
    )


def _replayed(lookup: Lookup) -> str:
    if not lookup.issue.specimen:
        return ""
    return " This is a bundled week, replayed from payloads of its time: nobody was warned by it then."


def _settled(ledger: Ledger) -> str:
    """What can be said by now; where nothing can, when the first horizon ends."""
    if not ledger.judged:
        return "There is nothing to score."
    count = Counter(one.outcome for one in ledger.judged)
    unknown = Counter(one.why for one in ledger.judged if one.why is not None)
    if count[Outcome.CANNOT_BE_KNOWN] == len(ledger.judged):
        if unknown[Unknown.OPEN] == len(ledger.judged):
            ends = min(one.ends_on for one in ledger.warnings)
            return f"No outcome can be known yet: no horizon is over. The first one ends on {wording.day(ends)}."
        return f"No outcome can be known yet: {_why(unknown)}."
    text = (
        f"Over {wording.counted(len(ledger.horizons), 'horizon', 'horizons')} and {wording.cardinal(len(EventKind))} "
        f"kinds of event there are {len(ledger.judged):,} outcomes. "
        f"{wording.counted(count[Outcome.HIT], 'is a hit', 'are hits').capitalize()}, and "
        f"{wording.counted(count[Outcome.FALSE_ALARM], 'is a false alarm', 'are false alarms')}."
    )
    if rest := count[Outcome.CANNOT_BE_KNOWN]:
        text += f" {wording.cardinal(rest).capitalize()} cannot be known: {_why(unknown)}."
    return text


def _why(unknown: Counter[Unknown]) -> str:
    words = {
        Unknown.OPEN: "the horizon is not over",
        Unknown.LATE: "the counts are not out",
        Unknown.UNWATCHED: "nothing watched the place to the end",
    }
    return wording.listed([f"for {unknown[one]:,} {words[one]}" for one in Unknown if unknown[one]])


def _people(lookup: Lookup) -> str:
    """Proposals and confirmed levels are scored apart; where no level was confirmed, that is said, not scored."""
    ledger = lookup.issue.ledger
    if all(one.confirmed is None for one in ledger.warnings):
        return (
            "People have confirmed no level yet, so proposals alone are scored. There are no overrides to count; that "
            "is not a score of zero."
        )
    up = sum(one.up for one in ledger.overrides)
    return (
        "Levels proposed and levels confirmed are scored apart. People set "
        f"{wording.counted(up, 'level', 'levels')} higher and {wording.cardinal(len(ledger.overrides) - up)} lower "
        "than the rules."
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
        Line(lead=wording.plain(region.name), text=f"{up[region.code]} up, {down[region.code]} down.")
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
    newest = wording.counted(made[weeks[-1]], "warning", "warnings")
    text = f"{weeks[0]} to {weeks[-1]}. {newest.capitalize()} in {weeks[-1]}."
    if gaps:
        are = "it is a gap, not zero" if gaps == 1 else "they are gaps, not zero"
        text += f" No issue was run in {wording.counted(gaps, 'week', 'weeks')}; {are}."
    return SeriesFigure(
        figure_id="warnings-by-issue",
        title="Warnings by issue",
        sentence=f"Warnings made by each issue, {text}",
        shown=text,
        unit="warnings at watch or above",
        key="Bars: warnings. ×: no issue was run.",
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
            caption="Warnings by issue",
            head=("Issue", "Warnings", "At emerging concern or above"),
            rows=tuple(
                (week, f"{made[week]:,}", f"{strong[week]:,}") if week in run else (week, "no issue", "no issue")
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
        caption=f"{KINDS[kind].capitalize()}: warnings at {LEASTS[least]}",
        head=(
            "Horizon, who warns",
            "Warnings",
            "Hit",
            "False alarm",
            "Cannot be known",
            "Miss",
            "Events found",
            "Days ahead",
        ),
        rows=tuple(
            (
                f"{one.horizon_days} days, {WHO[one.who]}",
                f"{one.warnings:,}",
                f"{one.hits:,}",
                f"{one.false_alarms:,}",
                f"{one.unknown:,}",
                f"{one.misses:,}",
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
                f"{KINDS[kind].capitalize()}, {days} days, {LEASTS[least]}",
                f"{ours.warnings:,}",
                f"{ours.hits:,}",
                f"{ours.misses:,}",
                f"{ours.false_alarms:,}",
                f"{ours.unknown:,}",
                _right(ours),
                _right(own[Who.LAST]),
                _right(own[Who.FREQUENT]),
            )
        )
    return Table(
        caption="Past warnings over all States, and right ones of those known beside two naive base lines",
        head=(
            "What was warned of",
            "Warnings",
            "Hit",
            "Miss",
            "False alarm",
            "Cannot be known",
            "Right",
            "What was, will be",
            "Most frequent so far",
        ),
        rows=tuple(rows),
        numeric=(1, 2, 3, 4, 5, 6, 7, 8),
    )


def _right(one: Score) -> str:
    known = one.hits + one.false_alarms
    return f"{one.hits:,} of {known:,}" if known else NOTHING


def _found(one: Score) -> str:
    happened = one.events_found + one.misses
    return f"{one.events_found:,} of {happened:,}" if happened else NOTHING


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
            wording.plain(lookup.place(run.place).name),
            _span(run.issues),
            f"{run.level.shape}{NO_BREAK}{run.level.value}",
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
            lead="For the Office alone.",
            text="All States and places that were warned of, in English alphabetical order, unranked. Issues that "
            "follow each other with the same level on the same grounds share a line. Outcomes are of both kinds of "
            "event where no kind is named."
            if rows
            else "No State or place has been warned of.",
        )
    ]
    if seen:
        lines = tuple(Line(lead=f"Cannot be known ({LETTERS[one]})", text=WHY[one]) for one in Unknown if one in seen)
        blocks.append(Lines(layout=Layout.LIST, lines=lines))
    if rows:
        blocks.append(
            Table(
                caption="Warnings, State by State",
                head=(
                    "State",
                    "Warned in",
                    "Level",
                    "Rests on",
                    *(f"Within {days} days" for days in ledger.horizons),
                ),
                rows=tuple(rows),
            )
        )
    return Section(anchor="state-by-state", heading="State by State", blocks=tuple(blocks))


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
    return issues[0] if len(issues) == 1 else f"{issues[0]} to {issues[-1]} ({len(issues)} issues)"


def _fate(judged: Sequence[Judged]) -> str:
    """One phrase for both kinds of event where they agree, otherwise one for each."""
    by_kind = {kind: _phrase([one for one in judged if one.kind is kind]) for kind in EventKind}
    if len(set(by_kind.values())) == 1:
        return next(iter(by_kind.values()))
    return "; ".join(f"{SHORT[kind]}: {phrase}" for kind, phrase in by_kind.items())


def _phrase(judged: Sequence[Judged]) -> str:
    parts = []
    for outcome in ORDER:
        mine = [one for one in judged if one.outcome is outcome]
        if not mine:
            continue
        letters = sorted({LETTERS[one.why] for one in mine if one.why is not None})
        number = f"{len(mine)} " if len(judged) > 1 else ""
        reason = f" ({', '.join(letters)})" if letters else ""
        lead = ""
        if outcome is Outcome.HIT:
            days = sorted(one.lead_days for one in mine if one.lead_days is not None)
            ahead = f"{days[0]}" if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
            lead = f", {ahead} days ahead" if ahead != "1" else ", one day ahead"
        word = MANY.get(outcome, outcome.value) if len(mine) > 1 else outcome.value
        parts.append(f"{number}{word}{reason}{lead}")
    if not parts:
        raise hole("A warning of the ledger has no outcome")
    return ", ".join(parts)


def _misses(lookup: Lookup, numbers: Numbers) -> Section:
    """Every event that came unannounced, named, with the horizons and levels at which it was missed."""
    ledger = lookup.issue.ledger
    by_event: dict[tuple[str, EventKind, str], list[Missed]] = defaultdict(list)
    for one in ledger.missed:
        by_event[one.event.place, one.event.kind, one.event.began_on.isoformat()].append(one)
    rows = [
        (
            wording.plain(lookup.place(place).name),
            KINDS[kind],
            wording.period(missed[0].event.began_on, "month"),
            wording.figure(missed[0].event.value),
            wording.figure(missed[0].event.usual),
            *(
                ", ".join(f"{one.horizon_days}" for one in missed if one.least is least) or "warned of"
                for least in LEASTS
            ),
        )
        for (place, kind, _), missed in sorted(
            by_event.items(), key=lambda row: (fold(lookup.place(row[0][0]).name), row[0][2], row[0][1])
        )
    ]
    if not rows:
        text = "No event counts as a miss so far. An event can be one only when the ledger is a whole horizon old"
        if ledger.issues:
            text += f"; its first issue is {ledger.issues[0][0]}"
        return Section(
            anchor="misses",
            heading="Misses",
            blocks=(Paragraph(number=numbers.take(), lead="", text=f"{text}."),),
        )
    intro = (
        "Events that no warning covered although an issue was run within the horizon before them. A place that was not "
        "monitored is named like any other."
    )
    table = Table(
        caption="Misses, each named",
        head=(
            "State",
            "What happened",
            "Broke out in",
            "Count of that month",
            "Mean of the year before",
            *(f"Missed at {words}, days" for words in LEASTS.values()),
        ),
        rows=tuple(rows),
        numeric=(3, 4),
    )
    return Section(
        anchor="misses",
        heading="Misses",
        blocks=(Paragraph(number=numbers.take(), lead="", text=intro), table),
    )


# How


def _method(numbers: Numbers) -> Section:
    paragraphs = (
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
    return Section(
        anchor="how",
        heading="How warnings are scored",
        blocks=tuple(Paragraph(number=numbers.take(), lead=lead, text=text) for lead, text in paragraphs),
    )


def _single(ledger: Ledger) -> list[WarningMade]:
    """Each warning once, and not once a horizon."""
    return [one for one in ledger.warnings if one.horizon_days == ledger.horizons[0]]
