"""One issue, ready to be asked. What a page needs and does not find is a hole, and a hole is refused."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from briefs import wording
from briefs.dossier import ClearedText, Dossier, SetLevel, as_dossier
from briefs.said import Said, join, listed, named, say, term
from domain.classification import Lens
from domain.errors import Refused
from domain.incident import Incident
from domain.issue import Issue, SourceLine
from domain.situation import CoverageResult, Level, SeriesResult, Situation, StateResult, TriggerCard, TriggerResult
from domain.source import SourceClass
from domain.state import Place, PlaceKind, Region, fold
from domain.window import Week

T = TypeVar("T")
COOPERATION = frozenset({"T12", "T14", "T15a", "T15b"})
# Reprisals are never printed below State level (triggers, T09).
STATE_LEVEL_ONLY = frozenset({"T09"})
RECORD_KEEPERS = frozenset({SourceClass.SPECIAL_PROCEDURES, SourceClass.TREATY_BODY, SourceClass.UN_SYSTEM})


class Lookup:
    """Keys to the rows of one issue. Checks on the way in that every place has exactly one line."""

    def __init__(self, issue: Issue) -> None:
        dossier = as_dossier(issue)
        if dossier.lens is Lens.PUBLIC:
            # The public lens holds nothing that people wrote inside, whoever put the issue together.
            dossier = replace(dossier, texts=(), judgements=())
        # A decision on a situation that this run does not hold says nothing here.
        proposed = {row.situation_id: row.level for row in dossier.situations}
        self.set_levels: Mapping[str, SetLevel] = {
            row.situation_id: row for row in dossier.levels if row.situation_id in proposed
        }
        self.proposed: Mapping[str, Level] = proposed
        self.texts: Mapping[str, ClearedText] = {
            row.situation_id: row for row in dossier.texts if row.situation_id in proposed
        }
        self.issue = issue = _confirmed(dossier, self.set_levels)
        if issue.lens is Lens.PUBLIC:
            self.issue = _public(issue)
        self.week = Week.parse(issue.week)
        self.places = _keyed(((place.code, place) for place in issue.places), "place")
        self.states = _keyed(((state.place, state) for state in issue.states), "line of a place")
        self.cards = _keyed(((card.id, card) for card in issue.trigger_cards), "trigger card")
        self._publishers = {source.source_id: source.publisher for source in issue.sources}
        self.sources = _keyed(((source.source_id, unnamed(source)) for source in issue.sources), "source")
        self.incidents = _keyed(((incident.incident_id, incident) for incident in issue.incidents), "incident")
        self.series = _keyed(((series.series_id, series) for series in issue.series), "series")
        self.coverage = _keyed(((row.place, row) for row in issue.coverage), "coverage")
        self.triggers = _keyed((((row.place, row.trigger), row) for row in issue.triggers), "trigger result")
        self.regions = tuple(region for region in issue.regions if region.scheme is issue.scheme)
        codes = {region.code for region in self.regions}
        for place in issue.places:
            self.state(place.code)
            if place.kind is PlaceKind.MEMBER and place.region(issue.scheme) not in codes:
                raise hole(f"The place {place.code} has no region of the scheme {issue.scheme.value}")
        for state in issue.states:
            self.place(state.place)
        by_place: dict[str, list[Situation]] = {}
        for situation in sorted(issue.situations, key=self.print_order):
            by_place.setdefault(situation.place, []).append(situation)
        self.situations: Mapping[str, tuple[Situation, ...]] = {
            code: tuple(situations) for code, situations in by_place.items()
        }
        self.joined: Mapping[str, tuple[str, tuple[Situation, ...]]] = dict(self._joined())

    def place(self, code: str) -> Place:
        return _found(self.places, code, "place")

    def name(self, code: str, *, longest: int = wording.LONGEST_TEXT) -> Said:
        """The name of a place, which other languages look up by its code."""
        return named(code, wording.plain(self.place(code).name, longest=longest))

    def trigger_name(self, trigger: str) -> Said:
        """`T07 Attacks on …`."""
        return join(trigger, term(wording.plain(self.card(trigger).name)))

    def state(self, code: str) -> StateResult:
        return _found(self.states, code, "line of the place")

    def card(self, trigger: str) -> TriggerCard:
        return _found(self.cards, trigger, "trigger card")

    def source(self, source_id: str) -> SourceLine:
        return _found(self.sources, source_id, "source")

    def incident(self, incident_id: str) -> Incident:
        return _found(self.incidents, incident_id, "incident")

    def trigger(self, place: str, trigger: str) -> TriggerResult:
        if (place, trigger) not in self.triggers:
            raise hole(f"There is no result of {trigger} for {place}")
        return self.triggers[place, trigger]

    def place_coverage(self, code: str) -> CoverageResult:
        return _found(self.coverage, code, "coverage of")

    def one_series(self, series_id: str) -> SeriesResult:
        return _found(self.series, series_id, "series")

    def region(self, code: str) -> Region:
        for region in self.regions:
            if region.code == code:
                return region
        raise hole(f"There is no region {code} in the scheme {self.issue.scheme.value}")

    def members(self, region_code: str) -> tuple[Place, ...]:
        """The Member States of a region in English alphabetical order; unranked."""
        return alphabetical(
            place
            for place in self.issue.places
            if place.kind is PlaceKind.MEMBER and place.region(self.issue.scheme) == region_code
        )

    def others(self) -> tuple[Place, ...]:
        """Observers and territories: the sixth list of every scan."""
        return alphabetical(place for place in self.issue.places if place.kind is not PlaceKind.MEMBER)

    def home(self, place: Place) -> str:
        """The region whose scan prints the place's situations in full."""
        region = place.region(self.issue.scheme)
        codes = [known.code for known in self.regions]
        return region if region in codes else codes[0]

    def region_situations(self, region_code: str) -> tuple[Situation, ...]:
        """Situations whose entry stands in this scan, in order of print."""
        return tuple(
            situation
            for situation in sorted(self.issue.situations, key=self.print_order)
            if situation.level is not Level.NONE and self.home(self.place(situation.place)) == region_code
        )

    def _joined(self) -> Iterator[tuple[str, tuple[str, tuple[Situation, ...]]]]:
        """For each situation that is one with others: their one id, and all of them in order of print.

        What a join names and this run does not hold, or holds without a level, is no part of it; one alone is no join.
        """
        live = {row.situation_id: row for row in self.issue.situations if row.level is not Level.NONE}
        for one in self.issue.joined:
            parts = tuple(sorted((live[part] for part in one.situations if part in live), key=self.print_order))
            if len(parts) > 1:
                yield from ((part.situation_id, (one.joined_id, parts)) for part in parts)

    def parts(self, situation: Situation) -> tuple[Situation, ...]:
        """The situations that are one with this one, itself among them, in order of print."""
        return self.joined[situation.situation_id][1] if situation.situation_id in self.joined else (situation,)

    def told_with(self, situation: Situation) -> Situation:
        """The situation under which this one is told in full: itself, or the first of those that are one with it."""
        return self.parts(situation)[0]

    def one_id(self, situation: Situation) -> str:
        return (
            self.joined[situation.situation_id][0] if situation.situation_id in self.joined else situation.situation_id
        )

    def names(self, situation: Situation, *, longest: int = wording.LONGEST_TEXT) -> Said:
        """The place of a situation, or all places over which it reaches."""
        codes = dict.fromkeys(part.place for part in self.parts(situation))
        names = [self.name(code, longest=longest) for code in codes]
        return names[0] if len(names) == 1 else listed(names)

    def each(self, situation: Situation, tell: Callable[[Situation], str], *, between: str = " ") -> str:
        """What is said of a situation; of one over several places, of each with its name in front."""
        parts = self.parts(situation)
        if len(parts) == 1:
            return tell(situation)
        said = [(part, tell(part)) for part in parts]
        return join(
            *(say("{what}: {why}", what=self.name(part.place), why=text) for part, text in said if text),
            between=between,
        )

    def print_order(self, situation: Situation) -> tuple[int, int, str, tuple[str, ...], str]:
        """Level, phase, alphabet. Only several situations of one place at one level need what follows."""
        return (
            -situation.level.rank,
            situation.phase.rank,
            fold(self.place(situation.place).name),
            situation.triggers,
            situation.situation_id,
        )

    def situation_incidents(self, situation: Situation) -> tuple[Incident, ...]:
        return tuple(self.incident(incident_id) for incident_id in situation.incidents)

    def situation_series(self, situation: Situation) -> tuple[SeriesResult, ...]:
        """The series behind the situation's triggers, each once, in order of trigger."""
        found: dict[str, SeriesResult] = {}
        for trigger in situation.triggers:
            for series_id in self.trigger(situation.place, trigger).series:
                found.setdefault(series_id, self.one_series(series_id))
        return tuple(found.values())

    def usual_totals(self, place: str) -> tuple[SeriesResult, ...]:
        """A place's published totals that stand at three or more in their newest period without an alarm."""
        return tuple(
            row
            for row in self.issue.series
            if row.place == place and row.source_id and not row.alarm and not row.stale and (row.observed or 0) >= 3
        )

    def situation_sources(self, situation: Situation) -> tuple[SourceLine, ...]:
        """Every source behind a situation. None at all is a claim without a root, and does not render."""
        found: dict[str, SourceLine] = {}
        for incident in self.situation_incidents(situation):
            for source_id in incident.sources:
                found.setdefault(source_id, self.source(source_id))
        for series in self.situation_series(situation):
            # A series of merged incidents has no source of its own: its incidents name theirs.
            if series.source_id in self.sources:
                found.setdefault(series.source_id, self.source(series.source_id))
        for trigger in situation.triggers:
            for incident_id in self.trigger(situation.place, trigger).incidents:
                for source_id in self.incident(incident_id).sources:
                    found.setdefault(source_id, self.source(source_id))
        if not found:
            found = self._looked_at(situation)
        if not found and not situation.held_since:
            raise hole(f"The situation {situation.situation_id} names no source")
        return tuple(sorted(found.values(), key=lambda source: source.source_id))

    def _looked_at(self, situation: Situation) -> dict[str, SourceLine]:
        """The root of what rests on no incident and no series: a level held, or a record of cooperation.

        The sources that cover the place, or failed to; then those that keep the record of cooperation.
        """
        heard = self.place_coverage(situation.place)
        ids = [source_id for source_id in (*heard.covering, *heard.failed) if source_id in self.sources]
        if not ids and any(trigger in COOPERATION for trigger in situation.triggers):
            ids = [row.source_id for row in self.issue.sources if row.source_class in RECORD_KEEPERS and row.items]
        return {source_id: self.source(source_id) for source_id in ids}

    def series_name(self, series: SeriesResult) -> str:
        """Two series of one publisher differ by the title of their source."""
        source = self.sources.get(series.source_id)
        named = source is not None and source.title != wording.MERGED_CLASS
        return wording.series_name(series, title=source.title if source is not None and named else "")

    def independent(self, incident: Incident) -> int:
        """How many origins of an incident stand on their own: data providers together are one (triggers, section 1)."""
        sources = [self.source(source_id) for source_id in incident.sources]
        providers = {source.publisher for source in sources if source.source_class is SourceClass.DATA_PROVIDER}
        return max(1, len(set(incident.origins)) - max(0, len(providers) - 1))

    def class_counts(self, situation: Situation) -> list[tuple[SourceClass, int, int]]:
        """Each class with its incidents and its organisations; series without incidents count none."""
        incidents: dict[SourceClass, int] = {}
        publishers: dict[SourceClass, set[str]] = {}
        for incident in self.situation_incidents(situation):
            for source_class in incident.classes:
                incidents[source_class] = incidents.get(source_class, 0) + 1
            for source_id in incident.sources:
                source = self.source(source_id)
                publishers.setdefault(source.source_class, set()).add(self._publishers[source_id])
        return [(row, count, len(publishers.get(row, ()))) for row, count in incidents.items()]


