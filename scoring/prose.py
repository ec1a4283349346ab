"""What texts allege, for sources whose fields say nothing: language, places and labels of one report.

A text that names several places is heard on each of them and counted on none: which of them a sentence means is not
known. What is in a language that nothing here reads is heard as *unread*, where a field gives its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.evidence import Label
from domain.incident import Actor
from domain.signal import Report
from domain.source import SourceCard
from domain.state import Gazetteer
from scoring.coding import calls, feeds
from scoring.coding.lexicon import load_lexicons
from scoring.coding.mentions import load_mentions
from scoring.coding.places import read_places
from scoring.coding.text import Coder


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`places` that the text names, in order of naming. `labels` are empty where it names several, or none."""

    language: str
    unread: bool
    places: tuple[str, ...]
    labels: tuple[Label, ...]
    actor: Actor


class Reader:
    """Reads prose in six languages; holds tables, and no text."""

    def __init__(self, gazetteer: Gazetteer, reference: Path) -> None:
        self._coder = Coder(load_lexicons())
        self._mentions = load_mentions(gazetteer, reference)

    def read(self, report: Report, card: SourceCard, given: Sequence[str]) -> Reading:
        """`given` are the places of the report's own fields: where there are any, the text is not asked."""
        declared = report.language or (card.languages[0] if len(card.languages) == 1 else "")
        coded = self._coder.code(title=report.title, content=report.text, declared=declared)
        places = tuple(given)
        if not places and coded.read:
            places = read_places((report.title, report.text), self._mentions, language=coded.language).places
        return Reading(
            language=coded.language,
            unread=not coded.read,
            places=places,
            labels=feeds.labels(coded) if len(places) == 1 else (),
            actor=feeds.actor(coded),
        )

    def calls(self, report: Report, *, language: str, places: Sequence[str]) -> tuple[calls.Proposal, ...]:
        """What the text may be for each State that it names; `places` are those of its fields."""
        return calls.propose(
            title=report.title, content=report.text, language=language, places=places, mentions=self._mentions
        )
