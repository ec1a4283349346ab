"""People's decisions: named, append-only, landing records with this one schema, used by desk and command line."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.classification import Lens


class Act(StrEnum):
    """What a decision does. `approve` releases a draft; the others belong to incidents and situations.

    `finding` (P4, P5, and u5: a dated event linked to a trigger), `imminent_harm` (G4), `mitigation` and `call` (T14)
    tell the engine what people alone can say; each holds when two named persons have entered it (`scoring.rulings`).
    `join` makes several situations one, printed in full once: its object is `join/<id of the first>`, its content
    `{"situations": [id, …]}`, and two persons enter it too.
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
    JOIN = "join"
    STOP = "stop"
    RELEVANT = "relevant"
    DUPLICATE = "duplicate"
    PARK = "park"
    CORRECT = "correct"
    WRITE = "write"
    MOVE = "move"
    TELL = "tell"
    DECIDE_OPTION = "decide_option"
    RECEIVE = "receive"


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
    `content` is the canonical JSON of what the act says beyond its name: a text, a step, a corrected value. `version`
    counts the decisions on one object from 1; 0 stands for a decision that no desk numbered. `previous` is the hash of
    the decision before it on the same object.
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
    content: str = ""
    version: int = 0
