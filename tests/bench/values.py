"""What each starting value of the method does to hits and false alarms, on made worlds through the whole engine.

`python -m tests.bench.values` prints; `--write docs/method.md` writes between that page's marks. A world has places
with their own usual rates, told by six sources of four classes. A fifth of them have a crisis that began in the last
four or eight weeks, told by one to five origins; a tenth have only more reporting, of the same practice. A hit is a
crisis with two origins or more at emerging concern or above; a false alarm is another place there. One value is moved
at a time. The worlds are made: the table compares values, and says nothing of how often real crises are found.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from domain.incident import Actor, Coding, Incident
from domain.situation import Level
from domain.source import Cadence, CodeRule, Kind, SourceCard, SourceClass, SourceState
from domain.state import Place, PlaceKind
from domain.window import Week
from scoring.engine import assess
from scoring.inputs import Heard, Inputs, SourceView, Volume, VolumeWeek
from scoring.method import Method, load_method, load_triggers

AS_OF = datetime(2024, 1, 29, tzinfo=UTC)
PLACES = 60
WEEKS = 113
WORLDS = 30
SEED = 2_024
CLASSES = (
    SourceClass.CIVIL_SOCIETY,
    SourceClass.MEDIA,
    SourceClass.DEFENDERS,
    SourceClass.CIVIL_SOCIETY,
    SourceClass.FIELD_PRESENCE,
    SourceClass.MEDIA,
)
KINDS = (("T01", "disappeared"), ("T02", "killed"), ("T03", "tortured"), ("T04", "detained"), ("T08", "detained"))
MOVED: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("false_discovery_rate", (0.05, 0.1, 0.2)),
    ("minimum_incidents", (2, 3, 5)),
    ("surge_origins", (1, 2, 3)),
    ("surge_classes", (1, 2, 3)),
    ("surge_origins_one_class", (2, 3, 4)),
    ("accumulation_incidents", (4, 5, 7)),
    ("accumulation_weeks", (2, 3, 4)),
    ("accumulation_origins", (2, 3, 4)),
    ("accumulation_p", (0.05, 0.2, 0.5)),
    ("irreparable_incidents", (1, 2, 3)),
    ("irreparable_origins", (1, 2, 3)),
    ("messengers", (2, 3, 4)),
    ("memory_weeks", (8, 12, 16)),
    ("offset_origins", (2, 3, 4)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One world, its crises that two origins or more told of, and the places where only reporting grew."""

    inputs: Inputs
    crises: frozenset[str]
    single: frozenset[str]
    louder: frozenset[str]


@dataclass(slots=True)
class Count:
    """Places at emerging concern or above, and at watch, of each sort."""

    hits: int = 0
    crises: int = 0
    false: int = 0
    others: int = 0
    louder: int = 0
    watch: int = 0

    def add(self, made: Made, levels: dict[str, Level]) -> None:
        for place, level in levels.items():
            high = level.rank >= Level.EMERGING.rank
            if place in made.crises:
                self.hits += high
                self.crises += 1
            elif place not in made.single:
                self.false += high
                self.others += 1
                self.louder += high and place in made.louder
                self.watch += level is Level.WATCH


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--worlds", type=int, default=WORLDS)
    arguments.add_argument("--write", type=Path, help="write the table into this page, between its marks")
    arguments.add_argument("--json", type=Path, help="write the figures into this folder")
    asked = arguments.parse_args()
    worlds = [make_world(np.random.default_rng(SEED + number)) for number in range(asked.worlds)]
    rows = list(measure(worlds, load_method()))
    lines = table(rows, worlds=asked.worlds)
    print("\n".join(lines))  # noqa: T201  (a bench prints)
    if asked.json:
        asked.json.mkdir(parents=True, exist_ok=True)
        text = json.dumps([[name, value, count.hits, count.crises, count.false] for name, value, count in rows])
        (asked.json / "values.json").write_text(text, "utf-8")
    if asked.write:
        put(asked.write, lines)


def put(page: Path, lines: list[str]) -> None:
    opening, closing = "<!-- values -->", "<!-- end of values -->"
    before, _, rest = page.read_text("utf-8").partition(opening)
    page.write_text(f"{before}{opening}\n" + "\n".join(lines) + f"\n{closing}{rest.partition(closing)[2]}", "utf-8")


def measure(worlds: list[Made], method: Method) -> Iterator[tuple[str, float, Count]]:
    """Every value of every number, each world assessed anew."""
    known: dict[Method, Count] = {}
    for name, values in MOVED:
        for value in values:
            moved = replace(method, **{name: value})
            if moved not in known:
                known[moved] = Count()
                for made in worlds:
                    outcome = assess(made.inputs, method=moved, cards=TRIGGERS)
                    known[moved].add(made, {one.place: one.level for one in outcome.states})
            yield name, value, known[moved]


TRIGGERS = tuple(replace(card, fed=True) for card in load_triggers())


def table(rows: list[tuple[str, float, Count]], *, worlds: int) -> list[str]:
    base = load_method()
    lines = [
        f"{worlds} worlds of {PLACES} places. Found: a crisis that two origins or more told of stands at emerging "
        "concern or above. Intervals: 95 % (Wilson).",
        "",
        "| number | value | crises found | other places at emerging concern | of these, only more reporting | "
        "other places on watch |",
        "|---|---|---|---|---|---|",
    ]
    for name, value, count in rows:
        shown = f"**{value:g}**" if getattr(base, name) == value else f"{value:g}"
        lines.append(
            f"| {name.replace('_', ' ')} | {shown} | {_share(count.hits, count.crises)} | "
            f"{_share(count.false, count.others)} | {count.louder} | {count.watch / count.others:.1%} |"
        )
    return lines


