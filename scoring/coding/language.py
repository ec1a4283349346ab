"""Which language a text is in, and whether horizon reads it: one of the six, or named as another and left unread.

A model of 140 languages is asked first (py3langid; 0.6 s to load, once, when first asked), so that Portuguese is not
read as Spanish; restricted to the six it would have to choose among them. Writing systems, letters and small words
decide where the model wavers.

Stated answers: a text of fewer than twelve letters (four Chinese signs) is `und`, unread, unless its source declares
one of the six and the script fits. A text in several languages is the one that most of its letters are in, and is
read when at least half of them are. A declared language is a hint: it helps in doubt and is not believed otherwise.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol

READ = ("ar", "en", "es", "fr", "ru", "zh")
UNKNOWN = "und"
SHORTEST = 12  # letters
SIGN_WEIGHT = 3  # a Chinese sign says about as much as three letters
WINDOW = 700  # signs looked at in one place; longer texts are looked at in three places
HALF = 0.5  # of the letters, and of the places looked at
# In logarithms of the model's probability for the best of the six over that for the best other language.
DOUBT = -0.6  # the six are read down to here
SMALL_WORD = 0.7
DECLARED = 1.0
FOREIGN = 0.02  # share of letters that only other languages of the script use

# Written forms that the lexicons read as well; a reader of Arabic reads what a dialect's speaker writes.
_SAME = {"ary": "ar", "arz": "ar", "wuu": "zh", "yue": "zh"}
# Seldom written in what is collected, and near to one of the six: they draw short texts of it to themselves.
_RARE = frozenset(
    ("an", "ext", "la", "pcm", "gcf", "gcr", "wa", "lij", "vec", "oc", "fy", "lb", "bcl", "st", "br", "ltg", "eo", "vo")
)
_SCRIPTS = {
    "latin": re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile(r"[\u0400-\u052f]"),
    "arabic": re.compile(r"[\u0620-\u064a\u066e-\u06d3\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]"),
    "han": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
    "kana": re.compile(r"[\u3041-\u30fa\u30fd-\u30ff\uff66-\uff9d]"),
    "hangul": re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"),
}
_OF_SCRIPT = {"latin": ("en", "es", "fr"), "cyrillic": ("ru",), "arabic": ("ar",), "han": ("zh",)}
_LETTER = re.compile(r"[^\W\d_]")
_FOREIGN_LETTERS = {
    "latin": frozenset("ãõāăąćčđďėęěğģıīķłļľńņňőŏřśşšșťţțūůűųźżžåøðþßäəƙɗơư"),
    "cyrillic": frozenset("іїєґўђјљњћџѓќѕәғқңөұүһҳҷӣӯҙҡҫӑӗ"),
    "arabic": frozenset("ٹڈڑںےھہۂۃۆێۇۈېەڕڵڤښځڅډټړڼګۍئېكۀ") - frozenset("ئك"),
    "han": frozenset("発対図気経済県働込売単収拠団厳処辺浜戻拝桜歳検験関訳駅転鉄総変続権観弾戦択沢円両実従応悪読"),
}
# Small words that the languages beside it do not share, and those of its neighbours.
_OWN = {
    "en": "the of and was were by that with which his her their has been from",
    "fr": "les des une est dans du par sur au aux et ont qui été avec ses leur ces cette son sa",
    "es": "el los las y del una con fue han según pero más está sus al en por su",
    "ru": "что были из его для это как после они был ее чтобы или также уже при",
    "ar": "في من على إلى أن التي الذي عن مع هذا هذه كان بعد قد لم ما",
}
_NEIGHBOURS = {
    "en": "de het een van und der die das og på ikke och att är na ya wa za ang sa mga yang dan dengan dem di dey "
    "nan yo ki la il le",
    "fr": "il di che della el los las y i els amb o os uma não nan yo ki pou pa te ak lo e è",
    "es": "o os as uma não e dos das ao à foi unha non dun il di che della els amb i és va dels",
    "ru": "се да ще са което је су та що як від або ён што і й бо ће биће код",
    "ar": "و از در به که را این است می با های کے کی کو میں نے سے ہے د په او چې له",
}


@dataclass(frozen=True, slots=True)
class Found:
    """`language` is an ISO 639 code, also of a language that is not read; `und` when the text says too little.

    `score` in 0–1 orders answers by how sure they are; it is not a share of errors.
    """

    language: str
    read: bool
    score: float


def identify(text: str, *, declared: str = "") -> Found:
    """The language of a text; `declared` is what its source says, checked and not believed."""
    hint = declared.lower().replace("_", "-").split("-")[0]
    answers = [_identify(part, hint) for part in _places(_without_noise(text))]
    if len(answers) == 1:
        return answers[0]
    known = [one for one in answers if one.language != UNKNOWN]
    if not known:
        return answers[0]
    votes = Counter(one.language for one in known)
    language, most = max(votes.items(), key=lambda vote: (vote[1], max(_scores(known, vote[0]))))
    share = most / len(known)
    return Found(language, language in READ and share >= HALF, round(share * max(_scores(known, language)), 3))


def _scores(found: Sequence[Found], language: str) -> list[float]:
    return [one.score for one in found if one.language == language]


_NOISE = re.compile(r"(?:https?://|www\.)\S{1,500}|[\w.]{1,64}@[\w.]{1,64}|@\w{1,64}|[#_\d]+")


def _without_noise(text: str) -> str:
    """Addresses and figures off; only as much as is looked at."""
    if len(text) > 8 * WINDOW:
        middle = len(text) // 2
        text = " ".join((text[: 2 * WINDOW], text[middle - WINDOW : middle + WINDOW], text[-2 * WINDOW :]))
    return _NOISE.sub(" ", text)


def _places(text: str) -> tuple[str, ...]:
    """The text, or its beginning, middle and end."""
    if len(text) <= 2 * WINDOW:
        return (text,)
    middle = (len(text) - WINDOW) // 2
    return text[:WINDOW], text[middle : middle + WINDOW], text[-WINDOW:]


def _identify(text: str, hint: str) -> Found:
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    counts["other"] = len(_LETTER.findall(text)) - sum(counts.values())
    weights = {name: count * (SIGN_WEIGHT if name in {"han", "hangul"} else 1) for name, count in counts.items()}
    total = sum(weights.values())
    script = max(weights, key=lambda name: weights[name])
    if total < SHORTEST:
        if total and hint in _OF_SCRIPT.get(script, ()):
            return Found(hint, True, 0.0)
        return Found(UNKNOWN, False, 0.0)
    if counts["kana"] > (counts["kana"] + counts["han"]) / 20 and script in {"han", "kana"}:
        return Found("ja", False, 1.0)
    share = weights[script] / total
    if script == "han":
        foreign = _share(text, script, counts[script])
        return Found("ja", False, 0.6) if foreign else Found("zh", share >= HALF, round(share, 3))
    own = _of_script(text, script) if share < 1 else text
    found = _by_model(own, script, counts[script], hint)
    return Found(found.language, found.read and share >= HALF, round(found.score * share, 3))


def _of_script(text: str, script: str) -> str:
    """Only the words of one script, so that a name in another does not vote."""
    pattern = _SCRIPTS.get(script, _LETTER)
    return " ".join(word for word in text.split() if pattern.search(word)) or text


def _by_model(text: str, script: str, letters: int, hint: str) -> Found:
    if sum(sign.isupper() for sign in text) > letters / 2:
        text = text.lower()
    ranked: dict[str, float] = {}
    for named, probability in _model().rank(text):
        code = _SAME.get(named, named)
        ranked[code] = ranked.get(code, 0.0) + probability
    others = {code: probability for code, probability in ranked.items() if code not in READ}
    other = max(others, key=lambda code: others[code])
    six = _OF_SCRIPT.get(script, ())
    if not six or _share(text, script, letters) >= FOREIGN:
        return Found(other, False, round(others[other], 3))
    best = max(six, key=lambda code: ranked[code] + (0.1 if code == hint else 0.0))
    rival = max(probability for code, probability in others.items() if code not in _RARE)
    weight = math.log(max(ranked[best], 1e-9) / max(rival, 1e-9)) + SMALL_WORD * _balance(text, best)
    if weight + (DECLARED if hint == best else 0.0) >= DOUBT:
        return Found(best, True, round(ranked[best], 3))
    return Found(other, False, round(others[other], 3))


def _share(text: str, script: str, letters: int) -> float:
    foreign = _FOREIGN_LETTERS[script]
    return sum(sign in foreign for sign in text.lower()) / max(letters, 1)


def _balance(text: str, language: str) -> int:
    """Small words of the language, less those of its neighbours."""
    own, neighbours = _small_words(language)
    words = re.findall(r"[^\W\d_]+", text.lower())
    return sum(word in own for word in words) - sum(word in neighbours for word in words)


@cache
def _small_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    own = frozenset(_OWN[language].split())
    return own, frozenset(_NEIGHBOURS[language].split()) - own


class _Ranker(Protocol):
    """As much of the model as is used."""

    def rank(self, text: str) -> list[tuple[str, float]]:
        """All languages with their probabilities, the likeliest first."""


@cache
def _model() -> _Ranker:
    """Loaded when first asked; all languages that it knows, with probabilities."""
    package = import_module("py3langid.langid")
    model: _Ranker = package.LanguageIdentifier.from_model_file(package.MODEL_FILE, norm_probs=True)
    return model
