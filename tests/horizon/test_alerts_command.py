"""Alerts from a run to the people: drafted, approved by name, sent to real servers, acknowledged; and nothing leaks."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from fictional import AS_OF, World
from test_ledger import sign
from test_two_lenses import TOKEN, plant
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "alerts"))

from servers import Hooks, Mails, always, mail_server, poster

from alerts.notice import Failure
from alerts.outbox import Result, State
from alerts.send import Patience
from alerts.wording import LANGUAGES
from domain.classification import Lens
from domain.errors import Refused, Unavailable, UsageError
from domain.situation import Level
from horizon import alerting, clock
from horizon.cli import app
from horizon.settings import Settings
from review.ledger import Ledger, unchained, verify
from warehouse.connection import open_store
from warehouse.outcome import read, save

SECRET = "hook-secret-8412"  # noqa: S105
PEOPLE = """
[[recipient]]
id = "desk-1"
channels = ["mail"]
mail = "reader@people.example"
languages = ["fr"]
deputies = ["desk-2"]

[[recipient]]
id = "desk-2"
regions = ["NOWHERE"]
channels = ["mail"]
mail = "deputy@people.example"

[[recipient]]
id = "machine"
channels = ["hook", "cap"]
hook = "{url}"
cap = "{url}"
secret = "TEST_HOOK"

[[recipient]]
id = "operator"
channels = ["mail"]
mail = "operator@people.example"
technical = true
"""
CHANNELS = """
duty = ["operator"]
dry_run = true
[office]
sender = "horizon@desk.example"
contact = "duty desk"
[mail]
host = "mail.desk.example"
sender = "horizon@desk.example"
[links]
base = "https://desk.example"
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A week whose restricted run holds confidential rows with a planted token, scored and drafted."""
    world = World(tmp_path_factory.mktemp("alerts") / "store").with_sources()
    plant(world)
    world.run(Lens.RESTRICTED)
    raised = next(one for one in world.rows("out_situations") if one["place"] == "XRU")
    sign(world, str(raised["situation_id"]), by="A. Analyst", role="analyst", at=AS_OF + timedelta(days=1))
    sign(world, str(raised["situation_id"]), by="B. Second", role="second analyst", at=AS_OF + timedelta(days=2))
    return world


@pytest.fixture
def live(planted: World, hooks: Hooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same week as a machine that watches real sources would have it, with recipients of its own."""
    import shutil  # noqa: PLC0415

    # Tests of the replayed week draft into the world that all share.
    shutil.copytree(planted.folder, tmp_path / "store", ignore=shutil.ignore_patterns("outbox.*", "alerts"))
    settings = replace(World(tmp_path / "store", list(planted.looks)).settings(), live=True)
    folder = settings.var / "alerts"
    folder.mkdir()
    (folder / "recipients.toml").write_text(PEOPLE.format(url=hooks.url), "utf-8")
    (folder / "channels.toml").write_text(CHANNELS, "utf-8")
    monkeypatch.setenv("TEST_HOOK", SECRET)
    return settings


def approved(settings: Settings) -> list[str]:
    """Draft, and approve everything by as many people as it takes."""
    names = []
    for notice in alerting.draft_alerts(as_of=AS_OF, settings=settings):
        for at in range(notice.people):
            alerting.approve(
                notice.notice_id, by=f"Approver {at}", role=f"role {at}", reason="read it", settings=settings
            )
        names.append(notice.notice_id)
    return names


def send(settings: Settings, mails: Mails) -> alerting.Sent:
    return alerting.send(
        settings=settings,
        for_real=True,
        poster=poster(1.0),
        mail=mail_server(mails.port, 2.0),
        patience=Patience(base_seconds=0, most=3, rest_seconds=0),
    )


def test_a_week_becomes_alerts_that_arrive_once(live, mails, hooks):
    names = approved(live)
    assert names
    first = send(live, mails)
    assert first.report is not None
    assert set(first.report.tries) == {Result.ACCEPTED}
    again = send(live, mails)
    assert again.due == 0
    _, seen = alerting.show(live)
    assert {one.message.state for one in seen} == {State.ACCEPTED}
    assert set(mails.copies.values()) == {1}
    assert len(mails.mails) == len(names)
    assert len(hooks.kept) == 2 * len(names)
    alert_id = names[0].rpartition(".")[0]
    assert alerting.alert_sent(alert_id, settings=live) is not None
    assert alerting.alert_sent("", settings=live) is None
    caps = [body for body in hooks.kept.values() if body.startswith(b"<?xml")]
    assert len(caps) == len(names)
    assert all(b"<scope>Private</scope>" in body for body in caps)


