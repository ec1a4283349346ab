"""From the desk to the page: what people wrote, cleared and confirmed is in the issue of its week, and nothing else."""

import io
import json
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import docx
import pikepdf
import pytest
from fictional import AS_OF, World

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "review"))

from desks import CHECKS, TEXT, Desk, Visitor

from briefs.build import build_bureau, build_scan, build_sessional
from briefs.dossier import Dossier
from briefs.lookup import Lookup
from briefs.render import render_page, view_json
from domain.classification import Lens
from horizon import stages
from horizon.confirmed import IN_TIME
from horizon.issue import assemble
from warehouse.connection import open_store
from warehouse.outcome import read

WEEK = "2024-W04"


@pytest.fixture
def office(ran: World) -> Desk:
    settings = ran.settings()
    made = Desk(settings, preview=partial(stages.preview, settings=settings))
    yield made
    made.accounts.close()


def dossier(world: World, lens: Lens = Lens.RESTRICTED) -> Dossier:
    with open_store(world.settings().var, lens) as store:
        found = assemble(store, read(store, WEEK), world.settings(lens), revision="r1")
    assert isinstance(found, Dossier)
    return found


def situation(desk: Desk) -> str:
    return next(one.situation_id for one in desk.office.shelf.newest().situations.values() if one.place == "XRU")


def send(visitor: Visitor, path: str, **fields: object) -> None:
    assert visitor.post(path, {"reason": "looked at it", **fields}).status == 303, visitor.what or visitor.text


def write(desk: Desk, version: int = 0, **other: str) -> None:
    send(desk.person("ana"), f"/situation/{situation(desk)}/write", version=str(version), **{**TEXT, **other})


def clear(desk: Desk, version: int = 1) -> None:
    """From draft to cleared, by four people."""
    path = f"/situation/{situation(desk)}/move"
    send(desk.person("sam"), path, to="challenged", version=str(version))
    send(desk.person("pia"), path, to="protected", version=str(version + 1), check=CHECKS)
    send(desk.person("sam"), path, to="worded", version=str(version + 2))
    send(desk.person("rex"), path, to="cleared", version=str(version + 3))


def test_a_draft_reaches_no_page_and_a_cleared_text_does(ran: World, office: Desk):
    before = dossier(ran)
    write(office)
    assert dossier(ran) == before
    clear(office)
    found = dossier(ran)
    (text,) = found.texts
    assert (text.situation_id, text.roles, text.language) == (situation(office), ("regional head",), "en")
    assert [(one.what, one.likelihood) for one in found.judgements] == [(TEXT["outlook"], "likely")]
    assert replace(found, texts=(), judgements=()) == before
    page = render_page(build_scan(found, "AFR"))
    for name in ("why_now", "contrary", "account", "watch_up", "watch_down", "confidence_why"):
        assert TEXT[name].rstrip(".") in page, name
    assert "text cleared on 30 January 2024 by regional head" in page
    assert "Ana Lyst" not in page
    assert "Rex Region" not in page
    assert dossier(ran) == found


def test_a_text_whose_facts_changed_is_not_printed_until_it_is_cleared_anew(ran: World, office: Desk):
    write(office)
    clear(office)
    snapshot = office.office.shelf.newest()
    incident = snapshot.situations[situation(office)].incidents[0]
    send(office.person("ana"), f"/incident/{incident}", verdict="relevant", version="0")
    assert dossier(ran).texts == ()


def test_a_text_written_anew_is_a_draft_again(ran: World, office: Desk):
    write(office)
    clear(office)
    write(office, 5, contrary="Something else.")
    assert (dossier(ran).texts, dossier(ran).judgements) == ((), ())


def test_what_is_cleared_more_than_a_week_later_belongs_to_a_later_issue(ran: World, office: Desk):
    write(office)
    office.clock.at = AS_OF + IN_TIME + timedelta(hours=1)
    clear(office)
    assert dossier(ran).texts == ()


