"""Signatures: of webhooks, of the link that acknowledges, and of the Message-ID that a reply repeats.

A webhook is signed over key, time and body, so that none of them can be changed; `check` is what a receiver does, and
refuses what is older than five minutes or was seen before.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from domain.errors import Refused

KEY = "Idempotency-Key"
TIME = "Horizon-Timestamp"
SIGNATURE = "Horizon-Signature"
FRESH = timedelta(minutes=5)
LINK_LIVES = timedelta(days=14)
MESSAGE_ID = re.compile(r"<(?P<key>[0-9a-f]{20})\.(?P<mark>[A-Za-z0-9_-]{22})@[^<>@\s]+>")


@dataclass(frozen=True, slots=True)
class Key:
    """A secret that prints as nothing. Each use derives its own, so that no signature serves for another use."""

    secret: bytes

    def __repr__(self) -> str:
        return "Key(…)"

    def sign(self, use: str, *parts: str) -> str:
        own = hmac.new(self.secret, use.encode(), hashlib.sha256).digest()
        text = "\n".join(f"{len(one.encode())}:{one}" for one in parts)
        return _text(hmac.new(own, text.encode(), hashlib.sha256).digest())

    def holds(self, signature: str, use: str, *parts: str) -> bool:
        return hmac.compare_digest(signature.encode(), self.sign(use, *parts).encode())


def sign_hook(secret: str, *, key: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """Headers of one try; a later try of the same message has a later time and the same key."""
    time = str(int(at.timestamp()))
    return {KEY: key, TIME: time, SIGNATURE: f"v1={_mac(secret, key, time, body)}"}


def check_hook(secret: str, headers: Mapping[str, str], body: bytes, *, at: datetime, fresh: timedelta = FRESH) -> str:
    """The receiver's side: the key of a message that is whole, ours and new; Refused otherwise.

    A receiver keeps the keys that it took for twice `fresh` at least, and answers 200 to one that it knows.
    """
    key, time = headers.get(KEY, ""), headers.get(TIME, "")
    given = headers.get(SIGNATURE, "").removeprefix("v1=")
    if not hmac.compare_digest(given.encode(), _mac(secret, key, time, body).encode()):
        raise _refuse("Its signature does not fit its key, time and body.")
    if not time.isdecimal() or abs(at - datetime.fromtimestamp(int(time), UTC)) > fresh:
        raise _refuse("It is too old: somebody may be sending it again.")
    return key


def acknowledge_link(key: Key, base: str, *, message: str, until: datetime) -> str:
    """The address that acknowledges one message. It names no person, no State and no alert."""
    end = str(int(until.timestamp()))
    query = urlencode({"m": message, "u": end, "s": key.sign("acknowledge", message, end)})
    return f"{base.rstrip('/')}/acknowledge?{query}"


def read_link(key: Key, link: str, *, at: datetime) -> str:
    """The message that a link acknowledges; Refused when it was changed or is too old."""
    query = parse_qs(urlsplit(link).query)
    message, end, signature = (query.get(name, [""])[0] for name in ("m", "u", "s"))
    if not message or not end.isdecimal() or not key.holds(signature, "acknowledge", message, end):
        raise _refuse("It is not one of our links, or it was changed on the way.")
    if at > datetime.fromtimestamp(int(end), UTC):
        raise _refuse("The link is too old.")
    return message


def message_id(key: Key, message: str, domain: str) -> str:
    """The Message-ID of a mail: the message's key and a mark that only we can make."""
    return f"<{message}.{key.sign('message-id', message)[:22]}@{domain}>"


def read_message_ids(key: Key, header: str) -> tuple[str, ...]:
    """The messages that a reply's In-Reply-To or References name and that we sent."""
    return tuple(
        found["key"]
        for found in MESSAGE_ID.finditer(header)
        if hmac.compare_digest(found["mark"], key.sign("message-id", found["key"])[:22])
    )


def _mac(secret: str, key: str, time: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{key}\n{time}\n".encode() + body, hashlib.sha256).hexdigest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _refuse(why: str) -> Refused:
    return Refused(
        "This message or link is not accepted.", why=why, do="Open the newest notice, or tell the duty officer."
    )
