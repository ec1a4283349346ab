"""What only people can say of a situation, and the State's account: entered by one, confirmed or recorded by others."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from domain.errors import Refused, UsageError
from domain.evidence import CallRoot
from domain.review import Act
from domain.situation import Situation
from review import comment, rulings
from review.office import Ask
from review.rights import Role
from review.routes_work import head_of
from review.rulings import KINDS, Kind, Ruling, Sent, Stand, check_person, check_second, make_line, read_ruling
from review.situations import LANGUAGES
from review.work import ANALYSTS, mine, rulings_of

TYPED = (
    "trigger", "kind", "value", "on", "citation", "event", "body", "origins", "step", "office", "sentence", "reason",
)  # fmt: skip
PROPOSED = {"a": "call on the State", "b": "call for international action", "mention": "mention"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a text may be for this State. `aside` says who set it aside, and why; `entered` that it is in the list."""

    root: CallRoot
    source: str
    proposed: str
    object_id: str
    aside: tuple[str, str] | None
    entered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry, with what this person may do about it and the situations that it names."""

    ruling: Ruling
    may_confirm: bool
    may_end: bool
    others: tuple[str, ...]


def list_rulings(ask: Ask) -> Response:
    """Everything that was entered of this situation, what texts may be calls, and the forms."""
    return _rulings_page(ask, ask.situation())


def enter_ruling(ask: Ask) -> Response:
    """Enter a line, confirm or refuse one, take one back, or set a proposed call aside."""
    one = ask.situation()
    what = ask.form.get("what", "")
    reason = ask.form.get("reason", "")
    try:
        check_person(ask.person, [one.place])
        if not " ".join(reason.split()):
            raise UsageError("A reason is missing.", why="Each entry says why.", do="Write a few words and send again.")
        if what == "enter":
            _enter(ask, one, reason)
        elif what in {"confirm", "end"}:
            _answer(ask, one, what, reason)
        elif what in {"aside", "back"}:
            _judge_call(ask, one, what, reason)
        else:
            raise UsageError("Nothing is chosen.", why="Each form does one thing.", do="Use one of the forms.")
    except UsageError as error:
        return _rulings_page(ask, one, error=error, status=422)
    return ask.go(f"/situation/{one.situation_id}/rulings")


def account(ask: Ask) -> Response:
    """Whether the text was shown to the State, what it answered, or why it was not shown."""
    one = ask.situation()
    noted = ask.office.comment(one.situation_id)
    life = ask.office.life(one.situation_id)
    return ask.page(
        "account.html",
        **head_of(ask, one),
        comment=noted,
        checked=life.text is not None and life.step in comment.CHECKED,
        step=life.step.value if life.text is not None else "not written",
        text_version=life.text_version,
        languages=tuple(LANGUAGES),
        today=ask.at.date(),
        heads=ask.person.role in comment.HEADS,
        may=ask.person.role in {Role.PROTECTION_OFFICER, *comment.HEADS},
        signed=any(name == ask.person.name for name, _, _ in noted.withheld),
    )


def note_account(ask: Ask) -> Response:
    """Note that the text was shown, that an answer came, or why it was not shown; or take all of that back."""
    one = ask.situation()
    noted = ask.office.comment(one.situation_id)
    if ask.form.get("what", "") == "back":
        check_person(ask.person, [one.place])
        if not ask.form.get("reason", "").strip():
            raise Refused("A reason is missing.", why="It is asked of every step.", do="Write it and send again.")
        act, content = Act.WITHDRAW, ""
    else:
        act = Act.TELL
        content = comment.check_comment(
            ask.form,
            noted,
            ask.office.life(one.situation_id),
            ask.person,
            state=one.place,
            today=ask.at.date(),
        )
    ask.save(
        act,
        comment.object_of(one.situation_id),
        version=ask.version() + 1,
        reason=ask.form.get("reason", ""),
        content=content,
        classification=ask.snapshot.weight(one),
    )
    return ask.go(f"/situation/{one.situation_id}/account")


def _rulings_page(ask: Ask, one: Situation, *, error: UsageError | None = None, status: int = 200) -> Response:
    overlay = ask.office.overlay()
    own = _others(ask, one)
    lines = []
    for ruling in rulings_of(ask, one):
        waits = ruling.stand is Stand.WAITS
        own_entry = any(name == ask.person.name for name, _, _, _ in ruling.entered)
        may = ask.person.role in ANALYSTS and ruling.stand in {Stand.WAITS, Stand.HOLDS}
        named = tuple(own[key] for key in own if ruling.act is Act.JOIN and f'"{key}"' in ruling.content)
        lines.append(Line(ruling=ruling, may_confirm=may and waits and not own_entry, may_end=may, others=named))
    return ask.page(
        "rulings.html",
        status=status,
        **head_of(ask, one),
        error=error,
        typed={kind.name: _typed(ask, kind) for kind in KINDS},
        wrong=ask.form.get("kind_of", "") if error else "",
        lines=lines,
        kinds=KINDS,
        proposals=_proposals(ask, one, {line.ruling.object_id for line in lines if line.may_end}),
        may=ask.person.role in ANALYSTS,
        classes=ask.office.classes,
        met=one.triggers,
        incidents=[overlay.view(each) for each in ask.snapshot.chosen(one.incidents)],
        others=own,
        today=ask.at.date(),
        latest=ask.at.date() + rulings.AHEAD,
        steps=rulings.STEPS,
    )


def _typed(ask: Ask, kind: Kind) -> dict[str, str]:
    """What was typed into one form that could not be taken; nothing into the others."""
    own = ask.form.get("kind_of", "") == kind.name
    return {name: ask.form.get(name, "") if own else "" for name in TYPED}


def _others(ask: Ask, one: Situation) -> dict[str, str]:
    """The other situations that this person may see, by the name of their place."""
    gazetteer = ask.snapshot.gazetteer
    found = {each.situation_id: gazetteer.place(each.place).name for each in mine(ask)}
    return {key: name for key, name in found.items() if key != one.situation_id}


def _proposals(ask: Ask, one: Situation, entered: set[str]) -> list[Proposal]:
    snapshot, overlay = ask.snapshot, ask.office.overlay()
    place = snapshot.gazetteer.place(one.place)
    found = []
    for root in snapshot.calls.get(one.place, ()):
        card = snapshot.cards.get(root.source_id)
        if card is None or not ask.sees(card.classification, place):
            continue
        name = rulings.call_object(root.report_id, root.place)
        aside = overlay.by_incident.get(name, [])
        last = aside[-1] if aside else None
        found.append(
            Proposal(
                root=root,
                source=card.title,
                proposed=PROPOSED.get(root.kind, root.kind),
                object_id=name,
                aside=(last.by, last.reason) if last is not None and last.act is Act.SET_ASIDE else None,
                entered=any(f"{one.place} {kind} {root.said_on} {root.office}" in entered for kind in "ab"),
            )
        )
    return found


def _enter(ask: Ask, one: Situation, reason: str) -> None:
    kind = rulings.BY_NAME.get(ask.form.get("kind_of", ""))
    if kind is None:
        raise UsageError("There is no such entry.", why="Seven sorts can be entered.", do="Use one of the forms.")
    visible = {each.situation_id: each for each in mine(ask)}
    sent = Sent(
        form=ask.form,
        lists=ask.lists,
        situation=one,
        classes=ask.office.classes,
        others=frozenset(visible),
        today=ask.at.date(),
    )
    line, content = make_line(kind, sent)
    if kind.act is Act.JOIN:
        check_person(ask.person, [visible[key].place for key in ask.lists.get("other", ()) if key in visible])
    history = ask.office.ledger.history(line)
    if history and read_ruling([each.decision for each in history]).stand in {Stand.WAITS, Stand.HOLDS}:
        raise UsageError(
            "This is entered already.", why="The same line stands in the list.", do="Confirm it there, or refuse it."
        )
    _save(ask, one, kind.act, line, version=len(history) + 1, reason=reason, content=content)


def _answer(ask: Ask, one: Situation, what: str, reason: str) -> None:
    """The second person's word, or the end of what stood."""
    name = ask.form.get("line", "")
    ruling = next((each for each in rulings_of(ask, one) if each.object_id == name), None)
    if ruling is None:
        raise UsageError("There is no such entry here.", why="It is not in the list.", do="Choose one from the page.")
    if what == "confirm":
        check_second(ruling, ask.person)
        visible = {each.situation_id: each.place for each in mine(ask)}
        named = [place for key, place in visible.items() if f'"{key}"' in ruling.content]
        check_person(ask.person, named if ruling.act is Act.JOIN else [])
        act, content = ruling.act, ruling.content
    else:
        if ruling.stand not in {Stand.WAITS, Stand.HOLDS}:
            raise Refused(f"It is {ruling.stand.value}.", why="Nothing stands any more.", do="Open the page again.")
        act, content = Act.WITHDRAW, ""
    _save(ask, one, act, name, version=ask.version() + 1, reason=reason, content=content)


def _judge_call(ask: Ask, one: Situation, what: str, reason: str) -> None:
    """Set a proposed call aside, or bring it back; nothing counts by that."""
    name = ask.form.get("line", "")
    known = {rulings.call_object(root.report_id, root.place) for root in ask.snapshot.calls.get(one.place, ())}
    if name not in known:
        raise UsageError(
            "There is no such text here.", why="It is not proposed for it.", do="Choose one from the page."
        )
    act = Act.SET_ASIDE if what == "aside" else Act.WITHDRAW
    _save(ask, one, act, name, version=len(ask.office.ledger.history(name)) + 1, reason=reason, content="")


def _save(ask: Ask, one: Situation, act: Act, name: str, *, version: int, reason: str, content: str) -> None:
    ask.save(
        act,
        name,
        version=version,
        reason=" ".join(reason.split())[:500],
        content=content,
        classification=ask.snapshot.weight(one),
    )


HANDLERS: dict[str, Callable[[Ask], Response]] = {
    "rulings": list_rulings,
    "enter_ruling": enter_ruling,
    "account": account,
    "note_account": note_account,
}
