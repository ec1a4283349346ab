"""A week at the desk in a real browser: five roles from triage to an issued brief, at two widths, by keys alone.

Steps and clicks are counted as they happen and printed; every kind of page that is passed goes through axe. Where
DESK_SHOTS names a folder, pictures are kept there.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "review"))

from desks import PASSWORD, TEXT, Desk
from serving import served
from walking import VIEWS, Counted, Worker
from weeks import ISSUE, SITUATION, World, build_week, publish_snapshot

from domain.classification import Lens
from domain.signal import short_hash
from warehouse.connection import open_store

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build_week(tmp_path_factory.mktemp("desk"), situations=1)


@pytest.fixture
def desk(built: World, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(built.folder, tmp_path, dirs_exist_ok=True)
    made = Desk(World(tmp_path).settings())
    yield made
    made.accounts.close()


@contextmanager
def at_desk(browser: Browser, base: str, account: str, *, view: str, counted: Counted) -> Iterator[Worker]:
    """Somebody who signs in, works, and signs out."""
    context: BrowserContext = browser.new_context(viewport=VIEWS[view])  # type: ignore[arg-type]
    page = context.new_page()
    page.on("pageerror", lambda error: counted.complaints.append(str(error)))
    page.on("console", lambda said: counted.complaints.append(said.text) if said.type == "error" else None)
    worker = Worker(page, base, counted, account, view)
    page.goto(f"{base}/")
    page.fill("#account", account)
    page.fill("#password", PASSWORD)
    worker.counted.fields += 2
    worker.press("Sign in")
    yield worker
    worker.press("Sign out")
    context.close()


def fill_text(worker: Worker) -> None:
    """The form of a text, as typed by its author."""
    for name, words in TEXT.items():
        field_ = worker.page.locator(f"#{name}")
        if name in {"likelihood", "confidence"}:
            field_.select_option(words)
        else:
            field_.fill(words)
        worker.counted.fields += 1


@pytest.mark.parametrize("view", list(VIEWS))
def test_five_roles_play_a_week_from_triage_to_an_issued_brief(browser: Browser, desk: Desk, view: str, capsys):
    counted = Counted()
    with served(desk.app) as base:

        def worker(account: str):
            return at_desk(browser, base, account, view=view, counted=counted)

        with worker("ana") as ana:
            ana.press("Triage", link=True)
            ana.press("Harbour", link=True)
            for _ in range(2):
                ana.tick("Relevant")
                ana.type("Reason", "alleged event with place and date")
                ana.press("Save, and next")
            ana.press("Situations", link=True)
            ana.press("Ruritania", link=True)
            ana.press("Write", link=True)
            fill_text(ana)
            ana.press("Save")
            ana.press("Preview", link=True)
            ana.press("Level", link=True)
            ana.type("Reason", "six incidents in four weeks, two origins")
            ana.press("Sign the level")
        with worker("sam") as sam:
            sam.press("waits for a signature", link=True)
            sam.type("Reason", "read the six incidents")
            sam.press("Countersign")
            sam.press("Overview", link=True)
            sam.type("Reason", "looked for duplicates and other accounts")
            sam.press("Sign: challenged")
        with worker("pia") as pia:
            pia.press("check protection", link=True)
            for words in ("Consent covers", "No count below", "Read beside"):
                pia.tick(words)
            pia.type("Reason", "nobody can be told from it")
            pia.press("Sign: protected")
        with worker("sam") as sam:
            sam.press("check the wording", link=True)
            sam.type("Reason", "no adjective of blame")
            sam.press("Sign: worded")
        with worker("rex") as rex:
            rex.press("clear it", link=True)
            rex.type("Reason", "read in full")
            rex.press("Sign: cleared")
            rex.type("Reason", "facts are those of today")
            rex.press("Sign: frozen")
            rex.press("Options", link=True)
            rex.press("Issues", link=True)
            rex.press(ISSUE, link=True)
            rex.type("What you read", "all pages")
            rex.press("Clear the issue")
        with worker("hana") as hana:
            hana.press("Issues", link=True)
            hana.press(ISSUE, link=True)
            hana.type("Reason", "to the President")
            hana.press("Issue it")
        with worker("paul") as paul:
            paul.press("Released", link=True)
            # The page itself is shown in a box without script, where a driven browser cannot look.
            address = paul.page.get_by_role("link", name="AFR.html").get_attribute("href")
            assert "AFR of a fictional week" in paul.page.request.get(f"{base}{address}").text()
            counted.presses += 1
            paul.press(f"Acknowledge {ISSUE}")
            assert "Acknowledged: Paul President" in paul.page.content()
        issued = (counted.pages, counted.presses, counted.fields)
        # The issue is with its readers: now a source withdraws, and the text is corrected.
        report = desk.office.shelf.newest().incident(short_hash("incident", "XRU", "0")).reports[0]
        with worker("pia") as pia:
            pia.go(f"/report/{report}")
            assert "issue that left" in pia.page.content()
            pia.open("Withdraw it")
            pia.type("Reason", "asked for by the source")
            pia.press("Withdraw the report")
        with worker("rex") as rex:
            rex.go(f"/situation/{SITUATION}")
            rex.type("Reason", "a source was withdrawn")
            rex.press("Sign: corrected")
        with worker("ana") as ana:
            ana.go(f"/situation/{SITUATION}/write")
            ana.page.locator("#alleged").fill(
                "According to the gazette, two persons were allegedly killed at the harbour."
            )
            ana.press("Save")
            assert ana.page.locator("ins").count() > 0
        with worker("rex") as rex:
            rex.go(f"/situation/{SITUATION}")
            rex.open("Urgent lane")
            for words in ("Consent covers", "No count below", "Read beside"):
                rex.tick(words)
            rex.type("Why it cannot wait", "a reader may act on the old text")
            rex.press("Sign for urgent clearance")
        with worker("pia") as pia:
            pia.press("second signature is wanted", link=True)
            for words in ("Consent covers", "No count below", "Read beside"):
                pia.tick(words)
            pia.type("Why it cannot wait", "agreed")
            pia.press("Sign for urgent clearance")
        with worker("alma") as alma:
            alma.press("Chain", link=True)
            assert "each with its file, in unbroken order" in alma.page.content()
            alma.press("Access", link=True)
        with worker("adam") as adam:
            adam.press("Accounts", link=True)
    assert desk.office.life(SITUATION).step.value == "cleared"
    assert desk.published == [f"{ISSUE}/r1"]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{view}: to the issued brief {issued[0]} pages, {issued[1]} presses, {issued[2]} fields; "
            f"with correction, withdrawal and urgent lane {counted.pages} pages, "
            f"{counted.presses} presses, {counted.fields} fields\n"
        )
    assert (counted.violations, counted.wide, counted.complaints) == ([], [], [])


def test_triage_goes_by_keys_alone(browser: Browser, desk: Desk):
    with served(desk.app) as base:
        context = browser.new_context(viewport=VIEWS["desktop"])  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{base}/triage?place=XRU")
        keys = page.keyboard
        keys.type("ana")
        keys.press("Tab")
        keys.type(PASSWORD)
        keys.press("Enter")
        page.wait_for_selector("[data-list]")
        keys.press("j")
        keys.press("k")
        keys.press("Enter")
        page.wait_for_selector("[data-verdict]")
        keys.press("r")
        keys.type("place and date")
        keys.press("Enter")
        page.wait_for_url(
            lambda address: address.endswith(f"/incident/{desk.office.shelf.newest().fresh_ids('XRU')[1]}")
        )
        keys.press("d")
        keys.press("ArrowDown")
        keys.press("Tab")
        keys.type("same event")
        keys.press("Enter")
        page.wait_for_selector("[data-list]")
        acts = [one.decision.act.value for one in desk.office.ledger.in_order()]
        assert acts == ["relevant", "merge", "duplicate"]
        context.close()


def test_a_letter_typed_into_a_field_is_a_letter(browser: Browser, desk: Desk):
    with served(desk.app) as base, at_desk(browser, base, "ana", view="desktop", counted=Counted()) as ana:
        ana.page.goto(f"{base}/incident/{short_hash('incident', 'XRU', '0')}")
        ana.page.locator("[data-reason]").fill("")
        ana.page.locator("[data-reason]").press_sequentially("dprs jk")
        assert ana.page.locator("[data-reason]").input_value() == "dprs jk"
        assert ana.page.locator("[name=verdict]:checked").count() == 0


@pytest.mark.parametrize("account", ["sam", "rex", "alma", "adam", "paul"])
def test_every_page_is_reached_and_left_by_tab_and_shows_where_it_is(browser: Browser, desk: Desk, account: str):
    paths = {
        "sam": ["/", "/triage?place=XRU", f"/situation/{SITUATION}", f"/situation/{SITUATION}/write", "/intake"],
        "rex": [f"/situation/{SITUATION}/level", f"/situation/{SITUATION}/options", f"/issue/{ISSUE}/r1"],
        "alma": ["/audit", "/access", "/history"],
        "adam": ["/accounts"],
        "paul": ["/released"],
    }
    with served(desk.app) as base, at_desk(browser, base, account, view="desktop", counted=Counted()) as worker:
        for path in paths[account]:
            worker.page.goto(base + path)
            page = worker.page
            wanted = page.evaluate(
                "[...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')]"
                ".filter(e => e.checkVisibility({visibilityProperty: true}) && !(e.closest('details:not([open])') && "
                "e.tagName != 'SUMMARY')).length"
            )
            page.evaluate("document.activeElement.blur(); window.seen = new Set()")
            for _ in range(wanted + 12):
                page.keyboard.press("Tab")
                seen = page.evaluate(
                    """() => { const e = document.activeElement; if (e === document.body) return true;
                    window.seen.add(e); const s = getComputedStyle(e);
                    return s.outlineStyle !== 'none' && s.outlineWidth !== '0px'; }"""
                )
                assert seen, (path, page.evaluate("document.activeElement.outerHTML"))
            radios = page.evaluate(
                """() => { const all = [...document.querySelectorAll('[type=radio]')];
                return all.length - new Set(all.map(e => e.name)).size; }"""
            )
            assert page.evaluate("window.seen.size") >= wanted - radios, path


def test_a_text_typed_for_two_hours_outlives_the_sign_in(browser: Browser, desk: Desk):
    with served(desk.app) as base, at_desk(browser, base, "ana", view="phone", counted=Counted()) as ana:
        ana.page.goto(f"{base}/situation/{SITUATION}/write")
        fill_text(ana)
        desk.clock.at += timedelta(hours=2)
        ana.page.get_by_role("button", name="Save").click()
        ana.page.wait_for_selector("#account")
        assert "Nothing that you typed is lost" in ana.page.content()
        ana.page.fill("#account", "ana")
        ana.page.fill("#password", PASSWORD)
        ana.press("Sign in")
        ana.press("Save it now")
        assert TEXT["contrary"] in ana.page.content()
    assert desk.office.life(SITUATION).text is not None


def test_a_fact_that_changes_after_clearance_is_named_on_the_page(browser: Browser, desk: Desk):
    """The same by a new run: the snapshot is replaced under the open desk."""
    with served(desk.app) as base, at_desk(browser, base, "ana", view="desktop", counted=Counted()) as ana:
        ana.page.goto(f"{base}/situation/{SITUATION}")
        before = ana.page.locator("table.cards tbody tr").count()
        var = desk.settings.var
        with open_store(var, Lens.RESTRICTED) as store, store.transaction():
            rows = store.dump("out_situations")
            store.delete_issue("out_situations", issue=ISSUE)
            store.insert("out_situations", rows.with_columns(rows["incidents"].list.head(2).alias("incidents")))
        publish_snapshot(var)
        ana.page.reload()
        assert (before, ana.page.locator("table.cards tbody tr").count()) == (6, 2)
