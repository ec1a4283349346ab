"""Pictures as inline SVG, drawn by hand so that the same figures give the same bytes on every machine.

Text stays text in the page's own type; shapes carry what a reader must tell apart, so that grey paper loses nothing.
Drawn for a width of 340 units, the width of a phone, and enlarged from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from briefs.tongue import ENGLISH, bare, each_text, numeral_in
from briefs.view import Block, Entry, Point, SeriesFigure, StripFigure, Tile, TileBlock, TileGrid

INK = "#16242f"
SOFT = "#5a6873"
RULE = "#c3ccd3"
BAND = "#e3e8ec"
BAR = "#8996a0"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture as a file of its own: `name` is unique on its page, `words` are its text for who cannot see it.

    `svg` stands alone, in ink on white; `width` and `height` are in its own units.
    """

    name: str
    words: str
    svg: str
    width: float
    height: float


def draw_pictures(block: Block, *, language: str = ENGLISH) -> tuple[Picture, ...]:
    """The pictures of a block as files that stand alone, in order; none where a block has no picture.

    `language` is the one of the page, for the numbers of an axis.
    """
    block = each_text(block, bare)
    match block:
        case TileGrid():
            return tuple(
                _picture(f"{block.figure_id}-{at}", f"{one.title}: {one.sentence}", draw_tiles(one))
                for at, one in enumerate(block.blocks, start=1)
            )
        case SeriesFigure():
            return (_picture(block.figure_id, block.sentence, draw_series(block, language=language)),)
        case StripFigure():
            return (_picture(block.figure_id, block.sentence, draw_strip(block)),)
        case Entry():
            return tuple(picture for figure in block.figures for picture in draw_pictures(figure, language=language))
        case _:
            return ()


def draw_mark_picture(mark: str) -> str:
    """One shape of a key as an SVG file of 14 × 14 units."""
    return _alone(draw_legend_mark(mark), 14, 14)


def _picture(name: str, words: str, drawn: Markup) -> Picture:
    width, height = (float(one) for one in drawn.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split())
    return Picture(name=name, words=words, svg=_alone(drawn, width, height), width=width, height=height)


