"""One situation in words: why now, then (a) to (i). Nothing here weighs; it reads out what scoring found."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict

from briefs import wording
from briefs.dossier import Improvement
from briefs.evidence import count_links, opens
from briefs.lookup import STATE_LEVEL_ONLY, Lookup, anchor
from briefs.view import Entry, Item, Link, Note, Paragraph, Point, SeriesFigure, Table
from domain.classification import Lens
from domain.incident import Actor, Incident
from domain.issue import SourceLine
from domain.signal import Basis
from domain.situation import Coverage, GateResult, SeriesResult, Situation, TriggerResult, TriggerValue
from domain.source import SourceClass
from domain.state import PlaceKind
from domain.window import Week, window

PERIODS_SHOWN = 60
HEADLINES = 2
COOPERATION = ("T15a", "T15b")
NO_OUTLOOK = "None is given: no analyst entered one, and the machine enters none."
NO_CONTRARY = "Nothing in this run speaks against it. Nobody looked for more."
NO_CHANGE = "No single observation would change the level; see the gates."
NO_IMPROVEMENT = "None is known: nobody entered one, and none is counted from texts alone."
FIGURE_KEY = "Bars: counts. Line: usual, the band up to the dashed line: range. ▲ alarm, △ above the range, × no value."
LATE_KEY = "Open bracket: to what late reports may still bring a period."
# Bodies whose own report of an event is more than hearsay of one origin, short of a finding.
CREDIBLE = frozenset(
    {
        SourceClass.SPECIAL_PROCEDURES,
        SourceClass.NHRI,
        SourceClass.FIELD_PRESENCE,
        SourceClass.TREATY_BODY,
        SourceClass.REGIONAL_MECHANISM,
        SourceClass.UN_SYSTEM,
    }
)


@dataclass(slots=True)
class Numbers:
    """Consecutive paragraph numbers of one page."""

    last: int = 0

    def take(self) -> str:
        self.last += 1
        return str(self.last)


@dataclass(slots=True)
class Notes:
    """Sources in the order in which the page first cites them."""

    cited: dict[str, SourceLine] = field(default_factory=dict)

    def cite(self, sources: Iterable[SourceLine]) -> tuple[str, ...]:
        wanted = {source.source_id: source for source in sources}
        for source_id, source in wanted.items():
            self.cited.setdefault(source_id, source)
        return tuple(str(number) for number, source_id in enumerate(self.cited, start=1) if source_id in wanted)

    def printed(self) -> tuple[Note, ...]:
        return tuple(_note(str(number), source) for number, source in enumerate(self.cited.values(), start=1))


def build_entry(
    lookup: Lookup,
    situation: Situation,
    *,
    number: str,
    notes: Notes,
    figures: bool,
    behind: bool = False,
    printed: bool = True,
) -> Entry:
    """The full entry of one situation; `figures` says whether its level has room for pictures.

    `behind` marks the entry in the annex of a situation that has its one line in the main part; `printed` is False
    where paper leaves it out, because nothing in it changed.
    """
    sources = lookup.situation_sources(situation)
    cited = notes.cite(sources)
    word, why = confidence(lookup, situation)
    here = anchor(lookup, situation) + ("-entry" if behind else "")
    figured = [series for series in lookup.situation_series(situation) if figures and drawable(series)]
    return Entry(
        **_head(lookup, situation),
        anchor=here,
        full=True,
        printed=printed,
        why=Paragraph(number=number, lead=f"Why now: {headlines(lookup, situation)}", text="", notes=cited),
        line=_line(lookup, situation, word),
        more=(),
        items=_items(lookup, situation, sources, notes, f"{word.capitalize()}: {why}."),
        closing=_cooperation(lookup, situation),
        closing_notes=(),
        figures=tuple(_figure(lookup, series, f"{here}-figure-{at}") for at, series in enumerate(figured, start=1)),
    )


def build_line(lookup: Lookup, situation: Situation, *, number: str, notes: Notes) -> Entry:
    """The one line of a situation; its entry stands in the annex of the same page."""
    cited = notes.cite(lookup.situation_sources(situation))
    here = anchor(lookup, situation)
    return Entry(
        **_head(lookup, situation),
        anchor=here,
        full=False,
        printed=True,
        why=Paragraph(number=number, lead=f"Why now: {headlines(lookup, situation)}", text="", notes=cited),
        line=_line(lookup, situation, confidence(lookup, situation)[0]),
        more=(Link(text="Entry", href=f"#{here}-entry"),),
        items=(),
        closing="",
        closing_notes=(),
        figures=(),
    )


class _Head(TypedDict):
    """What the line and the entry of one situation share."""

    situation_id: str
    code: str
    place: str
    shape: str
    level: str
    phase: str
    proposed: str
    departed: str
    status: str
    incidents: tuple[str, ...]


def _head(lookup: Lookup, situation: Situation) -> _Head:
    place = lookup.place(situation.place)
    return _Head(
        situation_id=situation.situation_id,
        code=place.code,
        place=wording.plain(place.name),
        shape=situation.level.shape,
        level=situation.level.value,
        phase=situation.phase.value,
        proposed=lookup.proposed[situation.situation_id].value,
        departed=_departed(lookup, situation),
        status=_status(lookup, situation),
        incidents=situation.incidents,
    )


def _line(lookup: Lookup, situation: Situation, word: str) -> str:
    return f"{headlines(lookup, situation, named=False)} Confidence: {word}."


def _departed(lookup: Lookup, situation: Situation) -> str:
    """Why people set another level than the rules gave; empty where they set the same, or none."""
    set_level = lookup.set_levels.get(situation.situation_id)
    if set_level is None:
        return ""
    gave = lookup.proposed[situation.situation_id]
    if set_level.level is gave:
        return ""
    until = f" It lapses on {wording.day(set_level.expires_on)}." if set_level.expires_on is not None else ""
    return (
        f"Level set by analysts; the rules gave {wording.level_word(gave)}. "
        f"Reason: {wording.sentence(set_level.reason)}{until}"
    )


def improvement(row: Improvement) -> str:
    """One step for the better, dated, with its fraction; announced and begun are not done."""
    part = f" {row.part:,} of {row.whole:,}." if row.part is not None and row.whole is not None else ""
    return f"{wording.sentence(row.text)}{part} {wording.day(row.on)} ({wording.plain(row.step)})."


def _cooperation(lookup: Lookup, situation: Situation) -> str:
    """Letters, and what the two triggers of cooperation say of the State; facts, with neutral words."""
    letters = dict(lookup.issue.communications).get(situation.place, 0)
    said = [
        f"{wording.counted(letters, 'letter', 'letters')} of special procedures known in the window of the method"
        if letters
        else "no letter of special procedures known"
    ]
    for trigger in COOPERATION:
        row = lookup.triggers.get((situation.place, trigger))
        if row is not None and trigger in lookup.cards and lookup.cards[trigger].fed:
            said.append(f"{trigger} {row.value.value}, {wording.clause(row.reason)}")
    missing = [trigger for trigger in COOPERATION if trigger in lookup.cards and not lookup.cards[trigger].fed]
    if missing:
        said.append(f"no input for {wording.listed(missing)}")
    return f"Cooperation: {'; '.join(said)}."


def drawable(series: SeriesResult) -> bool:
    """A picture of nothing but gaps and zeros would say less than the sentence."""
    return any(value for _, value, _, _ in series.history)


def confidence(lookup: Lookup, situation: Situation) -> tuple[str, str]:
    """Low or moderate, and why. A machine alone never prints high: nobody has read the sources."""
    against: list[str] = []
    if len(situation.origins) < 2:
        against.append("there is one origin, so nothing independent confirms it")
    elif len(situation.classes) < 2:
        against.append("all reports come from one class of source")
    heard = lookup.place_coverage(situation.place).coverage
    if heard is not Coverage.ADEQUATE:
        against.append("little can be said of what was not heard" if heard is Coverage.NONE else f"coverage is {heard}")
    if against:
        return "low", "; ".join(against)
    reviewed = situation.situation_id in lookup.set_levels
    return (
        "moderate",
        f"{wording.counted(len(situation.origins), 'origin', 'origins')} of "
        f"{wording.counted(len(situation.classes), 'class', 'classes')} of source and adequate coverage, "
        f"{'but no person has read them' if not reviewed else 'and people set its level'}",
    )


def not_known(lookup: Lookup, situation: Situation) -> tuple[str, ...]:
    """What the data leave open, in a fixed order; the State's account until it has come. Never empty."""
    found: list[str] = []
    if any(wording.MIXED in lookup.series_name(series) for series in lookup.situation_series(situation)):
        found.append("how many of those killed were civilians")
    if len(situation.origins) < 2:
        found.append("whether a second, independent origin would say the same")
    incidents = lookup.situation_incidents(situation)
    unknown = sum(incident.actor is Actor.UNKNOWN for incident in incidents)
    if unknown and unknown == len(incidents):
        found.append("who acted")
    elif unknown:
        found.append(f"who acted in {wording.cardinal(unknown)} of {wording.counted(len(incidents), 'case', 'cases')}")
    received = {row.situation_id for row in lookup.issue.accounts if row.received_on is not None}
    if situation.situation_id not in received or not found:
        found.append("the State's account" if situation.situation_id not in received else "what follows from the reply")
    return tuple(found)


