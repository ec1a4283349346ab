"""What a handler works with: the stores of the desk, and one request of one person."""

import mimetypes
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from domain.classification import Classification, Consent, Lens, Sharing
from domain.errors import UsageError
from domain.options import Option
from domain.review import Act, Authentication
from domain.situation import Situation
from domain.state import Place
from domain.window import Week
from review import comment, levels, situations
from review.accounts import Accounts, Session, make_form
from review.comment import Comment, read_comment
from review.intake import Read
from review.ledger import Hand, Ledger, decide, protect
from review.levels import Standing
from review.openid import OpenId
from review.rights import BY_NAME, RANK, Person, Right, Role, check_row, may_see
from review.situations import Life
from review.snapshot import Shelf, Snapshot
from review.standby import Standby
from review.triage import Agreement, Overlay, agree
from warehouse.landing import LandedDecision
from warehouse.sealed import find_vault

HERE = Path(__file__).parent / "pages"
FORMS = {".html": "HTML", ".pdf": "PDF", ".docx": "DOCX", ".json": "JSON"}
# Our own pages carry their style in themselves: shown in a box that runs no script and knows no desk.
BOXED = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'"
# Signs that turn the direction of text: in the words of others they can make a line read as what it does not say.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A finding of the linter: the words it is about, and what is wrong with them."""

    excerpt: str
    words: str


Linter = Callable[[str], Sequence[Note]]
# Who can do something about records that lie in the clear.
TOLD_OF_KEYS = frozenset({Role.ADMINISTRATOR, Role.PROTECTION_OFFICER})
# A file as it was sent: its name, its bytes, and the fields of the form beside it.
Reader = Callable[[str, IO[bytes], Mapping[str, str]], Read]


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Drafts and published issues of one lens; `publish` copies a cleared draft out."""

    drafts: Path
    published: Path
    publish: Callable[[str], Path]


@dataclass(kw_only=True)
class Office:
    """The stores behind the desk. `lint` reads a text; `now` is the clock.

    `drafts`, `published` and `publish` are of the desk's own lens, `public` of the public one, whatever the desk's is.

    `preview` gives the entry of a situation in one form: issue, situation, form.

    `read_upload` reads a file of reports in a process of its own, within limits.

    `identify` gives the account that a host application has signed in; None when the desk signs people in itself.
    `openid` is the sign-in of an office; `standby` are alerts and roster, None in the public lens.
    """

    shelf: Shelf
    ledger: Ledger
    accounts: Accounts
    drafts: Path
    published: Path
    lens: Lens
    now: Callable[[], datetime]
    publish: Callable[[str], Path]
    preview: Callable[[str, str, str], bytes]
    public: Press
    read_upload: Reader
    classes: Mapping[str, str]
    options: tuple[Option, ...]
    lint: Linter | None = None
    identify: Callable[[Any], str] | None = None
    openid: OpenId | None = None
    standby: Standby | None = None
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    _overlay: Overlay = field(default_factory=Overlay)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _lives: dict[str, Life] = field(default_factory=dict)
    _agreed: tuple[tuple[int, int], tuple[Agreement, ...]] | None = None

    def overlay(self) -> Overlay:
        """People's decisions on incidents, with everything that was saved until now."""
        with self._lock:
            self._overlay.add(self.ledger.since(self._overlay.seen))
            return self._overlay

    def life(self, situation_id: str) -> Life:
        """The text of a situation and where it stands; worked out anew only after a decision on it."""
        history = self.ledger.history(situations.object_of(situation_id))
        held = self._lives.get(situation_id)
        if held is None or held.version != len(history):
            held = self._lives[situation_id] = situations.read_life(one.decision for one in history)
        return held

    def comment(self, situation_id: str) -> Comment:
        """Whether the State was asked for its account, and what came."""
        return read_comment(one.decision for one in self.ledger.history(comment.object_of(situation_id)))

    def standing(self, snapshot: Snapshot, situation: Situation, at: datetime) -> Standing:
        """The level of a situation as it stands now."""
        history = self.ledger.history(levels.object_of(situation.situation_id))
        return levels.stand(
            situation,
            (one.decision for one in history),
            run=snapshot.issue,
            as_of=at,
            silenced=levels.is_silenced(snapshot.triggers.get(situation.place, ())),
        )

    def agreement(self, snapshot: Snapshot) -> tuple[Agreement, ...]:
        """How far pairs of coders agree over everything that they both judged."""
        overlay = self.overlay()
        key = (id(snapshot), overlay.seen)
        if self._agreed is None or self._agreed[0] != key:
            self._agreed = (key, agree(overlay, list(overlay.by_incident)))
        return self._agreed[1]


