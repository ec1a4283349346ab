"""The one guarded HTTP client: a card's own host, public addresses, and limits on time, size and hops."""

import ipaddress
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import urllib3

from collectors.base import FetchFailed
from domain.signal import Basis, Payload
from domain.source import SourceCard

__all__ = ["FetchFailed", "GuardedClient", "Limits"]

USER_AGENT = "horizon-scan/0.1 (early-warning collection; see the project's README)"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
DEFAULT_PORTS = {"http": 80, "https": 443}
CHUNK = 65_536

# Hosts that a publisher's own address sends its downloads to; a leading dot stands for any name below it.
DOWNLOAD_HOSTS = {"docs.google.com": (".googleusercontent.com",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, bytes after decompression, and hops. `total_seconds` covers the whole of one `get`."""

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    total_seconds: float = 120.0
    max_bytes: int = 64 * 1024 * 1024
    max_redirects: int = 3


class GuardedClient:
    """Gets addresses of one card. It reads no clock: `clock` says when a payload was collected.

    `allow_private` is for tests against a local server and for nothing else.
    """

    def __init__(
        self,
        card: SourceCard,
        *,
        clock: Callable[[], datetime],
        user_agent: str = USER_AGENT,
        limits: Limits | None = None,
        allow_private: bool = False,
    ) -> None:
        home = urlsplit(card.url)
        self._card = card
        self._clock = clock
        self._user_agent = user_agent
        self._limits = limits or Limits()
        self._allow_private = allow_private
        self._schemes = frozenset({"https", home.scheme})
        self._hosts = (home.hostname or "", *DOWNLOAD_HOSTS.get(home.hostname or "", ()))
        self._ports = frozenset({home.port} - {None})

    def get(self, url: str) -> Payload:
        """The payload at `url`, or FetchFailed with the reason."""
        deadline = time.monotonic() + self._limits.total_seconds
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy or a .netrc of the machine would undo the checks
                session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
                return self._follow(session, url, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise FetchFailed(url, f"{type(error).__name__}: {error}") from error

    def _follow(self, session: requests.Session, url: str, deadline: float) -> Payload:
        hop = url
        for _ in range(self._limits.max_redirects + 1):
            self._check(hop)
            left = deadline - time.monotonic()
            if left <= 0:
                raise FetchFailed(url, f"not complete after {self._limits.total_seconds:g} seconds")
            response = session.get(
                hop,
                headers={"User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate"},
                timeout=(min(self._limits.connect_seconds, left), min(self._limits.read_seconds, left)),
                allow_redirects=False,
                stream=True,
            )
            with closing(response):
                if response.status_code in REDIRECTS and "location" in response.headers:
                    hop = urljoin(hop, response.headers["location"])
                    continue
                if not 200 <= response.status_code < 300:
                    raise FetchFailed(hop, f"status {response.status_code}")
                return Payload(
                    source_id=self._card.id,
                    url=url,
                    status=response.status_code,
                    headers=tuple(sorted((name.lower(), value) for name, value in response.headers.items())),
                    body=b"".join(self._read(response, hop, deadline)),
                    collected_at=self._clock(),
                    basis=Basis.AS_PUBLISHED,
                )
        raise FetchFailed(url, f"more than {self._limits.max_redirects} redirects")

    def _read(self, response: requests.Response, url: str, deadline: float) -> Iterator[bytes]:
        """What has come so far, piece by piece: a server that drips meets the total deadline."""
        size = 0
        while True:
            if time.monotonic() > deadline:
                raise FetchFailed(url, f"not complete after {self._limits.total_seconds:g} seconds")
            piece: bytes = response.raw.read1(CHUNK, decode_content=True)
            if not piece:
                return
            size += len(piece)
            if size > self._limits.max_bytes:
                raise FetchFailed(url, f"larger than {self._limits.max_bytes} bytes")
            yield piece

    def _check(self, url: str) -> None:
        """Refuse an address that is not the card's, or that leads into a private network."""
        try:
            parts = urlsplit(url)
            port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise FetchFailed(url, f"not an address: {error}") from error
        if parts.scheme not in self._schemes:
            raise FetchFailed(url, f"scheme {parts.scheme!r} is not allowed for this card")
        if parts.username is not None or parts.password is not None:
            raise FetchFailed(url, "an address with a user name is refused")
        if not self._known_host(parts):
            raise FetchFailed(url, f"host {parts.hostname!r} is not the card's")
        if port not in {DEFAULT_PORTS[parts.scheme], *self._ports}:
            raise FetchFailed(url, f"port {port} is not the card's")
        if not self._allow_private:
            self._refuse_private(url, parts.hostname or "", port)

    def _known_host(self, parts: SplitResult) -> bool:
        host = parts.hostname or ""
        return any(host == known or (known.startswith(".") and host.endswith(known)) for known in self._hosts)

    def _refuse_private(self, url: str, host: str, port: int) -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise FetchFailed(url, f"not a host name: {error}") from error
        for *_, address in found:
            ip = ipaddress.ip_address(str(address[0]).partition("%")[0])
            plain = getattr(ip, "ipv4_mapped", None) or ip
            if not plain.is_global or plain.is_multicast:
                raise FetchFailed(url, f"{host} leads to {ip}, which is not a public address")