def headlines(lookup: Lookup, situation: Situation, *, named: bool = True, sourced: bool = True) -> str:
    """The two weightiest reasons: met now before met lately, alarms first, then the order of the trigger list.

    `named` prints the names of the triggers beside their ids; where there is a line only, the key names them.
    `sourced` prints the titles of sources, which the Bureau page never does.
    """
    results = [lookup.trigger(situation.place, trigger) for trigger in situation.triggers]
    ordered = sorted(
        results, key=lambda result: (result.value is not TriggerValue.MET, not result.alarm, result.trigger)
    )
    if not ordered:
        return _without_trigger(lookup, situation, named=named)
    since = _since(situation)
    said = [_headline(lookup, result, since, named=named, sourced=sourced) for result in ordered[:HEADLINES]]
    if situation.incidents and all(result.value is not TriggerValue.MET for result in results):
        count = wording.counted(len(situation.incidents), "alleged incident", "alleged incidents").capitalize()
        said.append(f"{count} in twelve weeks.")
    more = len(ordered) - HEADLINES
    if more > 0:
        said.append(f"{wording.counted(more, 'further trigger', 'further triggers').capitalize()}.")
    return " ".join(said)


def _since(situation: Situation) -> dict[str, str]:
    """`T06` → `met 5 weeks ago`, where scoring gives it as a reason."""
    pairs = [reason.partition(" ") for reason in situation.reasons]
    return {trigger: wording.clause(rest) for trigger, _, rest in pairs if trigger in situation.triggers}


