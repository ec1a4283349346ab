"""Limits on time and size: whatever a server does, a look ends, and what is kept is whole."""

import gzip
import tracemalloc
import zlib

import pytest

from collectors.guard import NotFound
from collectors.http import FetchFailed, Patience
from tests.collectors.test_http import client_for
from tests.faults.server import answer, drip, hush, packed, raw, reset_after, serving

OK = b"HTTP/1.1 200 OK\r\n"
TEXT = bytes(range(256)) * 40


def failure(play, *, tries=1, patience=None, **limits):
    """The reason why this play gave nothing, and how often it was asked for."""
    with serving() as server:
        url = server.play("/feed", play)
        with pytest.raises(FetchFailed) as failed:
            client_for(url, limits=limits, patience=patience).get(url)
        assert server.asked("/feed") == tries
        return failed.value.reason


def body_of(*plays, **limits):
    with serving() as server:
        url = server.play("/feed", *plays)
        return client_for(url, limits=limits).get(url).body


def test_silence_before_the_first_byte_ends():
    assert failure(hush, tries=3, first_byte_seconds=0.1) == "no answer within 0.1 seconds (3 tries)"


def test_silence_within_an_answer_ends():
    stuck = drip(OK + b"Content-Length: 100\r\n\r\n", b"a", every=9)
    assert failure(stuck, tries=3, idle_seconds=0.1) == "silent for 0.1 seconds (3 tries)"


@pytest.mark.parametrize(
    "play",
    [
        drip(OK + b"Content-Length: 100000\r\n\r\n", b"a", every=0.02),
        drip(OK, b"X-More: a\r\n", every=0.02),
        drip(b"HTTP/1.1 200 ", b"O", every=0.02),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", every=0.02),
        drip(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08aaaaaa", b"a", every=0.02),
    ],
    ids=["body", "headers", "status line", "chunks", "a file name in gzip that never ends"],
)
def test_a_drip_meets_the_total_deadline_wherever_it_drips(play):
    assert failure(play, total_seconds=0.3, idle_seconds=5) == "not complete after 0.3 seconds"


def test_tries_share_the_deadline():
    quick = Patience(first_wait_seconds=0.01, interval_seconds=0.01)
    reason = failure(hush, tries=2, patience=quick, first_byte_seconds=0.2, total_seconds=0.3)
    assert reason == "no answer within 0.2 seconds; then not complete after 0.3 seconds (2 tries)"


def test_too_many_bytes_of_headers_end():
    assert failure(drip(OK, b"X-More: " + b"a" * 4000 + b"\r\n", every=0)) == "headers larger than 65536 bytes"


def test_an_endless_welcome_ends():
    assert failure(drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", every=0)) == "headers larger than 65536 bytes"


def test_too_many_headers_end():
    many = OK + b"".join(b"X-%d: a\r\n" % number for number in range(101)) + b"\r\n"
    assert "more than 100 headers" in failure(raw(many))


def test_what_travels_is_measured():
    endless = drip(OK + b"\r\n", b"a" * 10_000, every=0)
    assert failure(endless, max_wire_bytes=50_000) == "larger than 50000 bytes on the wire"


def test_the_frames_of_tiny_chunks_are_measured_too():
    chunks = drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", (b"1;" + b"x" * 1000 + b"\r\na\r\n") * 20, every=0)
    assert failure(chunks, max_wire_bytes=100_000) == "larger than 100000 bytes on the wire"


def test_a_gzip_bomb_stops_at_the_limit_and_takes_no_more_memory():
    bomb = gzip.compress(b"\0" * 200_000_000)
    tracemalloc.start()
    try:
        with serving() as server:
            url = server.play("/feed", answer(bomb, headers=("Content-Encoding: gzip",)))
            tracemalloc.reset_peak()
            with pytest.raises(FetchFailed, match="larger than 1000000 bytes"):
                client_for(url, limits={"max_bytes": 1_000_000}).get(url)
            _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


def test_a_bomb_in_a_bomb_is_not_unpacked():
    twice = gzip.compress(gzip.compress(b"\0" * 1_000_000))
    assert failure(answer(twice, headers=("Content-Encoding: gzip, gzip",))) == (
        "packed as 'gzip, gzip', which was not asked for"
    )


def test_only_what_can_be_unpacked_is_asked_for():
    with serving() as server:
        url = server.play("/feed", answer(b"br", headers=("Content-Encoding: br",)))
        with pytest.raises(FetchFailed, match="packed as 'br', which was not asked for"):
            client_for(url).get(url)
        assert server.header("Accept-Encoding") == "gzip, deflate"


@pytest.mark.parametrize(
    ("encoding", "form"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("X-GZIP", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:5000]) + gzip.compress(TEXT[5000:])),
        ("gzip", gzip.compress(TEXT) + b"\0" * 20),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)[2:-4]),
        ("identity", TEXT),
    ],
    ids=["gzip", "old name", "two members", "padded", "deflate of zlib", "bare deflate", "as it is"],
)
def test_each_usual_packing_is_unpacked(encoding, form):
    assert body_of(answer(form, headers=(f"Content-Encoding: {encoding}",))) == TEXT


def test_an_empty_body_is_empty_however_it_is_packed():
    assert body_of(answer(b"", headers=("Content-Encoding: gzip",))) == b""


@pytest.mark.parametrize("keep", [5, 100, -1])
def test_a_gzip_that_was_cut_is_not_kept_though_its_length_was_right(keep):
    assert failure(packed(TEXT, keep=keep), tries=3) == "the packed body ends too early (3 tries)"


def test_what_is_not_gzip_is_not_kept():
    reason = failure(answer(b"<html>", headers=("Content-Encoding: gzip",)))
    assert reason.startswith("cannot be unpacked: ")


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 100\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n40\r\n"],
    ids=["a length", "chunks"],
)
def test_a_body_that_ends_early_is_not_kept(head):
    assert failure(raw(OK + head + b"half"), tries=3) == "the body ends too early (3 tries)"


def test_a_reset_in_the_body_is_not_kept():
    cut = reset_after(OK + b"Content-Length: 100\r\n\r\nhalf")
    assert failure(cut, tries=3) == "the connection was reset (3 tries)"


def test_a_cut_answer_is_asked_for_again_and_the_whole_one_kept():
    assert body_of(packed(TEXT, keep=100), packed(TEXT)) == TEXT


def test_a_server_that_hangs_up_is_asked_again():
    assert body_of(raw(b""), answer(b"here")) == b"here"


def test_what_is_no_http_is_a_failure():
    assert "BadStatusLine" in failure(raw(b"SSH-2.0-OpenSSH_9\r\n"))


def test_a_name_that_takes_too_long_to_look_up_is_a_failure():
    def resolve(host, port, seconds):
        raise NotFound(f"no address for {host} within {seconds:g} seconds")

    with pytest.raises(FetchFailed, match=r"no address for gazette\.example within 2 seconds \(3 tries\)"):
        client_for("https://gazette.example/", limits={"connect_seconds": 2}, resolve=resolve).get(
            "https://gazette.example/"
        )
