"""A static site of what is public: an archive of issues, a page a place with its history, an index, feeds, a calendar.

It reads finished pages of the public lens and the reference tables, and nothing else: no warehouse, no clock. So rows
that are confidential cannot reach it, and the same pages give the same bytes. Pages of an issue are copied as they
stand; the Bureau page is addressed to the President and the Bureau, and a line says so in its place.
"""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from icalendar import Calendar, Event
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from briefs import wording
from briefs.tongue import in_every_language
from domain.classification import Lens
from domain.errors import Refused
from domain.issue import CalendarEntry
from domain.situation import Level, Printed
from domain.state import Place, PlaceKind, Region, fold
from domain.window import Week

TEMPLATES = Path(__file__).parent / "templates"
TITLE = "Horizon scans"
MARK = "From public information only; not an assessment by OHCHR."
DRAFTS = "With drafts that nobody has cleared."
LEVELS_KEY = "Levels: ○ none, △ watch, ◆ emerging concern, ■ urgent."
FAMILY = "https://horizon.invalid/"
BUREAU = "bureau"
NOT_COPIED = frozenset({"manifest.json", "lint.json"})
NAV = (("Issues", "index.html"), ("Find a State or a trigger", "search.html"))
KINDS = {
    PlaceKind.MEMBER: "Member of the United Nations",
    PlaceKind.OBSERVER: "Observer",
    PlaceKind.TERRITORY: "Territory",
}
MARKS = {Level.WATCH.value: "watch", Level.EMERGING.value: "emerging", Level.URGENT.value: "urgent"}
_KNOWN = re.compile(r"(\d{1,2}) (\w+) (\d{4}), (\d\d):(\d\d) UTC")
_TRIGGER = re.compile(r"T\d\d[ab]?")


