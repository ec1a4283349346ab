"""How well and how fast reports become incidents: precision, recall, chaining, campaigns, items a second.

Fictional events only. `held` wording was written before any weight was looked at and has seeds of its own; `tune` is
what weights were looked at with. `python -m tests.bench.grouping [--wording tune] [--large] [--million] [--fit]`.
"""

import argparse
import math
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from scipy.optimize import minimize

from scoring.grouping.candidates import find_pairs
from scoring.grouping.evidence import WIDTH, score
from scoring.grouping.features import read_features
from scoring.grouping.group import barred, group, to_batch
from scoring.grouping.item import Flag, Grouping, Item
from scoring.grouping.table import EVIDENCE, load_table
from tests.bench.events import LANGUAGES, Made, generate

SEEDS = {"held": (71, 72, 73), "tune": (1, 2, 3)}


def to_item(made: Made) -> Item:
    return Item(
        id=made.id,
        title=made.title,
        content=made.content,
        link=made.link,
        language=made.lang,
        state=made.state,
        kind=made.klass,
        published_at=datetime.fromisoformat(made.published_at),
    )


def pairwise(gold: Sequence[str], found: Sequence[str]) -> tuple[float, float]:
    """Precision and recall over pairs of items."""
    both = _pairs(list(zip(gold, found, strict=True)))
    return both / max(1, _pairs(found)), both / max(1, _pairs(gold))


def across(made: Sequence[Made], found: Sequence[str]) -> tuple[float, float]:
    """Precision and recall over pairs of items of two languages."""
    spoken = [one.spoken for one in made]
    gold = [one.gold for one in made]
    both = _pairs_across(list(zip(gold, found, strict=True)), spoken)
    return both / max(1, _pairs_across(found, spoken)), both / max(1, _pairs_across(gold, spoken))


def b_cubed(gold: Sequence[str], found: Sequence[str]) -> tuple[float, float]:
    """Precision and recall averaged over items."""
    both = Counter(zip(gold, found, strict=True))
    size, true = Counter(found), Counter(gold)
    precision = sum(number * number / size[one] for (_, one), number in both.items()) / len(gold)
    recall = sum(number * number / true[one] for (one, _), number in both.items()) / len(gold)
    return precision, recall


