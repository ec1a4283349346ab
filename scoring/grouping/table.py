"""The reviewed table of weights and limits, weights.toml."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np

from scoring.grouping.features import Reals

FILE = Path(__file__).with_name("weights.toml")
EVIDENCE = (
    "prior",
    "names",
    "places",
    "place_other",
    "place_other_across",
    "place_mixed",
    "names_other",
    "words",
    "words_more",
    "words_none",
    "across",
    "kind",
    "kind_other",
    "victim_other",
    "actor_other",
    "figure",
    "figure_other",
    "figure_near",
    "figure_loose",
    "age",
    "age_other",
    "date",
    "date_next",
    "date_other",
    "date_far",
    "gap",
    "early",
    "copy",
    "copy_more",
    "template",
    "class",
    "class_other",
    "state",
    "state_other",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is not a weight: see weights.toml for the meaning of each."""

    threshold: float
    merge: float
    veto: float
    cap: float
    core: int
    window: int
    copy_share: float
    coordinated_texts: int
    coordinated_outlets: int
    coordinated_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    weights: Reals
    limits: Limits


@cache
def load_table(path: Path = FILE) -> Table:
    """Read the table; a missing or unknown line stops with its name."""
    raw = tomllib.loads(path.read_text("utf-8"))
    wrong = set(raw["evidence"]) ^ set(EVIDENCE) | set(raw["limits"]) ^ {one.name for one in fields(Limits)}
    if wrong:
        raise ValueError(f"{path.name} and the code do not name the same evidence: {', '.join(sorted(wrong))}")
    return Table(
        weights=np.array([raw["evidence"][one] for one in EVIDENCE], np.float32), limits=Limits(**raw["limits"])
    )