@dataclass(kw_only=True)
class Ask:
    """One request of one person, whose role the route has already let in."""

    office: Office
    right: Right
    session: Session
    at: datetime
    root: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]
    files: Mapping[str, UploadFile]
    names: Mapping[str, str]
    token: str
    _seen: dict[str, Classification] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        return self.session.person

    @property
    def hand(self) -> Hand:
        """Who decides here: somebody who has signed in."""
        return Hand(by=self.person.name, role=self.person.role.value, authentication=Authentication.SIGNED_IN)

    @property
    def snapshot(self) -> Snapshot:
        return self.office.shelf.newest()

    def sees(self, classification: Classification, place: Place | None) -> bool:
        """Whether a row of a list is for this person."""
        return may_see(self.person, self.right, classification=classification, place=place)

    def see(self, object_id: str, classification: Classification, place: Place | None) -> None:
        """Refuse a row that is not for this person; log one that is and is confidential."""
        check_row(self.person, self.right, classification=classification, place=place)
        if RANK[classification] >= RANK[Classification.CONFIDENTIAL]:
            self._seen[object_id] = classification

    def place(self, code: str) -> Place:
        """A place of the list, if it belongs to this person's regions."""
        try:
            place = self.snapshot.gazetteer.place(code)
        except KeyError:
            raise UsageError(
                "There is no such place.", why="The list of States and territories does not have it.", do="Go back."
            ) from None
        check_row(self.person, self.right, classification=Classification.UNCLASSIFIED, place=place)
        return place

    def situation(self) -> Situation:
        """The situation in the address, if it is for this person."""
        found = self.snapshot.situations.get(self.names["situation"])
        if found is None:
            raise UsageError(
                "There is no such situation in this issue.",
                why="The address is wrong, or the newest run no longer finds it.",
                do="Choose it from the list of situations.",
            )
        weight, place = self.snapshot.weight(found), self.snapshot.gazetteer.place(found.place)
        self.see(situations.object_of(found.situation_id), weight, place)
        return found

    def save(
        self,
        act: Act,
        object_id: str,
        *,
        version: int,
        reason: str,
        content: str = "",
        object_hash: str = "",
        author: str = "",
        classification: Classification = Classification.CONFIDENTIAL,
        sharing: Sharing = Sharing.AMBER_STRICT,
        consent: Consent = Consent.INTERNAL_USE,
    ) -> LandedDecision:
        """Save what this person decided, under their own name and role."""
        decision = decide(
            act,
            object_id,
            hand=self.hand,
            reason=reason,
            at=self.at,
            object_hash=object_hash,
            author=author,
            content=content,
        )
        protection = protect(decision, classification=classification, sharing=sharing, consent=consent)
        return self.office.ledger.save(decision, protection, version=version)

    def version(self) -> int:
        """The version that the form was made from."""
        text = self.form.get("version", "")
        if not text.isdecimal():
            raise UsageError(
                "The form is not whole.", why="It does not say which version it rests on.", do="Open the page again."
            )
        return int(text)

    def page(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A page in its frame."""
        shared = {
            "person": self.person,
            "csrf": self.session.csrf,
            "once": make_form,
            "root": self.root,
            "path": self.path,
            "right": self.right.name,
            "unsealed": self.person.role in TOLD_OF_KEYS and find_vault(self.office.ledger.folder) is None,
        }
        return HTMLResponse(render(template, **shared, **values), status_code=status)

    def go(self, path: str) -> Response:
        """To another page, after something was saved."""
        return RedirectResponse(f"{self.root}{path}", status_code=303)

    def close(self) -> None:
        """Write into the log what was read."""
        if self._seen:
            self.office.accounts.note(
                self.person, f"{self.right.method} {self.right.name}", list(self._seen.items()), at=self.at
            )

    def note_export(self, object_id: str, classification: Classification) -> None:
        """An export is logged whatever its classification."""
        self._seen.pop(object_id, None)
        self.office.accounts.note(self.person, f"export {self.right.name}", [(object_id, classification)], at=self.at)


def boxed(name: str, body: bytes) -> Response:
    """A page of an issue beside the desk: HTML is shown without any right of the desk's, all else is a file."""
    shown = name.endswith(".html")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    place = "inline" if shown else "attachment"
    headers = {"content-disposition": f'{place}; filename="{name}"', "content-security-policy": BOXED}
    return Response(body, media_type="text/html; charset=utf-8" if shown else kind, headers=headers)


def plain(text: str) -> str:
    """The words of others without signs that turn their direction."""
    return text.translate(_TURNING)


NAVIGATION = (
    ("home", "/", "Today"),
    ("triage", "/triage", "Triage"),
    ("situations", "/situations", "Situations"),
    ("issues", "/issues", "Issues"),
    ("released", "/released", "Released"),
    ("intake", "/intake", "Take in reports"),
    ("alerts", "/alerts", "Alerts"),
    ("roster", "/roster", "Roster"),
    ("history", "/history", "History"),
    ("audit", "/audit", "Chain"),
    ("access", "/access", "Access"),
    ("accounts", "/accounts", "Accounts"),
)


def navigate(person: Person | None) -> list[tuple[str, str, str]]:
    """The pages that this person's role may open, in a fixed order."""
    if person is None:
        return []
    return [one for one in NAVIGATION if person.role in BY_NAME[one[0]].ceilings]


def say_day(moment: date | str) -> str:
    """A day as every page prints it; in forms and records it stands as 2024-01-31."""
    return f"{date.fromisoformat(moment) if isinstance(moment, str) else moment:%-d %B %Y}"


def say_instant(moment: datetime | str) -> str:
    """A moment to the minute, in UTC."""
    return f"{datetime.fromisoformat(moment) if isinstance(moment, str) else moment:%-d %B %Y, %H:%M} UTC"


def say_week(issue: str) -> str:
    """The days of an issue's week: 22 to 28 January 2024."""
    week = Week.parse(issue)
    first, last = week.first_day, week.last_day
    head = "%-d %B %Y" if first.year != last.year else "%-d %B" if first.month != last.month else "%-d"
    return f"{first:{head}} to {say_day(last)}"


def render(template: str, **values: object) -> str:
    return PAGES.get_template(template).render(**values)


def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, auto_reload=False)
    made.filters["plain"] = plain
    made.globals["navigate"] = navigate
    made.filters["day"] = say_day
    made.filters["week"] = say_week
    made.filters["instant"] = say_instant
    made.filters["address"] = lambda text: quote(str(text), safe="")
    return made


PAGES = _environment()
