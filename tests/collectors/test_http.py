"""The guarded client against a real server on this machine."""

import gzip
import socket
import threading
from datetime import UTC, datetime

import pytest
from werkzeug import Response

from collectors.guard import NotFound
from collectors.http import FetchFailed, GuardedClient, Limits
from domain.source import Kind
from tests.collectors.conftest import make_card

NOON = datetime(2024, 1, 28, 12, tzinfo=UTC)


def client_for(url, *, loopback=True, limits=None, kind=Kind.JSON_API, **settings):
    """A client that never really waits."""
    known = {"clock": lambda: NOON, "sleep": lambda _: None, "jitter": lambda: 0.0, "allow_loopback": loopback}
    return GuardedClient(make_card(kind, url=url), limits=Limits(**limits or {}), **known | settings)


def test_a_payload_carries_what_came_and_when(httpserver):
    httpserver.expect_request("/feed").respond_with_data("[]", content_type="application/json")
    url = httpserver.url_for("/feed")
    payload = client_for(url).get(url)
    assert (payload.body, payload.status, payload.media_type) == (b"[]", 200, "application/json")
    assert (payload.source_id, payload.url, payload.collected_at) == ("harbour_gazette", url, NOON)
    sent = httpserver.log[0][0].headers
    assert sent["User-Agent"].startswith("horizon-scan/")


def test_a_compressed_payload_is_unpacked_and_measured_unpacked(httpserver):
    packed = Response(gzip.compress(b"a" * 200_000), headers={"Content-Encoding": "gzip"})
    httpserver.expect_request("/feed").respond_with_response(packed)
    url = httpserver.url_for("/feed")
    assert len(client_for(url).get(url).body) == 200_000
    with pytest.raises(FetchFailed, match="larger than 100000 bytes"):
        client_for(url, limits={"max_bytes": 100_000}).get(url)


def test_a_redirect_on_the_same_host_is_followed(httpserver):
    httpserver.expect_request("/old").respond_with_data(status=302, headers={"Location": "/new"})
    httpserver.expect_request("/new").respond_with_data("here")
    url = httpserver.url_for("/old")
    assert client_for(url).get(url).body == b"here"


def test_a_redirect_to_another_host_is_refused(httpserver):
    httpserver.expect_request("/feed").respond_with_data(status=302, headers={"Location": "https://elsewhere.example/"})
    url = httpserver.url_for("/feed")
    with pytest.raises(FetchFailed, match=r"'elsewhere\.example' is not the card's"):
        client_for(url).get(url)


def test_too_many_redirects_end(httpserver):
    httpserver.expect_request("/feed").respond_with_data(status=301, headers={"Location": "/feed"})
    url = httpserver.url_for("/feed")
    with pytest.raises(FetchFailed, match="more than 3 redirects"):
        client_for(url).get(url)
    assert len(httpserver.log) == 4


def test_hops_count_against_the_total_deadline(httpserver):
    httpserver.expect_request("/feed").respond_with_data("here")
    url = httpserver.url_for("/feed")
    with pytest.raises(FetchFailed, match="not complete after 0 seconds"):
        client_for(url, limits={"total_seconds": 0}).get(url)
    assert httpserver.log == []


def test_no_cookie_is_sent_back(httpserver):
    headers = {"Location": "/new", "Set-Cookie": "who=me"}
    httpserver.expect_request("/old").respond_with_data(status=302, headers=headers)
    httpserver.expect_request("/new").respond_with_data("here")
    url = httpserver.url_for("/old")
    client_for(url).get(url)
    assert "Cookie" not in httpserver.log[1][0].headers


def test_an_error_status_is_a_failure(httpserver):
    httpserver.expect_request("/feed").respond_with_data("no", status=403)
    url = httpserver.url_for("/feed")
    with pytest.raises(FetchFailed, match="status 403") as failure:
        client_for(url).get(url)
    assert failure.value.reason == "status 403"


def test_too_much_is_not_kept(httpserver):
    httpserver.expect_request("/feed").respond_with_data("a" * 5_000)
    url = httpserver.url_for("/feed")
    with pytest.raises(FetchFailed, match="larger than 4999 bytes"):
        client_for(url, limits={"max_bytes": 4_999}).get(url)
    assert len(client_for(url, limits={"max_bytes": 5_000}).get(url).body) == 5_000


def test_a_private_address_is_refused(httpserver):
    url = httpserver.url_for("/feed")
    with pytest.raises(FetchFailed, match="not a public address"):
        client_for(url, loopback=False).get(url)
    assert httpserver.log == []


@pytest.mark.parametrize("host", ["[::1]", "[::ffff:10.0.0.1]", "169.254.169.254", "10.1.2.3", "224.0.0.1"])
def test_every_sort_of_inner_address_is_refused(host):
    url = f"http://{host}/"
    with pytest.raises(FetchFailed, match="not a public address"):
        client_for(url, loopback=False).get(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://gazette.example/feed", "scheme 'http'"),
        ("file:///etc/hostname", "scheme 'file'"),
        ("https://other.example/feed", "host 'other.example'"),
        ("https://gazette.example:8443/feed", "port 8443"),
        ("https://me:secret@gazette.example/feed", "user name"),
        ("https://gazette.example:no/feed", "not an address"),
    ],
)
def test_an_address_that_is_not_the_cards_is_refused_before_any_connection(url, reason):
    with pytest.raises(FetchFailed, match=reason):
        client_for("https://gazette.example/feed").get(url)


def test_a_host_name_that_cannot_be_one_is_a_failure():
    url = "https://" + "a" * 70 + ".example/"
    with pytest.raises(FetchFailed):
        client_for(url, loopback=False).get(url)


def test_a_sheet_may_come_from_the_host_that_serves_its_downloads():
    asked = []

    def resolve(host, port, seconds):
        asked.append((host, port))
        raise NotFound("no address")

    client = client_for("https://docs.google.com/x", resolve=resolve)
    for host in ("doc-0-sheets.googleusercontent.com", "googleusercontent.com.elsewhere.example"):
        with pytest.raises(FetchFailed):
            client.get(f"https://{host}/x")
    assert set(asked) == {("doc-0-sheets.googleusercontent.com", 443)}


@pytest.fixture
def dripping():
    """A server that says one byte at a time and never ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve():
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not stop.wait(0.02):
                try:
                    connection.sendall(b"a")
                except OSError:
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    stop.set()
    thread.join(2)
    listener.close()


def test_a_slow_drip_meets_the_total_deadline(dripping):
    with pytest.raises(FetchFailed, match=r"not complete after 0\.3 seconds"):
        client_for(dripping, limits={"total_seconds": 0.3, "idle_seconds": 5}).get(dripping)


def test_a_server_that_is_not_there_is_a_failure():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    with pytest.raises(FetchFailed, match="no connection"):
        client_for(url, limits={"connect_seconds": 1}).get(url)
