"""Manners: when a host is asked again, how often, by whom, and under what name; and keys that never come to light."""

import base64
import subprocess
import sys
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from collectors.http import FetchFailed, Patience, Unchanged
from collectors.pace import Pace, read_retry_after
from collectors.wire import Stopped
from domain.source import Kind
from tests.collectors.test_http import NOON, client_for
from tests.faults.server import answer, raw, serving

KEY = "k3y-of-the-harbour"
SIGNED = "p/q+12345678"
BUSY = "503 Service Unavailable"
MANY = "429 Too Many Requests"


class Clock:
    """A clock that moves only by sleeping."""

    def __init__(self):
        self.at = NOON
        self.slept = []

    def now(self):
        return self.at

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


def get(server, url, clock=None, **settings):
    clock = clock or Clock()
    return client_for(url, clock=clock.now, sleep=clock.sleep, **settings).get(url)


def reason(server, url, clock=None, **settings):
    with pytest.raises(FetchFailed) as failed:
        get(server, url, clock, **settings)
    return failed.value.reason


def test_an_error_of_the_server_is_tried_again_after_growing_waits():
    clock = Clock()
    with serving() as server:
        url = server.play("/feed", answer(status=BUSY), answer(status="500 Oops"), answer(b"here"))
        payload = get(server, url, clock, jitter=lambda: 0.5, patience=Patience(interval_seconds=0.1))
    # Steps of 1 and 2 seconds, times (1 + 0.5) / 2.
    assert (payload.body, clock.slept) == (b"here", [0.75, 1.5])


def test_jitter_spreads_the_waits_between_half_and_all():
    patience = Patience(first_wait_seconds=4, longest_wait_seconds=10)
    assert [patience.backoff(failed, 0.0) for failed in (1, 2, 3)] == [2, 4, 5]
    assert [patience.backoff(failed, 1.0) for failed in (1, 2, 3)] == [4, 8, 10]


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone"]
)
def test_an_error_of_ours_is_not_tried_again(status):
    with serving() as server:
        url = server.play("/feed", answer(status=status), answer(b"here"))
        assert reason(server, url) == f"status {status[:3]}"


@pytest.mark.parametrize("asked", ["7", "Sun, 28 Jan 2024 12:00:07 GMT"], ids=["seconds", "date"])
def test_a_host_that_names_a_time_is_given_it(asked):
    clock = Clock()
    with serving() as server:
        url = server.play("/feed", answer(status=MANY, headers=(f"Retry-After: {asked}",)), answer(b"here"))
        assert get(server, url, clock).body == b"here"
    assert sum(clock.slept) == 7


def test_a_host_that_wants_more_time_than_we_have_is_left_alone():
    with serving() as server:
        url = server.play("/feed", answer(status=MANY, headers=("Retry-After: 3600",)))
        with pytest.raises(FetchFailed, match=r"status 429; then not to be asked for another 3600 seconds \(2 tries\)"):
            get(server, url)
        assert server.asked("/feed") == 1


def test_the_rest_that_a_host_asked_for_holds_for_other_tasks_and_ends(tmp_path):
    clock = Clock()
    with serving() as server:
        url = server.play("/feed", answer(status=MANY, headers=("Retry-After: 3600",)), answer(b"here"))
        with pytest.raises(FetchFailed):
            get(server, url, clock, pace_folder=tmp_path)
        assert reason(server, url, clock, pace_folder=tmp_path) == "not to be asked for another 3600 seconds"
        clock.at += timedelta(hours=1)
        assert get(server, url, clock, pace_folder=tmp_path).body == b"here"
        assert server.asked("/feed") == 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 28 Jan 2024 12:01:00 GMT", 60),
        ("Sun, 28 Jan 2024 11:00:00 GMT", 0),
        ("Sun, 28 Jan 2024 14:01:00 +0200", 60),
        ("9" * 5000, 999_999_999),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_both_forms_of_retry_after_are_read_and_nothing_else(value, seconds):
    assert read_retry_after(value, NOON) == seconds


