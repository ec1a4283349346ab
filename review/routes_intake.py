"""Intake of people's own reports, and their withdrawal with everything that used them."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from domain.classification import Classification, Consent, Sharing
from domain.errors import HorizonError, Refused, UsageError
from domain.given import CLASSES, row_id
from domain.review import Act
from domain.state import Place
from review import intake, situations
from review.intake import COLUMNS, OPTIONAL, SENDERS, Read, check_rows, strip_row, take_in
from review.ledger import unchained
from review.office import Ask
from warehouse.landing import LandedDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One thing that rests on a report."""

    what: str
    name: str
    path: str


def form(ask: Ask) -> Response:
    return _page(ask, {}, error=None, taken=int(one) if (one := ask.query.get("taken", "")).isdecimal() else None)


def receive(ask: Ask) -> Response:
    """Take in one typed report, an e-mail with the fields beside it, or every row of a table: all of it, or nothing."""
    upload = ask.files.get("file")
    typed = {name: ask.form.get(name, "") for name in COLUMNS}
    try:
        if upload is not None and upload.filename:
            read = ask.office.read_upload(upload.filename, upload.file, typed)
        else:
            read = Read(rows=(strip_row(typed),))
        found = check_rows(read.rows, gazetteer=ask.snapshot.gazetteer, today=ask.at.date())
        for one in found:
            ask.see(intake.object_of(one.report_id), one.classification, ask.snapshot.gazetteer.place(one.place))
    except (UsageError, Refused) as error:
        return _page(ask, typed, error=error, taken=None, status=422)
    taken = take_in(found, hand=ask.hand, at=ask.at, ledger=ask.office.ledger)
    return ask.go(f"/intake?taken={len(taken.new)}")


def report(ask: Ask) -> Response:
    """One report that was given, or that a source published, and all that used it."""
    report_id = ask.names["report"]
    history = _history(ask, report_id)
    given, place, classification = _known(ask, report_id)
    ask.see(intake.object_of(report_id), classification, place)
    told = ask.snapshot.told(report_id)
    return ask.page(
        "report.html",
        report_id=report_id,
        given=given,
        place=place,
        title=given["title"] if given else told.title if told else "",
        classification=classification.value.replace("_", " "),
        history=[one.decision for one in history],
        version=len(ask.office.ledger.history(intake.object_of(report_id))),
        withdrawn=any(one.decision.act is Act.WITHDRAW for one in history),
        uses=_uses(ask, report_id),
    )


def withdraw_report(ask: Ask) -> Response:
    """Withdraw it. What used it is listed; the next run leaves it out, and printed texts say revised."""
    report_id = ask.names["report"]
    _, place, classification = _known(ask, report_id)
    ask.see(intake.object_of(report_id), classification, place)
    reason = " ".join(ask.form.get("reason", "").split())
    if not reason:
        raise UsageError("A reason is missing.", why="It stays in the record alone.", do="Write it and send again.")
    uses = _uses(ask, report_id)
    ask.save(
        Act.WITHDRAW,
        intake.object_of(report_id),
        version=ask.version() + 1,
        reason=reason,
        content=json.dumps({"used_by": [f"{one.what} {one.name}" for one in uses]}, ensure_ascii=False),
        classification=classification,
    )
    return ask.go(f"/report/{report_id}")


def _history(ask: Ask, report_id: str) -> list[LandedDecision]:
    """What was decided of a report, old decisions of the command line too, which stand outside the chain."""
    object_id = intake.object_of(report_id)
    old = (one for one in unchained(ask.office.ledger.folder) if one.decision.object_id == object_id)
    return [*old, *ask.office.ledger.history(object_id)]


def _known(ask: Ask, report_id: str) -> tuple[dict[str, str], Place, Classification]:
    """What is known of a report: as it was given, or else as its source published it."""
    history = _history(ask, report_id)
    if history and history[0].erased:
        raise Refused("This report was erased.", why="Its key was destroyed at its source's wish.", do="Go back.")
    if history and history[0].decision.act is Act.RECEIVE:
        given = dict(json.loads(history[0].decision.content))
        return given, ask.snapshot.gazetteer.place(given["place"]), history[0].protection.classification
    incident = ask.snapshot.incident(ask.snapshot.incident_of_report(report_id))
    if incident is None:
        raise UsageError("There is no such report.", why="No incident rests on it.", do="Open it from an incident.")
    return {}, ask.snapshot.gazetteer.place(incident.place), ask.snapshot.classification(incident)


def _uses(ask: Ask, report_id: str) -> list[Use]:
    """The incident that rests on it, the situations that hold that incident, their texts, and issues that left."""
    snapshot = ask.snapshot
    # A run knows a report that people gave by another id than that under which it was taken in.
    rows = [report_id, *(row_id(one, report_id) for one in CLASSES)]
    incident = next((found for found in map(snapshot.incident_of_report, rows) if found), "")
    if not incident:
        return []
    found = [Use(what="incident", name=incident[:8], path=f"/incident/{incident}")]
    for one in snapshot.situations.values():
        if incident not in one.incidents:
            continue
        place = snapshot.gazetteer.place(one.place).name
        path = f"/situation/{one.situation_id}"
        found.append(Use(what="situation", name=place, path=path))
        life = ask.office.life(one.situation_id)
        if life.text is not None:
            found.append(Use(what=f"text ({life.step.value})", name=place, path=path))
        for landed in ask.office.ledger.history(situations.object_of(one.situation_id)):
            issue = json.loads(landed.decision.content).get("issue", "") if landed.decision.content else ""
            if issue:
                found.append(Use(what="issue that left", name=str(issue), path="/released"))
    return found


def _page(
    ask: Ask, typed: dict[str, str], *, error: HorizonError | None, taken: int | None, status: int = 200
) -> Response:
    return ask.page(
        "intake.html",
        status=status,
        typed={name: typed.get(name, "") for name in COLUMNS},
        error=error,
        taken=taken,
        senders=[one.value for one in SENDERS],
        classifications=[one.value for one in Classification],
        sharings=[one.value for one in Sharing],
        consents=[one.value for one in Consent if one is not Consent.NONE],
        optional=OPTIONAL,
        columns=COLUMNS,
        places=[one.name for one in ask.snapshot.gazetteer.places],
    )


HANDLERS: dict[str, Callable[[Ask], Response]] = {
    "intake": form,
    "receive": receive,
    "report": report,
    "withdraw_report": withdraw_report,
}
