"""A report that people gave is withdrawn or erased: the next run leaves it out, and a replay prints *withdrawn*."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fictional import AS_OF, World
from given_reports import GIVEN, TOKEN, give, leaks, seal, tree

from domain.classification import Classification, Lens, Protection
from domain.errors import UsageError
from domain.given import row_id
from domain.review import Act, Decision
from domain.source import SourceClass
from domain.state import load_gazetteer
from horizon import stages
from horizon.withdrawal import WITHDRAWN, list_uses, require_slot, withdraw
from review.ledger import Ledger, unchained, verify
from review.snapshot import read_snapshot
from warehouse.connection import open_store
from warehouse.outcome import read
from warehouse.sealed import find_vault

pytestmark = pytest.mark.duckdb1
LATER = datetime(2024, 2, 2, tzinfo=UTC)
NEXT = AS_OF + timedelta(weeks=1)


class Story:
    """One world after its week was issued with a given report, and what its pages were."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder).with_sources()
        seal(self.world)
        (self.report,) = give(self.world).new
        self.world.run()
        self.settings = self.world.settings()
        self.issued = self.pages()

    def pages(self) -> dict[str, bytes]:
        return tree(self.settings.drafts / "2024-W04" / "r1")

    def withdraw(self) -> list[str]:
        uses = withdraw(
            self.report,
            by="An Officer",
            role="protection officer",
            reason="asked for it",
            at=LATER,
            user="tester",
            settings=self.settings,
        )
        return [one.line() for one in uses]

    def draft(self) -> dict[str, bytes]:
        stages.draft(as_of=AS_OF, settings=self.settings)
        return self.pages()


@pytest.fixture(name="issued", scope="module")
def _issued(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("issued") / "store")


@pytest.fixture(name="story")
def _story(issued: Story, tmp_path: Path) -> Story:
    """A copy of the issued world, for each test to change."""
    copy = object.__new__(Story)
    shutil.copytree(issued.world.folder, tmp_path / "store")
    copy.world = World(tmp_path / "store", looks=list(issued.world.looks))
    copy.report, copy.issued = issued.report, issued.issued
    copy.settings = copy.world.settings()
    return copy


def leaves(page: bytes) -> dict[str, object]:
    """Every text and number of a page by its path."""
    found: dict[str, object] = {}

    def walk(node: Any, path: str) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                walk(value, f"{path}/{name}")
        elif isinstance(node, list):
            for at, value in enumerate(node):
                walk(value, f"{path}/{at}")
        else:
            found[path] = node

    walk(json.loads(page), "")
    return found


def is_said(text: object) -> bool:
    """A sentence, and not a name, a number or an address."""
    return isinstance(text, str) and text.count(" ") > 3 and "://" not in text


def test_a_given_report_is_read_as_an_incident_and_no_file_holds_its_words(issued: Story):
    (found,) = [one for one in issued.world.rows("out_incidents") if one["sources"] == ["given_civil_society"]]
    assert found["place"] == "XFR"
    assert found["origins"] == ["given to us: civil_society"]
    (row,) = [one for one in issued.world.rows("raw_reports") if one["source_id"] == "given_civil_society"]
    assert (row["classification"], row["source_sharing"]) == ("confidential", "amber_strict")
    assert (row["consent_scope"], row["lens"]) == ("share_un", "restricted")
    assert leaks(issued.settings, leave_out=()) == []


def test_no_page_shows_publisher_words_day_or_place_of_a_given_report(issued: Story):
    text = b"".join(issued.issued.values()).decode("utf-8", "replace")
    assert TOKEN not in text
    evidence = leaves(issued.issued["AFR-evidence.json"])
    assert "not shown" in evidence.values()
    assert "given to us" not in issued.issued["AFR-evidence.html"].decode()
    assert "2024-01-23" not in issued.issued["AFR-evidence.html"].decode()


def test_withdrawal_lists_everything_that_used_the_report(story: Story):
    lines = story.withdraw()
    kinds = {line.split()[1] for line in lines}
    assert {"incident", "label", "situation", "draft"} <= kinds
    assert all(line.startswith("2024-W04 ") for line in lines)
    assert any(line.endswith(" XFR") and " situation " in line for line in lines)


