"""Situations: the text and its steps, the level, and the register of options."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from starlette.responses import Response

from domain.errors import Refused, UsageError
from domain.options import known_options
from domain.review import Act
from domain.situation import Level, Situation
from review import levels, options, situations
from review.ledger import Conflict
from review.levels import RENEW, Request, check_request, check_told, find_tasks, hold_content
from review.office import FORMS, Ask, Note, boxed
from review.rights import Role
from review.situations import (
    CONFIDENCES,
    DRAFT_MARK,
    LABELS,
    LANGUAGES,
    LIKELIHOODS,
    MOVES,
    NO_DRAFT,
    REQUIRED,
    URGENT,
    URGENT_MOVE,
    Life,
    Step,
    Text,
    allowed,
    check_fresh,
    check_move,
    check_text,
    check_urgent,
    draft_text,
    freeze,
    mark_changes,
)
from review.snapshot import level_words
from review.triage import View
from review.work import ON_ITS_WAY, facts_now, mine, say_roles, stale_facts

ORDER = (Step.DRAFT, Step.CHALLENGED, Step.PROTECTED, Step.WORDED, Step.CLEARED, Step.FROZEN, Step.ISSUED)
HINTS = {
    "why_now": "One sentence that a reader may stop at.",
    "alleged": "Reportedly, allegedly, according to. Who told, by class of source.",
    "likelihood": "Only where you judge it. Never beside the confidence.",
    "account": "What the State says, or “sought on …, none received by …”.",
    "contrary": "The best case against your own text.",
    "confidence_why": "How many origins, who was able to look, who was not.",
}
LONG = frozenset({"alleged", "account", "contrary", "corroboration", "improvements"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form, with what was typed, and what the linter says of it."""

    name: str
    label: str
    value: str
    hint: str
    required: bool
    choices: tuple[str, ...]
    rows: int
    notes: tuple[Note, ...]
    theirs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One situation in the list."""

    situation_id: str
    place: str
    proposed: str
    level: str
    basis: str
    phase: str
    step: str
    writer: str
    stale: bool


def list_situations(ask: Ask) -> Response:
    """All of this person's regions, by level, phase and alphabet; nothing else orders them."""
    snapshot = ask.snapshot
    lines = []
    for one in mine(ask):
        life = ask.office.life(one.situation_id)
        standing = ask.office.standing(snapshot, one, ask.at)
        ask.see(situations.object_of(one.situation_id), snapshot.weight(one), snapshot.gazetteer.place(one.place))
        lines.append(
            Line(
                situation_id=one.situation_id,
                place=snapshot.gazetteer.place(one.place).name,
                proposed=level_words(one.level),
                level=level_words(standing.level),
                basis=standing.words,
                phase=one.phase.value,
                step=life.step.value if life.text else "no text yet",
                writer=life.writer,
                stale=bool(stale_facts(ask, one)),
            )
        )
    return ask.page("situations.html", lines=lines, issue=snapshot.issue)


def situation(ask: Ask) -> Response:
    """One situation: where it stands, what rests on what, and what this person may do."""
    one = ask.situation()
    snapshot = ask.snapshot
    life = ask.office.life(one.situation_id)
    stale = stale_facts(ask, one)
    place = snapshot.gazetteer.place(one.place)
    moves = allowed(life, ask.person)
    return ask.page(
        "situation.html",
        **head_of(ask, one),
        life=life,
        order=[(step, _stage(life, step)) for step in ORDER],
        coming=_coming(life),
        text=_shown(life.text),
        stale=stale,
        moves=moves,
        forward=bool(moves) and moves[0].to not in {Step.DRAFT, Step.WITHDRAWN},
        urgent=URGENT_MOVE
        if life.text is not None
        and life.step in URGENT_MOVE.before
        and ask.person.role in URGENT_MOVE.roles
        and ask.person.name not in life.authors
        else None,
        facts=facts_now(ask, one),
        incidents=_views(ask, one),
        since=_since(ask, one),
        changed=_changed_text(life),
        state=snapshot.states.get(one.place),
        notes=_lint(ask, life.text),
        territory=place.note,
        triggers=[result for result in snapshot.triggers.get(one.place, ()) if result.trigger in one.triggers],
        classes=ask.office.classes,
        checks=URGENT_MOVE.checks,
    )