def test_no_rest_is_longer_than_ours():
    clock = Clock()
    pace = Pace(clock=clock.now, patience=Patience(longest_rest_seconds=100))
    pace.rest("gazette.example", 999_999_999)
    assert pace.take_turn("gazette.example", longest=1000) == 100


def test_requests_to_one_host_keep_their_distance_and_others_are_free():
    clock = Clock()
    pace = Pace(clock=clock.now, patience=Patience(interval_seconds=2))
    turns = [pace.take_turn(host, longest=10) for host in ("a.example", "a.example", "b.example", "a.example")]
    assert turns == [0, 2, 0, 4]


def test_a_turn_that_is_too_far_off_is_not_taken():
    clock = Clock()
    pace = Pace(clock=clock.now, patience=Patience(interval_seconds=5))
    pace.take_turn("a.example", longest=1)
    for _ in range(2):
        with pytest.raises(Stopped, match="another 5 seconds"):
            pace.take_turn("a.example", longest=1)


TURNS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from collectors.pace import Pace, Patience
pace = Pace(clock=lambda: datetime(2024, 1, 28, 12, tzinfo=UTC), patience=Patience(), folder=Path(sys.argv[1]))
for _ in range(20):
    print(pace.take_turn("gazette.example", longest=1000))
"""


def test_the_distance_holds_across_processes(tmp_path):
    tasks = [
        subprocess.Popen([sys.executable, "-c", TURNS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    taken = [float(turn) for task in tasks for turn in task.communicate(timeout=60)[0].split()]
    assert sorted(taken) == list(range(60))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"free_at": "x"}', b'{"unknown": 1}', b"\xff\xfe"])
def test_a_torn_file_of_the_pace_is_a_host_never_asked(tmp_path, content):
    (tmp_path / "gazette.example.json").write_bytes(content)
    pace = Pace(clock=lambda: NOON, patience=Patience(), folder=tmp_path)
    assert pace.take_turn("gazette.example", longest=1) == 0


def test_a_clock_that_was_set_back_does_not_shut_a_host_for_ever(tmp_path):
    later = NOON + timedelta(days=30)
    Pace(clock=lambda: later, patience=Patience(), folder=tmp_path).take_turn("gazette.example", longest=1)
    assert Pace(clock=lambda: NOON, patience=Patience(), folder=tmp_path).take_turn("gazette.example", longest=1) == 0


def test_a_host_that_keeps_failing_is_left_alone_for_all_tasks_then_tried_once(tmp_path):
    clock = Clock()
    patience = Patience(tries=3, failures=3, rest_seconds=900)
    with serving() as server:
        url = server.play("/feed", *[answer(status=BUSY)] * 4, answer(b"here"))
        with pytest.raises(FetchFailed, match="status 503"):
            get(server, url, clock, patience=patience, pace_folder=tmp_path)
        with pytest.raises(FetchFailed, match="left alone after 3 failures in a row"):
            get(server, url, clock, patience=patience, pace_folder=tmp_path)
        assert server.asked("/feed") == 3
        clock.at += timedelta(seconds=900)
        with pytest.raises(FetchFailed, match="status 503; then left alone after 4 failures"):
            get(server, url, clock, patience=patience, pace_folder=tmp_path)
        assert server.asked("/feed") == 4
        clock.at += timedelta(seconds=900)
        assert get(server, url, clock, patience=patience, pace_folder=tmp_path).body == b"here"
        assert get(server, url, clock, patience=patience, pace_folder=tmp_path).body == b"here"


class Known:
    """Validators of what landed before."""

    def __init__(self, etag="", modified=""):
        self.told = (etag, modified)

    def get(self, url):
        return self.told


def test_what_did_not_change_is_said_and_not_sent():
    with serving() as server:
        url = server.play("/feed", answer(status="304 Not Modified"))
        with pytest.raises(Unchanged):
            get(server, url, validators=Known('"v1"', "Sun, 28 Jan 2024 11:00:00 GMT"))
        assert server.header("If-None-Match") == '"v1"'
        assert server.header("If-Modified-Since") == "Sun, 28 Jan 2024 11:00:00 GMT"


def test_what_did_change_is_a_payload():
    with serving() as server:
        url = server.play("/feed", answer(b"new", headers=('ETag: "v2"',)))
        payload = get(server, url, validators=Known('"v1"'))
    assert (payload.body, dict(payload.headers)["etag"]) == (b"new", '"v2"')


def test_304_to_a_question_that_was_not_asked_is_a_failure():
    with serving() as server:
        url = server.play("/feed", answer(status="304 Not Modified"))
        with pytest.raises(FetchFailed, match="status 304"):
            get(server, url)


def test_a_validator_cannot_smuggle_a_header():
    with serving() as server:
        url = server.play("/feed", answer(b"here"))
        get(server, url, validators=Known('"v1"\r\nX-Evil: 1', '"ü"'))
        assert server.header("If-None-Match") is None
        assert server.header("X-Evil") is None


@pytest.mark.parametrize("kind", [Kind.HTML_TABLE, Kind.MODULE])
def test_a_source_of_several_addresses_is_always_read_whole(kind):
    with serving() as server:
        url = server.play("/feed", answer(b"here"))
        assert get(server, url, validators=Known('"v1"'), kind=kind).body == b"here"
        assert server.header("If-None-Match") is None


def test_robots_are_asked_once_before_the_pages_of_a_host():
    with serving() as server:
        server.play("/robots.txt", answer(b"User-agent: *\nDisallow: /private\n"))
        server.play("/table", answer(b"table"))
        client = client_for(server.url("/table"), kind=Kind.HTML_TABLE)
        for path in ("/table", "/table"):
            assert client.get(server.url(path)).body == b"table"
        with pytest.raises(FetchFailed, match=r"robots\.txt asks not to read this page"):
            client.get(server.url("/private/table"))
        assert (server.asked("/robots.txt"), server.asked("/table"), server.asked("/private/table")) == (1, 2, 0)


def test_robots_may_speak_to_us_by_name():
    with serving() as server:
        server.play("/robots.txt", answer(b"User-agent: horizon-scan\nDisallow: /\n\nUser-agent: *\nAllow: /\n"))
        with pytest.raises(FetchFailed, match=r"robots\.txt asks"):
            get(server, server.url("/table"), kind=Kind.HTML_TABLE)


def test_a_redirect_into_a_forbidden_part_is_not_followed():
    with serving() as server:
        server.play("/robots.txt", answer(b"User-agent: *\nDisallow: /private\n"))
        server.play("/table", answer(status="302 Found", headers=("Location: /private",)))
        with pytest.raises(FetchFailed, match=r"robots\.txt asks"):
            get(server, server.url("/table"), kind=Kind.HTML_TABLE)
        assert server.asked("/private") == 0


def test_no_robots_allow_everything_and_broken_ones_nothing():
    with serving() as server:
        server.play("/table", answer(b"table"))
        assert get(server, server.url("/table"), kind=Kind.HTML_TABLE).body == b"table"
        server.play("/robots.txt", answer(status="500 Oops"))
        with pytest.raises(FetchFailed, match=r"robots\.txt cannot be read \(status 500\), so the page is left alone"):
            get(server, server.url("/table"), kind=Kind.HTML_TABLE)


def test_the_pause_that_robots_ask_for_is_made():
    clock = Clock()
    with serving() as server:
        server.play("/robots.txt", answer(b"User-agent: *\nCrawl-delay: 9\n"))
        url = server.play("/table", answer(b"table"))
        client = client_for(url, kind=Kind.HTML_TABLE, clock=clock.now, sleep=clock.sleep)
        client.get(url)
        client.get(url)
    assert clock.slept == [1, 9]


def test_a_feed_is_meant_for_machines_and_robots_are_not_asked():
    with serving() as server:
        get(server, server.play("/feed", answer(b"here")), kind=Kind.RSS)
        assert server.asked("/robots.txt") == 0


def test_we_say_who_we_are_and_where_to_complain():
    with serving() as server:
        url = server.play("/feed", answer(b"here"))
        get(server, url, user_agent="horizon-scan/0.1 (early-warning collection) desk@gazette.example")
        assert server.header("User-Agent") == "horizon-scan/0.1 (early-warning collection) desk@gazette.example"


BEARER = {"Authorization": f"Bearer {KEY}"}
BASIC = {"Authorization": "Basic " + base64.b64encode(f"me:{KEY}".encode()).decode()}


def shown(error):
    """All that anybody could print of an error, what it was raised from included."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=False).format()) + repr(error)


