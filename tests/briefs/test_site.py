"""The public site from invented pages: every place has its page, feeds can be read, and nothing is left to chance."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import feedparser
import issues
import pytest
from icalendar import Calendar

from briefs.build import build_bureau, build_index, build_scan
from briefs.render import render_page, view_json
from briefs.site import SiteInput, Standing, build_site, read_issues
from domain.classification import Lens
from domain.errors import Refused
from domain.issue import CalendarEntry, Issue
from domain.state import Place, PlaceKind, load_gazetteer

TRIGGERS = tuple(issues.TRIGGERS.items())
CALENDAR = (
    CalendarEntry(on="2024-02-26", title="A session; of Ruritania, first part", place="", source="a table"),
    CalendarEntry(on="2024-02-12", title="election", place=issues.places()[0].code, source="a table"),
)
WORDS_OF_THE_OTHER_LENS = ("confidential", "restricted")


def write(folder: Path, issue: Issue, *, lens: str = "public") -> Path:
    """An issue as the draft stage leaves it, as far as the site reads it."""
    into = folder / issue.week / issue.revision
    into.mkdir(parents=True)
    codes = [place.code for place in issue.places]
    for code, _ in issues.REGIONS:
        view = build_scan(issue, code)
        (into / f"{code}.json").write_bytes(view_json(view))
        # One scan is drawn in full, to see that links into it meet; of the others only their JSON is read.
        html = render_page(view) if code == "AFR" else "<html>" + "".join(f'<p id="place-{one}">' for one in codes)
        (into / f"{code}.html").write_text(html, "utf-8")
    bureau = build_bureau(issue)
    (into / "bureau.json").write_bytes(view_json(bureau))
    (into / "bureau.html").write_text("<p>for the Bureau</p>", "utf-8")
    (into / "index.html").write_text(render_page(build_index(issue)), "utf-8")
    manifest = {"issue": issue.week, "revision": issue.revision, "lens": lens, "author": "A. Writer"}
    (into / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return into


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks, the second one revised."""
    folder = tmp_path_factory.mktemp("published")
    earlier = replace(issues.silent_issue(), week="2024-W03", as_of=datetime(2024, 1, 22, tzinfo=UTC))
    for one in (earlier, issues.issue(), replace(issues.issue(), revision="r2")):
        write(folder, one)
    return folder


def given(archive: Path | None = None, **other: object) -> SiteInput:
    found = read_issues(archive, Standing.PUBLISHED) if archive else ()
    made = issues.issue()
    held = {
        "issues": found,
        "places": made.places,
        "regions": tuple(one for one in made.regions if one.scheme is made.scheme),
        "triggers": TRIGGERS,
        "calendar": CALENDAR,
    }
    return SiteInput(**(held | other))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def site(archive: Path) -> dict[str, bytes]:
    return build_site(given(archive))


