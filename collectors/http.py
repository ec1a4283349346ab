"""The one guarded HTTP client: a card's own host, public addresses, limits on everything, and good manners.

What is refused and why stands in guard.py, what an answer may take in wire.py, how often a host is asked in pace.py.
The result of every fault is in docs/faults.md.
"""

import base64
import binascii
import http.client
import re
import secrets
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import requests
import urllib3

from collectors.base import FetchFailed
from collectors.guard import (
    DEFAULT_PORTS,
    Address,
    NotAllowed,
    NotFound,
    Resolve,
    check_public,
    read_address,
    resolve,
)
from collectors.pace import Pace, Patience, read_retry_after
from collectors.wire import ENCODINGS, Limits, PinnedAdapter, Stopped, Watch, read_body
from domain.errors import HorizonError
from domain.signal import Basis, Payload
from domain.source import Kind, SourceCard

__all__ = ["FetchFailed", "GuardedClient", "Limits", "Patience", "Unchanged", "Validators"]

USER_AGENT = "horizon-scan/0.1 (early-warning collection; see the project's README)"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
REDACTED = "[redacted]"
SECRET_HEADERS = frozenset({"set-cookie", "set-cookie2", "authorization", "proxy-authorization", "cookie"})
CHANCE = secrets.SystemRandom()
ROBOTS_BYTES = 500 * 1024  # RFC 9309 section 2.5: a reader must take at least this much

# Hosts that a publisher's own address sends its downloads to; a leading dot stands for any name below it.
DOWNLOAD_HOSTS = {"docs.google.com": (".googleusercontent.com",)}

# Kinds that ask for one address. Of several, one that did not change would hide the others.
ONE_ADDRESS = frozenset({Kind.RSS, Kind.JSON_API, Kind.CSV_FILE, Kind.TABLE_FILE, Kind.UN_DOCUMENT})


class Validators(Protocol):
    """What the last landed answer of an address said of itself: its ETag and Last-Modified, empty where it had none."""

    def get(self, url: str) -> tuple[str, str] | None: ...


