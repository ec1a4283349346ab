"""A whole look at the events of ACLED against a server on this machine: token, weeks, deletions, and no trace of a key.

Rows are made up, of a fictional place, in the documented form.
"""

import json
import shutil
from dataclasses import replace
from functools import partial

import pytest
from fictional import World
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from collectors.http import GuardedClient, Patience
from domain.classification import Lens
from horizon import clock, stages
from horizon.settings import ROOT, Settings
from warehouse.connection import open_store
from warehouse.landing import LandedLook, read_records

SECRETS = ("warden@gazette.example", "open-the-harbour", "token-number-")


class Publisher:
    """Its newest whole week; `rows` and `deleted` are what it holds now. Each token serves one look."""

    def __init__(self, server: HTTPServer) -> None:
        self.rows: list[dict[str, str]] = []
        self.deleted: list[dict[str, str]] = []
        self.sold = 0
        server.expect_request("/oauth/token", method="POST").respond_with_handler(self.sell)
        server.expect_request("/api/acled/read").respond_with_handler(self.events)
        server.expect_request("/api/deleted/read").respond_with_handler(self.deletions)

    def sell(self, request: Request) -> Response:
        right = (request.form["username"], request.form["password"]) == SECRETS[:2]
        self.sold += right
        return Response(json.dumps({"access_token": f"token-number-{self.sold}"}), status=200 if right else 401)

    def events(self, request: Request) -> Response:
        first, _, last = request.args.get("event_date", "").partition("|")
        return self.answer(request, [row for row in self.rows if not first or first <= row["event_date"] <= last])

    def deletions(self, request: Request) -> Response:
        return self.answer(request, self.deleted)

    def answer(self, request: Request, rows: list[dict[str, str]]) -> Response:
        if request.headers.get("Authorization") != f"Bearer token-number-{self.sold}":
            return Response("who are you?", status=401)
        return Response(json.dumps({"success": True, "data": rows}), content_type="application/json")


def event(number: int) -> dict[str, str]:
    return {
        "event_id_cnty": f"RUR{number}",
        "event_date": clock.now().date().isoformat(),
        "time_precision": "1",
        "disorder_type": "Political violence",
        "event_type": "Violence against civilians",
        "sub_event_type": "Attack",
        "inter1": "State forces",
        "inter2": "Civilians",
        "civilian_targeting": "Civilian targeting",
        "iso": "999",
        "country": "Ruritania",
        "admin1": "Harbour",
        "geo_precision": "1",
        "fatalities": "3",
        "timestamp": "1705968000",
    }


@pytest.fixture
def live(world: World, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The card itself, with its addresses on this machine; only here may the client speak to it."""
    hurried = partial(GuardedClient, allow_loopback=True, patience=Patience(interval_seconds=0), sleep=lambda _: None)
    monkeypatch.setattr(stages, "GuardedClient", hurried)
    card = world.folder / "cards" / "acled_events.toml"
    shutil.copy(ROOT / "collectors" / "sources" / card.name, card)
    card.write_text(card.read_text("utf-8").replace("https://acleddata.com/", httpserver.url_for("/")), "utf-8")
    return replace(world.settings(), live=True)


@pytest.fixture
def publisher(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    monkeypatch.setenv("ACLED_USERNAME", SECRETS[0])
    monkeypatch.setenv("ACLED_PASSWORD", SECRETS[1])
    return Publisher(httpserver)


def test_without_a_password_the_source_is_disabled_and_nobody_is_asked(
    live: Settings, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ACLED_USERNAME", SECRETS[0])
    monkeypatch.delenv("ACLED_PASSWORD", raising=False)
    assert stages.collect("acled_events", live) == "disabled: no credential"
    assert httpserver.log == []


def test_a_deleted_event_is_withdrawn_in_the_restricted_file_alone(live: Settings, publisher: Publisher):
    publisher.rows = [event(7), event(8)]
    assert stages.collect("acled_events", live) == "ok"
    before = clock.now()
    publisher.rows = [event(8)]
    publisher.deleted = [{"event_id_cnty": "RUR7", "deleted_timestamp": "1706140800"}]
    assert stages.collect("acled_events", live) == "ok"
    stages.load(settings=live)
    with open_store(live.var, Lens.RESTRICTED) as store:
        first, second = (store.query("core_reports", as_of=when) for when in (before, clock.now()))
    assert dict(first.select("source_ref", "title").iter_rows()) == {"RUR7": "Attack", "RUR8": "Attack"}
    assert dict(second.select("source_ref", "title").iter_rows()) == {
        "RUR7": "deleted by the publisher",
        "RUR8": "Attack",
    }
    assert [row["occurred_on"] is None for row in second.sort("source_ref").to_dicts()] == [True, False]
    with open_store(live.var, Lens.PUBLIC) as store:
        assert store.query("core_reports", as_of=clock.now()).is_empty()


@pytest.mark.parametrize("right", [True, False], ids=["sold", "refused"])
def test_neither_name_nor_password_nor_token_is_written_down(
    live: Settings, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, right: bool
):
    publisher.rows = [event(7)]
    if right:
        assert stages.collect("acled_events", live) == "ok"
    else:
        monkeypatch.setenv("ACLED_PASSWORD", "shut-the-harbour")
        with pytest.raises(Exception, match="no token: status 401"):
            stages.collect("acled_events", live)
        (look,) = [one.look for one in read_records(live.landing) if isinstance(one, LandedLook)]
        assert "no token: status 401" in look.detail
    written = b"".join(path.read_bytes() for path in live.var.rglob("*") if path.is_file())
    assert written
    assert not [one for one in (*SECRETS, "shut-the-harbour") if one.encode() in written]
