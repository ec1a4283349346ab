"""Alerts and a roster for the fictional desk: one alert that left, one draft, invented people and one request."""

import os
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "alerts"))

from invented import alert
from people import person, request

from alerts.notice import Notice
from alerts.person import Gender, Paper, Person, Skill
from alerts.request import Profile, Request
from alerts.roster import Purpose
from domain.situation import Level
from horizon import alerting
from horizon.commands.roster import open_roster, register
from horizon.settings import Settings
from horizon.standby import make_standby
from review.standby import Standby

SECRET = "Xyzzy7"  # noqa: S105  (planted in people's own fields, so that a leak can be found)
MARCH = datetime(2026, 3, 20, 9, tzinfo=UTC)
TOLD = alert(level=Level.WATCH, confirmed=False)
DRAFT = alert(situation_id="s2", place="XGE", regions=("APS", "ASPAC"))
RECIPIENTS = """
[[recipient]]
id = "rosa"
channels = ["mail"]
mail = "rosa@people.example"

[[recipient]]
id = "deputy"
channels = ["mail"]
mail = "deputy@people.example"
"""
CHANNELS = """
[office]
sender = "horizon@desk.example"
contact = "duty desk"
[mail]
host = "mail.desk.example"
sender = "horizon@desk.example"
[links]
base = "{base}"
"""


def fill_standby(settings: Settings, *, at: datetime = MARCH, base: str = "https://desk.example") -> Standby:
    """Everything that the pages show, on the machine of these settings."""
    live = replace(settings, live=True)
    folder = settings.var / "alerts"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("recipients.toml", RECIPIENTS), ("channels.toml", CHANNELS.format(base=base))):
        (folder / name).write_text(text, "utf-8")
        os.chmod(folder / name, 0o600)  # noqa: PTH101
    draft(live, TOLD, DRAFT)
    alerting.approve(TOLD.notice_id, by="A. Head", role="regional head", reason="read", settings=live)
    why = Purpose(by="A manager", why="import", at=at)
    with open_roster(live) as held:
        held.keep(everybody(), why)
        register(held, asked(), by="A manager", settings=live)
        register(held, asked(id="REQ-OTHER", places=frozenset({"XGE"})), by="A manager", settings=live)
    return make_standby(live)


def draft(settings: Settings, *notices: Notice) -> None:
    with alerting.open_outbox(settings) as outbox:
        outbox.draft(notices)


def everybody() -> list[Person]:
    """Six who can go and one national of the State concerned; each with planted words of their own."""
    home = {"nationalities": frozenset({"XFR"}), "residence": "XFR"}
    skills = (Skill.FORENSICS, Skill.DISAPPEARANCES, Skill.DISAPPEARANCES, Skill.GENDER, Skill.FORENSICS, Skill.DIGITAL)
    found = [
        person(
            f"R-000{at}",
            **home,
            gender=Gender.WOMAN if at % 2 else Gender.MAN,
            skills=frozenset({skill, Skill.INVESTIGATION, *([Skill.DISAPPEARANCES] if at == 6 else [])}),
            clearances=(Paper("field", date(2026, 5, 10)),),
        )
        for at, skill in enumerate(skills, start=1)
    ]
    found.append(person("R-0007", nationalities=frozenset({"XRU"}), residence="XFR"))
    return [
        replace(one, name=f"Person {one.facts.number[2:]} {SECRET}", phone=f"+00 {at}{SECRET}")
        for at, one in enumerate(found)
    ]


def asked(**changes: object) -> Request:
    """Three seats in Ruritania."""
    return request(
        Profile(name="investigation", count=2, skills=frozenset({Skill.DISAPPEARANCES})),
        Profile(name="forensics", count=1, skills=frozenset({Skill.FORENSICS})),
        **{"places": frozenset({"XRU"}), "wanted_skills": frozenset({Skill.GENDER}), **changes},
    )


def fields(**changes: str) -> dict[str, object]:
    """A whole request as the form sends it."""
    texts = ("entity", "contact", "legal_basis", "purpose", "consent_of_state", "visas_and_entry", "security",
             "duty_of_care", "contract", "independence", "data_terms", "balance", "duty_station")  # fmt: skip
    return {
        "kind": "deployment",
        **{name: f"{name.replace('_', ' ')} as usual" for name in texts},
        "places": "XRU",
        "start": "2026-04-01",
        "end": "2026-04-30",
        "latest_decision": "2026-03-25",
        "answer_due": "2026-03-24",
        "seat_0_count": "2",
        "seat_0_a": "investigation of disappearances",
        "seat_1_count": "1",
        "seat_1_a": "forensic documentation",
        "rest_days": "14",
        **changes,
    }
