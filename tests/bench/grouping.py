"""How well and how fast reports become incidents: precision, recall, chaining, campaigns, items a second.

Held-out wording, seeds of its own; fictional events only. `python -m tests.bench.grouping [--million]`.
"""

import argparse
import math
import resource
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from scoring.grouping.group import group
from scoring.grouping.item import Grouping, Item
from tests.bench.events import Made, generate


def to_item(made: Made) -> Item:
    return Item(
        id=made.id, title=made.title, content=made.content, link=made.link, language=made.lang, state=made.state,
        kind=made.klass, published_at=datetime.fromisoformat(made.published_at),
    )  # fmt: skip


def pairwise(gold: Sequence[str], found: Sequence[str]) -> tuple[float, float]:
    """Precision and recall over pairs of items."""

    def pairs(labels: Sequence[object]) -> int:
        return sum(number * (number - 1) // 2 for number in Counter(labels).values())

    both = pairs(list(zip(gold, found, strict=True)))
    return both / max(1, pairs(found)), both / max(1, pairs(gold))


def across(made: Sequence[Made], found: Sequence[str]) -> tuple[float, float]:
    """Precision and recall over pairs of two languages."""

    def pairs(labels: Sequence[object]) -> int:
        whole = Counter(labels)
        inside = Counter(zip(labels, (one.spoken for one in made), strict=True))
        return sum(n * n for n in whole.values()) // 2 - sum(n * n for n in inside.values()) // 2

    def count(labels: Sequence[object]) -> int:
        whole = Counter(labels)
        inside = Counter(zip(labels, (one.spoken for one in made), strict=True))
        return (sum(n * n for n in whole.values()) - sum(n * n for n in inside.values())) // 2

    gold = [one.gold for one in made]
    both = count(list(zip(gold, found, strict=True)))
    return both / max(1, count(found)), both / max(1, count(gold))


def run(made: Sequence[Made]) -> tuple[Grouping, list[str]]:
    grouping = group([to_item(one) for one in made])
    return grouping, [one.incident_id for one in grouping.items]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--wording", default="held")
    options = parser.parse_args()
    for seed in (11, 12, 13) if options.wording == "held" else (1, 2, 3):
        for name, languages, size in (("English", ("en",), 600), ("six languages", None, 1200)):
            more = {"languages": languages} if languages else {}
            made = generate(size, seed=seed, wording=options.wording, **more)
            begun = time.perf_counter()
            grouping, found = run(made)
            took = time.perf_counter() - begun
            p, r = pairwise([one.gold for one in made], found)
            pa, ra = across(made, found)
            print(
                f"{name:14} seed {seed} n {size}  P {p:.3f} R {r:.3f}  across P {pa:.3f} R {ra:.3f}  largest {max(Counter(found).values())}  {took:.1f}s"
            )
