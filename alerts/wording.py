"""Words of a notice in six languages, from fixed sentences alone: nothing that a person or a source wrote is in it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date

from alerts.notice import Move, Notice, Released, Rule
from domain.situation import Level
from domain.source import SourceClass

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
LONGEST_HEADLINE = 139
# One organisation of such a class is all there is in most places: its name would be the name of the source.
MERGED = frozenset({SourceClass.NHRI, SourceClass.FIELD_PRESENCE, SourceClass.UN_COUNTRY_TEAM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph: its words in bold, what follows, and the address where a link stands."""

    title: str
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """A notice in one language, ready to be placed."""

    language: str
    direction: str
    headline: str
    reference: str
    blocks: tuple[Block, ...]

    def plain(self) -> str:
        """The same as plain text."""
        parts = [self.headline, self.reference]
        for one in self.blocks:
            title = f"{one.title}:" if one.link else one.title
            parts.append(" ".join(filter(None, (title, one.link, one.text))))
        return "\n\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What differs from recipient to recipient; empty where there is none."""

    acknowledge: str = ""
    read_more: str = ""
    contact: str = ""
    deputy: bool = False


@cache
def labels(language: str) -> Mapping[str, str]:
    """Fixed sentences of one language by name; tables are joined by a point, `levels.watch`."""
    flat: dict[str, str] = {}
    for name, value in tomllib.loads((LOCALES / f"{language}.toml").read_text("utf-8")).items():
        if isinstance(value, dict):
            flat.update({f"{name}.{key}": text for key, text in value.items()})
        else:
            flat[name] = value
    return flat


def word(
    released: Released,
    *,
    place: str,
    language: str,
    zone: ZoneInfo,
    links: Links = Links(),
) -> Worded:
    """The notice in one language; `place` is the State's name in it, `zone` the recipient's own."""
    said = labels(language)
    notice = released.notice
    due = notice.acknowledge_by(released.sent)
    kind = {Move.ALERT: "kind_alert", Move.UPDATE: "kind_update", Move.CANCEL: "kind_cancel"}[notice.move]
    return Worded(
        language=language,
        direction=said["direction"],
        headline=_headline(notice, said, place, instant(due, language, zone)),
        reference=" · ".join(
            [
                notice.notice_id,
                f"{said[kind]} {notice.number}",
                *([] if notice.technical else [said["restricted"]]),
                instant(released.sent, language, zone),
            ]
        ),
        blocks=tuple(_blocks(released, said, language, zone, links)),
    )


def word_digest(lines: Sequence[tuple[str, str]], *, urgent: int = 0, language: str, links: Links) -> Worded:
    """Notices that had to wait, each by its reference and headline; the first `urgent` of them are."""
    said = labels(language)
    headline = said["headline_urgent_digest" if urgent else "headline_digest"]
    grave = f"{Level.URGENT.shape} {said['levels.urgent']} · "
    return Worded(
        language=language,
        direction=said["direction"],
        headline=headline.format(count=len(lines), urgent=urgent),
        reference=said["restricted"],
        blocks=(
            Block(title="", text=said["digest"]),
            *(
                Block(title=(grave if at < urgent else "") + _apart(reference, said), text=text)
                for at, (reference, text) in enumerate(lines)
            ),
            *_answer(said, links),
        ),
    )


def classes(found: Sequence[SourceClass], language: str) -> str:
    """Classes in words; one that could name its only organisation is merged."""
    said = labels(language)
    named = sorted({said[f"classes.{one}"] for one in found if one not in MERGED})
    if MERGED & set(found):
        named.append(said["united"])
    return _listed(named, said)


def day(when: date, language: str) -> str:
    """Day, month, year, as the United Nations write it."""
    return format_date(when, format="long", locale="en_GB" if language == "en" else language)


def instant(when: datetime, language: str, zone: ZoneInfo) -> str:
    """`31 March 2026, 10:15 UTC (12:15 CEST)`: in UTC and, where it differs, in the recipient's own time."""
    utc = when.astimezone(ZoneInfo("UTC"))
    own = when.astimezone(zone)
    local = "" if own.utcoffset() == utc.utcoffset() else f" ({_local(own, utc)})"
    return f"{day(utc.date(), language)}, {utc:%H:%M} UTC{local}"


def _local(own: datetime, utc: datetime) -> str:
    return f"{own:%H:%M %Z}" if own.date() == utc.date() else f"{own:%Y-%m-%d %H:%M %Z}"