def write(ask: Ask) -> Response:
    """The form, filled with the text as it stands, or with a draft from triaged facts."""
    one = ask.situation()
    life = ask.office.life(one.situation_id)
    _check_open(life)
    text = life.text or draft_text(ask.snapshot, ask.office.overlay(), one)
    mark = "" if life.text is not None else DRAFT_MARK if text != Text() else NO_DRAFT
    return _form(ask, one, asdict(text), version=life.version, mark=mark)


def save(ask: Ask) -> Response:
    """Save a version; what is missing or in conflict is said beside what was typed."""
    one = ask.situation()
    life = ask.office.life(one.situation_id)
    typed = {each.name: ask.form.get(each.name, "") for each in fields(Text)}
    try:
        version = ask.version()
        _check_open(life)
        if ask.person.nationality and ask.person.nationality == one.place:
            raise Refused(
                "You hold the nationality of this State.",
                why="Nobody writes on a State whose nationality they hold.",
                do="Ask a colleague.",
            )
        text = check_text(typed)
    except UsageError as error:
        return _form(ask, one, typed, version=life.version, mark="", error=error, status=422)
    content = json.dumps({"text": asdict(text)}, ensure_ascii=False, sort_keys=True)
    try:
        ask.save(
            Act.WRITE,
            situations.object_of(one.situation_id),
            version=version + 1,
            reason=ask.form.get("reason", "") or "text saved",
            content=content,
            author=ask.person.name,
            classification=ask.snapshot.weight(one),
        )
    except Conflict as conflict:
        theirs = ask.office.life(one.situation_id)
        return _form(
            ask,
            one,
            typed,
            version=theirs.version,
            mark="",
            error=conflict,
            status=409,
            theirs=asdict(theirs.text) if theirs.text is not None else None,
        )
    return ask.go(f"/situation/{one.situation_id}")


def move(ask: Ask) -> Response:
    """Take one step with the text."""
    one = ask.situation()
    life = ask.office.life(one.situation_id)
    lane = URGENT if ask.form.get("lane", "") == URGENT else ""
    wanted = ask.form.get("to", "")
    chosen = URGENT_MOVE if lane else next((each for each in MOVES if each.to.value == wanted), None)
    if chosen is None or chosen.to is Step.ISSUED:
        raise UsageError("There is no such step.", why="A text is issued with its issue.", do="Choose one of the page.")
    reason = ask.form.get("reason", "")
    checked = frozenset(ask.lists.get("check", ()))
    check_move(life, chosen, ask.person, reason=reason, checked=checked, state=one.place)
    if lane:
        check_urgent(life, ask.person)
    said: dict[str, object] = {"to": chosen.to.value, "text_version": life.text_version}
    if lane:
        said["lane"] = lane
    if chosen.checks:
        said["checked"] = sorted(checked)
    if chosen.to is Step.CLEARED:
        said["facts"] = facts_now(ask, one)
    if chosen.to is Step.FROZEN:
        check_fresh(stale_facts(ask, one))
    digest = freeze(life.text or Text(), life.facts)
    if chosen.to is Step.FROZEN:
        said["hash"] = digest
    ask.save(
        Act.MOVE,
        situations.object_of(one.situation_id),
        version=ask.version() + 1,
        reason=reason,
        content=json.dumps(said, ensure_ascii=False, sort_keys=True),
        object_hash=digest,
        author=life.writer,
        classification=ask.snapshot.weight(one),
    )
    return ask.go(f"/situation/{one.situation_id}")


def preview(ask: Ask) -> Response:
    """The entry as its reader will see it."""
    one = ask.situation()
    life = ask.office.life(one.situation_id)
    return ask.page("preview.html", **head_of(ask, one), life=life, text=life.text, mark=DRAFT_MARK, forms=FORMS)


def preview_form(ask: Ask) -> Response:
    """The entry as the scan will print it, in one of its forms, with the text as it stands."""
    one = ask.situation()
    form = ask.names["form"]
    if f".{form}" not in FORMS:
        raise UsageError("There is no such form.", why="A page has four.", do=f"Ask for: {', '.join(FORMS.values())}.")
    body = ask.office.preview(ask.snapshot.issue, one.situation_id, form)
    ask.note_export(f"{situations.object_of(one.situation_id)}/preview.{form}", ask.snapshot.weight(one))
    return boxed(f"preview.{form}", body)


