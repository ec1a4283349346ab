"""A week at the desk in a real browser: eight roles from triage to an issued brief, at two widths and by keys alone.

Steps and clicks are counted as they happen and printed; every kind of page that is passed goes through axe, and so do
the states in which a page is seldom seen: refused, in conflict, empty, crowded, broken. Where DESK_SHOTS names a
folder, pictures are kept there.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "review"))

from desks import PASSWORD, TEXT, Desk
from serving import served
from walking import SEEN_ONLY, SHOTS, VIEWS, Counted, Typist, Worker, examine
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
    context: BrowserContext = browser.new_context(viewport=VIEWS.get(view, VIEWS["desktop"]))  # type: ignore[arg-type]
    page = context.new_page()
    page.on("dialog", lambda box: counted.complaints.append(box.message) if box.type == "alert" else box.accept())
    page.on("pageerror", lambda error: counted.complaints.append(str(error)))
    page.on("console", lambda said: counted.complaints.append(said.text) if said.type == "error" else None)
    worker = (Typist if view == "keys" else Worker)(page, base, counted, account, view)
    page.goto(f"{base}/")
    worker.fill("account", account)
    worker.fill("password", PASSWORD)
    worker.press("Sign in")
    yield worker
    worker.press("Sign out")
    context.close()


def fill_text(worker: Worker) -> None:
    """The form of a text, as typed by its author."""
    for name, words in TEXT.items():
        worker.fill(name, words)


@pytest.mark.parametrize("view", [*VIEWS, "keys"])
def test_eight_roles_play_a_week_from_triage_to_an_issued_brief(browser: Browser, desk: Desk, view: str, capsys):
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
            address = paul.page.get_by_role("link", name="African States, HTML").get_attribute("href")
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
            ana.fill("alleged", "According to the gazette, two persons were allegedly killed at the harbour.")
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
            pia.press("Issues", link=True)
            pia.press(ISSUE, link=True)
            pia.open("Withdraw the issue")
            pia.type("Reason", "the text was corrected")
            pia.press("Withdraw")
        with worker("paul") as paul:
            paul.press("Released", link=True)
            assert "Revised." in paul.page.content()
            assert "corrected" not in paul.page.content()
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
            f"{counted.presses} presses, {counted.fields} fields"
            + (f", {counted.keys} keys without a mouse\n" if counted.keys else "\n")
        )
    assert (counted.violations, counted.wide, counted.complaints, counted.unseen) == ([], [], [], [])


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


# States in which a page is seldom seen

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
SEND = """([action, fields]) => {
  const form = [...document.forms].find(one => new URL(one.action).pathname.endsWith(action));
  for (const [name, value] of Object.entries(fields)) {
    let found = [...form.elements].filter(one => one.name === name);
    if (!found.length) { form.append(Object.assign(document.createElement('input'), {type: 'hidden', name})); }
    found = [...form.elements].filter(one => one.name === name);
    for (const one of found) {
      if (['radio', 'checkbox'].includes(one.type)) one.checked = value.includes(one.value);
      else one.value = value;
    }
  }
  form.noValidate = true;
  form.requestSubmit();
}"""


class Watcher:
    """Somebody who brings pages into a state and looks at each: by day on a desktop, by night on a phone."""

    def __init__(self, browser: Browser, base: str, counted: Counted, *, account: str = "") -> None:
        self.context = browser.new_context(viewport=VIEWS["desktop"])  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.on("dialog", lambda box: (counted.complaints.append(box.message), box.accept()))
        self.page.on("pageerror", lambda error: counted.complaints.append(str(error)))
        self.base = base
        self.counted = counted
        self.account = account
        if account:
            self.page.goto(f"{base}/sign-in")
            self.send("/sign-in", {"account": account, "password": PASSWORD})

    def send(self, action: str, fields: dict[str, str]) -> None:
        """Send a form past the checks that a browser makes."""
        with self.page.expect_navigation():
            self.page.evaluate(SEND, [action, fields])

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def look(self, name: str, words: str) -> None:
        """The page as it stands, which must say these words."""
        assert words in self.page.locator("body").inner_text(), (name, self.page.locator("main").inner_text()[:400])
        assert self.page.locator("main img").count() == 0, name
        kind = f"{self.account} {name}"
        self.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        examine(self.page, kind, self.counted)
        self._shoot(name, "desktop")
        self.page.set_viewport_size(VIEWS["phone"])  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme="dark")
        examine(self.page, f"{kind}, by night on a phone", self.counted, options=SEEN_ONLY)
        self._shoot(name, "night")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(VIEWS["desktop"])  # type: ignore[arg-type]

    def _shoot(self, name: str, view: str) -> None:
        if SHOTS:
            stem = re.sub(r"\W+", "_", f"state-{view}-{self.account}-{name}")
            self.page.screenshot(path=Path(SHOTS) / f"{stem}.png", full_page=True)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Sixty new incidents for each State, and three situations."""
    return build_week(tmp_path_factory.mktemp("crowded"), incidents=240, weeks=4)


