"""One situation in words: why now, then (a) to (i). Nothing here weighs; it reads out what scoring found."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypedDict

from briefs import people, wording
from briefs.dossier import ClearedText, Improvement
from briefs.evidence import count_links, opens
from briefs.lookup import STATE_LEVEL_ONLY, Lookup, anchor
from briefs.protection import name_places
from briefs.said import Said, capital, count, join, listed, quote, say, term
from briefs.view import Entry, EntryPart, Item, Link, Note, Paragraph, PlaceCount, Point, SeriesFigure, Table
from domain.classification import Lens
from domain.incident import Actor, Incident
from domain.issue import SourceLine
from domain.signal import Basis, PeriodKind
from domain.situation import Coverage, GateResult, SeriesResult, Situation, TriggerResult, TriggerValue
from domain.source import SourceClass
from domain.state import PlaceKind
from domain.window import Week, window

PERIODS_SHOWN = 60
BY_PERIOD = {
    PeriodKind.DAY: "by day",
    PeriodKind.WEEK: "by week",
    PeriodKind.MONTH: "by month",
    PeriodKind.YEAR: "by year",
}
HEADLINES = 2
COOPERATION = ("T15a", "T15b")
LEADS = (
    "Alleged",
    "Triggers",
    "Gates",
    "Corroboration",
    "Step on the proof ladder",
    "Outlook, 30 days",
    "Confidence",
    "State's account",
    "Against this view",
    "Would change it",
    "Improvements",
)
ONE_SITUATION = "one situation over several places, by the decision of people"
# What is the same of every part of one situation is said once; counts that are the same are not.
ONCE = frozenset({"Outlook, 30 days", "State's account", "Improvements"})
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
    parts = lookup.parts(situation)
    sources = {part.situation_id: lookup.situation_sources(part) for part in parts}
    cited = notes.cite(source for part in parts for source in sources[part.situation_id])
    here = anchor(lookup, situation) + ("-entry" if behind else "")
    figured = [series for part in parts for series in lookup.situation_series(part) if figures and drawable(series)]
    return Entry(
        **_head(lookup, situation),
        anchor=here,
        full=True,
        printed=printed,
        why=_why(lookup, situation, number=number, cited=cited),
        line=_line(lookup, situation),
        more=(),
        items=people.weave(
            lookup,
            parts,
            _together(lookup, [_items(lookup, part, sources[part.situation_id], notes) for part in parts], parts),
        ),
        closing=lookup.each(situation, lambda part: _cooperation(lookup, part)),
        closing_notes=(),
        figures=tuple(_figure(lookup, series, f"{here}-figure-{at}") for at, series in enumerate(figured, start=1)),
        placed=_placed(lookup, situation) if len(parts) == 1 else (),
        parts=_parts(lookup, situation),
    )


def build_line(lookup: Lookup, situation: Situation, *, number: str, notes: Notes) -> Entry:
    """The one line of a situation; its entry stands in the annex of the same page."""
    cited = notes.cite(source for part in lookup.parts(situation) for source in lookup.situation_sources(part))
    here = anchor(lookup, situation)
    return Entry(
        **_head(lookup, situation),
        anchor=here,
        full=False,
        printed=True,
        why=_why(lookup, situation, number=number, cited=cited),
        line=_line(lookup, situation),
        more=(Link(text=say("Entry"), href=f"#{here}-entry"),),
        items=(),
        closing="",
        closing_notes=(),
        figures=(),
        parts=_parts(lookup, situation),
    )


def told_alone(lookup: Lookup, situation: Situation) -> tuple[str, ...]:
    """The texts that an entry holds of this situation, without those of others that are one with it."""
    items = _items(lookup, situation, lookup.situation_sources(situation), Notes())
    return (
        say("Why now: {headlines}", headlines=headlines(lookup, situation)),
        _status(lookup, situation),
        _cooperation(lookup, situation),
        *(text for item in items for text in (item.lead, *item.lines)),
    )


def build_reference(lookup: Lookup, situation: Situation, *, number: str, told: Said, href: str) -> Entry:
    """The line of a situation that is told in full under another place; it repeats nothing, and counts nothing."""
    place = lookup.place(situation.place)
    return Entry(
        anchor=anchor(lookup, situation),
        situation_id=lookup.one_id(situation),
        code=place.code,
        place=lookup.name(place.code),
        shape=situation.level.shape,
        level=term(situation.level.value),
        phase=term(situation.phase.value),
        proposed=term(lookup.proposed[situation.situation_id].value),
        departed="",
        status="",
        full=False,
        printed=True,
        why=Paragraph(number=number, lead=told, text=""),
        line=told,
        more=(Link(text=say("Entry"), href=href),),
        items=(),
        closing="",
        closing_notes=(),
        figures=(),
        incidents=(),
    )


def _why(lookup: Lookup, situation: Situation, *, number: str, cited: tuple[str, ...]) -> Paragraph:
    found = say("Why now: {headlines}", headlines=lookup.each(situation, lambda part: headlines(lookup, part)))
    paragraph = Paragraph(number=number, lead=found, text="", notes=cited)
    return people.why_now(lookup, lookup.parts(situation), paragraph)


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
    parts = lookup.parts(situation)
    status = lookup.each(situation, lambda part: _status(lookup, part, levelled=len(parts) > 1), between="; ")
    return _Head(
        situation_id=lookup.one_id(situation),
        code=place.code,
        place=lookup.names(situation),
        shape=situation.level.shape,
        level=term(situation.level.value),
        phase=term(situation.phase.value),
        proposed=term(lookup.proposed[situation.situation_id].value),
        departed=lookup.each(situation, lambda part: departed(lookup, part)),
        status=status if len(parts) == 1 else join(say(ONE_SITUATION), status, between=" · "),
        incidents=tuple(one for part in parts for one in part.incidents),
    )


def _parts(lookup: Lookup, situation: Situation) -> tuple[EntryPart, ...]:
    """What a situation over several places is in each of them; empty for one of a single place."""
    parts = lookup.parts(situation)
    if len(parts) == 1:
        return ()
    return tuple(
        EntryPart(
            situation_id=part.situation_id,
            code=part.place,
            place=lookup.name(part.place),
            shape=part.level.shape,
            level=term(part.level.value),
            phase=term(part.phase.value),
            incidents=part.incidents,
            placed=_placed(lookup, part),
        )
        for part in parts
    )


def _together(lookup: Lookup, told: Sequence[tuple[Item, ...]], parts: Sequence[Situation]) -> tuple[Item, ...]:
    """The same letter of each part in one item, with the name of its place in front."""
    if len(told) == 1:
        return told[0]
    found = []
    for items in zip(*told, strict=True):
        first = items[0]
        if first.lead in ONCE and all(item.lines == first.lines for item in items):
            lines = first.lines
        else:
            lines = tuple(
                say("{what}: {why}", what=lookup.name(part.place), why=line) if at == 0 else line
                for part, item in zip(parts, items, strict=True)
                for at, line in enumerate(item.lines)
            )
        languages = {item.language for item in items if item.lines}
        found.append(
            replace(
                first,
                lines=lines,
                notes=tuple(sorted({note for item in items for note in item.notes}, key=int)),
                links=tuple(
                    replace(link, text=say("{what}: {why}", what=lookup.name(part.place), why=link.text))
                    for part, item in zip(parts, items, strict=True)
                    for link in item.links
                ),
                language=languages.pop() if len(languages) == 1 else "",
            )
        )
    return tuple(found)


def _line(lookup: Lookup, situation: Situation) -> str:
    return lookup.each(
        situation,
        lambda part: join(
            headlines(lookup, part, named=False), say("Confidence: {word}.", word=confidence(lookup, part)[0])
        ),
    )


def departed(lookup: Lookup, situation: Situation) -> str:
    """Why people set another level than the rules gave; empty where they set the same, or none."""
    set_level = lookup.set_levels.get(situation.situation_id)
    if set_level is None:
        return ""
    gave = lookup.proposed[situation.situation_id]
    if set_level.level is gave:
        return ""
    until = say("It lapses on {day}.", day=wording.day(set_level.expires_on)) if set_level.expires_on else ""
    return join(
        say("Level set by analysts; the rules gave {level}.", level=wording.level_word(gave)),
        say("Reason: {reason}", reason=quote(wording.sentence(set_level.reason), set_level.language or "en")),
        until,
    )


def improvement(row: Improvement) -> str:
    """One step for the better, dated, with its fraction; announced and begun are not done."""
    part = ""
    if row.part is not None and row.whole is not None:
        part = say("{part} of {whole}.", part=row.part, whole=row.whole)
    return join(
        quote(wording.sentence(row.text), row.language or "en"),
        part,
        say("{day} ({step}).", day=wording.day(row.on), step=term(wording.plain(row.step))),
    )


def _cooperation(lookup: Lookup, situation: Situation) -> str:
    """Letters, and what the two triggers of cooperation say of the State; facts, with neutral words."""
    letters = dict(lookup.issue.communications).get(situation.place, 0)
    said: list[str] = [
        count(
            "{n} letter of special procedures known in the window of the method",
            "{n} letters of special procedures known in the window of the method",
            letters,
        )
        if letters
        else say("no letter of special procedures known")
    ]
    for trigger in COOPERATION:
        row = lookup.triggers.get((situation.place, trigger))
        if row is not None and trigger in lookup.cards and lookup.cards[trigger].fed:
            said.append(join(join(trigger, term(row.value.value)), quote(wording.clause(row.reason)), between=", "))
    missing = [trigger for trigger in COOPERATION if trigger in lookup.cards and not lookup.cards[trigger].fed]
    if missing:
        said.append(say("no input for {triggers}", triggers=listed(missing)))
    return say("Cooperation: {facts}.", facts=join(*said, between="; "))


def drawable(series: SeriesResult) -> bool:
    """A picture of nothing but gaps and zeros would say less than the sentence."""
    return any(value for _, value, _, _ in series.history)


def confidence(lookup: Lookup, situation: Situation) -> tuple[str, str]:
    """As people cleared it; else low or moderate, and why. A machine alone never prints high: nobody has read."""
    if (by_people := people.confidence(lookup, situation)) is not None:
        return by_people
    against: list[str] = []
    if len(situation.origins) < 2:
        against.append(say("there is one origin, so nothing independent confirms it"))
    elif len(situation.classes) < 2:
        against.append(say("all reports come from one class of source"))
    heard = lookup.place_coverage(situation.place).coverage
    if heard is not Coverage.ADEQUATE:
        against.append(
            say("little can be said of what was not heard")
            if heard is Coverage.NONE
            else say("coverage is {word}", word=term(heard.value))
        )
    if against:
        return say("low"), join(*against, between="; ")
    reviewed = situation.situation_id in lookup.set_levels
    rests = say(
        "{origins} of {classes} and adequate coverage",
        origins=wording.counted(len(situation.origins), "origin", "origins"),
        classes=count("{n} class of source", "{n} classes of source", len(situation.classes)),
    )
    read = say("and people set its level") if reviewed else say("but no person has read them")
    return say("moderate"), join(rests, read, between=", ")


def not_known(lookup: Lookup, situation: Situation) -> tuple[str, ...]:
    """What the data leave open, in a fixed order; the State's account until it has come. Never empty."""
    found: list[str] = []
    if any(wording.MIXED in lookup.series_name(series) for series in lookup.situation_series(situation)):
        found.append(say("how many of those killed were civilians"))
    if len(situation.origins) < 2:
        found.append(say("whether a second, independent origin would say the same"))
    incidents = lookup.situation_incidents(situation)
    unknown = sum(incident.actor is Actor.UNKNOWN for incident in incidents)
    if unknown and unknown == len(incidents):
        found.append(say("who acted"))
    elif unknown:
        found.append(
            count(
                "who acted in {unknown} of {n} case",
                "who acted in {unknown} of {n} cases",
                len(incidents),
                unknown=wording.cardinal(unknown),
            )
        )
    received = {row.situation_id for row in lookup.issue.accounts if row.received_on is not None}
    if situation.situation_id not in received or not found:
        found.append(
            say("the State's account") if situation.situation_id not in received else say("what follows from the reply")
        )
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
        incidents = count(
            "{n} alleged incident in twelve weeks.", "{n} alleged incidents in twelve weeks.", len(situation.incidents)
        )
        said.append(capital(incidents))
    more = len(ordered) - HEADLINES
    if more > 0:
        said.append(capital(count("{n} further trigger.", "{n} further triggers.", more)))
    return join(*said)


