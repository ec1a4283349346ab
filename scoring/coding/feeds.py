"""Which trigger a label feeds, by what was done, to whom and by whom. Conservative: what is not plain feeds nothing.

The rules are those of the trigger table of A/HRC/43/37 paragraph 62 as the cards in `scoring/triggers` state them. A
crime of a private person feeds no trigger; words without an act, or in a context other than an incident, neither.
"""

from dataclasses import dataclass

from domain.evidence import Label as Evidence
from domain.incident import Actor, Coding
from scoring.coding.context import Context
from scoring.coding.text import Label, TextCoding

PRIVATE = "private person"
ANYONE = frozenset({*(member.value for member in Actor)})
OFFICIAL = frozenset({Actor.STATE_AGENTS.value, Actor.DE_FACTO_AUTHORITY.value, Actor.FOREIGN_STATE.value})
OFFICIAL_OR_UNKNOWN = OFFICIAL | {Actor.UNKNOWN.value}
ARMED = frozenset({Actor.ARMED_GROUP.value})
ARMED_OR_UNKNOWN = ARMED | {Actor.UNKNOWN.value}
NO_BUSINESS = ANYONE - {Actor.BUSINESS.value}

DEFENDERS = frozenset({"defenders", "civil society", "trade unionists"})
JOURNALISTS = frozenset({"journalists"})
HELD = frozenset({"detainees"})
ACTS = frozenset({"KILL", "DISAP", "TORT", "DET", "KIDN"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One line of the table: every condition that is given must hold; `victims` and `outcomes` empty mean any.

    `unless_victims` sends the same act to another line.
    """

    trigger: str
    codes: frozenset[str]
    actors: frozenset[str] = ANYONE
    victims: frozenset[str] = frozenset()
    unless_victims: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    details: frozenset[str] = frozenset()


TABLE = (
    # By non-State actors it is tantamount to enforced disappearance: the same trigger, with the actor as facet.
    Feed(trigger="T01", codes=frozenset({"DISAP"}), actors=NO_BUSINESS),
    Feed(
        trigger="T02", codes=frozenset({"KILL"}), actors=OFFICIAL_OR_UNKNOWN, unless_victims=frozenset({"combatants"})
    ),
    Feed(trigger="T03", codes=frozenset({"TORT"}), actors=NO_BUSINESS),
    Feed(trigger="T03", codes=frozenset({"SGBV"}), actors=OFFICIAL),
    Feed(trigger="T03", codes=frozenset({"SGBV"}), actors=frozenset({Actor.UNKNOWN.value}), victims=HELD),
    Feed(trigger="T04", codes=frozenset({"DET"}), actors=OFFICIAL_OR_UNKNOWN),
    # A number of protests or a crackdown without injury, death or live fire is context only.
    Feed(
        trigger="T05", codes=frozenset({"FORCE"}), actors=OFFICIAL_OR_UNKNOWN, outcomes=frozenset({"killed", "injured"})
    ),
    Feed(trigger="T05", codes=frozenset({"FORCE"}), actors=OFFICIAL_OR_UNKNOWN, details=frozenset({"live fire"})),
    Feed(trigger="T06", codes=frozenset({"KILL", "DET", "SGBV"}), actors=ARMED),
    Feed(trigger="T06", codes=frozenset({"KIDN"}), actors=ARMED_OR_UNKNOWN),
    Feed(trigger="T06", codes=frozenset({"IHL", "DISPL"}), actors=NO_BUSINESS),
    Feed(trigger="T07", codes=frozenset({"HRD"})),
    Feed(trigger="T07", codes=ACTS | {"SGBV", "FORCE"}, victims=DEFENDERS),
    Feed(trigger="T08", codes=frozenset({"JOUR"})),
    Feed(trigger="T08", codes=ACTS | {"SGBV", "FORCE"}, victims=JOURNALISTS),
    Feed(trigger="T09", codes=frozenset({"REPR"})),
    Feed(trigger="T11", codes=frozenset({"ACCESS"}), details=frozenset({"humanitarian"})),
    Feed(trigger="T12", codes=frozenset({"ACCESS"}), details=frozenset({"observers"})),
    Feed(trigger="T13", codes=frozenset({"ACCESS"}), details=frozenset({"network"})),
)

TRIGGERS = frozenset(feed.trigger for feed in TABLE)


def codings(coded: TextCoding) -> tuple[Coding, ...]:
    """What the engine counts of one text, where nobody asks which words led to it."""
    return tuple(one.coding for one in labels(coded))


def labels(coded: TextCoding) -> tuple[Evidence, ...]:
    """What the engine counts of one text: of labels alike in trigger, outcome and victim, the lowest figure given."""
    kept: dict[tuple[str, str, str], Evidence] = {}
    for label in coded.labels:
        if label.context is not Context.INCIDENT or label.actor == PRIVATE:
            continue
        for trigger in sorted({feed.trigger for feed in TABLE if _holds(feed, label)}):
            one = Coding(
                trigger=trigger,
                rule=f"text:{label.rule}",
                persons=label.persons,
                outcome=label.outcome,
                victim=label.victim,
            )
            key = (trigger, label.outcome, label.victim)
            before = kept.get(key)
            if before is None or _lower(one.persons, before.coding.persons):
                kept[key] = Evidence(coding=one, field="text", words=label.words, start=label.start, end=label.end)
    return tuple(kept[key] for key in sorted(kept))


def actor(coded: TextCoding) -> Actor:
    """Who is alleged to have acted in what counts; several or none named is unknown."""
    named = {
        label.actor
        for label in coded.labels
        if label.context is Context.INCIDENT and label.actor in ANYONE and label.actor != Actor.UNKNOWN.value
    }
    return Actor(named.pop()) if len(named) == 1 else Actor.UNKNOWN


def _holds(feed: Feed, label: Label) -> bool:
    return (
        label.code in feed.codes
        and label.actor in feed.actors
        and (not feed.victims or label.victim in feed.victims)
        and label.victim not in feed.unless_victims
        and (not feed.outcomes or label.outcome in feed.outcomes)
        and (not feed.details or label.detail in feed.details)
    )


def _lower(new: int | None, old: int | None) -> bool:
    return new is not None and (old is None or new < old)
