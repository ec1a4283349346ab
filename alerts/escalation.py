"""Who is asked next when nobody acknowledged: deputies first, then duty officers, each once. A pure function."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.notice import Move, Released
from alerts.outbox import Seen, State
from alerts.recipients import Recipient

TO_DEPUTIES, TO_DUTY = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One further person to ask, because of whom, and at which step."""

    released: Released
    recipient: Recipient
    instead_of: str
    step: int


def escalations(
    *,
    released: Iterable[Released],
    seen: Sequence[Seen],
    recipients: Iterable[Recipient],
    duty: Sequence[str],
    at: datetime,
) -> tuple[Escalation, ...]:
    """What is overdue. The last notice of a chain alone asks, a Cancel asks nobody, and one person's word is enough
    for those whose deputy they are. Duty officers are asked when deputies had as long again and did not answer, and at
    once where there are none.
    """
    known = {one.id: one for one in recipients}
    newest: dict[str, Released] = {}
    for one in released:
        newest[one.notice.alert_id] = max(
            newest.get(one.notice.alert_id, one), one, key=lambda found: found.notice.number
        )
    asked: dict[str, dict[str, tuple[int, bool]]] = {}
    for line in seen:
        message = line.message
        told = asked.setdefault(message.object_id, {})
        step, answered = told.get(message.recipient, (message.step, False))
        # An ordinary notice that waits for a digest asks nobody: its reader's places are taken, and deputies would
        # be flooded. An urgent one asks them, within their own budgets.
        waits = not message.urgent and message.state in {State.WAITING, State.COMBINED}
        settled = line.acknowledged_at is not None or waits
        told[message.recipient] = (min(step, message.step), answered or settled)
    found: list[Escalation] = []
    for one in newest.values():
        if one.notice.move is not Move.CANCEL:
            found += _of_notice(one, asked.get(one.notice.object_id, {}), known, duty, at)
    return tuple(found)


def _of_notice(
    one: Released,
    told: Mapping[str, tuple[int, bool]],
    known: Mapping[str, Recipient],
    duty: Sequence[str],
    at: datetime,
) -> list[Escalation]:
    due = one.notice.acknowledge_by(one.sent)
    if at < due:
        return []
    late = at >= due + (due - one.sent)
    chosen: dict[str, Escalation] = {}
    for name, (step, answered) in told.items():
        # A machine takes a message and acknowledges nothing.
        if step or answered or name not in known or not any(one.read_by_people for one in known[name].channels):
            continue
        deputies = [deputy for deputy in known[name].deputies if deputy in known]
        if any(told.get(deputy, (0, False))[1] for deputy in deputies):
            continue
        for deputy in deputies:
            if deputy not in told:
                chosen.setdefault(
                    deputy, Escalation(released=one, recipient=known[deputy], instead_of=name, step=TO_DEPUTIES)
                )
        if late or not deputies:
            for officer in duty:
                if officer in known and officer not in told and officer != name:
                    chosen.setdefault(
                        officer, Escalation(released=one, recipient=known[officer], instead_of=name, step=TO_DUTY)
                    )
    return list(chosen.values())
