"""Four weeks of fictional worlds, through the real stages: nothing heard, half unheard, one State, six scripts.

The tests read their pages and the site of their public drafts, and the pictures show them.
"""

import json
import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "horizon"))

from fictional import AS_OF, COUNTS, FEED, World, counts, feed, wire

from domain.classification import Lens
from horizon import stages
from horizon.commands.site import write_site

SUNDAYS = tuple(datetime(2024, 1, 28, 6, tzinfo=UTC) - timedelta(weeks=back) for back in range(11, -1, -1))
GROUPS = (("AFR", "AFRICA"), ("APS", "ASPAC"), ("EES", "ECA"), ("LAC", "AMERICAS"), ("WEO", "ECA"))
ROOTS = ("Alba", "Bore", "Cala", "Dori", "Elba", "Fara", "Gavo", "Hesi", "Ilma", "Joru", "Kelo")
LONG = "Plurinational Confederated Republic of the Upper and Lower Ruritanian Archipelagos and Dependencies"
# All invented. The fonts of the PDF draw these six; another script in a name that is printed stops the issue.
SCRIPTS = {
    "latin": "Île-aux-Brûmes Čžęłöñ",
    "cyrillic": "Руританская Область",
    "greek": "Ρουριτανία Νήσων",
    "arabic": "جمهورية روريتانيا",
    "chinese": "魯里坦尼亞聯邦",
    "kana": "ルリタニア きょうわこく",
}
HUGE = "w" * 100_000
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "markup": "<img src=x onerror=alert(2)><b>bold</b>&amp;</td></table>",
    "formula": "=cmd|' /C calc'!A0",
    "jinja": "{{ 7*191 }}{% for x in y %}{{ view.masthead }}",
    "typst": '#eval("1+1") #sys.version $x^2$ *strong* _it_ @ref <label>',
    "bidi": "abc\u202egnp.exe\u2066left\u2069\u202c",
    "hidden": "zero\u200bwidth\u200djoin\ufeffer\u00ad",
    "control": "bell\u0007tab\tnul\u0000escape\u001b[31m",
    "word": HUGE,
}
WIRE = """
kind = "json_api"
source_class = "{source_class}"
expected_min = 1
expected_max = 5000
[fields]
ref = "id"
title = "headline"
url = "link"
place = "country"
first_level = "province"
actor = "who"
victim = "whom"
occurred_on = "day"
published_at = "printed"
facts = ["act", "persons"]
"""
ACTS = {
    "disappeared": ("T01", "disappeared"),
    "killed": ("T02", "killed"),
    "tortured": ("T03", "tortured"),
    "detained": ("T04", "detained"),
    "assembly": ("T05", "injured"),
    "civilians": ("T06", "killed"),
    "defender": ("T07", "detained"),
    "journalist": ("T08", "detained"),
    "reprisal": ("T09", ""),
    "aid": ("T11", ""),
    "expelled": ("T12", ""),
    "shutdown": ("T13", ""),
}
WIRE += "".join(
    f'[[codes]]\nrule = "wire.{act}"\ntrigger = "{trigger}"\nfield = "act"\nwhen = "equals"\nequals = ["{act}"]\n'
    f'persons = "persons"\noutcome = "{outcome}"\nvictim = "whom"\n'
    for act, (trigger, outcome) in ACTS.items()
)
CLASSES = ("media", "civil_society", "un_system", "regional_mechanism", "media")
SOURCES = tuple(f"gazette_{name}" for name in ("north", "south", "relief", "court", "evening"))


def quoted(text: str) -> str:
    """A text as it stands inside the quotation marks of a card; JSON's escapes are TOML's."""
    return json.dumps(text)[1:-1]


def entry(
    ref: str,
    day: date,
    place: str,
    act: str,
    *,
    persons: int = 1,
    province: str = "Harbour",
    headline: str = "",
    **more: object,
) -> dict[str, object]:
    """One record of a wire."""
    return {
        "id": ref,
        "headline": headline or f"A notice of {day}",
        "link": f"https://gazette.example/{len(ref)}",
        "country": place,
        "province": province,
        "who": "police",
        "whom": "persons",
        "day": day.isoformat(),
        "printed": f"{day}T12:00:00Z",
        "act": act,
        "persons": persons,
    } | more


