"""A released notice into one message for each recipient and channel, its text fixed from now on."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from urllib.parse import urlsplit

from alerts.budget import GATHER, free, goes_alone, next_digest
from alerts.cap import Office, to_cap
from alerts.mail import to_html
from alerts.notice import Move, Released
from alerts.outbox import DIGEST, URGENT_DIGEST, Message, Outbox, State
from alerts.recipients import Channel, Recipient, choose
from alerts.signing import LINK_LIVES, Key, acknowledge_link, message_id
from alerts.wording import Links, Worded, instant, word, word_digest
from domain.signal import short_hash
from domain.window import Week

PlaceName = Callable[[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who we are. `base` is the desk's address, where links lead; empty means no links. `domain` ends Message-IDs."""

    office: Office
    mail_from: str
    mail_sender: str
    domain: str
    base: str
    key: Key


def compose(
    released: Released, recipients: Iterable[Recipient], *, sender: Sender, outbox: Outbox, name: PlaceName
) -> tuple[Message, ...]:
    """Every message of a notice: to those who want it, now or after their quiet hours, or put together with others.

    `name` gives a State's name in a language.
    """
    made: list[Message] = []
    for recipient, deputy in choose(recipients, released.notice, at=released.sent):
        made += address(
            released, recipient, sender=sender, outbox=outbox, name=name, deputy=deputy, at=released.sent
        )  # fmt: skip
    return tuple(made)


def address(
    released: Released,
    recipient: Recipient,
    *,
    sender: Sender,
    outbox: Outbox,
    name: PlaceName,
    at: datetime,
    deputy: bool = False,
    step: int = 0,
) -> tuple[Message, ...]:
    """One recipient's messages of one notice, one a channel. A machine has no budget."""
    notice = released.notice
    alone = _alone(outbox, recipient, urgent=notice.urgent, at=at)
    made = []
    for channel in recipient.channels:
        key = message_key(notice.object_id, recipient.id, channel, step)
        links = Links(
            acknowledge=_link(sender, key, at) if notice.move is not Move.CANCEL else "",
            read_more=_read_more(sender, notice.alert_id),
            contact=sender.office.contact,
            deputy=deputy,
        )
        worded = word(
            released, place=name(notice.place, recipient.language), language=recipient.language, zone=recipient.zone,
            links=links,
        )  # fmt: skip
        waits = channel.read_by_people and not alone
        due = at
        if waits:
            due = at + GATHER if notice.urgent else next_digest(at, recipient.weekly_budget)
        elif channel.read_by_people and not notice.urgent:
            due = recipient.next_waking(at)
        made.append(
            Message(
                key=key,
                object_id=notice.object_id,
                alert_id=notice.alert_id,
                recipient=recipient.id,
                channel=channel,
                endpoint=endpoint(channel, recipient),
                urgent=notice.urgent,
                due_at=due,
                queued_at=at,
                step=step,
                state=State.WAITING if waits else State.QUEUED,
                payload=_payload(channel, released, recipient, worded, key=key, sender=sender, name=name),
            )
        )
    return tuple(made)


def combine(outbox: Outbox, recipients: Sequence[Recipient], *, sender: Sender, at: datetime) -> int:
    """Let go what waits and is due, as far as budgets allow: several notices as one digest. Gives their number.

    Where an ordinary notice may leave everything that waits leaves with it, urgent ones first; where only an urgent
    one may, the urgent ones do.
    """
    due = outbox.waits(at)
    made = 0
    for recipient in recipients:
        used, budget = outbox.used(recipient.id, at), recipient.weekly_budget
        ripe = [
            urgent
            for urgent in sorted(due.get(recipient.id, ()))
            if free(urgent=urgent, budget=budget, used=used, at=at) > 0
        ]
        if ripe:
            # Those that came since have their own later time, and still fit into the message that leaves now.
            held = [one for one in outbox.waiting(recipient.id) if one.urgent or False in ripe]
            made += _let_go(outbox, recipient, held, at=at, urgent=ripe[0], sender=sender)
    return made


def _alone(outbox: Outbox, recipient: Recipient, *, urgent: bool, at: datetime) -> bool:
    """Nothing overtakes what waits for the same person, but an urgent notice that overtakes ordinary ones."""
    held = outbox.waits().get(recipient.id, frozenset())
    if True in held or (held and not urgent):
        return False
    used = outbox.used(recipient.id, at)
    return goes_alone(urgent=urgent, budget=recipient.weekly_budget, used=used, at=at)


def _let_go(
    outbox: Outbox, recipient: Recipient, held: Sequence[Message], *, at: datetime, urgent: bool, sender: Sender
) -> int:
    """One message a channel, in place of all that waits; a single notice leaves as it is. It takes one place."""
    due = at if any(one.urgent for one in held) else recipient.next_waking(at)
    parts: dict[Channel, list[Message]] = {}
    for one in sorted(held, key=lambda one: not one.urgent):  # stable: oldest first among each
        parts.setdefault(one.channel, []).append(one)
    if all(len(own) == 1 for own in parts.values()):
        outbox.let_go([one.key for one in held], at=at, due_at=due)
        return 0
    for channel, own in parts.items():
        outbox.combine(_digest(recipient, channel, own, sender=sender, at=at, due_at=due, urgent=urgent), own)
    return len(parts)


