"""What is listened to, and what this machine lacks: for `horizon sources` and `horizon doctor`."""

import shutil
import sys
from dataclasses import asdict, dataclass
from datetime import datetime

from collectors.replay import list_looks
from domain.errors import HorizonError
from domain.source import SourceState, load_cards
from horizon.settings import Settings, credential
from warehouse.connection import FILES
from warehouse.landing import LandedLook, read_records


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStanding:
    """One source as `horizon sources` prints it; `last_look` is empty when nobody looked yet."""

    id: str
    kind: str
    source_class: str
    cadence: str
    state: str
    last_look: str
    verified: bool
    licence: str
    url: str

    def as_json(self) -> dict[str, str | bool]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was examined; `do` says how to mend it."""

    fine: bool
    what: str
    do: str = ""


def list_sources(settings: Settings) -> list[SourceStanding]:
    """Every card of this lens, with what came of the last look at it."""
    lines = []
    for card in load_cards(settings.cards):
        if not settings.sees(card.lens):
            continue
        looked = [one.look for one in read_records(settings.landing / card.id) if isinstance(one, LandedLook)]
        last = max(looked, key=lambda look: look.looked_at) if looked else None
        lines.append(
            SourceStanding(
                id=card.id,
                kind=card.kind.value,
                source_class=card.source_class.value,
                cadence=card.cadence.value,
                state=last.state.value if last else SourceState.NOT_YET.value,
                last_look=_minute(last.looked_at) if last else "",
                verified=card.verified,
                licence=card.licence,
                url=card.url,
            )
        )
    return lines


def examine(settings: Settings) -> list[Finding]:
    """Python, cards, specimen, credentials, warehouse, disk, and the browser that pictures need."""
    version = sys.version_info
    findings = [
        Finding(
            fine=version[:2] == (3, 11),
            what=f"Python {version.major}.{version.minor}",
            do="Install Python 3.11 and run `make brief` again.",
        )
    ]
    try:
        cards = load_cards(settings.cards)
        findings.append(Finding(fine=True, what=f"{len(cards)} source cards can be read"))
    except HorizonError as error:
        cards = []
        findings.append(Finding(fine=False, what=f"{error.what} {error.why}", do=error.do))
    try:
        recorded = {look.source_id for look in list_looks(settings.specimen)}
        findings.append(Finding(fine=True, what=f"the specimen {settings.week} holds {len(recorded)} sources"))
    except HorizonError as error:
        findings.append(Finding(fine=settings.live, what=error.what, do=error.do))
    for card in cards:
        for name in card.credentials:
            findings.append(
                Finding(
                    fine=bool(credential(name)),
                    what=f"credential {name} for {card.id}",
                    do=f"Set {name} in the environment, or leave {card.id} disabled; every brief then says so.",
                )
            )
    findings += _machine(settings)
    return findings


def _machine(settings: Settings) -> list[Finding]:
    free = shutil.disk_usage(settings.root).free // 2**30
    return [
        Finding(
            fine=(settings.var / next(iter(FILES.values()))).exists(),
            what="a warehouse in the var folder",
            do="`make brief` builds it.",
        ),
        Finding(fine=free >= 2, what=f"{free} GiB of free disk", do="Free at least 2 GiB; see docs/disk-budget.md."),
        Finding(
            fine=shutil.which("chromium") is not None,
            what="chromium, for looking at pages",
            do="Only the checks of pages need it; install your system's chromium.",
        ),
    ]


def _minute(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
