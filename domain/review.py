"""People's decisions: named, append-only, landing records with this one schema, used by desk and command line."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.classification import Lens


class Act(StrEnum):
    """What a decision does. `approve` releases a draft; the others belong to incidents and situations.

    `finding` (P4, P5), `imminent_harm` (G4), `mitigation` and `call` (T14) tell the engine what people alone can say;
    each holds when two named persons have entered it (`scoring.rulings`).
    """

    APPROVE = "approve"
    WITHDRAW = "withdraw"
    SET_ASIDE = "set_aside"
    MERGE = "merge"
    SPLIT = "split"
    CONFIRM_LEVEL = "confirm_level"
    OVERRIDE_LEVEL = "override_level"
    FINDING = "finding"
    IMMINENT_HARM = "imminent_harm"
    MITIGATION = "mitigation"
    CALL = "call"
    STOP = "stop"


class Authentication(StrEnum):
    """How sure we are who decided. Nothing unauthenticated may be public."""

    UNAUTHENTICATED = "unauthenticated"
    SIGNED_IN = "signed in"


class SituationStep(StrEnum):
    """The way of a text from draft to reader; its level is another matter."""

    DRAFT = "draft"
    CHALLENGED = "challenged"
    PROTECTED = "protected"
    WORDED = "worded"
    CLEARED = "cleared"
    FROZEN = "frozen"
    ISSUED = "issued"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One act of one named person on one object.

    `object_id` is an issue (`2024-W04/r1/restricted`), an incident or a situation; `object_hash` is the
    content hash of what was seen when deciding, so that a decision on another text is found to be stale.
    """

    act: Act
    object_id: str
    object_hash: str
    by: str
    role: str
    author: str
    reason: str
    decided_at: datetime
    lens: Lens
    authentication: Authentication = Authentication.UNAUTHENTICATED
    operating_system_user: str = ""
    previous: str = ""