def test_what_was_given_and_its_withdrawal_stand_in_the_chain(story: Story):
    story.withdraw()
    folder = story.settings.decisions.parent
    history = [one.decision for one in Ledger(folder).history(f"report/{story.report}")]
    assert [(one.act.value, one.version) for one in history] == [("receive", 1), ("withdraw", 2)]
    assert verify(folder) == ()
    assert unchained(folder) == ()
    vault = find_vault(story.settings.var)
    assert vault is not None
    vault.erase(require_slot(story.report, story.settings))
    given, withdrawn = Ledger(folder).history(f"report/{story.report}")
    assert (given.erased, given.decision.content, withdrawn.decision.by) == (True, "", "An Officer")
    assert verify(folder) == ()


def test_texts_that_people_wrote_on_its_situation_are_listed(story: Story):
    (situation,) = [one.name for one in list_uses(story.report, story.settings) if one.what == "situation"]
    decision = Decision(
        act=Act.WRITE,
        object_id=f"situation/{situation}",
        object_hash="",
        by="A Writer",
        role="analyst",
        author="A Writer",
        reason="a draft",
        decided_at=LATER,
        lens=Lens.RESTRICTED,
    )
    held = replace(Protection.public(LATER.date()), lens=Lens.RESTRICTED)
    Ledger(story.settings.decisions.parent).save(decision, held, version=None)
    found = [one.name for one in list_uses(story.report, story.settings) if one.what == "text or level"]
    assert found == [f"situation/{situation}"]


def test_a_replay_prints_withdrawn_for_what_was_rooted_there_and_else_the_same_bytes(story: Story):
    story.withdraw()
    replayed = story.draft()
    assert set(replayed) == set(story.issued)
    changed = {name for name in replayed if replayed[name] != story.issued[name]}
    # The result of the wording check speaks of the pages as they are now.
    assert {name.split(".")[0] for name in changed} - {"lint"} == {"AFR", "AFR-evidence"}
    assert json.loads(replayed["lint.json"])["errors"] == 0
    for name in ("AFR.json", "AFR-evidence.json"):
        before, after = leaves(story.issued[name]), leaves(replayed[name])
        assert set(after) <= set(before)
        differ = {path for path in after if after[path] != before[path]}
        assert differ
        assert {after[path] for path in differ} == {WITHDRAWN}
        # Lines that are missing are of a list that is withdrawn as a whole, or points of its series.
        lost = {path.rpartition("/")[0] for path in set(before) - set(after) if "/points/" not in path}
        assert {after[f"{path}/0"] for path in lost} <= {WITHDRAWN}
        # No sentence on the other State is withdrawn, and there are such sentences.
        told = {path for path in before if "Ruritania" in str(before[path])}
        assert told
        assert not told & (differ | (set(before) - set(after)))
    entry = next(one for one in json.loads(replayed["AFR.json"])["sections"] if one["anchor"] == "situations")
    other = next(one for one in json.loads(story.issued["AFR.json"])["sections"] if one["anchor"] == "situations")
    kept = [one for one in entry["blocks"] if one.get("code") == "XRU"]
    assert kept
    (drawn,) = [one for one in entry["blocks"] if one.get("code") == "XFR"]
    (told,) = [one for one in other["blocks"] if one.get("code") == "XFR"]
    now = leaves(json.dumps(drawn).encode())
    said = {path: now.get(path, WITHDRAWN) for path, text in leaves(json.dumps(told).encode()).items() if is_said(text)}
    assert len(said) > 2
    assert set(said.values()) == {WITHDRAWN}
    assert kept == [one for one in other["blocks"] if one.get("code") == "XRU"]


def test_the_replay_of_the_rows_is_the_same_after_a_withdrawal(story: Story):
    before = story.world.rows("out_incidents"), story.world.rows("out_states")
    story.withdraw()
    stages.score(as_of=AS_OF, settings=story.settings)
    assert (story.world.rows("out_incidents"), story.world.rows("out_states")) == before


