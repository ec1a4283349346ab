"""Issues: what holds a draft back, its clearance, its issue and its withdrawal; and what readers get."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from domain.classification import Classification, Lens
from domain.errors import Refused, UsageError
from domain.review import Act, Decision
from domain.state import RegionScheme
from review import approval, situations
from review.ledger import protect, write_anchor
from review.office import FORMS, Ask, Press, boxed
from review.rights import ALL_REGIONS, Role
from review.situations import Step
from review.work import Holding, hold_back

_WEEK = re.compile(r"\d{4}-W\d{2}")
_REVISION = re.compile(r"r\d{1,4}")
PAGES = {
    "bureau": "Bureau page",
    "flags": "Annual flags annex",
    "index": "First page",
    "interactive": "Charts to explore",
    "ledger": "Past warnings, scored",
    "sessional": "Sessional edition",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One page of an issue in one form."""

    name: str
    form: str
    kilobytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page in all its forms, under the name by which people call it."""

    title: str
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One issue that was released, or one that is being made."""

    week: str
    revision: str
    lens: Lens
    classification: Classification
    files: tuple[File, ...]

    @property
    def object_id(self) -> str:
        return f"{self.week}/{self.revision}/{self.lens.value}"


def issues(ask: Ask) -> Response:
    """Drafts of both lenses, newest first."""
    found = []
    for lens, press in _presses(ask):
        for week, revision in _drafted(press):
            history = ask.office.ledger.history(f"{week}/{revision}/{lens.value}")
            released = (press.published / week / revision).is_dir()
            state = "issued" if released else history[-1].decision.act.value if history else "draft"
            found.append((week, revision, lens, state))
    found.sort(key=lambda one: (one[0], int(one[1][1:]), one[2]), reverse=True)
    return ask.page("issues.html", issues=found)


def issue(ask: Ask) -> Response:
    """One draft: its files, what holds it back, and who has cleared it."""
    draft = _draft(ask)
    public = draft.lens is Lens.PUBLIC
    ask.see(draft.object_id, _weight(draft), None)
    outdated = _outdated(ask, draft)
    holding = hold_back(ask) if not public and ask.snapshot.issue == draft.issue else []
    for one in holding:
        weight, place = ask.snapshot.weight(one.situation), ask.snapshot.gazetteer.place(one.situation.place)
        ask.see(situations.object_of(one.situation.situation_id), weight, place)
    history = ask.office.ledger.history(draft.object_id)
    cleared, why = _cleared(draft, [one.decision for one in history])
    released = (_press(ask, draft.lens).published / draft.issue / draft.revision).is_dir()
    return ask.page(
        "issue.html",
        draft=draft,
        pages=_pages(ask, (one for one in _files(draft.folder) if _may_open(ask, one.name))),
        whole=ALL_REGIONS in ask.person.regions,
        holding=holding,
        held=any(one.words for one in holding),
        old=outdated,
        public=public,
        base=_base(draft),
        history=[one.decision for one in history],
        version=len(history),
        cleared=cleared,
        why=why,
        released=released,
        anchor=ask.office.ledger.anchor(),
        may_clear=ask.person.role in {Role.REGIONAL_HEAD, Role.HIGH_COMMISSIONER},
        may_stop=ask.person.role in {Role.REGIONAL_HEAD, Role.HIGH_COMMISSIONER, Role.PROTECTION_OFFICER},
    )


def issue_page(ask: Ask) -> Response:
    """A page of a draft in any of its forms."""
    draft = _draft(ask)
    _check_page(ask, ask.names["name"])
    ask.see(draft.object_id, _weight(draft), None)
    return _file(ask, draft.folder, draft.object_id, _weight(draft))


def clear_issue(ask: Ask) -> Response:
    """Clear exactly these bytes, when nothing holds them back."""
    draft = _draft(ask)
    _check_whole(ask)
    _check_holding(ask, draft)
    if draft.lens is Lens.RESTRICTED:
        _check_author(ask)
    decision = approval.approve(draft, hand=ask.hand, reason=_reason(ask), at=ask.at)
    ask.office.ledger.save(decision, protect(decision), version=ask.version() + 1)
    return ask.go(_base(draft))


