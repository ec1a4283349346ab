"""A text cut into sentences and words, and folded so that spellings of one word meet; offsets lead back to the source.

Everything here is linear in the length of the text, whatever signs a stranger sends: a run of marks, of direction
signs or of halves of surrogate pairs costs no more than prose of the same length.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

# Nothing of a sentence's context is looked for beyond it, so that a text without stops cannot become one sentence.
BOUND = 2_000

_LATIN = {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
_MARKS = {
    **dict.fromkeys("‘’‚‛′ʼʹ´`", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("“”„‟«»″", '"'),
}
_ARABIC = {
    **dict.fromkeys("أإآٱ", "ا"),
    "ى": "ي",
    "ی": "ي",
    "ة": "ه",
    "ہ": "ه",
    "ک": "ك",
    "ـ": "",
}
_CYRILLIC = {"ё": "е"}
_CONTROLS = {sign: " " for sign in (*range(32), 127) if sign != ord("\n")}
# Signs whose mark belongs to the letter; written apart they are put together again, all other marks fall away.
_COMPOSED = {("и", "\u0306"): "й", ("و", "\u0654"): "ؤ", ("ي", "\u0654"): "ئ"}
_KEPT_WHOLE = frozenset("йؤئ")
# Traditional and simplified forms, pair by pair. Not a full table: the signs of the vocabulary of the lexicon and of
# the words around it. A sign that is missing here is matched as it stands.
_TRADITIONAL = (
    "亂乱亞亚佈布佔占併并來来侖仑侷局係系倉仓個个們们倫伦偉伟側侧偵侦偽伪傑杰備备傳传債债傷伤僅仅僑侨價价儀仪億亿儘尽"
    "償偿優优儲储兇凶兒儿內内兩两冊册凍冻別别則则剛刚剝剥創创剷铲劃划劇剧劉刘劊刽劍剑勁劲動动務务勝胜勞劳勢势勦剿勳勋"
    "勵励勸劝匯汇區区協协卻却厭厌厲厉參参叢丛員员問问啓启啞哑啟启喚唤喪丧喫吃單单嗎吗嘆叹嘗尝嘩哗噴喷嚇吓嚮向嚴严囑嘱"
    "國国圍围園园圓圆圖图團团執执堅坚報报場场塊块墜坠墮堕墳坟墾垦壇坛壓压壘垒壞坏壩坝壯壮壽寿夠够夢梦夥伙夾夹奧奥奪夺"
    "奮奋妳你婦妇媧娲媽妈嬰婴孌娈孫孙學学宮宫實实寧宁審审寫写寬宽將将專专尋寻對对導导尷尴屆届屍尸屢屡層层屬属島岛峽峡"
    "崗岗嶺岭嶼屿巖岩帥帅師师帳帐帶带幣币幫帮幹干幾几庫库廁厕廚厨廟庙廢废廣广廳厅弒弑弔吊張张強强彈弹彌弥彎弯彙汇後后"
    "徑径從从徵征徹彻恆恒恥耻悶闷惡恶惱恼愛爱態态慘惨慟恸慣惯慮虑慶庆憂忧憐怜憑凭憚惮憤愤憲宪憶忆懇恳應应懲惩懷怀懸悬"
    "懼惧懾慑戀恋戰战戲戏戶户拋抛挾挟捨舍掃扫掛挂採采換换揮挥損损搖摇搶抢撐撑撥拨撫抚撲扑擁拥擄掳擇择擊击擋挡擔担據据"
    "擠挤擬拟擱搁擴扩擺摆擾扰攆撵攔拦攜携攝摄攬揽敗败敵敌數数斂敛斃毙斬斩斷断於于時时晉晋晝昼暈晕暉晖暫暂曆历曉晓曠旷"
    "東东條条棄弃棟栋楊杨業业極极榮荣構构槍枪槓杠樂乐樓楼標标樞枢樣样樹树橋桥機机檔档檢检欄栏權权歐欧歲岁歷历歸归歿殁"
    "殘残殞殒殤殇殲歼殺杀殼壳毀毁毆殴氣气汙污決决沒没沖冲況况洩泄淚泪淨净淪沦淵渊減减測测湧涌準准溝沟溫温滅灭滯滞滲渗"
    "滾滚滿满漁渔漢汉漲涨潛潜潰溃澆浇澤泽濕湿濟济濫滥濺溅瀕濒灑洒灣湾災灾為为烏乌無无煉炼煙烟煩烦熱热燈灯燒烧營营燬毁"
    "爐炉爭争爺爷爾尔牆墙牠它牽牵犧牺狀状狹狭猶犹獄狱獎奖獨独獲获獵猎獸兽獻献現现瑣琐產产甦苏畢毕畫画異异當当疊叠瘋疯"
    "瘧疟療疗癱瘫發发皺皱盜盗盡尽監监盤盘盧卢眾众睜睁瞞瞒矯矫砲炮碩硕礙碍礦矿祕秘禍祸禦御禮礼禱祷稅税種种稱称穀谷積积"
    "穩稳窩窝窮穷竄窜竊窃競竞筆笔節节範范築筑簡简簽签籌筹籠笼籲吁糧粮糾纠紀纪約约紅红納纳紐纽紙纸級级紛纷紡纺紮扎紳绅"
    "終终組组結结絕绝絞绞絡络給给統统絲丝綁绑綑捆經经綜综維维網网緊紧緒绪線线緝缉締缔緣缘編编緩缓緬缅練练縛缚縣县縫缝"
    "縮缩縱纵總总績绩織织繞绕繩绳繪绘繫系繳缴繼继續续纏缠罰罚罵骂罷罢羅罗羈羁羣群義义習习翹翘聖圣聞闻聯联聲声聳耸職职"
    "聽听聾聋肅肃脅胁脫脱腦脑膚肤膽胆臉脸臟脏臨临臺台與与興兴舉举舊旧艙舱艦舰艱艰莊庄華华萬万葉叶蒐搜蓋盖蔔卜蕩荡薦荐"
    "薩萨藉借藝艺藥药蘇苏蘭兰處处虛虚虜虏號号虧亏蝕蚀蟲虫蠻蛮衆众術术衛卫衝冲裏里補补裝装製制複复襲袭見见規规視视親亲"
    "覺觉覽览觀观觸触訂订訃讣計计訊讯討讨訓训託托記记訛讹訝讶訟讼訪访設设許许訴诉診诊詐诈評评詛诅詞词詢询試试詩诗詭诡"
    "話话該该詳详誅诛認认誘诱語语誠诚誡诫誣诬誤误說说誰谁課课誹诽調调談谈請请諒谅論论諜谍諧谐諮咨諷讽諸诸諾诺謀谋謂谓"
    "謊谎謎谜講讲謝谢謠谣謹谨證证譏讥識识譚谭譜谱譯译議议譴谴護护譽誉讀读變变讓让讚赞豐丰豬猪貓猫貝贝財财貢贡貧贫貨货"
    "販贩貪贪貫贯責责貴贵買买費费貼贴貿贸賀贺賂赂賄贿資资賊贼賑赈賓宾賞赏賠赔賣卖賤贱質质賬账賴赖購购贈赠贊赞贏赢贓赃"
    "趕赶趙赵跡迹踐践蹤踪躍跃軀躯車车軋轧軌轨軍军軟软軸轴較较載载輓挽輔辅輕轻輛辆輝辉輟辍輪轮輯辑輸输輿舆轄辖轉转轎轿"
    "轟轰辦办辭辞辯辩農农迴回這这連连進进遊游運运過过達达違违遙遥遜逊遞递遠远適适遲迟遷迁選选遺遗遼辽邁迈還还邊边邏逻"
    "鄉乡鄧邓鄭郑鄰邻醜丑醞酝醫医釀酿釋释釘钉針针鈔钞鈴铃鉤钩銀银銃铳銬铐銷销鋒锋鋪铺鋼钢錄录錢钱錯错鍊链鎂镁鎖锁鎗枪"
    "鎮镇鏈链鏟铲鐐镣鐘钟鐵铁鑄铸鑑鉴鑽钻鑿凿長长門门閃闪閉闭開开閒闲間间閘闸閱阅闆板闊阔闖闯關关闡阐闢辟陣阵陰阴陳陈"
    "陸陆陽阳隊队階阶際际隣邻隨随險险隱隐隴陇隸隶隻只雖虽雙双雜杂雞鸡離离難难雲云電电霧雾靈灵靜静鞏巩鞦秋韋韦韓韩響响"
    "頁页頂顶項项順顺須须頌颂預预頑顽頒颁頓顿領领頭头頸颈頹颓頻频題题額额顏颜願愿顛颠類类顧顾顯显風风飄飘飛飞飢饥飯饭"
    "飲饮飼饲飾饰養养餓饿餘余館馆饋馈饑饥馬马駁驳駐驻駕驾駛驶騎骑騙骗騰腾騷骚驅驱驗验驚惊驟骤髒脏體体髮发鬆松鬍胡鬚须"
    "鬥斗鬧闹鬪斗鬱郁魚鱼鮮鲜鳥鸟鳴鸣鴻鸿鹽盐麗丽麥麦麼么黃黄點点黨党黴霉齊齐齋斋齒齿齡龄龍龙龐庞"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """`origin[i]` is where the sign `text[i]` stood in the source; `length` is that of the source."""

    text: str
    origin: Sequence[int]
    length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into the source for offsets into the folded text; marks that fell away stay with their letter."""
        if start >= end:
            at = self.origin[start] if start < len(self.text) else self.length
            return at, at
        after = self.origin[end] if end < len(self.text) else self.length
        return self.origin[start], max(after, self.origin[end - 1] + 1)


