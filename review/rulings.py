"""What only people can say of a situation: one person enters it, a second one confirms or refuses it.

Findings (P4, P5), a dated event ahead (u5), imminent harm that a mandated body named (G4), steps that help, calls for
action (T14), and that several situations are one. Each is one line, its object, in the form that scoring reads
(`scoring.rulings`); it holds when an analyst and a second analyst entered the same line.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.errors import Refused, UsageError
from domain.review import Act, Decision
from domain.situation import Situation
from review.rights import Person, Role
from review.triage import SAID
from scoring.rulings import FORMS, JOINED

LONGEST = 400
FEWEST = 5  # incidents that two analysts list for a pattern (P5)
AHEAD = timedelta(days=30)
STEPS = ("announced", "begun", "done")
CALL = "call/"  # a proposed call: the report and the State that it may be for


class Stand(StrEnum):
    """Where an entry stands."""

    WAITS = "waits for a second person"
    HOLDS = "holds"
    REFUSED = "refused"
    TAKEN_BACK = "taken back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One sort of entry: the words of its heading, what it does, and the fields of its form."""

    name: str
    act: Act
    title: str
    about: str
    fields: tuple[str, ...]


KINDS = (
    Kind(
        name="p4",
        act=Act.FINDING,
        title="A body with a mandate found a pattern (P4)",
        about="Opens the pattern gate for a year, while incidents of the same kind are counted.",
        fields=("trigger", "on", "citation"),
    ),
    Kind(
        name="p5",
        act=Act.FINDING,
        title="We find a pattern (P5)",
        about="Opens the pattern gate. At least five incidents are listed.",
        fields=("trigger", "incidents"),
    ),
    Kind(
        name="u5",
        act=Act.FINDING,
        title="A dated event within 30 days bears on it (u5)",
        about="One of the conditions of urgent; it opens nothing by itself.",
        fields=("trigger", "ahead", "event"),
    ),
    Kind(
        name="harm",
        act=Act.IMMINENT_HARM,
        title="A mandated body named imminent irreparable harm (G4)",
        about="Opens the gravity gate for 28 days.",
        fields=("on", "body"),
    ),
    Kind(
        name="step",
        act=Act.MITIGATION,
        title="A step that helps",
        about="Printed beside the concern, never subtracted. Done and told by two origins, it shortens a step down.",
        fields=("trigger", "value", "on", "origins", "step"),
    ),
    Kind(
        name="call",
        act=Act.CALL,
        title="A call for action (T14)",
        about="Counts with the sentence that says it. It never opens a gate.",
        fields=("kind", "on", "office", "sentence"),
    ),
    Kind(
        name="join",
        act=Act.JOIN,
        title="One situation over several States",
        about="Printed in full once, and by reference elsewhere. Each State keeps its own level and counts.",
        fields=("situations",),
    ),
)
BY_NAME = {one.name: one for one in KINDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One entry as its decisions tell it. `entered` are those who stand for it now: name, role, reason, when."""

    act: Act
    object_id: str
    words: str
    content: str
    stand: Stand
    entered: tuple[tuple[str, str, str, datetime], ...]
    ended: tuple[str, str] | None
    version: int


def read_ruling(history: Sequence[Decision]) -> Ruling:
    """Play the decisions on one line in their order; taking back or refusing ends what stood, and it may begin anew."""
    entered: dict[str, tuple[str, str, str, datetime]] = {}
    last = history[0]
    ended: tuple[str, str] | None = None
    stand = Stand.WAITS
    for one in history:
        if one.act is Act.WITHDRAW:
            alone = len(entered) == 1 and one.by not in entered
            stand = Stand.REFUSED if alone else Stand.TAKEN_BACK
            ended = (one.by, one.reason)
            entered.clear()
        elif one.act in SAID:
            last, ended = one, None
            entered[one.by] = (one.by, one.role, one.reason, one.decided_at)
            stand = Stand.HOLDS if len(entered) > 1 else Stand.WAITS
    return Ruling(
        act=last.act,
        object_id=last.object_id,
        words=say_line(last),
        content=last.content,
        stand=stand,
        entered=tuple(entered.values()),
        ended=ended,
        version=len(history),
    )


def say_line(decision: Decision) -> str:
    """An entry in words a person reads, from its line."""
    if decision.act is Act.JOIN:
        return "One situation with others"
    match = FORMS[decision.act].fullmatch(decision.object_id)
    if match is None:
        return decision.object_id
    said = match.groupdict()
    day = f"{date.fromisoformat(said['on']):%-d %B %Y}"
    match decision.act:
        case Act.FINDING if said["rule"] == "P5":
            return f"Pattern of {said['trigger']} found by analysts on {day}, in {len(said['words'].split())} incidents"
        case Act.FINDING if said["rule"] == "U5":
            return f"{said['trigger']}: {said['words']}, on {day} (u5)"
        case Act.FINDING:
            return f"Pattern of {said['trigger']} stated on {day}: {said['words']} (P4)"
        case Act.IMMINENT_HARM:
            return f"Imminent harm named on {day}: {said['words']}"
        case Act.MITIGATION:
            return f"{said['trigger']}, {said['value']} on {day}: {said['words']} (told by {said['origins']})"
        case _:
            whom = "for international action" if said["kind"] == "b" else "on the State"
            return f"Call {whom} by {said['words']}, {day}"


def check_person(person: Person, places: Iterable[str]) -> None:
    """Refused when this person may say nothing on one of these States."""
    if person.nationality and person.nationality in set(places):
        raise Refused(
            "You hold the nationality of this State.",
            why="Nobody enters or confirms anything on a State whose nationality they hold.",
            do="Ask a colleague.",
        )


def may_second(ruling: Ruling, person: Person) -> bool:
    """Whether this person's word would make two, of whom one is a second analyst."""
    name, role, _, _ = ruling.entered[0]
    return name != person.name and Role.SECOND_ANALYST.value in {role, person.role.value}


def check_second(ruling: Ruling, person: Person) -> None:
    """The second is another person, and one of the two is a second analyst."""
    if ruling.stand is not Stand.WAITS:
        raise Refused(f"It {ruling.stand.value}.", why="Somebody decided meanwhile.", do="Open the page again.")
    if any(name == person.name for name, _, _, _ in ruling.entered):
        raise Refused("You have entered it.", why="Two people say it.", do="Ask a second one.")
    if not may_second(ruling, person):
        raise Refused(
            "A second analyst has to be one of the two.",
            why="An analyst and a second analyst confirm what only people can say.",
            do="Ask a second analyst.",
        )


@dataclass(slots=True, kw_only=True)
class Sent:
    """What a form sends, read field by field; `wrong` gathers what is missing."""

    form: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]
    situation: Situation
    classes: Mapping[str, str]
    others: frozenset[str]
    today: date
    wrong: list[str] = field(default_factory=list)

    def text(self, name: str, label: str) -> str:
        value = " ".join(self.form.get(name, "").split())
        if not value or len(value) > LONGEST:
            self.wrong.append(f"“{label}” is empty or longer than {LONGEST} signs")
        return value

    def one_of(self, name: str, known: Iterable[str], words: str) -> str:
        value = self.form.get(name, "")
        if value not in known:
            self.wrong.append(words)
        return value

    def trigger(self) -> str:
        return self.one_of("trigger", self.classes, "the class is none of the list")

    def ticked(self, name: str, known: Iterable[str]) -> list[str]:
        return sorted(set(self.lists.get(name, ())) & set(known))

    def past(self) -> str:
        found = self._day()
        if found is not None and found > self.today:
            self.wrong.append(f"{found} has not come yet")
        return found.isoformat() if found is not None else ""

    def ahead(self) -> str:
        found = self._day()
        if found is not None and not self.today <= found <= self.today + AHEAD:
            self.wrong.append(f"{found} is not within 30 days from today")
        return found.isoformat() if found is not None else ""

    def _day(self) -> date | None:
        try:
            return date.fromisoformat(self.form.get("on", ""))
        except ValueError:
            self.wrong.append("the day is missing")
            return None


