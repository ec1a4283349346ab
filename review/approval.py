"""Approval of a draft: a named person who is not its author, on exactly the bytes that were seen."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.classification import Lens
from domain.errors import Refused, UsageError
from domain.review import Act, Authentication, Decision
from review.ledger import Hand, decide

MACHINE = "machine"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A folder of pages of one issue. `object_hash` covers every file of it, by name and content."""

    folder: Path
    issue: str
    revision: str
    lens: Lens
    author: str
    object_hash: str

    @property
    def object_id(self) -> str:
        return f"{self.issue}/{self.revision}/{self.lens.value}"


def write_manifest(folder: Path, *, issue: str, revision: str, lens: Lens, author: str = MACHINE) -> Draft:
    """Describe a finished draft; the pages must already stand in the folder."""
    manifest = {"issue": issue, "revision": revision, "lens": lens.value, "author": author}
    (folder / MANIFEST).write_text(json.dumps(manifest, sort_keys=True) + "\n", "utf-8")
    return read_draft(folder)


def read_draft(folder: Path) -> Draft:
    """The draft as it stands on the disk now."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"There is no draft in {folder.name}.",
            why="The folder has no manifest.json, which the draft stage writes last.",
            do="Run `horizon draft` first, and give the issue as 2024-W04/r1.",
        ) from None
    return Draft(
        folder=folder,
        issue=manifest["issue"],
        revision=manifest["revision"],
        lens=Lens(manifest["lens"]),
        author=manifest["author"],
        object_hash=_hash(folder),
    )


def approve(draft: Draft, *, hand: Hand, reason: str, at: datetime) -> Decision:
    """The decision of one person to let a draft go; refused for the author of the text.

    It is restricted whatever the draft is: who cleared a public edition, and in what words, is no part of it.
    """
    if not hand.by.strip():
        raise Refused(
            "An approval needs a name.",
            why="Nothing leaves without a named reviewer.",
            do="Give the reviewer's own name with --by.",
        )
    if _same_person(hand.by, draft.author):
        raise Refused(
            f"{hand.by} cannot approve this draft.",
            why="The author of a text never clears it.",
            do="Ask another person to read it and to approve it under their own name.",
        )
    return decide(
        Act.APPROVE,
        draft.object_id,
        hand=hand,
        reason=reason,
        at=at,
        object_hash=draft.object_hash,
        author=draft.author,
    )


def check_release(draft: Draft, decisions: Iterable[Decision]) -> Decision:
    """The approval under which this draft may leave; Refused, with the rule, when there is none."""
    own = [one for one in decisions if one.object_id == draft.object_id]
    standing: Decision | None = None
    for one in sorted(own, key=lambda decision: decision.decided_at):
        if one.act is Act.APPROVE:
            standing = one
        elif one.act in {Act.WITHDRAW, Act.STOP}:
            standing = None
    if standing is None:
        raise Refused(
            f"{draft.object_id} cannot be published.",
            why="Nobody has approved it, or the approval was taken back.",
            do="A person who is not the author approves it with `horizon approve`.",
        )
    if not standing.by.strip() or _same_person(standing.by, draft.author):
        raise Refused(
            f"{draft.object_id} cannot be published.",
            why="Its approver is its author.",
            do="Another person approves it with `horizon approve`.",
        )
    if standing.object_hash != draft.object_hash:
        raise Refused(
            f"{draft.object_id} cannot be published.",
            why="The draft changed after it was approved: the approval is stale.",
            do="Read the draft again and approve what stands there now.",
        )
    if draft.lens is Lens.PUBLIC and standing.authentication is Authentication.UNAUTHENTICATED:
        raise Refused(
            f"{draft.object_id} cannot be published.",
            why="Its approver is not authenticated, and nothing so approved may be public.",
            do="Approve it at the desk, where people sign in.",
        )
    return standing


def _same_person(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
