"""What is listened to, and what this machine lacks: for `horizon sources` and `horizon doctor`."""

import shutil
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from collectors.replay import list_looks
from domain.classification import Lens
from domain.errors import HorizonError
from domain.signal import Look
from domain.source import SourceCard, SourceState, load_cards
from horizon.settings import Settings, credential
from warehouse.connection import FILES, open_store
from warehouse.landing import LandedLook, read_records


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStanding:
    """One source as `horizon sources` prints it; `last_look` is empty when nobody looked yet.

    `lag_days` lie between its newest signal and the last look. `items` are those of its newest payload, `least` and
    `most` those of the payloads before it; None where nothing is loaded, or nothing came before.
    """

    id: str
    kind: str
    source_class: str
    cadence: str
    state: str
    last_look: str
    last_item: str
    lag_days: int | None
    items: int | None
    least: int | None
    most: int | None
    verified: bool
    licence: str
    url: str

    def as_json(self) -> dict[str, str | bool | int | None]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What is loaded of one source; `read_as` says, by instant, what reading made of a look that seemed fine."""

    read_as: tuple[tuple[datetime, SourceState], ...] = ()
    last_item: date | None = None
    items: int | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was examined; `do` says how to mend it."""

    fine: bool
    what: str
    do: str = ""


def list_sources(settings: Settings) -> list[SourceStanding]:
    """Every card of this lens, with what came of the last look at it."""
    lines = []
    loaded = _loaded(settings)
    for card in load_cards(settings.cards):
        if not settings.sees(card.lens):
            continue
        own = loaded.get(card.id, Loaded())
        looked = [one.look for one in read_records(settings.landing / card.id) if isinstance(one, LandedLook)]
        last = max(looked, key=lambda look: look.looked_at) if looked else None
        lines.append(
            SourceStanding(
                id=card.id,
                kind=card.kind.value,
                source_class=card.source_class.value,
                cadence=card.cadence.value,
                state=_state(card, last, own).value,
                last_look=_minute(last.looked_at) if last else "",
                last_item=own.last_item.isoformat() if own.last_item else "",
                lag_days=(last.looked_at.date() - own.last_item).days if last and own.last_item else None,
                items=own.items,
                least=own.least,
                most=own.most,
                verified=card.verified,
                licence=card.licence,
                url=card.url,
            )
        )
    return lines


def _loaded(settings: Settings) -> dict[str, Loaded]:
    """What the published copies of the warehouse hold of each source; nothing before the first run."""
    folder = settings.var / "snapshots"
    if not all((folder / FILES[lens]).is_file() for lens in Lens if settings.sees(lens)):
        return {}
    with open_store(folder, settings.lens, read_only=True) as store:
        rows = store.query("source_standing")
        looks = store.query("core_looks", as_of=datetime.max.replace(tzinfo=UTC))
    read_as: dict[str, list[tuple[datetime, SourceState]]] = defaultdict(list)
    for source_id, looked_at, state in looks.select("source_id", "looked_at", "state").iter_rows():
        read_as[source_id].append((looked_at, SourceState(state)))
    return {
        row["source_id"]: Loaded(
            read_as=tuple(read_as[row["source_id"]]),
            last_item=row["last_item"],
            items=row["items"],
            least=row["least"],
            most=row["most"],
        )
        for row in rows.iter_rows(named=True)
    }


def _state(card: SourceCard, last: Look | None, own: Loaded) -> SourceState:
    """What came of the last look, once its payload was read; stale when its newest signal is older than its lag."""
    if last is None:
        return SourceState.NOT_YET
    state = dict(own.read_as).get(last.looked_at, last.state)
    late = own.last_item is not None and (last.looked_at.date() - own.last_item).days > card.lag_days
    return SourceState.STALE if state.looked and late else state


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