def test_the_next_run_leaves_a_withdrawn_report_out(story: Story):
    with_it = replace(story.settings, week="2024-W05")
    stages.score(as_of=NEXT, settings=with_it)
    used = {one["issue"] for one in story.world.rows("out_incidents") if one["sources"] == ["given_civil_society"]}
    assert used == {"2024-W04", "2024-W05"}
    story.withdraw()
    stages.load(settings=story.settings)
    stages.score(as_of=NEXT, settings=with_it)
    used = {one["issue"] for one in story.world.rows("out_incidents") if one["sources"] == ["given_civil_society"]}
    assert used == {"2024-W04"}


def test_erasure_destroys_the_key_and_a_replay_still_gives_every_other_line(story: Story):
    vault = find_vault(story.settings.var)
    assert vault is not None
    slot, old_files = require_slot(story.report, story.settings), vault.warehouse_slots()
    vault.erase(slot)
    stages.rebuild(story.settings)
    assert [one for one in story.world.rows("raw_reports") if one["source_id"] == "given_civil_society"] == []
    with open_store(story.settings.var, Lens.RESTRICTED) as store:
        run = read(store, "2024-W04")
    assert TOKEN not in repr(run)
    assert {one.words for one in run.labels if one.report_id in str(list_uses(story.report, story.settings))} <= {
        WITHDRAWN
    }
    assert set(vault.warehouse_slots()).isdisjoint(old_files)
    stages.score(as_of=AS_OF, settings=story.settings)
    replayed = story.draft()
    before, after = leaves(story.issued["AFR.json"]), leaves(replayed["AFR.json"])
    differ = {path for path in after if after[path] != before[path]}
    assert differ
    assert {after[path] for path in differ} == {WITHDRAWN}
    others = [name for name in replayed if not name.startswith("AFR")]
    assert [name for name in others if replayed[name] != story.issued[name]] == []


def test_withdrawn_and_erased_give_the_same_pages(story: Story, tmp_path: Path):
    shutil.copytree(story.world.folder, tmp_path / "second")
    second = World(tmp_path / "second", looks=list(story.world.looks)).settings()
    story.withdraw()
    withdrawn = story.draft()
    vault = find_vault(second.var)
    assert vault is not None
    vault.erase(require_slot(story.report, second))
    stages.rebuild(second)
    stages.draft(as_of=AS_OF, settings=second)
    erased = tree(second.drafts / "2024-W04" / "r1")
    assert erased == withdrawn


def test_an_unknown_report_and_a_withdrawal_without_name_or_reason_are_refused(story: Story):
    with pytest.raises(UsageError, match="There is no report"):
        withdraw("0" * 20, by="P", role="r", reason="because", at=LATER, user="tester", settings=story.settings)
    with pytest.raises(UsageError, match="a name and a reason"):
        withdraw(story.report, by=" ", role="r", reason="because", at=LATER, user="tester", settings=story.settings)


def test_a_strictly_confidential_report_is_that_for_the_desk_too(story: Story):
    settings = story.settings
    (strict,) = give(story.world, GIVEN | {"title": "Second", "classification": "strictly_confidential"}).new
    stages.load(settings=settings)
    stages.score(as_of=AS_OF, settings=settings)
    snapshot = read_snapshot(
        settings.var / "snapshots", Lens.RESTRICTED, gazetteer=load_gazetteer(settings.reference), cards={}
    )
    found = snapshot.incident(snapshot.incident_of_report(row_id(SourceClass.CIVIL_SOCIETY, strict)))
    assert found is not None
    assert snapshot.classification(found) is Classification.STRICTLY_CONFIDENTIAL
    (situation,) = [one for one in snapshot.situations.values() if found.incident_id in one.incidents]
    assert snapshot.weight(situation) is Classification.STRICTLY_CONFIDENTIAL


def test_expired_consent_and_internal_use_enter_no_run(story: Story):
    give(story.world, GIVEN | {"title": "Second", "place": "Genovia", "consent": "internal_use"})
    give(story.world, GIVEN | {"title": "Third", "place": "Orsinia", "consent_until": "2024-01-28"})
    stages.load(settings=story.settings)
    rows = [one for one in story.world.rows("raw_reports") if one["source_id"] == "given_civil_society"]
    assert len(rows) == 3
    stages.score(as_of=AS_OF, settings=story.settings)
    places = {one["place"] for one in story.world.rows("out_incidents") if one["sources"] == ["given_civil_society"]}
    assert places == {"XFR"}