def export(ask: Ask) -> Response:
    """The entry for machines, with its marking."""
    one = ask.situation()
    life = ask.office.life(one.situation_id)
    classification = ask.snapshot.weight(one)
    standing = ask.office.standing(ask.snapshot, one, ask.at)
    body = {
        "classification": classification.value,
        "situation": one.situation_id,
        "place": one.place,
        "issue": ask.snapshot.issue,
        "step": life.step.value,
        "level": standing.level.value,
        "level_basis": standing.words,
        "text": asdict(life.text) if life.text is not None else None,
        "facts": facts_now(ask, one),
        "hash": life.frozen_hash,
    }
    ask.note_export(situations.object_of(one.situation_id), classification)
    return Response(
        json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="situation-{one.situation_id}.json"'},
    )


def level(ask: Ask) -> Response:
    """Proposed and confirmed, with the forms to sign."""
    one = ask.situation()
    history = ask.office.ledger.history(levels.object_of(one.situation_id))
    standing = ask.office.standing(ask.snapshot, one, ask.at)
    return ask.page(
        "level.html",
        **head_of(ask, one),
        levels=[(each.value, level_words(each)) for each in Level],
        history=[landed.decision for landed in history],
        tasks=find_tasks(one, standing, [landed.decision for landed in history], run=ask.snapshot.issue, as_of=ask.at),
        last_day=(ask.at + levels.OVERRIDE_LASTS).date(),
        silenced=levels.is_silenced(ask.snapshot.triggers.get(one.place, ())),
        may=ask.person.role not in {Role.PROTECTION_OFFICER},
        needs=_needs_words(ask, one, standing.level),
        incidents=_views(ask, one),
    )


def sign_level(ask: Ask) -> Response:
    """Confirm the proposal, override it, countersign, tell the Office, or renew a hold."""
    one = ask.situation()
    standing = ask.office.standing(ask.snapshot, one, ask.at)
    what = ask.form.get("what", "")
    reason = ask.form.get("reason", "")
    version = ask.version()
    object_id = levels.object_of(one.situation_id)
    classification = ask.snapshot.weight(one)
    if what in {"tell", RENEW}:
        check_told(what, ask.person, situation=one, reason=reason)
        said = hold_content(what, run=ask.snapshot.issue) if what != "tell" else json.dumps({"told": "office"})
        ask.save(Act.TELL, object_id, version=version + 1, reason=reason, content=said, classification=classification)
        return ask.go(f"/situation/{one.situation_id}/level")
    request = _request(ask, one, standing.level, what, standing.waiting)
    check_request(
        request,
        ask.person,
        situation=one,
        triggers=ask.snapshot.triggers.get(one.place, ()),
        reason=reason,
        as_of=ask.at,
    )
    if any(ask.person.name == name for each in standing.waiting if each.request == request for name, _ in each.signed):
        raise Refused("You have signed this.", why="Two people confirm a level.", do="Ask the second one.")
    ask.save(
        Act.OVERRIDE_LEVEL if request.override else Act.CONFIRM_LEVEL,
        object_id,
        version=version + 1,
        reason=reason,
        content=request.content,
        classification=classification,
    )
    return ask.go(f"/situation/{one.situation_id}/level")


def list_options(ask: Ask) -> Response:
    """Every option with its condition, in the order of the alphabet, and what was decided."""
    one = ask.situation()
    history = ask.office.ledger.history(options.object_of(one.situation_id))
    summary = ask.office.ledger.history(options.summary_object_of(one.situation_id))
    return ask.page(
        "options.html",
        **head_of(ask, one),
        options=known_options(ask.office.options, on=ask.at.date()),
        sureness=options.SURENESS,
        entries=options.read_entries(landed.decision for landed in history),
        version=len(history),
        summary=options.read_summary(landed.decision for landed in summary),
        summary_version=len(summary),
        may=ask.person.role in {Role.REGIONAL_HEAD, Role.HIGH_COMMISSIONER},
        today=ask.at.date(),
    )


