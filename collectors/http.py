"""The one guarded HTTP client: a card's own host, public addresses, limits on everything, and good manners.

What is refused and why stands in guard.py, what an answer may take in wire.py, how often a host is asked in pace.py.
The result of every fault is in docs/faults.md.
"""

import base64
import binascii
import http.client
import json
import logging
import re
import secrets
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

import requests
import urllib3

from collectors.base import FetchFailed, Stream
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
from collectors.wire import ENCODINGS, Limits, PinnedAdapter, Stopped, Watch, read_body, read_pieces
from domain.errors import HorizonError
from domain.signal import Basis, Payload
from domain.source import Kind, SourceCard

__all__ = ["FetchFailed", "GuardedClient", "Limits", "Patience", "Unchanged", "Validators"]

USER_AGENT = "horizon-scan/0.1 (early-warning collection; see the project's README)"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SAME_AGAIN = frozenset({307, 308})  # the redirects that keep method and body (RFC 9110 section 15.4)
REDACTED = "[redacted]"
SECRET_HEADERS = frozenset({"set-cookie", "set-cookie2", "authorization", "proxy-authorization", "cookie"})
CHANCE = secrets.SystemRandom()
ROBOTS_BYTES = 500 * 1024  # RFC 9309 section 2.5: a reader must take at least this much
MEGABYTE = 1024 * 1024
MAX_SENT = 64 * 1024  # a question, not an upload
SLOWEST = 256 * 1024  # bytes a second; a stream that comes slower than this is broken off in the end
TELLING = 8  # signs; a shorter form could stand in a body by chance
JSON_MEDIA = "application/json"
FORM_MEDIA = "application/x-www-form-urlencoded"

T = TypeVar("T")

