"""Who gets which notice, how, in which language and when. Their details live in var/alerts, never in the repository."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerts.budget import LEAST
from alerts.notice import Notice
from alerts.wording import LANGUAGES
from domain.errors import UsageError
from domain.situation import Level

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_MAIL = re.compile(r"[^\s@<>,;:\"()\\]+@[A-Za-z0-9.-]+")
DEFAULT_BUDGET = 10
UNIVERSAL = ZoneInfo("UTC")


class Channel(StrEnum):
    """`MAIL` and `CHAT` are read by people and kept within a budget; the others are read by machines."""

    MAIL = "mail"
    HOOK = "hook"
    CAP = "cap"
    CHAT = "chat"

    @property
    def read_by_people(self) -> bool:
        return self in {Channel.MAIL, Channel.CHAT}

    @property
    def can_tell(self) -> bool:
        """Whether the receiver can see by our key that it has a message already."""
        return self in {Channel.HOOK, Channel.CAP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One reader. `secret` and `chat` name credentials of the environment and are not the values themselves.

    Empty `regions` are all regions. `away` are days, both included, on which the deputies get the notice as well.
    """

    id: str
    role: str
    channels: tuple[Channel, ...]
    mail: str = ""
    hook: str = ""
    cap: str = ""
    chat: str = ""
    secret: str = ""
    regions: frozenset[str] = frozenset()
    levels: frozenset[Level] = frozenset({Level.WATCH, Level.EMERGING, Level.URGENT})
    languages: tuple[str, ...] = ("en",)
    zone: ZoneInfo = UNIVERSAL
    quiet_from: time | None = None
    quiet_to: time | None = None
    weekly_budget: int = DEFAULT_BUDGET
    deputies: tuple[str, ...] = ()
    away: tuple[tuple[date, date], ...] = ()
    technical: bool = False

    @property
    def language(self) -> str:
        return self.languages[0]

    def wants(self, notice: Notice) -> bool:
        """Operators get technical notices and no others; a Cancel or a step down goes to whoever got the rise."""
        if notice.technical or self.technical:
            return notice.technical and self.technical
        level = max(notice.level, notice.level_before, key=lambda one: one.rank)
        return level in self.levels and (not self.regions or bool(self.regions & set(notice.regions)))

    def is_away(self, at: datetime) -> bool:
        today = at.astimezone(self.zone).date()
        return any(first <= today <= last for first, last in self.away)

    def next_waking(self, at: datetime) -> datetime:
        """This instant, or the end of the quiet hours that it lies in; a clock change is the zone's own matter."""
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return at
        own = at.astimezone(self.zone)
        through_midnight = self.quiet_from > self.quiet_to
        now = own.timetz().replace(tzinfo=None)
        if through_midnight:
            quiet = now >= self.quiet_from or now < self.quiet_to
        else:
            quiet = self.quiet_from <= now < self.quiet_to
        if not quiet:
            return at
        ends = own.date() + timedelta(days=1 if through_midnight and now >= self.quiet_from else 0)
        return datetime.combine(ends, self.quiet_to, tzinfo=self.zone).astimezone(UTC)


def choose(recipients: Iterable[Recipient], notice: Notice, *, at: datetime) -> tuple[tuple[Recipient, bool], ...]:
    """Who gets a notice, and whether as a deputy. One who is away gets it too; nobody gets it twice."""
    known = {one.id: one for one in recipients}
    chosen: dict[str, bool] = {one.id: False for one in known.values() if one.wants(notice)}
    for name in list(chosen):
        if known[name].is_away(at):
            for deputy in known[name].deputies:
                chosen.setdefault(deputy, True)
    return tuple((known[name], deputy) for name, deputy in chosen.items() if name in known)


