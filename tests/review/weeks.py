"""A scored week in a warehouse, of any size, without running the engine: fictional States, a fictional publisher."""

import json
import shutil
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "horizon"))

from fictional import STATES, WIRE, World

from domain.classification import Lens
from domain.signal import short_hash
from review.approval import write_manifest
from warehouse.connection import FILES, Store, open_store
from warehouse.load import REPORTS

AS_OF = datetime(2024, 1, 29, tzinfo=UTC)
ISSUE = "2024-W04"
OF_THE_CARD = """
lens = "restricted"
classification = "{level}"
source_sharing = "amber_strict"
consent_scope = "internal_use"
"""
HEADLINE = "Three persons killed at the harbour of Strelsau"
BODY = (
    "According to the gazette, three persons were killed at the harbour. <script>alert(1)</script> Officials denied it."
)
SITUATION = short_hash("situation", "XRU", "2024-W04")
OTHER = short_hash("situation", "XGE", "2024-W04")
LEVELS = {"XRU": "emerging concern", "XGE": "watch", "XFR": "urgent"}


def build_week(folder: Path, *, incidents: int = 6, weeks: int = 4, situations: int = 3) -> World:
    """A world whose newest issue has `incidents` for each of `situations` places, spread over `weeks`."""
    world = World(folder).card("gazette_wire", WIRE).card("town_crier", WIRE)
    world.card("field_office", WIRE, more=OF_THE_CARD.format(level="confidential"))
    world.card("sealed_office", WIRE, more=OF_THE_CARD.format(level="strictly_confidential"))
    settings = world.settings()
    with open_store(settings.var, Lens.RESTRICTED) as store, store.transaction():
        fill(store, list(STATES), incidents=incidents, weeks=weeks, situations=situations)
    publish_snapshot(settings.var)
    draft = settings.drafts / ISSUE / "r1"
    draft.mkdir(parents=True)
    for name in ("AFR", "APS", "EES", "LAC", "WEO", "bureau"):
        (draft / f"{name}.html").write_text(f"<!doctype html><title>{name}</title><p>{name} of a fictional week</p>")
        (draft / f"{name}.json").write_text(json.dumps({"page": name}))
    write_manifest(draft, issue=ISSUE, revision="r1", lens=Lens.RESTRICTED)
    public = world.settings(Lens.PUBLIC).drafts / ISSUE / "r1"
    public.mkdir(parents=True)
    (public / "AFR.html").write_text("<!doctype html><title>AFR</title><p>AFR of a fictional week, for everyone</p>")
    write_manifest(public, issue=ISSUE, revision="r1", lens=Lens.PUBLIC)
    return world


def publish_snapshot(var: Path) -> None:
    """As the score stage does: written beside and put in place."""
    (var / "snapshots").mkdir(parents=True, exist_ok=True)
    for name in FILES.values():
        shutil.copyfile(var / name, var / "snapshots" / f".{name}")
        (var / "snapshots" / f".{name}").replace(var / "snapshots" / name)


