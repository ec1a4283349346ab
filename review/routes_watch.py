"""Pages for those who watch: the history of an object, the chain, the log of access, and accounts."""

from collections.abc import Callable

from starlette.responses import Response

from domain.classification import Classification
from domain.errors import Refused, UsageError
from review.ledger import read_anchors, unchained, verify, verify_access
from review.office import Ask
from review.rights import ALL_REGIONS, BY_NAME, Role

A_PAGE = 500


def history(ask: Ask) -> Response:
    """Every decision on one object, with who, when and why."""
    object_id = ask.query.get("object", "").strip()
    found = ask.office.ledger.history(object_id) if object_id else ()
    if found and ask.person.role is not Role.AUDITOR:
        _check_region(ask, object_id)
    for one in found:
        ask.see(object_id, one.protection.classification, None)
    return ask.page("history.html", object_id=object_id, found=found, asked=bool(object_id))


def audit(ask: Ask) -> Response:
    """Whether the chain is whole, and the newest decisions."""
    folders = [one for one in (ask.office.published, ask.office.drafts) if one.is_dir()]
    anchors = read_anchors(*folders)
    newest = ask.office.ledger.in_order()[-50:][::-1]
    ask.see("chain", Classification.CONFIDENTIAL, None)
    lines, misread = verify_access(ask.office.accounts.log.path, read_anchors(*folders, access=True))
    return ask.page(
        "audit.html",
        findings=(*verify(ask.office.ledger.folder, anchors), *misread),
        outside=[one for one in unchained(ask.office.ledger.folder) if ask.sees(one.protection.classification, None)],
        lines=lines,
        anchors=anchors,
        anchor=ask.office.ledger.anchor(),
        newest=[one for one in newest if ask.sees(one.protection.classification, None)],
    )


def access(ask: Ask) -> Response:
    """The log of who read and exported what."""
    of = ask.query.get("of", "").strip()
    rows = [(one, _tell(one.what)) for one in ask.office.accounts.accesses(of, limit=A_PAGE)]
    return ask.page("access.html", of=of, rows=rows, limit=A_PAGE)


def _tell(what: str) -> str:
    """A line of the log in words: which page was read, which form was sent, what was exported."""
    kind, _, name = what.partition(" ")
    right = BY_NAME.get(name)
    verbs = {"GET": "read", "POST": "sent", "export": "exported"}
    return f"{verbs[kind]}: {right.about}" if right is not None and kind in verbs else what


def accounts(ask: Ask) -> Response:
    return ask.page("accounts.html", accounts=ask.office.accounts.all())


def set_account(ask: Ask) -> Response:
    """Close or open one account; nobody closes their own."""
    name = ask.names["account"]
    if name == ask.person.account:
        raise Refused("This is your own account.", why="Nobody would be left to open it.", do="Ask another one.")
    wanted = ask.form.get("open", "")
    if wanted not in {"yes", "no"}:
        raise UsageError("Nothing is chosen.", why="An account is opened or closed.", do="Use the form of the page.")
    ask.office.accounts.set_open(name, open_=wanted == "yes")
    words = "account opened" if wanted == "yes" else "account closed"
    ask.office.accounts.note(ask.person, words, [(name, Classification.UNCLASSIFIED)], at=ask.at)
    return ask.go("/accounts")


def _check_region(ask: Ask, object_id: str) -> None:
    """An object of the store is for those whose desk holds its place; one that is not found there is nobody's."""
    kind, _, key = object_id.partition("/")
    snapshot = ask.snapshot
    situation = snapshot.situations.get(key)
    if situation is not None:
        if kind.startswith("option") and ask.person.role not in BY_NAME["options"].ceilings:
            raise Refused("The register of options is not for your role.", why="It is the Bureau's.", do="Go back.")
        ask.see(object_id, snapshot.weight(situation), snapshot.gazetteer.place(situation.place))
        return
    words = (key if kind == "report" else object_id).split(maxsplit=1)
    report = words[0] if words else ""
    found = snapshot.incident(object_id) or snapshot.incident(snapshot.incident_of_report(report))
    if found is not None:
        ask.see(object_id, snapshot.classification(found), snapshot.gazetteer.place(found.place))
        return
    place = next((one for one in snapshot.gazetteer.places if one.code in {report, key.rpartition("/")[2]}), None)
    if place is not None:
        # What people say of a State begins with its code; a proposed call ends with it.
        held = snapshot.situation_of(place.code)
        ask.see(object_id, snapshot.weight(held) if held is not None else Classification.CONFIDENTIAL, place)
        return
    if ALL_REGIONS not in ask.person.regions:
        raise Refused(
            "This object cannot be placed.",
            why="It is not in the newest issue, so the desk cannot tell whether it belongs to your region.",
            do="Ask the auditor.",
        )


HANDLERS: dict[str, Callable[[Ask], Response]] = {
    "history": history,
    "audit": audit,
    "access": access,
    "accounts": accounts,
    "set_account": set_account,
}