def decide_option(ask: Ask) -> Response:
    """Enter what was decided, or the words about it that others may read."""
    one = ask.situation()
    if ask.form.get("what", "") == "summary":
        words = ask.form.get("words", "").strip()
        if not words or len(words) > options.LONGEST:
            raise UsageError("The summary is empty or too long.", why="It has words.", do="Write it again.")
        object_id, content = options.summary_object_of(one.situation_id), json.dumps({"words": words}, sort_keys=True)
        reason = "summary for others"
    else:
        object_id = options.object_of(one.situation_id)
        content = options.check_entry(ask.form, options=ask.office.options, today=ask.at.date())
        reason = ask.form.get("why", "")
    ask.save(
        Act.DECIDE_OPTION,
        object_id,
        version=ask.version() + 1,
        reason=reason,
        content=content,
        classification=ask.snapshot.weight(one),
    )
    return ask.go(f"/situation/{one.situation_id}/options")


def head_of(ask: Ask, one: Situation) -> dict[str, Any]:
    """What the head of every page of a situation needs."""
    snapshot = ask.snapshot
    standing = ask.office.standing(snapshot, one, ask.at)
    return {
        "situation": one,
        "place": snapshot.gazetteer.place(one.place),
        "standing": standing,
        "level": level_words(standing.level),
        "proposed": level_words(one.level),
        "classification": snapshot.weight(one).value.replace("_", " "),
        "issue": snapshot.issue,
        "may_write": ask.person.role in {Role.ANALYST, Role.SECOND_ANALYST},
        "may_options": ask.person.role in {Role.PROTECTION_OFFICER, Role.REGIONAL_HEAD, Role.HIGH_COMMISSIONER},
    }


def _form(
    ask: Ask,
    one: Situation,
    values: dict[str, str],
    *,
    version: int,
    mark: str,
    error: UsageError | Conflict | None = None,
    status: int = 200,
    theirs: dict[str, str] | None = None,
) -> Response:
    made = [
        Field(
            name=name,
            label=label,
            value=values.get(name, ""),
            hint=HINTS.get(name, ""),
            required=name in REQUIRED,
            choices=_choices(name),
            rows=5 if name in LONG else 2,
            notes=tuple(ask.office.lint(values.get(name, ""))) if ask.office.lint and values.get(name) else (),
            theirs=theirs[name] if theirs and theirs[name] != values.get(name, "") else "",
        )
        for name, label in LABELS.items()
    ]
    return ask.page(
        "write.html",
        status=status,
        **head_of(ask, one),
        fields=made,
        version=version,
        mark=mark,
        incidents=[(view, ask.snapshot.told(view.incident.reports[0])) for view in _views(ask, one)],
        triggers=[each for each in ask.snapshot.triggers.get(one.place, ()) if each.trigger in one.triggers],
        classes=ask.office.classes,
        error=error,
        conflict=theirs is not None,
    )


def _choices(name: str) -> tuple[str, ...]:
    choices = {"likelihood": ("", *LIKELIHOODS), "confidence": ("", *CONFIDENCES), "language": tuple(LANGUAGES)}
    return choices.get(name, ())


def _shown(text: Text | None) -> list[tuple[str, str]]:
    if text is None:
        return []
    return [(label, value) for name, label in LABELS.items() if (value := getattr(text, name))]


def _check_open(life: Life) -> None:
    if not life.open_to_writing:
        raise Refused(
            f"The text is {life.step.value}.",
            why="What is frozen, issued or withdrawn is not written on.",
            do="Have it sent back, or open a correction, first.",
        )


def _coming(life: Life) -> str:
    """What is to be done next with the text, and by whom; empty where nothing is."""
    if life.text is None:
        return "write the text, by an analyst"
    if life.step is Step.FROZEN:
        return "it leaves with its issue, which a regional head or the High Commissioner's office clears and sends"
    turn = next((one for one in ON_ITS_WAY if one.at is life.step), None)
    return f"{turn.words}, by {say_roles(turn.roles)}" if turn else ""


def _stage(life: Life, step: Step) -> str:
    """Whether a step is done, is where the text stands, or is still to come."""
    if life.text is None or life.step not in ORDER:
        return "ahead"
    at, own = ORDER.index(life.step), ORDER.index(step)
    return "done" if own < at else "here" if own == at else "ahead"