def _since(situation: Situation) -> dict[str, str]:
    """`T06` → `met 5 weeks ago`, where scoring gives it as a reason."""
    pairs = [reason.partition(" ") for reason in situation.reasons]
    return {trigger: wording.clause(rest) for trigger, _, rest in pairs if trigger in situation.triggers}


def _without_trigger(lookup: Lookup, situation: Situation, *, named: bool) -> str:
    """A watch that rests on grave incidents or a gate alone: what they are coded as, or the reasons as given."""
    incidents = lookup.situation_incidents(situation)
    if not incidents:
        reasons = " ".join(wording.sentence(reason) for reason in situation.reasons)
        return quote(reasons) if reasons else say("No trigger is met now.")
    return capital(
        count(
            "{n} alleged incident in twelve weeks, coded {triggers}; no trigger is met.",
            "{n} alleged incidents in twelve weeks, coded {triggers}; no trigger is met.",
            len(incidents),
            triggers=_coded(lookup, incidents, named=named),
        )
    )


def _coded(lookup: Lookup, incidents: tuple[Incident, ...], *, named: bool = True) -> str:
    """Incidents by trigger; one that feeds two triggers stands under both."""
    counts = Counter(trigger for row in incidents for trigger in {coding.trigger for coding in row.codings})
    names = {trigger: lookup.trigger_name(trigger) if named else trigger for trigger in counts}
    return listed([say("{what} ({number})", what=names[trigger], number=counts[trigger]) for trigger in sorted(counts)])