class Links(HTMLParser):
    """Where a page leads, and what can be led to."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.ids: set[str] = set()
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.ids |= {held["id"] or ""} if "id" in held else set()
        self.hrefs += [held[name] or "" for name in ("href", "src") if name in held]


def test_every_link_of_our_own_pages_leads_to_a_file_and_a_place_in_it(site):
    pages = {name: Links(body) for name, body in site.items() if name.endswith(".html")}
    lost = []
    own = {name: page for name, page in pages.items() if not name.startswith("issues/")}
    assert len(own) > 50
    for name, page in own.items():
        for href in page.hrefs:
            file, _, anchor = href.partition("#")
            parts: list[str] = list(PurePosixPath(name).parent.parts)
            for part in PurePosixPath(file or PurePosixPath(name).name).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            to = "/".join(parts)
            if to not in site or (anchor and to in pages and anchor not in pages[to].ids):
                lost.append((name, href))
    assert lost == []


def test_every_member_of_the_united_nations_has_a_page_also_where_nothing_was_said():
    places = load_gazetteer().places
    empty = build_site(given(places=places))
    members = [place for place in places if place.kind is PlaceKind.MEMBER]
    assert len(members) == 193
    for place in places:
        page = empty[f"states/{place.code}.html"].decode()
        assert "No public issue speaks of it yet." in page
    assert "No public issue has been published yet." in empty["index.html"].decode()


def names_in(page: bytes, start: str, end: str) -> list[str]:
    part = page.decode().split(start)[1].split(end)[0]
    return re.findall(r'<li data-words="[^"]*"><a href="states/[^"]*">([^<]*)</a>', part)


def test_states_stand_in_alphabetical_order_and_observers_apart(site):
    states = names_in(site["search.html"], 'id="states"', 'id="others"')
    assert len(states) == 40
    assert states == [one for _, one in sorted((name.casefold().replace("î", "i"), name) for name in states)]
    assert names_in(site["search.html"], 'id="others"', 'id="triggers"') == ["Observia", "Terra Territory"]


def code_of(name: str) -> str:
    return next(place.code for place in issues.places() if place.name == name)


def test_a_place_tells_its_history_in_words_and_leads_to_its_entry(site):
    page = site[f"states/{code_of('Ruritania')}.html"].decode()
    strip = re.findall(
        r'<li class="(\w+)"><span class="week">([^<]*)</span> <span class="word">(.*?)</span></li>', page
    )
    words = [(mark, week, re.sub("<[^>]*>", "", said)) for mark, week, said in strip]
    assert words == [("none", "2024-W03", "limited coverage"), ("emerging", "2024-W04", "◆ emerging concern (new)")]
    assert 'href="../issues/2024-W04/r2/AFR.html#situation-' in page
    assert "triggers/T07.html" in page


def test_a_draft_is_marked_on_every_page_and_wherever_it_is_named(archive):
    made = build_site(given(issues=read_issues(archive, Standing.DRAFT)))
    ruritania = made[f"states/{code_of('Ruritania')}.html"].decode()
    assert "Newest issue, 2024-W04, draft: ◆ emerging concern (new)." in ruritania
    assert '<span class="week">2024-W04, draft</span>' in ruritania
    assert "2024-W04, draft (1)" in made["triggers/T07.html"].decode()
    for name, body in made.items():
        if name.endswith(".html") and not name.startswith("issues/"):
            assert "With drafts that nobody has cleared." in body.decode()
    assert "Draft, not issued." in feedparser.parse(made["issues.atom"]).entries[0].summary


def test_a_place_without_a_level_says_what_could_be_heard_and_never_that_all_is_well(site):
    page = site[f"states/{code_of('Averna AFR')}.html"].decode()
    assert "not monitored" in page
    assert "None of these words is a reassurance" in page


def test_an_observer_is_read_from_its_line_once(site):
    page = site["states/OBS.html"].decode()
    assert page.count('<th scope="row">2024-W04/r2') == 1


def test_a_trigger_names_where_it_was_met_in_alphabetical_order(site):
    page = site["triggers/T07.html"].decode()
    assert "2024-W04 (1)" in page
    assert f'<a href="../states/{code_of("Ruritania")}.html">Ruritania</a>' in page
    assert "Not met in any public issue." in site["triggers/T01.html"].decode()


def test_a_revised_issue_says_so_and_the_history_holds_the_newest_alone(site):
    rows = re.findall(r"<tr><th scope=\"row\"><a[^>]*>([^<]*)</a></th>.*?</tr>", site["index.html"].decode())
    assert rows == ["2024-W04/r2", "2024-W04/r1", "2024-W03/r1"]
    assert "published; revised by r2" in site["index.html"].decode()


def test_pages_are_copied_as_they_stand_without_manifest_and_bureau_page(site, archive):
    for path in (archive / "2024-W04" / "r1").iterdir():
        there = site.get(f"issues/2024-W04/r1/{path.name}")
        if path.name in {"manifest.json", "bureau.json"}:
            assert there is None
        elif path.name == "bureau.html":
            assert b"not part of the public archive" in (there or b"")
        else:
            assert there == path.read_bytes()
    assert "A. Writer" not in b"".join(site.values()).decode("utf-8", "replace")


def test_the_same_pages_give_the_same_bytes(site, archive):
    assert build_site(given(archive)) == site
    assert list(build_site(given(archive))) == list(site)


def test_a_published_archive_says_nothing_of_drafts(site):
    assert not [name for name, body in site.items() if not name.startswith("issues/") and b"draft" in body.lower()]


def test_no_page_or_feed_holds_a_word_of_the_other_lens(site):
    for name, body in site.items():
        if not name.startswith("issues/"):
            text = body.decode().casefold()
            assert not [word for word in WORDS_OF_THE_OTHER_LENS if word in text], name


@pytest.mark.parametrize("lens", [Lens.RESTRICTED, Lens.PUBLIC])
def test_a_page_of_the_other_lens_is_refused_by_its_manifest_and_by_its_own_mark(tmp_path, lens):
    write(tmp_path, replace(issues.issue(), lens=Lens.RESTRICTED), lens=lens.value)
    with pytest.raises(Refused, match="2024-W04 cannot stand on the public site") as told:
        read_issues(tmp_path, Standing.PUBLISHED)
    assert told.value.exit_code == 3


def test_a_folder_without_a_manifest_is_no_issue(tmp_path):
    (write(tmp_path, issues.issue()) / "manifest.json").unlink()
    assert read_issues(tmp_path, Standing.PUBLISHED) == ()
    assert read_issues(tmp_path / "nowhere", Standing.PUBLISHED) == ()


# Feeds


@pytest.mark.parametrize("base", ["", "https://scans.example/"])
def test_the_atom_feed_is_well_formed_and_complete(archive, base):
    body = build_site(given(archive, base=base))["issues.atom"]
    read = feedparser.parse(body)
    assert read.bozo == 0
    assert read.version == "atom10"
    assert read.feed.updated == "2024-01-29T00:00:00Z"
    assert [entry.link for entry in read.entries] == [
        f"{base}issues/{name}/index.html" for name in ("2024-W04/r2", "2024-W04/r1", "2024-W03/r1")
    ]
    ids = [entry.id for entry in read.entries]
    assert len(set(ids)) == 3
    assert all(one.startswith("urn:uuid:") for one in (*ids, read.feed.id))
    assert all(entry.title and entry.summary and entry.updated_parsed for entry in read.entries)
    assert read.feed.author
    assert [link.rel for link in read.feed.links].count("self") == bool(base)


def test_names_of_entries_stay_the_same_wherever_the_site_stands(archive):
    def ids(base: str) -> list[str]:
        return [one["id"] for one in json.loads(build_site(given(archive, base=base))["issues.json"])["items"]]

    assert ids("") == ids("https://scans.example/")


def test_the_json_feed_has_what_its_standard_asks_for(archive):
    feed = json.loads(build_site(given(archive, base="https://scans.example/"))["issues.json"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://scans.example/issues.json"
    assert [one["date_published"] for one in feed["items"]] == ["2024-01-29T00:00:00Z"] * 2 + ["2024-01-22T00:00:00Z"]
    assert all(one["id"] and one["url"] and one["content_text"] for one in feed["items"])


def test_feeds_of_an_empty_archive_can_be_read(site):
    empty = build_site(given())
    assert feedparser.parse(empty["issues.atom"]).bozo == 0
    assert json.loads(empty["issues.json"])["items"] == []


def test_the_calendar_can_be_read_and_holds_whole_days(site):
    calendar = Calendar.from_ical(site["calendar.ics"])
    events = list(calendar.walk("VEVENT"))
    assert [(str(one["summary"]), one["dtstart"].dt.isoformat(), one["dtend"].dt.isoformat()) for one in events] == [
        (f"election, {issues.places()[0].name}", "2024-02-12", "2024-02-13"),
        ("A session; of Ruritania, first part", "2024-02-26", "2024-02-27"),
    ]
    assert len({str(one["uid"]) for one in events}) == 2
    assert calendar["version"] == "2.0"
    assert calendar["prodid"]


def test_a_name_with_signs_of_markup_stays_text():
    place = Place(code="ZZZ", name="<b>Zed & Co</b>", kind=PlaceKind.MEMBER, regional_group="AFR", field_region="")
    made = build_site(given(places=(place,)))
    assert "<b>Zed" not in made["states/ZZZ.html"].decode()
    assert "&lt;b&gt;Zed &amp; Co&lt;/b&gt;" in made["search.html"].decode()
