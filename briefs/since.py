"""Week on week: what is new, what came late, what was corrected, and what the method did."""

from collections.abc import Sequence
from dataclasses import replace

from briefs import wording
from briefs.dossier import Shift
from briefs.entries import Numbers
from briefs.lookup import Lookup
from briefs.said import Said, count, join, listed, numeral, say, term
from briefs.view import Block, Paragraph, Section, Table
from domain.classification import Lens
from domain.issue import Change
from domain.situation import Level
from domain.state import Place

FIRST = "This is the first issue of its store: there is nothing to compare it with."
SINCE_FIRST = "Since last week: this is the first issue of its store: there is nothing to compare it with."
GONE = 4  # the column of what is no longer held
RANKS = {level.value: level.rank for level in Level}


def since_line(lookup: Lookup, members: Sequence[Place]) -> str:
    """Up, down and held by name; then how much of it is new, late, corrected, or the method's own doing."""
    if not lookup.issue.previous:
        return say(SINCE_FIRST)
    places = _listed(lookup, members)
    order = [place.code for place in places]
    changes = sorted(
        (change for change in lookup.issue.changes if change.place in order), key=lambda one: order.index(one.place)
    )
    held = [
        place.code
        for place in places
        if any(situation.held_since for situation in lookup.situations.get(place.code, ()))
    ]
    up = [change for change in changes if _rank(change.after) > _rank(change.before)]
    down = [change for change in changes if _rank(change.after) < _rank(change.before)]
    word = [change for change in changes if _rank(change.after) == _rank(change.before)]
    parts = [
        _moved(lookup, say("up {number}", number=len(up)), up),
        _moved(lookup, say("down {number}", number=len(down)), down),
        _named(lookup, say("held {number}", number=len(held)), held),
        say("another printed word only {number}", number=len(word)),
    ]
    before = wording.plain(lookup.issue.previous)
    return join(
        say("Since {week}: {changes}.", week=before, changes=join(*parts, between=" · ")), split_sentence(lookup, order)
    )


def split_sentence(lookup: Lookup, places: Sequence[str]) -> str:
    """What lies behind the changes of these places, taken together."""
    since = lookup.issue.since
    if since is None:
        return say("The rows of that issue are not at hand, so new, late and corrected cannot be told apart.")
    total = _total(tuple(row for row in _shifts(lookup) if row.place in places))
    new = _new(total.new)
    late = _some(total.late, say("none was reported late"), "{n} was reported late", "{n} were reported late")
    revised = _revised(total.corrected)
    if _inside(lookup):
        gone = _some(total.gone, say("none is no longer held"), "{n} is no longer held", "{n} are no longer held")
        text = say(
            "Of alleged incidents of twelve weeks, {new}, {late}, {revised} and {gone}",
            new=new,
            late=late,
            revised=revised,
            gone=gone,
        )
    else:
        text = say(
            "Of alleged incidents of twelve weeks, {new}, {late} and {revised}", new=new, late=late, revised=revised
        )
    if total.new_figures or total.revised_figures:
        figures = say(
            "of the periods of published totals, {new} and {revised}",
            new=_new(total.new_figures),
            revised=_revised(total.revised_figures),
        )
        text = join(text, figures, between="; ")
    return join(say("{clause}.", clause=text), _method(lookup))


def corrections_section(lookup: Lookup, members: Sequence[Place], numbers: Numbers) -> Section:
    """What was corrected since the last issue, place by place. It says revised, and never what a source did."""
    blocks: list[Block] = []
    previous = wording.plain(lookup.issue.previous)
    if not previous:
        text = join(say(FIRST), say("Corrections begin with the second issue."))
        return _section((Paragraph(number=numbers.take(), lead="", text=text),))
    names = {place.code: lookup.name(place.code) for place in _listed(lookup, members)}
    text = join(say("Compared with {week}.", week=previous), split_sentence(lookup, tuple(names)))
    blocks.append(Paragraph(number=numbers.take(), lead="", text=text))
    shifts = {row.place: row for row in _shifts(lookup)}
    head = [
        say("Place"),
        say("New incidents"),
        say("Reported late"),
        say("Revised"),
        say("No longer held"),
        say("New periods of totals"),
        say("Revised periods"),
    ]
    shown = [at for at, _ in enumerate(head) if at != GONE or _inside(lookup)]
    rows = tuple(
        tuple((names[code], *map(numeral, _counts(shifts[code])))[at] for at in shown)
        for code in names
        if code in shifts
    )
    if rows:
        blocks.append(
            Table(
                caption=say(
                    "What differs from {week}: alleged incidents of twelve weeks and periods of totals", week=previous
                ),
                head=tuple(head[at] for at in shown),
                rows=rows,
                numeric=tuple(range(1, len(shown))),
            )
        )
    moved = tuple(
        (names[row.place], term(wording.plain(row.before)), term(wording.plain(row.after)))
        for row in sorted(lookup.issue.changes, key=lambda one: one.place)
        if row.place in names
    )
    if moved:
        blocks.append(
            Table(
                caption=say("Level or printed word, {week} and now", week=previous),
                head=(say("Place"), say("Before"), say("Now")),
                rows=tuple(sorted(moved)),
            )
        )
    return _section(tuple(blocks))