def _headline(lookup: Lookup, result: TriggerResult, since: dict[str, str], *, named: bool, sourced: bool) -> str:
    name = lookup.trigger_name(result.trigger) if named else result.trigger
    if result.value is not TriggerValue.MET:
        before = since.get(result.trigger)
        return say(
            "{trigger}: {before}, {value} now.",
            trigger=name,
            before=quote(before) if before is not None else say("met in the last twelve weeks"),
            value=term(result.value.value),
        )
    series = [lookup.one_series(series_id) for series_id in result.series]
    alarmed = [row for row in series if row.alarm]
    if alarmed:
        fact = join(_reading(lookup, alarmed[0], sourced=sourced), wording.usual(alarmed[0]), between="; ")
    elif result.incidents:
        fact = _count(result)
    else:
        fact = quote(wording.clause(result.reason))
    return say("{trigger}: {fact}.", trigger=name, fact=fact)


def _count(result: TriggerResult, *, until: date | None = None) -> Said:
    weeks = count("in the last week", "in {n} weeks", result.window_weeks)
    if until is not None:
        weeks = say("{weeks} to {day}", weeks=weeks, day=wording.day(until))
    text = count("{n} alleged incident {weeks}", "{n} alleged incidents {weeks}", result.count, weeks=weeks)
    if result.persons:
        text = join(text, count("at least {n} person", "at least {n} persons", result.persons), between=", ")
    return text