def make_line(kind: Kind, sent: Sent) -> tuple[str, str]:
    """Object and content of an entry, from its form; a UsageError names what is missing."""
    line, content = _LINES[kind.name](sent)
    if not sent.wrong and kind.act in FORMS and FORMS[kind.act].fullmatch(line) is None:
        sent.wrong.append("the line cannot be read")
    if sent.wrong:
        raise UsageError("This is not entered yet.", why="; ".join(sent.wrong) + ".", do="Fill in what is missing.")
    return line, content


def _stated(sent: Sent) -> tuple[str, str]:
    citation = sent.text("citation", "Symbol and paragraph")
    return f"{sent.situation.place} {sent.trigger()} P4 {sent.past()} {citation}", ""


def _found(sent: Sent) -> tuple[str, str]:
    chosen = sent.ticked("incident", sent.situation.incidents)
    if len(chosen) < FEWEST:
        sent.wrong.append(f"fewer than {FEWEST} incidents of this situation are ticked")
    return f"{sent.situation.place} {sent.trigger()} P5 {sent.today.isoformat()} {' '.join(chosen)}", ""


def _dated(sent: Sent) -> tuple[str, str]:
    return f"{sent.situation.place} {sent.trigger()} U5 {sent.ahead()} {sent.text('event', 'Event')}", ""


def _harm(sent: Sent) -> tuple[str, str]:
    return f"{sent.situation.place} {sent.past()} {sent.text('body', 'Body and document')}", ""


def _step(sent: Sent) -> tuple[str, str]:
    value = sent.one_of("value", STEPS, "the step is neither announced nor begun nor done")
    origins = sent.text("origins", "Who told it")
    if ":" in origins:
        sent.wrong.append("“Who told it” holds a colon; origins are parted by semicolons")
    words = sent.text("step", "What was done")
    return f"{sent.situation.place} {sent.trigger()} {value} {sent.past()} {origins}: {words}", ""


def _call(sent: Sent) -> tuple[str, str]:
    whom = sent.one_of("kind", ("a", "b"), "it is not said whether it is on the State or for international action")
    said = {"sentence": sent.text("sentence", "The sentence, quoted"), "report_id": sent.form.get("report_id", "")}
    line = f"{sent.situation.place} {whom} {sent.past()} {sent.text('office', 'Office')}"
    return line, json.dumps(said, ensure_ascii=False, sort_keys=True)


def _join(sent: Sent) -> tuple[str, str]:
    own = sent.situation.situation_id
    chosen = [one for one in sent.ticked("other", sent.others) if one != own]
    if not chosen:
        sent.wrong.append("no other situation is ticked")
    return f"{JOINED}{own}", json.dumps({"situations": [own, *chosen]}, sort_keys=True)


_LINES: Mapping[str, Callable[[Sent], tuple[str, str]]] = {
    "p4": _stated,
    "p5": _found,
    "u5": _dated,
    "harm": _harm,
    "step": _step,
    "call": _call,
    "join": _join,
}


def call_object(report_id: str, place: str) -> str:
    """The name under which a proposed call is set aside."""
    return f"{CALL}{report_id}/{place}"
