"""Structured fields to triggers, by the rules of the source's own card. No text is read here."""

from domain.evidence import Label
from domain.incident import Actor, Coding
from domain.signal import Report
from domain.source import Cell, CodeRule, SourceCard

_ACTORS = (
    ("host government", Actor.STATE_AGENTS),
    ("police", Actor.STATE_AGENTS),
    ("state government", Actor.STATE_AGENTS),
    ("government", Actor.STATE_AGENTS),
    ("foreign forces", Actor.FOREIGN_STATE),
    ("de facto", Actor.DE_FACTO_AUTHORITY),
    ("nsa", Actor.ARMED_GROUP),
    ("vigilante", Actor.ARMED_GROUP),
    ("non-state", Actor.ARMED_GROUP),
    ("company", Actor.BUSINESS),
)


def code(report: Report, card: SourceCard) -> tuple[Coding, ...]:
    """The codings alone, where nobody asks which words led to them."""
    return tuple(one.coding for one in label(report, card))


def label(report: Report, card: SourceCard) -> tuple[Label, ...]:
    """Every label that the card's rules give this report; the same report gives the same labels everywhere."""
    facts = {fact.name: fact.value for fact in report.facts}
    return tuple(
        Label(
            coding=Coding(
                trigger=rule.trigger,
                rule=f"{card.id}:{rule.rule}",
                persons=_number(facts.get(rule.persons, "")) if rule.persons else None,
                outcome=rule.outcome,
                victim=rule.victim,
            ),
            field=rule.field,
            words=_words(rule, facts),
        )
        for rule in card.codes
        if _holds(rule, facts)
    )


def _words(rule: CodeRule, facts: dict[str, str]) -> str:
    """What the rule's field says, and the fields that its conditions ask for."""
    asked = [condition.partition("=")[0] for condition in rule.only_if]
    said = [facts.get(rule.field, "").strip()]
    said += [f"{name}: {facts[name].strip()}" for name in asked if name != rule.field and facts.get(name, "").strip()]
    return "; ".join(one for one in said if one)


def unknown_categories(report: Report, card: SourceCard) -> tuple[tuple[str, str], ...]:
    """Fields that the card closes and that hold a word it does not list: a rule may have missed the report."""
    facts = {fact.name: fact.value for fact in report.facts}
    found = []
    for condition in card.fields.closed:
        name, said, wanted = _condition(condition, facts)
        parts = (
            {said.casefold()} if said.casefold() in wanted else {part.strip() for part in said.casefold().split(",")}
        )
        if said and not parts <= wanted:
            found.append((name, said))
    return tuple(found)


def category(actor: str) -> Actor:
    """The alleged actor's category from the source's own word; several or none named is unknown."""
    said = actor.casefold().strip()
    if "," in said:
        return Actor.UNKNOWN
    for word, kind in _ACTORS:
        if said.startswith(word):
            return kind
    return Actor.UNKNOWN


def _holds(rule: CodeRule, facts: dict[str, str]) -> bool:
    value = facts.get(rule.field, "").strip()
    match rule.when:
        case Cell.ALWAYS:
            met = True
        case Cell.PRESENT:
            met = bool(value)
        case Cell.POSITIVE:
            met = (_number(value) or 0) > 0
        case Cell.EQUALS:
            met = value.casefold() in {one.casefold() for one in rule.equals}
    return (
        met
        and all(_one_of(condition, facts) for condition in rule.only_if)
        and not any(_one_of(condition, facts) for condition in rule.unless)
    )


def _condition(condition: str, facts: dict[str, str]) -> tuple[str, str, set[str]]:
    """The field that a condition names, what it says, and the values wanted, in small letters."""
    name, _, values = condition.partition("=")
    return name, facts.get(name, "").strip(), {value.strip().casefold() for value in values.split("|")}


def _one_of(condition: str, facts: dict[str, str]) -> bool:
    """`Field=a|b`: the field equals one of the values, or holds one of them in a comma-separated list."""
    _, text, wanted = _condition(condition, facts)
    said = text.casefold()
    return said in wanted or any(part.strip() in wanted for part in said.split(",") if part.strip())


def _number(text: str) -> int | None:
    """A whole number, or None: an unreadable number is missing, never zero."""
    try:
        return int(float(text))
    except ValueError:
        return None