def send_issue(ask: Ask) -> Response:
    """Copy it out, and move every frozen text in it to issued. Of a public edition the copy is all that is made."""
    draft = _draft(ask)
    _check_whole(ask)
    _check_holding(ask, draft)
    reason = _reason(ask)
    history = [one.decision for one in ask.office.ledger.history(draft.object_id)]
    if len(history) != ask.version():
        raise Refused("Somebody decided on this issue meanwhile.", why="The page is older.", do="Open it again.")
    approval.check_release(draft, history)
    folder = _press(ask, draft.lens).publish(f"{draft.issue}/{draft.revision}")
    ask.save(
        Act.MOVE,
        draft.object_id,
        version=ask.version() + 1,
        reason=reason,
        content=json.dumps({"to": Step.ISSUED.value}),
        object_hash=draft.object_hash,
        author=draft.author,
    )
    if draft.lens is Lens.PUBLIC:
        # No anchor: the chain knows of restricted decisions, and nothing public may tell how many there are.
        return ask.go("/released")
    for one in hold_back(ask) if ask.snapshot.issue == draft.issue else ():
        life = ask.office.life(one.situation.situation_id)
        if life.step is Step.FROZEN:
            ask.save(
                Act.MOVE,
                situations.object_of(one.situation.situation_id),
                version=life.version + 1,
                reason=reason,
                content=json.dumps({"to": Step.ISSUED.value, "issue": draft.object_id}, sort_keys=True),
                object_hash=life.frozen_hash,
                author=life.writer,
                classification=ask.snapshot.weight(one.situation),
            )
    # Beside the pages, in another folder than the chain: a cut of the chain before this moment is found by it.
    write_anchor(folder, ask.office.ledger.anchor(), access=ask.office.accounts.log.anchor())
    return ask.go("/released")


def stop_issue(ask: Ask) -> Response:
    """Stop a draft, or withdraw an issue. No reason is printed; it stays in the record."""
    draft = _draft(ask)
    _check_whole(ask)
    released = (_press(ask, draft.lens).published / draft.issue / draft.revision).is_dir()
    ask.save(
        Act.WITHDRAW if released else Act.STOP,
        draft.object_id,
        version=ask.version() + 1,
        reason=_reason(ask),
        object_hash=draft.object_hash,
        author=draft.author,
    )
    return ask.go(_base(draft))


def released(ask: Ask) -> Response:
    """What readers get, newest first, with their acknowledgements."""
    editions = []
    for one in _editions(ask):
        if not ask.sees(one.classification, None):
            continue
        ask.see(one.object_id, one.classification, None)
        history = [landed.decision for landed in ask.office.ledger.history(one.object_id)]
        withdrawn = any(each.act is Act.WITHDRAW for each in history)
        shown = _pages(ask, (each for each in one.files if _may_open(ask, each.name))) if not withdrawn else []
        read = [each for each in history if each.act is Act.TELL]
        editions.append((one, shown, withdrawn, read, len(history), any(each.by == ask.person.name for each in read)))
    return ask.page("released.html", editions=editions)


def released_page(ask: Ask) -> Response:
    """A page that was released."""
    edition = _edition(ask)
    ask.see(edition.object_id, edition.classification, None)
    _check_page(ask, ask.names["name"])
    if any(one.decision.act is Act.WITHDRAW for one in ask.office.ledger.history(edition.object_id)):
        raise Refused("This issue was withdrawn.", why="It is no longer given out.", do="Ask for the revised one.")
    folder = _folder(ask, edition)
    return _file(ask, folder, edition.object_id, edition.classification)


def acknowledge(ask: Ask) -> Response:
    """Say that the issue was received."""
    edition = _edition(ask)
    ask.see(edition.object_id, edition.classification, None)
    ask.save(
        Act.TELL,
        edition.object_id,
        version=ask.version() + 1,
        reason=ask.form.get("reason", "") or "received",
        content=json.dumps({"acknowledged": True}),
        classification=edition.classification,
    )
    return ask.go("/released")