def message_key(object_id: str, recipient: str, channel: Channel, step: int = 0) -> str:
    """The idempotency key: the same for the same notice, recipient, channel and step on every machine."""
    return short_hash(object_id, recipient, channel.value, str(step))


def endpoint(channel: Channel, recipient: Recipient) -> str:
    """Which server a message goes to, so that a broken one is left in peace: no person's address is in it."""
    match channel:
        case Channel.MAIL:
            return "mail"
        case Channel.CHAT:
            return f"chat:{recipient.chat}"
        case Channel.HOOK:
            return f"hook:{urlsplit(recipient.hook).netloc}"
        case Channel.CAP:
            return f"hook:{urlsplit(recipient.cap).netloc}"


def _payload(
    channel: Channel,
    released: Released,
    recipient: Recipient,
    worded: Worded,
    *,
    key: str,
    sender: Sender,
    name: PlaceName,
) -> str:
    notice = released.notice
    match channel:
        case Channel.MAIL:
            earlier = [
                message_id(sender.key, message_key(f"alert/{one.notice_id}", recipient.id, Channel.MAIL), sender.domain)
                for one in notice.references
            ]
            return _json(_mail(recipient, worded, key=key, sender=sender, sent=released.sent, references=earlier))
        case Channel.CHAT:
            due = instant(notice.acknowledge_by(released.sent), recipient.language, recipient.zone)
            text = " · ".join(
                filter(None, (f"{notice.notice_id} ({notice.move.value} {notice.number})", due,
                              _read_more(sender, notice.alert_id)))
            )  # fmt: skip
            return _json({"credential": recipient.chat, "text": text})
        case Channel.HOOK:
            return _json(
                {"url": recipient.hook, "secret": recipient.secret, "body": _json(_hook(released, worded, key))}
            )
        case Channel.CAP:
            texts = [
                word(released, place=name(notice.place, language), language=language, zone=recipient.zone)
                for language in recipient.languages
            ]
            body = to_cap(released, texts, office=sender.office, place=partial(name, notice.place))
            return _json({"url": recipient.cap, "secret": recipient.secret, "body": body.decode()})


def _mail(
    recipient: Recipient, worded: Worded, *, key: str, sender: Sender, sent: datetime, references: Sequence[str]
) -> dict[str, str]:
    return {
        "key": key,
        "from": sender.mail_from,
        "sender": sender.mail_sender,
        "to": recipient.mail,
        "subject": worded.headline,
        "date": format_datetime(sent),
        "message_id": message_id(sender.key, key, sender.domain),
        "references": " ".join(references),
        "text": worded.plain(),
        "html": to_html(worded),
    }


def _hook(released: Released, worded: Worded, key: str) -> Mapping[str, object]:
    notice = released.notice
    return {
        "schema": 1,
        "key": key,
        "identifier": notice.notice_id,
        "alert": notice.alert_id,
        "msgType": notice.move.value,
        "references": [one.notice_id for one in notice.references],
        "sent": released.sent.isoformat(),
        "expires": notice.expires(released.sent).isoformat(),
        "acknowledge_by": notice.acknowledge_by(released.sent).isoformat(),
        "level": notice.level.value,
        "place": notice.place,
        "triggers": list(notice.triggers),
        "confidence": notice.confidence.value,
        "skills": list(notice.skills),
        "headline": worded.headline,
        "text": worded.plain(),
    }


def _digest(
    recipient: Recipient,
    channel: Channel,
    parts: Sequence[Message],
    *,
    sender: Sender,
    at: datetime,
    due_at: datetime,
    urgent: bool,
) -> Message:
    """`urgent` says whose place it takes; it leaves before others when one of its parts is urgent."""
    of = short_hash(*(one.object_id for one in parts))
    object_id = f"{URGENT_DIGEST if urgent else DIGEST}{recipient.id}/{Week.of(at.date())}/{of}"
    key = message_key(object_id, recipient.id, channel)
    lines = [(one.object_id.removeprefix("alert/"), _headline(one)) for one in parts]
    links = Links(acknowledge=_link(sender, key, at), read_more=_read_more(sender, ""))
    worded = word_digest(lines, urgent=sum(one.urgent for one in parts), language=recipient.language, links=links)
    if channel is Channel.MAIL:
        payload = _json(_mail(recipient, worded, key=key, sender=sender, sent=at, references=()))
    else:
        text = " · ".join([worded.headline, *(reference for reference, _ in lines)])
        payload = _json({"credential": recipient.chat, "text": text})
    return Message(
        key=key,
        object_id=object_id,
        alert_id="",
        recipient=recipient.id,
        channel=channel,
        endpoint=endpoint(channel, recipient),
        urgent=any(one.urgent for one in parts),
        due_at=due_at,
        queued_at=at,
        payload=payload,
    )


def _headline(message: Message) -> str:
    payload: dict[str, str] = json.loads(message.payload)
    return payload.get("subject", payload.get("text", ""))


def _link(sender: Sender, key: str, at: datetime) -> str:
    return acknowledge_link(sender.key, sender.base, message=key, until=at + LINK_LIVES) if sender.base else ""


def _read_more(sender: Sender, alert_id: str) -> str:
    return f"{sender.base.rstrip('/')}/alerts/{alert_id}".rstrip("/") if sender.base else ""


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
