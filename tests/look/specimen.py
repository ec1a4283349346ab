"""The bundled weeks as pages in a folder: what the tests look at, and what the pictures show."""

from dataclasses import replace
from pathlib import Path

from domain.source import SourceState, load_cards
from horizon import stages
from horizon.settings import Settings, load_settings

WEEKS = ("2024-W04", "2026-W13")
REGIONS = ("AFR", "APS", "EES", "LAC", "WEO")
PAGES = (*REGIONS, "APS-evidence", "WEO-evidence", "bureau", "flags", "ledger", "index", "interactive")


def draft_week(var: Path, week: str) -> Path:
    """Collect, load, score and draft one bundled week into `var`; gives the folder of its pages."""
    settings: Settings = replace(load_settings({}), var=var, week=week)
    for card in load_cards(settings.cards):
        state = stages.collect(card.id, settings)
        assert state in {one.value for one in SourceState}
    as_of = stages.load(settings=settings).as_of
    stages.score(as_of=as_of, settings=settings)
    made = stages.draft(as_of=as_of, settings=settings)
    return made.paths[0].parent
