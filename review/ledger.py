"""The ledger of decisions: one file a version of an object, never overwritten, and a hash chain over all of them.

Every decision is made here and saved here, whoever makes it: at the desk, on the command line, on an alert. A save is
written beside, synced, linked under its version, linked under its hash for the loader, and written into the chain, all
under one lock. What was acknowledged is there after a kill at any moment; what was not is finished or dropped by the
next save. A chain can be cut at its end by who may write the folder, so its head and length are anchored in each
restricted issue.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from domain.classification import Classification, Consent, Lens, Protection, Sharing
from domain.errors import Refused, Unavailable
from domain.review import Act, Authentication, Decision
from warehouse.durable import sync_folder, write_whole
from warehouse.landing import Damaged, LandedDecision, read_decision, read_records, write_decision
from warehouse.sealed import KeyLost

START = "0" * 64
LONGEST_NAME = 120  # a file's name holds 255 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who decides, in which role, and how sure we are of it."""

    by: str
    role: str
    authentication: Authentication = Authentication.UNAUTHENTICATED
    operating_system_user: str = ""


def decide(
    act: Act,
    object_id: str,
    *,
    hand: Hand,
    reason: str,
    at: datetime,
    lens: Lens = Lens.RESTRICTED,
    object_hash: str = "",
    author: str = "",
    content: str = "",
) -> Decision:
    """The one maker of decisions. White space in a reason counts for nothing; a name must be there."""
    if not hand.by.strip():
        raise Refused(
            "A decision needs a name.",
            why="Nothing is decided without a person who stands for it.",
            do="Give the person's own name with --by.",
        )
    return Decision(
        act=act,
        object_id=object_id,
        object_hash=object_hash,
        by=hand.by.strip(),
        role=hand.role,
        author=author,
        reason=" ".join(reason.split()),
        decided_at=at,
        lens=lens,
        authentication=hand.authentication,
        operating_system_user=hand.operating_system_user,
        content=content,
    )


def protect(
    decision: Decision,
    *,
    classification: Classification = Classification.CONFIDENTIAL,
    sharing: Sharing = Sharing.AMBER_STRICT,
    consent: Consent = Consent.INTERNAL_USE,
) -> Protection:
    """How far a decision may travel. One of the public lens is on public bytes, and public itself."""
    if decision.lens is Lens.PUBLIC:
        return Protection.public(decision.decided_at.date())
    return Protection(
        lens=decision.lens,
        classification=classification,
        source_sharing=sharing,
        consent_scope=consent,
        valid_from=decision.decided_at.date(),
    )


class Conflict(Refused):
    """Somebody else saved this version first; both texts are kept for the page that shows them."""

    def __init__(self, mine: Decision, theirs: Decision) -> None:
        super().__init__(
            f"{theirs.by} saved version {theirs.version} while you were writing.",
            why="A saved version is never overwritten, and yours rests on the one before it.",
            do="Compare the two, take over what is right, and save again.",
        )
        self.mine = mine
        self.theirs = theirs