def _without_trigger(lookup: Lookup, situation: Situation, *, named: bool) -> str:
    """A watch that rests on grave incidents or a gate alone: what they are coded as, or the reasons as given."""
    incidents = lookup.situation_incidents(situation)
    if not incidents:
        return " ".join(wording.sentence(reason) for reason in situation.reasons) or "No trigger is met now."
    count = wording.counted(len(incidents), "alleged incident", "alleged incidents").capitalize()
    return f"{count} in twelve weeks, coded {_coded(lookup, incidents, named=named)}; no trigger is met."


def _coded(lookup: Lookup, incidents: tuple[Incident, ...], *, named: bool = True) -> str:
    """Incidents by trigger; one that feeds two triggers stands under both."""
    counts = Counter(trigger for row in incidents for trigger in {coding.trigger for coding in row.codings})
    names = {trigger: f" {wording.plain(lookup.card(trigger).name)}" if named else "" for trigger in counts}
    return wording.listed([f"{trigger}{names[trigger]} ({counts[trigger]:,})" for trigger in sorted(counts)])


def _headline(lookup: Lookup, result: TriggerResult, since: dict[str, str], *, named: bool, sourced: bool) -> str:
    name = f"{result.trigger} {wording.plain(lookup.card(result.trigger).name)}" if named else result.trigger
    if result.value is not TriggerValue.MET:
        return f"{name}: {since.get(result.trigger, 'met in the last twelve weeks')}, {result.value.value} now."
    series = [lookup.one_series(series_id) for series_id in result.series]
    alarmed = [row for row in series if row.alarm]
    if alarmed:
        return f"{name}: {_reading(lookup, alarmed[0], sourced=sourced)}; {wording.usual(alarmed[0])}."
    if result.incidents:
        return f"{name}: {_count(result)}."
    return f"{name}: {wording.clause(result.reason)}."