class _Table(dict[int, str]):
    """Sign → folded signs, filled as signs are met; as large as the writing seen, at most all of Unicode."""

    def __init__(self, own: dict[str, str]) -> None:
        super().__init__()
        self._own = _MARKS | _LATIN | own

    def __missing__(self, sign: int) -> str:
        # Spaces that hold the parts of a figure together stay such.
        whole = "\u00a0" if chr(sign) in "\u00a0\u202f\u2009" else ""
        folded = self[sign] = whole or "".join(map(self._plain, unicodedata.normalize("NFKC", chr(sign)).lower()))
        return folded

    def _plain(self, sign: str) -> str:
        if sign in self._own:
            return self._own[sign]
        if sign in _KEPT_WHOLE or sign.isascii():
            return _CONTROLS.get(ord(sign), sign)
        if sign.isdecimal():
            return str(unicodedata.decimal(sign))
        kind = unicodedata.category(sign)
        if kind in {"Mn", "Me", "Cf"}:
            return ""
        if kind in {"Cc", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}:
            return " "
        bare = unicodedata.normalize("NFKD", sign)[0]
        if bare == sign:
            return "ss" if sign == "ß" else sign
        return self._own.get(bare, bare)


@cache
def _table(language: str) -> _Table:
    own = {
        "ar": _ARABIC,
        "ru": _CYRILLIC,
        "zh": dict(zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)),
    }.get(language, {})
    return _Table(own)