def test_drafting_the_same_week_again_has_no_news(live, mails):
    approved(live)
    assert alerting.draft_alerts(as_of=AS_OF, settings=live) == ()


def test_nothing_confidential_is_in_any_message_log_outbox_or_page(live, mails, hooks, capfd):
    """The planted rows are in the restricted run; their words are in nothing that an alert writes or sends."""
    names = approved(live)
    hooks.script = always("refuse")
    send(live, mails)
    hooks.script = always("ok")
    for language in LANGUAGES:
        assert TOKEN not in alerting.read_draft(names[0], settings=live, language=language).plain()
    assert TOKEN.encode() not in alerting.cap_of(names[0], settings=live)
    found = b"".join([*hooks.kept.values(), *(one.as_bytes() for one in mails.mails)])
    texts = [
        part.get_payload(decode=True) or b"" for one in mails.mails for part in one.walk() if not part.is_multipart()
    ]
    files = [path for path in live.var.rglob("*") if path.is_file() and path.parent.name in {"review", "log", "alerts"}]
    assert any(path.name == "outbox.sqlite" for path in files)
    held = b"".join([found, *texts, *(path.read_bytes() for path in files)])
    for secret in (TOKEN, SECRET):
        assert secret.lower().encode() not in held.lower()
    told = json.dumps([one.message.told for one in alerting.show(live)[1]]) + "".join(capfd.readouterr())
    for secret in (TOKEN, SECRET, "people.example"):
        assert secret not in told


def test_a_level_that_nobody_signed_cannot_be_approved(live):
    for path in (live.decisions).rglob("*.json"):
        path.unlink()
    with open_store(live.var, Lens.RESTRICTED) as store:
        run = read(store, "2024-W04")
        raised = tuple(replace(one, level=Level.EMERGING) for one in run.situations)
        save(store, replace(run, situations=raised))
    notice, *_ = alerting.draft_alerts(as_of=AS_OF, settings=live)
    with pytest.raises(Refused, match="cannot be approved yet"):
        alerting.approve(notice.notice_id, by="One", role="r", reason="x", settings=live)


def test_one_name_is_not_enough_where_two_are_needed_and_nobody_counts_twice(live, mails):
    (notice,) = alerting.draft_alerts(as_of=AS_OF, settings=live)
    assert (notice.people, notice.confirmed) == (2, True)
    _, missing = alerting.approve(notice.notice_id, by="One", role="r", reason="x", settings=live)
    assert missing == 1
    with pytest.raises(Refused, match="already"):
        alerting.approve(notice.notice_id, by=" one ", role="r", reason="x", settings=live)
    with pytest.raises(Refused, match="author"):
        alerting.approve(notice.notice_id, by="Machine", role="r", reason="x", settings=live)
    send(live, mails)
    assert mails.mails == []


def test_two_people_who_approve_in_the_same_moment_release_it(live, mails):
    (notice,) = alerting.draft_alerts(as_of=AS_OF, settings=live)

    def approve(by: str) -> int:
        return alerting.approve(notice.notice_id, by=by, role="r", reason="x", settings=live)[1]

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, ["One", "Two"])) == [0, 1]
    send(live, mails)
    assert len(mails.mails) == 1


def test_a_withdrawn_approval_stops_what_did_not_leave(live, mails):
    names = approved(live)
    for name in names:
        alerting.withdraw(name, by="Officer", role="protection officer", reason="stop", settings=live)
    send(live, mails)
    assert mails.mails == []
    assert {one.message.state for one in alerting.show(live)[1]} == {State.STOPPED}


