"""Messages against servers that misbehave, and a sender that is killed again and again. Nothing may be lost.

`python tests/bench/outbox.py` sends 10,000 messages with 100 kills at random moments. Each message is bound for an SMTP
server or an HTTP receiver; for one in six tries the server refuses, stalls, takes it and drops the line, or answers
twice. A message is *lost* when the outbox says accepted and no server has it, or when it is neither there nor named as
dead or unknown; *twice* when an HTTP receiver, which knows the key, keeps it twice, or an SMTP server has two copies of
a mail that the outbox never marked unknown.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "alerts"), str(ROOT)]

from servers import Hooks, Mails  # noqa: E402

from alerts.mail import Security, Server, SmtpMailer  # noqa: E402
from alerts.outbox import DIGEST, Message, Outbox, Result, State  # noqa: E402
from alerts.recipients import Channel  # noqa: E402
from alerts.send import Channels, Outcome, Patience, send_due  # noqa: E402
from collectors.wire import Limits  # noqa: E402
from domain.signal import short_hash  # noqa: E402
from horizon.poster import GuardedPoster  # noqa: E402

FAULTS = ("refuse", "drop", "accept and drop", "stall", "twice")
SECONDS = 0.4  # that a stalled server is waited for
SECRET = "for the bench alone"  # noqa: S105
PATIENCE = Patience(base_seconds=0.05, longest_seconds=0.5, most=60, most_unknown=4, rest_seconds=0.02, workers=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What stands at the end, all in messages but for `tries` and `kills`."""

    messages: int
    kills: int
    seconds: float
    tries: int
    accepted: int
    dead: int
    unknown: int
    marked: int
    lost: int
    twice: int
    unmarked: int
    copies: int

    def line(self) -> str:
        return (
            f"{self.messages} messages, {self.kills} kills, {self.tries} tries in {self.seconds:.0f} s: "
            f"{self.accepted} accepted, {self.dead} dead, {self.unknown} unknown for good; {self.marked} had a try "
            f"marked unknown; {self.copies} mails came in more than one copy; lost {self.lost}, twice where the "
            f"channel can tell {self.twice}, unknown and not marked {self.unmarked}"
        )


class NoChat:
    def say(self, credential: str, text: str, *, begin: object) -> Outcome:
        raise NotImplementedError


def fill(path: Path, number: int, *, hook: str) -> None:
    now = datetime.now(UTC)  # noqa: TID251  (a bench; the rooms take the clock from horizon)
    with Outbox(path) as outbox:
        outbox.add(message(at, now, hook) for at in range(number))


def message(at: int, now: datetime, hook: str) -> Message:
    """Every second one a mail; the object is named like a digest, which needs no approver."""
    channel = Channel.MAIL if at % 2 else Channel.HOOK
    key = short_hash("bench", str(at))
    mail = {
        "key": key, "from": "horizon@desk.example", "sender": "horizon@desk.example", "to": "person@people.example",
        "subject": f"Notice {at}", "date": "Tue, 31 Mar 2026 10:15:00 +0000", "message_id": f"<{key}@desk.example>",
        "references": "", "text": "A standby.", "html": "<p>A standby.</p>",
    }  # fmt: skip
    post = {"url": hook, "secret": "BENCH", "body": json.dumps({"number": at})}
    return Message(
        key=key,
        object_id=f"{DIGEST}bench/{at}",
        alert_id="",
        recipient="bench",
        channel=channel,
        endpoint=f"{channel.value}{at % 7}",
        urgent=at % 50 == 0,
        due_at=now,
        queued_at=now,
        payload=json.dumps(mail if channel is Channel.MAIL else post),
    )


def work(path: Path, port: int) -> None:
    """The sender's process: sends until nothing is left, or until it is killed."""
    limits = Limits(
        connect_seconds=SECONDS, first_byte_seconds=SECONDS, idle_seconds=SECONDS, total_seconds=2 * SECONDS
    )
    ways = Channels(
        poster=GuardedPoster(limits=limits, allow_loopback=True),
        mailer=SmtpMailer(Server(host="127.0.0.1", port=port, security=Security.NONE, seconds=SECONDS)),
        chatter=NoChat(),  # type: ignore[arg-type]
        secret=lambda _name: SECRET,
    )
    with Outbox(path) as outbox:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while left(outbox):
            send_due(outbox, ways, clock=lambda: datetime.now(UTC), patience=PATIENCE)  # noqa: TID251
            time.sleep(0.05)