class Standing(StrEnum):
    PUBLISHED = "published"
    DRAFT = "draft, not issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLine:
    """What one issue says of one place. `href` leads from the issue's folder to its entry, or else its line."""

    code: str
    level: str
    shape: str
    printed: str
    detail: str
    triggers: tuple[str, ...]
    coverage: str
    href: str
    entry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteIssue:
    """One revision of one issue: its files as they stand, and its line on each place."""

    week: str
    revision: str
    standing: Standing
    as_of: datetime
    files: tuple[tuple[str, bytes], ...]
    lines: tuple[PlaceLine, ...]

    @property
    def name(self) -> str:
        return f"{self.week}/{self.revision}"

    @property
    def label(self) -> str:
        """The week, with a mark where nobody has issued it."""
        return self.week if self.standing is Standing.PUBLISHED else f"{self.week}, draft"

    @property
    def home(self) -> str:
        return f"issues/{self.week}/{self.revision}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInput:
    """Everything that the site is made of. `base` is the address that it will stand at, or empty."""

    issues: tuple[SiteIssue, ...]
    places: tuple[Place, ...]
    regions: tuple[Region, ...]
    triggers: tuple[tuple[str, str], ...]
    calendar: tuple[CalendarEntry, ...]
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLink:
    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What every page of the site shares."""

    title: str
    mark: str
    nav: tuple[SiteLink, ...]
    levels_key: str
    caution: str
    disclaimer: str
    style: Markup
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _IssueRow:
    name: str
    href: str
    week: str
    as_of: str
    standing: str
    counts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _IndexView:
    intro: str
    nothing: str
    places: int
    issues: tuple[_IssueRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _IndexLine:
    text: str
    href: str
    more: str = ""
    words: str = ""
    links: tuple[SiteLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _IndexPart:
    anchor: str
    heading: str
    explanation: str
    lines: tuple[_IndexLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _SearchView:
    intro: str
    parts: tuple[_IndexPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _TriggerGroup:
    heading: str
    lines: tuple[_IndexLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _TriggerView:
    title: str
    intro: str
    groups: tuple[_TriggerGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _StripCell:
    issue: str
    mark: str
    shape: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _HistoryLine:
    issue: str
    standing: str
    level: str
    heard: str
    triggers: str
    coverage: str
    href: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlaceView:
    name: str
    standing: str
    note: str
    newest: str
    strip_words: str
    strip: tuple[_StripCell, ...]
    lines: tuple[_HistoryLine, ...]
    trigger_key: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _AbsentView:
    text: str


@dataclass(slots=True)
class _Site:
    given: SiteInput
    environment: Environment
    frame: _Frame
    files: dict[str, bytes] = field(default_factory=dict)

    def page(self, path: str, template: str, view: object) -> None:
        html = self.environment.get_template(template).render(
            view=view, site=self.frame, up="../" * path.count("/"), here=path
        )
        self.files[path] = html.encode()


# Reading


def read_issues(folder: Path, standing: Standing) -> tuple[SiteIssue, ...]:
    """Every revision of every issue below `folder`, oldest first; what is not of the public lens is refused."""
    found = [
        _read_issue(revision, standing)
        for week in sorted(folder.glob("????-W??"))
        for revision in sorted(week.glob("r*"), key=lambda one: (len(one.name), one.name))
        if (revision / "manifest.json").is_file()
    ]
    return tuple(found)


def _read_issue(folder: Path, standing: Standing) -> SiteIssue:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    week = str(manifest["issue"])
    if manifest["lens"] != Lens.PUBLIC.value:
        raise _leak(week, "Its manifest names the other lens.")
    files: list[tuple[str, bytes]] = []
    lines: dict[str, PlaceLine] = {}
    known: list[datetime] = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        if name in NOT_COPIED or path.name.startswith("."):
            continue
        body = path.read_bytes()
        if path.suffix == ".json" and isinstance(view := json.loads(body), dict) and "masthead" in view:
            _refuse_leak(week, path.name, view)
            known += _instants(str(view["masthead"].get("as_of", "")))
            # The same page in another language says nothing more of a place.
            lines_here = _place_lines(f"{path.stem}.html", view) if view.get("language") == "en" else ()
            for line in lines_here:
                # A scan prints the places of its own region, and beside them those that belong to no group.
                if line.code not in lines or (line.entry and not lines[line.code].entry):
                    lines[line.code] = line
        if path.name.split(".")[0] != BUREAU:
            files.append((name, body))
    return SiteIssue(
        week=week,
        revision=str(manifest["revision"]),
        standing=standing,
        as_of=max(known, default=Week.parse(week).end),
        files=tuple(files),
        lines=tuple(lines[code] for code in sorted(lines)),
    )


def _refuse_leak(week: str, page: str, view: Mapping[str, Any]) -> None:
    masthead = view["masthead"]
    facts = {str(row[0]): str(row[1]) for row in masthead.get("facts", ()) if len(row) > 1}
    said = f"{masthead.get('distribution', '')}".upper()
    marks = {words.upper() for words in in_every_language("CONFIDENTIAL · DRAFT")}
    if "CONFIDENTIAL" in said or said in marks or facts.get("Lens", Lens.PUBLIC.value) != Lens.PUBLIC.value:
        raise _leak(week, f"{page} bears the mark of the other lens.")


def _leak(week: str, why: str) -> Refused:
    return Refused(
        f"{week} cannot stand on the public site.",
        why=why,
        do="Find out how it came into the folder of public pages; nothing was written.",
    )


def _instants(text: str) -> Iterator[datetime]:
    for hit in _KNOWN.finditer(text):
        number, month, year, hour, minute = hit.groups()
        if month in wording.MONTHS:
            yield datetime(int(year), wording.MONTHS.index(month) + 1, int(number), int(hour), int(minute), tzinfo=UTC)


def _place_lines(page: str, node: object) -> Iterator[PlaceLine]:
    """Lines of places anywhere in a page: what has a code, a printed word and a coverage."""
    if isinstance(node, list):
        for one in node:
            yield from _place_lines(page, one)
    elif isinstance(node, dict):
        if {"code", "printed", "coverage", "level", "shape", "triggers"} <= set(node):
            href = str(node.get("href", ""))
            yield PlaceLine(
                code=str(node["code"]),
                level=str(node["level"]),
                shape=str(node["shape"]),
                printed=str(node["printed"]),
                detail=str(node.get("detail", "")),
                triggers=tuple(_TRIGGER.findall(str(node["triggers"]))),
                coverage=str(node["coverage"]),
                href=(f"{page}{href}" if href.startswith("#") else href) or f"{page}#place-{node['code']}",
                entry=bool(href),
            )
        else:
            for one in node.values():
                yield from _place_lines(page, one)


# Building


def build_site(given: SiteInput) -> dict[str, bytes]:
    """Every file of the site by its path; the same input gives the same bytes."""
    site = _Site(given, _environment(), _frame(given))
    valid = _valid(given.issues)
    by_place = {
        place.code: tuple((issue, line) for issue in valid for line in issue.lines if line.code == place.code)
        for place in given.places
    }
    names = {place.code: place.name for place in given.places}
    site.page("index.html", "site_index.html", _index(given))
    site.page("search.html", "site_search.html", _search(given, valid, by_place))
    for place in given.places:
        site.page(f"states/{place.code}.html", "site_place.html", _place(given, place, by_place[place.code]))
    for trigger, title in given.triggers:
        site.page(f"triggers/{trigger}.html", "site_trigger.html", _trigger(trigger, title, valid, names))
    for issue in given.issues:
        site.files |= {f"{issue.home}{name}": body for name, body in issue.files}
        site.page(f"{issue.home}{BUREAU}.html", "site_absent.html", _AbsentView(text=_ABSENT))
    site.files["search.js"] = (TEMPLATES / "site_search.js").read_bytes()
    site.files["issues.atom"] = _atom(given)
    site.files["issues.json"] = _json_feed(given)
    site.files["calendar.ics"] = _calendar(given)
    return dict(sorted(site.files.items()))


_ABSENT = (
    "The Bureau page is addressed to the President and the Bureau of the Council. It is not part of the public archive."
)


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _frame(given: SiteInput) -> _Frame:
    drafts = any(one.standing is Standing.DRAFT for one in given.issues)
    style = (TEMPLATES / "site_style.css").read_text("utf-8")
    script = (TEMPLATES / "site_search.js").read_bytes()
    return _Frame(
        title=TITLE,
        mark=f"{MARK} {DRAFTS}" if drafts else MARK,
        nav=tuple(SiteLink(text=text, href=href) for text, href in NAV),
        levels_key=LEVELS_KEY,
        caution=wording.NOT_REASSURANCE,
        disclaimer=wording.DISCLAIMER,
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src {_hash(style.encode())}; script-src 'self' file: {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
    )


def _hash(body: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'"


def _valid(issues: Iterable[SiteIssue]) -> tuple[SiteIssue, ...]:
    """The newest revision of each issue, oldest issue first; what is published goes before a draft of the same name."""
    newest: dict[str, SiteIssue] = {}
    for one in sorted(issues, key=_order):
        newest[one.week] = one
    return tuple(newest[week] for week in sorted(newest))


def _order(one: SiteIssue) -> tuple[str, int, bool]:
    return one.week, int(one.revision[1:]) if one.revision[1:].isdecimal() else 0, one.standing is Standing.PUBLISHED


def _index(given: SiteInput) -> _IndexView:
    valid = _valid(given.issues)
    return _IndexView(
        intro="Each issue says what public sources alleged and reported of every State, and what could not be seen. "
        "States are unranked. An issue never changes; a correction is a new revision.",
        nothing="No public issue has been published yet. Every State has its page all the same.",
        places=len(given.places),
        issues=tuple(
            _IssueRow(
                name=one.name,
                href=f"{one.home}index.html",
                week=wording.span(Week.parse(one.week).first_day, Week.parse(one.week).last_day),
                as_of=wording.utc(one.as_of),
                standing=_standing(one, valid),
                counts=_counts(one),
            )
            for one in sorted(given.issues, key=_order, reverse=True)
        ),
    )


def _standing(one: SiteIssue, valid: Sequence[SiteIssue]) -> str:
    newer = next((other for other in valid if other.week == one.week and other.revision != one.revision), None)
    return f"{one.standing.value}; revised by {newer.revision}" if newer else one.standing.value


def _counts(one: SiteIssue) -> str:
    levels = Counter(line.level.partition(" (")[0] for line in one.lines)
    words = Counter(line.printed for line in one.lines if line.level == Level.NONE.value)
    parts = [
        f"{level.shape} {level.value} {levels[level.value]}" for level in (Level.URGENT, Level.EMERGING, Level.WATCH)
    ]
    parts += [f"{printed.value} {words[printed.value]}" for printed in Printed if words[printed.value]]
    return " · ".join(parts)


def _search(
    given: SiteInput, valid: Sequence[SiteIssue], by_place: Mapping[str, tuple[tuple[SiteIssue, PlaceLine], ...]]
) -> _SearchView:
    members = [place for place in given.places if place.kind is PlaceKind.MEMBER]
    others = [place for place in given.places if place.kind is not PlaceKind.MEMBER]
    met = Counter(trigger for issue in valid for line in issue.lines for trigger in line.triggers)
    triggers = tuple(
        _IndexLine(
            text=f"{trigger} {title}",
            href=f"triggers/{trigger}.html",
            more=wording.counted(met[trigger], "time met", "times met").capitalize() + ".",
            words=f"{trigger} {title}",
        )
        for trigger, title in given.triggers
    )
    return _SearchView(
        intro="Every State has a page, whatever was said of it. A line leads to its history; a trigger leads to "
        "the issues in which it was met.",
        parts=(
            _IndexPart(
                anchor="states",
                heading=f"States ({len(members)})",
                explanation="All Members of the United Nations in English alphabetical order, unranked.",
                lines=tuple(_place_line(place, by_place[place.code], given) for place in _alphabetical(members)),
            ),
            _IndexPart(
                anchor="others",
                heading=f"Observers and territories ({len(others)})",
                explanation="In English alphabetical order.",
                lines=tuple(_place_line(place, by_place[place.code], given) for place in _alphabetical(others)),
            ),
            _IndexPart(
                anchor="triggers",
                heading=f"Triggers ({len(triggers)})",
                explanation="What can be met: what is counted, and which changes are noted.",
                lines=triggers,
            ),
        ),
    )


def _place_line(place: Place, history: Sequence[tuple[SiteIssue, PlaceLine]], given: SiteInput) -> _IndexLine:
    ever = sorted({trigger for _, line in history for trigger in line.triggers})
    titles = dict(given.triggers)
    more = ""
    if history:
        issue, line = history[-1]
        more = f"{issue.label}: {_level(line)}."
    return _IndexLine(
        text=place.name,
        href=f"states/{place.code}.html",
        more=f"{more} Triggers met: " if ever else more,
        words=" ".join([place.name, place.code, *(f"{one} {titles.get(one, '')}" for one in ever)]),
        links=tuple(SiteLink(text=one, href=f"triggers/{one}.html") for one in ever if one in titles),
    )


def _alphabetical(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda place: (fold(place.name), place.code)))


def _level(line: PlaceLine) -> str:
    """The level with its shape, or the printed word where there is none."""
    return line.printed if line.level == Level.NONE.value else f"{line.shape} {line.level}"


def _place(given: SiteInput, place: Place, history: Sequence[tuple[SiteIssue, PlaceLine]]) -> _PlaceView:
    region = next((one.name for one in given.regions if one.code in {place.regional_group, place.field_region}), "")
    titles = dict(given.triggers)
    ever = sorted({trigger for _, line in history for trigger in line.triggers})
    newest = "No public issue speaks of it yet. That says what was looked at, not what happened."
    if history:
        issue, line = history[-1]
        met = f" Triggers met in twelve weeks: {', '.join(line.triggers)}." if line.triggers else ""
        detail = f"; {line.detail}" if line.detail else ""
        newest = (
            f"Newest issue, {issue.label}: {'no level' if line.level == Level.NONE.value else _level(line)}. "
            f"What is heard: {line.printed}{detail}. Coverage: {line.coverage}.{met}"
        )
    return _PlaceView(
        name=place.name,
        standing=f"{KINDS[place.kind]}{f' · {region}' if region else ''}",
        note=place.note,
        newest=newest,
        strip_words="The oldest issue first. An issue without a level prints what could be heard instead. "
        + wording.NOT_REASSURANCE,
        strip=tuple(
            _StripCell(
                issue=issue.label,
                mark=MARKS.get(line.level.partition(" (")[0], "none"),
                shape="" if line.level == Level.NONE.value else line.shape,
                word=line.printed if line.level == Level.NONE.value else line.level,
            )
            for issue, line in history
        ),
        lines=tuple(
            _HistoryLine(
                issue=issue.name,
                standing=issue.standing.value,
                level=f"{line.shape} {line.level}",
                heard=f"{line.printed}; {line.detail}" if line.detail else line.printed,
                triggers=", ".join(line.triggers) or "none",
                coverage=line.coverage,
                href=_leads_to(issue, line),
                link="Entry" if line.entry else "Line of the table",
            )
            for issue, line in reversed(history)
        ),
        trigger_key=tuple((one, titles[one]) for one in ever if one in titles),
    )


def _leads_to(issue: SiteIssue, line: PlaceLine) -> str:
    """The address of the entry, where its page is among the issue's files."""
    page = line.href.partition("#")[0]
    return f"{issue.home}{line.href}" if page in {name for name, _ in issue.files} else ""


