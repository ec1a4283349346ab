"""Is it a call for action, or a mention? A proposal with its sentence, which two people confirm before it counts (T14).

A call is an imperative to named authorities (a), or to the Council, the Security Council, the General Assembly or
States to act on one State now (b), by the Secretary-General, the High Commissioner or the Office, the Coordination
Committee, or three mandates in one text. A global update, an end-of-visit statement, and one mandate's words are
mentions. Only English is read; a text in another language gives no proposal, and people read it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scoring.coding.mentions import Mentions
from scoring.coding.words import sentences

LANGUAGE = "en"
GLOBAL = 5  # States that a text may name and still be about them
MANDATES = 3
OFFICES = (
    ("Secretary-General", re.compile(r"\bSecretary-General\b")),
    (
        "OHCHR",
        re.compile(r"\bHigh Commissioner for Human Rights\b|\bUN (?:Human Rights|rights) (?:Office|chief)\b|\bOHCHR\b"),
    ),
    ("Coordination Committee of special procedures", re.compile(r"\bCoordination Committee\b")),
)
MANDATE = re.compile(
    r"\b(?:Special Rapporteur|Independent Expert|Working Group) (?:on|for) (?:the )?(?P<subject>[a-z]+ ?[a-z]*)"
)
EXPERTS = "special procedures"
VISIT = re.compile(
    r"\bend[- ]of[- ](?:visit|mission)\b|\b(?:concludes?|ends?) (?:official )?visit\b|\bpreliminary observations\b",
    re.I,
)
CALLS = re.compile(
    r"\b(?:call(?:s|ed|ing)? (?:up)?on|urg(?:es?|ed|ing)|appeal(?:s|ed|ing)? to|demand(?:s|ed|ing)?(?: that)?|"
    r"request(?:s|ed|ing)?)\b"
)
MUST = re.compile(r"\b(?:must|should|need(?:s)? to)\b")
AUTHORITIES = re.compile(
    r"\b(?:authorit(?:y|ies)|[Gg]overnment|[Pp]resident|[Pp]arliament|[Pp]olice|military|army|security forces|"
    r"[Mm]inist(?:er|ry)|junta|prosecutors?)\b"
)
BODIES = re.compile(
    r"\b(?:Human Rights Council|Security Council|General Assembly|international community|"
    r"(?:UN |all |other )?Member States|all States|third States|States with influence)\b"
)
ACTS = re.compile(
    r"\b(?:releas|stop|halt|end\b|ceas|investigat|allow|lift|repeal|drop|ensur|guarante|protect|refrain|prevent|restor|"
    r"disclos|grant|open\b|conven|refer\b|establish|act\b|"
    r"take (?:urgent |immediate )?(?:action|measures|steps)|suspend|reveal|respect|abolish|withdraw)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a text may be for one State: kind `a`, `b` or `mention`; `start` and `end` are offsets into the text."""

    place: str
    kind: str
    office: str
    sentence: str
    start: int
    end: int


def propose(
    *, title: str, content: str, language: str, places: Sequence[str], mentions: Mentions
) -> tuple[Proposal, ...]:
    """At most one proposal for each State that the text names, the strongest: (b) before (a) before a mention.

    `places` are those of the report's own fields; they are named as if by its title.
    """
    if language != LANGUAGE:
        return ()
    text = f"{title}\n\n{content}"
    named = tuple(dict.fromkeys([*places, *(one.code for one in mentions.find(text, language=language))]))
    office = _office(text)
    if office is None or not named:
        return ()
    found: dict[str, Proposal] = {}
    for place in named:
        found[place] = Proposal(place=place, kind="mention", office=office, sentence=title, start=0, end=len(title))
    if len(named) >= GLOBAL or VISIT.search(title):
        return tuple(found.values())
    before: tuple[str, ...] = named if len(named) == 1 else ()
    for start, end in sentences(text, language):
        sentence = text[start:end]
        here = tuple(dict.fromkeys(one.code for one in mentions.find(sentence, language=language)))
        # "It" and "the authorities" speak of the State named last, where that was one alone.
        before = here or before
        kind = _kind(sentence)
        if kind is None or len(before) != 1:
            continue
        place = before[0]
        if kind == "b" or found[place].kind == "mention":
            found[place] = Proposal(
                place=place, kind=kind, office=office, sentence=sentence.strip(), start=start, end=end
            )
    return tuple(found.values())


def _kind(sentence: str) -> str | None:
    """Of a sentence: (b) an imperative to international bodies, (a) one to authorities; None where it is neither."""
    calls = CALLS.search(sentence) or MUST.search(sentence)
    if calls is None:
        return None
    after = sentence[calls.start() :]
    if not ACTS.search(after):
        return None
    # "must" follows its subject, a verb of calling stands before its addressee.
    addressed = sentence if MUST.match(after) else after
    if BODIES.search(addressed):
        return "b"
    return "a" if AUTHORITIES.search(addressed) else None


def _office(text: str) -> str | None:
    """Who speaks: one of the offices, or three mandates together; None for one mandate, or nobody of these."""
    for office, words in OFFICES:
        if words.search(text):
            return office
    mandates = {match["subject"] for match in MANDATE.finditer(text)}
    return EXPERTS if len(mandates) >= MANDATES else None
