"""Reports to incidents by independent origin: the one call that the engine and the command line use.

The result does not depend on the order of the items, nor on which State is which: texts are put in order of time and
then of their hash, and States and classes are only asked whether they are the same.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain

import numpy as np

from domain.errors import UsageError
from domain.signal import short_hash
from scoring.grouping.candidates import find_pairs
from scoring.grouping.clusters import cluster
from scoring.grouping.evidence import WIDTH, score, score_pairs
from scoring.grouping.features import DIGEST_FLAG, UPDATE_FLAG, Features, Text, read_features
from scoring.grouping.figures import ROLE
from scoring.grouping.item import Flag, Grouped, Grouping, Item, Merge, Split
from scoring.grouping.language import language_of
from scoring.grouping.letters import Ints
from scoring.grouping.origins import Origins, find_origins
from scoring.grouping.reasons import Words, explain
from scoring.grouping.table import Table, load_table

EPOCH = date(1970, 1, 1).toordinal()
LATE = datetime.max.replace(tzinfo=UTC)
SHORT = 8  # words: below that, the same words on another day are not the same text


@dataclass(frozen=True, slots=True)
class Batch:
    """Items of one text share a row; rows are in order of time, then of their text's hash."""

    items: Sequence[Item]
    rows: tuple[tuple[int, ...], ...]
    texts: tuple[Text, ...]
    states: Ints
    classes: Ints


def group(
    items: Sequence[Item], *, merges: Sequence[Merge] = (), splits: Sequence[Split] = (), table: Table | None = None
) -> Grouping:
    """Give every item its incident, its origin and the reason; named persons' rows override."""
    if not items:
        return Grouping(items=())
    _check(items, merges, splits)
    table = table or load_table()
    batch = to_batch(items)
    found = read_features(batch.texts)
    pairs = find_pairs(found, window=table.limits.window)
    scores = np.zeros(len(pairs), np.float32)
    score_pairs(pairs, found, batch.states, batch.classes, table.weights, scores)
    heads = cluster(pairs, scores, found, batch.states, batch.classes, barred(found), table=table)
    return _assemble(batch, found, pairs, scores, heads, merges, splits, table)


def barred(found: Features) -> Ints:
    """Rows that tell of several events: their title says so, or they name too many places with too many figures."""
    places = found.places.sum(axis=1)
    figures = (found.figures >= 0).sum(axis=1)
    dates = (found.dates >= 0).sum(axis=1)
    many = (places >= 4) & ((figures >= 4) | (dates >= 3))
    alone: Ints = ((found.marks & DIGEST_FLAG > 0) | many).astype(np.int64)
    return alone


def _check(items: Sequence[Item], merges: Sequence[Merge], splits: Sequence[Split]) -> None:
    known = {item.id for item in items}
    if len(known) != len(items):
        raise UsageError("Two items have one id.", why="An id names one item.", do="Give each item its own id.")
    rulings: list[Merge | Split] = [*merges, *splits]
    for ruling in rulings:
        if not ruling.by.strip() or not ruling.reason.strip():
            raise UsageError(
                "A merge or split has no name or no reason.",
                why="Only a named person may override the grouping, and says why.",
                do="Give both with it.",
            )


def to_batch(items: Sequence[Item]) -> Batch:
    """Items by text, texts in order of time and then of their hash."""
    rows: dict[tuple[bytes, str, str, int], list[int]] = defaultdict(list)
    hashes = [_text_hash(item) for item in items]
    for at, item in enumerate(items):
        short = len(item.title.split()) + len(item.content.split()) < SHORT and len(item.title + item.content) < 60
        rows[hashes[at], item.state, item.kind, _day(item) if short else 0].append(at)
    places = [_order(item, text_hash) for item, text_hash in zip(items, hashes, strict=True)]
    ordered = sorted(
        (sorted(row, key=places.__getitem__) if len(row) > 1 else row for row in rows.values()),
        key=lambda row: places[row[0]],
    )
    firsts = [items[row[0]] for row in ordered]
    outlets = _numbers([item.outlet for item in firsts])
    return Batch(
        items,
        tuple(tuple(row) for row in ordered),
        tuple(
            Text(item.title, item.content, language_of(item), outlet, _day(item))
            for item, outlet in zip(firsts, outlets, strict=True)
        ),
        np.array(_numbers([item.state for item in firsts]), np.int64),
        np.array(_numbers([item.kind for item in firsts]), np.int64),
    )