def test_killed_between_outbox_and_decision_nothing_leaves_and_a_second_approval_works(live, mails, monkeypatch):
    def killed(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    (notice, *_) = alerting.draft_alerts(as_of=AS_OF, settings=live)
    people = [f"Approver {at}" for at in range(notice.people)]
    for by in people[:-1]:
        alerting.approve(notice.notice_id, by=by, role="r", reason="x", settings=live)
    save = Ledger.save
    monkeypatch.setattr(Ledger, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        alerting.approve(notice.notice_id, by=people[-1], role="r", reason="x", settings=live)
    send(live, mails)
    assert mails.mails == []
    monkeypatch.setattr(Ledger, "save", save)
    assert notice.notice_id in {one.notice_id for one in alerting.show(live)[0]}
    alerting.approve(notice.notice_id, by=people[-1], role="r", reason="x", settings=live)
    send(live, mails)
    assert len(mails.mails) == 1


def test_approvals_of_the_command_line_and_taking_back_stand_in_the_chain(live):
    (notice, *_) = alerting.draft_alerts(as_of=AS_OF, settings=live)
    for by in ("A. Head", "B. Head"):
        alerting.approve(notice.notice_id, by=by, role="regional head", reason="read", settings=live)
    alerting.withdraw(notice.notice_id, by="P. Officer", role="protection officer", reason="x", settings=live)
    history = [one.decision for one in Ledger(live.decisions.parent).history(notice.object_id)]
    assert [(one.act.value, one.by, one.version) for one in history] == [
        ("approve", "A. Head", 1),
        ("approve", "B. Head", 2),
        ("withdraw", "P. Officer", 3),
    ]
    assert verify(live.decisions.parent) == ()
    assert unchained(live.decisions.parent) == ()


def test_a_link_or_a_reply_acknowledges_and_silence_asks_the_deputy(live, mails, monkeypatch):
    approved(live)
    send(live, mails)
    asked = len(mails.mails)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=30))
    escalated = send(live, mails)
    assert escalated.escalated > 0
    assert {one["To"] for one in mails.mails[asked:]} == {"deputy@people.example"}
    text = mails.mails[0].get_payload()[0].get_payload(decode=True).decode()
    link = next(word for word in text.split() if "/acknowledge?" in word)
    shown = alerting.read_by_link(link, settings=live, language="fr")
    assert shown is not None
    assert shown.headline == str(make_header(decode_header(mails.mails[0]["Subject"])))
    assert not any(one.acknowledged_at for one in alerting.show(live)[1])
    key = alerting.acknowledge(link, settings=live)
    assert key == mails.mails[0]["X-Horizon-Key"]
    with pytest.raises(Refused):
        alerting.acknowledge(link + "x", settings=live)
    reply = EmailMessage()
    reply["In-Reply-To"] = mails.mails[-1]["Message-ID"]
    assert alerting.acknowledge_reply(reply.as_bytes(), settings=live) == mails.mails[-1]["X-Horizon-Key"]
    reply["Auto-Submitted"] = "auto-replied"
    with pytest.raises(Refused, match="not an acknowledgement"):
        alerting.acknowledge_reply(reply.as_bytes(), settings=live)
    noted = [one for one in alerting.show(live)[1] if one.acknowledged_at]
    assert len(noted) == 2


def test_a_technical_notice_goes_to_operators_without_an_approver_and_once(live, mails):
    failure = Failure(issue="2024-W04", step="draft", sort="Refused")
    alerting.tell_failure(failure, settings=live)
    alerting.tell_failure(failure, settings=live)
    send(live, mails)
    (mail,) = mails.mails
    assert mail["To"] == "operator@people.example"
    assert "2024-W04" in mail["Subject"]


@pytest.fixture(scope="module")
def drafting() -> DAG:
    """The DAG that renders, as Airflow reads it."""
    found = DagBag(dag_folder=str(Path(__file__).resolve().parents[2] / "dags" / "draft.py"))
    return found.dags["draft"]


def broken(drafting: DAG, error: Exception) -> None:
    """What Airflow does when the task has failed for the last time."""
    task = drafting.get_task("draft")
    run = SimpleNamespace(run_after=AS_OF)
    said = SimpleNamespace(dag_id="draft", task_id="draft")
    for callback in task.on_failure_callback:
        callback({"ti": said, "dag": drafting, "dag_run": run, "exception": error})


def test_a_failed_rendering_is_told_to_operators_at_once_and_once(live, mails, drafting, monkeypatch, caplog):
    """By the callback of the DAG's own task; the error's words may hold what nobody may read, so its sort alone is."""
    text = CHANNELS.replace("dry_run = true", "dry_run = false").replace(
        'host = "mail.desk.example"', f'host = "127.0.0.1"\nport = {mails.port}\nsecurity = "none"'
    )
    (live.var / "alerts" / "channels.toml").write_text(text, "utf-8")
    for name, value in (("HORIZON_VAR", live.var), ("HORIZON_REFERENCE", live.reference), ("LIVE", "1")):
        monkeypatch.setenv(name, str(value))
    for _ in range(2):
        broken(drafting, Refused(f"{TOKEN} has no root.", why=TOKEN, do=TOKEN))
    (mail,) = mails.mails
    assert mail["To"] == "operator@people.example"
    text = mail.get_payload()[0].get_payload(decode=True).decode()
    assert "Issue 2024-W04 could not be rendered at the step “draft.draft” (Refused)." in text
    assert TOKEN not in text
    assert "1 accepted" in caplog.text
    assert alerting.show(live)[0] == (), "no approver is asked"


