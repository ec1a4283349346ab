"""Letters as numbers: what a sign is, how it is folded, and which consonant it stands for in six scripts and languages.

A name keeps little more than its consonants when it goes from one script to another. Each letter therefore has one of
seven sounds or none: P (b, p), T (t, d), K (k, g, q), S (s, z, sh, ch, j), L (l, r), M, N. Vowels, h, f, v and w are
dropped, for the six languages write them in too many ways. The Chinese table holds the signs commonly used to write
foreign names, each with the sounds of its syllable. Nothing here is stored: it is used to compare within one run.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.uint8]

SIZE = 65_536
SPACE, LATIN, CYRILLIC, ARABIC, HAN, DIGIT, SILENT, STOP, OTHER = range(9)
P, T, K, S, L, M, N = range(1, 8)

_LATIN = {P: "bp", T: "td", K: "kgqc", S: "szj", L: "lr", M: "m", N: "n"}
_CYRILLIC = {P: "бп", T: "тд", K: "кгх", S: "сзжшщчц", L: "лр", M: "м", N: "н"}
_ARABIC = {P: "بپ", T: "تطدضثذظ", K: "كقغخگ", S: "جسصزشچ", L: "لر", M: "م", N: "ن"}
# Signs by the sounds of their syllable; those with no sound of ours (vowels, h, w) stand under the empty key.
_HAN: dict[tuple[int, ...], str] = {
    (): "阿埃艾奥欧伊乌亚耶约尤哈赫海霍胡侯豪惠瓦沃维韦威伟沙瓦夏尔娅雅优于哇吾亥黑希法费菲弗福夫佛",
    (P,): "巴贝比博布波伯普帕佩皮派保鲍包毕拜白佐卜浦泊坡蓓",
    (P, N): "班本宾彭潘平邦庞滨朋",
    (T,): "达德迪多杜都代戴塔特提托图泰蒂陶铁道笛朵独吐太",
    (T, N): "丹登丁顿坦滕廷通唐敦汤东邓",
    (K,): "卡科克库加戈古盖格基可考高凯柯哥喀果夸瓜固",
    (K, N): "坎肯金冈根贡甘康孔昆刚",
    (N,): "纳内尼诺努娜奈恩安因翁温纽涅昂英范芬方丰凡冯",
    (S,): "萨塞斯西索苏沙舍什绍舒扎泽兹齐佐祖查切奇乔丘恰杰吉贾焦朱茹热日若佳茨策察斋谢肖休夏赛施士史辛索契",
    (S, N): "桑森辛孙松尚申顺赞曾钦琴占真詹京靖香雄珍章钱津春准",
    (L,): "拉莱里罗卢鲁勒莉丽利洛路吕来劳雷列瑞廖留柳尔儿",
    (L, N): "兰伦林隆朗仑龙良连",
    (M,): "马梅米莫穆玛迈密麦姆茂默木美",
    (M, N): "曼门明蒙敏孟满芒",
    (N, N): "南宁农楠年",
}


@dataclass(frozen=True, slots=True)
class Letters:
    """Tables by code point below 65,536; any sign above is a space, and splits words."""

    kind: Small
    fold: Ints
    upper: Small
    sound: Small
    syllable: Ints


@cache
def load_letters() -> Letters:
    """Build the tables from the Unicode data of this Python."""
    kind = np.zeros(SIZE, np.uint8)
    fold = np.arange(SIZE, dtype=np.int64)
    upper = np.zeros(SIZE, np.uint8)
    sound = np.zeros(SIZE, np.uint8)
    syllable = np.full(SIZE, -1, np.int64)
    for code in range(SIZE):
        sign = chr(code)
        plain = _plain(sign)
        fold[code] = ord(plain)
        kind[code] = _kind(sign, plain)
        upper[code] = sign != sign.lower()
    for table in (_LATIN, _CYRILLIC, _ARABIC):
        for one, signs in table.items():
            for sign in signs:
                sound[ord(sign)] = one
    for sounds, signs in _HAN.items():
        for sign in signs:
            packed = 0
            for one in sounds:
                packed = packed << 4 | one
            syllable[ord(sign)] = packed
    return Letters(kind=kind, fold=fold, upper=upper, sound=sound, syllable=syllable)


def _plain(sign: str) -> str:
    """One sign without case and accents; Arabic variants of one letter are one letter."""
    if "٠" <= sign <= "٩":
        return chr(ord("0") + ord(sign) - ord("٠"))
    if "۰" <= sign <= "۹":
        return chr(ord("0") + ord(sign) - ord("۰"))
    arabic = {"ى": "ي", "ة": "ه", "ی": "ي", "ک": "ك", "ٱ": "ا", "ے": "ي"}
    if sign in arabic:
        return arabic[sign]
    if sign in "æœøłđıß":
        return "aooldis"["æœøłđıß".index(sign)]
    parts = [one for one in unicodedata.normalize("NFKD", sign.lower()) if not unicodedata.combining(one)]
    return parts[0] if parts and ord(parts[0]) < SIZE else sign


def _kind(sign: str, plain: str) -> int:
    category = unicodedata.category(sign)
    if category in {"Mn", "Me", "Cf"} or sign in "ـ\u00ad":
        return SILENT
    if sign in ".!?。!?؟…\n;;؛":
        return STOP
    if plain.isascii() and plain.isdigit():
        return DIGIT
    if not plain.isalpha():
        return SPACE
    code = ord(plain)
    if code < 0x250:
        return LATIN
    if 0x400 <= code < 0x530:
        return CYRILLIC
    if 0x600 <= code < 0x780:
        return ARABIC
    if 0x3400 <= code < 0xA000:
        return HAN
    return OTHER
