"""A small world for the tests of stages: its own States, cards and specimen week, all of them fictional."""

import csv
import json
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from domain.classification import Lens
from domain.state import REFERENCE
from horizon import stages
from horizon.settings import Settings, load_settings
from warehouse.connection import open_store

AS_OF = datetime(2024, 1, 29, tzinfo=UTC)
STATES = {
    "XRU": ("Ruritania", "AFR", "AFRICA"),
    "XFR": ("Freedonia", "AFR", "AFRICA"),
    "XGE": ("Genovia", "APS", "ASPAC"),
    "XOR": ("Orsinia", "EES", "ECA"),
    "XLA": ("Laurania", "LAC", "AMERICAS"),
    "XAV": ("Averna", "WEO", "ECA"),
}
HEAD = """
publisher = "{publisher}"
url = "https://{id}.example/data"
cadence = "weekly"
licence = "CC0"
citation = "{title}"
languages = ["en"]
coverage = "fictional"
lag_days = 60
verified = false
title = "{title}"
"""
WIRE = """
kind = "json_api"
source_class = "media"
expected_min = 1
expected_max = 20
[fields]
ref = "id"
title = "headline"
place = "country"
first_level = "province"
occurred_on = "day"
published_at = "printed"
facts = ["Killed"]
[[codes]]
rule = "wire.killed"
trigger = "T02"
field = "Killed"
when = "positive"
persons = "Killed"
outcome = "killed"
"""
COUNTS = """
kind = "csv_file"
source_class = "data_provider"
expected_min = 1
expected_max = 200
[fields]
place = "country"
occurred_on = "month"
[[series]]
indicator = "deaths"
trigger = "T06"
unit = "deaths"
period = "month"
field = "deaths"
"""
FEED = """
kind = "rss"
source_class = "civil_society"
expected_min = 1
expected_max = 20
"""
LOOKS = (
    datetime(2024, 1, 8, 6, tzinfo=UTC),
    datetime(2024, 1, 15, 6, tzinfo=UTC),
    datetime(2024, 1, 22, 6, tzinfo=UTC),
    datetime(2024, 1, 28, 6, tzinfo=UTC),
)
TYPES = {"json_api": "application/json", "csv_file": "text/csv", "rss": "application/rss+xml"}


def row(
    ref: str, day: str, country: str = "Ruritania", killed: object = 0, headline: str = "A notice"
) -> dict[str, object]:
    """One record of the wire."""
    return {
        "id": ref,
        "headline": headline,
        "country": country,
        "province": "Harbour",
        "day": day,
        "printed": f"{day}T12:00:00Z",
        "Killed": killed,
    }


def wire(*rows: object) -> bytes:
    return json.dumps(list(rows)).encode()


def counts(*lines: str) -> bytes:
    return "\n".join(("country,month,deaths", *lines, "")).encode()