def test_a_key_is_sent_as_a_header_and_stands_nowhere_else():
    echo = (f"X-Echo: you said {KEY}", "Set-Cookie: session=abc123", f"X-Link: /?token={KEY}", "ETag: 1")
    with serving() as server:
        url = server.play("/feed", answer(b"here", headers=echo))
        client = client_for(url, credentials=BEARER)
        payload = client.get(url)
        assert server.header("Authorization") == f"Bearer {KEY}"
    assert KEY not in repr(client)
    assert KEY not in repr(payload)
    landed = dict(payload.headers)
    assert (landed["set-cookie"], landed["x-echo"], landed["etag"]) == ("[redacted]", "you said [redacted]", "1")


@pytest.mark.parametrize("credentials", [BEARER, BASIC, {"X-Api-Key": KEY}], ids=["bearer", "basic", "own header"])
@pytest.mark.parametrize(
    "play",
    [
        answer(status="302 Found", headers=(f"Location: https://{KEY}.example/",)),
        answer(status="302 Found", headers=(f"Location: /feed?token={KEY}",)),
        answer(f"you said {KEY}".encode()),
        answer(b"br", headers=(f"Content-Encoding: {KEY}",)),
        raw(f"{KEY}\r\n\r\n".encode()),
        answer(status=f"500 {KEY}"),
    ],
    ids=["host", "address", "body", "encoding", "no HTTP", "reason"],
)
def test_a_key_that_the_server_repeats_stands_in_no_error(credentials, play):
    with serving() as server:
        url = server.play("/feed", play)
        with pytest.raises(FetchFailed) as failed:
            get(server, url, credentials=credentials)
    error = failed.value
    assert KEY not in shown(error)
    assert base64.b64encode(f"me:{KEY}".encode()).decode() not in shown(error)
    # Nothing hangs on it that holds the request: loggers that print locals would print its headers.
    assert error.__cause__ is None
    assert error.__context__ is None