def load_recipients(path: Path) -> tuple[Recipient, ...]:
    """Read var/alerts/recipients.toml; errors name the entry and the field, never what stands in it."""
    try:
        rows = tomllib.loads(path.read_text("utf-8")).get("recipient", [])
    except FileNotFoundError:
        return ()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise UsageError(
            f"{path.name} cannot be read.", why="It is not TOML in UTF-8.", do="Correct it; see docs/alerts.md."
        ) from None
    found = tuple(_read(number, row) for number, row in enumerate(rows, start=1))
    names = [one.id for one in found]
    for name in names:
        if names.count(name) > 1:
            raise _wrong(names.index(name) + 1, "id", "two entries have the same")
    for number, one in enumerate(found, start=1):
        if not set(one.deputies) <= set(names) - {one.id}:
            raise _wrong(number, "deputies", "it names somebody who has no entry, or the recipient")
    return found


def _read(number: int, row: Mapping[str, Any]) -> Recipient:
    left = dict(row)

    def take(name: str, default: Any = None) -> Any:
        return left.pop(name, default)

    name = str(take("id", ""))
    if not _ID.fullmatch(name):
        raise _wrong(number, "id", "small letters, digits, - and _ are needed, and no person's name")
    channels = _each(number, "channels", take("channels", []), Channel)
    addresses = {one: str(take(one, "")) for one in ("mail", "hook", "cap", "chat")}
    for channel in channels:
        if not addresses[channel.value]:
            raise _wrong(number, channel.value, "the channel is chosen and has no address")
    if addresses["mail"] and not _MAIL.fullmatch(addresses["mail"]):
        raise _wrong(number, "mail", "it is not one address")
    secret = str(take("secret", ""))
    if {Channel.HOOK, Channel.CAP} & set(channels) and not secret:
        raise _wrong(number, "secret", "a signed message needs the name of a credential")
    try:
        zone = ZoneInfo(str(take("zone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError):
        raise _wrong(number, "zone", "it is no zone such as Europe/Zurich") from None
    languages = tuple(take("languages", ["en"]))
    if not languages or not set(languages) <= set(LANGUAGES):
        raise _wrong(number, "languages", f"it must be among {', '.join(LANGUAGES)}")
    budget = take("weekly_budget", DEFAULT_BUDGET)
    if not isinstance(budget, int) or isinstance(budget, bool) or budget < LEAST:
        raise _wrong(number, "weekly_budget", f"it must be a whole number, {LEAST} or more: one place for urgent "
                     "notices and one for a digest")  # fmt: skip
    made = Recipient(
        id=name,
        role=str(take("role", "roster manager")),
        channels=channels,
        mail=addresses["mail"],
        hook=addresses["hook"],
        cap=addresses["cap"],
        chat=addresses["chat"],
        secret=secret,
        regions=frozenset(map(str, take("regions", []))),
        levels=frozenset(_each(number, "levels", take("levels", ["watch", "emerging concern", "urgent"]), Level)),
        languages=languages,
        zone=zone,
        quiet_from=_time(number, "quiet_from", take("quiet_from")),
        quiet_to=_time(number, "quiet_to", take("quiet_to")),
        weekly_budget=budget,
        deputies=tuple(map(str, take("deputies", []))),
        away=tuple(_span(number, one) for one in take("away", [])),
        technical=bool(take("technical", False)),
    )
    if left:
        raise _wrong(number, ", ".join(sorted(left)), "no such field is known")
    return made


def _each(number: int, field: str, values: Iterable[str], kind: Any) -> tuple[Any, ...]:
    try:
        return tuple(kind(one) for one in values)
    except ValueError:
        raise _wrong(number, field, f"it must be among {', '.join(kind)}") from None


def _time(number: int, field: str, value: object) -> time | None:
    if value is None:
        return None
    try:
        return value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError:
        raise _wrong(number, field, "it must be a time such as 22:00") from None


def _span(number: int, value: object) -> tuple[date, date]:
    first, _, last = str(value).partition("/")
    try:
        return date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise _wrong(number, "away", "each must be days such as 2026-08-01/2026-08-14") from None


def _wrong(number: int, field: str, why: str) -> UsageError:
    return UsageError(
        f"Recipient {number} cannot be used: {field}.",
        why=f"{why[:1].upper()}{why[1:]}.",
        do="Correct recipients.toml.",
    )