def _count(result: TriggerResult, *, until: str = "") -> str:
    weeks = "in the last week" if result.window_weeks == 1 else f"in {wording.cardinal(result.window_weeks)} weeks"
    text = f"{wording.counted(result.count, 'alleged incident', 'alleged incidents')} {weeks}{until}"
    if result.persons:
        text += f", at least {wording.counted(result.persons, 'person', 'persons')}"
    return text


def _reading(lookup: Lookup, series: SeriesResult, *, sourced: bool = True) -> str:
    name = lookup.series_name(series) if sourced else wording.series_name(series)
    if series.period_start is None or series.observed is None:
        return f"no value of {name} for the newest complete period"
    when = wording.within(series.period_start, series.period)
    return f"{wording.figure(series.observed)} reported {wording.unit(series)} {when} ({name})"


def _status(lookup: Lookup, situation: Situation) -> str:
    parts = []
    if situation.pattern.rule in {"P3", "P4"}:
        parts.append("continuing situation")
    if situation.since:
        since = Week.parse(situation.since)
        parts.append(f"at this level since {since} ({wording.span(since.first_day, since.last_day)})")
    if situation.held_since:
        parts.append(f"held since {wording.plain(situation.held_since)}: cannot see")
    parts.append(f"coverage {lookup.place_coverage(situation.place).coverage.value}")
    set_level = lookup.set_levels.get(situation.situation_id)
    if set_level is None:
        parts.append("proposed by machine, reviewed by nobody")
    else:
        who = wording.listed([wording.plain(role) for role in set_level.roles])
        parts.append(f"confirmed on {wording.day(set_level.decided_on)} by {who}")
    return " · ".join(parts)


def _items(
    lookup: Lookup, situation: Situation, sources: tuple[SourceLine, ...], notes: Notes, sure: str
) -> tuple[Item, ...]:
    cited = notes.cite(sources)
    incidents = lookup.situation_incidents(situation)
    as_of = wording.utc(lookup.issue.as_of)
    counts = count_links(lookup, situation)
    opened = {
        "Alleged": (Link(text="the incidents", href=opens(lookup, situation)),) if counts else (),
        "Triggers": counts,
    }
    account, account_language = _account(lookup, situation, as_of)
    improved, improved_language = _improvements(lookup, situation)
    outlook, outlook_language = _outlook(lookup, situation)
    rows: list[tuple[str, tuple[str, ...], tuple[str, ...], str]] = [
        ("Alleged", _alleged(lookup, situation, incidents), cited, ""),
        ("Triggers", _triggers(lookup, situation), cited if situation.triggers else (), ""),
        ("Gates", _gates(situation), (), ""),
        (
            "Corroboration",
            _corroboration(lookup, situation, incidents, sources),
            cited if situation.origins else (),
            "",
        ),
        ("Step on the proof ladder", (_step(lookup, situation, incidents),), (), ""),
        ("Outlook, 30 days", outlook, (), outlook_language),
        ("Confidence", (sure,), (), ""),
        ("State's account", account, (), account_language),
        ("Against this view", _against(lookup, situation, sources) or (NO_CONTRARY,), (), ""),
        ("Would change it", _change(situation) or (NO_CHANGE,), (), ""),
        ("Improvements", improved, (), improved_language),
    ]
    return tuple(
        Item(
            letter=f"({letter})",
            lead=lead,
            lines=tuple(line for line in lines if line),
            notes=refs,
            links=opened.get(lead, ()),
            language=language,
        )
        for letter, (lead, lines, refs, language) in zip("abcdefghijk", rows, strict=True)
    )


