"""Play every fault to a source of a fictional week, from the first byte to the words of the brief: docs/faults.md.

`python -m tests.faults.table --out docs/faults.md --kills 200`. Each row runs the real stages against a server on
this machine: collect, load, score. The client's limits are smaller here than in service, so that it takes seconds;
the page holds no measured time, only the bound that each row kept.
"""

import argparse
import gzip
import json
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from briefs import wording
from collectors.base import FetchFailed
from collectors.http import GuardedClient, Limits, Patience, Unchanged
from domain.classification import Lens
from domain.errors import HorizonError
from domain.source import Kind, SourceState
from horizon import clock, stages
from tests.collectors.conftest import make_card
from tests.faults import kill
from tests.faults.server import Play, Server, answer, certify, drip, hush, packed, raw, reset_after, serving
from tests.horizon.fictional import FEED, WIRE, World, feed, row, wire
from warehouse.connection import open_store

LIMITS = Limits(connect_seconds=0.5, first_byte_seconds=0.5, idle_seconds=0.5, total_seconds=4.0)
PATIENCE = Patience(interval_seconds=0.0, first_wait_seconds=0.02)
OK = b"HTTP/1.1 200 OK\r\n"
JSON = ("Content-Type: application/json",)
GOOD = wire(row("w1", "2024-01-03"))
ITEMS = feed(("f1", "Harbour opens", "Wed, 03 Jan 2024 10:00:00 GMT"))
NOTHING = 100_000_000
WALL = b"<!doctype html><title>Just a moment...</title><p>Checking your browser before you go on.</p>"
PAGE = b"<!doctype html><title>Gazette</title><p>We have moved.</p>"
HEAD = """# What the collector does when the web misbehaves

Written by `make faults`; do not edit. Each row is a server on this machine that misbehaves, and the real stages
against it: collect, load, score. The limits of the client are smaller here than in service, so that it takes seconds;
*within* is the bound that the row kept. *What the brief says* is the line of the source in the table of sources.

| fault | what the client did | asked | within | state of the source | what the brief says | defects |
|---|---|---:|---:|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`text` is the kind of the source: a wire in JSON, or a feed. `conditional`: the client alone, with an ETag."""

    name: str
    plays: tuple[Play, ...]
    text: str = WIRE
    within: int = 2
    tls: bool = False
    private: bool = False
    conditional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the page."""

    fault: Fault
    did: str
    asked: int
    seconds: float
    state: SourceState
    says: str
    defects: str

    def __str__(self) -> str:
        cells = (
            self.fault.name,
            self.did,
            str(self.asked),
            f"{self.fault.within} s",
            self.state.value,
            self.says,
            self.defects or "none",
        )
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


FAULTS = (
    Fault(name="None", plays=(answer(GOOD, headers=JSON),)),
    Fault(name="No server", plays=()),
    Fault(name="No answer", plays=(hush,), within=4),
    Fault(name="Closed without an answer", plays=(raw(b""),)),
    Fault(name="Reset mid-body", plays=(reset_after(OK + b"Content-Length: 9999\r\n\r\n" + GOOD[:40]),)),
    Fault(name="Reset mid-body, then fine", plays=(reset_after(OK + b"Content-Length: 9999\r\n\r\n["), answer(GOOD))),
    Fault(name="Body shorter than announced", plays=(raw(OK + b"Content-Length: 9999\r\n\r\n" + GOOD),)),
    Fault(name="Truncated gzip, length right", plays=(packed(GOOD, keep=60),)),
    Fault(
        name="Slow drip of the body", plays=(drip(OK + b"Content-Length: 9999\r\n\r\n", b" ", every=0.05),), within=5
    ),
    Fault(name="Slow drip of headers", plays=(drip(OK, b"X-More: a\r\n", every=0.05),), within=5),
    Fault(name="Endless headers", plays=(drip(OK, b"X-More: " + b"a" * 4000 + b"\r\n", every=0),)),
    Fault(
        name="429 with Retry-After: 1, then fine",
        plays=(answer(status="429 Too Many Requests", headers=("Retry-After: 1",)), answer(GOOD)),
        within=3,
    ),
    Fault(
        name="429 with Retry-After: 3600",
        plays=(answer(status="429 Too Many Requests", headers=("Retry-After: 3600",)),),
    ),
    Fault(name="429 without Retry-After", plays=(answer(status="429 Too Many Requests"),)),
    Fault(name="304 to a conditional request", plays=(answer(status="304 Not Modified"),), conditional=True),
    Fault(name="304 that nobody asked for", plays=(answer(status="304 Not Modified"),)),
    Fault(name="5xx, then fine", plays=(answer(status="502 Bad Gateway"), answer(GOOD))),
    Fault(name="5xx, always", plays=(answer(status="500 Internal Server Error"),)),
    Fault(name="404", plays=(answer(status="404 Not Found"),)),
    Fault(name="Redirect loop", plays=(answer(status="302 Found", headers=("Location: /data",)),)),
    Fault(
        name="Redirect to a private address",
        plays=(answer(status="302 Found", headers=("Location: http://169.254.169.254/latest/meta-data/",)),),
    ),
    Fault(
        name="Redirect to a name that moved to a private address",
        plays=(answer(status="302 Found", headers=("Location: /again",)),),
        private=True,
    ),
    Fault(name="Wrong content type, body right", plays=(answer(GOOD, headers=("Content-Type: image/png",)),)),
    Fault(
        name="Wrong content type, feed right", plays=(answer(ITEMS, headers=("Content-Type: text/plain",)),), text=FEED
    ),
    Fault(name="HTML in place of JSON", plays=(answer(PAGE, headers=("Content-Type: text/html",)),)),
    Fault(name="HTML in place of a feed", plays=(answer(PAGE, headers=("Content-Type: text/html",)),), text=FEED),
    Fault(name="Bot wall, 403", plays=(answer(WALL, status="403 Forbidden", headers=("Content-Type: text/html",)),)),
    Fault(name="Bot wall, 200", plays=(answer(WALL, headers=("Content-Type: text/html",)),), text=FEED),
    Fault(name="Empty body, 200", plays=(answer(b"", headers=JSON),)),
    Fault(name="100 MB of nothing, plain", plays=(answer(b"\0" * NOTHING),), within=5),
    Fault(
        name="100 MB of nothing, 100 kB on the wire",
        plays=(answer(gzip.compress(b"\0" * NOTHING, 9), headers=("Content-Encoding: gzip",)),),
        within=5,
    ),
    Fault(name="A packing that was not asked for", plays=(answer(b"\x0b", headers=("Content-Encoding: br",)),)),
    Fault(name="TLS: certificate signed by nobody", plays=(answer(GOOD),), tls=True),
    Fault(name="TLS: no TLS at all", plays=(answer(GOOD),), tls=True, within=3),
)


class Known:
    """An answer that landed before, with an ETag."""

    def get(self, url: str) -> tuple[str, str]:
        return ('"v1"', "")


def play(fault: Fault, folder: Path) -> Row:
    """One fault, from the first byte to the words of the brief."""
    context: ssl.SSLContext | None = None
    if fault.tls and "no TLS" not in fault.name:
        context, _ = certify(folder, "localhost")
    with serving(context) as server:
        url = server.play("/data", *fault.plays) if fault.plays else "http://localhost:9/data"
        if fault.tls:
            url = url.replace("http://", "https://")
        answers = iter([("127.0.0.1",), ("10.0.0.1",)])
        settings: dict[str, object] = {"limits": LIMITS, "patience": PATIENCE, "allow_loopback": True}
        if fault.private:
            settings["resolve"] = lambda *_: next(answers)
        client: Callable[..., GuardedClient] = partial(GuardedClient, **settings)
        if fault.conditional:
            return _client_alone(fault, server, client, url)
        return _through_the_stages(fault, server, client, url, folder)


def _client_alone(fault: Fault, server: Server, client: Callable[..., GuardedClient], url: str) -> Row:
    began = time.monotonic()
    try:
        client(make_card(Kind.JSON_API, url=url), clock=clock.now, validators=Known()).get(url)
    except Unchanged as unchanged:
        state, did = SourceState.UNCHANGED, f"unchanged: {unchanged.why}"
    else:
        state, did = SourceState.OK, "a payload"
    seconds = time.monotonic() - began
    asked = server.asked("/data")
    return Row(
        fault=fault, did=did, asked=asked, seconds=seconds, state=state, says=wording.STATE_WORDS[state], defects=""
    )


def _through_the_stages(
    fault: Fault, server: Server, client: Callable[..., GuardedClient], url: str, folder: Path
) -> Row:
    world = World(folder).card("gazette", fault.text)
    card = folder / "cards" / "gazette.toml"
    text = card.read_text("utf-8").replace("https://gazette.example/data", url)
    # The stages run at this instant, and the items are of 2024: they are not to count as stale here.
    card.write_text(text.replace("lag_days = 60", "lag_days = 60000"), "utf-8")
    settings = replace(world.settings(Lens.PUBLIC), live=True)
    told: list[str] = []

    class Listening:
        """The client, and what came of each address."""

        def __init__(self, *args: object, **named: object) -> None:
            self._client = client(*args, **named)

        def get(self, address: str) -> object:
            try:
                payload = self._client.get(address)
            except FetchFailed as failed:
                told.append(f"gave up: {failed.reason}")
                raise
            told.append(f"landed {len(payload.body)} bytes")
            return payload

    real = stages.GuardedClient
    stages.GuardedClient = Listening
    began = time.monotonic()
    try:
        stages.collect("gazette", settings)
    except HorizonError as error:
        told.append("" if told else f"gave up: {error.why}")
    finally:
        stages.GuardedClient = real
    seconds = time.monotonic() - began
    # An issue's instant is cut to the second, and the look may be a fraction younger.
    as_of = stages.load(settings=settings).as_of + timedelta(seconds=1)
    stages.score(as_of=as_of, settings=settings)
    with open_store(settings.var, Lens.PUBLIC) as store:
        (source,) = store.dump("out_sources").to_dicts()
        defects = store.dump("raw_defects").to_dicts()
    state = SourceState(source["state"])
    says = wording.STATE_WORDS[state]
    if source["detail"]:
        says += f"; {wording.clause(source['detail'])}"
    return Row(
        fault=fault,
        did=_plain(told[0], url),
        asked=server.asked("/data"),
        seconds=seconds,
        state=state,
        says=_plain(says, url),
        defects=", ".join(sorted({str(defect["check_name"]) for defect in defects})),
    )


def _plain(text: str, url: str) -> str:
    """Without what differs from run to run."""
    return text.replace(url, "its address")


def play_all(faults: Sequence[Fault] = FAULTS) -> list[Row]:
    rows: list[Row] = []
    for fault in faults:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(play(fault, Path(folder)))
    return rows


def write_page(rows: Sequence[Row], kills: kill.Found) -> str:
    whole = "nothing" if kills.sound else "something"
    lines = "\n".join(map(str, rows))
    return f"""{HEAD}{lines}

