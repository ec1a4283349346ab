"""Which addresses may be asked: how they are spelt, what they resolve to, and which networks are never entered."""

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
ODD_SIGNS = re.compile(r"[\x00-\x20\x7f\\]")

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# `is_global` of Python 3.11 lets these through. 168.63.129.16 answers a cloud's machines with their own secrets;
# the others are IETF protocol ranges, local NAT64 (RFC 8215), and tunnels that carry an IPv4 address within.
NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)

Resolve = Callable[[str, int, float], Sequence[str]]


class NotAllowed(ValueError):
    """An address that is not asked; the message is the reason."""


class NotFound(OSError):
    """A name that gave no address; another time it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address in its only spelling: ASCII host in lower case without a trailing dot, port as a number."""

    url: str
    scheme: str
    host: str
    port: int


def read_address(url: str) -> Address:
    """The address in its one spelling; NotAllowed where two readers could understand it differently."""
    if ODD_SIGNS.search(url):
        raise NotAllowed("not an address: it holds a space, a backslash or a control sign")
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise NotAllowed(f"not an address: {error}") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise NotAllowed(f"scheme {parts.scheme!r} is not allowed for this card")
    if "@" in parts.netloc:
        raise NotAllowed("an address with a user name is refused")
    host = _one_spelling(parts.hostname or "")
    shown = f"[{host}]" if ":" in host else host
    place = shown if port == DEFAULT_PORTS[parts.scheme] else f"{shown}:{port}"
    whole = urlunsplit((parts.scheme, place, parts.path or "/", parts.query, ""))
    return Address(url=whole, scheme=parts.scheme, host=host, port=port)


def check_public(address: str, *, loopback: bool = False) -> None:
    """NotAllowed unless this IP address, and any IPv4 address that it carries, lies in the public internet.

    `loopback` opens this machine alone, for tests against a local server.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    plain = _carried(ip)
    if loopback and plain.is_loopback:
        return
    if (
        not plain.is_global
        or plain.is_multicast
        or plain.is_reserved
        or any(plain in network for network in NEVER if network.version == plain.version)
    ):
        raise NotAllowed(f"leads to {ip}, which is not a public address")


def resolve(host: str, port: int, seconds: float) -> Sequence[str]:
    """All addresses of a name, asked once. The system's resolver takes no time limit, so it is waited for that long."""
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            failed.append(error)
        else:
            found.extend(str(answer[4][0]) for answer in answers)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if failed:
        raise NotFound(f"no address for {host}: {failed[0].strerror}")
    if not found:
        raise NotFound(f"no address for {host} within {seconds:g} seconds")
    return tuple(dict.fromkeys(found))


def _one_spelling(host: str) -> str:
    if ":" in host:
        if "%" in host:
            raise NotAllowed("not a host name: it names a network card of this machine")
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError as error:
            raise NotAllowed(f"not a host name: {error}") from error
    try:
        plain = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise NotAllowed(f"not a host name: {error}") from error
    if not HOST.fullmatch(plain) or ".." in plain:
        raise NotAllowed(f"not a host name: {host!r}")
    if NUMBER.fullmatch(plain.rpartition(".")[2]):
        # 2130706433, 0x7f.1 and 0177.0.0.1 all mean 127.0.0.1 to some readers and nothing to others.
        try:
            return str(ipaddress.IPv4Address(plain))
        except ValueError:
            raise NotAllowed(f"not a host name: {host!r} is a number in an odd spelling") from None
    return plain


def _carried(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address inside a mapped or translated one. 6to4 and Teredo are refused whole, with what they carry."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return ip.ipv4_mapped
        if ip in NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
