"""The method box, written by the code, and the notes."""

from collections import Counter

from briefs import wording
from briefs.attention import attention_table
from briefs.entries import Notes, Numbers
from briefs.front import real_line
from briefs.lookup import Lookup
from briefs.view import NoteList, Paragraph, Remark, Section, Table
from domain.issue import Issue
from domain.source import SourceState

NO_NOTES = "No source is cited, because no situation and no total is printed."
ATTENTION = (
    "The share of the words that situations take, beside the share of incidents and alarms, by list of places. The "
    "two need not be equal. Signals themselves follow coverage, so a list with few of them may be one that is little "
    "heard. The interval is of the signal share; signals of one place come together, and it allows for that."
)


def _languages(issue: Issue) -> str:
    read = sorted({language for source in issue.sources if source.real_payload for language in source.languages})
    listed_ = wording.listed([wording.LANGUAGES.get(language, language) for language in read])
    found = {report.language for report in issue.reports if report.language}
    prose = wording.listed([wording.LANGUAGES.get(one, one) for one in sorted(found)])
    told = f"Incidents told in prose are in: {prose}." if prose else "No incident rests on prose."
    return f"Sources of this issue are in: {listed_ or 'none'}. {told}"


def _standing(issue: Issue) -> str:
    """How many sources are alive, disabled, failed: every card in exactly one of them."""
    counts = Counter(source.state for source in issue.sources)
    said = [f"{wording.STATE_WORDS[state]} {counts[state]:,}" for state in SourceState if counts[state]]
    return f"Of {len(issue.sources):,} cards: {wording.listed(said)}."


def _entered(lookup: Lookup) -> str:
    """What people did not enter, so that nobody takes its absence for an answer."""
    said = []
    if not lookup.issue.judgements:
        said.append("No likelihood is given, because no analyst entered one.")
    if not lookup.issue.accounts:
        said.append("No State was asked for its account.")
    if not lookup.set_levels:
        said.append("No level was confirmed by people.")
    return " ".join(said)


def method_section(lookup: Lookup, numbers: Numbers) -> Section:
    issue = lookup.issue
    fed = [card.id for card in issue.trigger_cards if card.fed]
    unfed = [card.id for card in issue.trigger_cards if not card.fed]
    specimen = (
        " This is the bundled specimen week: recorded payloads are replayed; a source without one is named as not in "
        "the specimen, and nothing is invented in its place."
        if issue.specimen
        else ""
    )
    triggers = f"Triggers with an input: {wording.listed(fed) or 'none'}."
    if unfed:
        triggers += f" Without one, so that nothing can be said of them: {wording.listed(unfed)}."
    paragraphs = (
        Paragraph(number=numbers.take(), lead="Sources.", text=f"{real_line(issue)} {_standing(issue)}{specimen}"),
        Paragraph(
            number=numbers.take(),
            lead="Method.",
            text=f"Method {wording.plain(issue.method_version)}, code {wording.plain(issue.code_version)}; the same "
            f"rules and figures for every State. {triggers} Confidence is read off origins, classes of source and "
            "coverage; a machine alone prints at most moderate.",
        ),
        Paragraph(number=numbers.take(), lead="Languages.", text=_languages(issue)),
        Paragraph(
            number=numbers.take(),
            lead="Limits.",
            text=f"{_entered(lookup)} Counts below three are not placed below State level. A situation that reaches "
            "over several States is printed under each of them: this version does not join them.",
        ),
        Paragraph(number=numbers.take(), lead="Distribution of attention.", text=f"{ATTENTION} {wording.ATTENTION}"),
    )
    tables = [
        attention_table(lookup),
        Table(
            caption="Sources of this issue",
            head=("Source", "Publisher", "What came of the look", "Values", "Items", "Newest item", "Last look"),
            rows=tuple(
                (
                    wording.plain(source.title),
                    wording.plain(source.publisher),
                    wording.STATE_WORDS[source.state] + (f"; {wording.clause(source.detail)}" if source.detail else ""),
                    source.basis.value if source.basis is not None else "–",
                    f"{source.items:,}" if source.state.looked or source.items else "not looked",
                    wording.looked(source.last_item) if source.last_item else "–",
                    wording.utc(source.last_look) if source.last_look is not None else "never",
                )
                for source in sorted(issue.sources, key=lambda source: source.source_id)
            ),
            numeric=(4,),
            folded=True,
        ),
    ]
    if issue.defects:
        tables.append(
            Table(
                caption="Defects: what could not be used, by source and check",
                head=("Source", "Check", "Level", "Count", "First example"),
                rows=tuple(
                    (
                        wording.plain(line.source_id),
                        wording.plain(line.check.replace("_", " ")),
                        wording.plain(line.level),
                        f"{line.count:,}",
                        wording.plain(line.example, longest=160),
                    )
                    for line in sorted(issue.defects, key=lambda line: (line.source_id, line.check, line.level))
                ),
                numeric=(3,),
                folded=True,
                printed=False,
            )
        )
    tables.append(
        Table(
            caption="Triggers of the method",
            head=("Trigger", "Name", "Gravity", "Input in this version"),
            rows=tuple(
                (card.id, wording.plain(card.name), card.gravity.value, "yes" if card.fed else "none")
                for card in issue.trigger_cards
            ),
            folded=True,
            printed=False,
        )
    )
    if issue.thresholds:
        tables.append(
            Table(
                caption="Thresholds, the same for every State",
                head=("Threshold", "Value"),
                rows=tuple((wording.plain(name), wording.plain(value)) for name, value in issue.thresholds),
                numeric=(1,),
                folded=True,
                printed=False,
            )
        )
    return Section(anchor="method", heading="Method box", blocks=(*paragraphs, *tables), annex=True)


def notes_section(notes: Notes) -> Section:
    printed = notes.printed()
    blocks = (NoteList(notes=printed),) if printed else (Remark(text=NO_NOTES),)
    return Section(anchor="notes", heading="Notes", blocks=blocks, annex=True)