def _outlook(lookup: Lookup, situation: Situation) -> tuple[tuple[str, ...], str]:
    """What analysts expect, by a word of the scale and its range; never in the public lens, never by a machine."""
    entered = [row for row in lookup.issue.judgements if row.situation_id == situation.situation_id]
    if not entered or lookup.issue.lens is Lens.PUBLIC:
        return (NO_OUTLOOK,), ""
    lines = tuple(
        f"{wording.clause(row.what)}: {row.likelihood} ({wording.LIKELIHOODS[row.likelihood]}), in the analysts' view."
        for row in entered
    )
    return lines, entered[0].language


def _account(lookup: Lookup, situation: Situation, as_of: str) -> tuple[tuple[str, ...], str]:
    entered = [row for row in lookup.issue.accounts if row.situation_id == situation.situation_id]
    if not entered:
        return (f"None received by {as_of}; not sought: machine run.",), ""
    lines: list[str] = []
    for row in entered:
        if row.received_on is not None:
            lines.append(f"Received on {wording.day(row.received_on)}: {wording.sentence(row.text)}")
        elif row.sought_on is not None:
            lines.append(f"Comment was sought on {wording.day(row.sought_on)}; none received by {as_of}.")
    return tuple(lines), next((row.language for row in entered if row.text), "")


def _improvements(lookup: Lookup, situation: Situation) -> tuple[tuple[str, ...], str]:
    entered = sorted(
        (row for row in lookup.issue.improvements if row.place == situation.place), key=lambda row: (row.on, row.text)
    )
    if not entered:
        return (NO_IMPROVEMENT,), ""
    return tuple(improvement(row) for row in entered), entered[0].language


def _alleged(lookup: Lookup, situation: Situation, incidents: tuple[Incident, ...]) -> tuple[str, ...]:
    lines: list[str] = []
    if incidents:
        lines += [_who_says(lookup, situation, incidents), acts(incidents), _actors(incidents)]
        if coded := _coded(lookup, incidents):
            lines.insert(1, f"Coded as {coded}.")
        placed = wording.below_state(incidents, state_only=STATE_LEVEL_ONLY)
        # What a provider calls a part of a territory may carry a claim; no name of ours stands for it yet.
        if placed and lookup.place(situation.place).kind is PlaceKind.MEMBER:
            lines.append(
                f"By first-level place, as the sources name it: {placed}; places with fewer than three incidents are "
                "not named."
            )
        inferred = sum(incident.date_inferred for incident in incidents)
        if inferred:
            lines.append(
                f"In {wording.counted(inferred, 'incident', 'incidents')} the date is inferred from the publication."
            )
    for series in lookup.situation_series(situation):
        source = lookup.sources.get(series.source_id)
        if source is None or series.observed is None:
            continue
        lines.append(f"According to {wording.plain(source.publisher)}: {_reading(lookup, series)}.")
    return tuple(lines)