class Fault(StrEnum):
    """What can be wrong with a ledger."""

    TAMPERED = "tampered"
    REMOVED = "removed"
    REORDERED = "reordered"
    ADDED = "not in the chain"
    CUT = "cut tail"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One line of the chain. `digest` is the hash of the line itself, which the next one names."""

    sequence: int
    record: str
    object_id: str
    version: int
    previous: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Head and length of the chain at some moment, kept where another hand would have to change it too."""

    length: int
    head: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: which decision, and what was seen."""

    fault: Fault
    object_id: str
    version: int
    words: str


class Ledger:
    """Reads and writes the decisions of one folder; a save by any process is seen at the next read.

    In the public lens no sealed decision is opened and no key is asked for: of these, act, object and day are told.
    """

    def __init__(self, folder: Path, lens: Lens = Lens.RESTRICTED) -> None:
        self.folder = folder
        self._lens = lens
        self._chain = folder / "chain"
        self._decisions = folder / "decisions"
        self._pending = folder / "pending"
        self._reading = threading.RLock()
        self._forget()

    def save(self, decision: Decision, protection: Protection, *, version: int | None) -> LandedDecision:
        """Append one decision as this version of its object; Conflict when that version is there already.

        None is the next version, for an act that rests on no text and so cannot be stale.
        """
        with self._locked():
            self._recover()
            known = self.history(decision.object_id)
            version = len(known) + 1 if version is None else version
            if version != len(known) + 1:
                if known:
                    raise Conflict(replace(decision, version=version), known[-1].decision)
                raise Refused(
                    f"There is no version {version - 1} to rest on.",
                    why="Versions of an object are counted from 1, without a gap.",
                    do="Open the page again and save from there.",
                )
            numbered = replace(decision, version=version, previous=known[-1].sha256 if known else "")
            body = write_decision(numbered, protection, folder=self._decisions)
            sha = hashlib.sha256(body).hexdigest()
            place = self.place(decision.object_id, version)
            pending = self._pending / sha
            # Of a name in `pending` only its own process can be robbed, by a kill: the folder waits for no disk.
            with pending.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(pending, place)
            except FileExistsError:
                pending.unlink()
                raise Damaged(
                    f"Version {version} of {decision.object_id} is there, and the chain does not know it.",
                    why="A file was put into the ledger by another hand.",
                    do="Run `horizon audit`; it names the file.",
                ) from None
            self._finish(pending, numbered, sha)
            return self.history(decision.object_id)[-1]

    def history(self, object_id: str) -> tuple[LandedDecision, ...]:
        """All decisions on one object, oldest first."""
        with self._reading:
            self._refresh()
            return tuple(self._by_object.get(object_id, ()))

    def all(self) -> Mapping[str, list[LandedDecision]]:
        """Decisions by object. The lists are not to be changed."""
        with self._reading:
            self._refresh()
            return self._by_object

    def in_order(self) -> tuple[LandedDecision, ...]:
        """All decisions as they were saved."""
        with self._reading:
            self._refresh()
            return tuple(self._in_order)

    def since(self, known: int) -> list[LandedDecision]:
        """What was saved after the first `known` decisions."""
        with self._reading:
            self._refresh()
            return self._in_order[known:]

    def anchor(self) -> Anchor:
        """Head and length now, for an issue to carry."""
        with self._reading:
            self._refresh()
            return Anchor(length=len(self._in_order), head=self._head)

    def recover(self) -> None:
        """Finish or drop what a killed process left."""
        if self.folder.is_dir():
            with self._locked():
                self._recover()

    def _forget(self) -> None:
        self._offset = 0
        self._head = START
        self._by_object: defaultdict[str, list[LandedDecision]] = defaultdict(list)
        self._in_order: list[LandedDecision] = []

    def _refresh(self) -> None:
        """Read what the chain holds beyond what is known; a shorter chain is read anew."""
        size = self._chain.stat().st_size if self._chain.exists() else 0
        if size < self._offset:
            self._forget()
        if size == self._offset:
            return
        with self._chain.open("rb") as file:
            file.seek(self._offset)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        for line in whole.splitlines():
            link = _read_link(line)
            landed = self._load(link)
            self._by_object[link.object_id].append(landed)
            self._in_order.append(landed)
            self._head = link.digest
        self._offset += len(whole)

    def _load(self, link: Link) -> LandedDecision:
        try:
            return read_decision(self.place(link.object_id, link.version), link.record, lens=self._lens)
        except FileNotFoundError:
            raise Damaged(
                f"Version {link.version} of {link.object_id} is gone.",
                why="The chain names a decision whose file is not there.",
                do="Run `horizon audit`, then restore the file from a backup; see docs/backup-and-restore.md.",
            ) from None

    def place(self, object_id: str, version: int) -> Path:
        """Where that version of that object lies."""
        name = quote(object_id, safe="")
        if len(name) > LONGEST_NAME:
            name = f"{name[:40]}~{hashlib.sha256(object_id.encode()).hexdigest()[:40]}"
        return self._decisions / "objects" / name / f"{version:06d}"

    def _finish(self, pending: Path, decision: Decision, sha: str) -> None:
        """From the linked version to the chain; the same again changes nothing."""
        place = self.place(decision.object_id, decision.version)
        by_hash = self._decisions / f"{decision.decided_at.year:04d}" / f"{sha}.json"
        by_hash.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.link(place, by_hash)
        # Together, for everybody else waits for the lock: one commit of the disk's journal takes both.
        with ThreadPoolExecutor(max_workers=2) as both:
            list(both.map(sync_folder, (place.parent, by_hash.parent)))
        with self._reading:
            self._refresh()
            length, head = len(self._in_order), self._head
            known = any(one.sha256 == sha for one in self._by_object.get(decision.object_id, ()))
        if not known:
            line = {
                "sequence": length + 1,
                "record": sha,
                "object": decision.object_id,
                "version": decision.version,
                "previous": head,
            }
            with self._chain.open("ab") as file:
                file.write(_canonical(line) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            if length == 0:
                sync_folder(self.folder)
        pending.unlink(missing_ok=True)

    def _recover(self) -> None:
        self._drop_torn_line()
        for pending in sorted(self._pending.iterdir()):
            body = pending.read_bytes()
            sha = hashlib.sha256(body).hexdigest()
            if sha != pending.name:
                pending.unlink()  # half written: nobody was told that it is saved
                continue
            decision = read_decision(pending, sha, lens=Lens.PUBLIC).decision
            place = self.place(decision.object_id, decision.version)
            if place.exists() and place.samefile(pending):
                self._finish(pending, decision, sha)
            else:
                pending.unlink()

    def _drop_torn_line(self) -> None:
        """A line without its end was never acknowledged; the decision it was for still waits in `pending`."""
        if not self._chain.exists():
            return
        with self._chain.open("rb+") as file:
            size = file.seek(0, os.SEEK_END)
            if size == 0:
                return
            file.seek(-1, os.SEEK_END)
            if file.read(1) == b"\n":
                return
            file.seek(0)
            body = file.read()
            file.truncate(body.rfind(b"\n") + 1)
            file.flush()
            os.fsync(file.fileno())

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, over threads and processes; a killed one lets go."""
        try:
            self._pending.mkdir(parents=True, exist_ok=True)
            file = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Unavailable(
                "Decisions cannot be saved.", why=str(error), do="Make var/review writable, with space on the disk."
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def verify(folder: Path, anchors: Iterable[Anchor] = ()) -> tuple[Finding, ...]:
    """Everything that is wrong with the ledger in this folder; empty when it is whole."""
    Ledger(folder).recover()
    links, findings = _read_chain(folder / "chain", _read_link)
    ledger = Ledger(folder)
    named: set[Path] = set()
    commanded: list[datetime] = []
    for link in links:
        # The very files that the ledger reads are the ones that are checked.
        place = ledger.place(link.object_id, link.version)
        named.add(place)
        findings += _check_record(place, link, commanded)
        by_hash = [*folder.glob(f"decisions/[0-9]*/{link.record}.json")]
        named.update(by_hash)
        if place.is_file() and not by_hash:
            findings.append(_finding(Fault.REMOVED, link, "the landing record that the loader reads is gone"))
        for path in by_hash:
            if hashlib.sha256(path.read_bytes()).hexdigest() != link.record:
                findings.append(_finding(Fault.TAMPERED, link, "the landing record no longer matches its hash"))
    findings += _find_added(folder, named, since=min(commanded, default=None))
    findings += _compare(links, anchors)
    return tuple(dict.fromkeys(findings))


def unchained(folder: Path) -> tuple[LandedDecision, ...]:
    """Decisions of command lines from before the chain held these too; they are of nobody who signed in."""
    links, _ = _read_chain(folder / "chain", _read_link)
    chained = {link.record for link in links}
    found: list[LandedDecision] = []
    for path in sorted(folder.glob("decisions/[0-9]*/*.json")):
        if path.stem not in chained:
            with contextlib.suppress(Damaged, ValueError, KeyError):
                landed = _read_known(path, path.stem)
                if not landed.decision.version and landed.decision.authentication is Authentication.UNAUTHENTICATED:
                    found.append(landed)
    return tuple(found)


def standing(folder: Path) -> frozenset[str]:
    """The records that count: those of the chain, and the old ones outside of it. What another hand put in does not."""
    links, _ = _read_chain(folder / "chain", _read_link)
    return frozenset((*(link.record for link in links), *(one.sha256 for one in unchained(folder))))


def read_every(folder: Path) -> tuple[LandedDecision, ...]:
    """Every decision of the folder that counts and can be read, oldest first."""
    if not (folder / "decisions").is_dir():
        return ()
    known = standing(folder)
    records = read_records(folder / "decisions")
    return tuple(one for one in records if isinstance(one, LandedDecision) and one.sha256 in known)


def verify_access(path: Path, anchors: Iterable[Anchor] = ()) -> tuple[int, tuple[Finding, ...]]:
    """How many lines the log of access has, and everything that is wrong with their chain."""
    links, findings = _read_chain(path, _read_access)
    return len(links), (*findings, *_compare(links, anchors, "lines of the log of access"))


def read_anchors(*folders: Path, access: bool = False) -> tuple[Anchor, ...]:
    """The anchors that issues carry, of the chain or of the log of access; older issues have none of the second."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("anchor.json")):
            told = json.loads(path.read_text("utf-8"))
            part = told.get("access") if access else told
            if part is not None:
                where = f"{path.parent.parent.name}/{path.parent.name}"
                found.append(Anchor(length=int(part["length"]), head=str(part["head"]), where=where))
    return tuple(found)


def write_anchor(folder: Path, anchor: Anchor, *, access: Anchor | None = None) -> Path:
    """Put an anchor of the chain, and of the log of access, into the folder of an issue."""
    told: dict[str, object] = {"length": anchor.length, "head": anchor.head}
    if access is not None:
        told["access"] = {"length": access.length, "head": access.head}
    path = folder / "anchor.json"
    write_whole(path, _canonical(told) + b"\n")
    return path


def digest_of(line: bytes) -> str:
    """The hash under which the next line of a chain names this one."""
    return hashlib.sha256(line).hexdigest()


def _read_chain(path: Path, read: Callable[[bytes], Link]) -> tuple[list[Link], list[Finding]]:
    """The lines that can be read, and each place where one does not follow the other."""
    links: list[Link] = []
    findings: list[Finding] = []
    body = path.read_bytes() if path.is_file() else b""
    # A line without its end is being written now, or was never acknowledged.
    for number, line in enumerate(body[: body.rfind(b"\n") + 1].splitlines(), 1):
        try:
            links.append(read(line))
        except (ValueError, KeyError, TypeError):
            words = f"line {number} of the chain cannot be read"
            findings.append(Finding(fault=Fault.TAMPERED, object_id="", version=0, words=words))
    digests = {link.digest: link for link in links}
    expected = {one: at for at, one in enumerate(sorted({link.sequence for link in links}), 1)}
    last = START
    for at, link in enumerate(links, 1):
        if link.previous == last:
            if link.sequence != at:
                words = f"it calls itself number {link.sequence} and stands at {at}"
                findings.append(_finding(Fault.TAMPERED, link, words))
        elif link.previous in digests or (link.previous == START and at > 1):
            findings.append(_finding(Fault.REORDERED, link, f"number {link.sequence} stands at place {at}"))
        elif expected[link.sequence] != link.sequence:
            words = f"number {link.sequence - 1}, the line before this one, was removed from the chain or changed in it"
            findings.append(_finding(Fault.REMOVED, link, words))
        else:
            words = f"number {link.sequence - 1}, the line before this one, was changed in the chain"
            findings.append(_finding(Fault.TAMPERED, link, words))
        last = link.digest
    return links, findings


def _check_record(place: Path, link: Link, commanded: list[datetime]) -> list[Finding]:
    """What is wrong with the file of one link; `commanded` gathers when command lines decided within the chain."""
    try:
        body = place.read_bytes()
    except FileNotFoundError:
        return [_finding(Fault.REMOVED, link, "its file is gone")]
    if hashlib.sha256(body).hexdigest() != link.record:
        return [_finding(Fault.TAMPERED, link, "its file no longer matches the hash in the chain")]
    landed = _read_known(place, link.record).decision
    if (landed.object_id, landed.version) != (link.object_id, link.version):
        words = f"its file holds version {landed.version} of {landed.object_id}"
        return [_finding(Fault.REORDERED, link, words)]
    if landed.by and landed.authentication is Authentication.UNAUTHENTICATED:
        commanded.append(landed.decided_at)
    return []


def _read_known(path: Path, sha256: str) -> LandedDecision:
    """One decision, without its words where their key is lost: the chain is verified without keys too."""
    try:
        return read_decision(path, sha256)
    except KeyLost:
        return read_decision(path, sha256, lens=Lens.PUBLIC)


def _find_added(folder: Path, named: set[Path], *, since: datetime | None) -> list[Finding]:
    """Files that no line of the chain names.

    Command lines from before `since` decided outside of it, and their decisions say that nobody signed in; from the
    first one within the chain on, each of theirs stands in it too.
    """
    findings = []
    for path in sorted((*folder.glob("decisions/objects/*/*"), *folder.glob("decisions/[0-9]*/*.json"))):
        if path in named:
            continue
        try:
            sha = hashlib.sha256(path.read_bytes()).hexdigest()
            decision = _read_known(path, sha).decision
        except (Damaged, ValueError, KeyError):
            words = f"{path.name} is no decision"
            findings.append(Finding(fault=Fault.ADDED, object_id=path.parent.name, version=0, words=words))
            continue
        late = since is not None and decision.decided_at > since
        if path.suffix == ".json" and sha != path.stem:
            words = f"{path.name} no longer matches its name"
            findings.append(
                Finding(fault=Fault.TAMPERED, object_id=decision.object_id, version=decision.version, words=words)
            )
        elif decision.version or late or decision.authentication is not Authentication.UNAUTHENTICATED:
            words = f"a decision of {decision.by} of {decision.decided_at:%Y-%m-%d %H:%M} that the chain does not name"
            findings.append(
                Finding(fault=Fault.ADDED, object_id=decision.object_id, version=decision.version, words=words)
            )
    return findings


def _compare(links: list[Link], anchors: Iterable[Anchor], of: str = "decisions") -> list[Finding]:
    findings = []
    for anchor in anchors:
        where = f"the anchor of {anchor.where}" if anchor.where else "the anchor given"
        if anchor.length > len(links):
            words = f"{where} knows {anchor.length} {of}, and {len(links)} are here: the end was cut off"
            findings.append(Finding(fault=Fault.CUT, object_id="", version=0, words=words))
        elif anchor.length and links[anchor.length - 1].digest != anchor.head:
            words = f"number {anchor.length} of the {of} is not the one that {where} knows: they were written anew"
            findings.append(_finding(Fault.REWRITTEN, links[anchor.length - 1], words))
    return findings


def _finding(fault: Fault, link: Link, words: str) -> Finding:
    return Finding(fault=fault, object_id=link.object_id, version=link.version, words=words)


def _read_link(line: bytes) -> Link:
    told = json.loads(line)
    return Link(
        sequence=int(told["sequence"]),
        record=str(told["record"]),
        object_id=str(told["object"]),
        version=int(told["version"]),
        previous=str(told["previous"]),
        digest=digest_of(line),
    )


def _read_access(line: bytes) -> Link:
    told = json.loads(line)
    sequence = int(told["sequence"])
    return Link(
        sequence=sequence,
        record="",
        object_id=f"line {sequence} of the log of access",
        version=0,
        previous=str(told["previous"]),
        digest=digest_of(line),
    )


def _canonical(record: Mapping[str, object]) -> bytes:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
