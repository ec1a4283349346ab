"""A live look, against a real server on this machine: conditional, with its credential, and with neither."""

import traceback
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from fictional import World, row, wire
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from collectors.http import GuardedClient
from domain.errors import HorizonError
from horizon import stages
from horizon.settings import Settings
from warehouse.landing import LandedLook, LandedPayload, read_records

SESAME = "sesame-of-the-gazette"


@pytest.fixture
def live(world: World, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The wire of the fictional world, served here; only here may the client speak to this machine."""
    monkeypatch.setattr(stages, "GuardedClient", partial(GuardedClient, allow_loopback=True))
    card = world.folder / "cards" / "gazette_wire.toml"
    card.write_text(served(card, httpserver), "utf-8")
    return replace(world.settings(), live=True)


def served(card: Path, httpserver: HTTPServer, more: str = "") -> str:
    lines = card.read_text("utf-8").splitlines(keepends=True)
    address = f'url = "{httpserver.url_for("/data")}"\n'
    return "".join(address + more if line.startswith("url = ") else line for line in lines)


def looks(settings: Settings) -> list[tuple[str, tuple[str, ...]]]:
    found = [one.look for one in read_records(settings.landing) if isinstance(one, LandedLook)]
    return [(look.state.value, look.payloads) for look in found]


def test_the_second_look_asks_whether_anything_changed_and_lands_no_copy(live: Settings, httpserver: HTTPServer):
    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == '"v1"':
            return Response(status=304)
        return Response(wire(row("w1", "2024-01-03")), content_type="application/json", headers={"ETag": '"v1"'})

    httpserver.expect_request("/data").respond_with_handler(answer)
    assert stages.collect("gazette_wire", live) == "ok"
    assert stages.collect("gazette_wire", live) == "unchanged"
    (first, second) = looks(live)
    assert first == ("ok", second[1])
    assert second[0] == "unchanged"
    assert len([one for one in read_records(live.landing) if isinstance(one, LandedPayload)]) == 1


def test_an_answer_that_could_not_be_read_is_asked_for_again(live: Settings, httpserver: HTTPServer):
    asked: list[str | None] = []

    def wall(request: Request) -> Response:
        asked.append(request.headers.get("If-None-Match"))
        return Response("<html>are you a robot?</html>", content_type="text/html", headers={"ETag": '"wall"'})

    httpserver.expect_request("/data").respond_with_handler(wall)
    stages.collect("gazette_wire", live)
    stages.collect("gazette_wire", live)
    assert asked == [None, None]


def test_a_failed_look_says_why(live: Settings, httpserver: HTTPServer):
    httpserver.expect_request("/data").respond_with_data("gone", status=404)
    with pytest.raises(HorizonError):
        stages.collect("gazette_wire", live)
    (look,) = [one.look for one in read_records(live.landing) if isinstance(one, LandedLook)]
    assert "404" in look.detail


def test_a_credential_reaches_the_server_and_no_file(
    live: Settings, world: World, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
):
    card = world.folder / "cards" / "gazette_wire.toml"
    more = 'credentials = ["GAZETTE_KEY"]\nauth = ["Authorization: Bearer {GAZETTE_KEY}"]\n'
    card.write_text(served(card, httpserver, more), "utf-8")
    monkeypatch.setenv("GAZETTE_KEY", SESAME)
    httpserver.expect_request("/data", headers={"Authorization": f"Bearer {SESAME}"}).respond_with_data(
        wire(row("w1", "2024-01-03")), content_type="application/json"
    )
    assert stages.collect("gazette_wire", live) == "ok"
    written = b"".join(path.read_bytes() for path in live.var.rglob("*") if path.is_file())
    assert written
    assert SESAME.encode() not in written


def test_a_credential_that_the_card_does_not_send_leaves_the_source_disabled(
    live: Settings, world: World, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
):
    card = world.folder / "cards" / "gazette_wire.toml"
    card.write_text(served(card, httpserver, 'credentials = ["GAZETTE_KEY"]\n'), "utf-8")
    monkeypatch.setenv("GAZETTE_KEY", SESAME)
    assert stages.collect("gazette_wire", live) == "disabled: no credential"
    assert httpserver.log == []
    (look,) = [one.look for one in read_records(live.landing) if isinstance(one, LandedLook)]
    assert "does not say how GAZETTE_KEY is sent" in look.detail


@pytest.fixture
def keyed(live: Settings, world: World, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same, of an interface that takes its key in the address alone."""
    card = world.folder / "cards" / "gazette_wire.toml"
    more = 'credentials = ["GAZETTE_KEY"]\nquery = ["key={GAZETTE_KEY}"]\n'
    card.write_text(served(card, httpserver, more), "utf-8")
    monkeypatch.setenv("GAZETTE_KEY", SESAME)
    return live


@pytest.mark.parametrize("fails", [False, True], ids=["answers", "refuses"])
def test_a_key_in_the_address_reaches_the_server_and_no_file_no_log_and_no_error(
    keyed: Settings, httpserver: HTTPServer, caplog: pytest.LogCaptureFixture, fails: bool
):
    """Publishers repeat the address that they were asked under; the body that lands is without the key too."""
    caplog.set_level(0)
    asked: list[str] = []

    def reply(request: Request) -> Response:
        asked.append(request.args.get("key", ""))
        if fails:
            return Response(f"{SESAME} is not known", status=403, headers={"X-Key": SESAME})
        body = wire(row(f"/data?key={SESAME}", "2024-01-03"))
        return Response(body, content_type="application/json", headers={"Link": f"</data?key={SESAME}>; rel=self"})

    httpserver.expect_request("/data").respond_with_handler(reply)
    said = ""
    if fails:
        with pytest.raises(HorizonError) as error:
            stages.collect("gazette_wire", keyed)
        said = "".join(traceback.format_exception(error.value)) + f"{error.value.why} {error.value.do}"
    else:
        assert stages.collect("gazette_wire", keyed) == "ok"
    assert asked == [SESAME]
    written = b"".join(path.read_bytes() for path in keyed.var.rglob("*") if path.is_file())
    assert written
    assert SESAME.encode() not in written
    logged = " ".join(one.getMessage() for one in caplog.records if one.name != "werkzeug")  # that is the server's own
    assert SESAME not in said + logged


def test_a_conditional_request_finds_the_answer_under_the_address_without_its_key(
    keyed: Settings, httpserver: HTTPServer
):

    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == '"v1"':
            return Response(status=304)
        return Response(wire(row("w1", "2024-01-03")), content_type="application/json", headers={"ETag": '"v1"'})

    httpserver.expect_request("/data", query_string={"key": SESAME}).respond_with_handler(answer)
    assert [stages.collect("gazette_wire", keyed) for _ in range(2)] == ["ok", "unchanged"]


def test_a_look_that_was_killed_after_its_payload_is_new_when_it_is_done_again(
    live: Settings, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
):
    httpserver.expect_request("/data").respond_with_data(wire(row("w1", "2024-01-03")), content_type="application/json")

    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(stages, "land_look", killed)
        with pytest.raises(KeyboardInterrupt):
            stages.collect("gazette_wire", live)
    assert [stages.collect("gazette_wire", live) for _ in range(2)] == ["ok", "unchanged"]
