"""The text of a situation and its way to a reader: draft, challenge, protection, wording, clearance, freeze, issue.

Every step is a decision of a named person. The author of a text never clears it. A clearance holds for the facts it
was given on: when one of them changes, it is stale, says which one, and stops the issue.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from difflib import SequenceMatcher

from domain.errors import Refused, UsageError
from domain.incident import Incident
from domain.review import Act, Decision, SituationStep
from domain.situation import Situation
from review.levels import Standing
from review.rights import Person, Role
from review.snapshot import Snapshot, level_words
from review.triage import OUT, Overlay

LIKELIHOODS = (
    "almost no chance",
    "very unlikely",
    "unlikely",
    "roughly even chance",
    "likely",
    "very likely",
    "almost certain",
)
CONFIDENCES = ("low", "moderate", "high")
LANGUAGES = {"English": "en", "Arabic": "ar", "Chinese": "zh", "French": "fr", "Russian": "ru", "Spanish": "es"}
LONGEST = 8_000  # signs of one field
URGENT = "urgent"
DRAFT_MARK = "Draft from triaged facts. Nobody has read it."
NO_DRAFT = "No incident of this situation was found relevant in triage yet, so there is no draft to begin with."

Step = SituationStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What people write of one situation. Likelihood and confidence are two choices, and never share a sentence.

    `language` is the name of one of six; a text that does not say it is English.
    """

    language: str = ""
    why_now: str = ""
    alleged: str = ""
    corroboration: str = ""
    likelihood: str = ""
    outlook: str = ""
    confidence: str = ""
    confidence_why: str = ""
    account: str = ""
    contrary: str = ""
    watch_up: str = ""
    watch_down: str = ""
    improvements: str = ""


LABELS = {
    "language": "Language of this text",
    "why_now": "Why now",
    "alleged": "What is alleged",
    "corroboration": "Corroboration",
    "likelihood": "Likelihood, next 30 days",
    "outlook": "What is expected",
    "confidence": "Confidence",
    "confidence_why": "Why this confidence",
    "account": "The State's account",
    "contrary": "Strongest contrary evidence",
    "watch_up": "What would raise the concern",
    "watch_down": "What would lower it",
    "improvements": "Improvements",
}
REQUIRED = ("why_now", "alleged", "confidence", "confidence_why", "account", "contrary")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A fact that is not what it was when the text was cleared."""

    fact: str
    was: str
    now: str

    @property
    def words(self) -> str:
        if not self.was:
            return f"{self.fact}: new ({self.now})"
        return (
            f"{self.fact}: was “{self.was}”, is gone"
            if not self.now
            else f"{self.fact}: was “{self.was}”, is “{self.now}”"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One step that may be taken from another, and by whom. An author may take only those marked so."""

    to: Step
    before: tuple[Step, ...]
    roles: tuple[Role, ...]
    about: str
    author_too: bool = False
    checks: tuple[tuple[str, str], ...] = ()


