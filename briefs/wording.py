"""Phrases, numbers and dates of the pages, and the rules that keep people safe in print."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from briefs.said import (
    MONTHS,
    Said,
    cardinal,
    count,
    day,
    join,
    listed,
    month,
    numeral,
    quote,
    say,
    span,
    term,
)
from briefs.view import PlaceCount
from domain.signal import PeriodKind
from domain.situation import Level, Printed, SeriesResult
from domain.source import SourceClass, SourceState

__all__ = ["MONTHS", "cardinal", "day", "listed", "span"]

REVIEW = "Machine proposal. Reviewed by nobody."
PRINTED_KEY = (
    "Signals: a trigger was met in twelve weeks, or grave incidents are alleged. Quiet: enough is heard, and neither "
    "is the case. Limited coverage: too little is heard to call it quiet. Not monitored: no source covers it. Source "
    "failure: most of what is usually heard failed."
)
NOT_REASSURANCE = "None of these words is a reassurance: what was not heard may still have happened."
MIXED = "combatants and civilians not separated"
MERGED_CLASS = "a United Nations or national source"
DISCLAIMER = (
    "The designations employed and the presentation of the material in this document do not imply the expression "
    "of any opinion whatsoever concerning the legal status of any country, territory, city or area, or of its "
    "authorities, or concerning the delimitation of its frontiers or boundaries."
)
ATTENTION = (
    "Signals follow coverage: where more is read, more is seen. A place with many triggers may be a place that is "
    "well reported, and a place with none may be one that nobody could report from."
)
SMALL = 3
LONGEST_TEXT = 400
GENEVA = ZoneInfo("Europe/Zurich")


CLASS_WORDS = {
    SourceClass.SPECIAL_PROCEDURES: "special procedures",
    SourceClass.NHRI: "a national human rights institution",
    SourceClass.CIVIL_SOCIETY: "civil society",
    SourceClass.DEFENDERS: "human rights defenders",
    SourceClass.UN_COUNTRY_TEAM: "a United Nations country team",
    SourceClass.FIELD_PRESENCE: "an OHCHR field presence",
    SourceClass.TREATY_BODY: "a treaty body",
    SourceClass.REGIONAL_MECHANISM: "a regional mechanism",
    SourceClass.UN_SYSTEM: "the United Nations system",
    SourceClass.MEDIA: "media",
    SourceClass.DATA_PROVIDER: "a data provider",
    SourceClass.STATE: "the State",
}
# One of each in most States: the class alone would name the organisation (triggers, section 7).
IDENTIFYING = frozenset({SourceClass.NHRI, SourceClass.UN_COUNTRY_TEAM, SourceClass.FIELD_PRESENCE})
# Few in a State, too: merged where names that are not public may stand behind them.
NATIONAL = IDENTIFYING | {SourceClass.CIVIL_SOCIETY, SourceClass.DEFENDERS}

STATE_WORDS = {
    SourceState.OK: "looked, with items",
    SourceState.EMPTY: "looked, nothing there",
    SourceState.UNCHANGED: "looked, unchanged",
    SourceState.FAILED: "source failure",
    SourceState.SHAPE_CHANGED: "source failure: shape changed",
    SourceState.NO_CREDENTIAL: "disabled: no credential, not looked",
    SourceState.STALE: "stale, not counted as looked",
    SourceState.NOT_IN_SPECIMEN: "not in the specimen",
    SourceState.NOT_YET: "not looked at yet",
}

# U+202A–202E and U+2066–2069 turn the reading direction, U+200E/F nudge it: none belongs in a fact of a source.
# They turn the order of reading or cannot be seen; the joiners of Arabic and of Indian scripts stay.
_HIDDEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")


# An outcome is a matcher's word; on paper it says no more than was alleged.
ACTS = {"tortured": "subjected to torture or ill-treatment"}
# The likelihood scale: one word for one range, and only where an analyst entered a judgement.
LIKELIHOODS = {
    "almost no chance": "1 to 5 in a hundred",
    "very unlikely": "5 to 20 in a hundred",
    "unlikely": "20 to 45 in a hundred",
    "roughly even chance": "45 to 55 in a hundred",
    "likely": "55 to 80 in a hundred",
    "very likely": "80 to 95 in a hundred",
    "almost certain": "95 to 99 in a hundred",
}
LANGUAGES = {"ar": "Arabic", "zh": "Chinese", "en": "English", "fr": "French", "ru": "Russian", "es": "Spanish"}


def plain(text: str, *, longest: int = LONGEST_TEXT) -> str:
    """Text of others on one line, without signs that control, turn or hide, cut at `longest` with an ellipsis."""
    head = _HIDDEN.sub("", text[: longest * 4])
    clean = "".join(" " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign for sign in head)
    line = " ".join(clean.split())
    return line if len(line) <= longest and len(text) <= longest * 4 else line[: longest - 1].rstrip() + "…"


def sentence(text: str) -> str:
    """A fragment as a sentence: capital first, one full stop last. Empty stays empty."""
    line = plain(text)
    if not line:
        return ""
    line = line[0].upper() + line[1:]
    return line if line[-1] in ".!?…" else line + "."


def clause(text: str) -> str:
    """A sentence as a part of another: no full stop last. The first letter stays as it is."""
    return plain(text).rstrip(" .;")


def counted(number: int, one: str, many: str) -> Said:
    """A number with its noun: `one incident`, `12 incidents`."""
    return count(f"{{n}} {one}", f"{{n}} {many}", number)


def figure(value: float | None) -> str:
    """A statistic: whole from ten on, one decimal below. None is words, never 0."""
    if value is None:
        return say("no value")
    rounded = round(value) if abs(value) >= 10 else round(value, 1)
    return numeral(rounded, decimals=0 if float(rounded).is_integer() else 1)


def moment(value: datetime) -> str:
    """An instant in UTC and in Geneva; the Geneva date is said when it is another one."""
    utc = value.astimezone(UTC)
    geneva = value.astimezone(GENEVA)
    here, there = f"{utc:%H:%M}", f"{geneva:%H:%M}"
    if geneva.date() == utc.date():
        return say("{day}, {time} UTC ({there} Geneva)", day=day(utc.date()), time=here, there=there)
    return say(
        "{day}, {time} UTC ({other}, {there} Geneva)",
        day=day(utc.date()),
        time=here,
        other=day(geneva.date()),
        there=there,
    )


def utc(value: datetime) -> str:
    there = value.astimezone(UTC)
    return say("{day}, {time} UTC", day=day(there.date()), time=f"{there:%H:%M}")


def looked(value: str) -> str:
    """The last look as stored: an ISO date or instant becomes words, anything else stays as it is."""
    if not value:
        return say("never")
    try:
        return day(datetime.fromisoformat(value).date())
    except ValueError:
        return plain(value)


def period(start: date, kind: str) -> str:
    """One period by its first day; an unknown kind of period is an error."""
    match PeriodKind(kind):
        case PeriodKind.DAY:
            return day(start)
        case PeriodKind.WEEK:
            return say("the week of {day}", day=day(start))
        case PeriodKind.MONTH:
            return month(start)
        case PeriodKind.YEAR:
            return str(start.year)


def within(start: date, kind: str) -> str:
    """A period with its preposition: `on 28 January 2024`, `in January 2024`."""
    match PeriodKind(kind):
        case PeriodKind.DAY:
            return say("on {day}", day=day(start))
        case PeriodKind.WEEK:
            return say("in the week of {day}", day=day(start))
        case PeriodKind.MONTH:
            return say("in {month}", month=month(start))
        case PeriodKind.YEAR:
            return say("in {year}", year=str(start.year))


def short_period(start: date, kind: str) -> str:
    """The same for axes and tables: `2024-01`, `2024-01-22`."""
    match PeriodKind(kind):
        case PeriodKind.DAY | PeriodKind.WEEK:
            return start.isoformat()
        case PeriodKind.MONTH:
            return f"{start.year}-{start.month:02d}"
        case PeriodKind.YEAR:
            return str(start.year)


def level_word(level: Level) -> str:
    return join(level.shape, term(level.value))


def printed_detail(printed: Printed, smallest_rise: int | None) -> str:
    """Quiet alone says how small a rise would have shown; the other words are explained once, above the table."""
    if printed is not Printed.QUIET:
        return ""
    if smallest_rise is None:
        return say("the smallest rise that would have shown is not known")
    return count(
        "a rise would have shown from {figure} incident in four weeks",
        "a rise would have shown from {figure} incidents in four weeks",
        smallest_rise,
        figure=smallest_rise,
    )


def usual_total(series: SeriesResult) -> str:
    """A total without a rise, so that no place with many deaths is printed as if there were none."""
    if series.period_start is None:
        return ""
    return say(
        "{figure} reported {unit} {when}, no rise ({series})",
        figure=figure(series.observed),
        unit=unit(series),
        when=within(series.period_start, series.period),
        series=series_name(series),
    )


def series_name(series: SeriesResult, *, title: str = "") -> str:
    """The source's title, then what it calls the series; deaths of T06 say that they are not separated."""
    parts = [quote(part) for part in (clause(title), clause(series.label)) if part]
    name: str = join(*parts, between="; ")
    if not name:
        name = quote(clause(series.indicator.replace("_", " "))) if series.source_id else say("all sources, merged")
    said = f"{name} {series.indicator}".casefold()
    deaths = any(word in series.unit.casefold() for word in ("death", "killed", "fatalit"))
    if series.trigger == "T06" and deaths and "civilian" not in said:
        name = join(name, say(MIXED), between="; ")
    return name


