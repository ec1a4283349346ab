"""Which level people confirmed for each warning of the ledger: signed in time, and seen by this lens.

A level counts for an issue when its last signature came within a week of the issue's `as_of`, or stood already. Later
ones belong to later issues: a level that is confirmed after the event would be no warning.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

from domain.classification import Lens
from domain.ledger import WarningMade
from domain.review import Decision
from domain.situation import Level, TriggerResult
from horizon.settings import Settings
from review.ledger import read_every
from review.levels import Basis, is_silenced, object_of, stand
from warehouse.connection import Store
from warehouse.outcome import LedgerRows, read

IN_TIME = timedelta(days=7)


def add_confirmed(store: Store, rows: LedgerRows, settings: Settings, *, as_of: datetime) -> tuple[WarningMade, ...]:
    """The warnings of the ledger, each with the level that people gave it; what was written stays as it is."""
    histories: dict[str, list[Decision]] = defaultdict(list)
    for landed in read_every(settings.decisions.parent):
        one = landed.decision
        if one.decided_at <= as_of and (store.lens is Lens.RESTRICTED or one.lens is Lens.PUBLIC):
            histories[one.object_id].append(one)
    signed = [one for one in rows.warnings if object_of(one.situation_id) in histories]
    levels: dict[tuple[str, str], Level] = {}
    for issue, made_at in sorted({(one.issue, one.made_at) for one in signed}):
        levels |= _levels(store, histories, issue=issue, until=min(made_at + IN_TIME, as_of))
    return tuple(
        replace(one, confirmed=levels.get((one.issue, one.situation_id), one.confirmed)) for one in rows.warnings
    )


def _levels(
    store: Store, histories: dict[str, list[Decision]], *, issue: str, until: datetime
) -> dict[tuple[str, str], Level]:
    run = read(store, issue)
    triggers: dict[str, list[TriggerResult]] = defaultdict(list)
    for result in run.triggers:
        triggers[result.place].append(result)
    found = {}
    for situation in run.situations:
        history = [one for one in histories.get(object_of(situation.situation_id), ()) if one.decided_at <= until]
        standing = stand(
            situation,
            sorted(history, key=lambda one: one.version),
            run=issue,
            as_of=until,
            silenced=is_silenced(triggers[situation.place]),
        )
        if standing.basis is not Basis.PROPOSED:
            found[issue, situation.situation_id] = standing.level
    return found
