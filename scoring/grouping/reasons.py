"""Why an item is where it is, in plain words: what two reports have in common, never the names of persons."""

from dataclasses import dataclass

from scoring.grouping.evidence import (
    ACROSS,
    CLASS,
    COPY,
    COPY_MORE,
    DATE,
    DATE_NEXT,
    FIGURE,
    FIGURE_LOOSE,
    FIGURE_NEAR,
    FIGURE_OTHER,
    KIND,
    NAMES,
    PLACES,
    WORDS,
    WORDS_MORE,
)
from scoring.grouping.features import Reals


@dataclass(frozen=True, slots=True)
class Words:
    """The earlier item that one is compared with, and how."""

    other: str
    score: float
    same_text: bool
    day: int
    other_day: int


def explain(how: Words | None, evidence: Reals, *, single: bool, by: str | None) -> str:
    """One short sentence; the score is the sum of the evidence in logarithms of odds."""
    if by is not None:
        return f"placed here by {by}, against or beside the computed grouping"
    if how is None:
        return "only report of this incident" if single else "first report of this incident"
    if how.same_text:
        return f"copy of {how.other}: 100 % of the words"
    if evidence[COPY] >= 1 and evidence[COPY_MORE] > 0.1:
        share = round(50 + 50 * float(evidence[COPY_MORE]))
        return f"copy of {how.other}: {share} % of the words (score {how.score:.1f})"
    parts = _parts(how, evidence)
    if how.score <= 0:
        return f"same event as {how.other} by way of other reports of this incident: {'; '.join(parts)}"
    return f"same event as {how.other}: {'; '.join(parts)} (score {how.score:.1f})"


def _parts(how: Words, evidence: Reals) -> list[str]:
    said = (
        ("same place", evidence[PLACES] > 0),
        ("names shared", evidence[NAMES] > 0),
        ("same class", evidence[CLASS] > 0),
        ("same kind of act", evidence[KIND] > 3),
        ("same number of persons", evidence[FIGURE] + evidence[FIGURE_LOOSE] > 0),
        ("number of persons changed", evidence[FIGURE_NEAR] > 0),
        ("numbers differ", evidence[FIGURE_OTHER] > 0),
        ("same day named", evidence[DATE] > 0),
        ("days named one apart", evidence[DATE_NEXT] > 0),
        ("rare words shared", evidence[WORDS] + evidence[WORDS_MORE] > 0.3),
        ("in two languages", evidence[ACROSS] > 0),
    )
    parts = [words for words, holds in said if holds]
    if how.day >= 0 and how.other_day >= 0:
        apart = abs(int(how.day) - int(how.other_day))
        parts.append(
            "published on one day"
            if apart == 0
            else f"published {apart} days apart"
            if apart > 1
            else "published one day apart"
        )
    return parts or ["little in common with it alone"]