def _draft(ask: Ask) -> approval.Draft:
    """The draft in the address: of the public lens under /public, else of the restricted one."""
    week, revision = ask.names["week"], ask.names["revision"]
    lens = Lens.PUBLIC if ask.right.path.startswith("/public/") else Lens.RESTRICTED
    if not _WEEK.fullmatch(week) or not _REVISION.fullmatch(revision):
        raise UsageError("There is no such issue.", why="Issues are called like 2024-W04, r1.", do="Use the list.")
    draft = approval.read_draft(_press(ask, lens).drafts / week / revision)
    if (draft.lens, draft.issue, draft.revision) != (lens, week, revision):
        raise Refused(
            "This draft is not what its folder says.",
            why=f"It calls itself {draft.object_id}, and lies where {week}/{revision}/{lens.value} should.",
            do="Tell the administrator; draft the issue again.",
        )
    return draft


def _presses(ask: Ask) -> list[tuple[Lens, Press]]:
    office = ask.office
    own = Press(drafts=office.drafts, published=office.published, publish=office.publish)
    return [*([(Lens.RESTRICTED, own)] if office.lens is Lens.RESTRICTED else []), (Lens.PUBLIC, office.public)]


def _press(ask: Ask, lens: Lens) -> Press:
    found = dict(_presses(ask)).get(lens)
    if found is None:
        raise UsageError(
            "There is no such issue here.", why="This desk is of the public lens alone.", do="Open the other desk."
        )
    return found


def _drafted(press: Press) -> list[tuple[str, str]]:
    """Weeks and revisions of the drafts that are whole."""
    return [
        (path.parent.name, path.name)
        for path in press.drafts.glob("*/r*")
        if _WEEK.fullmatch(path.parent.name) and _REVISION.fullmatch(path.name) and (path / approval.MANIFEST).is_file()
    ]


def _outdated(ask: Ask, draft: approval.Draft) -> str:
    """Why a draft can no longer be cleared or sent; empty when it can."""
    drafted = _drafted(_press(ask, draft.lens))
    # The facts of the desk are those of its own lens; a public edition is measured by the public runs alone.
    newest = ask.snapshot.issue if draft.lens is Lens.RESTRICTED else max(drafted)[0]
    if newest != draft.issue:
        return f"The facts at hand are those of {newest}, so nobody can see whether the old ones hold."
    last = max(int(revision[1:]) for week, revision in drafted if week == draft.issue)
    return f"It was drafted anew since then, as r{last}." if last != int(draft.revision[1:]) else ""


def _base(draft: approval.Draft) -> str:
    return f"/{'public' if draft.lens is Lens.PUBLIC else 'issue'}/{draft.issue}/{draft.revision}"


def _weight(draft: approval.Draft) -> Classification:
    return Classification.UNCLASSIFIED if draft.lens is Lens.PUBLIC else Classification.CONFIDENTIAL


def _editions(ask: Ask) -> list[Edition]:
    found = []
    for lens, press in _presses(ask):
        level = Classification.UNCLASSIFIED if lens is Lens.PUBLIC else Classification.CONFIDENTIAL
        for path in sorted(press.published.glob("*/r*"), reverse=True):
            if _WEEK.fullmatch(path.parent.name) and _REVISION.fullmatch(path.name):
                found.append(
                    Edition(
                        week=path.parent.name,
                        revision=path.name,
                        lens=lens,
                        classification=level,
                        files=_files(path),
                    )
                )
    return sorted(found, key=lambda one: (one.week, one.revision), reverse=True)


def _edition(ask: Ask) -> Edition:
    """The edition in the address; the public one where the reader sees no other."""
    named = [one for one in _editions(ask) if (one.week, one.revision) == (ask.names["week"], ask.names["revision"])]
    if not named:
        raise UsageError("Nothing of that name was released.", why="The address is wrong.", do="Use the list.")
    lens = ask.query.get("lens", "") or ask.form.get("lens", "")
    chosen = [one for one in named if one.lens == lens] or named
    return next((one for one in chosen if ask.sees(one.classification, None)), chosen[0])


def _folder(ask: Ask, edition: Edition) -> Path:
    return _press(ask, edition.lens).published / edition.week / edition.revision