@pytest.fixture
def full(crowded: World, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(crowded.folder, tmp_path, dirs_exist_ok=True)
    made = Desk(World(tmp_path).settings())
    yield made
    made.accounts.close()


def test_pages_refused_in_conflict_and_full_of_hostile_words_break_no_rule(browser: Browser, full: Desk):
    counted = Counted()
    situation, first = f"/situation/{SITUATION}", f"/incident/{short_hash('incident', 'XRU', '0')}"
    with served(full.app) as base:
        stranger = Watcher(browser, base, counted)
        stranger.go("/sign-in")
        stranger.look("sign-in", "Sign in")
        stranger.send("/sign-in", {"account": "ana", "password": "wrong"})
        stranger.look("wrong password", "do not belong together")
        ana = Watcher(browser, base, counted, account="ana")
        ana.go("/triage?place=XRU")
        ana.look("triage, crowded", "1 to 50 of")
        ana.go("/nowhere")
        ana.look("no such page", "There is no such page")
        ana.go("/accounts")
        ana.look("another role's page", "not for your role")
        ana.go("/triage?place=XGE")
        ana.look("another region", "another region")
        ana.go(first)
        ana.send(first, {"verdict": "relevant", "reason": " "})
        ana.look("no reason", "A reason is missing")
        ana.go(first)
        ana.send(f"{first}/correct", {"field": "date", "value": "soon", "reason": HOSTILE})
        ana.look("no day", "is no day")
        ana.go(first)
        ana.send(first, {"verdict": "relevant", "reason": HOSTILE})
        ana.go(first)
        ana.send(f"{first}/correct", {"field": "place", "value": HOSTILE, "reason": HOSTILE})
        ana.go(first)
        ana.look("incident with hostile words", HOSTILE)
        ana.go(f"{situation}/write")
        ana.send(f"{situation}/write", TEXT | {"account": "", "alleged": HOSTILE})
        ana.look("text not whole", "The text is not saved yet")
        sam = Watcher(browser, base, counted, account="sam")
        sam.go(f"{situation}/write")
        ana.send(f"{situation}/write", TEXT | {"alleged": "A brutal act is alleged, according to the gazette."})
        ana.look("a text with the linter's words", "An adjective of blame")
        sam.send(f"{situation}/write", TEXT | {"alleged": HOSTILE, "watch_up": "A third origin."})
        sam.look("two texts at once", "saved version 1")
        assert sam.page.locator("#alleged").input_value() == HOSTILE
        assert "A brutal act" in sam.page.locator(".theirs").first.inner_text()
        ana.go(f"{situation}/level")
        ana.send(f"{situation}/level", {"what": "confirm", "reason": "six incidents"})
        ana.look("a level that one has signed", "waits for")
        sam.go(f"{situation}/level")
        sam.look("a level to be countersigned", "Countersign")
        ana.go(situation)
        ana.page.context.add_cookies([{"name": "desk", "value": "none", "url": base}])
        sam.go(f"{situation}/write")
        sam.page.locator("#alleged").fill("Typed for an hour.")
        full.clock.at += timedelta(hours=2)
        sam.send(f"{situation}/write", {})
        sam.look("sign-in ended", "Nothing that you typed is lost")
        sam.send("/sign-in", {"account": "sam", "password": PASSWORD})
        sam.look("the text is here", "Typed for an hour.")
        sam.page.evaluate("document.forms[1].elements.csrf.value = 'forged'")
        sam.send(f"{situation}/write", {})
        assert full.office.life(SITUATION).text_version == 1
    assert (counted.violations, counted.wide, counted.complaints) == ([], [], [])


def test_pages_that_are_empty_held_back_broken_or_taken_back_break_no_rule(browser: Browser, full: Desk):
    counted = Counted()
    first = short_hash("incident", "XRU", "0")
    with served(full.app) as base:
        olga = Watcher(browser, base, counted, account="olga")
        for path, words in (
            ("/", "waits for you"),
            ("/released", "Nothing was released yet"),
            ("/history", "History"),
            ("/history?object=none", "Nobody has decided anything"),
        ):
            olga.go(path)
            olga.look(path, words)
        rex = Watcher(browser, base, counted, account="rex")
        for path, words in (
            ("/", "What waits for you"),
            ("/situations", "urgent"),
            (f"/situation/{short_hash('situation', 'XFR', '2024-W04')}", "strictly confidential"),
            (f"/situation/{short_hash('situation', 'XFR', '2024-W04')}/preview", "Nobody has written"),
            (f"/situation/{SITUATION}/rulings", "What only people can say"),
            (f"/situation/{SITUATION}/account", "The State's account"),
            (f"/issue/{ISSUE}/r1", "holds it back"),
            ("/issue/2023-W01/r1", "There is no"),
        ):
            rex.go(path)
            rex.look(path, words)
        options = f"/situation/{SITUATION}/options"
        rex.go(options)
        entry = {"option": "good_offices", "decided_by": "The President", "decided_on": "2024-01-29"}
        rex.send(options, entry | {"decision": HOSTILE, "why": "w", "consent": "note", "follow_up_on": "2024-03-01"})
        rex.look("an option that was decided", HOSTILE)
        pia = Watcher(browser, base, counted, account="pia")
        report = full.office.shelf.newest().incident(first).reports[0]
        pia.go(f"/report/{report}")
        pia.look("a report in use", "What rests on it")
        pia.send(f"/report/{report}", {"reason": "asked for by the source"})
        pia.look("a report withdrawn", "withdrawn")
        pia.go("/intake")
        pia.send("/intake", {"title": HOSTILE, "text": HOSTILE, "place": "Nowhere"})
        pia.look("a report with a script in it", "markup that can run")
        for account, paths in {
            "alma": ("/", "/audit", "/access"),
            "adam": ("/", "/accounts"),
            "paul": ("/", "/released"),
            "rosa": ("/", "/roster", "/alerts"),
        }.items():
            watcher = Watcher(browser, base, counted, account=account)
            for path in paths:
                watcher.go(path)
                watcher.look(path, "Sign out")
            if account == "alma":
                place = full.office.ledger.place(f"report/{report}", 1)
                place.write_bytes(place.read_bytes().replace(b"source", b"SOURCE"))
                watcher.go("/audit")
                watcher.look("a chain that was changed", "Something is wrong")
            watcher.context.close()
    assert (counted.violations, counted.wide, counted.complaints) == ([], [], [])


def test_the_first_tab_leads_past_the_navigation(browser: Browser, desk: Desk):
    with served(desk.app) as base, at_desk(browser, base, "sam", view="desktop", counted=Counted()) as sam:
        sam.go("/situations")
        keys = sam.page.keyboard
        keys.press("Tab")
        assert sam.page.locator(".skip").bounding_box()["x"] >= 0
        keys.press("Enter")
        keys.press("Tab")
        assert sam.page.evaluate("document.activeElement.closest('main') !== null")


def test_a_text_that_is_being_typed_is_not_left_without_a_question(browser: Browser, desk: Desk):
    asked: list[str] = []
    with served(desk.app) as base, at_desk(browser, base, "ana", view="desktop", counted=Counted()) as ana:
        ana.page.on("dialog", lambda box: asked.append(box.type))
        ana.go(f"/situation/{SITUATION}/write")
        ana.fill("alleged", "Typed for an hour.")
        ana.press("Situations", link=True)
        assert asked == ["beforeunload"]
        ana.go(f"/situation/{SITUATION}/write")
        fill_text(ana)
        ana.press("Save")
        assert asked == ["beforeunload"]