def _reading(lookup: Lookup, series: SeriesResult, *, sourced: bool = True) -> str:
    name = lookup.series_name(series) if sourced else wording.series_name(series)
    if series.period_start is None or series.observed is None:
        return say("no value of {series} for the newest complete period", series=name)
    return say(
        "{figure} reported {unit} {when} ({series})",
        figure=wording.figure(series.observed),
        unit=wording.unit(series),
        when=wording.within(series.period_start, series.period),
        series=name,
    )


def _status(lookup: Lookup, situation: Situation, *, levelled: bool = False) -> str:
    """How long, how well heard, by whom set; `levelled` says the level too, where a heading holds another place's."""
    parts = []
    if levelled:
        parts.append(join(wording.level_word(situation.level), term(situation.phase.value), between=", "))
    if situation.pattern.rule in {"P3", "P4"}:
        parts.append(say("continuing situation"))
    if situation.since:
        since = Week.parse(situation.since)
        days = wording.span(since.first_day, since.last_day)
        parts.append(say("at this level since {week} ({days})", week=str(since), days=days))
    if situation.held_since:
        parts.append(say("held since {week}: cannot see", week=wording.plain(situation.held_since)))
    parts.append(say("coverage {word}", word=term(lookup.place_coverage(situation.place).coverage.value)))
    set_level = lookup.set_levels.get(situation.situation_id)
    text = lookup.texts.get(situation.situation_id)
    if set_level is None:
        parts.append(
            say("proposed by machine, reviewed by nobody") if text is None else say("level as the rules propose it")
        )
    else:
        who = listed([term(wording.plain(role)) for role in set_level.roles])
        parts.append(say("confirmed on {day} by {roles}", day=wording.day(set_level.decided_on), roles=who))
    if text is not None:
        parts.append(people.cleared(text))
    return join(*parts, between=" · ")