def _views(ask: Ask, one: Situation) -> list[View]:
    overlay = ask.office.overlay()
    return [overlay.view(each) for each in ask.snapshot.chosen(one.incidents)]


def _since(ask: Ask, one: Situation) -> list[str]:
    """What changed since the issue before, in words."""
    snapshot = ask.snapshot
    if not snapshot.previous:
        return ["There is no issue of the week before to compare with."]
    words = []
    past = snapshot.past.get(one.place)
    before = past.level if past else "none"
    if before != one.level.value:
        words.append(f"Proposed level: was {before}, is {one.level.value}")
    new = [each for each in one.incidents if each not in snapshot.incidents_before]
    late = [
        each.incident_id for each in snapshot.chosen(tuple(new)) if (snapshot.as_of.date() - each.occurred_on).days > 7
    ]
    if new:
        words.append(f"Incidents new: {len(new) - len(late)}, reported late: {len(late)}")
    return words or ["Nothing that the rules look at."]


def _changed_text(life: Life) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """The text against the one that was issued last, field by field."""
    if life.issued_text is None or life.text is None or life.issued_text == life.text:
        return []
    return [
        (label, mark_changes(getattr(life.issued_text, name), getattr(life.text, name)))
        for name, label in LABELS.items()
        if getattr(life.issued_text, name) != getattr(life.text, name)
    ]


def _lint(ask: Ask, text: Text | None) -> list[tuple[str, Note]]:
    if ask.office.lint is None or text is None:
        return []
    return [(label, note) for label, value in _shown(text) for note in ask.office.lint(value)]


def _needs_words(ask: Ask, one: Situation, standing: Level) -> str:
    request = Request(
        situation_id=one.situation_id,
        run=ask.snapshot.issue,
        from_level=standing,
        proposed_level=one.level,
        to_level=one.level,
    )
    silenced = levels.is_silenced(ask.snapshot.triggers.get(one.place, ()))
    return levels.say_needs(levels.required(request, silenced=silenced))


def _request(ask: Ask, one: Situation, standing: Level, what: str, waiting: tuple[levels.Waiting, ...]) -> Request:
    """What is signed. A countersignature signs what the first person wrote, letter by letter."""
    if what.startswith("countersign "):
        at = what.removeprefix("countersign ")
        if at.isdecimal() and int(at) < len(waiting):
            return waiting[int(at)].request
        raise UsageError("Nothing waits for a signature.", why="It was signed meanwhile.", do="Open the page again.")
    plain_request = Request(
        situation_id=one.situation_id,
        run=ask.snapshot.issue,
        from_level=standing,
        proposed_level=one.level,
        to_level=one.level,
    )
    if what == "confirm":
        return plain_request
    if what != "override":
        raise UsageError("Nothing is chosen.", why="A level is confirmed or overridden.", do="Use one of the forms.")
    try:
        wanted = Level(ask.form.get("to_level", ""))
        expires = date.fromisoformat(ask.form.get("expires_on", ""))
    except ValueError:
        raise UsageError(
            "The override lacks its level or its last day.", why="Both are needed.", do="Fill them in."
        ) from None
    if wanted is one.level and wanted is standing:
        raise UsageError("This is what the rules give.", why="It is no override.", do="Confirm it instead.")
    return Request(
        situation_id=one.situation_id,
        run=ask.snapshot.issue,
        from_level=standing,
        proposed_level=one.level,
        to_level=wanted,
        rules_departed_from=_lines(ask.form.get("rules", "")),
        incidents_for=tuple(sorted(ask.lists.get("incident", ()))),
        contrary_considered=_lines(ask.form.get("contrary", "")),
        expires_on=expires,
        first_hand=ask.form.get("first_hand", "") == "yes",
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


HANDLERS: dict[str, Callable[[Ask], Response]] = {
    "situations": list_situations,
    "situation": situation,
    "write": write,
    "save": save,
    "move": move,
    "preview": preview,
    "preview_form": preview_form,
    "export": export,
    "level": level,
    "sign_level": sign_level,
    "options": list_options,
    "decide_option": decide_option,
}