class Unchanged(HorizonError):
    """The server says that nothing changed since the answer that landed: a look that saw, and no failure."""

    exit_code = 0

    def __init__(self, url: str) -> None:
        super().__init__(f"{url} is unchanged.", why="The server answered 304.", do="Nothing; what landed still holds.")
        self.url = url


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Headers of a source that needs a key, and every form in which their values could come back."""

    headers: Mapping[str, str] = field(repr=False)
    forms: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Secrets":
        found: list[str] = []
        for value in headers.values():
            found += _forms(value)
        plain = dict.fromkeys(form for one in found if one for form in (one, quote(one, safe="")))
        return cls(headers=dict(headers), forms=tuple(sorted(plain, key=len, reverse=True)))

    def hide(self, text: str) -> str:
        for form in self.forms:
            text = text.replace(form, REDACTED)
        return text

    def stand_in(self, body: bytes) -> bool:
        """Whether a body repeats one; a form under 8 signs could stand there by chance."""
        return any(form.encode() in body for form in self.forms if len(form) >= 8)


class GuardedClient:
    """Gets addresses of one card. It reads no clock: `clock` says when a payload was collected.

    `credentials` are headers, sent to the card's own host alone. `validators` make requests conditional; a card of
    several addresses is always read whole. `pace_folder` is shared by all tasks. `authorities` is a file of
    certificates in place of the usual ones. `allow_loopback` is for tests against a local server and for nothing else.
    """

    def __init__(
        self,
        card: SourceCard,
        *,
        clock: Callable[[], datetime],
        user_agent: str = USER_AGENT,
        limits: Limits | None = None,
        patience: Patience | None = None,
        credentials: Mapping[str, str] | None = None,
        validators: Validators | None = None,
        pace_folder: Path | None = None,
        resolve: Resolve = resolve,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = CHANCE.random,
        authorities: Path | None = None,
        allow_loopback: bool = False,
    ) -> None:
        self._card = card
        self._clock = clock
        self._user_agent = user_agent
        self._limits = limits or Limits()
        self._patience = patience or Patience()
        self._secrets = Secrets.of(credentials or {})
        self._validators = validators if card.kind in ONE_ADDRESS else None
        self._pace = Pace(clock=clock, patience=self._patience, folder=pace_folder)
        self._resolve = resolve
        self._sleep = sleep
        self._monotonic = monotonic
        self._jitter = jitter
        self._verify: bool | str = str(authorities) if authorities else True
        self._allow_loopback = allow_loopback
        self._robots: dict[str, RobotFileParser] = {}
        try:
            home = read_address(card.url)
        except NotAllowed as error:
            raise FetchFailed(card.url, str(error), do="Correct the card's url.") from None
        self._home = home
        self._schemes = frozenset({"https", home.scheme})
        self._hosts = (home.host, *DOWNLOAD_HOSTS.get(home.host, ()))

    def __repr__(self) -> str:
        return f"GuardedClient({self._card.id})"

    def get(self, url: str) -> Payload:
        """The payload at `url`; Unchanged, or FetchFailed with the reason."""
        deadline = self._monotonic() + self._limits.total_seconds
        reasons: list[str] = []
        for turn in range(1, self._patience.tries + 1):
            came = self._try(url, deadline)
            if not isinstance(came, Stopped):
                if isinstance(came, Payload):
                    return came
                raise came
            reasons.append(self._secrets.hide(came.reason))
            if not came.again or turn == self._patience.tries:
                break
            wait = 0.0 if came.wait is not None else self._patience.backoff(turn, self._jitter())
            if wait >= deadline - self._monotonic():
                break
            self._sleep(wait)
        tries = f" ({len(reasons)} tries)" if len(reasons) > 1 else ""
        # Raised here, outside of any except block: what the libraries raised holds the request and its headers.
        raise FetchFailed(self._secrets.hide(url), "; then ".join(dict.fromkeys(reasons)) + tries)

    def _try(self, url: str, deadline: float) -> Payload | Unchanged | Stopped:
        """One try as a value, so that nothing that holds a credential travels on in an exception's context."""
        watch = self._watch(deadline)
        try:
            return self._follow(url, watch, self._conditions(url), page=self._card.kind is Kind.HTML_TABLE)
        except (Stopped, Unchanged) as outcome:
            return outcome.with_traceback(None)
        except NotAllowed as error:
            return Stopped(str(error))
        except NotFound as error:
            return Stopped(str(error), again=True)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, http.client.HTTPException) as error:
            return _read_failure(error)

    def _follow(self, url: str, watch: Watch, conditions: Mapping[str, str], *, page: bool) -> Payload:
        hop, before = url, ""
        for _ in range(self._limits.max_redirects + 1):
            address = self._check(hop)
            if page:
                self._ask_robots(address, watch.deadline)
            if address.host != before:  # a redirect within a host is part of the same request
                self._wait_turn(address, watch)
                before = address.host
            watch = self._watch(watch.deadline)
            with self._answer(address, watch, conditions) as response:
                status = response.status_code
                if status in REDIRECTS and "location" in response.headers:
                    hop = urljoin(address.url, _tidy(response.headers["location"]))
                    continue
                if status == 304 and conditions:
                    raise Unchanged(self._secrets.hide(url))
                if not 200 <= status < 300:
                    raise self._refused(address, response)
                return self._payload(url, response, self._body(address, response, watch))
        raise Stopped(f"more than {self._limits.max_redirects} redirects")

    def _payload(self, url: str, response: requests.Response, body: bytes) -> Payload:
        if self._secrets.stand_in(body):
            raise Stopped("the answer repeats a credential, so it is not kept")
        return Payload(
            source_id=self._card.id,
            url=url,
            status=response.status_code,
            headers=tuple(sorted(self._landed_headers(response))),
            body=body,
            collected_at=self._clock(),
            basis=Basis.AS_PUBLISHED,
        )

    def _landed_headers(self, response: requests.Response) -> Iterator[tuple[str, str]]:
        for name, value in response.headers.items():
            plain = name.lower()
            yield self._secrets.hide(plain), REDACTED if plain in SECRET_HEADERS else self._secrets.hide(value)

    def _answer(self, address: Address, watch: Watch, conditions: Mapping[str, str]) -> closing[requests.Response]:
        """One request to addresses that were looked up once and checked. Its outcome counts for the host's rest."""
        pinned = self._pin(address, watch)
        headers = {"User-Agent": self._user_agent, "Accept-Encoding": ENCODINGS, "Accept": "*/*", **conditions}
        # A key is for the publisher: a host that it sends downloads to does not get it, nor an open line.
        if address.host == self._home.host and (address.scheme == "https" or self._allow_loopback):
            headers.update(self._secrets.headers)
        session = requests.Session()
        session.trust_env = False  # a proxy or a .netrc of the machine would undo the checks
        adapter = PinnedAdapter(pinned=pinned, port=address.port, watch=watch)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        try:
            response = session.get(
                address.url,
                headers=headers,
                timeout=watch.left(),
                allow_redirects=False,
                stream=True,
                verify=self._verify,
            )
        except BaseException:
            self._pace.failed(address.host)
            raise
        if response.status_code == 429 or response.status_code >= 500:
            self._pace.failed(address.host)
        elif not 200 <= response.status_code < 300:
            self._pace.succeeded(address.host)
        return closing(response)

    def _body(self, address: Address, response: requests.Response, watch: Watch) -> bytes:
        try:
            body = read_body(response, watch)
        except BaseException:
            self._pace.failed(address.host)
            raise
        self._pace.succeeded(address.host)
        return body

    def _refused(self, address: Address, response: requests.Response) -> Stopped:
        status = response.status_code
        if status != 429 and status < 500:
            return Stopped(f"status {status}", status=status)
        wait = read_retry_after(response.headers.get("retry-after", ""), self._clock())
        if wait is not None:
            self._pace.rest(address.host, wait)
        return Stopped(f"status {status}", again=True, wait=wait, status=status)

    def _wait_turn(self, address: Address, watch: Watch) -> None:
        longest = min(watch.left(), self._patience.longest_wait_seconds)
        wait = self._pace.take_turn(address.host, longest=longest, interval=self._crawl_delay(address))
        if wait > 0:
            self._sleep(wait)

    def _pin(self, address: Address, watch: Watch) -> tuple[str, ...]:
        """The addresses of the host, asked for once; one inner address among them spoils them all."""
        pinned = tuple(self._resolve(address.host, address.port, min(self._limits.connect_seconds, watch.left())))
        for one in pinned:
            try:
                check_public(one, loopback=self._allow_loopback)
            except NotAllowed as error:
                raise NotAllowed(f"{address.host} {error}") from None
        return pinned

    def _check(self, url: str) -> Address:
        """The address in its one spelling, if it is the card's."""
        if self._secrets.hide(url) != url:
            raise NotAllowed("the address holds a credential; credentials travel as headers")
        address = read_address(url)
        if address.scheme not in self._schemes:
            raise NotAllowed(f"scheme {address.scheme!r} is not allowed for this card")
        if not any(
            address.host == known or (known.startswith(".") and address.host.endswith(known)) for known in self._hosts
        ):
            raise NotAllowed(f"host {address.host!r} is not the card's")
        if address.port not in {DEFAULT_PORTS[address.scheme], self._home.port}:
            raise NotAllowed(f"port {address.port} is not the card's")
        return address

    def _conditions(self, url: str) -> dict[str, str]:
        known = self._validators.get(url) if self._validators else None
        etag, modified = known or ("", "")
        return {
            name: value
            for name, value in (("If-None-Match", etag), ("If-Modified-Since", modified))
            if value and value.isascii() and value.isprintable()
        }

    def _ask_robots(self, address: Address, deadline: float) -> None:
        """RFC 9309: no robots.txt allows everything, one that cannot be had for now allows nothing."""
        site = _site(address)
        if site not in self._robots:
            rules = RobotFileParser()
            try:
                payload = self._follow(f"{site}/robots.txt", self._watch(deadline), {}, page=False)
            except Stopped as stopped:
                if not 400 <= stopped.status < 500 or stopped.status == 429:
                    raise Stopped(
                        f"robots.txt cannot be read ({stopped.reason}), so the page is left alone", again=stopped.again
                    ) from None
                rules.parse([])
            else:
                rules.parse(payload.body[:ROBOTS_BYTES].decode("utf-8-sig", "replace").splitlines())
            self._robots[site] = rules
        if not self._robots[site].can_fetch(self._user_agent, address.url):
            raise Stopped("robots.txt asks not to read this page")

    def _crawl_delay(self, address: Address) -> float:
        rules = self._robots.get(_site(address))
        return float(rules.crawl_delay(self._user_agent) or 0) if rules else 0.0

    def _watch(self, deadline: float) -> Watch:
        return Watch(limits=self._limits, monotonic=self._monotonic, deadline=deadline)


