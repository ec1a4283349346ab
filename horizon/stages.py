"""The stages of a week: collect, load, score, draft, publish. DAGs and the command line call these and nothing else.

Each stage opens what it needs, does one thing, and closes it; the same call again gives the same result.
A DAG imports this file inside its tasks, so that parsing stays cheap. What only scoring and drafting need is imported
by them: collecting and loading do without compiled loops and pictures, and so with half of the memory.
"""

import getpass
import itertools
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collectors.base import Client, collector_for, parse_all
from collectors.http import USER_AGENT, GuardedClient, Unchanged
from collectors.replay import RecordedLook, ReplayClient, looks
from domain.classification import Lens, Protection
from domain.defect import Defect, DefectLevel
from domain.errors import HorizonError, Refused, Unavailable, UsageError
from domain.given import given_cards
from domain.ledger import WarningMade
from domain.review import Act, Decision
from domain.signal import Look, Payload
from domain.source import SourceCard, SourceState, known, load_cards
from domain.state import load_gazetteer
from domain.window import Week
from horizon import clock
from horizon.given import closed_defect, read_closed, read_given
from horizon.logging import log_to
from horizon.parsing import Readers
from horizon.settings import Settings, credential, load_settings
from horizon.version import code_version
from review import approval
from review.ledger import Hand, Ledger, protect, standing, unchained
from review.situations import object_of as text_of
from review.situations import read_life
from warehouse import load as loader
from warehouse.connection import FILES, Store, encrypt_file, open_store
from warehouse.durable import write_whole
from warehouse.landing import (
    LandedDecision,
    LandedLook,
    LandedPayload,
    LandedSealed,
    land_look,
    newest_payload,
    read_records,
    store_payload,
)
from warehouse.outcome import Run, read, save
from warehouse.sealed import KeyLost, Vault, find_vault
from warehouse.uses import Gone, rests_on_erased

if TYPE_CHECKING:
    from briefs.dossier import Dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The issue that a load fixes, and the rows that were new.

    `unreadable`: what a rebuild without keys left out, one for each sealed record.
    """

    issue: str
    as_of: datetime
    payloads: int
    reports: int
    observations: int
    defects: int
    unreadable: tuple[Defect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What scoring found: places by printed state and by level."""

    issue: str
    as_of: datetime
    printed: tuple[tuple[str, int], ...]
    levels: tuple[tuple[str, int], ...]
    alarms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """Paths of the pages, one line a region, how many cards ran on real payloads, and what the wording check found.

    `errors`: with one of them the draft cannot be published; `lint.json` beside the pages says where and why.
    """

    issue: str
    revision: str
    paths: tuple[Path, ...]
    summary: tuple[str, ...]
    real_cards: int
    cards: int
    errors: int = 0


def collect(source_id: str, settings: Settings | None = None) -> str:
    """Look at one source and land what it gives. A failed look is landed too, and then raised."""
    settings = settings or load_settings()
    card = known(load_cards(settings.cards), source_id)
    return _collect_live(card, settings) if settings.live else _collect_recorded(card, settings)


def load(as_of: datetime | None = None, settings: Settings | None = None) -> Loaded:
    """Parse what landed and was not loaded yet; live, the issue's `as_of` is the instant after the commit."""
    settings = settings or load_settings()
    with Readers(settings.cards) as readers:
        totals = [_load_lens(lens, settings, readers) for lens in _lenses(settings)]
    moment = as_of or settings.as_of or clock.cut_off()
    loaded = _loaded(totals, moment)
    log_to(settings.var / "log").info("loaded", extra={"fields": {"issue": loaded.issue, "payloads": loaded.payloads}})
    return loaded