def _files(folder: Path) -> tuple[File, ...]:
    return tuple(
        File(
            name=path.name,
            form=FORMS[path.suffix],
            kilobytes=-(-path.stat().st_size // 1024),
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix in FORMS and path.name not in {approval.MANIFEST, "anchor.json"}
    )


def _pages(ask: Ask, files: Iterable[File]) -> list[Page]:
    """The files by page, regional groups first."""
    names = {one.code: one.name for one in ask.snapshot.gazetteer.region_codes(RegionScheme.REGIONAL_GROUPS)}
    found: dict[str, list[File]] = {}
    for one in files:
        found.setdefault(one.name.removesuffix(Path(one.name).suffix), []).append(one)

    def say(stem: str) -> str:
        head, *rest = re.split(r"[-.]", stem)
        return ", ".join([names.get(head, PAGES.get(head, head)), *rest])

    ordered = sorted(found, key=lambda stem: (re.split(r"[-.]", stem)[0] not in names, say(stem)))
    return [Page(title=say(stem), files=tuple(found[stem])) for stem in ordered]


def _file(ask: Ask, folder: Path, object_id: str, classification: Classification) -> Response:
    name = ask.names["name"]
    if name not in {one.name for one in _files(folder)}:
        raise UsageError("There is no such page in this issue.", why="It is not in its folder.", do="Use the list.")
    ask.note_export(f"{object_id}/{name}", classification)
    return boxed(name, (folder / name).read_bytes())


def _check_page(ask: Ask, name: str) -> None:
    if not _may_open(ask, name):
        raise Refused(
            "This page speaks of another region.",
            why="A page is for those whose desk holds every place on it.",
            do="Open the page of your own region.",
        )


def _may_open(ask: Ask, name: str) -> bool:
    """A page of one group, for who holds each place of it; the others, for who holds all."""
    if ALL_REGIONS in ask.person.regions:
        return True
    code = name.split(".", maxsplit=1)[0].split("-", maxsplit=1)[0].upper()
    places = [
        one
        for one in ask.snapshot.gazetteer.places
        if code in {one.region(RegionScheme.REGIONAL_GROUPS), one.region(RegionScheme.FIELD_REGIONS)}
    ]
    return bool(places) and all(ask.person.knows(one) for one in places)


def _check_whole(ask: Ask) -> None:
    if ALL_REGIONS not in ask.person.regions:
        raise Refused(
            "An issue covers all regions, and your account does not.",
            why="Who clears, stops or issues it must be able to read all of it.",
            do="Open the pages of your own region, or ask somebody whose desk holds all regions.",
        )


def _check_holding(ask: Ask, draft: approval.Draft) -> None:
    if why := _outdated(ask, draft):
        raise Refused(f"{draft.issue} {draft.revision} is not the newest draft.", why=why, do="Clear the newest one.")
    if draft.lens is Lens.PUBLIC:
        return
    found: list[Holding] = [one for one in hold_back(ask) if one.words]
    if found:
        raise Refused(
            "Something holds this issue back.",
            why="; ".join(f"{one.place}: {', '.join(one.words)}" for one in found),
            do="Settle each point; the issue's page lists them.",
        )


def _check_author(ask: Ask) -> None:
    for one in hold_back(ask):
        if ask.person.name in ask.office.life(one.situation.situation_id).authors:
            raise Refused(
                f"You wrote the text on {one.place} in this issue.",
                why="The author of a text never clears it.",
                do="Ask somebody who wrote nothing of it.",
            )


def _cleared(draft: approval.Draft, history: list[Decision]) -> tuple[str, str]:
    """Who cleared it, or why nobody's clearance stands."""
    try:
        standing = approval.check_release(draft, history)
    except Refused as error:
        return "", error.why
    return f"{standing.by}, {standing.role}", ""


def _reason(ask: Ask) -> str:
    reason = " ".join(ask.form.get("reason", "").split())
    if not reason:
        raise UsageError("A reason is missing.", why="Each step says why.", do="Write what you read, and send again.")
    return reason


HANDLERS: dict[str, Callable[[Ask], Response]] = {
    "issues": issues,
    "issue": issue,
    "issue_page": issue_page,
    "clear_issue": clear_issue,
    "send_issue": send_issue,
    "stop_issue": stop_issue,
    "public_issue": issue,
    "public_page": issue_page,
    "clear_public": clear_issue,
    "send_public": send_issue,
    "stop_public": stop_issue,
    "released": released,
    "released_page": released_page,
    "acknowledge": acknowledge,
}
