"""Invented situations, recipients and senders for the tests of alerts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from alerts.cap import Office
from alerts.compose import Sender
from alerts.notice import Notice, Released, Standing
from alerts.recipients import Channel, Recipient
from alerts.rules import Chain, draft_notices, load_cards
from alerts.signing import Key
from domain.situation import Coverage, Level
from domain.source import SourceClass

AS_OF = datetime(2026, 3, 30, tzinfo=UTC)
SENT = datetime(2026, 3, 31, 10, 15, tzinfo=UTC)
NAMES = {"XRU": "Ruritania", "XGE": "Genovia"}
GRAVITY = {"T01": "A", "T02": "A", "T07": "B", "T10": "–"}
SENDER = Sender(
    office=Office(sender="horizon@desk.example", name="Duty desk", audience="roster-managers", contact="duty desk"),
    mail_from="Horizon <horizon@desk.example>",
    mail_sender="horizon@desk.example",
    domain="desk.example",
    base="https://desk.example",
    key=Key(b"k" * 32),
)


def standing(**changes: object) -> Standing:
    """Ruritania at emerging concern, two classes of source."""
    made = Standing(
        situation_id="s1",
        place="XRU",
        regions=("AFR", "AFRICA"),
        level=Level.EMERGING,
        since="2026-W13",
        held_since="",
        triggers=("T01",),
        classes=(SourceClass.CIVIL_SOCIETY, SourceClass.MEDIA),
        origins=3,
        coverage=Coverage.ADEQUATE,
        skills=("investigation of disappearances", "forensic documentation"),
        confirmed=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def drafted(seen: Standing, *told: Released, as_of: datetime = AS_OF) -> Notice | None:
    """What the cards of the repository make of one situation."""
    chains = {seen.situation_id: Chain(told=told)} if told else {}
    found = draft_notices(standings=[seen], chains=chains, cards=load_cards(), gravity=GRAVITY, as_of=as_of)
    return found[0] if found else None


def alert(**changes: object) -> Notice:
    made = drafted(standing(**changes))
    assert made is not None
    return made


def released(notice: Notice, sent: datetime = SENT) -> Released:
    return Released(notice=notice, sent=sent, roles=("duty officer", "regional head"))


def reader(name: str = "desk-1", **changes: object) -> Recipient:
    """A roster manager who reads mail."""
    made = Recipient(id=name, role="roster manager", channels=(Channel.MAIL,), mail=f"{name}@people.example")
    return replace(made, **changes)  # type: ignore[arg-type]


def place_name(code: str, _language: str) -> str:
    return NAMES.get(code, code)


def channels_of(found: Sequence[object]) -> list[str]:
    return sorted(one.channel.value for one in found)  # type: ignore[attr-defined]