def rebuild(settings: Settings | None = None) -> Loaded:
    """Build the warehouse anew from landing, beside the old one, and put it in its place when it is whole.

    The issues that the old one had run are scored again, oldest first, each on what was known then: later issues
    rest on them. They carry the version of today's code. Their warnings alone are taken over as they were made: a
    ledger that is written anew would be no ledger. A run that rests on an erased record cannot be computed again: it is
    taken over whole, without the record's words.

    A rebuild without the keys gives the public file alone and leaves the confidential one as it is; every sealed record
    is then named. With them, the new confidential file is under a new key, and the old one is destroyed. A copy of a
    var folder that leans on the keys of the folder around it, as in a drill, changes none of them.
    """
    settings = settings or load_settings()
    vault = find_vault(settings.var) if settings.sees(Lens.RESTRICTED) else None
    unreadable = _closed_records(settings) if vault is not None and not _opens(vault) else ()
    lenses = (Lens.PUBLIC,) if unreadable else _lenses(settings)
    if vault is not None and Lens.RESTRICTED in lenses:
        encrypt_file(settings.var)
    beside = settings.var / "rebuild"
    shutil.rmtree(beside, ignore_errors=True)
    gone = _gone(settings) if Lens.RESTRICTED in lenses else Gone()
    issues = {lens: _past_issues(lens, settings, gone) for lens in lenses}
    own = vault is not None and vault.var == settings.var
    if vault is not None and own and Lens.RESTRICTED in lenses:
        vault.add_warehouse_key()
    with Readers(settings.cards) as readers:
        totals = [_load_lens(lens, settings, readers, var=beside) for lens in lenses]
    for lens, runs in issues.items():
        for past in runs:
            if past.kept is not None:
                with open_store(beside, lens) as store:
                    save(store, past.kept)
                continue
            _assess(past.as_of, replace(settings, var=beside, lens=lens), made=past.warnings, records=settings)
    for lens in lenses:
        # A write-ahead log that a killed process left belongs to the old file alone.
        (settings.var / f"{FILES[lens]}.wal").unlink(missing_ok=True)
        (beside / FILES[lens]).replace(settings.var / FILES[lens])
    shutil.rmtree(beside, ignore_errors=True)
    _publish_snapshot(settings, lenses)
    if vault is not None and own and Lens.RESTRICTED in lenses:
        vault.drop_old_warehouse_keys()
    moment = settings.as_of or clock.cut_off()
    return replace(_loaded(totals, moment), unreadable=unreadable)


def score(*, as_of: datetime, settings: Settings | None = None) -> Scored:
    """Assess every place on what was known at `as_of`, and save the run as a whole."""
    settings = settings or load_settings()
    _require_warehouse(settings)
    run = _assess(as_of, settings)
    _publish_snapshot(settings)
    return Scored(
        issue=run.issue,
        as_of=as_of,
        printed=tuple(sorted(Counter(one.printed.value for one in run.states).items())),
        levels=tuple(sorted(Counter(one.level.value for one in run.states).items())),
        alarms=sum(one.alarm for one in run.series),
    )