def _who_says(lookup: Lookup, situation: Situation, incidents: tuple[Incident, ...]) -> str:
    text = wording.counted(len(incidents), "alleged incident", "alleged incidents").capitalize()
    if len(incidents) >= wording.SMALL:
        days = [incident.occurred_on for incident in incidents]
        text += f", dated {wording.span(min(days), max(days))}"
    classes = wording.source_classes(lookup.class_counts(situation), unrestricted=lookup.issue.lens is Lens.PUBLIC)
    return f"{text}, according to {classes}." if classes else f"{text}."


def acts(incidents: tuple[Incident, ...]) -> str:
    """Persons by act, low figures. Two readings of one victim group of one incident count once, the larger of them."""
    persons: Counter[str] = Counter()
    unnumbered: set[str] = set()
    for incident in incidents:
        readings: dict[tuple[str, str], int] = {}
        for coding in incident.codings:
            if not coding.outcome:
                continue
            if coding.persons is None:
                unnumbered.add(incident.incident_id)
            else:
                group = (coding.outcome, coding.victim)
                readings[group] = max(readings.get(group, 0), coding.persons)
        for (outcome, _), count in readings.items():
            persons[outcome] += count
    said = [
        f"{wording.cardinal(count)} {wording.ACTS.get(act, wording.plain(act))}"
        for act, count in sorted(persons.items())
        if count
    ]
    if not said and not unnumbered:
        return ""
    text = f"Persons, as alleged, low figures: {wording.listed(said)}." if said else ""
    if unnumbered:
        text += f" In {wording.counted(len(unnumbered), 'incident', 'incidents')} no number of persons is given."
    return text.strip()


def _actors(incidents: tuple[Incident, ...]) -> str:
    counts = Counter(incident.actor for incident in incidents)
    order = list(Actor)
    said = [
        f"{actor.value} ({count:,})"
        for actor, count in sorted(counts.items(), key=lambda row: (-row[1], order.index(row[0])))
    ]
    return f"Alleged actors, as the sources name them: {wording.listed(said)}."


def _triggers(lookup: Lookup, situation: Situation) -> tuple[str, ...]:
    lines: list[str] = []
    for trigger in situation.triggers:
        result = lookup.trigger(situation.place, trigger)
        text = f"{trigger} {wording.plain(lookup.card(trigger).name)}: {result.value.value}"
        if result.incidents:
            newest = window(lookup.issue.as_of, max(result.window_weeks, 1))[1]
            origins = wording.counted(len(result.origins), "origin", "origins")
            text += f"; {_count(result, until=f' to {wording.day(newest)}')}, {origins}"
        lines.append(f"{text}. {wording.sentence(result.reason)}".strip())
        lines += [_series_line(lookup, lookup.one_series(series_id)) for series_id in result.series]
    return tuple(lines) or ("None is known to be met, now or in the last twelve weeks.",)


def _series_line(lookup: Lookup, series: SeriesResult) -> str:
    verdict = "alarm" if series.alarm else "no alarm"
    method = f", {wording.clause(series.method.replace('_', ' '))}" if series.method else ""
    text = f"{_reading(lookup, series)}; {wording.usual(series)}; {verdict}{method}. "
    text += f"Allowing for the volume of reports: {wording.clause(series.offset) or 'not applicable'}."
    if series.offset_expected is not None:
        text += f" Usual, so allowed for: {wording.figure(series.offset_expected)}"
        if series.offset_lower is not None and series.offset_upper is not None:
            low, high = wording.figure(series.offset_lower), wording.figure(series.offset_upper)
            text += f", range {low} to {high}"
        text += "."
    if late := _late(series).get(series.period_start):
        low, high = (wording.figure(one) for one in late)
        text += f" Late reports may bring the figure to between {low} and {high} (nine in ten)."
    if series.stale:
        text += " The series is stale: its newest value is older than its usual delay."
    if series.shared_with:
        names = wording.listed([wording.plain(lookup.place(code).name) for code in series.shared_with])
        text += f" The provider counts in one unit with {names}: the figure stands on each line and is counted once."
    return text[0].upper() + text[1:]


