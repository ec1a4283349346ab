"""First page and triage: what waits, the week's new incidents, and one incident with its sources."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from starlette.responses import Response

from domain.errors import Refused, UsageError
from domain.evidence import LabelRoot
from domain.incident import Incident
from domain.review import Act
from domain.situation import Level
from domain.state import Place
from review import levels
from review.office import Ask, navigate, plain, say_day
from review.rights import ALL_REGIONS, BY_NAME, Role
from review.routes_alerts import notices_that_wait
from review.routes_roster import first_page
from review.situations import Step, compare_facts, object_of
from review.snapshot import Snapshot
from review.triage import FIELDS, REASONS, View, check_correction, join
from review.work import ON_ITS_WAY, facts_now, hold_back, mine, said_tasks

A_PAGE = 50
NEAR = timedelta(days=14)
WRITERS = frozenset({Role.ANALYST, Role.SECOND_ANALYST})
CLEARERS = frozenset({Role.REGIONAL_HEAD, Role.HIGH_COMMISSIONER})
LONGEST_TEXT = 6_000  # signs shown of one report


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLine:
    """One place in the list of triage."""

    place: Place
    new: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One incident of the list, with the headline of the first of its reports."""

    view: View
    headline: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a report's words; `labels` are those that it led to, none for the rest."""

    words: str
    labels: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """One report beside its labels. Lines and links belong to the source; nothing of them is taken as ours."""

    title: str
    publisher: str
    published: str
    joined: str
    url: str
    language: str
    report_id: str
    pieces: tuple[Piece, ...]
    cut: bool
    fields: tuple[LabelRoot, ...]


def home(ask: Ask) -> Response:
    """What waits for this person: texts at a step of theirs, levels, and dates."""
    if ask.person.role is Role.ROSTER_MANAGER and ask.office.standby is not None:
        return ask.page("home.html", tasks=first_page(ask), left=0, issue="", pages=[])
    if not _of_the_office(ask):
        pages = [(path, words, BY_NAME[name].about) for name, path, words in navigate(ask.person) if name != "home"]
        return ask.page("home.html", tasks=[], left=0, issue="", pages=pages)
    snapshot = ask.snapshot
    tasks: list[dict[str, str | date | None]] = []
    for one in mine(ask):
        told = len(tasks)
        life = ask.office.life(one.situation_id)
        standing = ask.office.standing(snapshot, one, ask.at)
        place = snapshot.gazetteer.place(one.place).name
        base = f"/situation/{one.situation_id}"
        wanted = levels.find_tasks(
            one,
            standing,
            [landed.decision for landed in ask.office.ledger.history(levels.object_of(one.situation_id))],
            run=snapshot.issue,
            as_of=ask.at,
        )
        tasks += [
            {"place": place, "words": task.words, "due": task.due, "path": f"{base}/level"}
            for task in wanted
            if ask.person.role in task.roles
        ]
        tasks += [
            {"place": place, "words": words, "due": None, "path": f"{base}/{page}"}
            for words, page in said_tasks(ask, one)
        ]
        if life.text is None and ask.person.role in WRITERS and standing.level.rank >= Level.EMERGING.rank:
            tasks.append({"place": place, "words": "Nobody has written its text", "due": None, "path": f"{base}/write"})
        if life.text is not None and ask.person.name not in life.authors:
            tasks += [
                {"place": place, "words": f"Text is {life.step.value}: {step.words}", "due": None, "path": base}
                for step in ON_ITS_WAY
                if life.step is step.at and ask.person.role in step.roles
            ]
        if life.urgent and life.step is not Step.CLEARED and ask.person.name != life.urgent[-1].by:
            words = f"Urgent lane: {life.urgent[-1].by} has signed, the second signature is wanted"
            tasks.append({"place": place, "words": words, "due": None, "path": base})
        if life.facts and life.step in {Step.CLEARED, Step.FROZEN}:
            tasks += [
                {"place": place, "words": f"The clearance is stale. {change.words}", "due": None, "path": base}
                for change in compare_facts(life.facts, facts_now(ask, one))[:1]
            ]
        if len(tasks) > told:
            ask.see(object_of(one.situation_id), snapshot.weight(one), snapshot.gazetteer.place(one.place))
    tasks += [
        {"place": one.place, "words": one.words, "due": one.due, "path": one.path} for one in notices_that_wait(ask)
    ]
    tasks += _issue_task(ask)
    left = sum(line.left for line in _lines(ask)) if ask.person.role in WRITERS else 0
    return ask.page("home.html", tasks=tasks, left=left, issue=snapshot.issue, pages=[])