def _items(lookup: Lookup, situation: Situation, sources: tuple[SourceLine, ...], notes: Notes) -> tuple[Item, ...]:
    cited = notes.cite(sources)
    word, why = confidence(lookup, situation)
    sure = say("{word}: {why}.", word=capital(word), why=why)
    incidents = lookup.situation_incidents(situation)
    as_of = wording.utc(lookup.issue.as_of)
    counts = count_links(lookup, situation)
    opened = {
        "Alleged": (Link(text=say("the incidents"), href=opens(lookup, situation)),) if counts else (),
        "Triggers": counts,
    }
    account, account_language = _account(lookup, situation, as_of)
    improved, improved_language = _improvements(lookup, situation)
    outlook, outlook_language = _outlook(lookup, situation)
    text = lookup.texts.get(situation.situation_id)
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
        ("Against this view", _against(lookup, situation, sources) or _unless(text, NO_CONTRARY), (), ""),
        ("Would change it", _change(situation) or (say(NO_CHANGE),), (), ""),
        ("Improvements", improved, (), improved_language),
    ]
    return tuple(
        Item(
            letter=f"({letter})",
            lead=term(lead),
            lines=tuple(line for line in lines if line),
            notes=refs,
            links=opened.get(lead, ()),
            language=language,
        )
        for letter, (lead, lines, refs, language) in zip("abcdefghijk", rows, strict=True)
    )


def _unless(text: ClearedText | None, words: str) -> tuple[str, ...]:
    """That there is nothing, unless people wrote something."""
    return (say(words),) if text is None else ()


def _outlook(lookup: Lookup, situation: Situation) -> tuple[tuple[str, ...], str]:
    """What analysts expect, by a word of the scale and its range; never in the public lens, never by a machine."""
    entered = [row for row in lookup.issue.judgements if row.situation_id == situation.situation_id]
    if not entered or lookup.issue.lens is Lens.PUBLIC:
        return (say(NO_OUTLOOK),), ""
    lines = tuple(
        say(
            "{what}: {likelihood} ({range}), in the analysts' view.",
            what=quote(wording.clause(row.what), row.language or "en"),
            likelihood=term(row.likelihood),
            range=term(wording.LIKELIHOODS[row.likelihood]),
        )
        for row in entered
    )
    return lines, entered[0].language


def _account(lookup: Lookup, situation: Situation, as_of: str) -> tuple[tuple[str, ...], str]:
    entered = [row for row in lookup.issue.accounts if row.situation_id == situation.situation_id]
    if not entered:
        if situation.situation_id in lookup.texts:
            return (), ""
        return (say("None received by {moment}; not sought: machine run.", moment=as_of),), ""
    lines: list[str] = []
    for row in entered:
        if row.received_on is not None:
            words = quote(wording.sentence(row.text), row.language or "en")
            lines.append(say("Received on {day}: {words}", day=wording.day(row.received_on), words=words))
        elif row.sought_on is not None:
            lines.append(
                say(
                    "Comment was sought on {day}; none received by {moment}.",
                    day=wording.day(row.sought_on),
                    moment=as_of,
                )
            )
        elif row.withheld:
            lines.append(say("The text was not shown to the State; two persons recorded why."))
    return tuple(lines), next((row.language for row in entered if row.text), "")


def _improvements(lookup: Lookup, situation: Situation) -> tuple[tuple[str, ...], str]:
    entered = sorted(
        (row for row in lookup.issue.improvements if row.place == situation.place), key=lambda row: (row.on, row.text)
    )
    text = lookup.texts.get(situation.situation_id)
    if not entered:
        return (say(NO_IMPROVEMENT),) if text is None or not text.improvements else (), ""
    return tuple(improvement(row) for row in entered), entered[0].language