def _share(number: int, of: int) -> str:
    """Wilson's interval."""
    share, z = number / of, 1.96
    middle = (share + z**2 / (2 * of)) / (1 + z**2 / of)
    half = z * np.sqrt(share * (1 - share) / of + z**2 / (4 * of**2)) / (1 + z**2 / of)
    return f"{share:.1%} ({max(middle - half, 0):.1%}–{middle + half:.1%}; {number} of {of})"


def make_world(rng: np.random.Generator) -> Made:
    """Places with rates of their own, crises, and places where only reporting grew."""
    codes = [f"P{number:02d}" for number in range(PLACES)]
    sources = tuple(_source(f"s{number}", kind) for number, kind in enumerate(CLASSES))
    newest = Week.last_complete(AS_OF)
    sundays = [newest.back(back).last_day for back in range(WEEKS)]
    order = rng.permutation(PLACES)
    in_crisis, louder = set(order[: PLACES // 5].tolist()), set(order[PLACES // 5 : PLACES * 3 // 10].tolist())
    incidents: list[Incident] = []
    volumes: list[Volume] = []
    crises, single = set(), set()
    for number, code in enumerate(codes):
        reach = rng.uniform(0.3, 1.0, size=len(sources))
        rates = rng.gamma(0.4, 0.25, size=len(KINDS))
        growth = np.ones(WEEKS)
        if number in louder:
            growth[:4] = rng.uniform(3, 10)
        for kind, rate in zip(KINDS, rates, strict=True):
            # More reporting of the same practice: more of what happens is told of.
            told = np.minimum(growth, 3.0) * rate
            for back in np.repeat(np.arange(WEEKS), rng.poisson(told)):
                who = rng.choice(len(sources), size=1 + rng.binomial(2, 0.15), replace=False, p=reach / reach.sum())
                incidents.append(_incident(len(incidents), code, kind, sunday=sundays[back], who=who, rng=rng))
        if number in in_crisis:
            kind, weeks = KINDS[rng.integers(len(KINDS))], int(rng.choice([4, 8]))
            origins = rng.choice(len(sources), size=int(rng.integers(1, 6)), replace=False)
            size = int(rng.integers(4, 16))
            for at in range(size):
                back = int(rng.integers(weeks))
                who = origins[at % len(origins) : at % len(origins) + 1]
                incidents.append(
                    _incident(len(incidents), code, kind, sunday=sundays[back], who=who, rng=rng, level="Crisis")
                )
            (crises if len(origins) > 1 else single).add(code)
            growth[:weeks] *= rng.uniform(1, 3)
        for at, view in enumerate(sources):
            reports = rng.poisson(6 * reach[at] * growth)
            weeks_of = tuple(
                VolumeWeek(start=sundays[back] - timedelta(days=6), reports=int(reports[back])) for back in range(WEEKS)
            )
            volumes.append(Volume(source_id=view.card.id, place=code, weeks=weeks_of))
    inputs = Inputs(
        as_of=AS_OF,
        places=tuple(
            Place(code=code, name=code, kind=PlaceKind.MEMBER, regional_group="AFR", field_region="AFRICA")
            for code in codes
        ),
        sources=sources,
        incidents=tuple(incidents),
        counts=(),
        heard=tuple(
            Heard(source_id=view.card.id, place=code, items_4w=2, items_12w=6, items_52w=20)
            for view in sources
            for code in codes
        ),
        volumes=tuple(volumes),
    )
    return Made(
        inputs=inputs,
        crises=frozenset(crises),
        single=frozenset(single),
        louder=frozenset(codes[number] for number in louder),
    )


def _incident(
    number: int,
    place: str,
    kind: tuple[str, str],
    *,
    sunday: date,
    who: np.ndarray,
    rng: np.random.Generator,
    level: str = "",
) -> Incident:
    trigger, outcome = kind
    return Incident(
        incident_id=f"i{number:06d}",
        place=place,
        first_level=level or f"Province {rng.integers(4)}",
        occurred_on=sunday - timedelta(days=int(rng.integers(7))),
        date_inferred=False,
        first_published_at=None,
        first_known_at=AS_OF,
        actor=Actor.UNKNOWN,
        actor_name="",
        codings=(Coding(trigger=trigger, rule="made", persons=1, outcome=outcome),),
        origins=tuple(sorted(f"s{one}" for one in who)),
        classes=tuple(sorted({CLASSES[one] for one in who})),
        reports=(f"r{number}",),
        sources=(),
    )


def _source(source_id: str, kind: SourceClass) -> SourceView:
    card = SourceCard(
        id=source_id,
        title=source_id,
        publisher=source_id,
        kind=Kind.RSS,
        url="https://example.org",
        cadence=Cadence.WEEKLY,
        source_class=kind,
        licence="none",
        citation="none",
        languages=("en",),
        coverage="made",
        lag_days=7,
        expected_min=0,
        expected_max=9,
        verified=False,
        codes=tuple(CodeRule(rule=trigger, trigger=trigger) for trigger, _ in KINDS),
    )
    return SourceView(
        card=card,
        state=SourceState.OK,
        last_look=AS_OF,
        weeks_looked=4,
        first_day=date(2020, 1, 6),
        last_day=date(2024, 1, 28),
        stale=False,
        basis="made",
    )


if __name__ == "__main__":
    main()