def _listed(lookup: Lookup, members: Sequence[Place]) -> tuple[Place, ...]:
    """The members of a region, and the observers and territories whose entries stand in its scan."""
    homes = {lookup.home(place) for place in members}
    return (*members, *(place for place in lookup.others() if lookup.home(place) in homes))


def _section(blocks: tuple[Block, ...]) -> Section:
    return Section(anchor="corrections", heading=say("Corrections"), blocks=blocks, annex=True)


def _inside(lookup: Lookup) -> bool:
    """Whether readers may know that something is no longer held; outside the Office it is revised, as the rest."""
    return lookup.issue.lens is Lens.RESTRICTED


def _shifts(lookup: Lookup) -> tuple[Shift, ...]:
    since = lookup.issue.since
    if since is None:
        return ()
    if _inside(lookup):
        return since.shifts
    return tuple(replace(row, corrected=row.corrected + row.gone, gone=0) for row in since.shifts)


def _counts(row: Shift) -> tuple[int, ...]:
    return (row.new, row.late, row.corrected, row.gone, row.new_figures, row.revised_figures)


def _total(rows: Sequence[Shift]) -> Shift:
    sums = [sum(column) for column in zip(*(_counts(row) for row in rows), strict=True)] or [0] * 6
    return Shift(
        place="", new=sums[0], late=sums[1], corrected=sums[2], gone=sums[3], new_figures=sums[4],
        revised_figures=sums[5],
    )  # fmt: skip


def _method(lookup: Lookup) -> str:
    since = lookup.issue.since
    if since is None or not since.method:
        return say("The method is the same.")
    changed = listed([join(term(what), wording.plain(old), "→", wording.plain(new)) for what, old, new in since.method])
    return say(
        "The method changed ({changes}): a change of level may come from it, and not from events.", changes=changed
    )


def _rank(word: str) -> int:
    """The rank of a level; a printed word stands for none."""
    return RANKS.get(word, 0)


def _moved(lookup: Lookup, word: Said, changes: Sequence[Change]) -> str:
    """`up 2 (watch → emerging concern: A, B)`: by what they were and are, then in the order given."""
    groups: dict[tuple[str, str], list[str]] = {}
    for one in changes:
        groups.setdefault((one.before, one.after), []).append(lookup.name(one.place))
    said = [
        say(
            "{before} → {after}: {names}",
            before=term(wording.plain(before)),
            after=term(wording.plain(after)),
            names=join(*names, between=", "),
        )
        for (before, after), names in sorted(groups.items(), key=lambda row: (-_rank(row[0][1]), row[0]))
    ]
    return say("{what} ({aside})", what=word, aside=join(*said, between="; ")) if said else word


def _named(lookup: Lookup, word: Said, codes: Sequence[str]) -> str:
    names = [lookup.name(code) for code in codes]
    return say("{what} ({aside})", what=word, aside=join(*names, between=", ")) if names else word


def _new(number: int) -> Said:
    return _some(number, say("none is new"), "{n} is new", "{n} are new")


def _revised(number: int) -> Said:
    return _some(number, say("none was revised"), "{n} was revised", "{n} were revised")


def _some(number: int, none: Said, one: str, many: str) -> Said:
    """`none is new`, `one is new`, `two are new`."""
    return none if number == 0 else count(one, many, number)