def _headline(notice: Notice, said: Mapping[str, str], place: str, due: str) -> str:
    """Under 140 signs: what does not fit goes, the deadline first of all kept."""
    if notice.technical:
        return said["headline_technical"].format(issue=notice.issue)
    if notice.move is Move.CANCEL:
        return said["headline_cancel"].format(place=place)[:LONGEST_HEADLINE]
    pattern = said["headline"] if notice.move is Move.ALERT else said["headline_update"]
    level = said["level_only"].format(level=said[f"levels.{notice.level.value}"])
    news = [said[f"triggers.{one}"] for one in notice.new_triggers if f"triggers.{one}" in said]
    rising = said["rising"].format(trigger=news[0]) if news and Rule.HELD not in notice.rules else level
    ask = f". {said['answer_by'].format(time=due)}"
    for subject, end in ((rising, ask), (level, ask), (level, "")):
        line = pattern.format(place=place, subject=subject, number=notice.number - 1) + end
        if len(line) <= LONGEST_HEADLINE:
            return line
    return line[: LONGEST_HEADLINE - 1] + "…"


def _blocks(released: Released, said: Mapping[str, str], language: str, zone: ZoneInfo, links: Links) -> list[Block]:
    notice = released.notice
    blocks = [Block(title=said["deputy_title"], text=said["deputy"])] if links.deputy else []
    if notice.technical:
        text = said["technical"].format(issue=notice.issue, step=notice.step, sort=notice.sort)
        return [*blocks, Block(title=said["what"], text=text), *_answer(said, links)]
    blocks.append(Block(title=said["what"], text=_what(notice, said, language, zone)))
    if notice.move is not Move.CANCEL:
        blocks.append(Block(title=said["no_request_title"], text=said["no_request"]))
        if notice.skills:
            skills = said["asked"].format(list=said["list_comma"].join(said[f"skills.{one}"] for one in notice.skills))
            blocks.append(Block(title=said["asked_title"], text=skills))
        blocks.append(Block(title=said["unknown_title"], text=said["unknown"]))
        until = instant(notice.expires(released.sent), language, zone)
        blocks.append(Block(title=said["next_title"], text=said["next"].format(time=until)))
    blocks += _answer(said, links)
    closing = []
    if links.contact:
        closing.append(said["duty"].format(contact=links.contact))
    if released.roles:
        # On the command line a role is what its approver typed.
        roles = [said.get(f"roles.{one}", one) for one in released.roles]
        closing.append(said["approved"].format(roles=said["list_comma"].join(roles)))
    if language != "en":
        closing.append(said["original"])
    return [*blocks, Block(title="", text=" ".join(closing))] if closing else blocks


def _what(notice: Notice, said: Mapping[str, str], language: str, zone: ZoneInfo) -> str:
    as_of = instant(notice.as_of, language, zone)
    before, after = (f"{one.shape} {said[f'levels.{one.value}']}" for one in (notice.level_before, notice.level))
    # The first notice of a chain knows no level before: what was not told may have been watch as well as none.
    same = notice.number == 1 or notice.level is notice.level_before
    pattern = "ended" if notice.move is Move.CANCEL else "stays" if same else "moved"
    lines = [said[pattern].format(before=before, after=after, as_of=as_of)]
    if notice.move is Move.CANCEL:
        return lines[0]
    if notice.held_since:
        lines.append(said["held"].format(date=_since(notice.held_since, language)))
    lines.append(said["met"].format(list=_triggers(notice.triggers, said)) if notice.triggers else "")
    if notice.number > 1 and notice.new_triggers:
        lines.append(said["new_triggers"].format(list=_triggers(notice.new_triggers, said)))
    lines.append(said["since"].format(since=_apart(notice.since, said)) if notice.since else "")
    lines.append(said["sources"].format(list=classes(notice.classes, language)) if notice.classes else "")
    lines.append(said["confidence"].format(word=said[f"confidences.{notice.confidence.value}"]))
    return " ".join(filter(None, lines))


def _since(text: str, language: str) -> str:
    """A day in words; an ISO week as it is."""
    try:
        return day(date.fromisoformat(text), language)
    except ValueError:
        return text


def _answer(said: Mapping[str, str], links: Links) -> list[Block]:
    found = []
    if links.acknowledge:
        found.append(Block(title=_bare(said["acknowledge"]), text=said["acknowledge_reply"], link=links.acknowledge))
    if links.read_more:
        found.append(Block(title=_bare(said["read_more"]), text="", link=links.read_more))
    return found


def _apart(text: str, said: Mapping[str, str]) -> str:
    """Latin text within a line that runs from the right, set apart (U+2066 … U+2069) so that its parts keep order."""
    return f"\u2066{text}\u2069" if said["direction"] == "rtl" else text


def _bare(label: str) -> str:
    """The words of a button, without the colon that they carry in a line."""
    return label.rstrip(" :\u00a0：")


def _triggers(found: Sequence[str], said: Mapping[str, str]) -> str:
    return said["list_comma"].join(f"{one} {said.get(f'triggers.{one}', '')}".strip() for one in found)


def _listed(names: Sequence[str], said: Mapping[str, str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return said["list_comma"].join(names[:-1]) + said["list_and"] + names[-1]
