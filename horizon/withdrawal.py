"""Withdrawal and erasure of a report: what used it, what no later run uses, and what a replay prints in its place.

A run that was issued stands as it was: its levels and totals stay, and every sentence that rests on the report prints
*withdrawn*. A report whose key was destroyed cannot be computed with again, so a run that rests on it is kept from its
stored rows, without the report's words. Outside, a correction says *revised*, never that somebody withdrew.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any

from briefs.dossier import Dossier
from briefs.lookup import Lookup, anchor
from briefs.said import term
from briefs.view import Entry, IncidentLine, Link, PageKind, Paragraph, PlaceRow, SeriesFigure, View
from domain.classification import Lens
from domain.errors import Unavailable, UsageError
from domain.evidence import LabelRoot, ReportRoot
from domain.given import CLASSES, row_id
from domain.issue import Issue
from domain.review import Act
from horizon.settings import Settings
from review.ledger import Hand, Ledger, decide, protect, standing
from warehouse.connection import FILES, REPORT, open_store
from warehouse.landing import Closed, LandedDecision, LandedSealed, read_records
from warehouse.outcome import Run
from warehouse.sealed import find_vault
from warehouse.uses import Gone, Use, find_uses, rooted_incidents

WITHDRAWN, REVISED_WORD = "withdrawn", "revised"
REVISED = "Figures and sentences of this issue were revised."  # all that a public correction says of its reason
# What stands: names, numbers of paragraphs, addresses within the page, and the words that levels are called by.
STANDS = frozenset(
    {
        "anchor",
        "code",
        "collected",
        "figure_id",
        "home",
        "href",
        "kind",
        "language",
        "lead",
        "letter",
        "level",
        "name",
        "notes",
        "number",
        "phase",
        "place",
        "proposed",
        "shape",
        "situation_id",
        "title",
        "tone",
        "unit",
    }
)
ROW_SAYS = frozenset({"detail", "triggers"})  # what the one line of a place tells of its situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooted:
    """What of an issue rests on reports that are gone: situations by id and by fragment, and their places.

    `word` stands in the place of what was said: outside the Office nothing says that a source withdrew (triggers,
    section 7).
    """

    situations: frozenset[str]
    fragments: frozenset[str]
    places: frozenset[str]
    names: frozenset[str]
    word: str = WITHDRAWN


def read_gone(settings: Settings) -> Gone:
    """Everything that was withdrawn or erased until now, as far as this lens may know of it."""
    withdrawn: set[str] = set()
    erased: set[str] = set()
    payloads: set[str] = set()
    known_ = standing(settings.decisions.parent)
    for lens in (Lens.PUBLIC, Lens.RESTRICTED):
        if not settings.sees(lens):
            continue
        # Only what was sealed can have been erased, and that is never of the public lens.
        sealed = lens is Lens.RESTRICTED and find_vault(settings.var) is not None
        folders = (settings.landing, settings.decisions) if sealed else (settings.decisions,)
        for one in read_records(*folders, lens=lens):
            match one:
                case LandedDecision() if one.sha256 in known_:
                    known = one.decision.object_id.removeprefix(REPORT)
                    if one.decision.act is Act.WITHDRAW and one.decision.object_id.startswith(REPORT):
                        withdrawn |= {known, *_rows_of(known)}
                    elif one.erased and one.decision.act is Act.RECEIVE:
                        erased |= {known, *_rows_of(known)}
                case LandedSealed() if one.why is Closed.ERASED and one.of == "payload":
                    payloads.add(one.sha256)
                case _:
                    pass
    return Gone(withdrawn=frozenset(withdrawn), erased=frozenset(erased), payloads=frozenset(payloads))


def list_uses(report_id: str, settings: Settings) -> tuple[Use, ...]:
    """Everything that used a report: rows of runs, and the drafts and published pages of their issues.

    `report_id` is that of the rows, or the one under which a given report was taken in.
    """
    found: list[Use] = []
    if (settings.var / FILES[settings.lens]).exists():
        with open_store(settings.var, settings.lens, read_only=True) as store:
            for known in (report_id, *_rows_of(report_id)):
                found += find_uses(store, known)
    for issue in sorted({one.issue for one in found}):
        for what, folder in (("draft", settings.drafts), ("published", settings.published)):
            found += [Use(issue=issue, what=what, name=path.name) for path in sorted((folder / issue).glob("r*"))]
    return (*found, *_told_of(found, settings))


def _told_of(found: Iterable[Use], settings: Settings) -> tuple[Use, ...]:
    """What people were told or wrote about these situations: notices, and decisions such as texts and levels."""
    from horizon.alerting import open_outbox  # noqa: PLC0415  (runs and drafts do without)

    situations = {one.name: one.issue for one in found if one.what == "situation"}
    told: list[Use] = []
    if situations and (settings.var / "review" / "outbox.sqlite").is_file():
        with open_outbox(settings) as outbox:
            notices = dict.fromkeys((*outbox.drafts(), *(one.notice for one in outbox.released())))
            told += [
                Use(issue=one.issue, what="alert", name=one.object_id, place=one.place)
                for one in notices
                if one.situation_id in situations
            ]
    objects = {
        one.decision.object_id
        for one in read_records(settings.decisions, lens=settings.lens)
        if isinstance(one, LandedDecision)
    }
    told += [
        Use(issue=issue, what="text or level", name=object_id)
        for situation, issue in sorted(situations.items())
        for object_id in sorted(objects)
        if situation in object_id and not object_id.startswith("alert/")
    ]
    return tuple(told)


def withdraw(
    report_id: str,
    *,
    by: str,
    role: str,
    reason: str,
    at: datetime,
    user: str,
    settings: Settings,
    any_record: bool = False,
) -> tuple[Use, ...]:
    """Record that a report is withdrawn, with everything that used it; no run after it uses the report.

    `any_record` takes the hash of a payload as well, which is then erased.
    """
    if not by.strip() or not reason.strip():
        raise UsageError(
            "A withdrawal needs a name and a reason.",
            why="Who decides is on record; the reason stays there and is never printed.",
            do="Give --by and --reason.",
        )
    uses = list_uses(report_id, settings)
    taken_in = find_taken_in(report_id, settings)
    known = uses or taken_in is not None or (any_record and _slot_of(report_id, settings) is not None)
    if not known and not _is_known(report_id, settings):
        raise UsageError(
            f"There is no report '{report_id}'.",
            why="No row and no report that was taken in has that id.",
            do="The notes of an issue and the desk show the ids.",
        )
    decision = decide(
        Act.WITHDRAW,
        taken_in.decision.object_id if taken_in is not None else f"{REPORT}{report_id}",
        hand=Hand(by=by, role=role, operating_system_user=user),
        reason=reason,
        at=at,
        content=json.dumps({"used_by": [one.line() for one in uses]}, ensure_ascii=False),
    )
    Ledger(settings.decisions.parent).save(decision, protect(decision), version=None)
    return uses


def require_slot(report_id: str, settings: Settings) -> int:
    """The slot of the key of one report that was taken in, or of one sealed payload by its hash."""
    vault = find_vault(settings.var)
    if vault is None:
        raise Unavailable(
            "Nothing can be erased by its key.",
            why="No key was ever made, so nothing is sealed.",
            do="Delete it by hand as docs/retention.md says, or make keys with `horizon keys init`.",
        )
    slot = _slot_of(report_id, settings)
    if slot is None:
        raise UsageError(
            f"'{report_id}' has no key of its own.",
            why="It is no report that was taken in and no sealed payload, or it is from before the keys.",
            do="Give the id of a given report or the hash of a payload; see docs/keys.md.",
        )
    return slot


def find_taken_in(report_id: str, settings: Settings) -> LandedDecision | None:
    """The record of a given report, by the id it was taken in under or by that of its rows."""
    known_ = standing(settings.decisions.parent)
    for one in read_records(settings.decisions, lens=Lens.RESTRICTED):
        if isinstance(one, LandedDecision) and one.sha256 in known_ and one.decision.act is Act.RECEIVE:
            known = one.decision.object_id.removeprefix(REPORT)
            if report_id in {known, *_rows_of(known)}:
                return one
    return None


def find_rooted(issue: Issue, run: Run, gone: Gone) -> Rooted | None:
    """What of the issue rests on reports that are gone; None where nothing does."""
    incidents = rooted_incidents(run, gone)
    if not incidents:
        return None
    lookup = Lookup(issue)
    by_trigger = {one.place for one in run.triggers if incidents & set(one.incidents)}
    situations = [one for one in issue.situations if incidents & set(one.incidents) or one.place in by_trigger]
    places = frozenset(one.place for one in situations) | by_trigger
    return Rooted(
        situations=frozenset(one.situation_id for one in situations),
        fragments=frozenset(anchor(lookup, one) for one in situations),
        places=places,
        names=frozenset(lookup.place(one).name for one in places),
        word=REVISED_WORD if issue.lens is Lens.PUBLIC else WITHDRAWN,
    )


def scrub(run: Run, gone: Gone) -> Run:
    """The stored rows of a run without what the reports said that are gone: counts stay, words do not."""
    held = gone.withdrawn | gone.erased
    incidents = rooted_incidents(run, gone)
    payloads = {one.report_id for one in run.reports if one.payload_sha in gone.payloads}
    reports, labels = scrub_roots(run.reports, run.labels, held | payloads)
    return replace(
        run,
        incidents=tuple(
            replace(one, first_level="", actor_name="") if one.incident_id in incidents else one
            for one in run.incidents
        ),
        reports=reports,
        labels=labels,
        calls=tuple(
            replace(one, sentence=WITHDRAWN, url="") if one.report_id in held | payloads else one for one in run.calls
        ),
    )


def scrub_issue(issue: Dossier, run: Run, gone: Gone) -> Dossier:
    """An issue without what the reports said that are gone."""
    clean = scrub(run, gone)
    known = frozenset(one.report_id for one in clean.reports if one.joined == WITHDRAWN)
    return replace(
        issue,
        incidents=clean.incidents,
        reports=clean.reports,
        labels=clean.labels,
        protected=issue.protected | known,
    )


def drawn(issue: Issue, rooted: Rooted) -> Issue:
    """The issue as a page of figures may draw it: without the series of the situations that are rooted there."""
    return replace(issue, series=tuple(one for one in issue.series if one.place not in rooted.places))


def scrub_roots(
    reports: Iterable[ReportRoot], labels: Iterable[LabelRoot], gone: frozenset[str] | set[str]
) -> tuple[tuple[ReportRoot, ...], tuple[LabelRoot, ...]]:
    """Reports and labels of incidents, those that are gone without origin, address and words."""
    return (
        tuple(
            replace(one, origin=WITHDRAWN, joined=WITHDRAWN, url="", published_at=None)
            if one.report_id in gone
            else one
            for one in reports
        ),
        tuple(
            replace(one, field=WITHDRAWN, words=WITHDRAWN, rule=WITHDRAWN, why="", start=None, end=None)
            if one.report_id in gone
            else one
            for one in labels
        ),
    )


def mask(view: View, rooted: Rooted) -> View:
    """The page with a word in the place of each sentence that rests on what is gone, and else unchanged."""
    # These pages name a place and have no address of its entry to be known by.
    named = rooted.names if view.kind in {PageKind.BUREAU, PageKind.SESSIONAL, PageKind.INDEX} else frozenset[str]()
    masked = _masked(view, replace(rooted, names=named), inside=False)
    if not isinstance(masked, View):
        raise TypeError(f"a page became a {type(masked).__name__}")
    return masked


def _masked(node: Any, rooted: Rooted, *, inside: bool) -> Any:
    if not is_dataclass(node) or isinstance(node, type | Link):
        return node
    here = inside or _refers(node, rooted)
    only = ROW_SAYS if isinstance(node, PlaceRow) and not inside else None
    changed: dict[str, Any] = {}
    for one in fields(node):
        if not one.init:
            continue
        value = getattr(node, one.name)
        if isinstance(node, SeriesFigure) and here and one.name == "points":
            changed[one.name] = ()
        elif isinstance(value, str):
            # The paragraph of an entry begins with what it says; elsewhere a lead is a term or a name.
            stands = one.name in STANDS and not (one.name == "lead" and inside and isinstance(node, Paragraph))
            said = here and value and not stands and (only is None or one.name in only)
            if said:
                changed[one.name] = term(rooted.word)
            elif here and one.name == "href" and "://" in value:
                changed[one.name] = ""
        elif isinstance(value, tuple):
            changed[one.name] = _masked_all(value, one.name, rooted, inside=here and only is None)
        elif is_dataclass(value):
            changed[one.name] = _masked(value, rooted, inside=here)
    return replace(node, **changed)


def _masked_all(values: tuple[Any, ...], name: str, rooted: Rooted, *, inside: bool) -> tuple[Any, ...]:
    if name in {"notes", "closing_notes", "numeric", "links", "incidents", "key", "head", "hrefs"} and all(
        not is_dataclass(one) for one in values
    ):
        return values
    if values and isinstance(values[0], str):
        return (term(rooted.word),) if inside else values
    if values and isinstance(values[0], tuple):
        return tuple((row[0], *([term(rooted.word)] * (len(row) - 1))) for row in values) if inside else values
    if name == "links":
        return values
    return tuple(_masked(one, rooted, inside=inside) for one in values)


def _refers(node: Any, rooted: Rooted) -> bool:
    match node:
        case Entry():
            # One over several places rests on what any of them rests on.
            ids = {node.situation_id, *(part.situation_id for part in node.parts)}
            return bool(ids & rooted.situations)
        case PlaceRow():
            return node.code in rooted.places
        case IncidentLine():
            return any(one.joined == WITHDRAWN for one in node.reports)
        case _:
            links = getattr(node, "links", ())
            lead = getattr(node, "lead", "")
            by_link = any(one.href.partition("#")[2] in rooted.fragments for one in links)
            return by_link or any(name in lead for name in rooted.names)


def _rows_of(given_id: str) -> tuple[str, ...]:
    """The ids that a given report's rows may have; its class is known to its record alone."""
    return tuple(row_id(one, given_id) for one in CLASSES)


def _slot_of(report_id: str, settings: Settings) -> int | None:
    taken_in = find_taken_in(report_id, settings)
    if taken_in is not None:
        return taken_in.slot
    for path in settings.landing.glob(f"*/*/{report_id}.json"):
        slot = json.loads(path.read_bytes()).get("key")
        return slot if isinstance(slot, int) else None
    return None


def _is_known(report_id: str, settings: Settings) -> bool:
    if not (settings.var / FILES[settings.lens]).exists():
        return False
    with open_store(settings.var, settings.lens, read_only=True) as store:
        return store.query("report_known", report_id=report_id).height > 0
