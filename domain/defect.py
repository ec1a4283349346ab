"""A defect is a row, never only a log line: the brief prints what could not be used, and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DefectLevel(StrEnum):
    """ERROR stops one source, WARN skips one record, INFO is progress that a reader may want."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """`check` is a fixed word such as `unknown_state`; `evidence` shows what was seen, at most 500 signs.

    `record` is the reference of the record it concerns, empty when it concerns the payload.
    """

    level: DefectLevel
    check: str
    source_id: str
    evidence: str
    record: str = ""
    seen_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "evidence", self.evidence[:500])