def _issue_task(ask: Ask) -> list[dict[str, str | date | None]]:
    """For those who clear issues: how far the newest draft is from its readers."""
    week = ask.snapshot.issue
    drafts = sorted((ask.office.drafts / week).glob("r*"), key=lambda one: (len(one.name), one.name))
    if ask.person.role not in CLEARERS or ALL_REGIONS not in ask.person.regions or not drafts:
        return []
    revision = drafts[-1].name
    if (ask.office.published / week / revision).is_dir():
        return []
    held = sum(bool(one.words) for one in hold_back(ask))
    words = f"Draft {revision}: {held} situation{'' if held == 1 else 's'} hold it back"
    if not held:
        words = f"Draft {revision}: nothing holds it back, read it and clear it, or issue it"
    return [{"place": f"Issue {week}", "words": words, "due": None, "path": f"/issue/{week}/{revision}"}]


def triage_page(ask: Ask) -> Response:
    """New incidents of the week, one place at a time."""
    snapshot = ask.snapshot
    lines = _lines(ask)
    code = ask.query.get("place", "") or next((one.place.code for one in lines if one.left), "")
    if not code and lines:
        code = lines[0].place.code
    place = ask.place(code) if code else None
    views = [] if place is None else _views(ask, place)
    start = int(text) if (text := ask.query.get("from", "0")).isdecimal() else 0
    for view in views[start : start + A_PAGE]:
        ask.see(view.incident.incident_id, snapshot.classification(view.incident), place)
    return ask.page(
        "triage.html",
        issue=snapshot.issue,
        lines=lines,
        place=place,
        rows=[_row(snapshot, view) for view in views[start : start + A_PAGE]],
        total=len(views),
        judged=sum(view.verdict is not None for view in views),
        start=start,
        later=start + A_PAGE if start + A_PAGE < len(views) else None,
        earlier=max(0, start - A_PAGE) if start else None,
        classes=ask.office.classes,
        agreement=ask.office.agreement(snapshot),
    )


def incident(ask: Ask) -> Response:
    """One incident: coded values, corrections, verdicts, sources with the words that led to each label."""
    found, place = _incident(ask)
    snapshot = ask.snapshot
    view = ask.office.overlay().view(found)
    around = _views(ask, place)
    ids = [one.incident.incident_id for one in around]
    at = ids.index(found.incident_id) if found.incident_id in ids else None
    near = [
        one.incident
        for one in around
        if one.incident.incident_id != found.incident_id and abs(one.incident.occurred_on - found.occurred_on) <= NEAR
    ][:20]
    for one in near:
        ask.see(one.incident_id, snapshot.classification(one), place)
    return ask.page(
        "incident.html",
        view=view,
        place=place,
        rows=[(FIELDS[name], view.coded(name), view.value(name), name) for name in FIELDS],
        sources=_sources(ask, found),
        classes=ask.office.classes,
        classification=snapshot.classification(found),
        near=near,
        reasons={act.value: REASONS[act] for act in REASONS},
        following=ids[at + 1] if at is not None and at + 1 < len(ids) else "",
        before=ids[at - 1] if at else "",
        position=f"{at + 1} of {len(ids)}" if at is not None else "not new this week",
        may=ask.person.role in WRITERS,
        places=[one.name for one in snapshot.gazetteer.places],
        history=[landed.decision for landed in ask.office.ledger.history(found.incident_id)],
    )


def decide_incident(ask: Ask) -> Response:
    """Save a verdict, then on to the next incident that nobody looked at."""
    found, place = _incident(ask)
    act = {"relevant": Act.RELEVANT, "duplicate": Act.DUPLICATE, "park": Act.PARK, "set_aside": Act.SET_ASIDE}.get(
        ask.form.get("verdict", "")
    )
    if act is None:
        raise UsageError("No verdict is chosen.", why="One of four is needed.", do="Choose one and send again.")
    reason = _reason(ask)
    content = ""
    classification = ask.snapshot.classification(found)
    version = ask.version()
    if act is Act.DUPLICATE:
        other = ask.snapshot.incident(ask.form.get("of", ""))
        if other is None or other.incident_id == found.incident_id:
            raise UsageError(
                "It is not said of which incident this is a duplicate.",
                why="Two incidents become one, so both are named.",
                do="Choose the other one from the list, or give its id.",
            )
        ask.see(other.incident_id, ask.snapshot.classification(other), ask.snapshot.gazetteer.place(other.place))
        name = join((found, other))
        content = json.dumps({"of": other.incident_id, "merge": name}, sort_keys=True)
        _check_version(ask, found.incident_id, version)
        ask.save(
            Act.MERGE,
            name,
            version=len(ask.office.ledger.history(name)) + 1,
            reason=reason,
            classification=classification,
        )
    ask.save(act, found.incident_id, version=version + 1, reason=reason, content=content, classification=classification)
    overlay = ask.office.overlay()
    ids = ask.snapshot.fresh_ids(place.code)
    at = ids.index(found.incident_id) if found.incident_id in ids else -1
    left = [one for one in (*ids[at + 1 :], *ids[: max(at, 0)]) if overlay.state_of(one) is None]
    return ask.go(f"/incident/{left[0]}" if left else f"/triage?place={place.code}")