def left(outbox: Outbox) -> int:
    return sum(one.message.state in {State.QUEUED, State.SENDING} for one in outbox.messages())


def run(*, messages: int, kills: int, seed: int = 7, folder: Path | None = None, pause: float = 1.2) -> Counts:
    """Fill an outbox, kill its sender `kills` times, let the last one finish, and count."""
    chance = random.Random(seed)  # noqa: S311
    behave = random.Random(seed + 1)  # noqa: S311
    begun = time.monotonic()
    killed = 0

    def script(_key: str) -> str:
        return behave.choice(FAULTS) if behave.random() < 1 / 6 else "ok"

    hooks, mails = Hooks(script), Mails(script)
    with tempfile.TemporaryDirectory() as place:
        path = (folder or Path(place)) / "outbox.sqlite"
        fill(path, messages, hook=hooks.url)
        command = [sys.executable, __file__, "--work", str(path), "--port", str(mails.port)]
        while True:
            sender = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
            assert sender.stdout is not None
            sender.stdout.readline()
            if killed == kills:
                sender.wait()
                break
            try:
                sender.wait(chance.uniform(0.02, pause))
                break  # everything was sent before the last kill
            except subprocess.TimeoutExpired:
                sender.send_signal(signal.SIGKILL)
                sender.wait()
                killed += 1
            finally:
                sender.stdout.close()
        with Outbox(path) as outbox:
            found = count(outbox, hooks, mails, kills=killed, seconds=time.monotonic() - begun)
    hooks.close()
    mails.close()
    return found


def count(outbox: Outbox, hooks: Hooks, mails: Mails, *, kills: int, seconds: float) -> Counts:
    lines = [one.message for one in outbox.messages()]
    arrived = {**mails.copies, **{key: hooks.effects[key] for key in hooks.kept}}
    tries = {one.key: outbox.attempts(one.key) for one in lines}
    marked = {key for key, found in tries.items() if any(outcome == Result.UNKNOWN.value for _, outcome, _ in found)}
    named = {one.key for one in lines if one.state in {State.DEAD, State.UNKNOWN}}
    accepted = {one.key for one in lines if one.state is State.ACCEPTED}
    mailed = {one.key for one in lines if one.channel is Channel.MAIL}
    several = {key for key in mailed if mails.copies[key] > 1}
    return Counts(
        messages=len(lines),
        kills=kills,
        seconds=seconds,
        tries=sum(map(len, tries.values())),
        accepted=len(accepted),
        dead=sum(one.state is State.DEAD for one in lines),
        unknown=sum(one.state is State.UNKNOWN for one in lines),
        marked=len(marked),
        lost=sum(key not in arrived for key in accepted)
        + sum(one.key not in arrived and one.key not in named | accepted for one in lines),
        twice=sum(number > 1 for number in hooks.effects.values()) + len(several - marked),
        # A try without an answer, or something that arrived although the outbox knows of no try that could have.
        unmarked=sum(not outcome for found in tries.values() for _, outcome, _ in found)
        + sum(key not in accepted and key not in marked for key in arrived),
        copies=len(several),
    )


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--messages", type=int, default=10_000)
    asked.add_argument("--kills", type=int, default=100)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--pause", type=float, default=1.2)
    asked.add_argument("--work", type=Path)
    asked.add_argument("--port", type=int, default=0)
    given = asked.parse_args()
    if given.work:
        work(given.work, given.port)
    else:
        counts = run(messages=given.messages, kills=given.kills, seed=given.seed, pause=given.pause)
        sys.stdout.write(counts.line() + "\n")
        sys.exit(1 if counts.lost or counts.twice or counts.unmarked else 0)