def _pairs(labels: Sequence[object]) -> int:
    return sum(number * (number - 1) // 2 for number in Counter(labels).values())


def _pairs_across(labels: Sequence[object], spoken: Sequence[str]) -> int:
    return _pairs(labels) - _pairs(list(zip(labels, spoken, strict=True)))


def run(made: Sequence[Made]) -> tuple[Grouping, list[str], float]:
    """Grouping, incident by item, and seconds of processor time."""
    items = [to_item(one) for one in made]
    begun = time.process_time()
    grouping = group(items)
    return grouping, [one.incident_id for one in grouping.items], time.process_time() - begun


def measure(name: str, made: Sequence[Made], seed: int) -> None:
    _, found, took = run(made)
    gold = [one.gold for one in made]
    precision, recall = pairwise(gold, found)
    fine_precision, fine_recall = b_cubed(gold, found)
    line = (
        f"{name:32} seed {seed:3} items {len(made):6} events {len(set(gold)):5}  pairs P {precision:.3f} R {recall:.3f}"
    )
    line += f"  B3 P {fine_precision:.3f} R {fine_recall:.3f}"
    if len({one.spoken for one in made}) > 1:
        other_precision, other_recall = across(made, found)
        line += f"  across P {other_precision:.3f} R {other_recall:.3f}"
    say(f"{line}  largest {max(Counter(found).values())} of {max(Counter(gold).values())}  {took:.1f} s")


def measure_quality(wording: str, large: bool) -> None:
    for seed in SEEDS[wording]:
        measure("English, few places, a week", generate(600, seed=seed, wording=wording, languages=("en",)), seed)
        measure("six languages, a week", generate(1200, seed=seed, wording=wording), seed)
    seed = SEEDS[wording][0] + 40
    crisis = generate(1500, seed=seed, wording=wording, languages=("en",), states=1)
    measure("one State, one crisis, a week", crisis, seed)
    if large:
        measure("English, whole batch", generate(20_000, seed=seed, wording=wording, languages=("en",)), seed)
        measure("six languages, whole batch", generate(20_000, seed=seed, wording=wording), seed)


def measure_campaign() -> None:
    """Thirty sites print one text within a day beside five hundred ordinary items."""
    made = generate(500, seed=51, wording="held", languages=("en",))
    model = to_item(made[0])
    items = [to_item(one) for one in made]
    items += [
        replace(
            model,
            id=f"campaign-{at}",
            title=f"Statement number {at} by the coalition",
            link=f"https://site{at}.example/",
            published_at=datetime.fromisoformat(made[0].published_at) + timedelta(minutes=40 * at),
        )
        for at in range(30)
    ]
    rows = [one for one in group(items).items if one.id.startswith("campaign")]
    say(
        f"campaign of {len(rows)}: incidents {len({one.incident_id for one in rows})}, origins "
        f"{len({one.origin_id for one in rows})}, flagged {sum(Flag.COORDINATED in one.flags for one in rows)}"
    )


def measure_speed(sizes: Sequence[int]) -> None:
    """Processor seconds on one core; the exponent is that between the first and the last size."""
    taken = []
    for size in sizes:
        made = generate(size, seed=61, wording="held")
        _, _, took = run(made)
        taken.append(took)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        say(
            f"{size:8} items  {took:7.1f} s  {size / took:7.0f} items a second  {memory} MB at most, generator included"
        )
    exponent = math.log(taken[-1] / taken[1]) / math.log(sizes[-1] / sizes[1])
    say(f"growth: seconds ~ items^{exponent:.2f} from {sizes[1]} to {sizes[-1]} (n log n would be about 1.1)")


def fit(strength: float = 30.0) -> None:
    """What tune data would say of each weight: a logistic fit that is pulled towards the reviewed table."""
    table = load_table()
    rows, same = [], []
    for seed in SEEDS["tune"]:
        for languages in (("en",), LANGUAGES):
            made = generate(1200, seed=seed, wording="tune", languages=languages)
            batch = to_batch([to_item(one) for one in made])
            found = read_features(batch.texts)
            alone = barred(found)
            row = np.zeros(WIDTH, np.float32)
            for i, j in find_pairs(found, window=table.limits.window):
                if not alone[i] and not alone[j]:
                    score(i, j, found, batch.states, batch.classes, table.weights, row)
                    rows.append(row.copy())
                    same.append(made[batch.rows[i][0]].gold == made[batch.rows[j][0]].gold)
    evidence, gold, reviewed = np.array(rows, float), np.array(same, float), table.weights.astype(float)

    def loss(weights):
        sums = evidence @ weights
        pull = weights - reviewed
        value = np.sum(np.logaddexp(0, sums) - gold * sums) + strength * np.sum(pull**2)
        return value, evidence.T @ (1 / (1 + np.exp(-sums)) - gold) + 2 * strength * pull

    fitted = minimize(loss, reviewed, jac=True, method="L-BFGS-B").x
    say(f"{len(gold)} candidate pairs, {gold.mean():.3f} of them of one event; pull {strength}")
    for name, one, other, number in zip(EVIDENCE, reviewed, fitted, (evidence != 0).sum(axis=0), strict=True):
        say(f"{name:20} reviewed {one:7.2f}  fitted {other:7.2f}  pairs {number}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wording", default="held", choices=sorted(SEEDS))
    parser.add_argument("--large", action="store_true", help="also batches of 20,000")
    parser.add_argument("--million", action="store_true", help="also 1,000,000 items")
    parser.add_argument("--fit", action="store_true", help="print what tune data would say of the weights")
    options = parser.parse_args()
    if options.fit:
        fit()
        raise SystemExit
    say("Generated events and no recorded texts: nothing is left out without ../shared. English, then six languages.")
    run(generate(50, seed=1, wording="tune"))  # compiles the loops, which is not measured
    measure_quality(options.wording, options.large)
    measure_campaign()
    measure_speed((1_000, 10_000, 100_000, 1_000_000) if options.million else (1_000, 10_000, 100_000))
