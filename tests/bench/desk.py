"""How long a page and a save take when fifty people work at once on a store of 200,000 incidents.

A server process of its own, over 200 fictional States of 1,000 incidents each, two years deep, and 60 situations; the
readers are one other process, so both cores are taken. Each person reads lists, incidents and situations, and every
fifth time decides on an incident or saves a text, with a pause between. Signing in is not counted. Then the same
without any pause, as an upper bound that no office reaches. `make bench-desk`.
"""

import argparse
import asyncio
import csv
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_uppercase

import httpx

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "review"), str(TESTS / "horizon")]

TARGET_READ = 200  # milliseconds
TARGET_SAVE = 400
PEOPLE = 50
PLACES = 200
EACH = 1_000
SITUATIONS = 60
REGIONS = ("AFRICA", "AMERICAS", "ASPAC", "ECA", "MENA")


@dataclass
class Times:
    """Milliseconds of every answer, by kind of page; `wrong` holds answers that were no page or no redirect."""

    reads: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    saves: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)


def build(folder: Path, places: int, each: int) -> None:
    """The store, its people and their cards, in the folder of one fictional world."""
    import weeks  # noqa: PLC0415
    from desks import PASSWORD, QUICK  # noqa: PLC0415
    from weeks import AS_OF, build_week  # noqa: PLC0415

    from review.accounts import Accounts  # noqa: PLC0415
    from review.rights import Person, Role  # noqa: PLC0415

    codes = [f"Q{one}{other}" for one in ascii_uppercase for other in ascii_uppercase][:places]
    weeks.STATES = dict.fromkeys(codes, ("", "", ""))
    world = build_week(folder, incidents=each, weeks=104, situations=SITUATIONS)
    table = world.folder / "reference" / "states.csv"
    with table.open(encoding="utf-8", newline="") as lines:
        head = next(csv.reader(lines))
    with table.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, head)
        writer.writeheader()
        for at, code in enumerate(codes):
            row = dict.fromkeys(head, f"State {code}") | {"iso3": code, "iso2": "", "m49": "", "status": "member"}
            row |= {"regional_group": "AFR", "field_region": REGIONS[at % 5], "note": ""}
            writer.writerow(row)
    (world.folder / "reference" / "aliases.csv").write_text("name,code,kind,source\n", "utf-8")
    accounts = Accounts(world.settings().var / "review" / "desk.sqlite", hasher=QUICK)
    for at in range(PEOPLE):
        role = Role.SECOND_ANALYST if at % 2 else Role.ANALYST
        person = Person(account=f"p{at}", name=f"Person {at}", role=role, regions=frozenset({REGIONS[at % 5]}))
        accounts.add(person, password=PASSWORD, at=AS_OF)
    accounts.close()


def serve(folder: Path, port: int) -> None:
    """What `horizon desk` runs, over the fictional world."""
    import uvicorn  # noqa: PLC0415
    from fictional import World  # noqa: PLC0415

    from horizon.commands.desk import open_office  # noqa: PLC0415
    from review.desk import build as build_app  # noqa: PLC0415

    World.__post_init__ = lambda _self: None  # type: ignore[method-assign]  # its reference table is ours already
    settings = World(folder).settings()
    uvicorn.run(build_app(open_office(settings)), host="127.0.0.1", port=port, log_level="warning")


class Person:
    """One browser: it reads, follows links, and saves now and then."""

    def __init__(self, number: int, client: httpx.AsyncClient, times: Times, *, pause: float) -> None:
        self.number = number
        self.client = client
        self.times = times
        self.pause = pause
        self.chance = random.Random(number)  # noqa: S311  (the same work in every run)
        self.incidents: list[str] = []
        self.situations: list[str] = []

    async def work(self, until: float) -> None:
        await asyncio.sleep(self.chance.uniform(0, self.pause))
        while time.monotonic() < until:
            await self.turn()
            await asyncio.sleep(self.chance.expovariate(1 / self.pause) if self.pause else 0)

    async def turn(self) -> None:
        """Four of five are reads: lists, an incident, a situation and its pages; the fifth saves."""
        what = self.chance.choices(
            ("home", "triage", "incident", "situations", "situation", "save"), (1, 3, 6, 1, 5, 4)
        )
        match what[0]:
            case "home":
                await self.read("home", "/")
            case "triage":
                await self.read("triage", "/triage")
            case "situations":
                await self.read("situations", "/situations")
            case "incident" if self.incidents:
                await self.read("incident", f"/incident/{self.chance.choice(self.incidents)}")
            case "situation" if self.situations:
                page = self.chance.choice(("", "", "/level", "/write", "/preview"))
                await self.read(f"situation{page}", f"/situation/{self.chance.choice(self.situations)}{page}")
            case "save" if self.incidents and self.situations:
                await (self.decide() if self.chance.random() < 0.8 else self.write())

    async def read(self, kind: str, path: str) -> str:
        started = time.perf_counter()
        answer = await self.client.get(path)
        self.times.reads[kind].append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            self.times.wrong.append(f"{path} {answer.status_code}")
        if kind == "triage":
            places = re.findall(r'href="(/triage\?place=Q\w\w)"', answer.text)
            self.incidents = re.findall(r'href="/incident/([0-9a-f]+)"', answer.text) or self.incidents
            if places and self.chance.random() < 0.5:
                await self.read("triage", self.chance.choice(places))
        if kind == "situations":
            self.situations = re.findall(r'href="/situation/([0-9a-f]+)"', answer.text)
        return answer.text

    async def save(self, kind: str, path: str, fields: dict[str, str]) -> None:
        started = time.perf_counter()
        answer = await self.client.post(path, data=fields)
        self.times.saves[kind].append((time.perf_counter() - started) * 1000)
        # 409: somebody else of the same region decided first, and is shown; that is an answer too.
        if answer.status_code not in {303, 409}:
            self.times.wrong.append(f"{path} {answer.status_code}")

    async def decide(self) -> None:
        path = f"/incident/{self.chance.choice(self.incidents)}"
        page = await self.read("incident", path)
        await self.save("verdict", path, signs(page) | {"verdict": "relevant", "reason": "place and date are given"})

    async def write(self) -> None:
        from desks import TEXT  # noqa: PLC0415

        path = f"/situation/{self.chance.choice(self.situations)}/write"
        page = await self.read("situation/write", path)
        await self.save("text", path, signs(page) | TEXT | {"alleged": TEXT["alleged"] * 10})


