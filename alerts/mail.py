"""E-mail: plain text and HTML, threaded by Message-ID, one connection a message, and an honest answer of what is known.

RFC 5321 section 6.1: a server that said 250 after the text has the message. What breaks before the text is sent did not
arrive; what breaks after it, or is answered by anything else than 2xx, 4xx or 5xx, is unknown. A new connection each
time, because a server that answers twice would answer the next message's question with the last one's answer.
"""

import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alerts.outbox import Result
from alerts.send import Begin, Outcome
from alerts.wording import Worded

TEMPLATES = Path(__file__).parent / "templates"
TEMPORARY = range(400, 500)
PERMANENT = range(500, 600)


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail goes. Without TLS no password is sent; the default demands it."""

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    seconds: float = 30.0


def to_html(worded: Worded) -> str:
    """The notice as one narrow page that reads well on a phone; nothing in it is loaded from elsewhere."""
    return _environment().get_template("notice.html").render(worded=worded)


def build(payload: Mapping[str, str]) -> EmailMessage:
    """The mail of a payload: the same bytes at each try but for nothing at all."""
    message = EmailMessage(policy=SMTP)
    message["From"] = payload["from"]
    message["To"] = Address(addr_spec=payload["to"])
    message["Subject"] = payload["subject"]
    message["Date"] = payload["date"]
    message["Message-ID"] = payload["message_id"]
    if payload.get("references"):
        message["In-Reply-To"] = payload["references"].split()[0]
        message["References"] = payload["references"]
    message["X-Horizon-Key"] = payload["key"]
    # A holiday answer must not look like an acknowledgement.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(payload["text"], cte="base64")
    message.add_alternative(payload["html"], subtype="html", cte="base64")
    # The boundary is random by default; from the key it is the same at every try.
    message.set_boundary(f"horizon-{payload['key']}")
    return message


class SmtpMailer:
    """Sends over SMTP; certificates are checked."""

    def __init__(self, server: Server, *, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._context = context or ssl.create_default_context()

    def deliver(self, payload: Mapping[str, str], *, begin: Begin) -> Outcome:
        if not self._server.host:
            return Outcome(result=Result.LATER, told="no mail server is set in channels.toml", server=True)
        try:
            message = build(payload)
        except ValueError:
            return Outcome(
                result=Result.REFUSED, told="the mail cannot be written: its address or subject is no mail's"
            )
        try:
            smtp = self._connect()
        except smtplib.SMTPAuthenticationError:
            return Outcome(result=Result.LATER, told="the mail server does not take our sign-in", server=True)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(result=Result.LATER, told=f"no line to the mail server: {_reason(error)}", server=True)
        try:
            return self._hand_over(smtp, message, payload, begin)
        finally:
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        name = "horizon.invalid"  # a machine's own name is nobody's business
        if server.security is Security.TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, local_hostname=name, timeout=server.seconds, context=self._context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=server.seconds)
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.security is Security.STARTTLS:
                smtp.starttls(context=self._context)
                smtp.ehlo()
            if server.user and server.security is not Security.NONE:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _hand_over(
        self, smtp: smtplib.SMTP, message: EmailMessage, payload: Mapping[str, str], begin: Begin
    ) -> Outcome:
        try:
            for what, (code, _) in (
                ("the sender", smtp.mail(payload["sender"])),
                ("the recipient", smtp.rcpt(payload["to"])),
            ):
                if not 200 <= code < 300:
                    return _refused(code, what)
            code, _ = smtp.docmd("DATA")
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(
                result=Result.LATER, told=f"the mail server broke off before the text: {_reason(error)}", server=True
            )
        if code != 354:
            return _refused(code, "the text")
        begin()
        body = message.as_bytes().replace(b"\r\n.", b"\r\n..")
        try:
            smtp.send(body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            code, _ = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(
                result=Result.UNKNOWN, told=f"the text was sent and no answer came: {_reason(error)}", server=True
            )
        if 200 <= code < 300:
            return Outcome(result=Result.ACCEPTED, told=f"the mail server took it ({code})")
        if code in TEMPORARY or code in PERMANENT:
            return _refused(code, "the text")
        return Outcome(result=Result.UNKNOWN, told=f"the answer makes no sense ({code})", server=True)


def _refused(code: int, what: str) -> Outcome:
    """4xx is for now, 5xx for good; anything else came out of turn, and the message stays here."""
    if code in PERMANENT:
        return Outcome(result=Result.REFUSED, told=f"the mail server refuses {what} ({code})")
    return Outcome(result=Result.LATER, told=f"the mail server does not take {what} now ({code})")


def _reason(error: Exception) -> str:
    """In words without addresses: what a library says may hold them."""
    match error:
        case TimeoutError() | socket.timeout():
            return "no answer in time"
        case ConnectionRefusedError():
            return "connection refused"
        case ssl.SSLError():
            return "TLS failed"
        case smtplib.SMTPResponseException():
            return f"status {error.smtp_code}"
        case smtplib.SMTPServerDisconnected() | ConnectionError():
            return "the line was cut"
    return type(error).__name__


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True), undefined=StrictUndefined
    )
