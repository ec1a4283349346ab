"""Which language a text is in, and whether horizon reads it: one of the six, or named as another and left unread.

A model of 140 languages is asked first (`language_model.py`; 0.6 s to load, once, when first asked), so that
Portuguese is not read as Spanish; restricted to the six it would have to choose among them. Writing systems, letters
and small words decide where the model wavers.

Stated answers: a text of fewer than twelve letters (four Chinese signs) is `und`, unread, unless its source declares
one of the six and the script fits. A text in several languages is the one that most of its letters are in, and is
read when at least half of them are. A declared language is a hint: it helps in doubt and is not believed otherwise,
but where many small words of it stand in the text, and few of others, the model need not be asked.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scoring.coding.language_model import Model, load_model
from scoring.compiled import compiled

READ = ("ar", "en", "es", "fr", "ru", "zh")
UNKNOWN = "und"
SHORTEST = 12  # letters
SIGN_WEIGHT = 3  # a Chinese sign says about as much as three letters
WINDOW = 700  # signs looked at in one place; longer texts are looked at in three places
ASKED = 250  # signs of a place that the model is asked about; on recorded texts more of them changed no answer
HALF = 0.5  # of the letters, and of the places looked at
# In logarithms of the model's probability for the best of the six over that for the best other language.
DOUBT = -0.6  # the six are read down to here
SMALL_WORD = 0.7
DECLARED = 1.0
SURE = 4  # small words of the declared language more than of others; then the model is not asked
SURE_SHARE = 0.15  # of all words
FOREIGN = 0.02  # share of letters that only other languages of the script use

# Written forms that the lexicons read as well; a reader of Arabic reads what a dialect's speaker writes.
_SAME = (("ary", "ar"), ("arz", "ar"), ("wuu", "zh"), ("yue", "zh"))
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
OTHER = "other"
KINDS = (*_SCRIPTS, OTHER)
_HEAVY = frozenset(("han", "hangul"))
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
LETTERS_END = 0x33480  # no letter stands beyond
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


_LINK = re.compile(r"(?:https?://|www\.)\S{1,500}")
_MAIL = re.compile(r"[\w.]{1,64}@[\w.]{1,64}|@\w{1,64}")
_FIGURE = re.compile(r"[#_\d]+")


def _without_noise(text: str) -> str:
    """Addresses and figures off; only as much as is looked at."""
    if len(text) > 8 * WINDOW:
        middle = len(text) // 2
        text = " ".join((text[: 2 * WINDOW], text[middle - WINDOW : middle + WINDOW], text[-2 * WINDOW :]))
    if "://" in text or "www." in text:
        text = _LINK.sub(" ", text)
    if "@" in text:
        text = _MAIL.sub(" ", text)
    return _FIGURE.sub(" ", text)


def _places(text: str) -> tuple[str, ...]:
    """The text, or its beginning, middle and end."""
    if len(text) <= 2 * WINDOW:
        return (text,)
    middle = (len(text) - WINDOW) // 2
    return text[:WINDOW], text[middle : middle + WINDOW], text[-WINDOW:]


def _identify(text: str, hint: str) -> Found:
    tally = _tally(text)
    counts = tally[:, 0].tolist()
    weights = [count * SIGN_WEIGHT if name in _HEAVY else count for name, count in zip(KINDS, counts, strict=True)]
    total = sum(weights)
    most = max(range(len(KINDS)), key=weights.__getitem__)
    script = KINDS[most]
    if total < SHORTEST:
        if total and hint in _OF_SCRIPT.get(script, ()):
            return Found(hint, True, 0.0)
        return Found(UNKNOWN, False, 0.0)
    kana, han = counts[KINDS.index("kana")], counts[KINDS.index("han")]
    if kana > (kana + han) / 20 and script in {"han", "kana"}:
        return Found("ja", False, 1.0)
    share = weights[most] / total
    letters, foreign, capitals = tally[most].tolist()
    if script == "han":
        return Found("ja", False, 0.6) if foreign else Found("zh", share >= HALF, round(share, 3))
    own = _of_script(text, script) if share < 1 else text
    if capitals > letters / 2:
        own = own.lower()
    found = _by_words_or_model(own, script, foreign / max(letters, 1), hint)
    return Found(found.language, found.read and share >= HALF, round(found.score * share, 3))


def _tally(text: str) -> NDArray[np.int64]:
    """By kind of letter (rows in the order of KINDS): letters, letters of other languages, capitals."""
    signs = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    counts = np.zeros((len(KINDS), 3), np.int64)
    _count(signs, _signs(), counts)
    return counts


@compiled
def _count(signs: NDArray[np.uint32], kinds: NDArray[np.uint8], counts: NDArray[np.int64]) -> None:
    for sign in signs:
        kind = kinds[sign] if sign < kinds.size else 255
        if kind < 255:
            counts[kind & 15, 0] += 1
            counts[kind & 15, 1] += (kind >> 4) & 1
            counts[kind & 15, 2] += kind >> 5


@cache
def _signs() -> NDArray[np.uint8]:
    """Of each sign its place in KINDS, 16 more for letters of other languages and 32 more for capitals; 255: none."""
    kinds = np.full(LETTERS_END, 255, np.uint8)
    for code in range(LETTERS_END):
        sign = chr(code)
        if not _LETTER.match(sign):
            continue
        script = next((name for name, pattern in _SCRIPTS.items() if pattern.match(sign)), OTHER)
        foreign = any(one in _FOREIGN_LETTERS.get(script, ()) for one in sign.lower())
        kinds[code] = KINDS.index(script) + 16 * foreign + 32 * sign.isupper()
    return kinds


def _of_script(text: str, script: str) -> str:
    """Only the words of one script, so that a name in another does not vote."""
    pattern = _SCRIPTS.get(script, _LETTER)
    return " ".join(word for word in text.split() if pattern.search(word)) or text


def _by_words_or_model(text: str, script: str, foreign: float, hint: str) -> Found:
    six = _OF_SCRIPT.get(script, ())
    if hint in six and foreign < FOREIGN:
        words = _WORD.findall(text.lower())
        balance = {code: _balance(words, code) for code in six}
        surplus = balance[hint] - max((balance[code] for code in six if code != hint), default=0)
        if min(balance[hint], surplus) >= max(SURE, SURE_SHARE * len(words)):
            return Found(hint, True, 1.0)
    return _by_model(text[:ASKED], six, foreign, hint)


def _by_model(text: str, six: Sequence[str], foreign: float, hint: str) -> Found:
    model = _model()
    shares = model.probabilities(text)
    others = shares[len(READ) :]
    likeliest = int(others.argmax())
    other = Found(model.codes[len(READ) + likeliest], False, round(float(others[likeliest]), 3))
    if not six or foreign >= FOREIGN:
        return other
    of_six = {code: float(shares[READ.index(code)]) for code in six}
    best = max(six, key=lambda code: of_six[code] + (0.1 if code == hint else 0.0))
    rival = float(shares[len(READ) : len(model.codes) - len(_RARE)].max())
    balance = _balance(_WORD.findall(text.lower()), best)
    weight = math.log(max(of_six[best], 1e-9) / max(rival, 1e-9)) + SMALL_WORD * balance
    if weight + (DECLARED if hint == best else 0.0) >= DOUBT:
        return Found(best, True, round(of_six[best], 3))
    return other


def _balance(words: Sequence[str], language: str) -> int:
    """Small words of the language, less those of its neighbours."""
    own, neighbours = _small_words(language)
    return len([word for word in words if word in own]) - len([word for word in words if word in neighbours])


@cache
def _small_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    own = frozenset(_OWN[language].split())
    return own, frozenset(_NEIGHBOURS[language].split()) - own


@cache
def _model() -> Model:
    """Loaded when first asked: the six, the others, and last those that are no rivals."""
    return load_model(READ, _RARE, _SAME)
