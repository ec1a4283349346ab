"""Fictional events and their reports in six languages, with gold incidents: what grouping is measured on.

Places, persons and outlets are put together from syllables and mean no one. Two sets of wordings exist: `tune`, on
which weights were looked at, and `held`, written before that and only measured on. A wording is a pattern with
choices `[one|other]`; {A} is the author of the act, {V} who suffered it, {N} how many, {P} the town, {S} the State,
{D} the day, {X} a person and {G} an age. Every class and language has at least twelve realisations in each set.
"""

import random
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
# Latin, Cyrillic, Arabic, Chinese.
SYLLABLES = [
    row.split()
    for row in """
ka ка كا 卡|be бе بي 贝|lo ло لو 洛|mi ми مي 米|ra ра را 拉|to то تو 托|ni ни ني 尼|sa са سا 萨|du ду دو 杜|go го غو 戈
ri ри ري 里|ma ма ما 马|te те تي 特|na на نا 纳|bo бо بو 博|li ли لي 利|si си سي 西|ku ку كو 库|po по بو 波|da да دا 达
lan лан لان 兰|bar бар بار 巴尔|ton тон تون 顿|mar мар مار 马尔|kin кин كين 金|sol сол سول 索尔|der дер دير 德尔
tas тас تاس 塔斯|rek рек ريك 雷克|min мин مين 明|gor гор غور 戈尔|pel пел بيل 佩尔|zan зан زان 赞|luk лук لوك 卢克
she ше شي 舍|cha ча تشا 查|vel вел فيل 韦尔|nor нор نور 诺尔|dar дар دار 达尔|sim сим سيم 西姆
""".replace("\n", "|").split("|")
    if row.strip()
]
SCRIPT = {"en": 0, "fr": 0, "es": 0, "ru": 1, "ar": 2, "zh": 3}
MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    "ru": [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    "ar": [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
}
WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "es": ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    "ru": ["понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье"],
    "ar": ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"],
    "zh": ["一", "二", "三", "四", "五", "六", "日"],
}
SPELT = {
    "en": ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
    "fr": ["deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"],
    "es": ["dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"],
    "ru": [
        "двух",
        "трёх",
        "четырёх",
        "пяти",
        "шести",
        "семи",
        "восьми",
        "девяти",
        "десяти",
        "одиннадцати",
        "двенадцати",
    ],
    "ar": ["اثنين", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة"],
    "zh": ["两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"],
}
VICTIMS = {
    "en": ["students", "journalists", "farmers", "nurses", "lawyers", "residents", "miners", "teachers"],
    "fr": ["étudiants", "journalistes", "paysans", "infirmières", "avocats", "habitants", "mineurs", "enseignants"],
    "es": ["estudiantes", "periodistas", "campesinos", "enfermeras", "abogados", "vecinos", "mineros", "maestros"],
    "ru": ["студентов", "журналистов", "крестьян", "медсестёр", "адвокатов", "жителей", "шахтёров", "учителей"],
    "ar": ["طلاب", "صحفيين", "مزارعين", "ممرضين", "محامين", "سكان", "عمال مناجم", "معلمين"],
    "zh": ["学生", "记者", "农民", "护士", "律师", "居民", "矿工", "教师"],
}
ACTORS = {
    "en": ["police", "soldiers", "gunmen", "security agents"],
    "fr": ["des policiers", "des soldats", "des hommes armés", "des agents de sécurité"],
    "es": ["la policía", "los soldados", "hombres armados", "agentes de seguridad"],
    "ru": ["полицейские", "солдаты", "боевики", "сотрудники спецслужб"],
    "ar": ["الشرطة", "الجنود", "المسلحون", "عناصر الأمن"],
    "zh": ["警察", "士兵", "武装分子", "特工"],
}
CLASSES = ("KILL", "DET", "DISAP", "TORT", "FORCE")
LEADS: dict[str, dict[str, dict[str, list[str]]]] = {
    "tune": {
        "en": {
            "KILL": [
                "{A} [killed|shot dead] {N} {V} in {P} {D}.",
                "{D}, {N} {V} were [killed|murdered] by {A} near {P}, {S}.",
                "[At least|Some] {N} {V} [died|were slain] when {A} attacked {P} {D}.",
            ],
            "DET": [
                "{A} [arrested|detained] {N} {V} in {P} {D}.",
                "{N} {V} were [taken into custody|rounded up] by {A} in {P} {D}.",
                "[Arrests|A wave of arrests] in {P}: {A} [held|hold] {N} {V} since {D}.",
            ],
            "DISAP": [
                "{N} {V} [disappeared|went missing] in {P} after {A} took them away {D}.",
                "The whereabouts of {N} {V} [abducted|seized] by {A} in {P} {D} remain unknown.",
                "{A} [abducted|snatched] {N} {V} from {P} {D}.",
            ],
            "TORT": [
                "{N} {V} were [tortured|beaten] by {A} in a [cell|prison] in {P} {D}.",
                "{A} [tortured|electrocuted] {N} {V} held in {P}, {S}, {D}.",
                "In {P}, {N} {V} [say|said] that {A} beat them {D}.",
            ],
            "FORCE": [
                "{A} fired [tear gas|bullets] at a protest in {P} {D}, injuring {N} {V}.",
                "{N} {V} were [wounded|hurt] as {A} dispersed a [rally|march] in {P} {D}.",
                "A [demonstration|protest] of {V} in {P} was dispersed by {A} {D}; {N} were injured.",
            ],
        },
        "fr": {
            "KILL": [
                "{A} ont [tué|abattu] {N} {V} à {P} {D}.",
                "{N} {V} ont été [tués|assassinés] {D} près de {P}, {S}.",
                "Une attaque menée par {A} a [fait|causé] {N} morts parmi les {V} à {P} {D}.",
            ],
            "DET": [
                "{A} ont [arrêté|interpellé] {N} {V} à {P} {D}.",
                "{N} {V} ont été [arrêtés|placés en détention] {D} à {P}.",
                "[Vague|Série] d'arrestations à {P} : {N} {V} détenus {D}.",
            ],
            "DISAP": [
                "{N} {V} ont [disparu|été enlevés] à {P} {D}.",
                "{A} ont [enlevé|emmené] {N} {V} à {P} {D}, portés disparus depuis.",
                "[Aucune|Pas de] trace de {N} {V} enlevés {D} à {P}.",
            ],
            "TORT": [
                "{N} {V} ont été [torturés|battus] par {A} à {P} {D}.",
                "{A} ont [frappé|torturé] {N} {V} dans une cellule à {P} {D}.",
                "À {P}, {N} {V} disent avoir [subi|enduré] des tortures {D}.",
            ],
            "FORCE": [
                "{A} ont dispersé une [manifestation|marche] à {P} {D}, blessant {N} {V}.",
                "{N} {V} ont été [blessés|touchés] lors d'une manifestation à {P} {D}.",
                "[Tirs|Gaz lacrymogènes] contre des {V} qui manifestaient à {P} {D} : {N} blessés.",
            ],
        },
        "es": {
            "KILL": [
                "{A} [mataron|asesinaron] a {N} {V} en {P} {D}.",
                "{N} {V} [murieron|fueron asesinados] {D} cerca de {P}, {S}.",
                "Un ataque de {A} en {P} {D} [dejó|causó] {N} muertos entre los {V}.",
            ],
            "DET": [
                "{A} [detuvieron|arrestaron] a {N} {V} en {P} {D}.",
                "{N} {V} fueron [detenidos|arrestados] {D} en {P}.",
                "[Ola|Serie] de detenciones en {P}: {N} {V} arrestados {D}.",
            ],
            "DISAP": [
                "{N} {V} [desaparecieron|fueron secuestrados] en {P} {D}.",
                "{A} [secuestraron|raptaron] a {N} {V} en {P} {D}.",
                "[Se desconoce|Nadie sabe] el paradero de {N} {V} secuestrados {D} en {P}.",
            ],
            "TORT": [
                "{N} {V} fueron [torturados|golpeados] por {A} en {P} {D}.",
                "{A} [torturaron|golpearon] a {N} {V} en una celda de {P} {D}.",
                "En {P}, {N} {V} [denuncian|relatan] torturas {D}.",
            ],
            "FORCE": [
                "{A} dispersaron una [protesta|marcha] en {P} {D}; {N} {V} heridos.",
                "{N} {V} [resultaron|quedaron] heridos en una manifestación en {P} {D}.",
                "[Disparos|Gases lacrimógenos] contra {V} que protestaban en {P} {D} dejan {N} heridos.",
            ],
        },
        "ru": {
            "KILL": [
                "{D} {A} [убили|застрелили] {N} {V} в городе {P}.",
                "В {P} {D} [убиты|погибли] {N} {V}.",
                "Нападение: {A} [убили|расстреляли] {N} {V} близ {P} {D}.",
            ],
            "DET": [
                "{D} {A} [задержали|арестовали] {N} {V} в городе {P}.",
                "В {P} {D} [задержаны|арестованы] {N} {V}.",
                "[Волна|Серия] арестов в {P}: {N} {V} под стражей {D}.",
            ],
            "DISAP": [
                "{D} {N} {V} [исчезли|пропали] в {P}.",
                "{A} [похитили|увезли] {N} {V} из города {P} {D}.",
                "О судьбе {N} {V}, [похищенных|исчезнувших] в {P} {D}, ничего не известно.",
            ],
            "TORT": [
                "{A} [пытали|избили] {N} {V} в {P} {D}.",
                "{D} {N} {V} подверглись [пыткам|избиениям] в камере в {P}.",
                "В {P} {N} {V} [рассказали|сообщили] о пытках {D}.",
            ],
            "FORCE": [
                "{A} [разогнали|подавили] митинг в {P} {D}, ранены {N} {V}.",
                "{N} {V} [ранены|пострадали] при разгоне демонстрации в {P} {D}.",
                "{D} в {P} против {V} применили [дубинки|слезоточивый газ], {N} ранены.",
            ],
        },
        "ar": {
            "KILL": [
                "[قتل|اغتال] {A} {N} {V} في مدينة {P} {D}.",
                "[مقتل|مصرع] {N} {V} في {P} {D}.",
                "{D} قتل {N} {V} في هجوم [شنه|نفذه] {A} قرب {P}.",
            ],
            "DET": [
                "[اعتقلت|أوقفت] {A} {N} {V} في مدينة {P} {D}.",
                "[اعتقال|احتجاز] {N} {V} في {P} {D}.",
                "{D} [شنت|نفذت] {A} حملة اعتقالات في {P} شملت {N} {V}.",
            ],
            "DISAP": [
                "[اختفى|فقد] {N} {V} في مدينة {P} {D}.",
                "[خطف|اختطف] {A} {N} {V} في {P} {D}.",
                "لا يزال مصير {N} {V} [خطفوا|اختفوا] {D} في {P} مجهولا.",
            ],
            "TORT": [
                "تعرض {N} {V} [للتعذيب|للضرب] على يد {A} في {P} {D}.",
                "[عذبت|ضربت] {A} {N} {V} في زنزانة في مدينة {P} {D}.",
                "في {P} [تحدث|أبلغ] {N} {V} عن التعذيب {D}.",
            ],
            "FORCE": [
                "[فرقت|قمعت] {A} مظاهرة في {P} {D} وأصيب {N} {V}.",
                "[إصابة|جرح] {N} {V} في تفريق احتجاج في مدينة {P} {D}.",
                "{D} أطلقت {A} [الرصاص|الغاز المسيل] على متظاهرين في {P} فأصيب {N} {V}.",
            ],
        },
        "zh": {
            "KILL": [
                "{D}，{A}在{P}市[杀害|打死]{N}名{V}。",
                "{P}{D}有{N}名{V}[遇害|死亡]。",
                "{A}{D}袭击{P}，造成{N}名{V}[丧生|身亡]。",
            ],
            "DET": [
                "{D}，{A}在{P}市[逮捕|拘留]{N}名{V}。",
                "{P}{D}有{N}名{V}[被捕|被拘押]。",
                "{A}在{P}展开[抓捕|逮捕]，{N}名{V}{D}被关押。",
            ],
            "DISAP": [
                "{N}名{V}{D}在{P}[失踪|下落不明]。",
                "{D}，{A}在{P}市[绑架|劫走]{N}名{V}。",
                "{P}{N}名{V}{D}被带走后[失踪|音信全无]。",
            ],
            "TORT": [
                "{A}{D}在{P}对{N}名{V}施以[酷刑|虐待]。",
                "{N}名{V}{D}在{P}市监狱遭[殴打|拷打]。",
                "{P}{N}名{V}[称|说]{D}遭到{A}酷刑。",
            ],
            "FORCE": [
                "{A}{D}在{P}驱散[示威|集会]，{N}名{V}受伤。",
                "{P}{D}的[抗议|游行]遭镇压，{N}名{V}受伤。",
                "{D}，{A}向{P}市的示威者[开枪|施放催泪弹]，{N}名{V}受伤。",
            ],
        },
    },
    "held": {
        "en": {
            "KILL": [
                "The town of {P} is in mourning: {N} {V} lost their lives {D} [at the hands of|to] {A}.",
                "[Relatives|Neighbours] in {P} buried {N} {V} whom {A} are accused of executing {D}.",
                "Death toll [put at|stands at] {N} after {A} opened fire on {V} outside {P} {D}.",
            ],
            "DET": [
                "Some {N} {V} are behind bars in {P} following a [sweep|raid] by {A} {D}.",
                "Lawyers [seek|demand] the release of {N} {V} jailed {D} in the {P} area.",
                "{A} [burst into|searched] homes in {P} {D} and led away {N} {V}, now in detention.",
            ],
            "DISAP": [
                "Families in {P} [are searching for|have no word of] {N} {V} not seen since {D}, when {A} came.",
                "Vanished: {N} {V} from {P}, [last seen|picked up] {D} with {A}.",
                "Kidnapping in {P}: {A} [are blamed|stand accused] after {N} {V} were driven off {D}.",
            ],
            "TORT": [
                "[Bruises|Burns] were found on {N} {V} freed by {A} in {P}; they were mistreated {D}.",
                "{N} {V} held at the {P} station {D} were flogged by {A}, their [families|doctors] say.",
                "Ill-treatment in {P}: {A} are [accused|suspected] of beating {N} {V} {D}.",
            ],
            "FORCE": [
                "A [crowd|sit-in] in {P} was charged with batons by {A} {D} and {N} {V} needed treatment for wounds.",
                "Doctors in {P} treated {N} {V} for injuries after {A} broke up a [march|vigil] {D}.",
                "{D} in {P}: {A} crush a demonstration, {N} {V} [injured|wounded].",
            ],
        },
        "fr": {
            "KILL": [
                "La ville de {P} pleure {N} {V} [morts|exécutés] {D}, victimes selon les proches d'hommes en armes.",
                "Le bilan est de {N} {V} tués {D} à {P} [d'après|selon] un responsable.",
                "{D}, {A} ont ouvert le feu à {P} : {N} {V} [y ont perdu la vie|sont morts].",
            ],
            "DET": [
                "{N} {V} se trouvent derrière les barreaux à {P} après une [rafle|descente] menée {D}.",
                "[Descente|Opération] à {P} : {A} emprisonnent {N} {V} {D}.",
                "Des avocats [réclament|exigent] la libération de {N} {V} incarcérés {D} à {P}.",
            ],
            "DISAP": [
                "Les familles [cherchent|attendent] {N} {V} introuvables à {P} depuis {D}.",
                "{D}, {N} {V} ont été kidnappés par {A} dans la ville de {P} ; [on ignore|nul ne sait] où ils sont.",
                "Disparition de {N} {V} à {P} : {A} [mis en cause|accusés], les faits datent de {D}.",
            ],
            "TORT": [
                "Des [traces de coups|brûlures] sur {N} {V} maltraités {D} à {P} par {A}.",
                "{N} {V} passés à tabac {D} au poste de {P}, [selon|d'après] leurs médecins.",
                "Sévices à {P} : {A} [accusés|soupçonnés] d'avoir frappé {N} {V} {D}.",
            ],
            "FORCE": [
                "La foule chargée à coups de matraque à {P} {D} : {N} {V} [soignés|hospitalisés] pour des blessures.",
                "Les médecins de {P} ont soigné {N} {V} blessés {D} quand {A} ont [réprimé|brisé] un rassemblement.",
                "{D} à {P}, un cortège est [réprimé|dispersé] et {N} {V} sont blessés.",
            ],
        },
        "es": {
            "KILL": [
                "El pueblo de {P} llora a {N} {V} que perdieron la vida {D} [a manos|por obra] de {A}.",
                "Asciende a {N} el número de {V} [asesinados|muertos] {D} en {P}.",
                "{D}, {A} abrieron fuego en {P} y [fallecieron|murieron] {N} {V}.",
            ],
            "DET": [
                "{N} {V} están tras las rejas en {P} después de una [redada|batida] {D}.",
                "[Redada|Operativo] en {P}: {A} encarcelan a {N} {V} {D}.",
                "Abogados [piden|exigen] la libertad de {N} {V} presos en {P} desde {D}.",
            ],
            "DISAP": [
                "Las familias [buscan|esperan] a {N} {V} de {P}, desaparecidos desde {D}.",
                "{D}, {A} se llevaron a {N} {V} del municipio de {P}; [no hay|falta] rastro de ellos.",
                "Secuestro en {P}: {N} {V} en paradero [desconocido|ignorado] {D}.",
            ],
            "TORT": [
                "[Marcas de golpes|Quemaduras] en {N} {V} maltratados {D} en {P} por {A}.",
                "{N} {V} recibieron una paliza {D} en la comisaría de {P}, [según|afirman] sus médicos.",
                "Maltratos en {P}: {A} [acusados|sospechosos] de golpear a {N} {V} {D}.",
            ],
            "FORCE": [
                "La multitud fue reprimida a porrazos en {P} {D} y {N} {V} [acabaron|terminaron] heridos.",
                "Médicos de {P} [curan|atienden] a {N} {V} heridos {D} cuando {A} disolvieron una concentración.",
                "{D} en {P}: reprimen una marcha y hay {N} {V} [lesionados|heridos].",
            ],
        },
        "ru": {
            "KILL": [
                "Город {P} [скорбит|в трауре]: {D} от рук неизвестных погибли {N} {V}.",
                "Число убитых {V} в {P} [достигло|составило] {N}, трагедия произошла {D}.",
                "{D} {A} открыли огонь в {P}, жертвами [стали|оказались] {N} {V} (смерть подтверждена).",
            ],
            "DET": [
                "За решёткой в {P} оказались {N} {V}: {D} прошёл [рейд|обыск], арест подтверждён.",
                "Адвокаты [требуют|добиваются] освобождения {N} {V}, взятых под стражу {D} в {P}.",
                "{D} {A} [провели|устроили] облаву в {P}, задержание затронуло {N} {V}.",
            ],
            "DISAP": [
                "Семьи [ищут|ждут] {N} {V}, пропавших в {P} {D}.",
                "Похищение в {P}: {A} [увели|забрали] {N} {V} {D}, местонахождение неизвестно.",
                "{N} {V} не вернулись домой в {P} {D} — исчезновение [связывают|объясняют] с тем, что приходили {A}.",
            ],
            "TORT": [
                "На телах {N} {V} [следы|раны] избиений: {D} их истязали {A} в {P}.",
                "{D} в отделении в {P} жестоко избиты {N} {V}, [заявили|сказали] их врачи.",
                "Истязания в {P}: {A} [обвиняются|подозреваются] в избиении {N} {V} {D}.",
            ],
            "FORCE": [
                "Толпу в {P} {D} [встретили|били] дубинками, {N} {V} получили ранения.",
                "Врачи города {P} [приняли|лечат] {N} {V}, раненных {D}, когда {A} разгоняли шествие.",
                "{D} в {P} подавлена акция протеста, [пострадали|травмированы] {N} {V}.",
            ],
        },
        "ar": {
            "KILL": [
                "[تشيع|تبكي] بلدة {P} {N} {V} لقوا حتفهم {D}.",
                "ارتفع عدد القتلى من بين {V} في {P} إلى {N} [بعد|إثر] أحداث {D}.",
                "فتح {A} النار في {P} {D} [فسقط|فقضى] {N} {V} قتلى.",
            ],
            "DET": [
                "{N} {V} [خلف|وراء] القضبان في {P} بعد مداهمة {D} واعتقالهم.",
                "محامون [يطالبون|ينادون] بالإفراج عن {N} {V} محتجزين في {P} منذ {D}.",
                "داهمت {A} منازل في بلدة {P} {D} و[اعتقلت|أوقفت] {N} {V}.",
            ],
            "DISAP": [
                "أسر في {P} [تبحث|تسأل] عن {N} {V} مفقودين منذ {D}.",
                "عملية اختطاف في بلدة {P}: {A} [اقتادوا|أخذوا] {N} {V} {D}.",
                "[انقطعت|غابت] أخبار {N} {V} بعد اختفائهم في {P} {D}.",
            ],
            "TORT": [
                "[آثار|علامات] ضرب على {N} {V} بعد أن عذبتهم {A} في {P} {D}.",
                "ضرب {N} {V} {D} في مخفر بلدة {P} [بحسب|وفق] أطباء.",
                "سوء معاملة في {P}: اتهام {A} [بضرب|بتعذيب] {N} {V} {D}.",
            ],
            "FORCE": [
                "[هوجم|ضرب] حشد في {P} بالهراوات {D} وعولج {N} {V} من جروح.",
                "أطباء في بلدة {P} [عالجوا|استقبلوا] {N} {V} جرحى {D} بعد فض اعتصام.",
                "{D} في {P}: قمع مسيرة و[إصابات|جرحى] بين {N} {V}.",
            ],
        },
        "zh": {
            "KILL": [
                "{P}镇哀悼{D}[丧生|遇难]的{N}名{V}。",
                "{D}{P}枪击事件中遇害的{V}[增至|达到]{N}人。",
                "{A}{D}在{P}开枪，{N}名{V}[不幸身亡|当场死亡]。",
            ],
            "DET": [
                "{D}的[搜捕|突袭]之后，{P}{N}名{V}被关押。",
                "律师[要求|呼吁]释放{D}在{P}被羁押的{N}名{V}。",
                "{A}{D}[闯入|搜查]{P}民宅，带走并扣押{N}名{V}。",
            ],
            "DISAP": [
                "{P}的家属[寻找|等待]自{D}起失踪的{N}名{V}。",
                "{P}发生绑架：{D}{A}[带走|押走]{N}名{V}。",
                "{N}名{V}{D}在{P}镇被劫走，至今[下落不明|毫无音讯]。",
            ],
            "TORT": [
                "{N}名{V}身上有[伤痕|烧伤]，{D}在{P}遭{A}虐待。",
                "{D}，{P}镇派出所内{N}名{V}遭毒打，[医生|家属]说。",
                "{A}被[控|疑]{D}在{P}折磨{N}名{V}。",
            ],
            "FORCE": [
                "{P}人群{D}遭警棍[殴打|驱赶]，{N}名{V}负伤。",
                "{P}镇医生[救治|收治]{D}静坐被清场时受伤的{N}名{V}。",
                "{D}{P}游行被[镇压|驱散]，伤者中有{N}名{V}。",
            ],
        },
    },
}
PERSON = {
    "en": [
        "{X}, {G}, was among them, a relative said.",
        "One of them is {X}, aged {G}.",
        "Among the victims is {X}, according to colleagues.",
    ],
    "fr": [
        "{X}, {G} ans, est parmi eux, dit un proche.",
        "L'un d'eux est {X}, {G} ans.",
        "Parmi les victimes figure {X}, disent des collègues.",
    ],
    "es": [
        "{X}, de {G} años, está entre ellos, dijo un familiar.",
        "Uno de ellos es {X}, de {G} años.",
        "Entre las víctimas figura {X}, dicen colegas.",
    ],
    "ru": [
        "Среди них {X}, {G} лет, рассказал родственник.",
        "Один из них — {X}, {G} лет.",
        "В числе пострадавших {X}, говорят коллеги.",
    ],
    "ar": [
        "من بينهم {X} البالغ {G} عاما كما قال قريب له.",
        "أحدهم {X} وعمره {G} عاما.",
        "بين الضحايا {X} كما قال زملاء.",
    ],
    "zh": ["其中有{G}岁的{X}，亲属说。", "其中一人是{X}，{G}岁。", "同事说受害者包括{X}。"],
}
DETAILS = {
    "en": [
        "Shops stayed closed near the old bridge.",
        "The road to the harbour was blocked for hours.",
        "A curfew was announced by loudspeaker.",
        "Phones were taken and later returned.",
        "The governor promised an inquiry.",
        "Witnesses counted three white vehicles.",
        "It had rained all night.",
        "A radio station broadcast music only.",
        "The mayor declined to comment.",
        "Two schools cancelled lessons.",
    ],
    "fr": [
        "Les commerces sont restés fermés près du vieux pont.",
        "La route du port a été coupée pendant des heures.",
        "Un couvre-feu a été annoncé.",
        "Des téléphones ont été pris.",
        "Le gouverneur promet une enquête.",
        "Trois véhicules blancs ont été vus.",
    ],
    "es": [
        "Los comercios cerraron cerca del puente viejo.",
        "La ruta al puerto quedó cortada durante horas.",
        "Se anunció un toque de queda.",
        "El gobernador prometió una investigación.",
        "Se vieron tres vehículos blancos.",
    ],
    "ru": [
        "Магазины у старого моста не работали.",
        "Дорогу к порту перекрыли на несколько часов.",
        "Объявлен комендантский час.",
        "Губернатор обещал расследование.",
        "Видели три белые машины.",
    ],
    "ar": [
        "أغلقت المتاجر قرب الجسر القديم.",
        "قطعت الطريق إلى الميناء ساعات.",
        "أعلن حظر التجول.",
        "وعد المحافظ بفتح تحقيق.",
    ],
    "zh": ["老桥附近的商店没有营业。", "通往港口的道路中断数小时。", "当地宣布宵禁。", "省长承诺展开调查。"],
}
FOLLOW = {
    "en": "A hearing on the events of {D} in {P} opened; {A} face questions over {N} {V}.",
    "fr": "Une audience s'est ouverte sur les faits de {D} à {P} concernant {N} {V}.",
    "es": "Se abrió una audiencia sobre los hechos de {D} en {P} que afectaron a {N} {V}.",
}
FOOTER = "Send tips to the desk of {O}. Our newsroom lives by the gifts of readers; reprints need consent of {O}."


class Dice(random.Random):
    """Draws that a seed repeats."""


@dataclass(frozen=True)
class Event:
    number: int
    kind: str
    state: int
    town: tuple[int, ...]
    day: datetime
    count: int
    victim: int
    actor: int
    person: tuple[tuple[int, ...], tuple[int, ...]]
    age: int


@dataclass(frozen=True)
class Made:
    """One item as a line of ITEMS.jsonl, with its gold incident; `origin` is the gold origin within the incident."""

    id: str
    title: str
    content: str
    link: str
    lang: str
    published_at: str
    state: str
    klass: str
    gold: str
    origin: str
    note: str
    spoken: str

    def line(self) -> dict[str, str]:
        row = {name: getattr(self, name) for name in ("id", "title", "content", "link", "lang", "published_at")}
        if self.state:
            row["state"] = self.state
        if self.klass:
            row["class"] = self.klass
        return row


def generate(
    items: int, *, seed: int, wording: str, languages: tuple[str, ...] = LANGUAGES, states: int = 3, days: int = 7
) -> list[Made]:
    """About `items` reports: `states` States of four towns each for every 400 items, events of `days` days."""
    world = World(seed=seed, wording=wording, languages=languages, states=states, days=days, scale=items)
    while len(world.made) < items:
        world.event()
    world.dice.shuffle(world.made)
    return world.made[:items]


class World:
    """Draws events and tells them; every draw comes from one seeded source."""

    def __init__(
        self, *, seed: int, wording: str, languages: tuple[str, ...], states: int, days: int, scale: int
    ) -> None:
        self.dice = Dice(seed)
        self.wording, self.languages = wording, languages
        blocks = max(1, scale // 400)
        self.days = days
        self.states = [self._word(3) for _ in range(states * min(blocks, 60))]
        self.towns = [
            [self._word(self.dice.choice((2, 3) if scale < 5_000 else (3, 4))) for _ in range(4 * max(1, blocks // 60))]
            for _ in self.states
        ]
        self.given = [self._word(2) for _ in range(60)]
        self.outlets = [self._word(2) for _ in range(40 + blocks)]
        self.begin = datetime(2024, 3, 4, tzinfo=UTC)
        self.made: list[Made] = []
        self.events = 0

    def _word(self, syllables: int) -> tuple[int, ...]:
        return tuple(self.dice.randrange(len(SYLLABLES)) for _ in range(syllables))

    def event(self) -> None:
        dice = self.dice
        state = dice.randrange(len(self.states))
        self.events += 1
        event = Event(
            self.events,
            dice.choice(CLASSES),
            state,
            dice.choice(self.towns[state]),
            self.begin + timedelta(days=dice.randrange(self.days), hours=dice.randrange(24)),
            dice.choice((*range(2, 13), *range(2, 60))),
            dice.randrange(8),
            dice.randrange(4),
            (dice.choice(self.given), self._word(3)),
            dice.randrange(18, 70),
        )
        reports = dice.choice((1, 1, 2, 2, 3, 4, 5, 6, 8))
        mine: list[Made] = []
        for number in range(reports):
            mine.append(self._report(event, number, mine))
        self.made += mine
        if dice.random() < 0.04:
            self._digest(event)

    def _report(self, event: Event, number: int, earlier: list[Made]) -> Made:
        dice = self.dice
        kind = dice.choice(("own", "own", "own", "copy", "lead", "short", "update", "follow")) if earlier else "own"
        same = [one for one in earlier if one.note in ("own", "lead")]
        if kind in ("copy", "lead", "short", "update") and same:
            return self._derived(event, number, dice.choice(same), kind)
        if kind == "follow":
            return self._tell(
                event, number, dice.choice([one for one in self.languages if one in FOLLOW] or ["en"]), "follow"
            )
        return self._tell(event, number, dice.choice(self.languages), "own")

    def _derived(self, event: Event, number: int, source: Made, kind: str) -> Made:
        dice = self.dice
        later = datetime.fromisoformat(source.published_at) + timedelta(hours=dice.randrange(1, 40))
        title, content = source.title, source.content
        if kind == "lead":
            content = self._lead(event, source.spoken, later) + " " + content.split("\n")[0]
        elif kind == "short":
            parts = re.split(r"(?<=[.。])\s*", content)
            content = " ".join(parts[: max(1, len(parts) // 2)])
        elif kind == "update":
            grown = event.count + max(1, event.count // 5)
            title = dice.choice(("UPDATE 2: ", "(updated) ", "")) + title + dice.choice(("", " (updated)"))
            content = re.sub(rf"\b{event.count}\b", str(grown), content)
        return replace(
            source,
            id=f"{event.number}-{number}",
            title=title,
            content=content,
            link=self._link(),
            note=kind,
            published_at=later.isoformat(),
            state=self._maybe_state(event),
            klass=dice.choice(("", event.kind)),
        )

    def _link(self) -> str:
        outlet = self.dice.choice(self.outlets)
        return f"https://{self.name(outlet, 'en').lower()}.example/{self.dice.randrange(10**9)}"

    def _maybe_state(self, event: Event) -> str:
        return self.name(self.states[event.state], "en") if self.dice.random() < 0.4 else ""

    def _tell(self, event: Event, number: int, language: str, kind: str) -> Made:
        dice = self.dice
        lag = timedelta(days=dice.randrange(20, 40)) if kind == "follow" else timedelta(hours=dice.randrange(2, 60))
        published = event.day + lag
        lead = self._follow(event, language) if kind == "follow" else self._lead(event, language, published)
        parts = [lead]
        if dice.random() < 0.6:
            parts.append(self._fill(dice.choice(PERSON[language]), event, language, published))
        parts += dice.sample(DETAILS[language], dice.randrange(0, 4))
        link = self._link()
        content = ("" if language == "zh" else " ").join(parts)
        if dice.random() < 0.5 and language == "en":
            content += "\n" + FOOTER.replace("{O}", link.split("/")[2].split(".")[0].title())
        return Made(
            f"{event.number}-{number}",
            self._title(event, language, published),
            content,
            link,
            language if dice.random() < 0.7 else "",
            published.isoformat(),
            self._maybe_state(event),
            dice.choice(("", event.kind)),
            f"e{event.number}",
            f"o{number}",
            kind,
            language,
        )

    def _title(self, event: Event, language: str, published: datetime) -> str:
        text = self._fill(self._choose(LEADS[self.wording][language][event.kind]), event, language, published)
        return re.sub(r"[.。]$", "", text)

    def _lead(self, event: Event, language: str, published: datetime) -> str:
        return self._fill(self._choose(LEADS[self.wording][language][event.kind]), event, language, published)

    def _follow(self, event: Event, language: str) -> str:
        return self._fill(FOLLOW[language], event, language, event.day + timedelta(days=90))

    def _choose(self, patterns: list[str]) -> str:
        return re.sub(r"\[([^]]*)\]", lambda found: self.dice.choice(found[1].split("|")), self.dice.choice(patterns))

    def _fill(self, pattern: str, event: Event, language: str, published: datetime) -> str:
        dice = self.dice
        count = str(event.count)
        if event.count - 2 < len(SPELT[language]) and dice.random() < 0.4:
            count = SPELT[language][event.count - 2]
        place = self.name(event.town, language)
        if language == "ru" and dice.random() < 0.4 and place[-1] not in "аеиоу":
            place += "е"
        joint = "·" if language == "zh" else " "
        return (
            pattern.replace("{A}", ACTORS[language][event.actor])
            .replace("{V}", VICTIMS[language][event.victim])
            .replace("{N}", count)
            .replace("{P}", place)
            .replace("{S}", self.name(self.states[event.state], language))
            .replace("{D}", self._day(event.day, language, published))
            .replace("{G}", str(event.age))
            .replace("{X}", joint.join(self.name(part, language) for part in event.person))
        )

    def _day(self, day: datetime, language: str, published: datetime) -> str:
        """The day in full, by its weekday, or left out; late reports give it in full."""
        dice = self.dice
        late = (published.date() - day.date()).days > 6
        how = "full" if late else dice.choice(("full", "weekday", "weekday", "none"))
        if how == "none":
            return {
                "en": "this week",
                "fr": "cette semaine",
                "es": "esta semana",
                "ru": "на этой неделе",
                "ar": "هذا الأسبوع",
                "zh": "本周",
            }[language]
        if language == "zh":
            return f"{day.month}月{day.day}日" if how == "full" else f"周{WEEKDAYS['zh'][day.weekday()]}"
        if how == "weekday":
            word = WEEKDAYS[language][day.weekday()]
            return {"en": f"on {word}", "fr": word, "es": f"el {word}", "ru": f"в {word}", "ar": f"يوم {word}"}[
                language
            ]
        month = MONTHS[language][day.month - 1]
        return {
            "en": f"on {day.day} {month}",
            "fr": f"le {day.day} {month}",
            "es": f"el {day.day} de {month}",
            "ru": f"{day.day} {month}",
            "ar": f"في {day.day} {month}",
        }[language]

    def name(self, parts: tuple[int, ...], language: str) -> str:
        return "".join(SYLLABLES[one][SCRIPT[language]] for one in parts).title()

    def _digest(self, event: Event) -> None:
        """A round-up of three earlier events and this one; it belongs to none."""
        dice = self.dice
        texts = [
            one.content.split("\n")[0] for one in dice.sample(self.made, min(len(self.made), 4)) if one.spoken == "en"
        ]
        if len(texts) < 2:
            return
        published = event.day + timedelta(days=3)
        self.made.append(
            Made(
                f"{event.number}-r",
                "Weekly roundup of the region",
                " ".join(texts),
                self._link(),
                "en",
                published.isoformat(),
                "",
                "",
                f"r{event.number}",
                "o",
                "digest",
                "en",
            )
        )
