"""The method box, written by the code, and the notes."""

from collections import Counter

from briefs import wording
from briefs.attention import attention_table
from briefs.entries import Notes, Numbers
from briefs.front import real_line
from briefs.lookup import Lookup
from briefs.said import join, listed, numeral, quote, say, term
from briefs.view import NoteList, Paragraph, Remark, Section, Table
from domain.classification import Lens
from domain.issue import Issue, SourceLine
from domain.source import SourceState

NO_NOTES = "No source is cited, because no situation and no total is printed."
ATTENTION = (
    "The share of the words that situations take, beside the share of incidents and alarms, by list of places. The "
    "two need not be equal. Signals themselves follow coverage, so a list with few of them may be one that is little "
    "heard. The interval is of the signal share; signals of one place come together, and it allows for that."
)


def _languages(issue: Issue) -> str:
    read = sorted({language for source in issue.sources if source.real_payload for language in source.languages})
    sources = listed([term(wording.LANGUAGES.get(language, language)) for language in read])
    found = {report.language for report in issue.reports if report.language}
    prose = listed([term(wording.LANGUAGES.get(one, one)) for one in sorted(found)])
    told = (
        say("Incidents told in prose are in: {languages}.", languages=prose)
        if prose
        else say("No incident rests on prose.")
    )
    return join(say("Sources of this issue are in: {languages}.", languages=sources or say("none")), told)


def _standing(issue: Issue) -> str:
    """How many sources are alive, disabled, failed: every card in exactly one of them."""
    counts = Counter(source.state for source in issue.sources)
    said = [join(term(wording.STATE_WORDS[state]), numeral(counts[state])) for state in SourceState if counts[state]]
    return say("Of {total} cards: {states}.", total=len(issue.sources), states=listed(said))


def _entered(lookup: Lookup) -> str:
    """What people did not enter, so that nobody takes its absence for an answer."""
    said = []
    if not lookup.issue.judgements:
        said.append(say("No likelihood is given, because no analyst entered one."))
    if not lookup.issue.accounts:
        said.append(say("No State was asked for its account."))
    if not lookup.set_levels:
        said.append(say("No level was confirmed by people."))
    return join(*said)


def _newest(source: SourceLine) -> tuple[str, str]:
    """Its newest item, and the last look at it."""
    return (
        wording.looked(source.last_item) if source.last_item else "–",
        wording.utc(source.last_look) if source.last_look is not None else say("never"),
    )


def _items(source: SourceLine, *, inside: bool) -> str:
    if not source.state.looked and not source.items:
        return say("not looked")
    return numeral(source.items) if inside else say("yes")


def _of_source(source_id: str) -> str:
    return say(wording.MERGED_CLASS) if source_id == wording.MERGED_CLASS else wording.plain(source_id)


def method_section(lookup: Lookup, numbers: Numbers) -> Section:
    issue = lookup.issue
    fed = [card.id for card in issue.trigger_cards if card.fed]
    unfed = [card.id for card in issue.trigger_cards if not card.fed]
    specimen = (
        say(
            "This is the bundled specimen week: recorded payloads are replayed; a source without one is named as not "
            "in the specimen, and nothing is invented in its place."
        )
        if issue.specimen
        else ""
    )
    triggers = say("Triggers with an input: {triggers}.", triggers=listed(fed) or say("none"))
    if unfed:
        unread = say("Without one, so that nothing can be said of them: {triggers}.", triggers=listed(unfed))
        triggers = join(triggers, unread)
    limits = join(
        _entered(lookup),
        say(
            "Counts below three are not placed below State level. A situation that reaches over several States is "
            "printed once when two people have found it to be one, and else under each of them."
        ),
    )
    rules = join(
        say(
            "Method {method}, code {code}; the same rules and figures for every State.",
            method=wording.plain(issue.method_version),
            code=wording.plain(issue.code_version),
        ),
        triggers,
        say("Confidence is read off origins, classes of source and coverage; a machine alone prints at most moderate."),
    )
    attention = join(say(ATTENTION), say(wording.ATTENTION))
    standing = join(real_line(issue), _standing(issue), specimen)
    paragraphs = (
        Paragraph(number=numbers.take(), lead=say("Sources."), text=standing),
        Paragraph(number=numbers.take(), lead=say("Method."), text=rules),
        Paragraph(number=numbers.take(), lead=say("Languages."), text=_languages(issue)),
        Paragraph(number=numbers.take(), lead=say("Limits."), text=limits),
        Paragraph(number=numbers.take(), lead=say("Distribution of attention."), text=attention),
    )
    # How much each source said, and when it was last looked at and heard, stays inside: it shows who fell silent.
    inside = issue.lens is Lens.RESTRICTED
    tables = [
        attention_table(lookup),
        Table(
            caption=say("Sources of this issue"),
            head=(
                say("Source"),
                say("Publisher"),
                say("What came of the look"),
                say("Values"),
                say("Items") if inside else say("Looked at"),
                *((say("Newest item"), say("Last look")) if inside else ()),
            ),
            rows=tuple(
                (
                    wording.named_source(wording.plain(source.title)),
                    wording.named_source(wording.plain(source.publisher)),
                    join(term(wording.STATE_WORDS[source.state]), quote(wording.clause(source.detail)), between="; "),
                    term(source.basis.value) if source.basis is not None else "–",
                    _items(source, inside=inside),
                    *(_newest(source) if inside else ()),
                )
                for source in sorted(issue.sources, key=lambda source: source.source_id)
            ),
            numeric=(4,) if inside else (),
            folded=True,
        ),
    ]
    if issue.defects:
        tables.append(
            Table(
                caption=say("Defects: what could not be used, by source and check"),
                head=(say("Source"), say("Check"), say("Level"), say("Count"), say("First example")),
                rows=tuple(
                    (
                        _of_source(line.source_id),
                        wording.plain(line.check.replace("_", " ")),
                        wording.plain(line.level),
                        numeral(line.count),
                        quote(wording.plain(line.example, longest=160)),
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
            caption=say("Triggers of the method"),
            head=(say("Trigger"), say("Name"), say("Gravity"), say("Input in this version")),
            rows=tuple(
                (card.id, term(wording.plain(card.name)), card.gravity.value, say("yes") if card.fed else say("none"))
                for card in issue.trigger_cards
            ),
            folded=True,
            printed=False,
        )
    )
    if issue.thresholds:
        tables.append(
            Table(
                caption=say("Thresholds, the same for every State"),
                head=(say("Threshold"), say("Value")),
                rows=tuple((wording.plain(name), wording.plain(value)) for name, value in issue.thresholds),
                numeric=(1,),
                folded=True,
                printed=False,
            )
        )
    return Section(anchor="method", heading=say("Method box"), blocks=(*paragraphs, *tables), annex=True)


def notes_section(notes: Notes) -> Section:
    printed = notes.printed()
    blocks = (NoteList(notes=printed),) if printed else (Remark(text=say(NO_NOTES)),)
    return Section(anchor="notes", heading=say("Notes"), blocks=blocks, annex=True)
