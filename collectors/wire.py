"""One exchange on the wire: a connection to addresses that were checked before, and limits on time and bytes.

requests limits each read, not the whole; and it asks for the address again when it connects. Both are mended here:
every read of the socket passes a `Watch`, and the connection goes to the addresses that it is handed.
"""

import io
import socket
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CHUNK = 65_536
# Only what the standard library unpacks is asked for: no decoder for brotli or zstd is in the lock.
ENCODINGS = "gzip, deflate"


class Stopped(Exception):
    """An exchange that broke, or was broken off by a limit.

    `again`: another try may help; `wait`: the seconds that the server asks for first. `status` is 0 without an answer.
    """

    def __init__(self, reason: str, *, again: bool = False, wait: float | None = None, status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.wait = wait
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, bytes and hops. `total_seconds` covers the whole of one `get`, waits and further tries included.

    `max_wire_bytes` counts what travels, `max_bytes` what it unpacks to. `max_head_bytes` counts status lines and
    headers of one answer; the standard library ends at 100 headers by itself.
    """

    connect_seconds: float = 10.0
    first_byte_seconds: float = 30.0
    idle_seconds: float = 20.0
    total_seconds: float = 120.0
    max_wire_bytes: int = 64 * 1024 * 1024
    max_bytes: int = 64 * 1024 * 1024
    max_head_bytes: int = 64 * 1024
    max_redirects: int = 3


@dataclass(slots=True, kw_only=True)
class Watch:
    """What one answer may still take. `deadline` is an instant of `monotonic`."""

    limits: Limits
    monotonic: Callable[[], float]
    deadline: float
    received: int = field(default=0, init=False)
    in_head: bool = field(default=True, init=False)

    def left(self) -> float:
        """Seconds until the total deadline, never more than that and never none."""
        left = self.deadline - self.monotonic()
        if left <= 0:
            raise Stopped(f"not complete after {self.limits.total_seconds:g} seconds")
        return left

    def patience(self) -> float:
        """Seconds for the next read; also ends an answer that has sent too much."""
        if self.in_head and self.received >= self.limits.max_head_bytes:
            raise Stopped(f"headers larger than {self.limits.max_head_bytes} bytes")
        if self.received > self.limits.max_wire_bytes + self.limits.max_head_bytes:
            raise Stopped(f"larger than {self.limits.max_wire_bytes} bytes on the wire")
        return min(self.limits.idle_seconds if self.received else self.limits.first_byte_seconds, self.left())

    def late(self) -> Stopped:
        """Why a read gave nothing in its time."""
        self.left()
        if self.received:
            return Stopped(f"silent for {self.limits.idle_seconds:g} seconds", again=True)
        return Stopped(f"no answer within {self.limits.first_byte_seconds:g} seconds", again=True)


class Reader(io.RawIOBase):
    """The receiving side of a socket; each read keeps the limits of the watch."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._watch = watch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._watch.patience())
        try:
            count = self._raw.readinto(buffer) or 0
        except TimeoutError:
            raise self._watch.late() from None
        self._watch.received += count
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class WatchedSocket:
    """A socket whose answers are read through the watch; everything else is the socket's own."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self._sock = sock
        self._watch = watch

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        return io.BufferedReader(Reader(self._sock, self._watch))

    def settimeout(self, _: float | None) -> None:
        """The watch sets the time of each read; nobody else does."""

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(min(self._watch.limits.idle_seconds, self._watch.left()))
        self._sock.sendall(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class PlainConnection(HTTPConnection):
    """A connection to an address that was checked; the name serves the Host header alone."""

    def __init__(self, *args: Any, pinned: Sequence[str], watch: Watch, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._pinned = pinned
        self._watch = watch

    def _new_conn(self) -> socket.socket:
        return dial(self._pinned, self.port, self._watch)

    def connect(self) -> None:
        super().connect()
        self.sock = WatchedSocket(self.sock, self._watch)


class SecureConnection(HTTPSConnection):
    """The same under TLS; the name also serves the certificate and the server name of the handshake."""

    def __init__(self, *args: Any, pinned: Sequence[str], watch: Watch, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._pinned = pinned
        self._watch = watch

    def _new_conn(self) -> socket.socket:
        return dial(self._pinned, self.port, self._watch)

    def connect(self) -> None:
        super().connect()
        self.sock = WatchedSocket(self.sock, self._watch)


class PinnedAdapter(HTTPAdapter):
    """Sends one request over one connection to the addresses in hand; nothing is looked up and nothing reused."""

    def __init__(self, *, pinned: Sequence[str], port: int, watch: Watch) -> None:
        super().__init__(max_retries=0)
        self._pinned = pinned
        self._port = port
        self._watch = watch

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        where, tls = self.build_connection_pool_key_attributes(request, verify, cert)
        pool: HTTPConnectionPool
        if where["scheme"] == "https":
            pool = HTTPSConnectionPool(where["host"], self._port, **tls)
            pool.ConnectionCls = partial(SecureConnection, pinned=self._pinned, watch=self._watch)  # type: ignore[assignment]
        else:
            pool = HTTPConnectionPool(where["host"], self._port)
            pool.ConnectionCls = partial(PlainConnection, pinned=self._pinned, watch=self._watch)  # type: ignore[assignment]
        return pool


def dial(pinned: Sequence[str], port: int, watch: Watch) -> socket.socket:
    """A socket to the first of the addresses that answers. Its time limit then holds for the TLS handshake."""
    failed: OSError | None = None
    for address in pinned:
        try:
            seconds = min(watch.limits.connect_seconds, watch.left())
            sock = socket.create_connection((address, port), timeout=seconds)
        except OSError as error:
            failed = error
            continue
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    watch.left()
    what = "no connection in time" if isinstance(failed, TimeoutError) else f"no connection: {failed}"
    raise Stopped(what, again=True) from None


def read_body(response: requests.Response, watch: Watch) -> bytes:
    """The whole body, unpacked. Neither what travels nor what it unpacks to goes past its limit."""
    return b"".join(read_pieces(response, watch))


def read_pieces(response: requests.Response, watch: Watch) -> Iterator[bytes]:
    """The body unpacked, in pieces of at most CHUNK bytes, under the same limits."""
    watch.in_head = False
    limits = watch.limits
    size = 0
    for piece in _unpacked(_travelled(response, watch), response.headers.get("content-encoding", "")):
        size += len(piece)
        if size > limits.max_bytes:
            raise Stopped(f"larger than {limits.max_bytes} bytes")
        watch.left()
        yield piece


def _travelled(response: requests.Response, watch: Watch) -> Iterator[bytes]:
    size = 0
    while piece := response.raw.read1(CHUNK, decode_content=False):
        size += len(piece)
        if size > watch.limits.max_wire_bytes:
            raise Stopped(f"larger than {watch.limits.max_wire_bytes} bytes on the wire")
        yield piece


def _unpacked(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Pieces of at most CHUNK bytes, however small the piece that they come from."""
    match encoding.strip().lower():
        case "" | "identity":
            yield from pieces
        case "gzip" | "x-gzip":
            yield from _inflated(pieces, lambda _: zlib.decompressobj(16 + zlib.MAX_WBITS), several=True)
        case "deflate":
            yield from _inflated(pieces, _deflate_form, several=False)
        case other:
            raise Stopped(f"packed as {other[:40]!r}, which was not asked for")


def _deflate_form(first: bytes) -> Any:
    """Half of the servers send zlib's form and half the bare one; the first two bytes tell (RFC 1950)."""
    zlib_form = len(first) > 1 and first[0] & 0x0F == 8 and int.from_bytes(first[:2], "big") % 31 == 0
    return zlib.decompressobj(zlib.MAX_WBITS if zlib_form else -zlib.MAX_WBITS)


def _inflated(pieces: Iterator[bytes], start: Callable[[bytes], Any], *, several: bool) -> Iterator[bytes]:
    unpacker: Any = None
    for piece in pieces:
        rest = piece
        while rest:
            if unpacker is None:
                unpacker = start(rest)
            elif unpacker.eof:
                if not (several and rest.startswith(b"\x1f")):
                    return  # padding after the last member
                unpacker = start(rest)
            try:
                unpacked = unpacker.decompress(rest, CHUNK)
            except zlib.error as error:
                raise Stopped(f"cannot be unpacked: {error}") from None
            yield unpacked
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    if unpacker is not None and not unpacker.eof:
        yield unpacker.flush()
    if unpacker is not None and not unpacker.eof:
        raise Stopped("the packed body ends too early", again=True)
