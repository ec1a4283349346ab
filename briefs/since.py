"""Week on week: what is new, what came late, what was corrected, and what the method did."""

from collections.abc import Sequence

from briefs import wording
from briefs.dossier import Shift
from briefs.entries import Numbers
from briefs.lookup import Lookup
from briefs.view import Block, Paragraph, Section, Table
from domain.issue import Change
from domain.situation import Level
from domain.state import Place

FIRST = "This is the first issue of its store: there is nothing to compare it with."
RANKS = {level.value: level.rank for level in Level}


def since_line(lookup: Lookup, members: Sequence[Place]) -> str:
    """Up, down and held by name; then how much of it is new, late, corrected, or the method's own doing."""
    if not lookup.issue.previous:
        return f"Since last week: {FIRST[0].lower()}{FIRST[1:]}"
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
        _moved(lookup, "up", up),
        _moved(lookup, "down", down),
        f"held {len(held)}{_named(lookup, held)}",
        f"another printed word only {len(word)}",
    ]
    before = wording.plain(lookup.issue.previous)
    return f"Since {before}: {' · '.join(parts)}. {split_sentence(lookup, order)}"


def split_sentence(lookup: Lookup, places: Sequence[str]) -> str:
    """What lies behind the changes of these places, taken together."""
    since = lookup.issue.since
    if since is None:
        return "The rows of that issue are not at hand, so new, late and corrected cannot be told apart."
    total = _total(tuple(row for row in since.shifts if row.place in places))
    text = (
        f"Of alleged incidents of twelve weeks, {_some(total.new, 'is', 'are')} new, "
        f"{_some(total.late, 'was', 'were')} reported late, {_some(total.corrected, 'was', 'were')} revised and "
        f"{_some(total.gone, 'is', 'are')} no longer held"
    )
    if total.new_figures or total.revised_figures:
        text += (
            f"; of the periods of published totals, {_some(total.new_figures, 'is', 'are')} new and "
            f"{_some(total.revised_figures, 'was', 'were')} revised"
        )
    return f"{text}. {_method(lookup)}"


def corrections_section(lookup: Lookup, members: Sequence[Place], numbers: Numbers) -> Section:
    """What was corrected since the last issue, place by place. It says revised, and never what a source did."""
    blocks: list[Block] = []
    previous = wording.plain(lookup.issue.previous)
    since = lookup.issue.since
    if not previous:
        text = f"{FIRST} Corrections begin with the second issue."
        return _section((Paragraph(number=numbers.take(), lead="", text=text),))
    names = {place.code: wording.plain(place.name) for place in _listed(lookup, members)}
    text = f"Compared with {previous}. {split_sentence(lookup, tuple(names))}"
    blocks.append(Paragraph(number=numbers.take(), lead="", text=text))
    shifts = {row.place: row for row in since.shifts} if since is not None else {}
    rows = tuple((names[code], *(f"{count:,}" for count in _counts(shifts[code]))) for code in names if code in shifts)
    if rows:
        blocks.append(
            Table(
                caption=f"What differs from {previous}: alleged incidents of twelve weeks and periods of totals",
                head=(
                    "Place",
                    "New incidents",
                    "Reported late",
                    "Revised",
                    "No longer held",
                    "New periods of totals",
                    "Revised periods",
                ),
                rows=rows,
                numeric=(1, 2, 3, 4, 5, 6),
            )
        )
    moved = tuple(
        (names[row.place], wording.plain(row.before), wording.plain(row.after))
        for row in sorted(lookup.issue.changes, key=lambda one: one.place)
        if row.place in names
    )
    if moved:
        blocks.append(
            Table(
                caption=f"Level or printed word, {previous} and now",
                head=("Place", "Before", "Now"),
                rows=tuple(sorted(moved)),
            )
        )
    return _section(tuple(blocks))


def _listed(lookup: Lookup, members: Sequence[Place]) -> tuple[Place, ...]:
    """The members of a region, and the observers and territories whose entries stand in its scan."""
    homes = {lookup.home(place) for place in members}
    return (*members, *(place for place in lookup.others() if lookup.home(place) in homes))


def _section(blocks: tuple[Block, ...]) -> Section:
    return Section(anchor="corrections", heading="Corrections", blocks=blocks, annex=True)


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
        return "The method is the same."
    changed = wording.listed([f"{what} {wording.plain(old)} → {wording.plain(new)}" for what, old, new in since.method])
    return f"The method changed ({changed}): a change of level may come from it, and not from events."


def _rank(word: str) -> int:
    """The rank of a level; a printed word stands for none."""
    return RANKS.get(word, 0)


def _moved(lookup: Lookup, word: str, changes: Sequence[Change]) -> str:
    """`up 2 (watch → emerging concern: A, B)`: by what they were and are, then in the order given."""
    groups: dict[tuple[str, str], list[str]] = {}
    for one in changes:
        named = groups.setdefault((one.before, one.after), [])
        named.append(wording.plain(lookup.place(one.place).name))
    said = [
        f"{wording.plain(before)} → {wording.plain(after)}: {', '.join(names)}"
        for (before, after), names in sorted(groups.items(), key=lambda row: (-_rank(row[0][1]), row[0]))
    ]
    return f"{word} {len(changes)} ({'; '.join(said)})" if said else f"{word} 0"


def _named(lookup: Lookup, codes: Sequence[str]) -> str:
    names = [wording.plain(lookup.place(code).name) for code in codes]
    return f" ({', '.join(names)})" if names else ""


def _some(number: int, one: str, many: str) -> str:
    """`none is`, `one is`, `two are`."""
    return f"none {one}" if number == 0 else wording.counted(number, one, many)
