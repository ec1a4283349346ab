"""Posts one signed message over one new connection, once, to a public address that was checked.

The client of collectors/http.py repeats what it asks, which a message must not be: this one shares its guards (what an
address may be, which networks are never entered, limits on time and bytes) and neither repeats nor follows a redirect.
"""

import http.client
import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from alerts.outbox import Result
from alerts.send import Begin, Outcome
from collectors.guard import NotAllowed, NotFound, Resolve, check_public, read_address, resolve
from collectors.wire import Limits, Stopped, Watch, WatchedSocket, dial

LIMITS = Limits(
    connect_seconds=10.0, first_byte_seconds=20.0, idle_seconds=10.0, total_seconds=40.0, max_wire_bytes=256 * 1024
)
AGAIN = frozenset({408, 425, 429})
REDIRECTS = range(300, 400)


class GuardedPoster:
    """A `Poster` of alerts/send.py. `allow_loopback` is for tests against a local server and for nothing else."""

    def __init__(
        self,
        *,
        limits: Limits = LIMITS,
        resolve: Resolve = resolve,
        context: ssl.SSLContext | None = None,
        allow_loopback: bool = False,
    ) -> None:
        self._limits = limits
        self._resolve = resolve
        self._context = context or ssl.create_default_context()
        self._allow_loopback = allow_loopback

    def post(self, url: str, *, body: bytes, headers: Mapping[str, str], begin: Begin) -> Outcome:
        watch = Watch(
            limits=self._limits, monotonic=time.monotonic, deadline=time.monotonic() + self._limits.total_seconds
        )
        try:
            connection = self._connect(url, watch)
        except NotAllowed as error:
            return Outcome(result=Result.REFUSED, told=f"its address is not one that may be asked: {error}")
        except (NotFound, Stopped, OSError, ssl.SSLError) as error:
            return Outcome(result=Result.LATER, told=f"no line to the server: {_reason(error)}", server=True)
        parts = urlsplit(url)
        path = parts.path or "/"
        sent = {
            **headers,
            "Host": parts.netloc,
            "Content-Length": str(len(body)),
            "Connection": "close",
            "Accept": "*/*",
        }
        begin()
        try:
            connection.request("POST", f"{path}?{parts.query}" if parts.query else path, body=body, headers=sent)
            status = connection.getresponse().status
        except (Stopped, OSError, http.client.HTTPException) as error:
            return Outcome(result=Result.UNKNOWN, told=f"it was sent and no answer came: {_reason(error)}", server=True)
        finally:
            connection.close()
        return _read(status)

    def _connect(self, url: str, watch: Watch) -> http.client.HTTPConnection:
        address = read_address(url)
        if address.scheme != "https" and not self._allow_loopback:
            raise NotAllowed("only https is")
        found = tuple(self._resolve(address.host, address.port, self._limits.connect_seconds))
        for one in found:
            check_public(one, loopback=self._allow_loopback)
        sock = dial(found, address.port, watch)
        if address.scheme == "https":
            try:
                sock = self._context.wrap_socket(sock, server_hostname=address.host)
            except BaseException:
                sock.close()
                raise
        connection = http.client.HTTPConnection(address.host, address.port)
        connection.sock = WatchedSocket(sock, watch)
        return connection


def _read(status: int) -> Outcome:
    """2xx has it; 408, 425, 429 and 5xx may take it later under the same key; anything else needs a person."""
    if 200 <= status < 300:
        return Outcome(result=Result.ACCEPTED, told=f"the server took it ({status})")
    if status in AGAIN or status >= 500:
        return Outcome(result=Result.LATER, told=f"the server does not take it now ({status})", server=status >= 500)
    if status in REDIRECTS:
        return Outcome(
            result=Result.REFUSED, told=f"the server sends us elsewhere ({status}); a message does not follow"
        )
    return Outcome(result=Result.REFUSED, told=f"the server refuses it ({status})")


def _reason(error: Exception) -> str:
    """In words without addresses."""
    match error:
        case Stopped():
            return "connection refused" if "refused" in error.reason.casefold() else error.reason.partition(":")[0]
        case NotFound():
            return "its name has no address"
        case ssl.SSLError():
            return "TLS failed"
        case TimeoutError():
            return "no answer in time"
        case ConnectionError() | http.client.HTTPException():
            return "the line was cut"
    return type(error).__name__