def correct_incident(ask: Ask) -> Response:
    """Put a corrected value beside the coded one."""
    found, _ = _incident(ask)
    name = ask.form.get("field", "")
    value = check_correction(
        name,
        ask.form.get("value", ""),
        gazetteer=ask.snapshot.gazetteer,
        classes=ask.office.classes,
        today=ask.at.date(),
    )
    content = json.dumps(
        {"field": name, "coded": ask.office.overlay().view(found).coded(name), "value": value},
        ensure_ascii=False,
        sort_keys=True,
    )
    ask.save(
        Act.CORRECT,
        found.incident_id,
        version=ask.version() + 1,
        reason=_reason(ask),
        content=content,
        classification=ask.snapshot.classification(found),
    )
    return ask.go(f"/incident/{found.incident_id}")


def split_incident(ask: Ask) -> Response:
    """Say that some reports are an incident of their own; the next run follows."""
    found, _ = _incident(ask)
    chosen = sorted(set(ask.lists.get("report", ())))
    if not chosen or set(chosen) >= set(found.reports) or not set(chosen) <= set(found.reports):
        raise UsageError(
            "Nothing can be split off so.",
            why="Some of this incident's reports are chosen, and at least one stays.",
            do="Tick the reports that tell of another event.",
        )
    name = " ".join(chosen)
    reason = _reason(ask)
    _check_version(ask, found.incident_id, ask.version())
    ask.save(
        Act.SPLIT,
        name,
        version=len(ask.office.ledger.history(name)) + 1,
        reason=reason,
        classification=ask.snapshot.classification(found),
    )
    return ask.go(f"/incident/{found.incident_id}")


def take_back(ask: Ask) -> Response:
    """Take back one verdict or correction, or a merge or split; the row stays, and says so."""
    found, _ = _incident(ask)
    reason = _reason(ask)
    classification = ask.snapshot.classification(found)
    joining = ask.form.get("joining", "")
    if joining:
        view = ask.office.overlay().view(found)
        if joining not in {one.object_id for one in view.joinings}:
            raise Refused(
                "This merge or split does not stand.", why="It was taken back already.", do="Open the page again."
            )
        version = len(ask.office.ledger.history(joining)) + 1
        ask.save(Act.WITHDRAW, joining, version=version, reason=reason, classification=classification)
        return ask.go(f"/incident/{found.incident_id}")
    history = ask.office.ledger.history(found.incident_id)
    taken = ask.form.get("taken", "")
    if not taken.isdecimal() or not 1 <= int(taken) <= len(history):
        raise UsageError("There is no such decision.", why="It is not in the list.", do="Choose one from the page.")
    undone = history[int(taken) - 1].decision
    if undone.act is Act.DUPLICATE and undone.content:
        merge = str(json.loads(undone.content)["merge"])
        standing = ask.office.ledger.history(merge)
        if standing and standing[-1].decision.act is Act.MERGE:
            ask.save(Act.WITHDRAW, merge, version=len(standing) + 1, reason=reason, classification=classification)
    ask.save(
        Act.WITHDRAW,
        found.incident_id,
        version=ask.version() + 1,
        reason=reason,
        content=json.dumps({"version": int(taken)}),
        classification=classification,
    )
    return ask.go(f"/incident/{found.incident_id}")


def _lines(ask: Ask) -> list[PlaceLine]:
    """Places of this person's regions with something new, in the order of the alphabet."""
    snapshot, overlay = ask.snapshot, ask.office.overlay()
    found = []
    for code, new in snapshot.new_counts().items():
        place = snapshot.gazetteer.place(code)
        if ask.person.knows(place):
            judged = sum(
                overlay.state_of(one) is not None for one in snapshot.fresh_ids(code) if one in overlay.by_incident
            )
            found.append(PlaceLine(place=place, new=new, left=new - judged))
    return sorted(found, key=lambda one: one.place.name)