def unnamed(source: SourceLine) -> SourceLine:
    """A source of a class of which a State has mostly one: merged with others, and nothing leads to it.

    A country team or a field presence that is named as the origin may be expelled (triggers, section 7).
    """
    if source.source_class not in wording.IDENTIFYING:
        return source
    return replace(
        source,
        title=wording.MERGED_CLASS,
        publisher=wording.MERGED_CLASS,
        detail="",
        url="",
        licence="",
        citation="",
        last_item="",
        sha256=(),
        collected_at=None,
    )


def _public(dossier: Dossier) -> Dossier:
    """What stands on the list of sources outside the confidential edition, and in that of what could not be used."""
    hidden = {row.source_id for row in dossier.sources if row.source_class in wording.IDENTIFYING}
    return replace(
        dossier,
        sources=tuple(unnamed(row) for row in dossier.sources),
        defects=tuple(
            replace(row, source_id=wording.MERGED_CLASS, example="") if row.source_id in hidden else row
            for row in dossier.defects
        ),
    )


def _confirmed(dossier: Dossier, set_levels: Mapping[str, SetLevel]) -> Dossier:
    """The same issue with the levels that people set: a reader sees those, and the proposed ones beside them."""
    if not set_levels:
        return dossier
    situations = tuple(
        replace(row, level=set_levels[row.situation_id].level) if row.situation_id in set_levels else row
        for row in dossier.situations
    )
    touched = {row.place for row in situations if row.situation_id in set_levels}
    highest = {
        place: min((row for row in situations if row.place == place), key=lambda row: (-row.level.rank, row.phase.rank))
        for place in touched
    }
    states = tuple(
        replace(row, level=highest[row.place].level, phase=highest[row.place].phase) if row.place in touched else row
        for row in dossier.states
    )
    return replace(dossier, situations=situations, states=states)


def anchor(lookup: Lookup, situation: Situation) -> str:
    """A fragment that stays the same while the place's situations do."""
    index = lookup.situations[situation.place].index(situation) + 1
    return f"situation-{situation.place.lower()}-{index}"


def alphabetical(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda place: (fold(place.name), place.code)))


def hole(what: str) -> Refused:
    return Refused(
        f"{what}.",
        why="A page with a hole would say something false, so it is not made.",
        do="Score the issue again; if it stays, the rows of the issue do not fit together: see the data checks.",
    )


def _keyed(rows: Iterable[tuple[object, T]], what: str) -> dict[object, T]:
    found: dict[object, T] = {}
    for key, row in rows:
        if key in found:
            raise hole(f"The issue holds {key} twice as {what}")
        found[key] = row
    return found


def _found(rows: Mapping[object, T], key: str, what: str) -> T:
    if key not in rows:
        raise hole(f"The issue has no {what} {key!r}")
    return rows[key]