def _alone(drawn: str, width: float, height: float) -> str:
    """The same drawing as a file: with its name space and its size, in the type that the page would give it."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" font-family="Noto Sans, DejaVu Sans, sans-serif" '
    sized = f'width="{number(width)}" height="{number(height)}" '
    rest = str(drawn).removeprefix("<svg ")
    return head + ("" if 'width="14"' in rest.split(">", 1)[0] else sized) + rest


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
        case "quiet" | "none" | "clear":
            return (
                f'<circle cx="{cx}" cy="{cy}" r="{number(r * 0.85)}" fill="none" stroke="{colour}" stroke-width="1.2"/>'
            )
        case "met":
            return f'<path d="M{left} {top}H{right}V{low}H{left}Z" fill="{colour}"/>'
        case "absent":
            return f'<path d="M{number(x - r / 2)} {cy}H{number(x + r / 2)}" stroke="{colour}" stroke-width="1"/>'
        case "limited" | "blind":
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


def draw_series(figure: SeriesFigure, *, language: str = ENGLISH) -> Markup:
    """Counts as bars, expected as a line, the range above it as a band, triangles above what is out of range.

    A period without a value has no bar but a small cross at the foot. A bracket spans what late reports may still
    bring a period to. The axis starts at zero.
    """
    left, right, top, foot, height = 34.0, 336.0, 16.0, 128.0, 150.0
    points = figure.points
    ceiling = round_up(
        max([v for p in points for v in (p.value, p.expected, p.upper, p.late_high) if v is not None] or [1.0])
    )
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
    band = _band(
        [
            (x, at(p.expected), at(p.upper)) if p.expected is not None and p.upper is not None else None
            for x, p in _zip(middles, points)
        ]
    )
    late = "".join(
        f"M{number(x - 2)} {number(at(p.late_low))}h4m-2 0V{number(at(p.late_high))}m-2 0h4"
        for x, p in _zip(middles, points)
        if p.late_low is not None and p.late_high is not None
    )
    marks = "".join(
        _triangle(x, at(p.value) - 4, filled=p.alarm)
        for x, p in _zip(middles, points)
        if p.value is not None and (p.above or p.alarm)
    )
    ticks = "".join(
        f'<text x="{number(left - 4)}" y="{number(at(v) + 3)}" text-anchor="end">{escape(_tick(v, language))}</text>'
        for v in (0.0, ceiling / 2, ceiling)
    )
    grid = "".join(f"M{number(left)} {number(at(v))}H{number(right)}" for v in (ceiling / 2, ceiling))
    first = escape(points[0].period) if points else ""
    last = escape(points[-1].period) if points else ""
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="series" viewBox="0 0 {WIDTH} {number(height)}" role="img" '
        f'aria-label="{escape(figure.sentence)}" font-size="9.5" fill="{INK}">'
        f'<path d="{grid}" stroke="{RULE}" stroke-width=".6" fill="none"/>'
        f'<path d="{band}" fill="{BAND}"/>'
        f'<path d="{bars}" fill="{BAR}"/>'
        f'<path d="{upper}" fill="none" stroke="{INK}" stroke-width="1" stroke-dasharray="3 2"/>'
        f'<path d="{expected}" fill="none" stroke="{INK}" stroke-width="1.4"/>'
        f'<path d="{gaps}{late}" fill="none" stroke="{INK}" stroke-width="1"/>{marks}'
        f'<path d="M{number(left)} {number(foot)}H{number(right)}" stroke="{INK}" stroke-width=".8"/>{ticks}'
        f'<text x="{number(left)}" y="{number(foot + 13)}">{first}</text>'
        f'<text x="{number(right)}" y="{number(foot + 13)}" text-anchor="end">{last}</text></svg>'
    )


def draw_strip(strip: StripFigure) -> Markup:
    """One row a place and one cell a column; the shape says what holds, and a cell without one says that none can."""
    left, top, cell, right = 166.0, 18.0, 15.0, float(WIDTH)
    step = (right - left) / max(len(strip.columns), 1)
    height = top + cell * len(strip.rows) + 2
    heads = "".join(
        f'<text x="{number(left + step * (at + 0.5))}" y="{number(top - 7)}" text-anchor="middle">{escape(name)}</text>'
        for at, name in enumerate(strip.columns)
    )
    rows = []
    for at, row in enumerate(strip.rows):
        middle = top + cell * (at + 0.5)
        marks = "".join(
            f"<g><title>{escape(f'{row.name}, {column}: {one.word}')}</title>"
            f"{draw_mark(one.mark, left + step * (place + 0.5), middle, 8, INK)}</g>"
            for place, (column, one) in enumerate(zip(strip.columns, row.cells, strict=True))
        )
        rows.append(
            f'<path d="M0 {number(top + cell * (at + 1))}H{number(right)}" stroke="{RULE}" stroke-width=".5"/>'
            f'<text x="0" y="{number(middle + 3)}">{escape(_fitted(row.name))}</text>{marks}'
        )
    return Markup(  # noqa: S704 - every text in it is escaped
        f'<svg class="strip" viewBox="0 0 {WIDTH} {number(height)}" role="img" aria-label="{escape(strip.sentence)}" '
        f'font-size="9" fill="{INK}">{heads}{"".join(rows)}</svg>'
    )


def _fitted(name: str, longest: int = 38) -> str:
    """A name that fits beside the strip; the table has it whole."""
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def round_up(value: float) -> float:
    """The next 1, 2, 4, 6, 8 × 10ⁿ: an axis whose half is a round number as well."""
    if value <= 2:
        return 2.0
    power = 10.0 ** (len(str(int(value))) - 1)
    for step in (1, 2, 4, 6, 8, 10):
        if value <= step * power:
            return step * power
    raise ValueError(f"no axis for {value}")


def _tick(value: float, language: str) -> str:
    return f"{value / 1000:g}k" if value >= 100_000 else numeral_in(language, value)


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


def _band(points: Sequence[tuple[float, float, float] | None]) -> str:
    """One closed shape for each run of periods that have both bounds; a gap ends it."""
    shapes: list[str] = []
    run: list[tuple[float, float, float]] = []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
            continue
        if len(run) > 1:
            there = "L".join(f"{number(x)} {number(high)}" for x, _, high in run)
            back = "L".join(f"{number(x)} {number(low)}" for x, low, _ in reversed(run))
            shapes.append(f"M{there}L{back}Z")
        run = []
    return "".join(shapes)


def _triangle(x: float, y: float, *, filled: bool) -> str:
    path = f"M{number(x)} {number(y - 7)}L{number(x + 4)} {number(y)}H{number(x - 4)}Z"
    paint = f'fill="{INK}"' if filled else 'fill="#ffffff"'
    return f'<path d="{path}" {paint} stroke="{INK}" stroke-width="1"/>'