def _site(address: Address) -> str:
    parts = urlsplit(address.url)
    return f"{parts.scheme}://{parts.netloc}"


def _tidy(location: str) -> str:
    """Servers send spaces and bare UTF-8 in Location; requests hands headers on as Latin-1."""
    return quote(location.strip().encode("latin-1", "replace"), safe="%/:=&?~#+!$,;'@()*[]|")


def _forms(value: str) -> Iterator[str]:
    """A header's value, what follows its scheme (`Bearer …`), and the two halves of a Basic one."""
    yield value
    scheme, _, token = value.partition(" ")
    yield token
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(token, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return
        yield pair
        yield pair.partition(":")[2]


def _read_failure(error: BaseException) -> Stopped:
    """The cause in few words, without addresses of memory; the libraries wrap it two or three times."""
    for cause in _causes(error):
        match cause:
            case Stopped():
                return cause
            case ssl.SSLCertVerificationError():
                return Stopped(f"TLS: {cause.verify_message}")
            case ssl.SSLError():
                return Stopped(f"TLS: {cause.reason}")
            case http.client.RemoteDisconnected():
                return Stopped("closed without an answer", again=True)
            case ConnectionError():
                return Stopped("the connection was reset", again=True)
            case http.client.IncompleteRead() | urllib3.exceptions.IncompleteRead():
                return Stopped("the body ends too early", again=True)
            case http.client.HTTPException():
                return Stopped(f"not HTTP as it should be: {type(cause).__name__}: {str(cause)[:100]}")
            case TimeoutError():
                return Stopped("no progress in time", again=True)
    words = re.sub(r"<[^>]* object at 0x[0-9a-f]+>", "", str(error))
    return Stopped(
        f"{type(error).__name__}: {words[:200]}", again=isinstance(error, requests.ConnectionError | OSError)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [arg for arg in one.args if isinstance(arg, BaseException)]
        waiting += [cause for cause in (one.__context__, one.__cause__) if cause]