def fold(text: str, language: str) -> Folded:
    """Compatibility forms, case and marks off; Arabic and Cyrillic variants and traditional signs to one form.

    Direction and joining signs vanish, signs without a letter (halves of pairs, private use) become a space. Digits of
    all scripts become 0–9.
    """
    if text.isascii():
        return Folded(text.lower().translate(_CONTROLS), range(len(text)), len(text))
    table = _table(language)
    if all(len(table[ord(sign)]) == 1 for sign in set(text)):
        return Folded(text.translate(table), range(len(text)), len(text))
    pieces: list[str] = []
    origin: list[int] = []
    for at, sign in enumerate(text):
        piece = table[ord(sign)]
        if piece:
            pieces.append(piece)
            origin.extend([at] * len(piece))
        elif pieces and origin[-1] == at - 1 and (pieces[-1], sign) in _COMPOSED:
            pieces[-1] = _COMPOSED[pieces[-1], sign]
    return Folded("".join(pieces), tuple(origin), len(text))


_FIGURE = r"\d{1,3}(?:[,.\u00a0]\d{3})+(?!\d)|\d+[.,]\d{1,2}(?!\d)|\d+"
_TOKEN = re.compile(rf"{_FIGURE}|[^\W\d_]+")
_SIGN = re.compile(rf"{_FIGURE}|[a-zà-ÿ]+|[^\W\d_]")


def tokens(text: str, language: str) -> tuple[tuple[int, int], ...]:
    """Offsets of the words of a folded text; in Chinese each sign is one. A figure with its points is one word."""
    return tuple(found.span() for found in (_SIGN if language == "zh" else _TOKEN).finditer(text))