def _text_hash(item: Item) -> bytes:
    return hashlib.blake2b(f"{item.title}\0{item.content}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _order(item: Item, text_hash: bytes) -> tuple[datetime, bytes, bytes]:
    own = hashlib.blake2b(item.id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return (item.known_at or LATE, text_hash, own)


def _day(item: Item) -> int:
    return item.published_at.astimezone(UTC).date().toordinal() - EPOCH if item.published_at is not None else -1


def _numbers(names: Sequence[str]) -> list[int]:
    """Each distinct name as a number in the order of its first row; 0 is no name."""
    numbers: dict[str, int] = {"": 0}
    return [numbers.setdefault(name, len(numbers)) for name in names]


def _assemble(
    batch: Batch,
    found: Features,
    pairs: Ints,
    scores: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    heads: Ints,
    merges: Sequence[Merge],
    splits: Sequence[Split],
    table: Table,
) -> Grouping:
    """Rows back to items, with rulings, origins, flags and reasons."""
    items = batch.items
    row_of = [0] * len(items)
    rank = [0] * len(items)
    for row, same in enumerate(batch.rows):
        for at in same:
            row_of[at] = row
    for place, at in enumerate(chain.from_iterable(batch.rows)):
        rank[at] = place
    ruled = _rule(items, [int(heads[row]) for row in row_of], merges, splits)
    incidents: dict[int, list[int]] = defaultdict(list)
    for at, cluster_ in enumerate(ruled.clusters):
        incidents[cluster_].append(at)
    best = _best(pairs, scores, heads)
    weights = table.weights
    evidence = np.zeros(WIDTH, np.float32)
    out: list[Grouped | None] = [None] * len(items)
    for unordered in incidents.values():
        members = sorted(unordered, key=lambda at: (items[at].known_at or LATE, rank[at]))
        rows = [row_of[at] for at in members]
        origins = find_origins([items[at] for at in members], rows, found, table.limits)
        first = items[members[0]]
        incident_id = first.hash
        origin_ids = {head: short_hash("origin", items[members[head]].hash) for head in set(origins.first)}
        shared = _shared_flags([items[at] for at in members], rows, found)
        for place, at in enumerate(members):
            partner, how = -1, None
            if place and at not in ruled.names:
                partner = _partner(place, rows, members, best)
                low, high = sorted((rows[place], row_of[partner]))
                value = 0.0
                if low != high:
                    value = float(score(low, high, found, batch.states, batch.classes, weights, evidence))
                how = Words(items[partner].id, value, low == high, found.day[low], found.day[high])
            out[at] = Grouped(
                id=items[at].id,
                incident_id=incident_id,
                origin_id=origin_ids[origins.first[place]],
                reason=explain(how, evidence, single=len(members) == 1, by=ruled.names.get(at)),
                score=None if how is None else round(how.score, 2) if not how.same_text else table.limits.cap,
                flags=_flags(items[at], rows[place], place, found, origins, shared, at in ruled.names),
            )
    return Grouping(items=tuple(one for one in out if one is not None))


def _best(pairs: Ints, scores: np.ndarray[tuple[int, ...], np.dtype[np.float32]], heads: Ints) -> dict[int, int]:
    """Of each row the earlier row of its cluster with which it agrees best."""
    inside = np.flatnonzero((heads[pairs[:, 0]] == heads[pairs[:, 1]]) & (scores > 0))
    best: dict[int, tuple[float, int]] = {}
    for at in inside:
        low, high = int(pairs[at, 0]), int(pairs[at, 1])
        key = (-round(float(scores[at]), 3), low)
        if high not in best or key < best[high]:
            best[high] = key
    return {row: low for row, (_, low) in best.items()}


def _partner(place: int, rows: list[int], members: list[int], best: dict[int, int]) -> int:
    """The item that this one is said to be of one event with: an earlier one of the same incident."""
    wanted = best.get(rows[place], -1)
    for earlier in range(place):
        if rows[earlier] in (rows[place], wanted):
            return members[earlier]
    return members[0]


@dataclass(frozen=True, slots=True)
class Ruled:
    clusters: list[int]
    names: dict[int, str]


def _rule(items: Sequence[Item], clusters: list[int], merges: Sequence[Merge], splits: Sequence[Split]) -> Ruled:
    """Rows of named persons over what was computed: references first, then merges, then splits."""
    at_of = {item.id: at for at, item in enumerate(items)}
    names: dict[int, str] = {}
    references: dict[str, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        if item.procedure_ref:
            references[item.procedure_ref.casefold()].append(at)
    wanted = [(ats, "") for ats in references.values()]
    wanted += [([at_of[one] for one in merge.items if one in at_of], merge.by) for merge in merges]
    for ats, by in wanted:
        if len(ats) > 1:
            target = min(clusters[at] for at in ats)
            joined = {clusters[at] for at in ats}
            clusters = [target if one in joined else one for one in clusters]
            names |= dict.fromkeys(ats, by) if by else {}
    fresh = len(items)
    for split in splits:
        for one in split.items:
            if one in at_of:
                clusters[at_of[one]] = fresh
                names[at_of[one]] = split.by
        fresh += 1
    return Ruled(clusters, names)


def _shared_flags(items: list[Item], rows: list[int], found: Features) -> set[Flag]:
    flags: set[Flag] = set()
    if len({item.procedure_ref.casefold() for item in items if item.procedure_ref}) > 1:
        flags.add(Flag.LINKED)
    figures: dict[int, set[int]] = defaultdict(set)
    distinct = set(rows)
    for row in distinct if len(distinct) > 1 else ():
        for figure in found.figures[row].tolist():
            if figure >= 0:
                figures[figure // ROLE].add(figure)
    if any(len(values) > 1 for role, values in figures.items() if role < 60):
        flags.add(Flag.CONFLICT)
    return flags


def _flags(
    item: Item, row: int, place: int, found: Features, origins: Origins, shared: set[Flag], ruled: bool
) -> tuple[Flag, ...]:
    flags, marks = set(shared), int(found.marks[row])
    checks = (
        (Flag.DIGEST, bool(marks & DIGEST_FLAG)),
        (Flag.UPDATE, bool(marks & UPDATE_FLAG)),
        (Flag.COORDINATED, place in origins.coordinated),
        (Flag.TAKEN_UP, place in origins.taken_up),
        (Flag.UNDATED, item.published_at is None),
        (Flag.RULED, ruled),
    )
    flags |= {flag for flag, holds in checks if holds}
    return tuple(sorted(flags))