def draft(*, as_of: datetime, settings: Settings | None = None, languages: Sequence[str] = ("en",)) -> Drafted:
    """Render the pages of the issue that was scored; it ends in drafts, for people to read.

    The English pages are always made; each further language stands beside them, as `AFR.fr.html`. The wording check
    reads all of them, and its result stands beside them too.
    What rests on a report that was withdrawn or erased since then prints *withdrawn*; all else is as it was.
    """
    from briefs import lint  # noqa: PLC0415
    from briefs.build import summary_lines  # noqa: PLC0415
    from briefs.render import write_issue  # noqa: PLC0415
    from briefs.tongue import require_language  # noqa: PLC0415
    from horizon import withdrawal  # noqa: PLC0415

    settings = settings or load_settings()
    for language in languages:
        require_language(language)
    week = str(Week.last_complete(as_of))
    revision = _next_revision(settings, week)
    issue, run = _assembled(week, revision, settings)
    gone = withdrawal.read_gone(settings)
    rooted = withdrawal.find_rooted(issue, run, gone)
    folder = settings.drafts / week / revision
    beside = folder.with_name(f".{revision}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    if rooted is None:
        written = write_issue(issue, beside, languages=languages)
    else:
        issue = withdrawal.scrub_issue(issue, run, gone)
        drawn = withdrawal.drawn(issue, rooted)
        written = write_issue(
            issue, beside, languages=languages, mask=lambda view: withdrawal.mask(view, rooted), drawn=drawn
        )
    found = lint.lint_folder(beside, reference=settings.reference)
    write_whole(beside / lint.RESULT, lint.result_json(found))
    approval.write_manifest(beside, issue=week, revision=revision, lens=settings.lens)
    if _next_revision(settings, week) != revision:
        shutil.rmtree(beside)
        raise Refused(
            f"Somebody decided on {week}/{revision} while it was drafted anew.",
            why="What people signed is never replaced.",
            do="Draft it again; it becomes the next revision.",
        )
    shutil.rmtree(folder, ignore_errors=True)
    beside.replace(folder)
    return Drafted(
        issue=week,
        revision=revision,
        paths=tuple(folder / path.name for path in written),
        errors=len(found.errors),
        summary=summary_lines(issue),
        real_cards=sum(one.real_payload for one in issue.sources),
        cards=len(issue.sources),
    )


def preview(week: str, situation_id: str, form: str, *, settings: Settings | None = None) -> bytes:
    """One situation's entry in one form, with its text as it stands now; it is written nowhere."""
    from briefs.build import build_preview  # noqa: PLC0415
    from briefs.render import render_form  # noqa: PLC0415
    from horizon import withdrawal  # noqa: PLC0415
    from horizon.confirmed import Spoken, with_draft  # noqa: PLC0415

    settings = settings or load_settings()
    issue, run = _assembled(week, "preview", settings, read_only=True)
    life = read_life(one.decision for one in Ledger(settings.decisions.parent).history(text_of(situation_id)))
    spoken = Spoken(texts=issue.texts, judgements=issue.judgements, accounts=issue.accounts)
    spoken = with_draft(spoken, situation_id, life, on=issue.as_of.date())
    issue = replace(issue, texts=spoken.texts, judgements=spoken.judgements)
    gone = withdrawal.read_gone(settings)
    rooted = withdrawal.find_rooted(issue, run, gone)
    if rooted is None:
        return render_form(build_preview(issue, situation_id), form, as_of=issue.as_of)
    view = build_preview(withdrawal.scrub_issue(issue, run, gone), situation_id)
    return render_form(withdrawal.mask(view, rooted), form, as_of=issue.as_of)


def _assembled(week: str, revision: str, settings: Settings, *, read_only: bool = False) -> tuple["Dossier", Run]:
    """Everything that the pages of a scored issue may say, and its run."""
    from horizon.issue import assemble  # noqa: PLC0415

    _require_warehouse(settings)
    with open_store(settings.var, settings.lens, read_only=read_only) as store:
        try:
            run = read(store, week)
        except KeyError:
            raise Unavailable(
                f"{week} has not been scored.",
                why="The warehouse holds no run of that issue in this lens.",
                do="Run `horizon score` for it first.",
            ) from None
        issue = assemble(store, run, settings, revision=revision)
        protected = frozenset(store.query("protected_reports")["report_id"].to_list())
    return replace(issue, protected=protected), run


def approve(name: str, *, by: str, role: str, reason: str, settings: Settings | None = None) -> Decision:
    """Record one person's approval of a draft, `2024-W04/r1`, in the chain of decisions."""
    settings = settings or load_settings()
    draft_ = _draft(name, settings)
    ledger = Ledger(settings.decisions.parent, settings.lens)
    known = ledger.history(draft_.object_id)
    hand = Hand(by=by, role=role, operating_system_user=getpass.getuser())
    decision = approval.approve(draft_, hand=hand, reason=reason, at=clock.now())
    return ledger.save(decision, protect(decision), version=len(known) + 1).decision


def publish(name: str, settings: Settings | None = None) -> Path:
    """Copy an approved draft to the published folder.

    Refused without an approver who is not its author, while the wording check finds an error in its pages, and where
    their small numbers, alone or beside what was published before, may point to persons.
    """
    from briefs import lint, protection  # noqa: PLC0415

    settings = settings or load_settings()
    draft_ = _draft(name, settings)
    # In the public lens too: a protection officer's stop is a restricted decision.
    records = list(read_records(settings.decisions))
    if any(isinstance(one, LandedSealed) for one in records):
        raise KeyLost(
            f"{draft_.object_id} cannot be published.",
            why="Some decisions cannot be read without their keys, and one of them may stop it.",
            do="Restore the keys; see docs/keys.md.",
        )
    known = standing(settings.decisions.parent)
    landed = [one.decision for one in records if isinstance(one, LandedDecision) and one.sha256 in known]
    approval.check_release(draft_, landed)
    lint.refuse_errors(lint.lint_folder(draft_.folder, reference=settings.reference), name)
    week, revision = draft_.issue, draft_.revision
    printed = protection.read_edition(draft_.folder, week=week, revision=revision)
    before = protection.earlier_editions(settings.published, week=week, revision=revision)
    protection.refuse_disclosures(protection.check(printed, before), name)
    target = settings.published / draft_.issue / draft_.revision
    if target.exists():
        raise UsageError(
            f"{draft_.object_id} is published already.",
            why="What was published never changes; a correction is a new revision.",
            do="Draft the issue again; it becomes the next revision.",
        )
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(draft_.folder, beside)
    beside.replace(target)
    return target


def as_of(triggering_asset_events: Any, dag_run: Any) -> datetime:
    """The issue's one `as_of`: from the asset event that set the run off, or the run_after of a test run."""
    events: Iterable[Any] = ()
    if isinstance(triggering_asset_events, Mapping):
        events = [event for found in triggering_asset_events.values() for event in found]
    elif triggering_asset_events is not None:
        accessor: Any = triggering_asset_events
        events = [event for asset in accessor for event in accessor[asset]]
    told = [str(event.extra["as_of"]) for event in events if event.extra and "as_of" in event.extra]
    if told:
        return max(datetime.fromisoformat(one) for one in told)
    run_after = getattr(dag_run, "run_after", None)
    if isinstance(run_after, datetime):
        return run_after.astimezone(UTC)
    raise UsageError(
        "This run does not know its as_of.",
        why="No asset event carries one, and the run has no time of its own.",
        do="Start the week with the collect DAG, or with `python -m dags.week --as-of …`.",
    )


def _collect_recorded(card: SourceCard, settings: Settings) -> str:
    """Replay the looks of the bundled week; a card without one is not in the specimen, and nothing is invented."""
    states = [
        _land(card, settings, looked_at=one.looked_at, payloads=_fetched(card, ReplayClient(one)), detail=_told(one))
        if one.payloads
        else _land_bare(card, settings, looked_at=one.looked_at, state=one.state, detail=_told(one))
        for one in looks(settings.specimen, card.id)
    ]
    if not states:
        return SourceState.NOT_IN_SPECIMEN.value
    return states[-1].value


def _told(look: RecordedLook) -> str:
    return "reconstructed: worked out from later data" if look.reconstructed else "replayed"


def _collect_live(card: SourceCard, settings: Settings) -> str:

    missing = [name for name in card.credentials if not credential(name)]
    if missing:
        detail = f"{', '.join(missing)} not set"
        return _land_bare(card, settings, looked_at=clock.now(), state=SourceState.NO_CREDENTIAL, detail=detail).value
    carriers = (*card.auth, *card.query, *card.token_form)
    unsent = [name for name in card.credentials if not any(f"{{{name}}}" in one for one in carriers)]
    if unsent:
        detail = f"the card does not say how {', '.join(unsent)} is sent"
        return _land_bare(card, settings, looked_at=clock.now(), state=SourceState.NO_CREDENTIAL, detail=detail).value
    client = GuardedClient(
        card,
        clock=clock.now,
        user_agent=f"{USER_AGENT} {settings.contact}".strip(),
        credentials=_filled(card, card.auth, ":"),
        parameters=_filled(card, card.query, "="),
        form=_filled(card, card.token_form, "="),
        hidden=[credential(name) for name in card.credentials],
        validators=_Landed(card, settings.landing / card.id),
        pace_folder=settings.var / "pace",
    )
    return _land(card, settings, looked_at=clock.now(), payloads=_fetched(card, client), detail="").value


def _filled(card: SourceCard, lines: Iterable[str], border: str) -> dict[str, str]:
    """Names and values of the card with its credentials in place; they go to the client and nowhere else."""
    known_ = {name: credential(name) for name in card.credentials}
    pairs = (line.partition(border)[::2] for line in lines)
    return {name.strip(): text.strip().format_map(known_) for name, text in pairs}


class _Landed:
    """What the newest landed answer of an address said of itself, so that the next request can be conditional.

    An answer that could not be read, such as a wall against robots, is asked for again and never called unchanged.
    """

    def __init__(self, card: SourceCard, folder: Path) -> None:
        self._card = card
        self._folder = folder

    def get(self, url: str) -> tuple[str, str] | None:
        newest = newest_payload(self._folder, url)
        if newest is None:
            return None
        headers = dict(newest.headers)
        known_ = headers.get("etag", ""), headers.get("last-modified", "")
        if not any(known_):
            return None
        _, _, defects = parse_all(self._card, newest.payload())
        return None if any(one.level is DefectLevel.ERROR for one in defects) else known_


def _fetched(card: SourceCard, client: Client) -> Iterator[Payload]:

    return collector_for(card).fetch(card, client)


def _land(
    card: SourceCard, settings: Settings, *, looked_at: datetime, payloads: Iterator[Payload], detail: str
) -> SourceState:
    """Land each payload as it comes, then the look that saw them."""
    protection = _protection(card, looked_at)
    seen: list[str] = []
    try:
        for payload in payloads:
            seen.append(store_payload(settings.landing, payload, protection).sha256)
    except Unchanged as same:
        newest = newest_payload(settings.landing / card.id, same.url)
        seen += [newest.sha256] if newest is not None else []
    except Exception as error:  # a source's own module may break in any way; the look failed all the same
        what = f"{error.what} {error.why}" if isinstance(error, HorizonError) else f"{type(error).__name__}: {error}"
        look = Look(source_id=card.id, looked_at=looked_at, state=SourceState.FAILED, detail=what, payloads=tuple(seen))
        land_look(settings.landing, look, protection)
        log_to(settings.var / "log").error("look failed", extra={"fields": {"source": card.id, "what": what}})
        if isinstance(error, HorizonError):
            raise
        raise Unavailable(
            f"The look at {card.id} broke.",
            why=what,
            do="See var/log; mend the source's module, or record its address.",
        ) from error
    known_before, before = _earlier_looks(settings, card, looked_at)
    # Not whether bytes were written: a look that was killed wrote them and told nobody.
    state = SourceState.UNCHANGED if before.issuperset(seen) else SourceState.OK
    if known_before is None:
        land_look(
            settings.landing,
            Look(source_id=card.id, looked_at=looked_at, state=state, detail=detail, payloads=tuple(seen)),
            protection,
        )
    return known_before or state


def _land_bare(
    card: SourceCard, settings: Settings, *, looked_at: datetime, state: SourceState, detail: str
) -> SourceState:
    """A look without a payload: no credential, or a recorded look of which only the fact is known."""
    look = Look(source_id=card.id, looked_at=looked_at, state=state, detail=detail)
    land_look(settings.landing, look, _protection(card, looked_at))
    return state


def _earlier_looks(
    settings: Settings, card: SourceCard, looked_at: datetime
) -> tuple[SourceState | None, frozenset[str]]:
    """The state of a look at this instant that landed before, for a replay again adds nothing; and what looks saw."""
    looks_ = [one.look for one in read_records(settings.landing / card.id) if isinstance(one, LandedLook)]
    same = next((look.state for look in looks_ if look.looked_at == looked_at), None)
    seen = (look.payloads for look in looks_ if look.looked_at < looked_at and look.state.looked)
    return same, frozenset(sha for payloads in seen for sha in payloads)


def _protection(card: SourceCard, at: datetime) -> Protection:
    return Protection(
        lens=card.lens,
        classification=card.classification,
        source_sharing=card.source_sharing,
        consent_scope=card.consent_scope,
        valid_from=at.date(),
    )


def _loaded(totals: Sequence[loader.Loaded], moment: datetime) -> Loaded:
    """The issue of that instant, and what is new over the files of all lenses."""
    return Loaded(
        issue=str(Week.last_complete(moment)),
        as_of=moment,
        payloads=sum(one.payloads for one in totals),
        reports=sum(one.reports for one in totals),
        observations=sum(one.observations for one in totals),
        defects=sum(one.defects for one in totals),
    )


def _load_lens(lens: Lens, settings: Settings, readers: Readers, var: Path | None = None) -> loader.Loaded:

    cards = {card.id: card for card in load_cards(settings.cards)}
    known_ = standing(settings.decisions.parent)
    records = [
        one
        for one in read_records(settings.landing, settings.decisions, lens=lens)
        if not isinstance(one, LandedDecision) or one.sha256 in known_
    ]
    with open_store(var or settings.var, lens) as store:
        done = loader.loaded_payloads(store)
        fresh = [
            one for one in records if isinstance(one, LandedPayload) and f"{one.source_id}/{one.sha256}" not in done
        ]
        # What people gave us was read when it was taken in; what stays closed is a defect of its own.
        given = [read_given(one) for one in records if isinstance(one, LandedDecision)]
        closed = [read_closed(one) for one in records if isinstance(one, LandedSealed)]
        return loader.load(
            store,
            parsed=itertools.chain(readers.read(fresh, cards), *given, *closed),
            looks=[one for one in records if isinstance(one, LandedLook)],
            decisions=[one for one in records if isinstance(one, LandedDecision)],
        )


def _assess(
    as_of: datetime,
    settings: Settings,
    made: tuple[WarningMade, ...] | None = None,
    records: Settings | None = None,
) -> Run:
    """One run; `made` are warnings that this issue made already, and that stand as they are.

    A stored run of the same instant that rests on an erased record stands as it is. `records` are the settings whose
    landing says what was erased, where it is not that of `settings`.
    """
    from scoring import ledger  # noqa: PLC0415
    from scoring import run as scoring_run  # noqa: PLC0415
    from scoring.method import load_method, load_triggers  # noqa: PLC0415

    method = load_method()
    triggers = load_triggers()
    gone = _gone(records or settings)
    with open_store(settings.var, settings.lens) as store:
        stored = _stored(store, str(Week.last_complete(as_of))) if gone.erased or gone.payloads else None
        if stored is not None and stored.as_of == as_of and rests_on_erased(stored, gone):
            return stored
        given = store.known("raw_reports", "source_id")
        cards = [*load_cards(settings.cards), *(card for card in given_cards() if card.id in given)]
        found = scoring_run.score(
            store,
            as_of=as_of,
            cards=[card for card in cards if settings.sees(card.lens)],
            gazetteer=load_gazetteer(settings.reference),
            method=method,
            triggers=triggers,
            unseen=SourceState.NOT_YET if settings.live else SourceState.NOT_IN_SPECIMEN,
            reference=settings.reference,
        )
        outcome = found.outcome
        happened = ledger.find_events(found.inputs, method=method, triggers=triggers)
        run = Run(
            issue=outcome.week,
            as_of=as_of,
            method_version=method.method_version,
            code_version=code_version(),
            states=outcome.states,
            situations=outcome.situations,
            triggers=outcome.triggers,
            gates=outcome.gates,
            series=outcome.series,
            coverage=outcome.coverage,
            incidents=outcome.incidents,
            sources=found.sources,
            letters=tuple((one.place, one.sent) for one in found.inputs.letters),
            defects=found.defects,
            reports=found.reports,
            labels=found.labels,
            exposure=found.exposure,
            calls=found.calls,
            warnings=made
            if made is not None
            else ledger.write_warnings(
                issue=outcome.week, as_of=as_of, situations=outcome.situations, triggers=outcome.triggers
            ),
            events=happened.events,
            watched=happened.watched,
        )
        save(store, run)
    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """A run of the old file: when it was known, its warnings, and all of it where it cannot be computed again."""

    as_of: datetime
    warnings: tuple[WarningMade, ...]
    kept: Run | None


def _past_issues(lens: Lens, settings: Settings, gone: Gone) -> tuple[_Past, ...]:
    """The runs of this lens, oldest first. Opening the old file also makes sure that nobody holds it."""
    from horizon.withdrawal import scrub  # noqa: PLC0415

    if not (settings.var / FILES[lens]).exists():
        return ()
    found = []
    with open_store(settings.var, lens) as store:
        for issue, moment in store.query_own("past_issues").iter_rows():
            run = read(store, issue)
            kept = scrub(run, gone) if rests_on_erased(run, gone) else None
            found.append(_Past(as_of=moment, warnings=run.warnings, kept=kept))
    return tuple(found)


def _stored(store: Store, week: str) -> Run | None:
    try:
        return read(store, week)
    except KeyError:
        return None


def _gone(settings: Settings) -> Gone:
    from horizon.withdrawal import read_gone  # noqa: PLC0415

    return read_gone(settings)


def _opens(vault: Vault) -> bool:
    try:
        vault.check()
    except KeyLost:
        return False
    return True


def _closed_records(settings: Settings) -> tuple[Defect, ...]:
    """One defect for each sealed record that cannot be read."""
    found = read_records(settings.landing, settings.decisions, lens=Lens.RESTRICTED)
    return tuple(closed_defect(one) for one in found if isinstance(one, LandedSealed))


def _lenses(settings: Settings) -> tuple[Lens, ...]:
    """The files that this process may open: the public lens never opens the confidential one."""
    return tuple(lens for lens in (Lens.PUBLIC, Lens.RESTRICTED) if settings.sees(lens))


def _require_warehouse(settings: Settings) -> None:

    if not (settings.var / FILES[Lens.PUBLIC]).exists():
        raise Unavailable(
            "There is no warehouse yet.",
            why="Nothing has been loaded into this var folder.",
            do="Run `horizon collect` and `horizon load` first, or `make brief` for all of it.",
        )


def _publish_snapshot(settings: Settings, lenses: Sequence[Lens] = ()) -> None:
    """Copies for readers, written beside and put in place: nobody waits for the one who writes."""
    folder = settings.var / "snapshots"
    folder.mkdir(parents=True, exist_ok=True)
    for lens in lenses or _lenses(settings):
        beside = folder / f".{FILES[lens]}.{os.getpid()}"
        shutil.copyfile(settings.var / FILES[lens], beside)
        beside.replace(folder / FILES[lens])


def _next_revision(settings: Settings, week: str) -> str:
    """The number after all that was published or that somebody decided on: what people signed stays as it was."""
    folder = settings.published / week
    names = [path.name for path in folder.glob("r*")] if folder.is_dir() else []
    review = settings.decisions.parent
    for one in (*Ledger(review, settings.lens).in_order(), *unchained(review)):
        issue, _, rest = one.decision.object_id.partition("/")
        revision, _, lens = rest.partition("/")
        # Of public drafts their approval alone counts: no other decision gives a public page another name.
        signed = settings.lens is Lens.RESTRICTED or one.decision.act is Act.APPROVE
        if (issue, lens) == (week, settings.lens.value) and signed:
            names.append(revision)
    done = [int(name[1:]) for name in names if name[:1] == "r" and name[1:].isdecimal()]
    return f"r{max(done, default=0) + 1}"


def _draft(name: str, settings: Settings) -> approval.Draft:

    week, _, revision = name.partition("/")
    Week.parse(week)
    return approval.read_draft(settings.drafts / week / (revision or "r1"))
