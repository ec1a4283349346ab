"""Alerts at the desk: what was told and to whom, drafts that wait for an approver, and the link of a mail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from alerts.notice import Move, Notice
from alerts.outbox import State
from alerts.wording import LANGUAGES
from domain.classification import Classification
from domain.errors import Refused, Unavailable, UsageError
from domain.state import Place
from review.accounts import make_form
from review.office import Ask, Office, render
from review.rights import BY_NAME
from review.standby import Act, Standby

CONFIDENTIAL = Classification.CONFIDENTIAL
FAILED = (State.DEAD, State.UNKNOWN)
NEWEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """One thing that waits for a person on the first page: about what, what to do, where, and by which day."""

    place: str
    words: str
    path: str
    due: date | None


def notices_that_wait(ask: Ask) -> list[Next]:
    """Notices that this person may approve and has not."""
    standby = ask.office.standby
    if standby is None or ask.person.role not in BY_NAME["approve_notice"].ceilings:
        return []
    found = []
    for one in standby.show()[0]:
        held = standby.clearance(one.notice_id)
        mine = one.place == ask.person.nationality or any(each.by == ask.person.name for each in held.approvals)
        if _sees(ask, standby, one) and not one.unsigned and not mine:
            what = "An urgent alert" if one.urgent else "An alert"
            words = f"{what} waits for you: {len(held.approvals)} of {held.needed} approvals"
            found.append(Next(place=_name(standby, one), words=words, path=f"/notice/{one.notice_id}", due=None))
    return found


def alerts_that_wait(ask: Ask) -> list[Next]:
    """Alerts of this person's regions that go on: nobody has read them yet, or until when the standby lasts."""
    standby = standby_of(ask.office)
    newest = {one.notice.alert_id: one for one in standby.released() if _sees(ask, standby, one.notice)}
    _, seen = standby.show()
    answered = {one.message.object_id for one in seen if one.acknowledged_at is not None}
    found = []
    for one in newest.values():
        notice = one.notice
        if notice.move is Move.CANCEL or notice.technical:
            continue
        if notice.object_id in answered:
            words, due = f"{notice.level.value.capitalize()}, acknowledged: standby goes on", notice.expires(one.sent)
        else:
            words = f"{notice.level.value.capitalize()}, nobody has acknowledged it: read it and acknowledge"
            due = notice.acknowledge_by(one.sent)
        path = f"/alerts/{notice.alert_id}"
        found.append(Next(place=_name(standby, notice), words=words, path=path, due=due.date()))
    return sorted(found, key=lambda one: (one.due or date.max, one.path))


def alerts(ask: Ask) -> Response:
    """Alerts of this person's regions, newest first; for approvers also what waits for them."""
    standby = standby_of(ask.office)
    drafts, seen = standby.show()
    newest: dict[str, Notice] = {}
    for one in standby.released():
        if _sees(ask, standby, one.notice):
            newest[one.notice.alert_id] = one.notice
    rows = []
    for alert_id, notice in list(reversed(newest.items()))[:NEWEST]:
        of_it = [one for one in seen if one.message.alert_id == alert_id]
        rows.append((notice, _name(standby, notice), sum(one.acknowledged_at is not None for one in of_it), len(of_it)))
    may = ask.person.role in BY_NAME["notice"].ceilings
    waiting = []
    for notice in drafts if may else ():
        if _sees(ask, standby, notice):
            held = standby.clearance(notice.notice_id)
            waiting.append((notice, _name(standby, notice), len(held.approvals), held.needed))
    return ask.page("roster_alerts.html", rows=rows, waiting=waiting, may=may)


def alert(ask: Ask) -> Response:
    """One alert: each notice as it was told, and what became of every message."""
    standby = standby_of(ask.office)
    chain = [one for one in standby.released() if one.notice.alert_id == ask.names["alert"]]
    if not chain:
        raise UsageError(
            "There is no such alert.",
            why="The address is wrong, or it was never sent.",
            do="Choose it from the list of alerts.",
        )
    for one in chain:
        _see(ask, standby, one.notice)
    _, seen = standby.show()
    rows = [one for one in seen if one.message.alert_id == ask.names["alert"]]
    rows.sort(key=lambda one: one.message.recipient != ask.person.account)
    told = [(one, standby.word(one, _language(ask))) for one in reversed(chain)]
    return ask.page(
        "roster_alert.html",
        alert_id=ask.names["alert"],
        place=_name(standby, chain[-1].notice),
        told=told,
        due=chain[-1].notice.acknowledge_by(chain[-1].sent),
        rows=rows,
        failed=FAILED,
        answered=any(one.acknowledged_at for one in rows),
        may_answer=ask.person.role in BY_NAME["answer_alert"].ceilings,
        may_again=ask.person.role in BY_NAME["send_again"].ceilings,
        may_read=ask.person.role in BY_NAME["notice"].ceilings,
        may_request=ask.person.role in BY_NAME["new_request"].ceilings,
        languages=LANGUAGES,
        language=_language(ask),
    )


def answer_alert(ask: Ask) -> Response:
    """Note that a message was read, by somebody who has signed in: for themselves or for whom they stand in."""
    standby, key = _message(ask)
    standby.acknowledge(key)
    return ask.go(f"/alerts/{ask.names['alert']}")


def send_again(ask: Ask) -> Response:
    standby, key = _message(ask)
    if not standby.again(key):
        raise Refused(
            "This message is not sent again.",
            why="It is neither a dead letter nor one that may not have arrived, or its text is no longer kept.",
            do="Look at its state on the page of the alert.",
        )
    return ask.go(f"/alerts/{ask.names['alert']}")


