"""An issue with what its scored rows do not hold: people's words, letters, the register of options, the week before.

Everything here is empty until somebody enters it or a source gives it; the pages then say so in words.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date

from briefs.protection import Edition
from domain.incident import Incident
from domain.issue import Issue
from domain.options import Option
from domain.situation import Joined, Level, SeriesResult
from domain.window import Week, window
from warehouse.outcome import Run

COUNTED_WEEKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One communication of special procedures to one State; `sent_on` is None where the source does not say."""

    place: str
    sent_on: date | None
    mandates: tuple[str, ...]
    reference: str
    url: str
    source_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLevel:
    """The level that named people set, and why; `roles` never hold a name."""

    situation_id: str
    level: Level
    reason: str
    roles: tuple[str, ...]
    decided_on: date
    expires_on: date | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What analysts expect in the next 30 days, by a word of the likelihood scale; never in the public lens."""

    situation_id: str
    what: str
    likelihood: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The State's own account: when it was sought, when it came, and its words.

    `withheld`: two persons recorded why the text was not shown to it; what they recorded is not printed.
    """

    situation_id: str
    sought_on: date | None = None
    received_on: date | None = None
    text: str = ""
    language: str = ""
    withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedText:
    """What people wrote of one situation and other people cleared; `roles` are those who cleared it, never a name.

    Without roles it is the draft of a preview, which is in no issue.
    `language` is that of all of it. Empty fields say nothing. Its likelihood is a `Judgement`.
    """

    situation_id: str
    cleared_on: date
    roles: tuple[str, ...]
    language: str
    why_now: str
    alleged: str
    confidence: str
    confidence_why: str
    account: str
    contrary: str
    corroboration: str = ""
    watch_up: str = ""
    watch_down: str = ""
    improvements: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """A step for the better, `announced`, `begun` or `done`; `part` of `whole` where both are counted."""

    place: str
    on: date
    step: str
    text: str
    part: int | None = None
    whole: int | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How what is known of one place differs from the issue before. Incidents of the last twelve weeks; figures are
    periods of published totals."""

    place: str
    new: int = 0
    late: int = 0
    corrected: int = 0
    gone: int = 0
    new_figures: int = 0
    revised_figures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """Week on week. `method` says which versions differ; then a change may come from the rules and not from events."""

    week: str
    method: tuple[tuple[str, str, str], ...]
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier(Issue):
    """One issue as the briefs receive it. `printed_before`: the published pages that a reader may lay beside it.
    `joined`: situations over several States, each printed once. `texts`: none in the public lens."""

    letters: tuple[Letter, ...] = ()
    options: tuple[Option, ...] = ()
    levels: tuple[SetLevel, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    accounts: tuple[Account, ...] = ()
    improvements: tuple[Improvement, ...] = ()
    since: Since | None = None
    printed_before: tuple[Edition, ...] = ()
    joined: tuple[Joined, ...] = ()
    texts: tuple[ClearedText, ...] = ()


def as_dossier(issue: Issue) -> Dossier:
    """The same issue; where nothing was added everything further is empty."""
    if isinstance(issue, Dossier):
        return issue
    return Dossier(**{one.name: getattr(issue, one.name) for one in fields(issue)})


def compare_runs(before: Run, now: Run, *, judged: Collection[str] = ()) -> Since:
    """New, reported late, corrected, taken out: by the rows of the two runs, the same for every place.

    New is what happened after the last day of the issue before; late is what happened earlier and was not known then.
    `judged` are incidents that people took out of the count, or back into it, between the two: they are corrected too.
    What was found to have happened elsewhere is corrected in both places.
    """
    first, _ = window(now.as_of, COUNTED_WEEKS)
    last_day = Week.parse(before.issue).last_day
    old = {row.incident_id: row for row in before.incidents}
    newer = {row.incident_id: row for row in now.incidents}
    counts: dict[str, dict[str, int]] = {}

    def add(place: str, what: str) -> None:
        held = counts.setdefault(place, {})
        held[what] = held.get(what, 0) + 1

    for key, row in newer.items():
        known = old.get(key)
        if row.occurred_on < first and (known is None or known.occurred_on < first):
            continue
        if known is None:
            add(row.place, "new" if row.occurred_on > last_day else "late")
        elif key in judged or _said(known) != _said(row):
            for place in {known.place, row.place}:
                add(place, "corrected")
    for key, row in old.items():
        if key not in newer and row.occurred_on >= first:
            add(row.place, "gone")
    for place, what in _new_figures(before, now):
        add(place, what)
    versions = (
        ("method", before.method_version, now.method_version),
        ("code", before.code_version, now.code_version),
    )
    return Since(
        week=before.issue,
        method=tuple(row for row in versions if row[1] != row[2]),
        shifts=tuple(Shift(place=place, **held) for place, held in sorted(counts.items())),
    )


def _new_figures(before: Run, now: Run) -> Iterator[tuple[str, str]]:
    """Each period of a published total that is new or reads otherwise, as its place and which of the two."""
    past = {row.series_id: _figures(row) for row in before.series if row.source_id}
    for series in now.series:
        if not series.source_id:
            continue
        known_figures = past.get(series.series_id, {})
        for start, value in _figures(series).items():
            if start not in known_figures:
                # A series that was not there before is a new source, not news of all its periods.
                if known_figures and start > max(known_figures):
                    yield series.place, "new_figures"
            elif known_figures[start] != value:
                yield series.place, "revised_figures"


def _said(row: Incident) -> tuple[object, ...]:
    return (row.place, row.first_level, row.occurred_on, row.actor, row.codings)


def _figures(series: SeriesResult) -> Mapping[date, float | None]:
    return {point[0]: point[1] for point in series.history}
