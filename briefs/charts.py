"""Pictures as inline SVG, drawn by hand so that the same figures give the same bytes on every machine.

Text stays text in the page's own type; shapes carry what a reader must tell apart, so that grey paper loses nothing.
Drawn for a width of 340 units, the width of a phone, and enlarged from there.
"""

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup, escape

from briefs.view import Point, SeriesFigure, Tile, TileBlock

INK = "#16242f"
SOFT = "#5a6873"
RULE = "#c3ccd3"
WIDTH = 340
COLUMNS = 9
TILE = 34.0
GAP = 4.25

# Fill, colour of text and shape, per mark. Grey only: the shapes say which is which.
LOOKS = {
    "urgent": (INK, "#ffffff"),
    "emerging": ("#aeb9c2", INK),
    "watch": ("#e3e8ec", INK),
    "quiet": ("#ffffff", INK),
    "none": ("#ffffff", INK),
    "limited": ("#ffffff", SOFT),
    "unmonitored": ("#ffffff", SOFT),
    "failed": ("#ffffff", SOFT),
}
LEGEND = (
    ("urgent", "urgent"),
    ("emerging", "emerging concern"),
    ("watch", "watch"),
    ("quiet", "quiet"),
    ("limited", "limited coverage"),
    ("unmonitored", "not monitored"),
    ("failed", "source failure"),
)


def number(value: float) -> str:
    """Two decimals at most, without trailing zeros: the same on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def draw_mark(mark: str, x: float, y: float, size: float, colour: str) -> str:
    """One shape centred at (x, y): the level's, or what is printed where there is no level."""
    r = size / 2
    left, right, top, low = (number(v) for v in (x - r, x + r, y - r, y + r))
    cx, cy = number(x), number(y)
    match mark:
        case "urgent":
            return f'<path d="M{left} {top}H{right}V{low}H{left}Z" fill="{colour}"/>'
        case "emerging":
            return f'<path d="M{cx} {top}L{right} {cy}L{cx} {low}L{left} {cy}Z" fill="{colour}"/>'
        case "watch":
            return (
                f'<path d="M{cx} {top}L{right} {low}H{left}Z" fill="none" stroke="{colour}" '
                'stroke-width="1.3" stroke-linejoin="round"/>'
            )
        case "quiet" | "none":
            return (
                f'<circle cx="{cx}" cy="{cy}" r="{number(r * 0.85)}" fill="none" stroke="{colour}" stroke-width="1.2"/>'
            )
        case "limited":
            return (
                f'<circle cx="{cx}" cy="{cy}" r="{number(r * 0.85)}" fill="none" stroke="{colour}" '
                'stroke-width="1.2" stroke-dasharray="1.6 1.6"/>'
            )
        case "unmonitored":
            return f'<path d="M{left} {cy}H{right}" stroke="{colour}" stroke-width="1.4"/>'
        case "failed":
            cross = f"M{left} {top}L{right} {low}M{right} {top}L{left} {low}"
            return f'<path d="{cross}" stroke="{colour}" stroke-width="1.4"/>'
        case _:
            raise ValueError(f"no shape for the mark {mark!r}")


def draw_legend_mark(mark: str) -> Markup:
    """One shape for a key beside its word; the word is what a screen reader reads."""
    shape = draw_mark(mark, 7, 7, 9, INK)
    return Markup(f'<svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">{shape}</svg>')  # noqa: S704


def draw_tiles(block: TileBlock) -> Markup:
    """One block of the tile grid. The words and the table behind it say the same."""
    rows = -(-len(block.tiles) // COLUMNS)
    height = max(rows, 1) * (TILE + GAP)
    drawn = "".join(_tile(tile, index, here=block.here) for index, tile in enumerate(block.tiles))
    label = escape(f"{block.title}: {block.sentence}")
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="tiles" viewBox="0 0 {WIDTH} {number(height)}" role="img" aria-label="{label}" '
        f'font-size="10" text-anchor="middle">{drawn}</svg>'
    )


def _tile(tile: Tile, index: int, *, here: bool) -> str:
    row, column = divmod(index, COLUMNS)
    x, y = column * (TILE + GAP) + 0.75, row * (TILE + GAP) + 0.75
    fill, ink = LOOKS[tile.mark]
    stroke, width = (INK, "1.5") if here else (RULE, "1")
    middle = x + TILE / 2
    title = escape(f"{tile.name}: {tile.word}")
    weight = ' font-weight="600"' if here else ""
    return (
        f'<g><title>{title}</title><rect x="{number(x)}" y="{number(y)}" width="{number(TILE - 1.5)}" '
        f'height="{number(TILE - 1.5)}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"/>'
        f'<text x="{number(middle - 0.75)}" y="{number(y + 13)}" fill="{ink}"{weight}>{escape(tile.code)}</text>'
        f"{draw_mark(tile.mark, middle - 0.75, y + 23, 9, ink)}</g>"
    )


