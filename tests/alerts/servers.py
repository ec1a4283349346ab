"""Real servers that misbehave on purpose: HTTP receivers and an SMTP server that refuse, stall, drop, say it twice."""

import contextlib
import email
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from alerts.mail import Security, Server
from collectors.wire import Limits
from horizon.poster import GuardedPoster

Script = Callable[[str], str]


def always(word: str) -> Script:
    return lambda _key: word


class Hooks:
    """A receiver that keeps a message once, by its key. `script` says by key how it behaves.

    ok · refuse (503) · forbid (403) · drop (before reading) · accept and drop · stall (took it, says nothing) · twice.
    """

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or always("ok")
        self.requests: Counter[str] = Counter()
        self.kept: dict[str, bytes] = {}
        self.effects: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []
        self._guard = threading.Lock()
        self._stop = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.handle(self)

            def log_message(self, *_: Any) -> None:
                pass

        class Listening(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_: Any) -> None:
                pass  # a killed sender breaks its connection

        self._server = Listening(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/inbox"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        key = request.headers.get("Idempotency-Key", "")
        how = self.script(key)
        if how == "drop":
            self._cut(request)
            return
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if len(body) < int(request.headers["Content-Length"]):
            return  # the sender was killed half way: nothing whole arrived
        if how in {"refuse", "forbid"}:
            request.send_error(503 if how == "refuse" else 403)
            return
        with self._guard:
            self.requests[key] += 1
            self.headers.append(dict(request.headers.items()))
            if key not in self.kept:  # the channel can tell
                self.kept[key] = body
                self.effects[key] += 1
        if how == "accept and drop":
            self._cut(request)
            return
        if how == "stall":
            self._stop.wait(30)
            return
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        request.wfile.write(answer * (2 if how == "twice" else 1))

    def _cut(self, request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        with contextlib.suppress(OSError):
            request.connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()


class Mails:
    """An SMTP server; `script` says by X-Horizon-Key how it behaves after the text, or by `rcpt` before it.

    ok · refuse (451) · forbid (550) · accept and drop · stall · twice.
    """

    def __init__(self, script: Script | None = None, *, at_rcpt: str = "ok") -> None:
        self.script = script or always("ok")
        self.at_rcpt = at_rcpt
        self.copies: Counter[str] = Counter()
        self.mails: list[Message] = []
        with socket.socket() as free:  # its controller calls itself by number, so it needs one before it starts
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.at_rcpt == "refuse":
            return "451 later"
        if self.at_rcpt == "forbid":
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        import asyncio  # noqa: PLC0415

        found = email.message_from_bytes(envelope.content)
        key = str(found["X-Horizon-Key"])
        how = self.script(key)
        if how == "refuse":
            return "451 later"
        if how == "forbid":
            return "550 no"
        self.copies[key] += 1
        self.mails.append(found)
        if how == "accept and drop":
            server.transport.abort()
            return "250 OK"
        if how == "stall":
            await asyncio.sleep(30)
        if how == "twice":
            await server.push("250 OK")
        return "250 OK"

    def close(self) -> None:
        self._controller.stop()


def poster(seconds: float) -> GuardedPoster:
    """Posts to a server of this machine, and waits for none of its answers longer than this."""
    limits = Limits(
        connect_seconds=2 * seconds, first_byte_seconds=seconds, idle_seconds=seconds, total_seconds=3 * seconds
    )
    return GuardedPoster(limits=limits, allow_loopback=True)


def mail_server(port: int, seconds: float) -> Server:
    return Server(host="127.0.0.1", port=port, security=Security.NONE, seconds=seconds)


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    server = Hooks()
    yield server
    server.close()


@pytest.fixture
def mails() -> Iterator[Mails]:
    server = Mails()
    yield server
    server.close()
