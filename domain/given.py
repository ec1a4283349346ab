"""Reports that people give us themselves: under which source they stand, and what their rows say of consent.

The sender is never kept, so all that is given by one class of source counts as one origin: it corroborates what others
say, and never itself.
"""

from collections.abc import Iterable
from datetime import date

from domain.classification import Classification, Consent, Lens, Sharing
from domain.signal import Fact, short_hash
from domain.source import Cadence, Kind, SourceCard, SourceClass

PREFIX = "given_"
CLASSES = (
    SourceClass.FIELD_PRESENCE,
    SourceClass.UN_COUNTRY_TEAM,
    SourceClass.NHRI,
    SourceClass.CIVIL_SOCIETY,
    SourceClass.DEFENDERS,
)
CONSENT = "consent"
UNTIL = "consent until"
# What goes beyond those who may read it inside. A run's pages leave, so less than this enters no run.
TRAVELS = frozenset({Consent.SHARE_UN, Consent.SHARE_STATE, Consent.PUBLIC})


def source_of(source_class: SourceClass) -> str:
    """The source id under which reports of that class stand."""
    return f"{PREFIX}{source_class.value}"


def is_given(source_id: str) -> bool:
    return source_id.startswith(PREFIX)


def row_id(source_class: SourceClass, given_id: str) -> str:
    """The id of the rows of a report, `report_id` in the warehouse, from the id under which it was taken in."""
    return short_hash(source_of(source_class), given_id)


def may_be_used(facts: Iterable[Fact], on: date) -> bool:
    """Whether a run of that day may use it: consent is there, reaches beyond internal use, and has not expired."""
    said = {fact.name: fact.value for fact in facts}
    if said.get(CONSENT) not in TRAVELS or UNTIL not in said:
        return False
    return on <= date.fromisoformat(said[UNTIL])


def given_cards() -> tuple[SourceCard, ...]:
    """One card for each class that gives reports; they stand beside the collected sources where something was given."""
    return tuple(
        SourceCard(
            id=source_of(one),
            title=f"Reports given to us, {one.value.replace('_', ' ')}",
            publisher="given to us",
            origin=f"given to us: {one.value}",
            kind=Kind.MODULE,
            url="",
            cadence=Cadence.WEEKLY,
            source_class=one,
            licence="as consented to, report by report",
            citation="given to us",
            languages=("en", "fr", "es", "ar", "ru", "zh"),
            coverage="where people came to us",
            lag_days=366,
            expected_min=0,
            expected_max=1_000_000,
            verified=False,
            prose=True,
            lens=Lens.RESTRICTED,
            classification=Classification.CONFIDENTIAL,
            source_sharing=Sharing.AMBER_STRICT,
            consent_scope=Consent.INTERNAL_USE,
        )
        for one in CLASSES
    )