PROTECTION_CHECKS = (
    ("consent", "Consent covers this use, for each report that people gave us"),
    ("small_numbers", "No count below three stands with place and date"),
    ("mosaic", "Read beside earlier issues, nobody can be told from it"),
)
_HEADS = (Role.REGIONAL_HEAD, Role.HIGH_COMMISSIONER)
_CLEARERS = (Role.PROTECTION_OFFICER, *_HEADS)
_OPEN_STEPS = (Step.CHALLENGED, Step.PROTECTED, Step.WORDED, Step.CLEARED, Step.FROZEN)
MOVES: tuple[Move, ...] = (
    Move(
        to=Step.CHALLENGED,
        before=(Step.DRAFT,),
        roles=(Role.SECOND_ANALYST,),
        about="A second analyst has tried to prove it wrong",
    ),
    Move(
        to=Step.PROTECTED,
        before=(Step.CHALLENGED,),
        roles=(Role.PROTECTION_OFFICER,),
        about="Nobody is endangered by it",
        checks=PROTECTION_CHECKS,
    ),
    Move(
        to=Step.WORDED,
        before=(Step.PROTECTED,),
        roles=(Role.ANALYST, Role.SECOND_ANALYST),
        about="The words hold to the rules of wording",
    ),
    Move(to=Step.CLEARED, before=(Step.WORDED,), roles=_HEADS, about="It may go to its readers"),
    Move(to=Step.FROZEN, before=(Step.CLEARED,), roles=_HEADS, about="Text and facts are fixed under one hash"),
    Move(to=Step.ISSUED, before=(Step.FROZEN,), roles=_HEADS, about="It is with its readers"),
    Move(to=Step.CORRECTED, before=(Step.ISSUED,), roles=_HEADS, about="It is revised; a new text may be written"),
    Move(
        to=Step.WITHDRAWN,
        before=(*_OPEN_STEPS, Step.DRAFT, Step.ISSUED, Step.CORRECTED),
        roles=_CLEARERS,
        about="It is taken back",
    ),
    Move(
        to=Step.DRAFT,
        before=_OPEN_STEPS,
        roles=(Role.ANALYST, Role.SECOND_ANALYST, *_CLEARERS),
        about="It goes back to its author",
        author_too=True,
    ),
)
URGENT_MOVE = Move(
    to=Step.CLEARED,
    before=(Step.DRAFT, Step.CHALLENGED, Step.PROTECTED, Step.WORDED),
    roles=_CLEARERS,
    about="Urgent lane: two people, of whom one is the protection officer",
    checks=PROTECTION_CHECKS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One person's step."""

    step: Step
    by: str
    role: str
    reason: str
    at: datetime
    lane: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A text as its decisions tell it. `authors` wrote in this round; `facts` are those of the clearance.

    `cleared_by` are those whose signatures cleared it; `issued_in` names the issue that it left with.
    """

    version: int = 0
    step: Step = Step.DRAFT
    text: Text | None = None
    text_version: int = 0
    writer: str = ""
    authors: frozenset[str] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)
    frozen_hash: str = ""
    urgent: tuple[Signature, ...] = ()
    signatures: tuple[Signature, ...] = ()
    cleared_by: tuple[Signature, ...] = ()
    issued_text: Text | None = None
    issued_in: str = ""

    @property
    def open_to_writing(self) -> bool:
        """A frozen, issued or withdrawn text is not written on."""
        return self.step not in {Step.FROZEN, Step.ISSUED, Step.WITHDRAWN}


def object_of(situation_id: str) -> str:
    return f"situation/{situation_id}"


def read_life(history: Iterable[Decision]) -> Life:
    """Play the decisions in their order. A new text starts at draft again, whatever was signed before."""
    version, step, text, text_version, writer = 0, Step.DRAFT, None, 0, ""
    authors: set[str] = set()
    facts: dict[str, str] = {}
    frozen = ""
    issued: Text | None = None
    issued_in = ""
    urgent: list[Signature] = []
    signatures: list[Signature] = []
    cleared_by: tuple[Signature, ...] = ()
    for one in history:
        version = one.version
        said = json.loads(one.content) if one.content else {}
        if not said:
            continue  # its content was erased: that it was made stays, and nothing of what it said
        if one.act is Act.WRITE:
            if step in {Step.ISSUED, Step.CORRECTED}:
                authors.clear()
            text, text_version, writer, step = Text(**said["text"]), version, one.by, Step.DRAFT
            authors.add(one.by)
            urgent.clear()
        elif one.act is Act.MOVE:
            to, lane = Step(said["to"]), str(said.get("lane", ""))
            signature = Signature(step=to, by=one.by, role=one.role, reason=one.reason, at=one.decided_at, lane=lane)
            signatures.append(signature)
            if lane == URGENT and to is Step.CLEARED:
                urgent.append(signature)
                if not _two_signed(urgent):
                    continue
            step = to
            if to is Step.CLEARED:
                facts = dict(said["facts"])
                cleared_by = tuple(urgent) or (signature,)
            if to is Step.FROZEN:
                frozen = str(said["hash"])
            if to is Step.ISSUED:
                issued, issued_in = text, str(said.get("issue", ""))
            if to is Step.DRAFT:
                urgent.clear()
    return Life(
        version=version,
        step=step,
        text=text,
        text_version=text_version,
        writer=writer,
        authors=frozenset(authors),
        facts=facts,
        frozen_hash=frozen,
        urgent=tuple(urgent),
        signatures=tuple(signatures),
        cleared_by=cleared_by,
        issued_text=issued,
        issued_in=issued_in,
    )


def check_text(given: Mapping[str, str]) -> Text:
    """The text as typed; UsageError names every field that is missing or not allowed."""
    values = {one.name: given.get(one.name, "").replace("\r\n", "\n").strip() for one in fields(Text)}
    wrong = [f"“{LABELS[name]}” is empty" for name in REQUIRED if not values[name]]
    wrong += [f"“{LABELS[name]}” is longer than {LONGEST} signs" for name in values if len(values[name]) > LONGEST]
    if values["likelihood"] and values["likelihood"] not in LIKELIHOODS:
        wrong.append("the likelihood is none of the seven")
    if values["confidence"] and values["confidence"] not in CONFIDENCES:
        wrong.append("the confidence is none of the three")
    if values["language"] and values["language"] not in LANGUAGES:
        wrong.append("the language is none of the six")
    if values["outlook"] and not values["likelihood"]:
        wrong.append("what is expected needs a likelihood")
    if values["likelihood"] and not values["outlook"]:
        wrong.append("a likelihood needs what is expected")
    if wrong:
        raise UsageError(
            "The text is not saved yet.",
            why="; ".join(wrong) + ".",
            do="Fill in what is missing. Where nothing was heard, write that it was sought, and when.",
        )
    return Text(**values)


def check_move(life: Life, move: Move, person: Person, *, reason: str, checked: frozenset[str], state: str) -> None:
    """Refused, with the rule, when this person may not take this step now; `state` is the place's code."""
    if life.text is None and move.to is not Step.WITHDRAWN:
        raise Refused("There is no text yet.", why="Only a text can be moved.", do="An analyst writes it first.")
    if life.step not in move.before:
        raise Refused(
            f"The text is {life.step.value}, not {' or '.join(one.value for one in move.before)}.",
            why="No step is left out, and somebody may have moved it meanwhile.",
            do="Open the page again and look where it stands.",
        )
    if person.role not in move.roles:
        raise Refused(
            f"The role of {person.role.value} does not take this step.",
            why=f"“{move.to.value}” is for: {', '.join(one.value for one in move.roles)}.",
            do="Ask one of them.",
        )
    if person.nationality and person.nationality == state:
        raise Refused(
            "You hold the nationality of this State.",
            why="Nobody writes, clears or confirms on a State whose nationality they hold.",
            do="Ask a colleague.",
        )
    if person.name in life.authors and not move.author_too:
        raise Refused(
            "You wrote this text.",
            why="The author of a text never clears it, nor takes any step of its clearance.",
            do="Ask a colleague of the same role.",
        )
    missing = [words for name, words in move.checks if name not in checked]
    if missing:
        raise Refused(
            "The protection check is not complete.",
            why=f"Not confirmed: {'; '.join(missing)}.",
            do="Look at each point and confirm it, or send the text back.",
        )
    if not reason.strip():
        raise Refused("A reason is missing.", why="Every step says why.", do="Write in a few words what you looked at.")


def check_urgent(life: Life, person: Person) -> None:
    """The second of the urgent lane is another person, and one of the two is the protection officer."""
    if any(one.by == person.name for one in life.urgent):
        raise Refused("You have signed already.", why="The urgent lane needs two people.", do="Ask the second one.")
    if life.urgent and not _two_roles({life.urgent[-1].role, person.role.value}):
        raise Refused(
            "The second signature is another role's.",
            why="One is the protection officer, the other a regional head or the High Commissioner's office.",
            do="Ask one of the other role.",
        )


def check_fresh(changes: Sequence[Change]) -> None:
    """Refused, naming the facts, when the text was cleared on other ones."""
    if changes:
        raise Refused(
            "The clearance is stale.",
            why="; ".join(one.words for one in changes),
            do="Send the text back, take the change in, and have it cleared again.",
        )


def collect_facts(
    situation: Situation, incidents: Iterable[Incident], overlay: Overlay, *, coverage: str, confirmed: str
) -> dict[str, str]:
    """Everything that a clearance rests on, in words, each under the name by which a page calls it."""
    facts = {
        "proposed level": situation.level.value,
        "confirmed level": confirmed,
        "phase": situation.phase.value,
        "pattern gate": f"{situation.pattern.state.value} {situation.pattern.rule}".strip(),
        "gravity gate": f"{situation.gravity.state.value} {situation.gravity.rule}".strip(),
        "triggers met": " ".join(situation.triggers),
        "coverage": coverage,
    }
    for incident in incidents:
        view = overlay.view(incident)
        origins = f"{len(incident.origins)} origin{'s' if len(incident.origins) != 1 else ''}"
        joined = f"; {len(view.joinings)} merged or split" if view.joinings else ""
        facts[f"incident {incident.incident_id[:8]}"] = (
            f"{view.value('date')}, {view.value('place') or 'no place given'}, {view.value('class')}, {origins}, "
            f"{view.state}{joined}"
        )
    return facts


def say_confirmed(standing: Standing) -> str:
    """The fact of the level, as a clearance holds it."""
    return f"{standing.level.value}, {standing.basis.value}"


def is_cleared(life: Life, facts: Mapping[str, str], *, week: str) -> bool:
    """Whether the text may be read in the issue of a week, whose facts are given.

    A text that left with that issue stands in it; else its clearance must be fresh, whatever was issued before.
    """
    if life.text is None or life.step not in {Step.CLEARED, Step.FROZEN, Step.ISSUED}:
        return False
    return left_with(life, week) or not compare_facts(life.facts, facts)


def left_with(life: Life, week: str) -> bool:
    """Whether the text left with an issue of that week."""
    return life.step is Step.ISSUED and life.issued_in.partition("/")[0] == week


def compare_facts(then: Mapping[str, str], now: Mapping[str, str]) -> tuple[Change, ...]:
    """What differs, by name."""
    return tuple(
        Change(fact=name, was=then.get(name, ""), now=now.get(name, ""))
        for name in sorted({*then, *now})
        if then.get(name, "") != now.get(name, "")
    )


def freeze(text: Text, facts: Mapping[str, str]) -> str:
    """One hash over text and facts."""
    body = json.dumps({"text": asdict(text), "facts": dict(facts)}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def draft_text(snapshot: Snapshot, overlay: Overlay, situation: Situation) -> Text:
    """A first text from incidents that people found relevant, and from nothing else; people rewrite it."""
    kept = [
        view
        for view in map(overlay.view, snapshot.chosen(situation.incidents))
        if view.verdict is not None and view.verdict.act not in OUT
    ]
    if not kept:
        return Text()
    days = sorted(view.value("date") for view in kept)
    several = sum(len(view.incident.origins) > 1 for view in kept)
    have = "has" if several == 1 else "have"
    number = "One alleged incident" if len(kept) == 1 else f"{len(kept)} alleged incidents"
    span = f"on {days[0]}" if days[0] == days[-1] else f"between {days[0]} and {days[-1]}"
    classes = sorted({one for view in kept for one in view.value("class").split()})
    return Text(
        why_now=f"Proposed: {level_words(situation.level)}. {'; '.join(situation.reasons)}.",
        alleged=f"{number} {span}, reportedly of {', '.join(classes)}.",
        corroboration=f"{several} of {len(kept)} {have} two independent origins or more.",
        watch_up=f"{situation.would_raise}.".capitalize(),
        watch_down=f"{situation.would_lower}.".capitalize(),
    )


def mark_changes(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Pieces of a text, each `same`, `gone` or `new`, word by word."""
    old, new = before.split(), after.split()
    pieces: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", " ".join(old[a:b])))
            continue
        if b > a:
            pieces.append(("gone", " ".join(old[a:b])))
        if d > c:
            pieces.append(("new", " ".join(new[c:d])))
    return tuple(pieces)


def allowed(life: Life, person: Person) -> tuple[Move, ...]:
    """The steps that this person's role may take now; the rules may still refuse one, in words."""
    return tuple(
        move
        for move in MOVES
        if life.step in move.before
        and person.role in move.roles
        and (move.author_too or person.name not in life.authors)
        and (life.text is not None or move.to is Step.WITHDRAWN)
        and move.to is not Step.ISSUED
    )


def _two_signed(signed: Sequence[Signature]) -> bool:
    return len({one.by for one in signed}) > 1 and _two_roles({one.role for one in signed})


def _two_roles(roles: set[str]) -> bool:
    heads = {one.value for one in _HEADS}
    return Role.PROTECTION_OFFICER.value in roles and bool(roles & heads)
