"""Parts of a page for the tests, by what they are and where they stand."""

from briefs.view import (
    Entry,
    Line,
    Lines,
    Note,
    NoteList,
    Paragraph,
    PlaceRow,
    PlaceTable,
    Table,
    TileGrid,
    View,
    blocks_of,
)


def points(view: View) -> list[Paragraph]:
    """What changed, point by point."""
    return list(blocks_of(view, Paragraph, section="changed"))


def box(view: View) -> list[Line]:
    """The lines below what changed: counts, since last week, dates ahead."""
    return [line for one in blocks_of(view, Lines, section="changed") for line in one.lines]


def named(view: View) -> list[Entry]:
    """Every situation in the order of print: above watch its entry, at watch its line."""
    return list(blocks_of(view, Entry, section="situations"))


def entries(view: View) -> list[Entry]:
    """Every full entry, in the order of print: those of the main part, then those at watch in the annex."""
    return [entry for entry in blocks_of(view, Entry) if entry.full]


def rows(view: View) -> list[PlaceRow]:
    """The members of the region."""
    return [row for table in blocks_of(view, PlaceTable) if not table.homes for row in table.rows]


def others(view: View) -> list[PlaceRow]:
    """Observers and territories."""
    return [row for table in blocks_of(view, PlaceTable) if table.homes for row in table.rows]


def grid(view: View) -> TileGrid:
    (found,) = blocks_of(view, TileGrid)
    return found


def notes(view: View) -> list[Note]:
    return [note for one in blocks_of(view, NoteList) for note in one.notes]


def tables(view: View, section: str) -> list[Table]:
    return list(blocks_of(view, Table, section=section))


def anchors(view: View) -> list[str]:
    return [section.anchor for section in view.sections]
