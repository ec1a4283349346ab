"""The page to look into: tiles, counts and every series behind a situation, as Plotly figures with fixed ids.

It says nothing that the scans do not print; who cannot use it loses nothing.
"""

import html
import json
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from briefs import wording
from briefs.charts import COLUMNS
from briefs.lookup import Lookup
from domain.issue import Issue
from domain.situation import Level, Printed, SeriesResult, StateResult
from domain.state import Place

PLOTLY_JS: str = get_plotlyjs()
START = """
"use strict";
const held = JSON.parse(document.getElementById("figures").textContent);
const settings = {displayModeBar: false, responsive: true};
for (const figure of held) { Plotly.newPlot(figure.id, figure.data, figure.layout, settings); }
"""
INK = "#16242f"
LEVEL_FILL = {Level.NONE: "#ffffff", Level.WATCH: "#e3e8ec", Level.EMERGING: "#aeb9c2", Level.URGENT: INK}
PRINTED_SIGNS = {
    Printed.SIGNALS: "○",
    Printed.QUIET: "○",
    Printed.LIMITED: "◌",
    Printed.NOT_MONITORED: "–",
    Printed.SOURCE_FAILURE: "×",
}
STACK = (
    ("urgent", INK, ""),
    ("emerging concern", "#5a6873", "x"),
    ("watch", "#aeb9c2", "/"),
    ("quiet", "#ffffff", ""),
    ("limited coverage", "#ffffff", "."),
    ("not monitored", "#ffffff", "-"),
    ("source failure", "#ffffff", "+"),
    ("signals", "#e3e8ec", ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractiveFigure:
    div_id: str
    title: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractivePage:
    title: str
    as_of: str
    review: str
    figures: tuple[InteractiveFigure, ...]
    data: str
    start: str


def build_interactive(issue: Issue) -> InteractivePage:
    """Figures as JSON text in a fixed order; Plotly draws no ids of its own into it."""
    lookup = Lookup(issue)
    drawn: list[tuple[InteractiveFigure, go.Figure]] = [
        (
            InteractiveFigure(
                div_id="figure-tiles",
                title="All places",
                sentence="One equal tile a place, by region; point at one for its level, word, triggers and coverage.",
            ),
            _tiles(lookup),
        ),
        (
            InteractiveFigure(
                div_id="figure-counts",
                title="Levels and what is heard, by region",
                sentence="How many States of each region have a level; without one, what is heard of them.",
            ),
            _counts(lookup),
        ),
    ]
    series = _series_behind(lookup)
    if series:
        drawn.append(
            (
                InteractiveFigure(
                    div_id="figure-series",
                    title="Series behind the situations",
                    sentence=f"{wording.counted(len(series), 'series', 'series').capitalize()} in the list. "
                    "Bars are counts, the line is what would be usual, the dashed line the upper bound. A period "
                    "without a value is a gap, not zero.",
                ),
                _explorer(lookup, series),
            )
        )
    held = [{"id": said.div_id, **json.loads(figure.to_json())} for said, figure in drawn]
    text = json.dumps(held, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return InteractivePage(
        title=f"Interactive figures, week {issue.week}",
        as_of=f"As known on {wording.moment(issue.as_of)}",
        review=wording.REVIEW,
        figures=tuple(said for said, _ in drawn),
        data=text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
        start=START,
    )


def _shown(text: str) -> str:
    """Plotly reads some markup in its texts; a name with a < in it must stay a name."""
    return html.escape(wording.plain(text, longest=160), quote=False)


def _tiles(lookup: Lookup) -> go.Figure:
    blocks: list[tuple[str, tuple[Place, ...]]] = [
        (region.name, lookup.members(region.code)) for region in lookup.regions
    ]
    blocks.append(("Observers and territories", lookup.others()))
    x: list[int] = []
    y: list[int] = []
    texts: list[str] = []
    hovers: list[str] = []
    fills: list[str] = []
    inks: list[str] = []
    headings: list[dict[str, Any]] = []
    row = 0
    per_row = COLUMNS * 2
    for title, places in blocks:
        headings.append({"x": -0.5, "y": -row - 0.15, "text": _shown(title)})
        row += 1
        for index, place in enumerate(places):
            state = lookup.state(place.code)
            down, across = divmod(index, per_row)
            x.append(across)
            y.append(-(row + down))
            texts.append(f"{_shown(place.code)}<br>{_sign(state)}")
            fills.append(LEVEL_FILL[state.level])
            inks.append("#ffffff" if state.level is Level.URGENT else INK)
            hovers.append(
                f"{_shown(place.name)}<br>level: {state.level.value}<br>heard: {state.printed.value}"
                f"<br>triggers met: {_shown(', '.join(state.triggers_met) or 'none')}"
                f"<br>coverage: {state.coverage.value}"
            )
        row += -(-len(places) // per_row)
    figure = go.Figure(
        go.Scatter(
            x=x, y=y, mode="markers+text", text=texts, hovertext=hovers, hoverinfo="text",
            marker={"symbol": "square", "size": 36, "color": fills, "line": {"color": INK, "width": 1}},
            textfont={"color": inks, "size": 10},
        )
    )  # fmt: skip
    figure.update_layout(
        template="none", height=46 * row + 40, margin={"l": 10, "r": 10, "t": 10, "b": 10}, showlegend=False,
        font={"color": INK},
        annotations=[
            {**heading, "showarrow": False, "xanchor": "left", "yanchor": "middle", "font": {"size": 13}}
            for heading in headings
        ],
        xaxis={"visible": False, "range": [-0.7, per_row - 0.3], "fixedrange": True},
        yaxis={"visible": False, "range": [-row + 0.3, 0.5], "fixedrange": True},
    )  # fmt: skip
    return figure


def _sign(state: StateResult) -> str:
    return PRINTED_SIGNS[state.printed] if state.level is Level.NONE else state.level.shape


def _counts(lookup: Lookup) -> go.Figure:
    names = [_shown(region.name) for region in lookup.regions]
    words = {
        region.code: [
            state.level.value if state.level is not Level.NONE else state.printed.value
            for state in (lookup.state(place.code) for place in lookup.members(region.code))
        ]
        for region in lookup.regions
    }
    figure = go.Figure(
        [
            go.Bar(
                y=names, x=[words[region.code].count(word) for region in lookup.regions], name=word, orientation="h",
                marker={
                    "color": colour, "line": {"color": INK, "width": 1},
                    "pattern": {"shape": pattern, "fgcolor": INK, "size": 6},
                },
            )
            for word, colour, pattern in STACK
            if word != Printed.SIGNALS.value or any(word in row for row in words.values())
        ]
    )  # fmt: skip
    figure.update_layout(
        template="none", barmode="stack", height=90 + 56 * len(names), font={"color": INK},
        margin={"l": 10, "r": 10, "t": 10, "b": 40}, legend={"orientation": "h", "y": -0.22, "traceorder": "normal"},
        xaxis={"title": {"text": "States"}}, yaxis={"autorange": "reversed", "automargin": True},
    )  # fmt: skip
    return figure


def _series_behind(lookup: Lookup) -> tuple[SeriesResult, ...]:
    """In the order in which the entries stand, region by region; each once."""
    found: dict[str, SeriesResult] = {}
    for region in lookup.regions:
        for situation in lookup.region_situations(region.code):
            for series in lookup.situation_series(situation):
                if series.history:
                    found.setdefault(series.series_id, series)
    return tuple(found.values())


def _explorer(lookup: Lookup, series: tuple[SeriesResult, ...]) -> go.Figure:
    columns = [_columns(row) for row in series]
    days, counts, expected, upper = columns[0]
    figure = go.Figure(
        [
            go.Bar(x=days, y=counts, name="count", marker={"color": "#8996a0"}),
            go.Scatter(x=days, y=expected, name="usual", mode="lines", line={"color": INK}, connectgaps=False),
            go.Scatter(
                x=days, y=upper, name="upper bound", mode="lines", line={"color": INK, "dash": "dash"},
                connectgaps=False,
            ),
        ]
    )  # fmt: skip
    buttons = [
        {
            "label": _title(lookup, row)[:90],
            "method": "update",
            "args": [
                {"x": [held[0]] * 3, "y": [held[1], held[2], held[3]]},
                {"yaxis.title.text": _shown(row.unit), "title.text": _title(lookup, row)},
            ],
        }
        for row, held in zip(series, columns, strict=True)
    ]
    figure.update_layout(
        template="none", height=520, font={"color": INK}, margin={"l": 60, "r": 20, "t": 110, "b": 60},
        title={"text": _title(lookup, series[0]), "font": {"size": 14}, "x": 0.01, "xanchor": "left", "y": 0.86},
        updatemenus=[
            {"buttons": buttons, "x": 0, "xanchor": "left", "y": 1.28, "yanchor": "top", "bgcolor": "#ffffff"},
        ],
        yaxis={"title": {"text": _shown(series[0].unit)}, "rangemode": "tozero"},
        legend={"orientation": "h", "y": -0.15},
    )  # fmt: skip
    return figure


def _title(lookup: Lookup, series: SeriesResult) -> str:
    return _shown(f"{lookup.place(series.place).name}: {lookup.series_name(series)}, by {series.period}")


def _columns(
    series: SeriesResult,
) -> tuple[list[str], list[float | None], list[float | None], list[float | None]]:
    return (
        [start.isoformat() for start, _, _, _ in series.history],
        [value for _, value, _, _ in series.history],
        [value for _, _, value, _ in series.history],
        [value for _, _, _, value in series.history],
    )
