"""What people hold of incidents: verdicts, merges, splits and corrections, each a row that can be taken back.

The coded value stays where it is; a correction stands beside it. A merge or split names reports, because incidents
are computed anew in each run: its object is the reports' ids, parted by spaces, as scoring reads it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.errors import UsageError
from domain.incident import Incident
from domain.review import Act, Decision
from domain.state import Gazetteer
from warehouse.landing import LandedDecision

VERDICTS = {
    Act.RELEVANT: "relevant",
    Act.DUPLICATE: "duplicate",
    Act.PARK: "parked",
    Act.SET_ASIDE: "set aside",
}
# What two people say of a place or situation: its line is the object of the decision (`review.rulings`).
SAID = frozenset({Act.FINDING, Act.IMMINENT_HARM, Act.MITIGATION, Act.CALL, Act.JOIN})
OUT = frozenset({Act.DUPLICATE, Act.PARK, Act.SET_ASIDE})
FIELDS = {"state": "State", "class": "Class", "date": "Day", "place": "Place within the State"}
REASONS = {
    Act.RELEVANT: ("alleged event with place and date", "second source for a known event", "named by a mandated body"),
    Act.PARK: ("no date of the event", "place not clear", "waits for a second source"),
    Act.SET_ASIDE: ("anniversary, no event", "legal or policy text", "older than ninety days", "not about rights"),
    Act.DUPLICATE: ("same event, same day and place", "repeats an agency's text"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A value as coded and as a person holds it."""

    field: str
    coded: str
    value: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one person holds of one incident. `of` is the other incident of a duplicate."""

    act: Act
    by: str
    reason: str
    at: datetime
    of: str = ""
    merge: str = ""

    @property
    def words(self) -> str:
        return VERDICTS[self.act]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A merge or a split that stands."""

    act: Act
    object_id: str
    by: str
    reason: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An incident with everything that people hold of it; `version` counts the decisions seen."""

    incident: Incident
    version: int
    verdicts: tuple[Verdict, ...]
    corrections: tuple[Correction, ...]
    joinings: tuple[Joining, ...]

    @property
    def verdict(self) -> Verdict | None:
        """The newest; it holds."""
        return max(self.verdicts, key=lambda one: one.at, default=None)

    @property
    def state(self) -> str:
        return self.verdict.words if self.verdict else "not looked at"

    @property
    def agreed(self) -> bool | None:
        """Whether two coders say the same; None when fewer than two looked."""
        return None if len(self.verdicts) < 2 else len({one.act for one in self.verdicts}) == 1

    def coded(self, name: str) -> str:
        """A field as the machine coded it: a run after a correction holds the corrected value."""
        corrected = [one.coded for one in self.corrections if one.field == name]
        return corrected[0] if corrected else coded(self.incident, name)

    def value(self, name: str) -> str:
        """A field as it stands: corrected, or else as coded."""
        corrected = [one.value for one in self.corrections if one.field == name]
        return corrected[-1] if corrected else coded(self.incident, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two coders over the same incidents: share of equal verdicts, and Cohen's kappa, from -1 to 1.

    `kappa` is None with fewer than two incidents, or when both used one word throughout: chance alone would then agree.
    """

    pair: tuple[str, str]
    incidents: int
    share: float
    kappa: float | None