def fill(store: Store, places: list[str], *, incidents: int, weeks: int, situations: int) -> None:
    """Rows of one issue; every place has as many incidents, the newest of them known in the issue's week."""
    key = {"issue": ISSUE, "lens": store.lens.value}
    rows = [(place, number) for place in places for number in range(incidents)]
    made = pl.DataFrame(rows, schema=["place", "number"], orient="row")
    ids = [short_hash("incident", place, str(number)) for place, number in rows]
    days = [(AS_OF - timedelta(days=2 + 7 * (number % weeks))) for _, number in rows]
    sealed = [place == "XFR" and number == 1 for place, number in rows]
    secret = [place == "XRU" and number == 4 for place, number in rows]
    sources = [
        ["sealed_office"] if hidden else ["field_office"] if mine else ["gazette_wire", "town_crier"]
        for hidden, mine in zip(sealed, secret, strict=True)
    ]
    reports = [[f"{one}-a", f"{one}-b"][: len(names)] for one, names in zip(ids, sources, strict=True)]
    table = made.select("place").with_columns(
        *(pl.lit(value).alias(name) for name, value in key.items()),
        pl.Series("incident_id", ids),
        pl.lit("Harbour").alias("first_level"),
        pl.Series("occurred_on", [day.date() for day in days]),
        pl.lit(value=False).alias("date_inferred"),
        pl.Series("first_published_at", days, dtype=pl.Datetime("us", "UTC")),
        pl.Series("first_known_at", days, dtype=pl.Datetime("us", "UTC")),
        pl.lit("unknown").alias("actor"),
        pl.lit("").alias("actor_name"),
        pl.Series("origins", [[f"Publisher of {one}" for one in names] for names in sources]),
        pl.Series("classes", [["media"] if len(names) > 1 else ["field_presence"] for names in sources]),
        pl.Series("reports", reports),
        pl.Series("sources", sources),
    )
    store.insert("out_incidents", table)
    store.insert(
        "out_codings",
        pl.DataFrame({"incident_id": ids}).with_columns(
            *(pl.lit(value).alias(name) for name, value in key.items()),
            pl.lit("T02").alias("trigger"),
            pl.lit("wire.killed").alias("rule"),
            pl.lit(3).alias("persons"),
            pl.lit("killed").alias("outcome"),
            pl.lit("").alias("victim"),
        ),
    )
    roots = pl.DataFrame(
        {
            "incident_id": [one for one, all_ in zip(ids, reports, strict=True) for _ in all_],
            "report_id": [one for all_ in reports for one in all_],
            "source_id": [one for all_ in sources for one in all_],
            "published_at": [day for day, all_ in zip(days, reports, strict=True) for _ in all_],
        }
    ).with_columns(
        *(pl.lit(value).alias(name) for name, value in key.items()),
        pl.lit("v1").alias("version"),
        pl.lit("media").alias("source_class"),
        (pl.lit("Publisher of ") + pl.col("source_id")).alias("origin"),
        pl.lit("first report known").alias("joined"),
        pl.lit("https://example.org/harbour").alias("url"),
        pl.lit("en").alias("language"),
        pl.lit(AS_OF).alias("collected_at"),
        pl.lit("0" * 64).alias("payload_sha"),
    )
    store.insert("out_reports", roots)
    start = len(HEADLINE) + 2 + BODY.index("killed")
    store.insert(
        "out_labels",
        roots.select("incident_id", "report_id", "issue", "lens").with_columns(
            pl.lit("T02").alias("trigger"),
            pl.lit("lexicon.killed").alias("rule"),
            pl.lit("killed").alias("outcome"),
            pl.lit("").alias("victim"),
            pl.lit(3).alias("persons"),
            pl.lit("text").alias("field"),
            pl.lit("killed").alias("words"),
            pl.lit(start).alias("start"),
            pl.lit(start + len("killed")).alias("end"),
            pl.lit("tells of an event").alias("why"),
        ),
    )
    _fill_texts(store, roots)
    _fill_heads(store, places, ids, rows=rows, situations=situations, key=key)


def _fill_texts(store: Store, roots: pl.DataFrame) -> None:
    protection = {
        "lens": store.lens.value,
        "classification": "unclassified",
        "source_sharing": "clear",
        "consent_scope": "public",
        "valid_from": date(2024, 1, 1),
    }
    store.insert(
        "raw_payloads",
        pl.DataFrame(
            [
                {
                    "payload_sha": "0" * 64,
                    "source_id": one,
                    "url": "https://example.org",
                    "status": 200,
                    "media_type": "application/json",
                    "collected_at": AS_OF - timedelta(days=1),
                    "basis": "as published",
                    "size_bytes": 1,
                    "reports": 1,
                    "observations": 0,
                    "errors": 0,
                    **protection,
                }
                for one in ("gazette_wire", "town_crier", "field_office", "sealed_office")
            ]
        ),
    )
    texts = roots.select("report_id", "version", "payload_sha", "source_id").with_columns(
        pl.col("report_id").alias("source_ref"),
        pl.lit(HEADLINE).alias("title"),
        pl.lit(BODY).alias("text"),
        pl.lit("https://example.org/harbour").alias("url"),
        pl.lit(AS_OF - timedelta(days=1)).alias("collected_at"),
        pl.lit("en").alias("language"),
        pl.lit("{}").alias("facts"),
        pl.lit("as published").alias("basis"),
        *(pl.lit("").alias(name) for name in ("place", "addressee", "first_level", "actor", "victim")),
        *(pl.lit(value).alias(name) for name, value in protection.items()),
    )
    store.insert("raw_reports", texts.select([name for name in REPORTS if name in texts.columns]))


