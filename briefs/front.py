"""The head of every page, and what several sections say in the same words."""

from collections.abc import Sequence

from briefs import wording
from briefs.dossier import as_dossier
from briefs.lookup import Lookup
from briefs.said import Said, Unbroken, capital, count, join, say, term
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
        distribution=say("DRAFT · from public information only; not an assessment by OHCHR")
        if public
        else say("CONFIDENTIAL · DRAFT"),
        review=review_line(issue),
        week=say("Week {week}, {days}", week=str(week), days=wording.span(week.first_day, week.last_day)),
        as_of=say("As known on {moment}", moment=wording.moment(issue.as_of)),
        imprint=say(
            "{revision}, not issued · cleared by nobody · {scheme} · {lens} lens · original: English",
            revision=wording.plain(issue.revision),
            scheme=term(SCHEMES[issue.scheme]),
            lens=term(issue.lens.value),
        ),
        facts=(
            (say("Version"), say("{revision}, draft, not issued", revision=wording.plain(issue.revision))),
            (say("Cleared by"), say("nobody")),
            (say("Regions"), term(SCHEMES[issue.scheme])),
            (say("Lens"), term(issue.lens.value)),
            (say("Original language"), say("English")),
            (say("Method"), wording.plain(issue.method_version)),
            (say("Code"), wording.plain(issue.code_version)),
        ),
        disclaimer=say(wording.DISCLAIMER),
    )


def nav(lookup: Lookup) -> tuple[Link, ...]:
    return (
        Link(text=say("All pages"), href="index.html"),
        *(Link(text=term(wording.plain(region.name)), href=f"{region.code}.html") for region in lookup.regions),
        Link(text=say("Bureau page"), href="bureau.html"),
        Link(text=say("Flags"), href="flags.html"),
        Link(text=say("Past warnings"), href="ledger.html"),
        Link(text=say("Interactive figures"), href="interactive.html"),
    )


def slashed(week: Week) -> str:
    return f"{week.year}/W{week.number:02d}"


def states(number: int) -> str:
    return count("{figure} State", "{figure} States", number, figure=number)


def printed_counts(lookup: Lookup, places: Sequence[Place]) -> dict[Printed, int]:
    """Of the places without a level: how many print each word."""
    states = [lookup.state(place.code) for place in places]
    return {
        printed: sum(state.level is Level.NONE and state.printed is printed for state in states) for printed in Printed
    }


def count_line(lookup: Lookup, places: Sequence[Place], *, noun: str = "States") -> str:
    """One line that adds up: every place once, by level or, without one, by its printed word."""
    return _counts(lookup, places, noun, glue=" ")


def unbroken_line(lookup: Lookup, places: Sequence[Place], *, noun: str = "States") -> str:
    """The same line for a page: no end of a line falls between a shape, its word and its number."""
    return _counts(lookup, places, noun, glue=NO_BREAK)


def _counts(lookup: Lookup, places: Sequence[Place], noun: str, *, glue: str) -> Said:
    states = [lookup.state(place.code) for place in places]
    parts = [
        join(level.shape, unbroken(level.value, glue), str(sum(state.level is level for state in states)), between=glue)
        for level in (Level.URGENT, Level.EMERGING, Level.WATCH)
    ]
    for printed, number in printed_counts(lookup, places).items():
        if printed is Printed.SIGNALS:
            if number:
                parts.append(join(unbroken("signals without a level", glue), str(number), between=glue))
        else:
            shape = "○" if printed is Printed.QUIET else ""
            parts.append(join(shape, unbroken(printed.value, glue), str(number), between=glue))
    total = len(states)
    if noun == "States":
        return join(join(*parts, between=" · "), count("({figure} State)", "({figure} States)", total, figure=total))
    return join(join(*parts, between=" · "), count("({figure} place)", "({figure} places)", total, figure=total))


def unbroken(word: str, glue: str = NO_BREAK) -> Said:
    """A word of a closed set; between its parts stands `glue`."""
    return term(word) if glue == " " else Said(word.replace(" ", glue), Unbroken(part=term(word)))


def real_line(issue: Issue) -> str:
    real = sum(source.real_payload for source in issue.sources)
    return say("{real} of {total} source cards ran on real payloads.", real=real, total=len(issue.sources))


def review_line(issue: Issue) -> str:
    """Who reviewed it: nobody, unless named people set a level or cleared a text of this issue."""
    dossier = as_dossier(issue)
    held = {row.situation_id for row in issue.situations}
    levels = sum(row.situation_id in held for row in dossier.levels)
    cleared = [row for row in dossier.texts if row.roles and row.situation_id in held]
    texts = len(cleared) if issue.lens is not Lens.PUBLIC else 0
    if not levels and not texts:
        return say(wording.REVIEW)
    set_ = count("{n} level was set by people.", "{n} levels were set by people.", levels) if levels else ""
    written = (
        count("{n} text was written and cleared by people.", "{n} texts were written and cleared by people.", texts)
        if texts
        else ""
    )
    return join(capital(set_), capital(written), say("The rest is a machine proposal, reviewed by nobody."))


def levels_key(lookup: Lookup) -> str:
    """The shapes and words, and who set the levels of this issue."""
    number = len(lookup.set_levels)
    if not number:
        return join(say(LEVELS), say("Proposed by the machine; nobody confirmed one."))
    set_ = count(
        "{n} was set by people; the others are proposed by the machine, and nobody confirmed them.",
        "{n} were set by people; the others are proposed by the machine, and nobody confirmed them.",
        number,
    )
    return join(say(LEVELS), capital(set_))