def signs(page: str) -> dict[str, str]:
    """The hidden fields of the last form of the page that rests on a version."""
    found = {name: re.findall(rf'name="{name}" value="([^"]*)"', page) for name in ("csrf", "form", "version")}
    return {name: values[min(1, len(values) - 1)] for name, values in found.items() if values}


async def play(port: int, seconds: float, pause: float) -> Times:
    from desks import PASSWORD  # noqa: PLC0415

    times = Times()
    base = f"http://127.0.0.1:{port}"
    clients = [httpx.AsyncClient(base_url=base, timeout=60) for _ in range(PEOPLE)]
    people = [Person(at, client, times, pause=pause) for at, client in enumerate(clients)]
    for at, one in enumerate(people):
        await one.client.post("/sign-in", data={"account": f"p{at}", "password": PASSWORD})
        await one.read("triage", "/triage")
        await one.read("situations", "/situations")
    times.reads.clear()
    until = time.monotonic() + seconds
    await asyncio.gather(*(one.work(until) for one in people))
    for client in clients:
        await client.aclose()
    return times


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))] if values else 0.0


def tell(title: str, times: Times, seconds: float) -> bool:
    reads = [one for all_ in times.reads.values() for one in all_]
    saves = [one for all_ in times.saves.values() for one in all_]
    say(f"{title}: {len(reads) + len(saves)} answers, {(len(reads) + len(saves)) / seconds:.0f} a second")
    for kind, values in sorted({**times.reads, **times.saves}.items()):
        say(f"  {kind:20} {len(values):6}   p50 {p50(values):6.0f} ms   p95 {p95(values):6.0f} ms")
    say(f"  reading  p95 {p95(reads):.0f} ms, target {TARGET_READ}")
    say(f"  saving   p95 {p95(saves):.0f} ms, target {TARGET_SAVE}")
    if times.wrong:
        say(f"  {len(times.wrong)} answers were none: {times.wrong[:3]}")
    return p95(reads) <= TARGET_READ and p95(saves) <= TARGET_SAVE and not times.wrong


def p50(values: list[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=Path)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--places", type=int, default=PLACES)
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--pause", type=float, default=3, help="mean seconds between two pages of one person")
    given = parser.parse_args(arguments)
    if given.serve:
        serve(given.serve, given.port)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.monotonic()
        build(folder, given.places, given.each)
        say(f"{given.places * given.each} incidents in {time.monotonic() - started:.0f} s")
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.desk", "--serve", name, "--port", str(given.port)],
            cwd=TESTS.parent,
        )
        try:
            ready = wait(given.port)
            say(f"ready after {ready:.1f} s; {os.cpu_count()} cores, {memory(server.pid)} MB")
            fine = tell(
                f"{PEOPLE} people, a page every {given.pause:g} s each",
                asyncio.run(play(given.port, given.seconds, given.pause)),
                given.seconds,
            )
            tell(
                f"{PEOPLE} people without a pause (no target)",
                asyncio.run(play(given.port, given.seconds / 4, 0)),
                given.seconds / 4,
            )
            say(f"server: {memory(server.pid)} MB")
        finally:
            server.terminate()
            server.wait(10)
    return 0 if fine else 1


def wait(port: int) -> float:
    """Seconds until the server answers with a page."""
    started = time.monotonic()
    while time.monotonic() - started < 120:
        try:
            httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=1)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return time.monotonic() - started
    raise TimeoutError("the desk did not start")


def memory(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
