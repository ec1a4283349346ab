"""What rests on a report, from the stored rows of every run: for its withdrawal, and for what replays may not print."""

from dataclasses import dataclass

from warehouse.connection import Store
from warehouse.outcome import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One thing of one issue that rests on a report. `place` is empty where it belongs to none."""

    issue: str
    what: str
    name: str
    place: str = ""

    def line(self) -> str:
        return " ".join(part for part in (self.issue, self.what, self.name, self.place) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Reports that people withdrew, and the reports and payloads whose keys were destroyed; ids and hashes alone."""

    withdrawn: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()
    payloads: frozenset[str] = frozenset()


def find_uses(store: Store, report_id: str) -> tuple[Use, ...]:
    """Incidents, labels, triggers, situations and calls of every issue that rest on the report, as this lens sees."""
    rows = store.query("uses_of_report", report_id=report_id).unique(maintain_order=True).iter_rows()
    return tuple(Use(issue=issue, what=what, name=name, place=place) for issue, what, name, place in rows)


def rests_on_erased(run: Run, gone: Gone) -> bool:
    """Whether a run rests on something that cannot be read any more, so that it cannot be computed again."""
    return any(one.report_id in gone.erased or one.payload_sha in gone.payloads for one in run.reports)


def rooted_incidents(run: Run, gone: Gone) -> frozenset[str]:
    """The incidents of a run that rest on a report which is gone."""
    held = gone.withdrawn | gone.erased
    return frozenset(
        one.incident_id for one in run.reports if one.report_id in held or one.payload_sha in gone.payloads
    )
