"""The head of every page, and what several sections say in the same words."""

from collections.abc import Sequence

from briefs import wording
from briefs.dossier import as_dossier
from briefs.lookup import Lookup
from briefs.view import Link, Masthead
from domain.classification import Lens
from domain.issue import Issue
from domain.situation import Level, Printed
from domain.state import Place, RegionScheme
from domain.window import Week

NO_BREAK = "\N{NO-BREAK SPACE}"
LEVELS = "Levels: ○ none, △ watch, ◆ emerging concern, ■ urgent."
SCHEMES = {
    RegionScheme.REGIONAL_GROUPS: "regional groups of Member States",
    RegionScheme.FIELD_REGIONS: "OHCHR field regions",
}


def masthead(issue: Issue, *, title: str, subtitle: str, reference: str) -> Masthead:
    week = Week.parse(issue.week)
    public = issue.lens is Lens.PUBLIC
    return Masthead(
        title=title,
        subtitle=subtitle,
        reference=reference,
        distribution="DRAFT · from public information only; not an assessment by OHCHR"
        if public
        else "CONFIDENTIAL · DRAFT",
        review=review_line(issue),
        week=f"Week {week}, {wording.span(week.first_day, week.last_day)}",
        as_of=f"As known on {wording.moment(issue.as_of)}",
        imprint=f"{wording.plain(issue.revision)}, not issued · cleared by nobody · {SCHEMES[issue.scheme]} · "
        f"{issue.lens.value} lens · original: English",
        facts=(
            ("Version", f"{wording.plain(issue.revision)}, draft, not issued"),
            ("Cleared by", "nobody"),
            ("Regions", SCHEMES[issue.scheme]),
            ("Lens", issue.lens.value),
            ("Original language", "English"),
            ("Method", wording.plain(issue.method_version)),
            ("Code", wording.plain(issue.code_version)),
        ),
        disclaimer=wording.DISCLAIMER,
    )


def nav(lookup: Lookup) -> tuple[Link, ...]:
    return (
        Link(text="All pages", href="index.html"),
        *(Link(text=wording.plain(region.name), href=f"{region.code}.html") for region in lookup.regions),
        Link(text="Bureau page", href="bureau.html"),
        Link(text="Flags", href="flags.html"),
        Link(text="Past warnings", href="ledger.html"),
        Link(text="Interactive figures", href="interactive.html"),
    )


def slashed(week: Week) -> str:
    return f"{week.year}/W{week.number:02d}"


def states(count: int) -> str:
    return f"{count} State" if count == 1 else f"{count} States"


def printed_counts(lookup: Lookup, places: Sequence[Place]) -> dict[Printed, int]:
    """Of the places without a level: how many print each word."""
    states = [lookup.state(place.code) for place in places]
    return {
        printed: sum(state.level is Level.NONE and state.printed is printed for state in states) for printed in Printed
    }


def count_line(lookup: Lookup, places: Sequence[Place], *, noun: str = "States") -> str:
    """One line that adds up: every place once, by level or, without one, by its printed word."""
    states = [lookup.state(place.code) for place in places]
    parts = [
        f"{wording.level_word(level)} {sum(state.level is level for state in states)}"
        for level in (Level.URGENT, Level.EMERGING, Level.WATCH)
    ]
    for printed, count in printed_counts(lookup, places).items():
        if printed is Printed.SIGNALS:
            if count:
                parts.append(f"signals without a level {count}")
        else:
            parts.append(f"{'○ ' if printed is Printed.QUIET else ''}{printed.value} {count}")
    return f"{' · '.join(parts)} ({len(states)} {noun[:-1] if len(states) == 1 else noun})"


def unbroken(counts: str) -> str:
    """The same line for a page: no end of a line falls between a shape, its word and its number."""
    parts, bracket, total = counts.rpartition(" (")
    return " · ".join(part.replace(" ", NO_BREAK) for part in parts.split(" · ")) + bracket + total


def real_line(issue: Issue) -> str:
    real = sum(source.real_payload for source in issue.sources)
    return f"{real} of {len(issue.sources)} source cards ran on real payloads."


def review_line(issue: Issue) -> str:
    """Who reviewed it: nobody, unless named people set a level of this issue."""
    held = {row.situation_id for row in issue.situations}
    count = sum(row.situation_id in held for row in as_dossier(issue).levels)
    if not count:
        return wording.REVIEW
    was = wording.counted(count, "level was", "levels were").capitalize()
    return f"{was} set by people. The rest is a machine proposal, reviewed by nobody."


def levels_key(lookup: Lookup) -> str:
    """The shapes and words, and who set the levels of this issue."""
    count = len(lookup.set_levels)
    if not count:
        return f"{LEVELS} Proposed by the machine; nobody confirmed one."
    set_ = wording.counted(count, "was set by people", "were set by people")
    return f"{LEVELS} {set_.capitalize()}; the others are proposed by the machine, and nobody confirmed them."
