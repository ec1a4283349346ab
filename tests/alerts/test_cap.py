"""CAP 1.2: the rules of the OASIS standard, written out here, and read back by another library."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from invented import AS_OF, SENDER, SENT, alert, drafted, released, standing
from lxml import etree

from alerts.cap import Office, Status, to_cap
from alerts.notice import Notice
from alerts.recipients import UNIVERSAL
from alerts.wording import LANGUAGES, word
from domain.errors import UsageError
from domain.situation import Level

NS = "{urn:oasis:names:tc:emergency:cap:1.2}"
# Name, least and most; the order is the standard's own.
ALERT = (
    ("identifier", 1, 1), ("sender", 1, 1), ("sent", 1, 1), ("status", 1, 1), ("msgType", 1, 1), ("source", 0, 1),
    ("scope", 1, 1), ("restriction", 0, 1), ("addresses", 0, 1), ("code", 0, 99), ("note", 0, 1),
    ("references", 0, 1), ("incidents", 0, 1), ("info", 0, 99),
)  # fmt: skip
INFO = (
    ("language", 0, 1), ("category", 1, 9), ("event", 1, 1), ("responseType", 0, 9), ("urgency", 1, 1),
    ("severity", 1, 1), ("certainty", 1, 1), ("audience", 0, 1), ("eventCode", 0, 9), ("effective", 0, 1),
    ("onset", 0, 1), ("expires", 0, 1), ("senderName", 0, 1), ("headline", 0, 1), ("description", 0, 1),
    ("instruction", 0, 1), ("web", 0, 1), ("contact", 0, 1), ("parameter", 0, 99), ("resource", 0, 99),
    ("area", 0, 99),
)  # fmt: skip
AREA = (("areaDesc", 1, 1), ("polygon", 0, 99), ("circle", 0, 99), ("geocode", 0, 99), ("altitude", 0, 1),
        ("ceiling", 0, 1))  # fmt: skip
RESOURCE = (("resourceDesc", 1, 1), ("mimeType", 1, 1), ("size", 0, 1), ("uri", 0, 1), ("derefUri", 0, 1),
            ("digest", 0, 1))  # fmt: skip
WORDS = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE",
                 "Other"},
    "responseType": {"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}  # fmt: skip
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[-+]\d{2}:\d{2}")
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
NAME = re.compile(r"[^\s,<&]+")


def faults(xml: bytes) -> list[str]:
    """What breaks the standard: order and number of elements, closed words, times, names and references."""
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    found = [] if root.tag == f"{NS}alert" else ["the root is no CAP 1.2 alert"]
    found += _order(root, ALERT)
    for info in root.findall(f"{NS}info"):
        found += _order(info, INFO)
        for area in info.findall(f"{NS}area"):
            found += _order(area, AREA)
        for resource in info.findall(f"{NS}resource"):
            found += _order(resource, RESOURCE)
        begins, ends = (info.findtext(f"{NS}{name}") for name in ("effective", "expires"))
        if begins and ends and datetime.fromisoformat(ends) <= datetime.fromisoformat(begins):
            found.append("it expires before it takes effect")
        if not LANGUAGE.fullmatch(info.findtext(f"{NS}language") or "en-US"):
            found.append("a language that is none")
        web = info.findtext(f"{NS}web")
        if web is not None and not re.match(r"https?://[^\s]+$", web):
            found.append("web is no whole address")
        for pair in (*info.findall(f"{NS}parameter"), *info.findall(f"{NS}eventCode")):
            if [one.tag for one in pair] != [f"{NS}valueName", f"{NS}value"]:
                found.append("a pair that is none")
    for one in root.iter():
        name = str(one.tag).removeprefix(NS)
        text = one.text or ""
        found += [f"{name} is empty"] if not len(one) and not text.strip() else []
        found += [f"{name} has attributes"] if one.attrib else []
        if name in WORDS and text not in WORDS[name]:
            found.append(f"{name} says {text}")
        if name in {"sent", "effective", "onset", "expires"} and (not TIME.fullmatch(text) or text.endswith("+00:00")):
            found.append(f"{name} is {text}")
    for name in ("identifier", "sender"):
        found += [] if NAME.fullmatch(root.findtext(f"{NS}{name}") or "") else [f"{name} holds what it may not"]
    scope = root.findtext(f"{NS}scope")
    if scope == "Private" and not root.findtext(f"{NS}addresses"):
        found.append("private without addresses")
    if (scope == "Restricted") != (root.find(f"{NS}restriction") is not None):
        found.append("a restriction belongs to the scope Restricted")
    # Blocks of one language are one sequence in which later ones may not contradict earlier ones: we write one.
    languages = [info.findtext(f"{NS}language") for info in root.findall(f"{NS}info")]
    if len(set(languages)) < len(languages):
        found.append("a language twice")
    own = root.findtext(f"{NS}identifier")
    if any(one.split(",")[1:2] == [own] for one in (root.findtext(f"{NS}references") or "").split()):
        found.append("it refers to itself")
    if re.search(rb"<!DOCTYPE|<!ENTITY|&#", xml):
        found.append("a document type or a character reference")
    kind, references = root.findtext(f"{NS}msgType"), root.findtext(f"{NS}references") or ""
    if kind in {"Update", "Cancel", "Ack", "Error"} and not references:
        found.append(f"{kind} without references")
    for one in references.split():
        parts = one.split(",")
        if len(parts) != 3 or not NAME.fullmatch(parts[0]) or not TIME.fullmatch(parts[2]):
            found.append(f"reference {one}")
    return found


def _order(parent, known) -> list[str]:
    names = [str(one.tag).removeprefix(NS) for one in parent]
    order = [name for name, _, _ in known]
    found = [f"unknown element {name}" for name in names if name not in order]
    places = [order.index(name) for name in names if name in order]
    found += [] if places == sorted(places) else ["elements out of order"]
    for name, least, most in known:
        if not least <= names.count(name) <= most:
            found.append(f"{name} {names.count(name)} times")
    return found


def chain() -> list[Notice]:
    first = alert()
    second = drafted(standing(level=Level.URGENT), released(first))
    assert second is not None
    third = drafted(standing(level=Level.NONE, triggers=()), released(first), released(second))
    assert third is not None
    return [first, second, third]


def cap(notice: Notice, languages=("en",), **changes) -> bytes:
    texts = [word(released(notice), place="Ruritania", language=one, zone=UNIVERSAL) for one in languages]
    office = replace(SENDER.office, web="https://desk.example")
    return to_cap(released(notice), texts, office=office, place=lambda _language: "Ruritania", **changes)


@pytest.mark.parametrize("notice", chain(), ids=lambda one: one.move.value)
def test_every_notice_of_a_chain_keeps_the_standard(notice):
    assert faults(cap(notice, LANGUAGES)) == []


def test_the_rules_of_this_test_find_what_breaks_them():
    good = cap(chain()[1]).decode()
    for old, new in (
        ("Private", "Hidden"),
        ("-00:00</sent>", "Z</sent>"),
        ("<status>Actual</status>", ""),
        ("<scope>Private</scope>", "<scope>Private</scope><scope>Private</scope>"),
        ("<addresses>roster-managers</addresses>", ""),
        ("horizon@desk.example</sender>", "horizon desk</sender>"),
        ("<urgency>Expected</urgency>", ""),
        ("<language>en</language>", "<language>no language</language>"),
        ("<category>Other</category>", ""),
        ("<severity>Unknown</severity>", "<severity>High</severity>"),
        ("<event>Standby for deployment</event>", "<event> </event>"),
        ("2026-04-07T10:15:00-00:00</expires>", "2026-03-01T10:15:00-00:00</expires>"),
        ("<areaDesc>Ruritania</areaDesc>", ""),
        ("<areaDesc>", "<geocode/><areaDesc>"),
        ("<valueName>horizon</valueName>", ""),
        ("<web>https://", "<web>"),
        ("<scope>Private</scope>", "<scope>Private</scope><restriction>x</restriction>"),
        ("<info>", "<info><language>fr</language>"),
        ("</info>", "</info><info><language>en</language><category>Other</category><event>x</event></info>"),
        ("<code>humanRights</code>", '<code a="1">humanRights</code>'),
        ("<senderName>", "<onset>soon</onset><senderName>"),
        ("<headline>", "<headline>&#169;"),
        (f",{chain()[0].notice_id},", f",{chain()[1].notice_id},"),
    ):
        assert old in good
        assert faults(good.replace(old, new, 1).encode()), old
    assert faults(re.sub("<references>.*?</references>", "", good).encode()) == ["Update without references"]


def test_update_and_cancel_refer_to_all_before_them_by_sender_identifier_and_time():
    root = etree.fromstring(cap(chain()[2]))
    first, second, _ = chain()
    assert (root.findtext(f"{NS}references") or "").split() == [
        f"horizon@desk.example,{first.notice_id},2026-03-31T10:15:00-00:00",
        f"horizon@desk.example,{second.notice_id},2026-03-31T10:15:00-00:00",
    ]


def test_it_is_private_and_never_observed_and_of_unknown_severity():
    for notice in chain():
        root = etree.fromstring(cap(notice))
        assert root.findtext(f"{NS}scope") == "Private"
        info = root.find(f"{NS}info")
        assert info is not None
        assert info.findtext(f"{NS}severity") == "Unknown"
        assert info.findtext(f"{NS}certainty") == "Likely"
    root = etree.fromstring(cap(alert(classes=())))
    assert root.findtext(f"{NS}info/{NS}certainty") == "Possible"


def test_urgency_follows_the_level_and_expiry_is_a_week_after():
    words = [etree.fromstring(cap(one)).findtext(f"{NS}info/{NS}urgency") for one in chain()]
    assert words == ["Future", "Expected", "Past"]
    root = etree.fromstring(cap(chain()[0]))
    sent, ends = (datetime.fromisoformat(root.findtext(name) or "") for name in (f"{NS}sent", f"{NS}info/{NS}expires"))
    assert ends - sent == timedelta(days=7)
    assert sent.utcoffset() == timedelta(0)


def test_signs_that_xml_forbids_do_not_break_it():
    notice = alert()
    texts = [word(released(notice), place="A\x00\x1b]]> & <b>", language="en", zone=UNIVERSAL)]
    xml = to_cap(released(notice), texts, office=SENDER.office, place=lambda _language: "A\x00 & <b>")
    assert faults(xml) == []
    assert "& <b>" in (etree.fromstring(xml).findtext(f"{NS}info/{NS}area/{NS}areaDesc") or "")


def test_a_draft_is_an_exercise():
    assert etree.fromstring(cap(alert(), status=Status.EXERCISE)).findtext(f"{NS}status") == "Exercise"


def test_a_sender_with_a_space_is_refused():
    office = Office(sender="the desk", name="Desk", audience="roster-managers")
    with pytest.raises(UsageError, match="sender"):
        to_cap(released(alert()), [], office=office, place=lambda _language: "Ruritania")


def test_nothing_in_it_depends_on_the_time_of_writing():
    assert cap(alert()) == cap(alert())
    assert released(alert()).sent > AS_OF


def test_each_language_has_its_own_event_and_place():
    names = {"en": "Ruritania", "fr": "Ruritanie"}
    texts = [word(released(alert()), place=names[one], language=one, zone=UNIVERSAL) for one in names]
    root = etree.fromstring(to_cap(released(alert()), texts, office=SENDER.office, place=names.__getitem__))
    found = [[info.findtext(f"{NS}{name}") for name in ("language", "event", "area/" + NS + "areaDesc")]
             for info in root.findall(f"{NS}info")]  # fmt: skip
    assert found == [["en", "Standby for deployment", "Ruritania"], ["fr", "Préavis de déploiement", "Ruritanie"]]


def test_another_library_reads_the_same_values_back():
    """It is written with the standard library and read with libxml2."""
    for notice in chain():
        root = etree.fromstring(cap(notice, LANGUAGES))
        assert root.findtext(f"{NS}identifier") == notice.notice_id
        assert root.findtext(f"{NS}msgType") == notice.move.value
        times = [datetime.fromisoformat(one.text or "") for one in root.iter(f"{NS}sent", f"{NS}expires")]
        assert times == [SENT, *[notice.expires(SENT)] * len(LANGUAGES)]
        told = [one.split(",")[1] for one in (root.findtext(f"{NS}references") or "").split()]
        assert told == [one.notice_id for one in notice.references]
        for info, language in zip(root.findall(f"{NS}info"), LANGUAGES, strict=True):
            worded = word(released(notice), place="Ruritania", language=language, zone=UNIVERSAL)
            assert info.findtext(f"{NS}headline") == worded.headline
            values = [
                (one.findtext(f"{NS}valueName"), one.findtext(f"{NS}value")) for one in info.iter(f"{NS}parameter")
            ]
            assert [value for name, value in values if name == "trigger"] == list(notice.triggers)