def _views(ask: Ask, place: Place) -> list[View]:
    """The place's new incidents that this person may see."""
    overlay = ask.office.overlay()
    return [
        overlay.view(one)
        for one in ask.snapshot.new_of(place.code)
        if ask.sees(ask.snapshot.classification(one), place)
    ]


def _row(snapshot: Snapshot, view: View) -> Row:
    told = snapshot.told(view.incident.reports[0]) if view.incident.reports else None
    return Row(view=view, headline=told.title if told else "", language=told.language if told else "")


def _incident(ask: Ask) -> tuple[Incident, Place]:
    """The incident in the address, if it is for this person."""
    found = ask.snapshot.incident(ask.names["incident"])
    if found is None:
        raise UsageError(
            "There is no such incident in this issue.",
            why="The address is wrong, or a later run grouped its reports otherwise.",
            do="Choose it from the list of triage.",
        )
    place = ask.snapshot.gazetteer.place(found.place)
    ask.see(found.incident_id, ask.snapshot.classification(found), place)
    return found, place


def _sources(ask: Ask, found: Incident) -> list[SourceText]:
    labels = ask.snapshot.labels_of(found.incident_id)
    cards = ask.snapshot.cards
    texts = []
    for root in ask.snapshot.reports_of(found.incident_id):
        told = ask.snapshot.told(root.report_id)
        own = [one for one in labels if one.report_id == root.report_id]
        body = f"{told.title}\n\n{told.text}" if told and told.text else told.title if told else ""
        card = cards.get(root.source_id)
        texts.append(
            SourceText(
                title=card.title if card else root.source_id,
                publisher=card.publisher if card else "",
                published=say_day(root.published_at) if root.published_at else "no date of publication",
                joined=root.joined,
                url=root.url if root.url.startswith(("https://", "http://")) else "",
                language=root.language,
                report_id=root.report_id,
                pieces=mark(body[:LONGEST_TEXT], [one for one in own if one.field == "text"]),
                cut=len(body) > LONGEST_TEXT,
                fields=tuple(one for one in own if one.field != "text"),
            )
        )
    return texts


def mark(body: str, labels: list[LabelRoot]) -> tuple[Piece, ...]:
    """The text in pieces, cut wherever a label's words begin or end."""
    spans = [
        (one.start, one.end, f"{one.trigger}{f' {one.outcome}' if one.outcome else ''} · {one.rule}")
        for one in labels
        if one.start is not None and one.end is not None and 0 <= one.start < one.end <= len(body)
    ]
    edges = sorted({0, len(body), *(edge for start, end, _ in spans for edge in (start, end))})
    return tuple(
        Piece(
            words=plain(body[a:b]),
            labels="; ".join(sorted({words for start, end, words in spans if start <= a and b <= end})),
        )
        for a, b in pairwise(edges)
    )


def _reason(ask: Ask) -> str:
    reason = " ".join(ask.form.get("reason", "").split())
    if not reason:
        raise UsageError("A reason is missing.", why="Each decision says why.", do="Write a few words and send again.")
    if len(reason) > 500:
        raise UsageError("The reason is too long.", why="500 signs are enough.", do="Shorten it.")
    return reason


def _check_version(ask: Ask, object_id: str, version: int) -> None:
    """Before something is saved on another object: nobody decided on this one meanwhile."""
    if len(ask.office.ledger.history(object_id)) != version:
        last = ask.office.ledger.history(object_id)[-1].decision
        raise Refused(
            f"{last.by} decided on this incident while you were looking.",
            why=f"They hold: {last.act.value.replace('_', ' ')}, {last.reason}",
            do="Open the incident again; your own view can still be saved beside theirs.",
        )


def _of_the_office(ask: Ask) -> bool:
    return ask.person.role in {
        Role.ANALYST,
        Role.SECOND_ANALYST,
        Role.PROTECTION_OFFICER,
        Role.REGIONAL_HEAD,
        Role.HIGH_COMMISSIONER,
    }


HANDLERS: dict[str, Callable[[Ask], Response]] = {
    "home": home,
    "triage": triage_page,
    "incident": incident,
    "decide_incident": decide_incident,
    "correct_incident": correct_incident,
    "split_incident": split_incident,
    "take_back": take_back,
}
