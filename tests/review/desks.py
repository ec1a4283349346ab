"""A desk over a fictional week, with one person of each role: for tests of pages and of what is refused."""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from domain.classification import Lens
from domain.options import load_options
from domain.source import load_cards
from domain.state import load_gazetteer
from horizon.parsing import read_upload
from horizon.settings import Settings
from horizon.standby import make_standby
from review.accounts import Accounts
from review.desk import build
from review.ledger import Ledger
from review.office import Note, Office, Press
from review.rights import Person, Role
from review.snapshot import Shelf

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for a package that is not in the lock
    from starlette.testclient import TestClient

NOW = datetime(2024, 1, 30, 9, tzinfo=UTC)
PASSWORD = "harbour lantern seven quays"  # noqa: S105  (of a fictional person)
PEOPLE = {
    "ana": ("Ana Lyst", Role.ANALYST, {"AFRICA"}),
    "sam": ("Sam Second", Role.SECOND_ANALYST, {"AFRICA"}),
    "pia": ("Pia Protect", Role.PROTECTION_OFFICER, {"*"}),
    "rex": ("Rex Region", Role.REGIONAL_HEAD, {"*"}),
    "hana": ("Hana Office", Role.HIGH_COMMISSIONER, {"*"}),
    "paul": ("Paul President", Role.PRESIDENT, {"*"}),
    "rosa": ("Rosa Roster", Role.ROSTER_MANAGER, {"*"}),
    "alma": ("Alma Audit", Role.AUDITOR, {"*"}),
    "adam": ("Adam Admin", Role.ADMINISTRATOR, set()),
    "olga": ("Olga Other", Role.ANALYST, {"ASPAC"}),
}
CLASSES = {
    "T02": "Extrajudicial, summary or arbitrary executions",
    "T06": "Attacks on civilians",
    "T01": "Disappearances",
}
# Cheap on purpose: tests sign in many times. The desk itself takes the library's own, slow figures.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@dataclass
class Desk:
    """The application and its people."""

    settings: Settings
    clock: Clock = field(default_factory=Clock)
    published: list[str] = field(default_factory=list)
    # The week of these tests holds no rows of the other States, so no page can be made of it: see test_people_in_issue.
    preview: Callable[[str, str, str], bytes] = lambda *named: " ".join(named).encode()

    def __post_init__(self) -> None:
        settings = self.settings
        folder = settings.var / "review"
        self.accounts = Accounts(folder / "desk.sqlite", hasher=QUICK)
        for account, (name, role, regions) in PEOPLE.items():
            person = Person(account=account, name=name, role=role, regions=frozenset(regions))
            self.accounts.add(person, password=PASSWORD, at=NOW)
        self.office = Office(
            shelf=Shelf(
                settings.var / "snapshots",
                settings.lens,
                gazetteer=load_gazetteer(settings.reference),
                cards={card.id: card for card in load_cards(settings.cards)},
            ),
            ledger=Ledger(folder),
            accounts=self.accounts,
            drafts=settings.drafts,
            published=settings.published,
            lens=settings.lens,
            now=self.clock,
            publish=self._publish,
            preview=self.preview,
            public=self._public(),
            read_upload=read_upload,
            classes=CLASSES,
            options=load_options(settings.reference / "options.toml"),
            lint=lint,
            standby=make_standby(replace(settings, live=True)),
            hosts=("testserver", "127.0.0.1", "localhost"),
        )
        self.app = build(self.office)

    def _publish(self, name: str) -> Path:
        from horizon import stages  # noqa: PLC0415  (heavy)

        self.published.append(name)
        return stages.publish(name, self.settings)

    def _public(self) -> Press:
        from horizon import stages  # noqa: PLC0415  (heavy)

        public = replace(self.settings, lens=Lens.PUBLIC)
        return Press(
            drafts=public.drafts, published=public.published, publish=lambda name: stages.publish(name, public)
        )

    def person(self, account: str) -> "Visitor":
        """Somebody who has signed in."""
        visitor = Visitor(self, TestClient(self.app, follow_redirects=False))
        visitor.sign_in(account)
        return visitor

    def stranger(self) -> "Visitor":
        return Visitor(self, TestClient(self.app, follow_redirects=False))


@dataclass
class Visitor:
    """A browser without script: it opens pages, fills in their forms, and follows."""

    desk: Desk
    client: TestClient
    text: str = ""
    status: int = 0

    def sign_in(self, account: str, password: str = PASSWORD) -> "Visitor":
        answer = self.client.post("/sign-in", data={"account": account, "password": password})
        self.text, self.status = answer.text, answer.status_code
        return self

    def get(self, path: str) -> "Visitor":
        answer = self.client.get(path)
        self.text, self.status = answer.text, answer.status_code
        return self

    def post(self, path: str, data: dict[str, object], page: str | None = None, **more: object) -> "Visitor":
        """Send a form with the signs of a page that was opened for it."""
        self.get(page or "/")
        fields = {"csrf": self.sign("csrf"), "form": self.sign("form"), **data}
        answer = self.client.post(path, data=fields, **more)
        self.text, self.status = answer.text, answer.status_code
        return self

    def sign(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]+)"', self.text)
        return found[1] if found else ""

    @property
    def what(self) -> str:
        """The heading of the page."""
        found = re.search(r"<h1>(.*?)(?:<|$)", self.text)
        return found[1].strip() if found else ""


def lint(text: str) -> tuple[Note, ...]:
    """One rule, so that its place on the page can be seen."""
    return (Note(excerpt="brutal", words="An adjective of blame."),) if "brutal" in text else ()


def words_of(text: str) -> str:
    """A page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def ids(text: str, kind: str) -> Iterator[str]:
    yield from dict.fromkeys(re.findall(rf'href="/{kind}/([0-9a-f]+)"', text))


TEXT = {
    "why_now": "Killings at the harbour are alleged for the third week.",
    "alleged": "According to the gazette, three persons were allegedly killed at the harbour.",
    "corroboration": "One origin.",
    "likelihood": "likely",
    "outlook": "Further incidents at the harbour.",
    "confidence": "low",
    "confidence_why": "All reports come from one publisher.",
    "account": "Sought on 26 January; none received by 29 January.",
    "contrary": "The harbour office speaks of accidents.",
    "watch_up": "A second origin.",
    "watch_down": "Access for monitors.",
    "improvements": "",
}
CHECKS = ["consent", "small_numbers", "mosaic"]
