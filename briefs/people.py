"""What people wrote of a situation and other people cleared, set into its entry where its letters ask for it.

Nothing of a draft comes here. A text in English stands before what the rules found under the same letter; one in
another language stands beside it, as a paragraph of its own that says its language.
"""

from collections.abc import Sequence
from dataclasses import replace

from briefs import wording
from briefs.dossier import ClearedText
from briefs.lookup import Lookup
from briefs.said import Said, join, listed, quote, say, term
from briefs.view import Item, Paragraph
from domain.situation import Situation

ENGLISH = "en"


def confidence(lookup: Lookup, situation: Situation) -> tuple[str, str] | None:
    """The analysts' word and why; None where no text is cleared."""
    text = lookup.texts.get(situation.situation_id)
    if text is None:
        return None
    if text.language != ENGLISH:
        return term(text.confidence), say("for the reasons that the analysts give")
    return term(text.confidence), quote(wording.clause(text.confidence_why), ENGLISH)


def cleared(text: ClearedText) -> Said:
    """`text cleared on 30 January 2024 by regional head`: roles, and never a name. A preview has none yet."""
    if not text.roles:
        return say("draft text, cleared by nobody")
    roles = listed([term(wording.plain(role)) for role in text.roles])
    return say("text cleared on {day} by {roles}", day=wording.day(text.cleared_on), roles=roles)


def why_now(lookup: Lookup, parts: Sequence[Situation], paragraph: Paragraph) -> Paragraph:
    """The reason in the analysts' words, where they gave one for all of the entry; else as the rules found it."""
    texts = [lookup.texts[part.situation_id] for part in parts if part.situation_id in lookup.texts]
    if len(texts) != len(parts) or len({text.language for text in texts}) != 1:
        return paragraph
    said = [quote(wording.sentence(text.why_now), text.language) for text in texts]
    if len(parts) > 1:
        said = [_named(lookup, part, one) for part, one in zip(parts, said, strict=True)]
    words = join(*said)
    if texts[0].language == ENGLISH:
        return replace(paragraph, lead=say("Why now: {headlines}", headlines=words))
    return replace(paragraph, lead=words, language=texts[0].language)


def weave(lookup: Lookup, parts: Sequence[Situation], items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The items of an entry with the cleared texts of its parts."""
    texts = [(part, lookup.texts[part.situation_id]) for part in parts if part.situation_id in lookup.texts]
    return tuple(one for item in items for one in _set_in(lookup, item, texts, several=len(parts) > 1))


def _set_in(
    lookup: Lookup, item: Item, texts: Sequence[tuple[Situation, ClearedText]], *, several: bool
) -> tuple[Item, ...]:
    own: list[str] = []
    beside: list[Item] = []
    for part, text in texts:
        said = _under(text, item.lead)
        if several:
            said = tuple(_named(lookup, part, one) for one in said)
        if said and text.language == ENGLISH:
            own += said
        elif said:
            aside = term(wording.LANGUAGES[text.language])
            lead = say("{what} ({aside})", what=item.lead, aside=aside)
            beside.append(Item(letter=item.letter, lead=lead, lines=said, language=text.language))
    first = (replace(item, lines=(*own, *item.lines)),) if own or item.lines else ()
    return (*first, *beside)


def _under(text: ClearedText, lead: str) -> tuple[str, ...]:
    """What the text says under one letter. Likelihood and confidence have letters of their own."""
    match str(lead):
        case "Alleged":
            said = (text.alleged,)
        case "Corroboration":
            said = (text.corroboration,)
        case "Confidence":
            said = ("" if text.language == ENGLISH else text.confidence_why,)
        case "State's account":
            said = (text.account,)
        case "Against this view":
            said = (text.contrary,)
        case "Would change it":
            return tuple(
                say("{what}: {why}.", what=what, why=quote(wording.clause(words), text.language))
                for what, words in ((say("Up"), text.watch_up), (say("Down"), text.watch_down))
                if words
            )
        case "Improvements":
            said = (text.improvements,)
        case _:
            said = ("",)
    return tuple(quote(wording.sentence(one), text.language) for one in said if one)


def _named(lookup: Lookup, part: Situation, words: str) -> Said:
    return say("{what}: {why}", what=lookup.name(part.place), why=words)
