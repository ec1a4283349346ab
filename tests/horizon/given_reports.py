"""A fictional report that people give, and what a test plants in it to find it again."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from fictional import World

from domain.state import load_gazetteer
from horizon.settings import Settings
from review.intake import Taken, check_rows, take_in
from review.ledger import Hand, Ledger
from warehouse.sealed import Vault, make_vault

TOKEN = "Qxylo4"  # noqa: S105  (planted, so that a leak can be found)
TAKEN_AT = datetime(2024, 1, 27, 9, tzinfo=UTC)
GIVEN = {
    "title": f"Police shoot dead three protesters in Freedonia {TOKEN}",
    "text": f"Police shot dead three protesters in Freedonia on Tuesday near the {TOKEN} market, witnesses said.",
    "place": "Freedonia",
    "first_level": f"{TOKEN} province",
    "occurred_on": "2024-01-23",
    "source_class": "civil_society",
    "classification": "confidential",
    "sharing": "amber_strict",
    "consent": "share_un",
    "consent_until": "2025-01-01",
}


def seal(world: World, var: str = "var") -> Vault:
    """Keys for the world, beside its var folder."""
    settings = world.settings(var=var)
    return make_vault(settings.var, settings.keys)


def give(world: World, said: Mapping[str, str] = GIVEN, *, at: datetime = TAKEN_AT) -> Taken:
    """Take in one report."""
    settings = world.settings()
    today = date(at.year, at.month, at.day)
    found = check_rows([said], gazetteer=load_gazetteer(settings.reference), today=today)
    hand = Hand(by="An Officer", role="analyst", operating_system_user="tester")
    return take_in(found, hand=hand, at=at, ledger=Ledger(settings.decisions.parent))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def leaks(settings: Settings, *, leave_out: tuple[str, ...] = ("drafts",)) -> list[str]:
    """Files of the var folder that hold the planted token in the clear."""
    found = tree(settings.var)
    return [name for name, body in found.items() if TOKEN.encode() in body and not name.startswith(leave_out)]