def test_a_key_in_an_address_is_refused_and_not_printed():
    with serving() as server:
        url = server.url(f"/feed?key={KEY}")
        with pytest.raises(FetchFailed, match="the address holds a credential") as failed:
            get(server, url, credentials=BEARER)
        assert server.requests == []
    assert KEY not in shown(failed.value)


def test_a_key_with_signs_is_found_in_its_escaped_form_too():
    with serving() as server:
        url = server.play("/feed", answer(status="302 Found", headers=("Location: /x?t=p%2Fq%2B12345678",)))
        with pytest.raises(FetchFailed, match="holds a credential") as failed:
            get(server, url, credentials={"X-Key": SIGNED})
    assert "12345678" not in shown(failed.value)


def test_a_key_does_not_go_where_a_download_is_sent(tmp_path):
    """A publisher's file host sees no key of the publisher."""
    with serving() as server:
        client = client_for(
            server.url("/feed", "docs.google.com"), resolve=lambda *_: ("127.0.0.1",), credentials=BEARER
        )
        away = server.url("/file", "doc-0.googleusercontent.com")
        server.play("/feed", answer(status="302 Found", headers=(f"Location: {away}",)))
        server.play("/file", answer(b"sheet"))
        assert client.get(server.url("/feed", "docs.google.com")).body == b"sheet"
        assert server.header("Authorization", 0) == f"Bearer {KEY}"
        assert server.header("Authorization", 1) is None


def test_the_instant_of_collection_is_the_clocks():
    with serving() as server:
        payload = get(server, server.play("/feed", answer(b"here")))
    assert payload.collected_at == datetime(2024, 1, 28, 12, tzinfo=UTC)