# A stop after one of these words ends nothing. Folded; single letters are taken for initials in every language.
_BEFORE_A_NAME = {
    "en": "mr mrs ms dr prof st gen col lt sgt capt maj cmdr gov sen rep rev hon amb no nos art arts para paras par "
    "sec secs ch vol pp ed eds fig vs cf al inc ltd co jan feb mar apr jun jul aug sep sept oct nov dec approx dept "
    "doc docs res reg op cit ibid viz",
    "fr": "m mm mme mmes mlle dr pr me mgr st ste no nos art arts par al p pp vol ch cf env fig sect gal cdt col lt "
    "cne janv fevr avr juil sept oct nov dec av ed reg res doc docs",
    "es": "sr sra sres sras srta dr dra dres lic ing prof gral gral cnel tte cap sgto d dna mons no num art arts parr "
    "parrs inc pag pags p pp vol fig ed aprox cf ee uu avda av depto res doc docs ene feb mar abr jun jul ago sept "
    "oct nov dic",
    "ru": "г гг ст стст п пп ч им ул пр просп пл д кв корп обл р рис табл см ср напр тыс млн млрд руб т тт др проф "
    "акад ген полк подп лейт кап гр род св стр с изд вып янв февр мар апр авг сент окт нояб дек абз прим "
    "т.е т.к т.д т.п",
    "ar": "د أ م ص ج ق ه رقم ف",
    "zh": "no mr mrs ms dr prof vs co ltd inc",
}
# Words of their own as well: only before a number is their stop that of an abbreviation.
_BEFORE_A_NUMBER = frozenset({"no", "nos", "mar", "par", "sec", "res", "al", "ch", "art", "d", "ed", "р", "ст", "с"})
_STOP = re.compile(
    r"[.!?…。！？｡؟۔]+[\"'»”’」』）)\]]*|\r?\n[^\S\n]*(?:\n\s*|(?=[-–—•·▪*‣○●◦]\s|\(?\w{1,3}[.)、]\s))|[\u2028\u2029]"
)
_LAST_WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*$")
_NUMBERED = re.compile(r"(?:^|\n)\s*\(?(?:\d{1,3}|[ivxlc]{1,6})$", re.IGNORECASE)
_ALWAYS = frozenset("。！？｡؟۔…\n\r\u2028\u2029")


@cache
def _abbreviations(language: str) -> frozenset[str]:
    return frozenset(_BEFORE_A_NAME.get(language, _BEFORE_A_NAME["en"]).split())


def _ends(text: str, start: int, end: int, language: str) -> bool:
    """Whether a stop between two offsets ends a sentence."""
    stop = text[start]
    if stop in _ALWAYS and stop != "…":
        return True
    after = text[end : end + 1]
    before = text[max(0, start - 24) : start]
    if after and not after.isspace():
        # Text taken out of pages often lost the space: "…the prison.Police said".
        joined = stop == "." and end == start + 1 and before[-2:].islower() and before[-2:].isalpha()
        return (joined and after.isupper() and text[end + 1 : end + 2].islower()) or after >= "\u3040"
    follow = text[end : end + 12].lstrip(" \t\n\r\u00a0\"'«“‘(")[:1]
    if follow.islower():
        return False
    if stop != "." or end - start > 1:
        return True
    if _NUMBERED.search(before):
        return False
    word = _LAST_WORD.search(before)
    if word is None:
        return True
    last = fold(word.group(), language).text
    if last in _BEFORE_A_NUMBER:
        return not follow.isdigit()
    return len(last.rsplit(".", 1)[-1]) > 1 and last not in _abbreviations(language)


def sentences(text: str, language: str) -> tuple[tuple[int, int], ...]:
    """Offsets of the sentences of a source's text, without the space around them.

    A stop, an empty line and the next entry of a list end one. A stop does not after an initial, a known abbreviation
    or a number that begins a line, nor before a small letter; so a sentence that ends in "U.N." runs into the next.
    """
    cuts = [found.end() for found in _STOP.finditer(text) if _ends(text, *found.span(), language)]
    spans: list[tuple[int, int]] = []
    start = 0
    for end in (*cuts, len(text)):
        while end - start > BOUND:
            space = max(
                text.rfind(" ", start + BOUND // 2, start + BOUND), text.rfind("\n", start + BOUND // 2, start + BOUND)
            )
            middle = space if space > 0 else start + BOUND
            spans.append((start, middle))
            start = middle
        spans.append((start, end))
        start = end
    trimmed = []
    for left, right in spans:
        part = text[left:right]
        body = part.strip()
        if body:
            begin = left + len(part) - len(part.lstrip())
            trimmed.append((begin, begin + len(body)))
    return tuple(trimmed)
