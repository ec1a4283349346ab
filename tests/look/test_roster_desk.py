"""A roster manager with a phone: from the mail to a team that accepted. Steps and clicks are counted and printed.

Every kind of page that is passed goes through axe. Where DESK_SHOTS names a folder, pictures are kept there.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "review"))

from desks import PASSWORD, Desk
from serving import served
from standbys import DRAFT, MARCH, TOLD, everybody, fields, fill_standby
from walking import SHOTS, VIEWS, Counted, Worker
from weeks import World, build_week

from alerts.sheets import write_csv
from horizon import alerting, clock

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build_week(tmp_path_factory.mktemp("desk"), situations=1)


@pytest.fixture
def desk(built: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    shutil.copytree(built.folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(clock, "now", lambda: made.clock.at if made is not None else MARCH)
    made: Desk | None = None
    made = Desk(World(tmp_path).settings())
    made.clock.at = MARCH
    yield made
    made.accounts.close()


def mail_of(desk: Desk) -> str:
    """The text of the mail to the roster manager, as it waits in the outbox."""
    with alerting.open_outbox(desk.settings) as outbox:
        seen = next(one.message for one in outbox.messages() if one.message.recipient == "rosa")
    text: str = json.loads(seen.payload)["text"]
    return text


def begin(browser: Browser, base: str, view: str, counted: Counted) -> Worker:
    context = browser.new_context(viewport=VIEWS[view])  # type: ignore[arg-type]
    page = context.new_page()
    page.on("pageerror", lambda error: counted.complaints.append(str(error)))
    page.on("console", lambda said: counted.complaints.append(said.text) if said.type == "error" else None)
    return Worker(page, base, counted, "rosa", view)


def sign_in(worker: Worker, account: str) -> None:
    worker.page.fill("#account", account)
    worker.page.fill("#password", PASSWORD)
    worker.counted.fields += 2
    worker.press("Sign in")


def fill_request(worker: Worker) -> None:
    """What an entity sent, typed in; the State came with the alert."""
    for name, value in fields().items():
        field = worker.page.locator(f"#{name}")
        if name in {"kind", "places", "rest_days"}:
            continue
        if name.startswith("seat_1") and not field.is_visible():
            worker.open("Seat 2")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(str(value))
        elif field.input_value() != value:
            field.fill(str(value))
        else:
            continue
        worker.counted.fields += 1


def test_from_the_mail_to_an_accepted_team_on_a_phone(browser: Browser, desk: Desk, capsys):
    counted = Counted()
    with served(desk.app) as base:
        fill_standby(desk.settings, base=base)
        worker = begin(browser, base, "phone", counted)
        link = re.search(r"https?://\S+/acknowledge\?\S+", mail_of(desk))
        assert link is not None
        worker.page.goto(link[0])
        counted.presses += 1
        worker.look()
        worker.press("I have read it")
        assert "Acknowledged" in worker.page.content()
        worker.press("Open it at the desk", link=True)
        sign_in(worker, "rosa")
        assert worker.page.url.endswith(f"/alerts/{TOLD.alert_id}")
        acknowledged = (counted.pages, counted.presses, counted.fields)
        worker.press("An entity has asked", link=True)
        fill_request(worker)
        worker.press("Register the request")
        assert worker.page.url.endswith("/roster/request/REQ-2026-0001")
        worker.press("Find a team")
        assert "nobody has been asked" in worker.page.content()
        worker.press("Note that these are asked")
        assert worker.page.get_by_role("button", name="Accepted").count() == 3
        snap(worker, "asked")
        desk.clock.at += timedelta(minutes=20)
        for _ in range(3):
            worker.press("Accepted")
        assert "3 of 3 seats accepted: the team stands" in worker.page.content()
        team = (counted.pages, counted.presses, counted.fields)
        worker.press("Name and contact")
        assert "Person 000" in worker.page.content()
        worker.page.go_back()
        worker.press("Deployed")
        snap(worker, "deployed")
        assert "0.3 hours from alert to the first acceptance, 0.3 to deployment" in worker.page.content()
    with capsys.disabled():
        sys.stdout.write(
            f"\nacknowledged and signed in {acknowledged}, accepted team {team} (pages, presses, fields)\n"
        )
    assert (counted.violations, counted.wide, counted.complaints) == ([], [], [])


@pytest.mark.parametrize("view", list(VIEWS))
def test_every_page_of_alerts_and_roster_fits_and_can_be_read_by_all(browser: Browser, desk: Desk, view: str):
    counted = Counted()
    with served(desk.app) as base:
        fill_standby(desk.settings, base=base)
        worker = begin(browser, base, view, counted)
        worker.page.goto(f"{base}/roster")
        sign_in(worker, "rosa")
        worker.press("People by number", link=True)
        worker.page.get_by_label("To open a record").select_option("papers that expire")
        worker.press("Open R-0002")
        worker.open("Erase this record")
        snap(worker, "erase")
        for path in (
            "/",
            "/alerts",
            f"/alerts/{TOLD.alert_id}?language=ar",
            "/roster/access",
            "/roster/request/REQ-OTHER",
        ):
            worker.go(path)
        worker.go("/roster/request")
        worker.press("Register the request")
        assert "Nobody is looked for yet" in worker.page.content()
        snap(worker, "missing")
        worker.page.locator("[value='good offices']").check()
        for name, value in fields().items():
            if not name.startswith("seat") and name not in {"kind", "rest_days"}:
                worker.page.fill(f"#{name}", str(value))
        worker.press("Register the request")
        for name in ("decided_by", "consent_of_state"):
            worker.page.fill(f"#{name}", "as told by note")
        for name in ("decided_on", "consulted_bureau_on", "consent_on"):
            worker.page.fill(f"#{name}", "2026-03-18")
        worker.page.fill("#name_0", "An office")
        worker.press("Record it")
        assert "An office" in worker.page.content()
        snap(worker, "mission")
        worker.go("/roster/intake")
        body = write_csv(everybody()).replace(b"2026-05-10", b"soon", 2)
        worker.page.set_input_files("#file", {"name": "people.csv", "mimeType": "text/csv", "buffer": body})
        worker.press("Check it")
        assert "Row 2, column clearances" in worker.page.content()
        snap(worker, "faults")
        worker.go("/roster/request/REQ-1")
        worker.press("Find a team")
        assert worker.page.locator("summary", has_text="Alternative").count() == 3
        for number in range(worker.page.locator("summary").count()):
            worker.open("", at=number)
        snap(worker, "alternatives")
        worker.press("Sign out")
        worker.name = "rex"
        worker.page.goto(f"{base}/alerts")
        sign_in(worker, "rex")
        worker.press("Genovia", link=True)
        worker.type("Reason", "read in full")
        worker.press("Approve")
        assert "1 of 2 approvals" in worker.page.content()
        worker.go(f"/notice/{DRAFT.notice_id}?language=fr")
    refused = [one for one in counted.complaints if "422" in one]  # a form with gaps and a table with faults
    assert (counted.violations, counted.wide, counted.complaints) == ([], [], refused)
    assert len(refused) == 2


def snap(worker: Worker, name: str) -> None:
    """A state of a page that has no address of its own."""
    found = Axe().run(worker.page).response["violations"]
    worker.counted.violations += [f"{name}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in found]
    if worker.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        worker.counted.wide.append(name)
    if SHOTS:
        worker.page.screenshot(path=Path(SHOTS) / f"{worker.view}-roster-{name}.png", full_page=True)