*304 to a conditional request* shows the client alone: requests are conditional where it is handed validators.
A source of several addresses is always read whole.

## Kill -9

Collecting and loading of a fictional week was killed {kills.times} times at random moments, half of them meant for
collecting, every third store twice, and started again. What had been acknowledged was looked for before and after
the restart, and every row was compared with an undisturbed run. Missing or doubled: {whole}
({len(kills.missing)} missing, {len(kills.doubled)} doubled, {len(kills.broken)} that did not end).
This says nothing about a loss of power: the machine's own memory of files survives a kill.
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    rows = play_all()
    late = [row for row in rows if row.seconds > row.fault.within]
    # A process of its own: one that has opened a warehouse has threads, and cannot be forked.
    command = [sys.executable, "-m", "tests.faults.kill", "--times", str(given.kills), "--seed", str(given.seed)]
    kills = kill.Found(**json.loads(subprocess.run(command, check=False, capture_output=True, text=True).stdout))
    given.out.write_text(write_page(rows, kills), "utf-8")
    for one in late:
        sys.stderr.write(f"{one.fault.name}: {one.seconds:.1f} s, and {one.fault.within} s are allowed\n")
    for words in (*kills.missing, *kills.doubled, *kills.broken):
        sys.stderr.write(f"kill -9: {words}\n")
    sys.stderr.write(f"{len(rows)} faults and {kills.times} kills ({kills.killed}); see {given.out}\n")
    return 0 if kills.sound and not late else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
