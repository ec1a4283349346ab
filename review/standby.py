"""What the desk may ask of alerts and roster. Only `horizon` can answer, and hands this in when the desk is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from alerts.clearance import Clearance
from alerts.matching import Match, Team
from alerts.notice import Notice, Released
from alerts.outbox import Seen
from alerts.request import Request
from alerts.roster import Roster
from alerts.sheets import Checked
from alerts.wording import Worded
from domain.review import Authentication
from domain.state import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One decision on a notice, by somebody who has signed in."""

    name: str
    by: str
    role: str
    reason: str
    authentication: Authentication = Authentication.SIGNED_IN


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What a signed link leads to. `worded` is None for a digest, `alert_id` empty."""

    worded: Worded | None
    alert_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """Functions over this machine's outbox and roster.

    `read_link` may run before a click, `acknowledge_link` only after one. `open_roster` gives a roster to be closed by
    the caller; `load` gives None for a request that was never kept. `match` takes how long an answer is waited for.
    """

    show: Callable[[], tuple[tuple[Notice, ...], tuple[Seen, ...]]]
    released: Callable[[], tuple[Released, ...]]
    notice: Callable[[str], Notice]
    clearance: Callable[[str], Clearance]
    word: Callable[[Released, str], Worded]
    draft: Callable[[str, str], Worded]
    cap: Callable[[str, str], bytes]
    approve: Callable[[Act], int]
    withdraw: Callable[[Act], None]
    again: Callable[[str], bool]
    acknowledge: Callable[[str], None]
    read_link: Callable[[str, str], Linked]
    acknowledge_link: Callable[[str], Linked]
    open_roster: Callable[[], Roster]
    check_table: Callable[[str, bytes], Checked]
    register: Callable[[Roster, Request, str], None]
    load: Callable[[str], Request | None]
    match: Callable[[Roster, Request, str, timedelta | None], tuple[Match, Team | None]]
    places: Mapping[str, Place]