def _trigger(trigger: str, title: str, valid: Sequence[SiteIssue], names: Mapping[str, str]) -> _TriggerView:
    groups = []
    for issue in reversed(valid):
        lines = sorted(
            (line for line in issue.lines if trigger in line.triggers and line.code in names),
            key=lambda line: (fold(names[line.code]), line.code),
        )
        if lines:
            groups.append(
                _TriggerGroup(
                    heading=f"{issue.label} ({len(lines)})",
                    lines=tuple(
                        _IndexLine(text=names[line.code], href=f"../states/{line.code}.html", more=f"{_level(line)}.")
                        for line in lines
                    ),
                )
            )
    said = "States in English alphabetical order, unranked; the newest issue first."
    nothing = "Not met in any public issue. That says what was heard, not what happened."
    return _TriggerView(
        title=f"{trigger} {title}",
        intro=f"Where it was met within twelve weeks of an issue. {said}" if groups else nothing,
        groups=tuple(groups),
    )


# Feeds


def _urn(name: str) -> str:
    """A name that stays the same wherever the site stands."""
    return uuid5(NAMESPACE_URL, FAMILY + name).urn


def _entries(given: SiteInput) -> Iterator[tuple[SiteIssue, str, str, str]]:
    """Issue, address, title and summary, the newest first."""
    valid = _valid(given.issues)
    for one in sorted(given.issues, key=_order, reverse=True):
        week = Week.parse(one.week)
        title = f"Horizon scans of {wording.span(week.first_day, week.last_day)} ({one.name})"
        summary = f"{_standing(one, valid).capitalize()}. {_counts(one)}. {MARK}"
        yield one, f"{given.base}{one.home}index.html", title, summary


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _newest(given: SiteInput) -> datetime:
    """When anything here was last known; an empty archive has the first instant of its calendar, or of the epoch."""
    return max((one.as_of for one in given.issues), default=datetime(1970, 1, 1, tzinfo=UTC))