def _alleged(lookup: Lookup, situation: Situation, incidents: tuple[Incident, ...]) -> tuple[str, ...]:
    lines: list[str] = []
    if incidents:
        lines += [_who_says(lookup, situation, incidents), acts(incidents), _actors(incidents)]
        if coded := _coded(lookup, incidents):
            lines.insert(1, say("Coded as {triggers}.", triggers=coded))
        if placed := wording.places(_placed(lookup, situation)):
            lines.append(
                say(
                    "By first-level place, as the sources name it: {places}; places with fewer than three incidents "
                    "are not named.",
                    places=placed,
                )
            )
        inferred = sum(incident.date_inferred for incident in incidents)
        if inferred:
            lines.append(
                count(
                    "In {n} incident the date is inferred from the publication.",
                    "In {n} incidents the date is inferred from the publication.",
                    inferred,
                )
            )
    for series in lookup.situation_series(situation):
        source = lookup.sources.get(series.source_id)
        if source is None or series.observed is None:
            continue
        publisher = wording.named_source(wording.plain(source.publisher))
        lines.append(say("According to {source}: {reading}.", source=publisher, reading=_reading(lookup, series)))
    return tuple(lines)


def _placed(lookup: Lookup, situation: Situation) -> tuple[PlaceCount, ...]:
    """The places below the State that the entry names."""
    # What a provider calls a part of a territory may carry a claim; no name of ours stands for it yet.
    if lookup.place(situation.place).kind is not PlaceKind.MEMBER:
        return ()
    return name_places(
        lookup.situation_incidents(situation),
        code=situation.place,
        state_only=STATE_LEVEL_ONLY,
        before=lookup.issue.printed_before,
    )


def _who_says(lookup: Lookup, situation: Situation, incidents: tuple[Incident, ...]) -> str:
    parts = [capital(wording.counted(len(incidents), "alleged incident", "alleged incidents"))]
    if len(incidents) >= wording.SMALL:
        days = [incident.occurred_on for incident in incidents]
        parts.append(say("dated {days}", days=wording.span(min(days), max(days))))
    classes = wording.source_classes(lookup.class_counts(situation), unrestricted=lookup.issue.lens is Lens.PUBLIC)
    if classes:
        parts.append(say("according to {sources}", sources=classes))
    return say("{clause}.", clause=join(*parts, between=", "))


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
        for (outcome, _), number in readings.items():
            persons[outcome] += number
    said = [
        join(wording.cardinal(number), term(wording.ACTS.get(act, wording.plain(act))))
        for act, number in sorted(persons.items())
        if number
    ]
    text: list[str] = []
    if said:
        text.append(say("Persons, as alleged, low figures: {acts}.", acts=listed(said)))
    if unnumbered:
        text.append(
            count(
                "In {n} incident no number of persons is given.",
                "In {n} incidents no number of persons is given.",
                len(unnumbered),
            )
        )
    return join(*text)


def _actors(incidents: tuple[Incident, ...]) -> str:
    counts = Counter(incident.actor for incident in incidents)
    order = list(Actor)
    said = [
        say("{what} ({number})", what=term(actor.value), number=number)
        for actor, number in sorted(counts.items(), key=lambda row: (-row[1], order.index(row[0])))
    ]
    return say("Alleged actors, as the sources name them: {actors}.", actors=listed(said))


def _triggers(lookup: Lookup, situation: Situation) -> tuple[str, ...]:
    lines: list[str] = []
    for trigger in situation.triggers:
        result = lookup.trigger(situation.place, trigger)
        text = say("{trigger}: {fact}", trigger=lookup.trigger_name(trigger), fact=term(result.value.value))
        if result.incidents:
            newest = window(lookup.issue.as_of, max(result.window_weeks, 1))[1]
            origins = wording.counted(len(result.origins), "origin", "origins")
            text = join(text, join(_count(result, until=newest), origins, between=", "), between="; ")
        lines.append(join(say("{clause}.", clause=text), quote(wording.sentence(result.reason))))
        lines += [_series_line(lookup, lookup.one_series(series_id)) for series_id in result.series]
    return tuple(lines) or (say("None is known to be met, now or in the last twelve weeks."),)


