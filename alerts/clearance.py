"""May a notice leave? Only under the names of enough people, none its author, each on exactly what was seen."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.notice import Notice
from domain.errors import Refused
from domain.review import Act, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """Standing approvals, oldest first. `taken_back`: a person withdrew it or a protection officer stopped it."""

    approvals: tuple[Decision, ...]
    needed: int
    taken_back: bool
    unsigned: bool = False

    @property
    def enough(self) -> bool:
        return not self.taken_back and not self.unsigned and len(self.approvals) >= self.needed

    @property
    def roles(self) -> tuple[str, ...]:
        """What is printed of the approvers: roles, never names."""
        return tuple(dict.fromkeys(one.role for one in self.approvals if one.role))


def read_clearance(notice: Notice, decisions: Iterable[Decision]) -> Clearance:
    """What the landed decisions say of a notice. One person counts once, the author never, an old text not at all."""
    approvals: dict[str, Decision] = {}
    taken_back = False
    for one in sorted((one for one in decisions if one.object_id == notice.object_id), key=lambda one: one.decided_at):
        if one.act in {Act.WITHDRAW, Act.STOP}:
            approvals.clear()
            taken_back = True
        elif one.act is Act.APPROVE and one.object_hash == notice.object_hash and _may(one.by, notice):
            approvals.setdefault(_person(one.by), one)
            taken_back = False
    return Clearance(
        approvals=tuple(approvals.values()), needed=notice.people, taken_back=taken_back, unsigned=notice.unsigned
    )


def check_approver(notice: Notice, clearance: Clearance, by: str) -> None:
    """Refused for nobody, for the author, for one who approved already, and for a level that nobody signed."""
    if not by.strip():
        raise Refused("An approval needs a name.", why="No alert leaves without a named approver.", do="Give --by.")
    if notice.unsigned:
        raise Refused(
            f"{notice.notice_id} cannot be approved yet.",
            why=f"Nobody has confirmed the level “{notice.level.value}”: so far it is a machine's proposal.",
            do="Confirm the level at the desk, then run `horizon alerts draft` again and approve that draft.",
        )
    if not _may(by, notice):
        raise Refused(
            "The author of a notice cannot approve it.",
            why="What one person wrote another one clears.",
            do="Ask somebody else to read and approve it.",
        )
    if any(_person(one.by) == _person(by) for one in clearance.approvals):
        raise Refused(
            f"{by.strip()} has approved {notice.notice_id} already.",
            why=f"It needs {notice.people} different people, and one person counts once.",
            do="Ask the second person.",
        )


def _may(by: str, notice: Notice) -> bool:
    return bool(by.strip()) and _person(by) != _person(notice.author)


def _person(name: str) -> str:
    return " ".join(name.casefold().split())
