"""The pages as files: escaped, frozen, accessible, and the same bytes every time."""

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import issues
import pytest
from jinja2 import UndefinedError
from lxml import etree
from reading import entries
from syrupy.assertion import SnapshotAssertion

from briefs import charts
from briefs.build import build_bureau, build_index, build_scan
from briefs.charts import draw_pictures
from briefs.places import TILE_KEY
from briefs.render import (
    content_hash,
    environment,
    render_interactive,
    render_page,
    view_json,
    write_issue,
)
from briefs.view import StripFigure, blocks_of
from domain.issue import Issue
from domain.situation import TriggerValue

NAMES = {
    *(f"{code}-evidence.{form}" for code, _ in issues.REGIONS for form in ("html", "json")),
    *(
        f"{name}.{form}"
        for name in (*dict(issues.REGIONS), "bureau", "flags", "sessional")
        for form in ("html", "pdf", "docx", "json")
    ),
    "ledger.html",
    "ledger.json",
    "index.html",
    "interactive.html",
}
LARGEST = 500_000


class Page(HTMLParser):
    """Tags with their attributes, and the text outside style and script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._hidden = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in {"style", "script"}

    def handle_endtag(self, tag):
        self._hidden -= tag in {"style", "script"}

    def handle_data(self, data):
        if not self._hidden and data.strip():
            self.text.append(" ".join(data.split()))


def pages(made: Issue) -> dict[str, str]:
    found = {code: render_page(build_scan(made, code)) for code, _ in issues.REGIONS}
    return found | {"bureau": render_page(build_bureau(made)), "index": render_page(build_index(made))}


def test_the_same_issue_gives_the_same_bytes(tmp_path: Path):
    first = write_issue(issues.world_issue(), tmp_path / "one")
    second = write_issue(issues.world_issue(), tmp_path / "two")
    assert {path.name for path in first} == NAMES
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name
    assert {path.name for path in (tmp_path / "one").iterdir()} == NAMES


def test_the_same_issue_gives_the_same_bytes_in_another_process(tmp_path: Path):
    """Another process has another seed for its hashes of strings: sets must not reach the page."""
    root = Path(__file__).parents[2]
    code = (
        "import sys; sys.path[:0] = [sys.argv[1], sys.argv[2]]; import issues; from pathlib import Path; "
        "from briefs.render import write_issue; write_issue(issues.issue(), Path(sys.argv[3]))"
    )
    write_issue(issues.issue(), tmp_path / "here")
    subprocess.run(
        [sys.executable, "-c", code, str(root), str(Path(__file__).parent), str(tmp_path / "there")],
        check=True,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    for name in sorted(NAMES):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes(), name


def test_the_printed_hash_is_that_of_the_json_beside_the_page(tmp_path: Path):
    write_issue(issues.issue(), tmp_path)
    for name in ("AFR", "bureau"):
        wanted = hashlib.sha256((tmp_path / f"{name}.json").read_bytes()).hexdigest()
        assert f"<code>{wanted}</code>" in (tmp_path / f"{name}.html").read_text("utf-8")


def test_the_hash_changes_with_the_content_and_not_with_the_rendering(monkeypatch: pytest.MonkeyPatch):
    view = build_scan(issues.issue(), "AFR")
    before = content_hash(view)
    monkeypatch.setattr(charts, "INK", "#000000")
    assert content_hash(build_scan(issues.issue(), "AFR")) == before
    assert content_hash(replace(view, lead="another sentence")) != before
    assert content_hash(build_scan(replace(issues.issue(), revision="r2"), "AFR")) != before


def test_json_is_canonical():
    body = view_json(build_scan(issues.issue(), "AFR"))
    held = json.loads(body)
    assert list(held) == sorted(held)
    assert b", " not in re.sub(rb'"[^"]*"', b'""', body)
    assert "hash" not in held
    assert "rendered" not in body.decode()


def test_hostile_text_appears_as_text():
    for name, page in pages(issues.hostile_issue()).items():
        assert not [tag for tag, _ in Page(page).tags if tag == "script"], name
        assert not [a for _, a in Page(page).tags for key in a if key.startswith("on")], name
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", page), name
    page = pages(issues.hostile_issue())["AFR"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} {% raw %}" in page
    assert not [a["href"] for tag, a in Page(page).tags if tag == "a" and str(a["href"]).startswith("javascript")]


def test_a_word_of_a_hundred_thousand_signs_is_cut():
    for page in pages(issues.hostile_issue()).values():
        assert "x" * 401 not in page
        assert len(page.encode()) < LARGEST


def test_hostile_text_cannot_leave_the_data_of_the_interactive_page():
    page = render_interactive(issues.hostile_issue())
    scripts = [attributes for tag, attributes in Page(page).tags if tag == "script"]
    assert len(scripts) == 3
    data = page.split('id="figures">', 1)[1].split("</script>", 1)[0]
    assert "<" not in data
    held = json.loads(data)
    assert [figure["id"] for figure in held] == ["figure-tiles", "figure-counts", "figure-series"]
    title = held[2]["layout"]["title"]["text"]
    assert "&lt;script&gt;" in title


def test_a_hole_in_a_template_raises():
    with pytest.raises(UndefinedError):
        environment().from_string("{{ view.nothing }}").render(view=build_index(issues.issue()))
    with pytest.raises(UndefinedError):
        environment().get_template("page.html").render()


def test_pages_ask_for_nothing_from_a_network_and_run_no_script():
    for name, page in pages(issues.world_issue()).items():
        found = Page(page)
        policy = next(a["content"] for _, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
        assert policy.startswith("default-src 'none'; style-src 'sha256-"), name
        assert "script-src" not in policy
        assert not [tag for tag, _ in found.tags if tag in {"script", "link", "img", "iframe", "object", "form"}], name
        assert not [a for _, a in found.tags if "style" in a], name


def test_a_scan_stays_below_half_a_megabyte():
    for made in (issues.world_issue(), issues.crowded_issue(42), issues.dominated_issue()):
        assert max(len(page.encode()) for page in pages(made).values()) < LARGEST


def test_headings_go_down_one_step_at_a_time_and_every_page_has_its_landmarks():
    for name, page in pages(issues.world_issue()).items():
        tags = Page(page).tags
        levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1, name
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), name
        assert {"header", "main", "footer", "title"} <= {tag for tag, _ in tags}
        assert next(a for tag, a in tags if tag == "html")["lang"] == "en"
        assert ("a", {"class": "skip", "href": "#main"}) in tags


def test_tables_have_captions_and_heads_and_scroll_in_a_labelled_region():
    tags = Page(pages(issues.later_issue())["AFR"]).tags
    names = [tag for tag, _ in tags]
    assert names.count("table") == names.count("caption") == names.count("thead")
    assert all("scope" in attributes for tag, attributes in tags if tag == "th")
    regions = [attributes for _, attributes in tags if attributes.get("role") == "region"]
    assert len(regions) == names.count("table")
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in regions)


def test_every_id_is_unique_and_every_link_within_the_page_has_its_end():
    for name, page in pages(issues.world_issue()).items():
        tags = Page(page).tags
        ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
        assert len(ids) == len(set(ids)), name
        ends = {a["href"][1:] for tag, a in tags if tag == "a" and str(a["href"]).startswith("#")}
        assert ends <= set(ids), name


def test_links_between_pages_lead_to_pages_of_the_issue():
    for name, page in pages(issues.crowded_issue(42)).items():
        files = {str(a["href"]).split("#")[0] for tag, a in Page(page).tags if tag == "a"}
        assert {file for file in files if file and not file.startswith("http")} <= NAMES, name


def test_every_picture_has_its_words_and_a_table():
    page = pages(issues.issue())["AFR"]
    pictures = [a for tag, a in Page(page).tags if tag == "svg" and a.get("role") == "img"]
    assert len(pictures) == 6 + 1
    assert all(picture["aria-label"] for picture in pictures)
    assert page.count("The figures behind it") == 1
    assert page.count("<summary>The tiles as a table</summary>") == 1


def test_pictures_are_well_formed_whatever_their_words():
    for made in (issues.issue(), issues.hostile_issue(), issues.world_issue()):
        view = build_scan(made, "AFR")
        drawn = [picture for section in view.sections for block in section.blocks for picture in draw_pictures(block)]
        assert len(drawn) >= 6
        for picture in drawn:
            root = etree.fromstring(picture.svg)
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert root.get("aria-label") == picture.words


def test_a_missing_period_draws_no_bar_and_a_zero_draws_none_but_has_no_cross():
    view = build_scan(issues.issue(), "AFR")
    figure = entries(view)[1].figures[0]
    drawn = str(charts.draw_series(figure))
    crosses = re.findall(r"l4 4m0 -4l-4 4", drawn)
    assert len(crosses) == sum(point.value is None for point in figure.points) == 2
    zeroed = replace(figure, points=tuple(replace(point, value=0.0) for point in figure.points))
    assert "l4 4m0 -4l-4 4" not in str(charts.draw_series(zeroed))


def test_every_level_and_word_has_a_shape_of_its_own():
    shapes = {mark: charts.draw_mark(mark, 7, 7, 9, charts.INK) for mark, _ in TILE_KEY}
    assert len(set(shapes.values())) == len(TILE_KEY) == 7


def test_an_axis_ends_on_a_round_number_above_the_largest_value():
    assert [charts.round_up(value) for value in (0.4, 2, 3, 9, 11, 90, 101, 950, 12_000)] == [
        2, 2, 4, 10, 20, 100, 200, 1000, 20_000,
    ]  # fmt: skip


def test_text_contrast_is_at_least_four_and_a_half_by_day_and_by_night():
    style = (Path(charts.__file__).parent / "templates" / "style.css").read_text("utf-8")
    day, night = style.split("prefers-color-scheme: dark", 1)
    night = night.split("@media", 1)[0]
    for text in (day, night):
        held = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", text))
        inks, papers = (held["ink"], held["soft"]), (held["paper"], held["wash"], held["target"])
        assert min(_contrast(ink, paper) for ink in inks for paper in papers) >= 4.5
    assert min(_contrast(ink, fill) for fill, ink in charts.LOOKS.values()) >= 4.5
    dark = dict(re.findall(r'fill="(#[0-9a-f]{6})"\] { fill: ([^;]+); }', night))
    names = {"var(--ink)": "#e6ebef", "var(--soft)": "#a9b6c0", "var(--paper)": "#111a21"}
    painted = {colour: names.get(value, value) for colour, value in dark.items()}
    assert set(painted) == {colour for look in charts.LOOKS.values() for colour in look} | {charts.BAR}
    assert min(_contrast(painted[ink], painted[fill]) for fill, ink in charts.LOOKS.values()) >= 4.5
    assert "color: var(--blue)" not in re.sub(r"border[^;]*;", "", style)


def test_late_reports_have_a_bracket_in_the_picture_and_a_column_in_the_table():
    made = issues.issue()
    newest = made.series[0].history[-1][0]
    late = tuple(replace(row, late=((newest, 95.0, 120.0),)) for row in made.series)
    figure = entries(build_scan(replace(made, series=late), "AFR"))[1].figures[0]
    assert (figure.points[-1].late_low, figure.points[-1].late_high) == (95.0, 120.0)
    assert figure.table.head[4] == "May become"
    assert [row[4] for row in figure.table.rows[-2:]] == ["nothing known", "95 to 120"]
    assert "bracket" in figure.key
    assert len(re.findall(r"h4m-2 0V", str(charts.draw_series(figure)))) == 1
    plain = entries(build_scan(made, "AFR"))[1].figures[0]
    assert "bracket" not in plain.key
    assert "h4m-2 0V" not in str(charts.draw_series(plain))


def test_a_strip_has_a_shape_for_every_case_and_says_them_in_its_table():
    made = issues.issue()
    told = tuple(replace(row, value=TriggerValue.MET) if row.trigger == "T13" else row for row in made.triggers)
    figure = next(blocks_of(build_scan(replace(made, triggers=told), "AFR"), StripFigure))
    assert [row.name for row in figure.rows] == ["Ruritania"]
    assert [cell.word for cell in figure.rows[0].cells] == ["no input", "met", "no input"]
    assert figure.columns == ("T11", "T13", "T15a")
    cells = [cell for row in figure.rows for cell in row.cells]
    assert {cell.mark for cell in cells} <= {mark for mark, _ in figure.key}
    assert [row[1:] for row in figure.table.rows] == [tuple(cell.word for cell in row.cells) for row in figure.rows]
    assert str(charts.draw_strip(figure)).count("<title>") == len(cells)


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        colour = "#" + "".join(2 * one for one in colour[1:]) if len(colour) == 4 else colour
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_a_page_is_written_beside_and_put_in_place(tmp_path: Path):
    (tmp_path / "AFR.html").write_text("old")
    write_issue(issues.issue(), tmp_path)
    assert (tmp_path / "AFR.html").read_text("utf-8").startswith("<!doctype html>")
    assert not list(tmp_path.glob("*.new"))


def test_the_golden_scan_reads_as_before(snapshot: SnapshotAssertion):
    view = build_scan(issues.issue(), "AFR")
    text = "\n".join(Page(render_page(view)).text)
    # The hash is tested above; here it would only repeat that something changed.
    assert text.replace(content_hash(view), "HASH").replace(content_hash(view)[:16], "HASH") == snapshot


def test_the_golden_bureau_page_reads_as_before(snapshot: SnapshotAssertion):
    view = build_bureau(issues.issue())
    text = "\n".join(Page(render_page(view)).text)
    assert text.replace(content_hash(view), "HASH").replace(content_hash(view)[:16], "HASH") == snapshot