def _series_line(lookup: Lookup, series: SeriesResult) -> str:
    verdict = join(
        say("alarm") if series.alarm else say("no alarm"),
        term(wording.clause(series.method.replace("_", " "))) if series.method else "",
        between=", ",
    )
    reading = join(_reading(lookup, series), wording.usual(series), verdict, between="; ")
    offset = wording.clause(series.offset)
    text = [
        say("{clause}.", clause=capital(reading)),
        say(
            "Allowing for the volume of reports: {offset}.",
            offset=quote(offset) if offset else say("not applicable"),
        ),
    ]
    if series.offset_expected is not None:
        expected = wording.figure(series.offset_expected)
        if series.offset_lower is not None and series.offset_upper is not None:
            text.append(
                say(
                    "Usual, so allowed for: {figure}, range {low} to {high}.",
                    figure=expected,
                    low=wording.figure(series.offset_lower),
                    high=wording.figure(series.offset_upper),
                )
            )
        else:
            text.append(say("Usual, so allowed for: {figure}.", figure=expected))
    if late := _late(series).get(series.period_start):
        low, high = (wording.figure(one) for one in late)
        text.append(
            say("Late reports may bring the figure to between {low} and {high} (nine in ten).", low=low, high=high)
        )
    if series.stale:
        text.append(say("The series is stale: its newest value is older than its usual delay."))
    if series.shared_with:
        text.append(
            say(
                "The provider counts in one unit with {places}: the figure stands on each line and is counted once.",
                places=listed([lookup.name(code) for code in series.shared_with]),
            )
        )
    return join(*text)


def _gates(situation: Situation) -> tuple[str, ...]:
    lines = [_gate(say("Pattern"), situation.pattern), _gate(say("Gravity"), situation.gravity)]
    if situation.ceiling:
        lines.append(
            say(
                "Not above {level}: {why}.",
                level=term(situation.level.value),
                why=quote(wording.clause(situation.ceiling)),
            )
        )
    lines += [quote(wording.sentence(reason)) for reason in situation.reasons]
    return tuple(lines)


def _gate(name: Said, gate: GateResult) -> Said:
    state = join(name, term(gate.state.value))
    if gate.rule:
        state = say("{what} ({aside})", what=state, aside=gate.rule)
    if gate.why:
        state = say("{what}: {why}", what=state, why=quote(wording.clause(gate.why)))
    return say("{clause}.", clause=state)


def _corroboration(
    lookup: Lookup, situation: Situation, incidents: tuple[Incident, ...], sources: tuple[SourceLine, ...]
) -> tuple[str, ...]:
    origins = len(situation.origins)
    if not situation.origins:
        return (say("No origin of this week: what is said rests on earlier issues or on the record of cooperation."),)
    providers = {source.publisher for source in sources if source.source_class is SourceClass.DATA_PROVIDER}
    together = ""
    if len(providers) > 1:
        together = say("Data providers may count the same events: together they are one origin.")
    if not incidents:
        return (capital(count("{n} independent origin in all.", "{n} independent origins in all.", origins)), together)
    several = sum(lookup.independent(incident) >= 2 for incident in incidents)
    one = len(incidents) - several
    parts = []
    if several:
        parts.append(count("{n} incident has two or more", "{n} incidents have two or more", several))
    if one:
        parts.append(count("{n} incident has one", "{n} incidents have one", one))
    total = count(
        "{n} independent origin in all: {parts}.",
        "{n} independent origins in all: {parts}.",
        origins,
        parts=listed(parts),
    )
    return (capital(total), together)


def _step(lookup: Lookup, situation: Situation, incidents: tuple[Incident, ...]) -> str:
    """Reported, credible allegation, corroborated. The product stops there."""
    several = sum(lookup.independent(incident) >= 2 for incident in incidents)
    classes = {source_class for incident in incidents for source_class in incident.classes}
    below = say("credible allegation") if len(situation.origins) >= 2 or classes & CREDIBLE else say("reported")
    if several and several == len(incidents):
        return say("Corroborated by independent sources.")
    if several:
        return say("Corroborated by independent sources in part; otherwise {step}.", step=below)
    return say("{clause}.", clause=capital(below))


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
        lines.append(say("Not met here: {triggers}.", triggers=listed(calm)))
    if blind:
        lines.append(say("Cannot be told here: {triggers}.", triggers=listed(blind)))
    series = [row for row in lookup.situation_series(situation) if row.expected is not None]
    within = sum(not row.alarm for row in series)
    if within:
        lines.append(
            say("No alarm in the one series: see (b).")
            if len(series) == 1
            else say(
                "No alarm in {calm} of {all} series: see (b).",
                calm=wording.cardinal(within),
                all=wording.cardinal(len(series)),
            )
        )
    for basis in Basis:
        titles = [wording.plain(source.title) for source in sources if source.basis is basis]
        if titles and basis is not Basis.AS_PUBLISHED:
            lines.append(
                say(
                    "{basis}: {sources}. On that day other figures may have stood.",
                    basis=capital(term(basis.value)),
                    sources=quote("; ".join(titles)),
                )
            )
    if len({source.publisher for source in sources}) == 1:
        lines.append(say("All of it rests on one publisher, whose own choices of what to count it shares."))
    return tuple(lines)


