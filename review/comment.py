"""A text before the State concerned: shown for comment, answered, or not shown because that could endanger someone.

Only a text that has passed the protection check is shown. Where showing it could endanger someone, two people record
why it was not shown: the protection officer, and a head. What they recorded stays inside; the page says that they did.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from domain.errors import Refused, UsageError
from domain.review import Act, Decision, SituationStep
from review.rights import Person, Role
from review.situations import LANGUAGES, LONGEST, Life

SOUGHT, RECEIVED, WITHHELD = "sought", "received", "withheld"
CHECKED = frozenset(
    {SituationStep.PROTECTED, SituationStep.WORDED, SituationStep.CLEARED, SituationStep.FROZEN, SituationStep.ISSUED}
)
HEADS = frozenset({Role.REGIONAL_HEAD, Role.HIGH_COMMISSIONER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Where the State's account stands. `withheld` are those who recorded why the text is not shown: name, role, why.

    `withheld_holds` says that both of them have; `text_version` is that of the text that was shown.
    """

    sought_on: date | None = None
    text_version: int = 0
    received_on: date | None = None
    words: str = ""
    language: str = ""
    withheld: tuple[tuple[str, str, str], ...] = ()
    version: int = 0

    @property
    def withheld_holds(self) -> bool:
        """One is the protection officer, another is a head."""
        roles = {role for _, role, _ in self.withheld}
        return Role.PROTECTION_OFFICER.value in roles and bool(roles & {one.value for one in HEADS})


def object_of(situation_id: str) -> str:
    return f"account/{situation_id}"


def read_comment(history: Iterable[Decision]) -> Comment:
    """Play the decisions in their order; taking back begins anew."""
    sought: date | None = None
    received: date | None = None
    shown, words, language, version = 0, "", "", 0
    withheld: dict[str, tuple[str, str, str]] = {}
    for one in history:
        version = one.version
        if one.act is Act.WITHDRAW:
            sought, received, shown, words, language = None, None, 0, "", ""
            withheld.clear()
        elif one.act is Act.TELL and one.content:
            said = json.loads(one.content)
            match said["comment"]:
                case "sought":
                    sought, received, words, language = date.fromisoformat(said["on"]), None, "", ""
                    shown = int(said["text_version"])
                case "received":
                    received, words = date.fromisoformat(said["on"]), str(said["words"])
                    language = str(said["language"])
                case _:
                    withheld[one.by] = (one.by, one.role, one.reason)
    return Comment(
        sought_on=sought,
        text_version=shown,
        received_on=received,
        words=words,
        language=language,
        withheld=tuple(withheld.values()),
        version=version,
    )


def check_comment(
    form: Mapping[str, str], comment: Comment, life: Life, person: Person, *, state: str, today: date
) -> str:
    """The content of what is noted; Refused with the rule, or a UsageError, when it cannot be."""
    what = form.get("what", "")
    if person.nationality and person.nationality == state:
        raise Refused(
            "You hold the nationality of this State.",
            why="Nobody works on a State whose nationality they hold.",
            do="Ask a colleague.",
        )
    if not form.get("reason", "").strip():
        raise Refused("A reason is missing.", why="Each entry says why, or by what way.", do="Write a few words.")
    if what == WITHHELD:
        return _withhold(comment, person)
    if person.role not in HEADS:
        raise Refused(
            f"The role of {person.role.value} does not write to a State.",
            why="The regional head or the High Commissioner's office asks for its account.",
            do="Ask one of them.",
        )
    if what == SOUGHT:
        if life.text is None or life.step not in CHECKED:
            raise Refused(
                "This text has not passed the protection check.",
                why="A text that is shown to a State is checked first for what could endanger someone.",
                do="Have the protection officer check it; then show it.",
            )
        if comment.withheld:
            raise Refused(
                "Somebody recorded why this text is not shown.",
                why="It says that showing it could endanger someone.",
                do="Read it with them; they can take it back.",
            )
        return _write(comment=SOUGHT, on=_day(form, today).isoformat(), text_version=life.text_version)
    if what == RECEIVED:
        words = form.get("words", "").strip()
        if comment.sought_on is None:
            raise UsageError("No comment was sought yet.", why="A reply answers something.", do="Note that first.")
        if not words or len(words) > LONGEST:
            raise UsageError("The account is empty or too long.", why="It has words.", do="Write it again.")
        language = form.get("language", "")
        if language not in LANGUAGES:
            raise UsageError("The language is none of the six.", why="It is printed beside it.", do="Choose one.")
        on = _day(form, today)
        if on < comment.sought_on:
            raise UsageError("It came before it was sought.", why="The dates do not fit.", do="Correct the day.")
        return _write(comment=RECEIVED, on=on.isoformat(), words=words, language=language)
    raise UsageError("Nothing is chosen.", why="Three things can be noted.", do="Use one of the forms.")


def may_withhold(comment: Comment, person: Person) -> bool:
    """Whether this person's word would complete why a text is not shown."""
    if any(by == person.name for by, _, _ in comment.withheld):
        return False
    roles = {role for _, role, _ in comment.withheld}
    officer = Role.PROTECTION_OFFICER
    return person.role in HEADS if officer.value in roles else person.role is officer


def _withhold(comment: Comment, person: Person) -> str:
    if person.role not in {Role.PROTECTION_OFFICER, *HEADS}:
        raise Refused(
            f"The role of {person.role.value} does not decide this.",
            why="The protection officer and a head record together why a text is not shown.",
            do="Ask them.",
        )
    if comment.sought_on is not None:
        raise Refused(
            "The text was shown already.", why=f"It was shown on {comment.sought_on}.", do="Speak with the head."
        )
    if any(by == person.name for by, _, _ in comment.withheld):
        raise Refused("You have recorded it.", why="Two people record why.", do="Ask the second one.")
    return _write(comment=WITHHELD)


def _day(form: Mapping[str, str], today: date) -> date:
    try:
        day = date.fromisoformat(form.get("on", ""))
    except ValueError:
        raise UsageError("The day is missing.", why="The page prints it.", do="Give it as 2024-01-31.") from None
    if day > today:
        raise UsageError(f"{day} has not come yet.", why="What is noted has happened.", do="Correct it.")
    return day


def _write(**said: object) -> str:
    return json.dumps(said, ensure_ascii=False, sort_keys=True)