def _gates(situation: Situation) -> tuple[str, ...]:
    lines = [_gate("Pattern", situation.pattern), _gate("Gravity", situation.gravity)]
    if situation.ceiling:
        lines.append(f"Not above {situation.level.value}: {wording.clause(situation.ceiling)}.")
    lines += [wording.sentence(reason) for reason in situation.reasons]
    return tuple(lines)


def _gate(name: str, gate: GateResult) -> str:
    rule = f" ({gate.rule})" if gate.rule else ""
    why = f": {wording.clause(gate.why)}" if gate.why else ""
    return f"{name} {gate.state.value}{rule}{why}."


def _corroboration(
    lookup: Lookup, situation: Situation, incidents: tuple[Incident, ...], sources: tuple[SourceLine, ...]
) -> tuple[str, ...]:
    total = wording.counted(len(situation.origins), "independent origin", "independent origins").capitalize()
    if not situation.origins:
        return ("No origin of this week: what is said rests on earlier issues or on the record of cooperation.",)
    providers = {source.publisher for source in sources if source.source_class is SourceClass.DATA_PROVIDER}
    together = "Data providers may count the same events: together they are one origin." if len(providers) > 1 else ""
    if not incidents:
        return (f"{total} in all.", together)
    several = sum(lookup.independent(incident) >= 2 for incident in incidents)
    one = len(incidents) - several
    parts = []
    if several:
        parts.append(f"{wording.counted(several, 'incident has', 'incidents have')} two or more")
    if one:
        parts.append(f"{wording.counted(one, 'incident has', 'incidents have')} one")
    return (f"{total} in all: {wording.listed(parts)}.", together)


def _step(lookup: Lookup, situation: Situation, incidents: tuple[Incident, ...]) -> str:
    """Reported, credible allegation, corroborated. The product stops there."""
    several = sum(lookup.independent(incident) >= 2 for incident in incidents)
    classes = {source_class for incident in incidents for source_class in incident.classes}
    below = "credible allegation" if len(situation.origins) >= 2 or classes & CREDIBLE else "reported"
    if several and several == len(incidents):
        return "Corroborated by independent sources."
    if several:
        return f"Corroborated by independent sources in part; otherwise {below}."
    return f"{below.capitalize()}."


def _late(series: SeriesResult) -> dict[date | None, tuple[float, float]]:
    """To what late reports may still bring each of the newest periods: 90 % range."""
    return {start: (low, high) for start, low, high in series.late}


def _against(lookup: Lookup, situation: Situation, sources: tuple[SourceLine, ...]) -> tuple[str, ...]:
    results = [
        row for row in lookup.issue.triggers if row.place == situation.place and row.trigger not in situation.triggers
    ]
    lines: list[str] = []
    calm = sorted(row.trigger for row in results if row.value is TriggerValue.NOT_MET)
    blind = sorted(row.trigger for row in results if row.value is TriggerValue.CANNOT_TELL)
    if calm:
        lines.append(f"Not met here: {wording.listed(calm)}.")
    if blind:
        lines.append(f"Cannot be told here: {wording.listed(blind)}.")
    series = [row for row in lookup.situation_series(situation) if row.expected is not None]
    within = sum(not row.alarm for row in series)
    if within:
        lines.append(
            "No alarm in the one series: see (b)."
            if len(series) == 1
            else f"No alarm in {wording.cardinal(within)} of {wording.cardinal(len(series))} series: see (b)."
        )
    for basis in Basis:
        titles = [wording.plain(source.title) for source in sources if source.basis is basis]
        if titles and basis is not Basis.AS_PUBLISHED:
            lines.append(f"{basis.value.capitalize()}: {'; '.join(titles)}. On that day other figures may have stood.")
    if len({source.publisher for source in sources}) == 1:
        lines.append("All of it rests on one publisher, whose own choices of what to count it shares.")
    return tuple(lines)


