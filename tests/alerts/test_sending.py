"""Sending to real servers that refuse, stall, take it and drop the line, or say it twice; and being killed."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from invented import SENDER, alert, drafted, place_name, reader, released, standing
from servers import Hooks, Mails, always, mail_server, poster

from alerts.chat import AppriseChatter
from alerts.compose import compose, message_key
from alerts.mail import SmtpMailer
from alerts.notice import Released
from alerts.outbox import Message, Outbox, Result, State
from alerts.recipients import Channel
from alerts.send import Channels, Outcome, Patience, send_due
from alerts.signing import check_hook
from domain.errors import Refused, Unavailable
from domain.situation import Level
from horizon.poster import GuardedPoster

SECONDS = 0.3  # that a server is waited for
NOW = datetime(2026, 3, 31, 10, 20, tzinfo=UTC)
QUICK = Patience(base_seconds=0.0, most=5, most_unknown=2, rest_seconds=0.0)
SECRET = "a shared secret"  # noqa: S105


class Chat:
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, credential, text, *, begin):
        begin()
        self.said.append(text)
        return Outcome(result=Result.ACCEPTED, told="took it")


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox.sqlite") as found:
        yield found


def ways(mails: Mails | int = 0, chat: Chat | None = None) -> Channels:
    port = mails if isinstance(mails, int) else mails.port
    return Channels(
        poster=poster(SECONDS),
        mailer=SmtpMailer(mail_server(port, SECONDS)),
        chatter=chat or Chat(),
        secret=lambda _name: SECRET,
    )


def queue(outbox: Outbox, *recipients, notice=None, admit: bool = True) -> Released:
    one = released(notice or alert())
    outbox.release(one, compose(one, recipients, sender=SENDER, outbox=outbox, name=place_name))
    if admit:
        outbox.admit([one.notice.object_id for one in [one]])
    return one


def hooked(hooks: Hooks, **changes):
    return reader(channels=(Channel.HOOK,), hook=hooks.url, secret="HOOK_SECRET", **changes)  # noqa: S106


def send(outbox: Outbox, channels: Channels, at: datetime = NOW, patience: Patience = QUICK):
    return send_due(outbox, channels, clock=lambda: at, patience=patience)


def only(outbox: Outbox) -> Message:
    (found,) = outbox.messages()
    return found.message


def test_a_mail_arrives_once_in_plain_text_and_html_with_its_key(outbox, mails):
    queue(outbox, reader())
    send(outbox, ways(mails))
    send(outbox, ways(mails))
    (mail,) = mails.mails
    assert only(outbox).state is State.ACCEPTED
    assert mail["X-Horizon-Key"] == only(outbox).key
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert "This is not a request" in mail.get_payload()[0].get_payload(decode=True).decode()


def test_an_update_is_threaded_under_the_first(outbox, mails):
    first = queue(outbox, reader())
    send(outbox, ways(mails))
    second = drafted(standing(level=Level.URGENT), first)
    assert second is not None
    queue(outbox, reader(), notice=second)
    send(outbox, ways(mails))
    one, two = mails.mails
    assert two["In-Reply-To"] == one["Message-ID"]
    assert one["Message-ID"].startswith(f"<{message_key(first.notice.object_id, 'desk-1', Channel.MAIL)}.")


def test_a_hook_is_signed_and_its_receiver_can_check_it(outbox, hooks):
    queue(outbox, hooked(hooks))
    send(outbox, ways())
    (headers,) = hooks.headers
    key = only(outbox).key
    assert check_hook(SECRET, headers, hooks.kept[key], at=NOW) == key
    with pytest.raises(Refused):
        check_hook(SECRET, headers, hooks.kept[key] + b" ", at=NOW)
    with pytest.raises(Refused):
        check_hook("another", headers, hooks.kept[key], at=NOW)
    with pytest.raises(Refused, match="accepted"):
        check_hook(SECRET, headers, hooks.kept[key], at=NOW + timedelta(minutes=6))
    assert json.loads(hooks.kept[key])["msgType"] == "Alert"


@pytest.mark.parametrize("how", ["accept and drop", "stall"])
def test_a_hook_that_takes_it_and_says_nothing_is_unknown_and_then_kept_once(outbox, hooks, how):
    answers = iter([how, "ok"])
    hooks.script = lambda _key: next(answers)
    queue(outbox, hooked(hooks))
    send(outbox, ways())
    key = only(outbox).key
    assert [result for _, result, _ in outbox.attempts(key)] == ["unknown", "accepted"]
    assert only(outbox).unknowns == 1
    assert (hooks.requests[key], hooks.effects[key]) == (2, 1)


@pytest.mark.parametrize("how", ["accept and drop", "stall"])
def test_a_mail_server_that_drops_after_the_text_leaves_a_mark(outbox, mails, how):
    answers = iter([how, "ok"])
    mails.script = lambda _key: next(answers)
    queue(outbox, reader())
    send(outbox, ways(mails))
    assert (only(outbox).state, only(outbox).unknowns) == (State.ACCEPTED, 1)
    first, second = mails.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()


def test_a_mail_that_stays_unknown_is_not_sent_for_ever(outbox, mails):
    mails.script = always("accept and drop")
    queue(outbox, reader())
    send(outbox, ways(mails))
    assert only(outbox).state is State.UNKNOWN
    assert only(outbox).attempts == QUICK.most_unknown


def test_a_server_that_answers_twice_confuses_nobody(outbox, mails, hooks):
    mails.script = hooks.script = always("twice")
    people = [reader(f"desk-{at}") for at in range(5)]
    queue(outbox, *people, hooked(hooks))
    send(outbox, ways(mails))
    assert {one.message.state for one in outbox.messages()} == {State.ACCEPTED}
    assert set(mails.copies.values()) == {1}


def test_a_refusal_for_now_is_tried_again_later_and_longer_each_time(outbox, hooks):
    hooks.script = always("refuse")
    queue(outbox, hooked(hooks))
    patience = Patience(base_seconds=60, most=3, rest_seconds=0)
    waits = []
    at = NOW
    for _ in range(3):
        send(outbox, ways(), at, patience)
        waits.append((only(outbox).due_at - at).total_seconds())
        at = only(outbox).due_at
    assert 60 <= waits[0] <= 90
    assert 120 <= waits[1] <= 180
    assert only(outbox).state is State.DEAD
    assert only(outbox).told == "the server does not take it now (503)"


def test_a_refusal_for_good_is_a_dead_letter_with_words(outbox, mails, hooks):
    mails.at_rcpt = "forbid"
    hooks.script = always("forbid")
    queue(outbox, reader(), hooked(hooks, name="machine"))
    send(outbox, ways(mails))
    told = {one.message.channel: one.message.told for one in outbox.messages()}
    assert {one.message.state for one in outbox.messages()} == {State.DEAD}
    assert told[Channel.MAIL] == "the mail server refuses the recipient (550)"
    assert told[Channel.HOOK] == "the server refuses it (403)"


def test_a_dead_letter_is_sent_again_when_a_person_says_so(outbox, mails):
    mails.at_rcpt = "forbid"
    queue(outbox, reader())
    send(outbox, ways(mails))
    mails.at_rcpt = "ok"
    assert outbox.revive(only(outbox).key, at=NOW)
    send(outbox, ways(mails))
    assert only(outbox).state is State.ACCEPTED


def test_a_server_that_is_not_there_is_left_in_peace_and_nothing_is_lost(outbox):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    queue(outbox, *[reader(f"desk-{at}") for at in range(30)])
    report = send(outbox, ways(port), patience=Patience(rest_seconds=60))
    assert sum(report.tries.values()) <= 4
    assert {one.message.state for one in outbox.messages()} == {State.QUEUED}
    assert {one.message.unknowns for one in outbox.messages()} == {0}


def test_urgent_leaves_first_and_a_slow_server_does_not_hold_it(outbox, mails, hooks):
    hooks.script = always("stall")
    slow = [hooked(hooks, name=f"slow-{at}") for at in range(8)]
    queue(outbox, *slow)
    urgent = alert(situation_id="s2", level=Level.URGENT)
    one = released(urgent)
    outbox.release(one, compose(one, [reader()], sender=SENDER, outbox=outbox, name=place_name))
    outbox.admit([urgent.object_id, alert().object_id])
    first = outbox.pick(NOW, urgent_only=False, busy=(), resting=())
    assert first is not None
    assert first.urgent
    tried = []
    mails.script = lambda _key: tried.append(sum(hooks.requests.values())) or "ok"
    patient = replace(ways(mails), mailer=SmtpMailer(mail_server(mails.port, 10.0)))
    send(outbox, patient, patience=Patience(base_seconds=60, rest_seconds=0, workers=3))
    assert sum(hooks.requests.values()) == len(slow)
    assert tried[0] < len(slow), "it did not wait for all the slow ones"


def test_nothing_leaves_without_an_approval_that_stands(outbox, mails):
    one = queue(outbox, reader(), admit=False)
    assert send(outbox, ways(mails)).tries == {}
    outbox.admit([one.notice.object_id])
    outbox.stop([one.notice.object_id])
    send(outbox, ways(mails))
    assert (only(outbox).state, mails.mails) == (State.STOPPED, [])


def test_a_process_killed_while_sending_leaves_an_unknown_try(tmp_path, mails):
    path = tmp_path / "outbox.sqlite"
    with Outbox(path) as outbox:
        queue(outbox, reader())
        outbox.begin(only(outbox), at=NOW)
    with Outbox(path) as outbox:
        outbox.admit([alert().object_id])
        report = send(outbox, ways(mails))
        assert report.recovered == 1
        assert [result for _, result, _ in outbox.attempts(only(outbox).key)] == ["unknown", "accepted"]


def test_a_release_whose_decision_never_landed_is_a_draft_again(outbox, mails):
    """Killed between the outbox and the decision: nothing leaves, and approving again replaces what was written."""
    outbox.draft([alert()])
    queue(outbox, reader("first"), admit=False)
    assert [one.object_id for one in outbox.drafts()] == [alert().object_id]
    assert outbox.chains() == {}
    queue(outbox, reader("second"))
    send(outbox, ways(mails))
    assert [one.message.recipient for one in outbox.messages()] == ["second"]
    assert outbox.drafts() == ()
    assert set(outbox.chains()) == {"s1"}


def test_releasing_twice_changes_nothing_that_left(outbox, mails):
    queue(outbox, reader())
    send(outbox, ways(mails))
    queue(outbox, reader(), reader("late"))
    send(outbox, ways(mails))
    assert len(mails.mails) == 1


def test_only_one_process_sends(tmp_path):
    with Outbox(tmp_path / "o.sqlite") as one, Outbox(tmp_path / "o.sqlite") as two, one.sending():
        hold = two.sending()
        with pytest.raises(Unavailable, match="Another process"):
            hold.__enter__()


def test_a_chat_service_is_told_no_place(outbox):
    chat = Chat()
    queue(outbox, reader(channels=(Channel.CHAT,), chat="TEAM_CHAT"))
    send(outbox, ways(chat=chat))
    (said,) = chat.said
    assert "Ruritania" not in said
    assert alert().notice_id in said


def test_a_real_chat_library_hands_it_over_or_says_that_it_does_not_know(hooks):
    begun = []
    chat = AppriseChatter(lambda _name: hooks.url.replace("http://", "json://"))
    taken = chat.say("TEAM_CHAT", "HS-ALERT-2026-1.1", begin=lambda: begun.append(1))
    assert (taken.result, begun) == (Result.ACCEPTED, [1])
    assert b"HS-ALERT-2026-1.1" in next(iter(hooks.kept.values()))
    hooks.script = always("refuse")
    lost = chat.say("TEAM_CHAT", "HS-ALERT-2026-1.2", begin=lambda: None)
    assert lost.result is Result.UNKNOWN
    assert AppriseChatter(lambda _name: "").say("X", "y", begin=lambda: None).result is Result.LATER
    assert AppriseChatter(lambda _name: "no address").say("X", "y", begin=lambda: None).result is Result.REFUSED


def test_texts_and_addresses_of_settled_messages_are_forgotten_and_their_states_are_not(outbox, mails):
    queue(outbox, reader())
    assert outbox.forget(NOW + timedelta(days=1)) == 0
    send(outbox, ways(mails))
    assert outbox.forget(NOW - timedelta(days=90)) == 0
    assert outbox.forget(NOW + timedelta(days=1)) == 1
    assert (only(outbox).payload, only(outbox).state) == ("", State.ACCEPTED)


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/x", "http://example.org/x", "https://user:pass@example.org/", "https://[::1]/", "file:///etc"],
)
def test_an_address_that_may_not_be_asked_is_refused_before_anything_is_sent(url):
    begun = []
    outcome = GuardedPoster(resolve=lambda host, port, seconds: ["127.0.0.1"]).post(
        url, body=b"{}", headers={}, begin=lambda: begun.append(1)
    )
    assert outcome.result is Result.REFUSED
    assert begun == []
    assert "pass" not in outcome.told


def test_a_redirect_is_not_followed(httpserver):
    httpserver.expect_request("/inbox").respond_with_data("", status=307, headers={"Location": "/elsewhere"})
    outcome = GuardedPoster(allow_loopback=True).post(
        httpserver.url_for("/inbox"), body=b"{}", headers={}, begin=lambda: None
    )
    assert (outcome.result, len(httpserver.log)) == (Result.REFUSED, 1)


def test_hundreds_of_messages_and_kills_lose_nothing():
    """The same as tests/bench/outbox.py, smaller."""
    import sys  # noqa: PLC0415

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
    from outbox import run  # noqa: PLC0415

    counts = run(messages=300, kills=6, seed=3, pause=0.5)
    assert (counts.lost, counts.twice, counts.unmarked) == (0, 0, 0)
    assert counts.kills == 6
    assert counts.marked > 0
    assert counts.accepted + counts.dead + counts.unknown == 300