def _atom(given: SiteInput) -> bytes:
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">',
        f"<id>{_urn('issues')}</id>",
        f"<title>{escape(TITLE)}</title>",
        f"<subtitle>{escape(MARK)}</subtitle>",
        f"<updated>{_stamp(_newest(given))}</updated>",
        f"<author><name>{escape(TITLE)}</name></author>",
        f'<link rel="alternate" type="text/html" href={quoteattr(given.base + "index.html")}/>',
    ]
    if given.base:
        lines.append(f'<link rel="self" type="application/atom+xml" href={quoteattr(given.base + "issues.atom")}/>')
    for one, href, title, summary in _entries(given):
        lines += [
            "<entry>",
            f"<id>{_urn(f'issues/{one.name}')}</id>",
            f"<title>{escape(title)}</title>",
            f"<updated>{_stamp(one.as_of)}</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(href)}/>',
            f"<summary>{escape(summary)}</summary>",
            "</entry>",
        ]
    return ("\n".join([*lines, "</feed>"]) + "\n").encode()


def _json_feed(given: SiteInput) -> bytes:
    feed: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": TITLE,
        "description": MARK,
        "language": "en",
        "items": [
            {
                "id": _urn(f"issues/{one.name}"),
                "url": href,
                "title": title,
                "content_text": summary,
                "date_published": _stamp(one.as_of),
            }
            for one, href, title, summary in _entries(given)
        ],
    }
    if given.base:
        feed |= {"home_page_url": f"{given.base}index.html", "feed_url": f"{given.base}issues.json"}
    return (json.dumps(feed, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _calendar(given: SiteInput) -> bytes:
    """Dated events of the reference table, one day each. The stamp is the day itself: no time of making."""
    calendar = Calendar()
    calendar.add("prodid", "-//horizon//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", TITLE)
    names = {place.code: place.name for place in given.places}
    for entry in sorted(given.calendar, key=lambda one: (one.on, one.title, one.place)):
        day = date.fromisoformat(entry.on)
        event = Event()
        event.add("uid", f"{hashlib.sha256(json.dumps(asdict(entry)).encode()).hexdigest()[:20]}@horizon.invalid")
        event.add("dtstamp", datetime(day.year, day.month, day.day, tzinfo=UTC))
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("summary", f"{entry.title}, {names[entry.place]}" if entry.place in names else entry.title)
        event.add("description", f"Source: {entry.source}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
