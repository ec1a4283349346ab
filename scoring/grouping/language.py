"""Which of the six languages an item is in, cheaply: as it says, else by its letters and its smallest words."""

from scoring.grouping.item import Item
from scoring.grouping.lexicon import LANGUAGES

_SMALL = {
    "en": frozenset(("the", "of", "and", "in", "was", "were", "by", "after", "that", "said", "with", "for", "on")),
    "fr": frozenset(("le", "les", "des", "du", "une", "et", "dans", "par", "ont", "été", "sur", "est", "au", "aux")),
    "es": frozenset(("el", "los", "las", "del", "una", "y", "en", "por", "con", "que", "según", "al", "tras", "su")),
}
SAMPLE = 160


def language_of(item: Item) -> int:
    """The number of the language in LANGUAGES; another Latin language is read as English words without meaning."""
    said = item.language[:2].casefold()
    if said in LANGUAGES:
        return LANGUAGES.index(said)
    text = f"{item.title} {item.content}"[:SAMPLE]
    if not text.isascii():
        arabic = sum("\u0600" <= sign <= "\u06ff" for sign in text)
        cyrillic = sum("\u0400" <= sign <= "\u04ff" for sign in text)
        han = sum("\u4e00" <= sign <= "\u9fff" for sign in text) * 3
        most = max(arabic, cyrillic, han)
        if most * 3 > len(text):
            return LANGUAGES.index("ar" if most == arabic else "ru" if most == cyrillic else "zh")
    words = text.casefold().split()
    hits = [sum(word in small for word in words) for small in _SMALL.values()]
    return hits.index(max(hits))