# At DEBUG urllib3 writes whole addresses, parameters with keys included.
logging.getLogger("urllib3.connectionpool").addFilter(lambda record: record.levelno > logging.DEBUG)

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
    """Headers, parameters and form of a source that needs a key, and every form in which a value could come back.

    `form` buys a token; the token is then one more header and one more secret.
    """

    headers: Mapping[str, str] = field(repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)
    forms: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found = [form for value in self.headers.values() for form in _forms(value)]
        found += [*self.parameters.values(), *self.hidden]
        plain = dict.fromkeys(form for one in found if one for form in _spellings(one))
        object.__setattr__(self, "forms", tuple(sorted(plain, key=len, reverse=True)))

    def with_token(self, token: str) -> "Secrets":
        """The same with a bearer; an older token stays hidden."""
        older = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return replace(
            self,
            headers={**self.headers, "Authorization": f"Bearer {token}"},
            hidden=tuple(dict.fromkeys((*self.hidden, older))),
        )

    def hide(self, text: str) -> str:
        for form in self.forms:
            text = text.replace(form, REDACTED)
        return text

    def blank(self, body: bytes) -> bytes:
        """A body without our own parameters, where it repeats the address that it was asked under."""
        for name, value in self.parameters.items():
            for form in _spellings(value):
                body = body.replace(f"{name}={form}".encode(), f"{name}={REDACTED}".encode())
        return body

    def stand_in(self, body: bytes) -> bool:
        """Whether a body repeats one."""
        return any(form.encode() in body for form in self.forms if len(form) >= TELLING)

    @property
    def longest(self) -> int:
        return max(map(len, self.forms), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked, and how much may come back. A `media` type makes it a POST of `body`.

    `bare` asks without the card's credentials.
    """

    limits: Limits
    conditions: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    media: str = ""
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A good answer of which no byte of the body was read yet."""

    address: Address
    response: requests.Response
    watch: Watch


class GuardedClient:
    """Gets addresses of one card. It reads no clock: `clock` says when a payload was collected.

    `credentials` are headers and `parameters` stand in the address as it is sent, both for the card's own host alone.
    `form` buys a bearer token at the card's `token_url`; it is kept in memory and bought again once when it is refused.
    `hidden` are further values that no text may show, such as those within the form.
    `validators` make requests conditional; a card of several addresses is always read whole. `pace_folder` is shared by
    all tasks. `authorities` is a file of certificates in place of the usual ones. `allow_loopback` is for tests against
    a local server and for nothing else.
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
        parameters: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        hidden: Collection[str] = (),
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
        self._secrets = Secrets(
            headers=dict(credentials or {}),
            parameters=dict(parameters or {}),
            form=dict(form or {}),
            hidden=tuple(hidden),
        )
        self._has_token = not form
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
        ask = Ask(limits=self._limits, conditions=self._conditions(url))
        return self._turns(url, ask, lambda opened: self._payload(url, opened.response, self._body(opened)))

    def post(self, url: str, body: str) -> Payload:
        """The answer to a small JSON text. It may be sent more than once, so it must only ask."""
        ask = Ask(limits=self._limits, body=body.encode(), media=JSON_MEDIA)
        return self._turns(url, ask, lambda opened: self._payload(url, opened.response, self._body(opened)))

    def stream(self, url: str) -> Stream:
        """A large answer, up to the card's `stream_megabytes`, with the guards of `get` and none of its memory.

        Tries again only until the answer begins: pieces that were handed on cannot be taken back.
        """
        most = self._card.stream_megabytes * MEGABYTE
        if not most:
            raise FetchFailed(self._secrets.hide(url), "the card states no stream_megabytes", do="Set it on the card.")
        seconds = self._limits.total_seconds + most / SLOWEST
        limits = replace(self._limits, max_bytes=most, max_wire_bytes=most, total_seconds=seconds)
        opened = self._turns(url, Ask(limits=limits, conditions=self._conditions(url)), lambda opened: opened)
        return Stream(self._described(url, opened.response, b""), self._pieces(url, opened), self._clock)

    def _turns(self, url: str, ask: Ask, read: Callable[[Opened], T]) -> T:
        """Tries until one succeeds or none helps; a refused token is bought again once, and that is no try."""
        deadline = self._monotonic() + ask.limits.total_seconds
        reasons: list[str] = []
        renewed = False
        while True:
            came = self._told(lambda: self._try(url, ask, deadline, read))
            if isinstance(came, Unchanged):
                raise came
            if not isinstance(came, Stopped):
                return came
            if came.status == 401 and self._secrets.form and not renewed:
                renewed, self._has_token = True, False
                continue
            reasons.append(self._secrets.hide(came.reason))
            if not came.again or len(reasons) == self._patience.tries:
                break
            wait = 0.0 if came.wait is not None else self._patience.backoff(len(reasons), self._jitter())
            if wait >= deadline - self._monotonic():
                break
            self._sleep(wait)
        tries = f" ({len(reasons)} tries)" if len(reasons) > 1 else ""
        # Raised here, outside of any except block: what the libraries raised holds the request and its headers.
        raise FetchFailed(self._secrets.hide(url), "; then ".join(dict.fromkeys(reasons)) + tries)

    def _try(self, url: str, ask: Ask, deadline: float, read: Callable[[Opened], T]) -> T:
        if not self._has_token:
            self._buy_token(deadline)
        page = self._card.kind is Kind.HTML_TABLE
        return read(self._open(url, ask, deadline, page=page))

    def _told(self, call: Callable[[], T]) -> T | Unchanged | Stopped:
        """A failure as a value, so that nothing that holds a credential travels on in an exception's context."""
        try:
            return call()
        except (Stopped, Unchanged) as outcome:
            return outcome.with_traceback(None)
        except NotAllowed as error:
            return Stopped(str(error))
        except NotFound as error:
            return Stopped(str(error), again=True)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, http.client.HTTPException) as error:
            return _read_failure(error)

    def _open(self, url: str, ask: Ask, deadline: float, *, page: bool) -> Opened:
        """The first good answer along the redirects; its body is still to be read, and it is the caller's to close."""
        if len(ask.body) > MAX_SENT:
            raise Stopped(f"the question is larger than {MAX_SENT} bytes")
        hop, before = url, ""
        watch = Watch(limits=ask.limits, monotonic=self._monotonic, deadline=deadline)
        for _ in range(ask.limits.max_redirects + 1):
            address = self._check(self._without_parameters(hop))
            if page:
                self._ask_robots(address, deadline)
            if address.host != before:  # a redirect within a host is part of the same request
                self._wait_turn(address, watch)
                before = address.host
            watch = Watch(limits=ask.limits, monotonic=self._monotonic, deadline=deadline)
            with ExitStack() as unless_good:
                response = self._answer(address, watch, ask)
                unless_good.enter_context(closing(response))
                status = response.status_code
                if status in REDIRECTS and "location" in response.headers:
                    hop = urljoin(address.url, _tidy(response.headers["location"]))
                    if ask.media:
                        _check_repeat(address, hop, status)
                    continue
                if status == 304 and ask.conditions:
                    raise Unchanged(self._secrets.hide(url))
                if not 200 <= status < 300:
                    raise self._refused(address, response)
                unless_good.pop_all()
                return Opened(address=address, response=response, watch=watch)
        raise Stopped(f"more than {ask.limits.max_redirects} redirects")

    def _buy_token(self, deadline: float) -> None:
        """A new bearer for the card's form. Nothing of the question or the answer is told: both hold secrets."""
        place = read_address(self._card.token_url)
        if place.host != self._home.host or not self._may_hold_keys(place):
            raise NotAllowed("the form of a token goes to the card's own host, over https alone")
        ask = Ask(limits=self._limits, body=urlencode(self._secrets.form).encode(), media=FORM_MEDIA, bare=True)
        try:
            answer: object = json.loads(self._body(self._open(self._card.token_url, ask, deadline, page=False)))
        except Stopped as stopped:
            raise Stopped(f"no token: {stopped.reason}", again=stopped.again, wait=stopped.wait) from None
        except (ValueError, RecursionError):
            raise Stopped("no token: its answer is not JSON") from None
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or len(token) < TELLING or not (token.isascii() and token.isprintable()):
            raise Stopped("no token: its answer holds none")
        self._secrets = self._secrets.with_token(token)
        self._has_token = True

    def _may_hold_keys(self, address: Address) -> bool:
        """A key is for the publisher: a host that it sends downloads to does not get it, nor an open line."""
        return address.host == self._home.host and (address.scheme == "https" or self._allow_loopback)

    def _without_parameters(self, url: str) -> str:
        """The address as it is written down; publishers repeat our own parameters in their redirects."""
        if not self._secrets.parameters:
            return url
        try:
            parts = urlsplit(url)
        except ValueError:
            return url  # refused in a moment, with the reason
        kept = (
            pair for pair in parts.query.split("&") if unquote(pair.partition("=")[0]) not in self._secrets.parameters
        )
        return urlunsplit(parts._replace(query="&".join(kept)))

    def _with_parameters(self, address: Address) -> str:
        added = "&".join(f"{name}={quote(value, safe='')}" for name, value in self._secrets.parameters.items())
        if not added:
            return address.url
        return f"{address.url}{'&' if urlsplit(address.url).query else '?'}{added}"

    def _pieces(self, url: str, opened: Opened) -> Iterator[bytes]:
        """The body as it comes. A key that lies across pieces is found as well."""
        pieces = read_pieces(opened.response, opened.watch)
        before = b""
        with closing(opened.response):
            while True:
                came = self._told(lambda: next(pieces, None))
                if came is None:
                    break
                if isinstance(came, bytes) and self._secrets.stand_in(before + came):
                    came = Stopped("the answer repeats a credential, so it is not kept")
                if not isinstance(came, bytes):
                    self._pace.failed(opened.address.host)
                    why = came.reason if isinstance(came, Stopped) else came.why
                    raise FetchFailed(self._secrets.hide(url), self._secrets.hide(why))
                before = (before + came)[-self._secrets.longest :] if self._secrets.longest else b""
                yield came
        self._pace.succeeded(opened.address.host)

    def _payload(self, url: str, response: requests.Response, body: bytes) -> Payload:
        kept = self._secrets.blank(body)
        if self._secrets.stand_in(kept):
            raise Stopped("the answer repeats a credential, so it is not kept")
        return self._described(url, response, kept)

    def _described(self, url: str, response: requests.Response, body: bytes) -> Payload:
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

    def _answer(self, address: Address, watch: Watch, ask: Ask) -> requests.Response:
        """One request to addresses that were looked up once and checked. Its outcome counts for the host's rest."""
        pinned = self._pin(address, watch)
        headers = {"User-Agent": self._user_agent, "Accept-Encoding": ENCODINGS, "Accept": "*/*", **ask.conditions}
        if ask.media:
            headers["Content-Type"] = ask.media
        url = address.url
        if not ask.bare and self._may_hold_keys(address):
            headers.update(self._secrets.headers)
            url = self._with_parameters(address)
        session = requests.Session()
        session.trust_env = False  # a proxy or a .netrc of the machine would undo the checks
        adapter = PinnedAdapter(pinned=pinned, port=address.port, watch=watch)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        try:
            response = session.request(
                "POST" if ask.media else "GET",
                url,
                headers=headers,
                data=ask.body or None,
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
        return response

    def _body(self, opened: Opened) -> bytes:
        with closing(opened.response):
            try:
                body = read_body(opened.response, opened.watch)
            except BaseException:
                self._pace.failed(opened.address.host)
                raise
        self._pace.succeeded(opened.address.host)
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
                ask = Ask(limits=self._limits)
                rules_text = self._body(self._open(f"{site}/robots.txt", ask, deadline, page=False))
            except Stopped as stopped:
                if not 400 <= stopped.status < 500 or stopped.status == 429:
                    raise Stopped(
                        f"robots.txt cannot be read ({stopped.reason}), so the page is left alone", again=stopped.again
                    ) from None
                rules.parse([])
            else:
                rules.parse(rules_text[:ROBOTS_BYTES].decode("utf-8-sig", "replace").splitlines())
            self._robots[site] = rules
        if not self._robots[site].can_fetch(self._user_agent, address.url):
            raise Stopped("robots.txt asks not to read this page")

    def _crawl_delay(self, address: Address) -> float:
        rules = self._robots.get(_site(address))
        return float(rules.crawl_delay(self._user_agent) or 0) if rules else 0.0


def _check_repeat(address: Address, hop: str, status: int) -> None:
    """A question is not carried to another place, and never turned into another one on the way."""
    next_one = read_address(hop)
    if (next_one.scheme, next_one.host, next_one.port) != (address.scheme, address.host, address.port):
        raise Stopped("a redirect to another place; what was sent is not repeated there")
    if status not in SAME_AGAIN:
        raise Stopped(f"status {status} would turn the question into another one", status=status)


def _site(address: Address) -> str:
    parts = urlsplit(address.url)
    return f"{parts.scheme}://{parts.netloc}"


def _tidy(location: str) -> str:
    """Servers send spaces and bare UTF-8 in Location; requests hands headers on as Latin-1."""
    return quote(location.strip().encode("latin-1", "replace"), safe="%/:=&?~#+!$,;'@()*[]|")


def _spellings(value: str) -> tuple[str, ...]:
    """A value plain, as addresses write it in either case, and as JSON may escape it."""
    quoted = quote(value, safe="")
    lower = re.sub("%[0-9A-F]{2}", lambda sign: sign[0].lower(), quoted)
    return tuple(dict.fromkeys((value, quoted, lower, quoted.replace("%20", "+"), value.replace("/", "\\/"))))


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
