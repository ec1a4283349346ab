"""Addresses: what is asked, what never is, and that nobody can change it between the check and the connection."""

import pytest

from collectors.guard import NotAllowed, check_public, read_address
from collectors.http import FetchFailed
from tests.collectors.test_http import client_for
from tests.faults.server import answer, certify, serving


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "0.0.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "203.0.113.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%2",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "2001:0:808:808::1",
    ],
)
def test_inner_addresses_are_never_entered(address):
    with pytest.raises(NotAllowed, match="not a public address"):
        check_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are(address):
    check_public(address)


def test_the_door_for_tests_opens_this_machine_alone():
    check_public("127.0.0.1", loopback=True)
    check_public("::1", loopback=True)
    for address in ("10.0.0.1", "169.254.169.254", "fe80::1"):
        with pytest.raises(NotAllowed):
            check_public(address, loopback=True)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.01",
        "1.2.3.4.5",
        "gazette.example.0x7f",
        "[fe80::1%25eth0]",
        "gazette..example",
        "%67azette.example",
        "gazette.example\\@elsewhere.example",
        "gazette.example@elsewhere.example",
        "@gazette.example",
        "gazette .example",
        "gazette.example\t",
        "-gazette.example",
        "",
    ],
)
def test_an_odd_spelling_is_refused_before_any_look_up(host):
    with pytest.raises(NotAllowed):
        read_address(f"https://{host}/feed")


@pytest.mark.parametrize(
    ("spelt", "plain"),
    [
        ("https://GAZETTE.example./feed#top", "https://gazette.example/feed"),
        ("https://ⓖazette.example/", "https://gazette.example/"),
        ("https://gazette。example", "https://gazette.example/"),
        ("https://bücher.example:443/?a=1", "https://xn--bcher-kva.example/?a=1"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
        ("http://[::FFFF:127.0.0.1]:8080/", "http://[::ffff:7f00:1]:8080/"),
    ],
)
def test_every_address_has_one_spelling(spelt, plain):
    assert read_address(spelt).url == plain


def test_a_name_is_looked_up_once_and_cannot_move_before_the_connection():
    """DNS rebinding: the second answer would lead into a private network."""
    answers = [("127.0.0.1",), ("10.0.0.1",)]
    asked = []

    def resolve(host, port, seconds):
        asked.append(host)
        return answers[min(len(asked), 2) - 1]

    with serving() as server:
        server.play("/feed", answer(b"here"))
        url = server.url("/feed", "gazette.example")
        assert client_for(url, resolve=resolve).get(url).body == b"here"
        assert asked == ["gazette.example"]
        assert server.header("Host") == f"gazette.example:{server.port}"


def test_one_inner_address_among_public_ones_spoils_the_name():
    def resolve(host, port, seconds):
        return ("8.8.8.8", "10.0.0.1")

    with pytest.raises(FetchFailed, match=r"gazette\.example leads to 10\.0\.0\.1, which is not a public address"):
        client_for("https://gazette.example/feed", resolve=resolve).get("https://gazette.example/feed")


def test_each_redirect_is_looked_up_and_checked_again():
    answers = iter([("127.0.0.1",), ("169.254.169.254",)])

    with serving() as server:
        server.play("/feed", answer(status="302 Found", headers=("Location: /again",)))
        url = server.url("/feed", "gazette.example")
        with pytest.raises(FetchFailed, match=r"leads to 169\.254\.169\.254"):
            client_for(url, resolve=lambda *_: next(answers)).get(url)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://2852039166/",
        "//10.0.0.1/",
        "file:///etc/hostname",
        "gopher://localhost/",
    ],
)
def test_a_redirect_inwards_is_refused(target):
    with serving() as server:
        url = server.play("/feed", answer(status="302 Found", headers=(f"Location: {target}",)))
        with pytest.raises(FetchFailed, match=r"is not the card's|is not allowed|odd spelling"):
            client_for(url).get(url)
        assert len(server.requests) == 1


def test_the_second_address_is_tried_when_the_first_is_silent():
    with serving() as server:
        server.play("/feed", answer(b"here"))
        url = server.url("/feed", "gazette.example")
        assert client_for(url, resolve=lambda *_: ("::1", "127.0.0.1")).get(url).body == b"here"


def test_tls_keeps_the_name_while_the_address_is_pinned(tmp_path):
    context, trusted = certify(tmp_path, "gazette.example")
    with serving(context) as server:
        server.play("/feed", answer(b"here"))
        url = server.url("/feed", "gazette.example")
        client = client_for(url, resolve=lambda *_: ("127.0.0.1",), authorities=trusted)
        assert client.get(url).body == b"here"
        assert server.names == ["gazette.example"]
        assert server.header("Host") == f"gazette.example:{server.port}"


def test_a_certificate_for_another_name_is_refused(tmp_path):
    context, trusted = certify(tmp_path, "elsewhere.example")
    with serving(context) as server:
        url = server.url("/feed", "gazette.example")
        client = client_for(url, resolve=lambda *_: ("127.0.0.1",), authorities=trusted)
        with pytest.raises(FetchFailed, match=r"TLS: Hostname mismatch"):
            client.get(url)
        assert server.requests == []


def test_a_certificate_that_nobody_signed_is_refused_once(tmp_path):
    context, _ = certify(tmp_path, "gazette.example")
    with serving(context) as server:
        url = server.url("/feed", "gazette.example")
        with pytest.raises(FetchFailed) as failure:
            client_for(url, resolve=lambda *_: ("127.0.0.1",)).get(url)
        assert failure.value.reason == "TLS: self-signed certificate"
        assert server.names == ["gazette.example"]