def notice(ask: Ask) -> Response:
    """What an approver reads: the words of every language, who approved, what is still needed."""
    standby = standby_of(ask.office)
    found = _notice(ask, standby)
    held = standby.clearance(found.notice_id)
    drafts, _ = standby.show()
    return ask.page(
        "roster_notice.html",
        notice=found,
        place=_name(standby, found),
        worded=standby.draft(found.notice_id, _language(ask)),
        held=held,
        draft=any(one.notice_id == found.notice_id for one in drafts),
        own=bool(ask.person.nationality) and ask.person.nationality == found.place,
        may_approve=ask.person.role in BY_NAME["approve_notice"].ceilings,
        languages=LANGUAGES,
        language=_language(ask),
    )


def notice_cap(ask: Ask) -> Response:
    standby = standby_of(ask.office)
    found = _notice(ask, standby)
    ask.note_export(found.object_id, CONFIDENTIAL)
    return Response(
        standby.cap(found.notice_id, "en"),
        media_type="application/cap+xml",
        headers={"content-disposition": f'attachment; filename="{found.notice_id}.xml"'},
    )


def approve_notice(ask: Ask) -> Response:
    """Approve exactly what the page showed; nobody approves what is told of their own State."""
    standby = standby_of(ask.office)
    found = _notice(ask, standby)
    if ask.form.get("seen") != found.object_hash:
        raise Refused(
            "This notice has changed since you read it.",
            why="A newer run drafted it anew.",
            do="Open it again and read the new text.",
        )
    if ask.person.nationality and ask.person.nationality == found.place:
        raise Refused(
            "You do not decide on your own State.", why="Nobody does, in any role.", do="Ask somebody else to approve."
        )
    standby.approve(_act(ask, found))
    return ask.go(f"/notice/{found.notice_id}")


def withdraw_notice(ask: Ask) -> Response:
    standby = standby_of(ask.office)
    found = _notice(ask, standby)
    standby.withdraw(_act(ask, found))
    return ask.go(f"/notice/{found.notice_id}")


def follow_link(office: Office, given: Mapping[str, str], *, root: str, clicked: bool, wanted: str) -> Response:
    """The page of a signed link, and after the click that it is noted. It shows what the mail told and no more."""
    standby = standby_of(office)
    link = f"/acknowledge?{urlencode(given)}"
    found = standby.acknowledge_link(link) if clicked else standby.read_link(link, _accepted(wanted))
    page = render(
        "roster_link.html",
        root=root,
        person=None,
        csrf="",
        once=make_form,
        right="read_link",
        path="/acknowledge",
        done=clicked,
        given=given,
        worded=found.worded,
        alert_id=found.alert_id,
    )
    return HTMLResponse(page)


def standby_of(office: Office) -> Standby:
    if office.standby is None:
        raise Unavailable(
            "This desk has neither alerts nor roster.",
            why="They belong to the restricted lens, and this is the public one.",
            do="Open the desk of the restricted lens.",
        )
    return office.standby


def place_of(standby: Standby, code: str) -> Place | None:
    """A place of the table; None for what concerns no State."""
    return standby.places.get(code)


def _sees(ask: Ask, standby: Standby, one: Notice) -> bool:
    return ask.sees(CONFIDENTIAL, place_of(standby, one.place))


def _see(ask: Ask, standby: Standby, one: Notice) -> None:
    ask.see(one.object_id, CONFIDENTIAL, place_of(standby, one.place))


def _name(standby: Standby, one: Notice) -> str:
    found = place_of(standby, one.place)
    return found.name if found is not None else "Technical"


def _notice(ask: Ask, standby: Standby) -> Notice:
    found = standby.notice(ask.names["notice"])
    _see(ask, standby, found)
    return found


def _message(ask: Ask) -> tuple[Standby, str]:
    """The message that a form names, if it is one of this alert and of this person's regions."""
    standby = standby_of(ask.office)
    key = ask.form.get("message", "")
    _, seen = standby.show()
    found = next((one.message for one in seen if one.message.key == key), None)
    if found is None or found.alert_id != ask.names["alert"]:
        raise UsageError("There is no such message.", why="This alert has none of it.", do="Open the alert again.")
    _see(ask, standby, standby.notice(found.object_id))
    return standby, key


def _act(ask: Ask, found: Notice) -> Act:
    reason = " ".join(ask.form.get("reason", "").split())
    if not reason:
        raise UsageError("A reason is missing.", why="It stays in the record.", do="Write it and send again.")
    return Act(name=found.notice_id, by=ask.person.name, role=ask.person.role.value, reason=reason)


def _language(ask: Ask) -> str:
    wanted = ask.query.get("language", "en")
    return wanted if wanted in LANGUAGES else "en"


def _accepted(wanted: str) -> str:
    """The first of our languages that a browser asks for; English where there is none."""
    for part in wanted.split(","):
        tongue = part.partition(";")[0].strip().partition("-")[0].casefold()
        if tongue in LANGUAGES:
            return tongue
    return "en"


HANDLERS: dict[str, Callable[[Ask], Response]] = {
    "alerts": alerts,
    "alert": alert,
    "answer_alert": answer_alert,
    "send_again": send_again,
    "notice": notice,
    "notice_cap": notice_cap,
    "approve_notice": approve_notice,
    "withdraw_notice": withdraw_notice,
}