def _change(situation: Situation) -> tuple[str, ...]:
    return tuple(
        say("{what}: {why}.", what=direction, why=quote(wording.clause(text)))
        for direction, text in ((say("Up"), situation.would_raise), (say("Down"), situation.would_lower))
        if text
    )


def _figure(lookup: Lookup, series: SeriesResult, figure_id: str) -> SeriesFigure:
    shown = series.history[-PERIODS_SHOWN:]
    missing = sum(value is None for _, value, _, _ in shown)
    place = lookup.name(series.place)
    first, last = shown[0][0], shown[-1][0]
    by = BY_PERIOD[PeriodKind(series.period)]
    facts: list[str] = [
        say("{first} to {last}.", first=wording.period(first, series.period), last=wording.period(last, series.period)),
        say(
            "Newest complete period: {figure}; {usual}; {verdict}.",
            figure=wording.figure(series.observed),
            usual=wording.usual(series),
            verdict=say("alarm") if series.alarm else say("no alarm"),
        ),
    ]
    if missing:
        gaps = count(
            "{n} period has no value; it is a gap, not zero.",
            "{n} periods have no value; they are gaps, not zero.",
            missing,
        )
        facts.append(capital(gaps))
    name = lookup.series_name(series)
    title = say("{trigger}: {series}, {by}", trigger=series.trigger, series=name, by=term(by))
    unit = term(wording.clause(series.unit))
    points = tuple(_point(series, row) for row in shown)
    late = any(point.late_high is not None for point in points)
    return SeriesFigure(
        figure_id=figure_id,
        title=title,
        sentence=say(
            "{place}, {trigger}: {series}, {unit} {by}, {facts}",
            place=place,
            trigger=series.trigger,
            series=name,
            unit=unit,
            by=term(by),
            facts=join(*facts),
        ),
        shown=capital(join(*facts)),
        unit=unit,
        key=join(say(FIGURE_KEY), say(LATE_KEY) if late else ""),
        points=points,
        table=Table(
            caption=say("{place}, {title}, in {unit}", place=place, title=title, unit=unit),
            head=(
                say("Period"),
                say("Count"),
                say("Usual"),
                say("Upper bound"),
                *((say("May become"),) if late else ()),
                say("Mark"),
            ),
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
    bounds = (wording.figure(one) if one is not None else say("not known") for one in (point.expected, point.upper))
    mark = say("alarm") if point.alarm else say("above the range") if point.above else ""
    range_ = say("nothing known")
    if point.late_low is not None and point.late_high is not None:
        range_ = say("{low} to {high}", low=wording.figure(point.late_low), high=wording.figure(point.late_high))
    return (point.period, wording.figure(point.value), *bounds, *((range_,) if late else ()), mark)


def _note(number: str, source: SourceLine) -> Note:
    if source.title == wording.MERGED_CLASS:
        merged = capital(say("{clause}.", clause=say(wording.MERGED_CLASS)))
        return Note(number=number, text=merged, address="", href="", collected="", hashes=())
    address = wording.plain(source.url, longest=300)
    basis = say("{clause}.", clause=capital(term(source.basis.value))) if source.basis is not None else ""
    citation = wording.sentence(source.citation) or wording.sentence(f"{source.publisher}, {source.title}")
    licence = say("Licence: {name}.", name=quote(wording.clause(source.licence)))
    return Note(
        number=number,
        text=join(quote(citation), basis, licence),
        address=address,
        href=address if address.startswith(("https://", "http://")) else "",
        collected=wording.utc(source.collected_at) if source.collected_at else "",
        hashes=source.sha256,
    )
