"""How many feed items a second go from a recorded week to landing and into the warehouse, and in how much memory.

Fictional feeds of a fictional week: 20 sources of 1,000 items each, collected in two processes as the scheduler would,
then loaded by one. Prints figures; nothing is asserted, for machines are noisy. `make bench`.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from horizon import stages
from horizon.settings import Settings, load_settings

SOURCES = 20
ITEMS = 1_000
TARGET = 2_000
CARD = """title = "Feed {number}"
publisher = "Harbour Gazette {number}"
kind = "rss"
url = "https://feed{number}.example/rss"
cadence = "daily"
source_class = "media"
licence = "none"
citation = "none"
languages = ["en"]
coverage = "Ruritania"
lag_days = 3
expected_min = 0
expected_max = 100000
verified = false
notes = "fictional"
"""
LOOK = """[[look]]
source = "feed{number}"
looked_at = 2024-01-28T06:00:00Z
basis = "as published"
[[look.payload]]
url = "https://feed{number}.example/rss"
file = "feed{number}.xml"
status = 200
content_type = "application/rss+xml"
"""


def build(folder: Path) -> Settings:
    """A folder of cards and payloads."""
    settings = replace(
        load_settings({}), var=folder / "var", cards=folder / "cards", samples=folder / "samples", week="2024-W04"
    )
    settings.cards.mkdir(parents=True)
    settings.specimen.mkdir(parents=True)
    looks = []
    for number in range(SOURCES):
        (settings.cards / f"feed{number}.toml").write_text(CARD.format(number=number), "utf-8")
        looks.append(LOOK.format(number=number))
        items = "".join(
            f"<item><title>Notice {at} of the harbour, berth {at % 97}</title>"
            f"<link>https://feed{number}.example/{at}</link><guid>{number}-{at}</guid>"
            f"<pubDate>Wed, {at % 27 + 1:02d} Jan 2024 10:00:00 GMT</pubDate>"
            f"<description>&lt;p&gt;{'The tide was low and the boats lay still. ' * 12}&lt;/p&gt;</description></item>"
            for at in range(ITEMS)
        )
        body = (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>F</title>{items}</channel></rss>'
        )
        (settings.specimen / f"feed{number}.xml").write_text(body, "utf-8")
    manifest = 'as_of = 2024-01-29T00:00:00Z\ntitle = "bench"\n' + "\n".join(looks)
    (settings.specimen / "manifest.toml").write_text(manifest, "utf-8")
    return settings


def collect(job: tuple[str, Settings]) -> str:
    source, settings = job
    return stages.collect(source, settings)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        settings = build(Path(name))
        jobs = [(f"feed{number}", settings) for number in range(SOURCES)]
        begun = time.perf_counter()
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            pool.map(collect, jobs)
        collected = time.perf_counter()
        loaded = stages.load(settings=settings)
        done = time.perf_counter()
    total = SOURCES * ITEMS
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    sys.stdout.write(
        f"feed items                 {loaded.reports} of {total}\n"
        f"collected, two processes   {collected - begun:.2f} s\n"
        f"parsed and loaded          {done - collected:.2f} s\n"
        f"items a second, in all     {total / (done - begun):,.0f}  (target {TARGET:,})\n"
        f"memory, largest process    {max(own, child)} MB  (target 500 MB)\n"
    )
    return 0 if loaded.reports == total else 1


if __name__ == "__main__":
    sys.exit(main())