def _change(situation: Situation) -> tuple[str, ...]:
    return tuple(
        f"{direction}: {wording.clause(text)}."
        for direction, text in (("Up", situation.would_raise), ("Down", situation.would_lower))
        if text
    )


def _figure(lookup: Lookup, series: SeriesResult, figure_id: str) -> SeriesFigure:
    shown = series.history[-PERIODS_SHOWN:]
    missing = sum(value is None for _, value, _, _ in shown)
    place = wording.plain(lookup.place(series.place).name)
    first, last = shown[0][0], shown[-1][0]
    text = (
        f"{wording.period(first, series.period)} to {wording.period(last, series.period)}. Newest complete period: "
        f"{wording.figure(series.observed)}; {wording.usual(series)}; {'alarm' if series.alarm else 'no alarm'}."
    )
    if missing:
        gaps = "it is a gap, not zero" if missing == 1 else "they are gaps, not zero"
        text += f" {wording.counted(missing, 'period has', 'periods have').capitalize()} no value; {gaps}."
    title = f"{series.trigger}: {wording.clause(lookup.series_name(series))}, by {series.period}"
    unit = wording.clause(series.unit)
    points = tuple(_point(series, row) for row in shown)
    late = any(point.late_high is not None for point in points)
    return SeriesFigure(
        figure_id=figure_id,
        title=title,
        sentence=f"{place}, {series.trigger}: {lookup.series_name(series)}, {unit} by {series.period}, {text}",
        shown=wording.sentence(text),
        unit=unit,
        key=f"{FIGURE_KEY} {LATE_KEY}" if late else FIGURE_KEY,
        points=points,
        table=Table(
            caption=f"{place}, {title}, in {unit}",
            head=("Period", "Count", "Usual", "Upper bound", *(("May become",) if late else ()), "Mark"),
            rows=tuple(_figure_row(point, late=late) for point in points),
            numeric=(1, 2, 3, 4) if late else (1, 2, 3),
            folded=True,
            printed=False,
        ),
    )


def _point(series: SeriesResult, row: tuple[date, float | None, float | None, float | None]) -> Point:
    start, value, expected, upper = row
    newest = start == series.period_start
    late_low, late_high = _late(series).get(start, (None, None))
    return Point(
        period=wording.short_period(start, series.period),
        value=value,
        expected=expected,
        lower=series.lower if newest else None,
        upper=upper,
        late_low=late_low,
        late_high=late_high,
        above=value is not None and upper is not None and value > upper,
        alarm=series.alarm and newest,
    )


def _figure_row(point: Point, *, late: bool) -> tuple[str, ...]:
    """What is drawn of one period, in words; a bound that is not known says so."""
    bounds = (wording.figure(one) if one is not None else "not known" for one in (point.expected, point.upper))
    mark = "alarm" if point.alarm else "above the range" if point.above else ""
    range_ = "nothing known"
    if point.late_low is not None and point.late_high is not None:
        range_ = f"{wording.figure(point.late_low)} to {wording.figure(point.late_high)}"
    return (point.period, wording.figure(point.value), *bounds, *((range_,) if late else ()), mark)


def _note(number: str, source: SourceLine) -> Note:
    address = wording.plain(source.url, longest=300)
    basis = f" {wording.sentence(source.basis.value)}" if source.basis is not None else ""
    citation = wording.sentence(source.citation) or wording.sentence(f"{source.publisher}, {source.title}")
    return Note(
        number=number,
        text=f"{citation}{basis} Licence: {wording.clause(source.licence)}.",
        address=address,
        href=address if address.startswith(("https://", "http://")) else "",
        collected=wording.utc(source.collected_at) if source.collected_at else "",
        hashes=source.sha256,
    )
