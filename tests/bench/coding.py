"""How well and how fast texts are coded, on labelled texts beside the repository; prints figures, asserts nothing.

- Recommendations of the Universal Periodic Review, coded by people (`../shared/recorded/labelled`): 18 issues. States
  are split by a hash of their code; the lexicon was written on one half. Of the other half no text was read, but its
  total was looked at some fifteen times while terms were made more general: it is held out, and not sealed. The
  measure is the class whatever the context: a recommendation is never an incident.
- Contexts (`coding_contexts.csv`): words found in documents of the UN and of a regional mechanism, labelled as norm,
  incident or other by one person before any context rule was written. Doubtful cases were read twice by that same
  person, all others once: there is no second reader, and so no agreement between readers to report. A text is named by
  the beginning of its sha256, a word by its offset; no text stands in the repository. Half by document. The words
  were drawn with an earlier set of terms: what is no longer found counts as not coded as an incident.
- Speed: items of about 600 signs, time of one core (not of the clock), with and without finding the language.
"""

import csv
import gzip
import hashlib
import io
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from domain.taxonomy import bundled_taxonomy
from scoring.coding.context import Context
from scoring.coding.lexicon import load_lexicons
from scoring.coding.text import Coder

HERE = Path(__file__).resolve().parent
RECORDED = HERE.parent.parent.parent / "shared" / "recorded"
ISSUES = (
    "Torture and other CID treatment",
    "Enforced disappearances",
    "Extrajudicial executions",
    "Detention",
    "Human rights defenders",
    "Freedom of the press",
    "Freedom of opinion and expression",
    "Freedom of association and peaceful assembly",
    "Death penalty",
    "Trafficking",
    "Internally displaced persons",
    "International humanitarian law",
    "Human rights violations by state agents",
    "Freedom of religion and belief",
    "Minorities",
    "Civil society",
    "Impunity",
    "Elections",
)
TARGET = 0.90
BLIND_WORDS, LINEAR_MODEL = 0.846, 0.907  # the anchors, on all 41,063 recommendations of sessions 1-20
FALSE_ALARMS = 0.05
ITEMS_A_SECOND = 5_000
DRAWS = 1_000


@dataclass
class Counts:
    """True and false alarms and misses."""

    hit: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.hit / max(self.hit + self.false, 1)

    @property
    def recall(self) -> float:
        return self.hit / max(self.hit + self.missed, 1)

    @property
    def f1(self) -> float:
        return 2 * self.hit / max(2 * self.hit + self.false + self.missed, 1)


def held_out(iso3: str) -> bool:
    """Half of the States, by hash; fixed before a term was written."""
    return int(hashlib.sha256(f"coding:{iso3}".encode()).hexdigest(), 16) % 2 == 1


def count_recommendations(coder: Coder) -> tuple[dict[tuple[bool, str, str], Counts], Counter[bool]]:
    """By half (true: held out), State and issue; and the number of texts of each half."""
    path = RECORDED / "labelled" / "upr_info_recommendations_s1-13.csv.gz"
    taxonomy = bundled_taxonomy()
    issues_of: dict[str, set[str]] = defaultdict(set)
    for one in (*taxonomy.classes, *taxonomy.themes):
        issues_of[one.code] |= set(one.upr_info) & set(ISSUES)
    with gzip.open(path) as packed:
        rows = list(csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8")))
    counts: dict[tuple[bool, str, str], Counts] = defaultdict(Counts)
    for row in rows:
        given = {part.strip() for part in row["issues_upr_info"].split(",")} & set(ISSUES)
        found = {i for label in coder.code_in(row["text"], "en").labels for i in issues_of[label.code]}
        half = held_out(row["sur_iso3"])
        for issue in given | found:
            count = counts[half, row["sur_iso3"], issue]
            count.hit += issue in given and issue in found
            count.false += issue not in given
            count.missed += issue not in found
    return counts, Counter(held_out(row["sur_iso3"]) for row in rows)


def recommendations(coder: Coder) -> list[str]:
    """Per issue and in all, on the half that nobody read, with an interval over States."""
    counts, texts = count_recommendations(coder)
    lines = [f"{'issue (held-out States)':46} {'n':>5} {'P':>6} {'R':>6} {'F1':>6}"]
    scores = []
    for issue in ISSUES:
        total = _sum(one for (half, _, name), one in counts.items() if half and name == issue)
        scores.append(total.f1)
        n = total.hit + total.missed
        lines.append(f"{issue:46} {n:5} {total.precision:6.3f} {total.recall:6.3f} {total.f1:6.3f}")
    for half, name in ((True, "held out"), (False, "tuned on")):
        states = sorted({state for side, state, _ in counts if side is half})
        by_state = {s: _sum(one for (_, state, _), one in counts.items() if state == s) for s in states}
        total = _sum(by_state.values())
        low, high = _interval(list(by_state.values()))
        lines.append(
            f"micro F1, {name}: {total.f1:.3f} (95 % over States {low:.3f}–{high:.3f}), P {total.precision:.3f}, "
            f"R {total.recall:.3f}; {texts[half]} texts, {len(states)} States, {total.hit + total.missed} labels"
        )
    lines.append(f"macro F1, held out: {sum(scores) / len(scores):.3f}")
    lines.append(f"target {TARGET:.2f}; anchors: words written blind {BLIND_WORDS}, linear model {LINEAR_MODEL}")
    return lines


def _sum(counts: Iterable[Counts]) -> Counts:
    total = Counts()
    for one in counts:
        total.hit += one.hit
        total.false += one.false
        total.missed += one.missed
    return total


def _interval(states: list[Counts]) -> tuple[float, float]:
    chance = random.Random(1)  # noqa: S311
    drawn = sorted(_sum(chance.choices(states, k=len(states))).f1 for _ in range(DRAWS))
    return drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)]