def test_the_public_edition_does_not_change_by_a_byte(ran: World, office: Desk):
    settings = ran.settings(Lens.PUBLIC)

    def public() -> tuple[Dossier, bytes]:
        stages.load(settings=settings)
        stages.score(as_of=AS_OF, settings=settings)
        found = dossier(ran, Lens.PUBLIC)
        pages = [build_scan(found, region.code) for region in Lookup(found).regions]
        return found, b"".join(map(view_json, [*pages, build_bureau(found), build_sessional(found)]))

    before = public()
    write(office)
    clear(office)
    rex = office.person("rex")
    send(rex, f"/situation/{situation(office)}/account", what="sought", on="2024-01-30", version="0")
    harm = {"what": "enter", "kind_of": "harm", "on": "2024-01-20", "body": "the committee"}
    send(office.person("ana"), f"/situation/{situation(office)}/rulings", **harm)
    assert public() == before
    write(office, 5, contrary="Something else.")
    assert public() == before


def test_the_states_account_is_printed_with_its_days(ran: World, office: Desk):
    write(office)
    clear(office)
    path = f"/situation/{situation(office)}/account"
    send(office.person("rex"), path, what="sought", on="2024-01-30", version="0")
    (sought,) = dossier(ran).accounts
    assert (sought.sought_on.isoformat(), sought.received_on, sought.withheld) == ("2024-01-30", None, False)
    send(
        office.person("rex"),
        path,
        what="received",
        on="2024-01-30",
        version="1",
        words="Une enquête est ouverte.",
        language="French",
    )
    (received,) = dossier(ran).accounts
    assert (received.text, received.language) == ("Une enquête est ouverte.", "fr")


def test_a_level_that_people_set_at_the_desk_is_in_the_issue_with_the_proposed_one_and_its_reason(
    ran: World, office: Desk
):
    found = office.office.shelf.newest().situations[situation(office)]
    path = f"/situation/{found.situation_id}/level"
    fields = {
        "what": "override",
        "to_level": "none",
        "expires_on": "2024-02-12",
        "rules": "memory of twelve weeks",
        "contrary": "the harbour office speaks of accidents",
        "incident": [found.incidents[0]],
        "reason": "two reports tell of one plan",
    }
    assert found.level.value == "watch"
    send(office.person("ana"), path, version="0", **fields)
    assert dossier(ran).levels == ()
    send(office.person("sam"), path, version="1", **{"what": "countersign 0", "reason": "read the reports"})
    (level,) = dossier(ran).levels
    assert (level.level.value, level.roles) == ("none", ("analyst", "second analyst"))
    assert level.reason == "two reports tell of one plan"
    looked = Lookup(dossier(ran))
    assert looked.state("XRU").level.value == "none"
    assert looked.proposed[found.situation_id].value == "watch"


def test_a_draft_is_previewed_in_every_form_and_each_says_that_nobody_cleared_it(ran: World, office: Desk):
    write(office)
    path, ana = f"/situation/{situation(office)}/preview", office.person("ana")
    assert f"{path}/docx" in ana.get(path).text
    shown = ana.get(f"{path}/html").text
    for words in (TEXT["contrary"], "draft text, cleared by nobody", "Machine proposal. Reviewed by nobody."):
        assert words.rstrip(".") in shown
    view = json.loads(ana.client.get(f"{path}/json").content)
    told = [one["situation_id"] for section in view["sections"] for one in section["blocks"] if one["kind"] == "entry"]
    assert told == [situation(office)]
    document = docx.Document(io.BytesIO(ana.client.get(f"{path}/docx").content))
    assert TEXT["contrary"].rstrip(".") in "\n".join(one.text for one in document.paragraphs)
    with pikepdf.open(io.BytesIO(ana.client.get(f"{path}/pdf").content)) as printed:
        assert printed.Root.MarkInfo.Marked
    assert ana.get(f"{path}/exe").status == 400
    assert dossier(ran).texts == ()
