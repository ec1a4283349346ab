"""Which of the six languages an item is in, cheaply: as it says, else by its letters and its smallest words."""

import re

from scoring.grouping.item import Item
from scoring.grouping.lexicon import LANGUAGES

_SMALL = {
    "en": frozenset(("the", "of", "and", "in", "was", "were", "by", "after", "that", "said", "with", "for", "on")),
    "fr": frozenset(("le", "les", "des", "du", "une", "et", "dans", "par", "ont", "été", "sur", "est", "au", "aux")),
    "es": frozenset(("el", "los", "las", "del", "una", "y", "en", "por", "con", "que", "según", "al", "tras", "su")),
}
SAMPLE = 160
_ARABIC, _CYRILLIC, _HAN = re.compile("[\u0600-\u06ff]"), re.compile("[\u0400-\u04ff]"), re.compile("[\u4e00-\u9fff]")


def language_of(item: Item) -> int:
    """The number of the language in LANGUAGES; another Latin language is read as English words without meaning."""
    said = item.language[:2].casefold()
    if said in LANGUAGES:
        return LANGUAGES.index(said)
    text = f"{item.title} {item.content}"[:SAMPLE]
    if not text.isascii():
        arabic, cyrillic = len(_ARABIC.findall(text)), len(_CYRILLIC.findall(text))
        han = len(_HAN.findall(text)) * 3
        most = max(arabic, cyrillic, han)
        if most * 3 > len(text):
            return LANGUAGES.index("ar" if most == arabic else "ru" if most == cyrillic else "zh")
    words = text.casefold().split()
    hits = [sum(word in small for word in words) for small in _SMALL.values()]
    return hits.index(max(hits))