def count_contexts(coder: Coder) -> tuple[dict[tuple[str, str], Counter[bool]], int]:
    """By half and label: how many words are coded as incidents (true) or not; and how many labels were changed."""
    with (HERE / "coding_contexts.csv").open(encoding="utf-8", newline="") as lines:
        wanted: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in csv.DictReader(lines):
            wanted[row["text"]].append(row)
    counted: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    changed = 0
    for path in sorted([*(RECORDED / "un_docs").glob("*.json"), *(RECORDED / "iachr").glob("*.json")]):
        for document in json.loads(path.read_text("utf-8")):
            rows = wanted.get(hashlib.sha256(document["text"].encode()).hexdigest()[:16], [])
            labels = coder.code_in(document["text"], "en").labels if rows else ()
            for row in rows:
                incident = any(
                    label.code == row["class"]
                    and label.start <= int(row["start"]) < label.end
                    and label.context is Context.INCIDENT
                    for label in labels
                )
                counted[row["half"], row["second_reading"]][incident] += 1
                changed += row["first_reading"] != row["second_reading"]
    return counted, changed


def contexts(coder: Coder) -> list[str]:
    """Of words labelled norm, how many are coded as incidents; of those labelled incident, how many are kept."""
    counted, changed = count_contexts(coder)
    total = sum(sum(found.values()) for found in counted.values())
    result = [f"{total} words, labelled by one person; doubtful cases were read twice, and {changed} changed"]
    for half, name in (("score", "scored on"), ("tune", "tuned on")):
        for kind, said in (("norm", "coded as incident"), ("incident", "kept as incident"), ("other", "as incident")):
            found = counted[half, kind]
            n = sum(found.values())
            low, high = _wilson(found[True], n)
            result.append(
                f"{name}: labelled {kind:8} n={n:3}  {said}: {found[True]:3} = {found[True] / max(n, 1):.3f} "
                f"(95 % {low:.3f}–{high:.3f})"
            )
    result.append(f"target: labelled norm and coded as incident below {FALSE_ALARMS:.2f}")
    return result


def _wilson(hits: int, n: int) -> tuple[float, float]:
    if not n:
        return 0.0, 1.0
    z, p = 1.96, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    width = z * ((p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5) / (1 + z * z / n)
    return max(middle - width, 0.0), min(middle + width, 1.0)


def speed(coder: Coder) -> list[str]:
    """Passages of 600 signs of the recorded documents, in which every second sentence names a violation."""
    texts = []
    for path in sorted((RECORDED / "un_docs").glob("*.json")):
        for document in json.loads(path.read_text("utf-8")):
            whole = document["text"]
            texts += [whole[at : at + 600] for at in range(0, len(whole) - 600, 600)]
    texts = (texts * (5_000 // max(len(texts), 1) + 1))[:5_000]
    coder.code(title="", content=texts[0], declared="en")  # what is loaded once is loaded now
    begun = time.process_time()
    labels = sum(len(coder.code_in(text, "en").labels) for text in texts)
    coded = time.process_time()
    for text in texts:
        coder.code(title="", content=text, declared="en")
    known = time.process_time()
    for text in texts:
        coder.code(title="", content=text)
    unknown = time.process_time()
    return [
        f"coding alone: {len(texts) / (coded - begun):,.0f} items a second ({labels / len(texts):.1f} labels an item)",
        f"with the language found, which the source declares: {len(texts) / (known - coded):,.0f} items a second",
        f"with the language found, which nobody declares: {len(texts) / (unknown - known):,.0f} items a second",
        f"target {ITEMS_A_SECOND:,} items of about 600 signs a second on one core; n = {len(texts)} each time",
    ]


def coverage() -> list[str]:
    """What each language's lexicon holds; an empty reviewer is a lexicon that no native reader has read."""
    lexicons = load_lexicons()
    lines = [f"{'language':9} {'terms':>5} {'words':>6} {'classes':>7} {'themes':>6} {'contexts':>8}  read by"]
    classes = bundled_taxonomy().class_codes
    for name, lexicon in lexicons.items():
        codes = {term.code for term in lexicon.terms}
        words = sum(len(term.words) for term in lexicon.terms)
        lines.append(
            f"{name:9} {len(lexicon.terms):5} {words:6} {len(codes & classes):4}/{len(classes)} "
            f"{len(codes - classes):6} {len(lexicon.contexts):8}  {lexicon.reviewed_by or 'nobody yet'}"
        )
    return lines


def main() -> int:
    coder = Coder(load_lexicons())
    parts = [("Lexicons", coverage())]
    if RECORDED.is_dir():
        parts += [
            ("Recommendations", recommendations(coder)),
            ("Contexts", contexts(coder)),
            ("Speed", speed(coder)),
        ]
    else:
        parts.append(
            (
                "Figures",
                [
                    "../shared/recorded is not here. Left out: recommendations by issue, contexts of words, and speed.",
                    "What own sentences say of the lexicons is printed by tests.bench.languages.",
                ],
            )
        )
    for title, lines in parts:
        sys.stdout.write(f"{title}\n" + "".join(f"  {line}\n" for line in lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