def draw_series(figure: SeriesFigure) -> Markup:
    """Counts as bars, expected as a line, the upper bound as a dashed line, triangles above what is out of range.

    A period without a value has no bar but a small cross at the foot. The axis starts at zero.
    """
    left, right, top, foot, height = 34.0, 336.0, 16.0, 128.0, 150.0
    points = figure.points
    ceiling = round_up(max([v for p in points for v in (p.value, p.expected, p.upper) if v is not None] or [1.0]))
    step = (right - left) / max(len(points), 1)

    def at(value: float) -> float:
        return foot - (foot - top) * value / ceiling

    middles = [left + step * (index + 0.5) for index in range(len(points))]
    bar = max(min(step * 0.7, 14.0), 0.8)
    bars = "".join(
        f"M{number(x - bar / 2)} {number(foot)}V{number(at(p.value))}h{number(bar)}V{number(foot)}Z"
        for x, p in zip(middles, points, strict=True)
        if p.value
    )
    gaps = "".join(
        f"M{number(x - 2)} {number(foot - 5)}l4 4m0 -4l-4 4"
        for x, p in zip(middles, points, strict=True)
        if p.value is None
    )
    expected = _line([(x, at(p.expected)) if p.expected is not None else None for x, p in _zip(middles, points)])
    upper = _line([(x, at(p.upper)) if p.upper is not None else None for x, p in _zip(middles, points)])
    marks = "".join(
        _triangle(x, at(p.value) - 4, filled=p.alarm)
        for x, p in _zip(middles, points)
        if p.value is not None and (p.above or p.alarm)
    )
    ticks = "".join(
        f'<text x="{number(left - 4)}" y="{number(at(v) + 3)}" text-anchor="end">{escape(_tick(v))}</text>'
        for v in (0.0, ceiling / 2, ceiling)
    )
    grid = "".join(f"M{number(left)} {number(at(v))}H{number(right)}" for v in (ceiling / 2, ceiling))
    first = escape(points[0].period) if points else ""
    last = escape(points[-1].period) if points else ""
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="series" viewBox="0 0 {WIDTH} {number(height)}" role="img" '
        f'aria-label="{escape(figure.sentence)}" font-size="9.5" fill="{INK}">'
        f'<path d="{grid}" stroke="{RULE}" stroke-width=".6" fill="none"/>'
        f'<path d="{bars}" fill="#8996a0"/>'
        f'<path d="{upper}" fill="none" stroke="{INK}" stroke-width="1" stroke-dasharray="3 2"/>'
        f'<path d="{expected}" fill="none" stroke="{INK}" stroke-width="1.4"/>'
        f'<path d="{gaps}" fill="none" stroke="{INK}" stroke-width="1"/>{marks}'
        f'<path d="M{number(left)} {number(foot)}H{number(right)}" stroke="{INK}" stroke-width=".8"/>{ticks}'
        f'<text x="{number(left)}" y="{number(foot + 13)}">{first}</text>'
        f'<text x="{number(right)}" y="{number(foot + 13)}" text-anchor="end">{last}</text></svg>'
    )


def round_up(value: float) -> float:
    """The next 1, 2, 4, 6, 8 × 10ⁿ: an axis whose half is a round number as well."""
    if value <= 2:
        return 2.0
    power = 10.0 ** (len(str(int(value))) - 1)
    for step in (1, 2, 4, 6, 8, 10):
        if value <= step * power:
            return step * power
    raise ValueError(f"no axis for {value}")


def _tick(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 10_000 else f"{value:,.0f}"


def _zip(middles: Sequence[float], points: Sequence[Point]) -> Sequence[tuple[float, Point]]:
    return list(zip(middles, points, strict=True))


def _line(points: Sequence[tuple[float, float] | None]) -> str:
    """A path that breaks where a value is missing; a value alone between gaps is a short stroke."""
    parts: list[str] = []
    before: tuple[float, float] | None = None
    for here, after in pairwise([*points, None]):
        if here is not None:
            command = "M" if before is None else "L"
            parts.append(f"{command}{number(here[0])} {number(here[1])}")
            if before is None and after is None:
                parts.append("h2")
        before = here
    return "".join(parts)


def _triangle(x: float, y: float, *, filled: bool) -> str:
    path = f"M{number(x)} {number(y - 7)}L{number(x + 4)} {number(y)}H{number(x - 4)}Z"
    paint = f'fill="{INK}"' if filled else 'fill="#ffffff"'
    return f'<path d="{path}" {paint} stroke="{INK}" stroke-width="1"/>'