def test_a_failed_rendering_of_a_replayed_week_tells_nobody(live, drafting, monkeypatch):
    monkeypatch.setenv("HORIZON_VAR", str(live.var))
    monkeypatch.setenv("LIVE", "0")
    broken(drafting, ValueError("x"))
    assert alerting.show(live)[1] == ()


def test_pages_that_do_not_come_are_told_to_operators(live, monkeypatch):
    import shutil  # noqa: PLC0415

    alerting.draft_alerts(as_of=AS_OF, settings=live)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=3))
    assert alerting.watch_drafts(live) is None
    shutil.rmtree(live.drafts / "2024-W04")
    found = alerting.watch_drafts(live)
    assert found is not None
    assert found.notice.technical


def test_a_replayed_week_can_be_read_and_never_leaves(planted):
    settings = planted.settings()
    notices = alerting.draft_alerts(as_of=AS_OF, settings=settings)
    assert b"<status>Exercise</status>" in alerting.cap_of(notices[0].notice_id, settings=settings)
    with pytest.raises(Refused, match="alerts nobody"):
        alerting.approve(notices[0].notice_id, by="One", role="r", reason="x", settings=settings)
    with pytest.raises(Refused, match="alerts nobody"):
        alerting.send(settings=settings, for_real=True)


def test_the_public_lens_makes_no_alerts(planted):
    with pytest.raises(Refused, match="public lens"):
        alerting.draft_alerts(as_of=AS_OF, settings=planted.settings(Lens.PUBLIC))


def test_the_command_shows_drafts_and_a_dry_run_sends_nothing(planted, tmp_path):
    environment = planted.environment()

    def call(*words: str) -> str:
        done = CliRunner().invoke(app, ["alerts", *words], env=environment, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    drafted = call("draft")
    name = drafted.split("\t")[0]
    assert name.startswith("HS-ALERT-2024-")
    assert f"{name}\tdraft" in call()
    assert "This is not a request." in call("read", name)
    assert "Ceci n’est pas une demande." in call("read", name, "--language", "fr")
    call("cap", name, "--out", str(tmp_path / "cap.xml"))
    assert (tmp_path / "cap.xml").read_bytes().startswith(b"<?xml")
    assert call("send") == ""
    assert call("dead") == ""


def test_the_check_counts_and_warns_and_prints_nothing_of_anybody(live):
    environment = {"HORIZON_VAR": str(live.var), "LIVE": "1", "HORIZON_REFERENCE": str(live.reference)}
    for path in (live.var / "alerts").glob("*.toml"):
        path.chmod(0o644)
    done = CliRunner().invoke(app, ["alerts", "check"], env=environment, catch_exceptions=False)
    assert done.exit_code == 1
    assert "recipients.toml can be read by others" in done.stdout
    for path in (live.var / "alerts").glob("*.toml"):
        path.chmod(0o600)
    done = CliRunner().invoke(app, ["alerts", "check"], env=environment, catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout.startswith("4 recipients, 1 of them operators")
    assert "people.example" not in done.stdout


def test_the_dag_sends_nothing_in_a_replayed_week_and_only_dry_without_a_word(planted, live, monkeypatch):
    from dags.alert import draft_alerts, send_alerts  # noqa: PLC0415

    monkeypatch.setenv("HORIZON_VAR", str(live.var))
    monkeypatch.setenv("HORIZON_REFERENCE", str(live.reference))
    monkeypatch.setenv("LIVE", "0")
    assert draft_alerts.function() == 0
    assert send_alerts.function() == "a replayed week alerts nobody"
    approved(live)
    monkeypatch.setenv("LIVE", "1")
    assert send_alerts.function() == "dry run: 3 due"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["read", "HS-ALERT-2024-nothing.1"], UsageError),
        (["read", "x", "--language", "tlh"], UsageError),
        (["again", "0" * 20], UsageError),
        (["acknowledge"], UsageError),
        (["acknowledge", "https://desk.example/acknowledge?m=1&u=2&s=3"], Refused),
        (["send", "--for-real"], Refused),
    ],
)
def test_what_cannot_be_done_is_said_in_words(planted, words, error):
    with pytest.raises(error):
        CliRunner().invoke(app, ["alerts", *words], env=planted.environment(), catch_exceptions=False)


def test_a_week_that_was_not_scored_gives_no_alerts(planted):
    with pytest.raises(Unavailable, match="has not been scored"):
        alerting.draft_alerts(as_of=AS_OF + timedelta(days=7), settings=planted.settings())