def unit(series: SeriesResult) -> str:
    """The unit, in the singular after one."""
    text = clause(series.unit)
    return term(text[:-1] if series.observed == 1 and text in {"deaths", "events", "incidents", "persons"} else text)


def usual(series: SeriesResult) -> str:
    """The expected count with its interval, or why there is none."""
    if series.expected is None:
        return say("no usual count: the history is too short")
    if series.lower is None or series.upper is None:
        return say("usual {figure}", figure=figure(series.expected))
    return say(
        "usual {figure}, range {low} to {high}",
        figure=figure(series.expected),
        low=figure(series.lower),
        high=figure(series.upper),
    )


def source_classes(counts: Sequence[tuple[SourceClass, int, int]], *, unrestricted: bool) -> str:
    """`civil society (9), media (4) and a United Nations or national source (1)`.

    Each entry: class, incidents, organisations. Below two organisations a class may name its source: it is merged,
    national classes in the restricted lens, in the public one those of which a State has mostly one. Data providers,
    media and bodies that work everywhere name nobody, and are never called national.
    """
    merges = IDENTIFYING if unrestricted else NATIONAL
    named: list[str] = []
    merged = 0
    for source_class, incidents, organisations in sorted(counts, key=lambda row: (-row[1], CLASS_WORDS[row[0]])):
        if organisations < 2 and source_class in merges:
            merged += incidents
        else:
            named.append(say("{what} ({number})", what=term(CLASS_WORDS[source_class]), number=incidents))
    if merged:
        named.append(say("{what} ({number})", what=say(MERGED_CLASS), number=merged))
    return listed(named)


def named_source(name: str) -> Said:
    """A publisher or title as it calls itself, or our word for one that is not named."""
    return say(MERGED_CLASS) if name == MERGED_CLASS else quote(name)


def places(placed: Iterable[PlaceCount]) -> str:
    """First-level places with their incidents, as the sources name them."""
    return listed([say("{number} in {place}", number=cardinal(one.count), place=one.name) for one in placed])