@dataclass(slots=True)
class Overlay:
    """Decisions over the snapshot, kept up as they are saved."""

    seen: int = 0
    by_incident: dict[str, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    joinings: dict[str, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    by_report: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    said: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, fresh: Iterable[LandedDecision]) -> None:
        for landed in fresh:
            self.seen += 1
            one = landed.decision
            if one.act in {Act.MERGE, Act.SPLIT} or (one.act is Act.WITHDRAW and one.object_id in self.joinings):
                self.joinings[one.object_id].append(one)
                for report in one.object_id.split():
                    self.by_report[report].add(one.object_id)
            elif one.act in SAID:
                for key in _concerned(one):
                    self.said[key][one.object_id] = None
            elif one.act in VERDICTS or one.act in {Act.CORRECT, Act.WITHDRAW}:
                self.by_incident[one.object_id].append(one)

    def view(self, incident: Incident) -> View:
        """The incident as people hold it now."""
        decisions = self.by_incident.get(incident.incident_id, [])
        objects = sorted({name for report in incident.reports for name in self.by_report.get(report, ())})
        own = set(incident.reports)
        # A duplicate that the run has made one with the other is no duplicate any more.
        verdicts = tuple(one for one in _verdicts(decisions) if not one.merge or not set(one.merge.split()) <= own)
        return View(
            incident=incident,
            version=len(decisions),
            verdicts=verdicts,
            corrections=_corrections(decisions),
            joinings=tuple(found for name in objects if (found := self._joining(name)) is not None),
        )

    def state_of(self, incident_id: str) -> Act | None:
        """The newest verdict on an incident, by id alone."""
        verdicts = _verdicts(self.by_incident.get(incident_id, []))
        return max(verdicts, key=lambda one: one.at).act if verdicts else None

    def said_of(self, *keys: str) -> tuple[str, ...]:
        """The lines that were entered of a place, or of a situation, in the order of their first entry."""
        return tuple(dict.fromkeys(line for key in keys for line in self.said.get(key, ())))

    def _joining(self, name: str) -> Joining | None:
        last = self.joinings[name][-1]
        if last.act is Act.WITHDRAW:
            return None
        return Joining(act=last.act, object_id=name, by=last.by, reason=last.reason, version=len(self.joinings[name]))


def agree(overlay: Overlay, incidents: Iterable[str]) -> tuple[Agreement, ...]:
    """Every pair of people who judged the same incidents."""
    pairs: dict[tuple[str, str], list[tuple[Act, Act]]] = defaultdict(list)
    for incident in incidents:
        held = sorted(_verdicts(overlay.by_incident.get(incident, [])), key=lambda one: one.by)
        for at, one in enumerate(held):
            for other in held[at + 1 :]:
                pairs[(one.by, other.by)].append((one.act, other.act))
    return tuple(
        Agreement(pair=pair, incidents=len(both), share=sum(a is b for a, b in both) / len(both), kappa=kappa(both))
        for pair, both in sorted(pairs.items())
    )


def kappa(both: list[tuple[Act, Act]]) -> float | None:
    """Cohen (1960): agreement beyond what the two coders' own habits would give by chance."""
    if len(both) < 2:
        return None
    first, second = Counter(a for a, _ in both), Counter(b for _, b in both)
    chance = sum(first[act] * second[act] for act in first) / len(both) ** 2
    if chance == 1:
        return None
    return (sum(a is b for a, b in both) / len(both) - chance) / (1 - chance)


def coded(incident: Incident, name: str) -> str:
    """A field as the machine coded it."""
    values = {
        "state": incident.place,
        "class": " ".join(sorted({one.trigger for one in incident.codings})),
        "date": incident.occurred_on.isoformat(),
        "place": incident.first_level,
    }
    return values[name]


def check_correction(name: str, value: str, *, gazetteer: Gazetteer, classes: Mapping[str, str], today: date) -> str:
    """The value as it is to be saved; a UsageError in words when it is none."""
    value = " ".join(value.split())
    if name not in FIELDS:
        raise UsageError(f"'{name}' cannot be corrected.", why="Four fields can.", do=f"Choose {', '.join(FIELDS)}.")
    if name == "state":
        match = gazetteer.match(value)
        if match is None or len(match.places) != 1:
            raise UsageError(
                f"'{value}' is no State or territory of the list.", why="A place is never guessed.", do="Choose one."
            )
        return match.places[0]
    if name == "class":
        chosen = value.split()
        if not chosen or any(one not in classes for one in chosen):
            raise UsageError(
                f"'{value}' is no class.", why="Classes are those of the trigger cards.", do="Choose from the list."
            )
        return " ".join(sorted(set(chosen)))
    if name == "date":
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise UsageError(f"'{value}' is no day.", why="Days read 2024-01-31.", do="Correct it.") from None
        if day > today:
            raise UsageError(f"{value} has not come yet.", why="An incident has happened.", do="Correct it.")
        return value
    if not value or len(value) > 200:
        raise UsageError("The place is empty or too long.", why="It names one part of a State.", do="Correct it.")
    return value


def join(incidents: Iterable[Incident]) -> str:
    """The object of a merge: all reports of these incidents, in order."""
    return " ".join(sorted({report for one in incidents for report in one.reports}))


def _standing(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions that nobody took back; a withdrawal names the version that it takes back."""
    gone = {_said(one).get("version") for one in decisions if one.act is Act.WITHDRAW}
    return [one for one in decisions if one.act is not Act.WITHDRAW and one.version not in gone]


def _verdicts(decisions: list[Decision]) -> tuple[Verdict, ...]:
    """The newest standing verdict of each person."""
    newest = {one.by: one for one in _standing(decisions) if one.act in VERDICTS}
    return tuple(
        Verdict(
            act=one.act,
            by=one.by,
            reason=one.reason,
            at=one.decided_at,
            of=str(_said(one).get("of", "")),
            merge=str(_said(one).get("merge", "")),
        )
        for one in newest.values()
    )


def _corrections(decisions: list[Decision]) -> tuple[Correction, ...]:
    found = []
    for one in _standing(decisions):
        if one.act is Act.CORRECT and one.content:
            said = _said(one)
            found.append(
                Correction(
                    field=str(said["field"]),
                    coded=str(said["coded"]),
                    value=str(said["value"]),
                    by=one.by,
                    reason=one.reason,
                )
            )
    return tuple(found)


def _concerned(decision: Decision) -> tuple[str, ...]:
    """The place that a line begins with; of a join, the situations that it names."""
    if decision.act is Act.JOIN:
        named = _said(decision).get("situations", ())
        return tuple(map(str, named)) if isinstance(named, list) else ()
    return (decision.object_id.partition(" ")[0],)


def _said(decision: Decision) -> dict[str, object]:
    return dict(json.loads(decision.content)) if decision.content else {}