def _fill_heads(
    store: Store,
    places: list[str],
    ids: list[str],
    *,
    rows: list[tuple[str, int]],
    situations: int,
    key: dict[str, str],
) -> None:
    head = {
        "issue": [ISSUE],
        "lens": [key["lens"]],
        "as_of": [AS_OF],
        "method_version": ["test"],
        "code_version": ["t"],
    }
    store.insert("out_issues", pl.DataFrame(head))
    chosen = [one for one in LEVELS if one in places][:situations] or places[:situations]
    chosen += [one for one in places if one not in chosen][: max(0, situations - len(chosen))]
    held = {place: [one for one, (own, _) in zip(ids, rows, strict=True) if own == place][:12] for place in chosen}
    levels = {place: LEVELS.get(place, "watch") for place in chosen}
    store.insert(
        "out_states",
        pl.DataFrame(
            [
                {
                    **key,
                    "place": place,
                    "printed": "signals" if place in chosen else "quiet",
                    "level": levels.get(place, "none"),
                    "phase": "new" if place in chosen else None,
                    "triggers_met": ["T02"] if place in chosen else [],
                    "coverage": "adequate",
                    "smallest_rise": 3,
                    "last_look": "2024-01-28",
                }
                for place in places
            ],
            schema_overrides={"triggers_met": pl.List(pl.String), "phase": pl.String},
        ),
    )
    store.insert(
        "out_gates",
        pl.DataFrame(
            [
                {
                    **key,
                    "place": place,
                    "gate": gate,
                    "state": "open" if levels.get(place, "none") in {"emerging concern", "urgent"} else "closed",
                    "rule": rule if levels.get(place, "none") in {"emerging concern", "urgent"} else "",
                    "why": "Three origins in two classes." if place in chosen else "Nothing met.",
                    "incidents": held.get(place, []),
                    "triggers": ["T02"],
                }
                for place in places
                for gate, rule in (("pattern", "P1"), ("gravity", "G1"))
            ],
            schema_overrides={"incidents": pl.List(pl.String)},
        ),
    )
    store.insert(
        "out_situations",
        pl.DataFrame(
            [
                {
                    **key,
                    "situation_id": short_hash("situation", place, "2024-W04"),
                    "place": place,
                    "level": levels[place],
                    "phase": "new",
                    "since": ISSUE,
                    "held_since": "",
                    "triggers": ["T02"],
                    "incidents": held[place],
                    "origins": ["Publisher of gazette_wire", "Publisher of town_crier"],
                    "classes": ["media", "field_presence"],
                    "ceiling": "",
                    "reasons": ["pattern (P1) and gravity (G1) open on the same or linked incidents"],
                    "would_raise": "the same in the next run",
                    "would_lower": "a gate closed in 4 runs in a row at adequate coverage",
                }
                for place in chosen
            ]
        ),
    )
    store.insert(
        "out_triggers",
        pl.DataFrame(
            [
                {
                    **key,
                    "place": place,
                    "trigger": "T02",
                    "value": "met",
                    "rule": "T02:alarm",
                    "reason": "six incidents in four weeks, three expected",
                    "window_weeks": 4,
                    "incidents": held[place],
                    "count": 6,
                    "persons": 18,
                    "origins": ["Publisher of gazette_wire"],
                    "classes": ["media"],
                    "alarm": True,
                    "series": [],
                }
                for place in chosen
            ],
            schema_overrides={"series": pl.List(pl.String)},
        ),
    )
