"""What people confirmed of an issue: the level of each warning of the ledger, and the texts of situations.

People read an issue after its `as_of`. A level counts for it when its last signature came within a week, or stood
already, and so does a text by its clearance; what came later belongs to later issues, since a level that is confirmed
after the event would be no warning. So an issue reads the same whenever it is drawn again after that week.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from briefs.dossier import Account, ClearedText, Judgement
from domain.classification import Lens
from domain.ledger import WarningMade
from domain.review import Decision
from domain.situation import Level, TriggerResult
from horizon.settings import Settings
from review import comment, situations
from review.ledger import read_every
from review.levels import Basis, is_silenced, object_of, stand
from review.situations import LANGUAGES, Life, collect_facts, is_cleared, read_life, say_confirmed
from review.triage import Overlay
from warehouse.connection import Store
from warehouse.outcome import LedgerRows, Run, read

IN_TIME = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What people wrote of the situations of one issue, as its pages may print it."""

    texts: tuple[ClearedText, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    accounts: tuple[Account, ...] = ()


def read_texts(run: Run, settings: Settings, *, lens: Lens) -> Spoken:
    """Texts whose clearance holds for the facts of this run, and what was noted of the States' accounts.

    Nothing of it is in the public lens, and no draft is in any. A text that left with this issue stands in it; one
    that left with an earlier issue stands while no fact that it was cleared on has changed.
    """
    if lens is Lens.PUBLIC:
        return Spoken()
    until = run.as_of + IN_TIME
    landed = sorted(
        (one for one in read_every(settings.decisions.parent) if one.decision.decided_at <= until),
        key=lambda one: (one.decision.decided_at, one.decision.object_id, one.decision.version),
    )
    overlay = Overlay()
    overlay.add(landed)
    histories: dict[str, list[Decision]] = defaultdict(list)
    for one in landed:
        histories[one.decision.object_id].append(one.decision)
    triggers: dict[str, list[TriggerResult]] = defaultdict(list)
    for result in run.triggers:
        triggers[result.place].append(result)
    incidents = {one.incident_id: one for one in run.incidents}
    coverage = {one.place: one.coverage.value for one in run.states}
    texts: list[ClearedText] = []
    judgements: list[Judgement] = []
    accounts: list[Account] = []
    for situation in run.situations:
        name = situation.situation_id
        noted = comment.read_comment(histories.get(comment.object_of(name), ()))
        if noted.sought_on is not None or noted.withheld_holds:
            accounts.append(_account(name, noted))
        life = read_life(histories.get(situations.object_of(name), ()))
        if life.text is None:
            continue
        standing = stand(
            situation,
            histories.get(object_of(name), ()),
            run=run.issue,
            as_of=until,
            silenced=is_silenced(triggers[situation.place]),
        )
        facts = collect_facts(
            situation,
            (incidents[one] for one in situation.incidents if one in incidents),
            overlay,
            coverage=coverage.get(situation.place, "none"),
            confirmed=say_confirmed(standing),
        )
        if is_cleared(life, facts, week=run.issue):
            text = _text(name, life, on=run.as_of.date())
            texts.append(text)
            judgements += _judgement(text, life.text)
    return Spoken(texts=tuple(texts), judgements=tuple(judgements), accounts=tuple(accounts))


def with_draft(spoken: Spoken, situation_id: str, life: Life, *, on: date) -> Spoken:
    """The same with the text of one situation as it stands, for a preview alone; a cleared one stays what it is."""
    if life.text is None or any(one.situation_id == situation_id for one in spoken.texts):
        return spoken
    text = replace(_text(situation_id, life, on=on), roles=())
    judgements = (*spoken.judgements, *_judgement(text, life.text))
    return replace(spoken, texts=(*spoken.texts, text), judgements=judgements)


def _judgement(text: ClearedText, written: situations.Text) -> tuple[Judgement, ...]:
    if not (written.likelihood and written.outlook):
        return ()
    return (
        Judgement(
            situation_id=text.situation_id,
            what=written.outlook,
            likelihood=written.likelihood,
            language=text.language,
        ),
    )


def _text(name: str, life: Life, *, on: date) -> ClearedText:
    text = life.text or situations.Text()
    return ClearedText(
        situation_id=name,
        cleared_on=life.cleared_by[-1].at.date() if life.cleared_by else on,
        roles=tuple(one.role for one in life.cleared_by),
        language=LANGUAGES.get(text.language, "en"),
        why_now=text.why_now,
        alleged=text.alleged,
        confidence=text.confidence,
        confidence_why=text.confidence_why,
        account=text.account,
        contrary=text.contrary,
        corroboration=text.corroboration,
        watch_up=text.watch_up,
        watch_down=text.watch_down,
        improvements=text.improvements,
    )


def _account(name: str, noted: comment.Comment) -> Account:
    return Account(
        situation_id=name,
        sought_on=noted.sought_on,
        received_on=noted.received_on,
        text=noted.words,
        language=LANGUAGES.get(noted.language, "en") if noted.words else "",
        withheld=noted.withheld_holds,
    )


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
