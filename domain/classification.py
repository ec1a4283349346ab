"""How far a record may travel. Basis: ST/SGB/2007/6, TLP 2.0, OHCHR Manual on Human Rights Monitoring."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Lens(StrEnum):
    """Two views of the world, each a run of its own; the public one never opens the confidential file."""

    PUBLIC = "public"
    RESTRICTED = "restricted"


class Classification(StrEnum):
    UNCLASSIFIED = "unclassified"
    CONFIDENTIAL = "confidential"
    STRICTLY_CONFIDENTIAL = "strictly_confidential"


class Sharing(StrEnum):
    """The source's own wish (TLP 2.0); never a substitute for the classification."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber_strict"
    RED = "red"


class Consent(StrEnum):
    """What the person concerned agreed to. Missing is NONE, and silence is not consent."""

    NONE = "none"
    INTERNAL_USE = "internal_use"
    SHARE_UN = "share_un"
    SHARE_STATE = "share_state"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Travels with every row, unchanged, from the landing record to the page."""

    lens: Lens
    classification: Classification
    source_sharing: Sharing
    consent_scope: Consent
    valid_from: date

    @classmethod
    def public(cls, valid_from: date) -> "Protection":
        """Published by its source for everyone."""
        return cls(
            lens=Lens.PUBLIC,
            classification=Classification.UNCLASSIFIED,
            source_sharing=Sharing.CLEAR,
            consent_scope=Consent.PUBLIC,
            valid_from=valid_from,
        )