def make_world(folder: Path, *, renamed: dict[int, str] | None = None) -> World:
    """Eleven States a group, one observer, one territory. `renamed` gives the State of that number another name."""
    world = World(folder)
    names = ("name_en", "name_fr", "name_es", "name_ar", "name_ru", "name_zh", "name_en_formal")
    lines = [",".join(("iso3", "iso2", "m49", "status", "regional_group", "field_region", "note", *names))]
    for number in range(len(GROUPS) * len(ROOTS)):
        group, region = GROUPS[number // len(ROOTS)]
        name = state(number, renamed)
        lines.append(",".join((code(number), "", "", "member", group, region, "", *[name] * 6, f"the State of {name}")))
    lines.append(",".join(("XOB", "", "", "observer", "WEO", "ECA", "", *["Observia"] * 7)))
    (folder / "reference" / "states.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "reference" / "aliases.csv").write_text("name,code,kind,source\n", "utf-8")
    return world


def code(number: int) -> str:
    return f"X{chr(65 + number // 26)}{chr(65 + number % 26)}"


def state(number: int, renamed: dict[int, str] | None = None) -> str:
    group = GROUPS[number // len(ROOTS)][0]
    return (renamed or {}).get(number, f"{ROOTS[number % len(ROOTS)]}{group.lower()}")


def with_wires(world: World, *, titles: tuple[str, ...] = (), publishers: tuple[str, ...] = ()) -> World:
    """Five wires of four classes."""
    for at, (source, source_class) in enumerate(zip(SOURCES, CLASSES, strict=True)):
        world.card(
            source,
            WIRE.format(source_class=source_class),
            title=quoted(titles[at]) if titles else "",
            publisher=quoted(publishers[at]) if publishers else "",
        )
    return world


def played(world: World, said: dict[str, list[dict[str, object]]], *, failed: tuple[str, ...] = ()) -> World:
    """Every wire looked at for twelve weeks; each look holds what was printed by then. The last of some fail."""
    for source, rows in said.items():
        for when in SUNDAYS:
            if source in failed and when >= SUNDAYS[-2]:
                world.look(source, None, when, state="failed")
                continue
            world.look(source, wire(*(row for row in rows if str(row["printed"]) < when.isoformat())), when)
    return world


def background(world_states: int, *, weeks: int = 60, seed: int = 3) -> dict[str, list[dict[str, object]]]:
    """Notices without an act, so that every State is heard of by every wire."""
    chance = random.Random(seed)  # noqa: S311 - a fixture, not a secret
    said: dict[str, list[dict[str, object]]] = {source: [] for source in SOURCES}
    for source in SOURCES:
        for number in range(world_states):
            for back in sorted([*chance.sample(range(1, weeks), 4), 1]):
                day = AS_OF.date() - timedelta(days=7 * back - chance.randrange(0, 6))
                said[source].append(entry(f"{source}-{number}-{back}", day, state(number), "none", persons=0))
    return said


def quiet(folder: Path) -> World:
    """Everybody was heard, and nothing was alleged."""
    return played(with_wires(make_world(folder)), background(len(GROUPS) * len(ROOTS)))


def half_failed(folder: Path) -> World:
    """The same sources, and three of five have failed for two weeks; one State has had its incidents before."""
    said = background(len(GROUPS) * len(ROOTS))
    for at, day in enumerate((date(2024, 1, 3), date(2024, 1, 9), date(2024, 1, 16), date(2024, 1, 24))):
        said[SOURCES[at % 2]].append(entry(f"k{at}", day, state(2), "killed", persons=2))
    return played(with_wires(make_world(folder)), said, failed=SOURCES[1:4])


def dominated(folder: Path) -> World:
    """Hundreds of incidents in one State of a very long name: all acts, long places, two series of totals."""
    renamed = {4: LONG}
    world = with_wires(make_world(folder, renamed=renamed))
    said = background(len(GROUPS) * len(ROOTS))
    for rows in said.values():
        for row in rows:
            row["country"] = renamed[4] if row["country"] == state(4) else row["country"]
    chance = random.Random(7)  # noqa: S311 - a fixture, not a secret
    acts = list(ACTS)
    provinces = [f"Autonomous Province of {root} and the Surrounding Maritime Districts" for root in ROOTS[:8]]
    for number in range(420):
        # A tenth over a year, the rest in four weeks.
        back = chance.randrange(29, 360) if number % 10 == 0 else chance.randrange(1, 28)
        day = AS_OF.date() - timedelta(days=back)
        act, province = acts[number % len(acts)], provinces[number % len(provinces)]
        for source in chance.sample(SOURCES, 1 + number % 3):
            said[source].append(
                entry(f"d{number}-{source}", day, LONG, act, persons=chance.randrange(1, 30), province=province)
            )
    played(world, said)
    for source, unit, label in (
        ("provider_deaths", "deaths", "Deaths of combatants and civilians"),
        ("provider_flight", "persons displaced", "Persons displaced within the State"),
    ):
        card = COUNTS.replace('unit = "deaths"', f'unit = "{unit}"\nlabel = "{label}"')
        world.card(source, card.replace('indicator = "deaths"', f'indicator = "{source}"'))
        months = [
            f"{LONG},{year}-{month:02d}-01,{chance.randrange(3, 12) if (year, month) < (2023, 12) else 900}"
            for year in (2021, 2022, 2023)
            for month in range(1, 13)
        ]
        for when in SUNDAYS[-5:]:
            world.look(source, counts(*months), when, kind="csv_file")
    return world


def six_scripts(folder: Path) -> World:
    """Names in six scripts, and hostile texts wherever a source may write: titles, publishers, places, actors."""
    words, bad = list(SCRIPTS.values()), list(HOSTILE.values())
    renamed = dict(zip((0, 12, 23, 34, 45, 5), words, strict=True))
    world = make_world(folder, renamed=renamed)
    with_wires(world, titles=(*bad[:4], words[3]), publishers=(*bad[4:7], HUGE, words[4]))
    world.card("hostile_feed", FEED, title=quoted(bad[6]), publisher=quoted(bad[0]))
    said = background(len(GROUPS) * len(ROOTS))
    for rows in said.values():
        for row in rows:
            number = next(at for at in range(55) if state(at) == row["country"])
            row["country"] = state(number, renamed)
    at = 0
    for name in renamed.values():
        for week in range(4):
            for text in bad:
                at += 1
                day = AS_OF.date() - timedelta(days=7 * week + 1 + at % 6)
                said[SOURCES[at % 5]].append(
                    entry(
                        f"h{at}-{text[:40]}",
                        day,
                        name,
                        list(ACTS)[at % len(ACTS)],
                        province=(text if at % 2 else words[at % 6]),
                        headline=text,
                        who=text,
                        whom=text,
                        link=f"javascript:{text[:60]}",
                    )
                )
    played(world, said)
    items = tuple((f"f{at}", word, "Wed, 03 Jan 2024 10:00:00 GMT") for at, word in enumerate(words))
    for when in SUNDAYS[-5:]:
        world.look("hostile_feed", feed(*items), when, kind="rss")
    return world


EVERY: dict[str, tuple[Callable[[Path], World], tuple[Lens, ...]]] = {
    "quiet": (quiet, (Lens.PUBLIC,)),
    "half-failed": (half_failed, (Lens.PUBLIC,)),
    "dominated": (dominated, (Lens.PUBLIC,)),
    "six-scripts": (six_scripts, (Lens.RESTRICTED, Lens.PUBLIC)),
}


# One week is drafted in a language that runs from right to left as well.
LANGUAGES = {"dominated": ("en", "ar")}


def run(name: str, folder: Path) -> World:
    """Two weeks of runs, for a level may need the week before; then the pages, and the site of the public ones."""
    make, lenses = EVERY[name]
    world = make(folder)
    settings = world.settings(lenses[0])
    for path in sorted(settings.cards.glob("*.toml")):
        stages.collect(path.stem, settings)
    stages.load(settings=settings)
    for lens in lenses:
        for moment in (AS_OF - timedelta(weeks=1), AS_OF):
            stages.score(as_of=moment, settings=world.settings(lens))
        stages.draft(as_of=AS_OF, settings=world.settings(lens), languages=LANGUAGES.get(name, ("en",)))
    write_site(world.settings(Lens.PUBLIC), drafts=True)
    return world


def pages_of(world: World, lens: Lens = Lens.PUBLIC) -> Path:
    """The folder of a world's draft."""
    return world.settings(lens).drafts / "2024-W04" / "r1"


def site_of(world: World) -> Path:
    return world.settings().var / "site"
