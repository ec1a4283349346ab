"""CAP 1.2 (OASIS Common Alerting Protocol): one private message for each notice, never a feed.

The rules kept: elements in the standard's order; times with an offset and no `Z`, UTC written `-00:00`; identifier and
sender without spaces, commas, `<` and `&`; `addresses` because the scope is Private; `references` on every Update and
Cancel, one for each earlier message of the chain. `certainty` is never Observed and `severity` always Unknown: neither
is ours to say.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from alerts.notice import Move, Notice, Released
from alerts.wording import Worded, labels
from domain.errors import UsageError
from domain.situation import Level

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
EVENT = "humanRights"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_NAMES = re.compile(r"[\s,<&]")


class Status(StrEnum):
    ACTUAL = "Actual"
    EXERCISE = "Exercise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Who sends. `audience` stands in `addresses`: a name of the group, never of a person."""

    sender: str
    name: str
    audience: str
    contact: str = ""
    web: str = ""


def to_cap(
    released: Released,
    worded: Sequence[Worded],
    *,
    office: Office,
    place: Callable[[str], str],
    status: Status = Status.ACTUAL,
) -> bytes:
    """One CAP message with one `info` for each language; `place` gives the State's name in it."""
    if not office.sender or _NOT_IN_NAMES.search(office.sender):
        raise UsageError(
            "The CAP sender cannot be used.",
            why="CAP forbids spaces, commas, < and & in it, and an empty one names nobody.",
            do="Set office.sender in var/alerts/channels.toml to something like horizon@example.org.",
        )
    notice = released.notice
    ET.register_namespace("", NAMESPACE)
    alert = ET.Element(_tag("alert"))
    _add(alert, "identifier", notice.notice_id)
    _add(alert, "sender", office.sender)
    _add(alert, "sent", stamp(released.sent))
    _add(alert, "status", status.value)
    _add(alert, "msgType", notice.move.value)
    _add(alert, "scope", "Private")
    _add(alert, "addresses", _quoted(office.audience))
    _add(alert, "code", EVENT)
    if notice.references:
        told = (f"{office.sender},{one.notice_id},{stamp(one.sent)}" for one in notice.references)
        _add(alert, "references", " ".join(told))
    for one in worded:
        _info(alert, released, one, office=office, place=place(one.language))
    return bytes(ET.tostring(alert, encoding="utf-8", xml_declaration=True))


def stamp(moment: datetime) -> str:
    """An instant as CAP wants it: whole seconds in UTC, written with the offset `-00:00`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def certainty(notice: Notice) -> str:
    """Likely with two classes of source, Possible with one; Observed is for those who saw it."""
    if notice.technical:
        return "Unknown"
    return "Likely" if len(set(notice.classes)) >= 2 else "Possible"


def urgency(notice: Notice) -> str:
    if notice.move is Move.CANCEL:
        return "Past"
    return "Expected" if notice.technical or notice.level is Level.URGENT else "Future"


def _info(alert: ET.Element, released: Released, worded: Worded, *, office: Office, place: str) -> None:
    notice, said = released.notice, labels(worded.language)
    info = ET.SubElement(alert, _tag("info"))
    _add(info, "language", worded.language)
    _add(info, "category", "Other")
    _add(info, "event", said["event_technical" if notice.technical else "event"])
    _add(info, "responseType", "AllClear" if notice.move is Move.CANCEL else "Prepare")
    _add(info, "urgency", urgency(notice))
    _add(info, "severity", "Unknown")
    _add(info, "certainty", certainty(notice))
    code = ET.SubElement(info, _tag("eventCode"))
    _add(code, "valueName", "horizon")
    _add(code, "value", EVENT)
    _add(info, "effective", stamp(released.sent))
    _add(info, "expires", stamp(notice.expires(released.sent)))
    _add(info, "senderName", office.name)
    _add(info, "headline", worded.headline)
    text = [" ".join(filter(None, (one.title, one.text))) for one in worded.blocks]
    _add(info, "description", "\n\n".join(text))
    if office.web:
        _add(info, "web", office.web)
    if office.contact:
        _add(info, "contact", office.contact)
    if not notice.technical:
        _parameter(info, "level", notice.level.value)
        for one in notice.triggers:
            _parameter(info, "trigger", one)
        if notice.move is not Move.CANCEL:
            _parameter(info, "acknowledgeBy", stamp(notice.acknowledge_by(released.sent)))
    area = ET.SubElement(info, _tag("area"))
    _add(area, "areaDesc", place or said["no_area"])


def _parameter(info: ET.Element, name: str, value: str) -> None:
    one = ET.SubElement(info, _tag("parameter"))
    _add(one, "valueName", name)
    _add(one, "value", value)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, _tag(name)).text = _NOT_IN_XML.sub("\ufffd", text)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _quoted(name: str) -> str:
    """Addresses are separated by spaces; one that holds a space stands in quotation marks."""
    return f'"{name}"' if re.search(r"\s", name) else name