def feed(*items: tuple[str, str, str]) -> bytes:
    """Items are guid, title and date."""
    entries = "".join(
        f"<item><guid>{guid}</guid><title>{title}</title><link>https://gazette_feed.example/{guid}</link>"
        f"<pubDate>{when}</pubDate></item>"
        for guid, title, when in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>{entries}</channel></rss>'.encode()


@dataclass
class World:
    """Folders of one world; `settings()` points the stages at them."""

    folder: Path
    looks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("reference", "cards", "samples/2024-W04"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._reference()
        self._manifest()

    def settings(self, lens: Lens = Lens.RESTRICTED, var: str = "var") -> Settings:
        return replace(
            load_settings({"HORIZON_VAR": str(self.folder / var)}),
            reference=self.folder / "reference",
            cards=self.folder / "cards",
            samples=self.folder / "samples",
            week="2024-W04",
            live=False,
            lens=lens,
        )

    def environment(self, lens: Lens = Lens.RESTRICTED) -> dict[str, str]:
        """The same for the command line."""
        return {
            "HORIZON_VAR": str(self.folder / "var"),
            "HORIZON_REFERENCE": str(self.folder / "reference"),
            "HORIZON_CARDS": str(self.folder / "cards"),
            "HORIZON_SAMPLES": str(self.folder / "samples"),
            "LENS": lens.value,
            "WEEK": "2024-W04",
            "LIVE": "0",
        }

    def card(self, name: str, kind: str, *, more: str = "", title: str = "", publisher: str = "") -> "World":
        """One card: `kind` is one of the three texts above, `more` further fields."""
        head = HEAD.format(id=name, title=title or f"Title of {name}", publisher=publisher or f"Publisher of {name}")
        (self.folder / "cards" / f"{name}.toml").write_text(head + more + kind, "utf-8")
        return self

    def look(
        self,
        source: str,
        body: bytes | None,
        when: datetime = LOOKS[-1],
        *,
        state: str = "ok",
        kind: str = "json_api",
        status: int = 200,
    ) -> "World":
        """One recorded look; without a body only the fact that somebody looked."""
        lines = ["[[look]]", f'source = "{source}"', f"looked_at = {when.isoformat()}"]
        lines += ['basis = "as published"', f'state = "{state}"']
        if body is not None:
            file = f"{source}.{when:%m%d%H}.bin"
            (self.folder / "samples/2024-W04" / file).write_bytes(body)
            lines += ["[[look.payload]]", f'url = "https://{source}.example/data"', f'file = "{file}"']
            lines += [f"status = {status}", f'content_type = "{TYPES[kind]}"']
        self.looks.append("\n".join(lines))
        self._manifest()
        return self

    def with_sources(self) -> "World":
        """A wire, counts and a feed, each looked at in four weeks, with little to say."""
        self.card("gazette_wire", WIRE).card("gazette_counts", COUNTS).card("gazette_feed", FEED)
        first = wire(row("w1", "2024-01-03"), row("w2", "2024-01-04", "Genovia"))
        months = [
            f"{place},2023-{month:02d}-15,{month % 2}" for place in ("Ruritania", "Orsinia") for month in range(1, 13)
        ]
        for number, when in enumerate(LOOKS):
            later = [row(f"n{at}", f"2024-01-{7 * at + 3:02d}", killed=1) for at in range(1, number + 1)]
            self.look("gazette_wire", wire(*json.loads(first), *later), when)
            self.look("gazette_counts", counts(*months, "Averna,2024-01-01,0"), when, kind="csv_file")
            self.look("gazette_feed", feed(("f1", "Harbour opens", "Wed, 03 Jan 2024 10:00:00 GMT")), when, kind="rss")
        return self

    def run(self, lens: Lens = Lens.RESTRICTED) -> stages.Drafted:
        """The whole week."""
        settings = self.settings(lens)
        for path in sorted(settings.cards.glob("*.toml")):
            stages.collect(path.stem, settings)
        loaded = stages.load(settings=settings)
        stages.score(as_of=loaded.as_of, settings=settings)
        return stages.draft(as_of=loaded.as_of, settings=settings)

    def rows(self, table: str, lens: Lens = Lens.RESTRICTED) -> list[dict[str, object]]:
        """A table of the lens's own file."""
        with open_store(self.settings().var, lens) as store:
            return store.dump(table).to_dicts()

    def defects(self) -> dict[tuple[str, str], list[str]]:
        """Evidence of the printed defects by source and check."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.rows("out_defects"):
            found.setdefault((str(one["source_id"]), str(one["check_name"])), []).append(str(one["evidence"]))
        return found

    def page(self, name: str = "AFR.html") -> str:
        return (self.settings().drafts / "2024-W04" / "r1" / name).read_text("utf-8")

    def landed_bytes(self, source: str) -> set[bytes]:
        return {path.read_bytes() for path in (self.settings().landing / source).rglob("*.bin")}

    def _manifest(self) -> None:
        text = 'as_of = 2024-01-29T00:00:00Z\ntitle = "A fictional week"\n\n' + "\n\n".join(self.looks) + "\n"
        (self.folder / "samples/2024-W04/manifest.toml").write_text(text, "utf-8")

    def _reference(self) -> None:
        folder = self.folder / "reference"
        names = ("name_en", "name_fr", "name_es", "name_ar", "name_ru", "name_zh", "name_en_formal")
        head = ["iso3", "iso2", "m49", "status", "regional_group", "field_region", "note", *names]
        lines = [",".join(head)]
        for code, (name, group, region) in STATES.items():
            lines.append(",".join([code, "", "", "member", group, region, "", *[name] * 6, f"the State of {name}"]))
        lines.append(",".join(["XOB", "", "", "observer", "WEO", "ECA", "", *["Observia"] * 7]))
        (folder / "states.csv").write_text("\n".join(lines) + "\n", "utf-8")
        (folder / "territories.csv").write_text(
            "id,printed_name,note,place_of,listed_under_group,listed_under_field_region,valid_from,source\n"
            "XTE,Terra Nova,A territory.,,LAC,AMERICAS,2020-01-01,fictional\n",
            "utf-8",
        )
        (folder / "aliases.csv").write_text("name,code,kind,source\nOld Ruritania,XRU,former,fictional\n", "utf-8")
        (folder / "calendar.csv").write_text(
            "starts_on,title,place,source\n2024-02-26,A session opens,,fictional\n", "utf-8"
        )
        for name in ("phrases.csv", "capitals.csv", "adjectives.csv"):
            with (REFERENCE / name).open(encoding="utf-8", newline="") as lines:
                real = csv.DictReader(lines)
                with (folder / name).open("w", encoding="utf-8", newline="") as own:
                    writer = csv.DictWriter(own, real.fieldnames or ())
                    writer.writeheader()
                    # What speaks of no State's code holds in any world.
                    writer.writerows(row for row in real if not row["code"])
        (folder / "provider_units.toml").write_text("", "utf-8")
        for name in ("regions.toml", "options.toml"):
            shutil.copyfile(REFERENCE / name, folder / name)
