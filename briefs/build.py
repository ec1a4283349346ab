"""From one issue to the views of its pages: decides, words and rounds, draws nothing."""

from dataclasses import replace

from briefs import evidence, flags, ledger, sessional, wording
from briefs.access import access_section, strip_section
from briefs.ahead import calendar_section
from briefs.bureau import build_bureau
from briefs.changed import changed_section
from briefs.dossier import as_dossier
from briefs.entries import Notes, Numbers, build_entry
from briefs.fonts import script_name, texts_of, undrawn
from briefs.front import count_line, levels_key, masthead, nav, real_line, slashed, unbroken_line
from briefs.improved import improved_section
from briefs.lookup import Lookup
from briefs.method import method_section, notes_section
from briefs.options import options_section
from briefs.places import places_section, states_section
from briefs.room import Plan, settle
from briefs.said import capital, join, listed, quote, say, term
from briefs.since import corrections_section
from briefs.situations import entries_section, situations_section
from briefs.view import (
    Block,
    Entry,
    Layout,
    Line,
    Lines,
    Link,
    PageKind,
    Remark,
    Section,
    View,
    blocks_of,
)
from domain.classification import Lens
from domain.errors import Refused
from domain.issue import Issue

__all__ = [
    "build_bureau",
    "build_evidence",
    "build_flags",
    "build_index",
    "build_ledger",
    "build_preview",
    "build_scan",
    "build_sessional",
    "summary_lines",
]


def build_scan(issue: Issue, region_code: str) -> View:
    """The weekly scan of one region: two pages, then the annex."""
    lookup = Lookup(issue)
    return _cite_joined(lookup, _scan(issue, lookup, region_code))


def _cite_joined(lookup: Lookup, view: View) -> View:
    """The same page; what is told under another State leads to its paragraph there, on this page or another one."""
    firsts = {lookup.one_id(parts[0]): parts[0] for _, parts in lookup.joined.values()}
    cited = {one.situation_id for one in blocks_of(view, Entry) if one.situation_id in firsts and not one.parts}
    homes = {lookup.home(lookup.place(firsts[one].place)) for one in cited}
    pages = {home: view if home == view.region_code else _scan(lookup.issue, lookup, home) for home in sorted(homes)}
    leads = {
        entry.situation_id: Link(
            text=say("Paragraph {number}", number=entry.why.number),
            href=f"{'' if page is view else f'{home}.html'}#{entry.anchor}",
        )
        for home, page in pages.items()
        for entry in blocks_of(page, Entry)
        if entry.full and entry.situation_id in cited
    }

    def lead(block: Block) -> Block:
        if isinstance(block, Entry) and block.situation_id in leads and not block.parts:
            return replace(block, more=(leads[block.situation_id],))
        return block

    return replace(view, sections=tuple(replace(one, blocks=tuple(map(lead, one.blocks))) for one in view.sections))


def _scan(issue: Issue, lookup: Lookup, region_code: str) -> View:
    region = lookup.region(region_code)
    members = lookup.members(region_code)
    situations = lookup.region_situations(region_code)

    def pages(plan: Plan, numbers: Numbers, notes: Notes, *, first: int = 1) -> tuple[Section, ...]:
        """The two pages by a plan; `first` is the number of the annex's first paragraph."""
        return (
            changed_section(lookup, members, situations, numbers, notes, plan=plan),
            states_section(lookup, members, numbers),
            situations_section(lookup, region, situations, numbers, notes, plan=plan, first=first),
            *((access_section(lookup, members, numbers),) if plan.tabled else ()),
            *((calendar_section(lookup, members),) if plan.dated else ()),
        )

    plan = settle(lambda plan: pages(plan, Numbers(), Notes()))
    counted = Numbers()
    pages(plan, counted, Notes())
    numbers, notes = Numbers(), Notes()
    main = pages(plan, numbers, notes, first=counted.last + 1)
    annex = [
        entries_section(lookup, situations, numbers, notes, plan=plan),
        None if plan.tabled else access_section(lookup, members, numbers),
        None if plan.dated else calendar_section(lookup, members),
        places_section(lookup, region, situations, numbers, notes),
        improved_section(lookup, members, situations, numbers),
        strip_section(lookup, members, numbers),
        ledger.section(lookup, numbers),
        options_section(lookup, numbers),
        method_section(lookup, numbers),
        notes_section(notes),
        corrections_section(lookup, members, numbers),
    ]
    return View(
        kind=PageKind.SCAN,
        language="en",
        region_code=region.code,
        masthead=masthead(
            issue,
            title=say("Horizon scan"),
            subtitle=join(term(wording.plain(region.name)), say("weekly"), between=" · "),
            reference=f"HS/{region.code}/{slashed(lookup.week)}",
        ),
        nav=nav(lookup),
        sections=_with_scripts((*main, *(replace(one, annex=True) for one in annex if one is not None))),
    )


def _with_scripts(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Say in the method box where the PDF has a note in the place of words that it cannot draw."""
    found = sorted({script for text in texts_of(sections) for _, script in undrawn(text) if script})
    if not found:
        return sections
    told = Remark(
        text=say(
            "Words of others on this page are in scripts that no font of the PDF draws: {scripts}. A note stands there "
            "in their place; HTML, DOCX and JSON hold the words.",
            scripts=listed([quote(script_name(script)) for script in found]),
        )
    )
    return tuple(replace(one, blocks=(*one.blocks, told)) if one.anchor == "method" else one for one in sections)


def build_preview(issue: Issue, situation_id: str) -> View:
    """The entry of one situation alone, as its scan prints it, for those who write and clear its text.

    Other States' parts of a situation that is one with others are left out: a reader here may not be theirs.
    """
    lookup = Lookup(replace(as_dossier(issue), joined=()))
    situation = next(one for one in lookup.issue.situations if one.situation_id == situation_id)
    notes = Notes()
    entry = build_entry(lookup, situation, number="1", notes=notes, figures=True)
    return View(
        kind=PageKind.SCAN,
        language="en",
        region_code=lookup.home(lookup.place(situation.place)),
        masthead=masthead(
            issue,
            title=say("Horizon scan"),
            subtitle=say("Preview of one entry"),
            reference=f"HS/{slashed(lookup.week)}/Preview",
        ),
        nav=(),
        sections=_with_scripts(
            (Section(anchor="situations", heading=say("Situations"), blocks=(entry,)), notes_section(notes))
        ),
    )


def build_evidence(issue: Issue, region_code: str) -> View:
    """What the numbers of one region's scan rest on: incidents, reports, origins, labels and their words."""
    lookup = Lookup(issue)
    region = lookup.region(region_code)
    rooted = evidence.roots(lookup)
    found = [evidence.build_section(lookup, one, rooted) for one in lookup.region_situations(region_code)]
    return View(
        kind=PageKind.EVIDENCE,
        language="en",
        region_code=region.code,
        masthead=masthead(
            issue,
            title=say("Evidence"),
            subtitle=join(term(wording.plain(region.name)), say("weekly"), between=" · "),
            reference=f"HS/{region.code}/{slashed(lookup.week)}/Evidence",
        ),
        nav=nav(lookup),
        lead=say(
            "What each count of the scan rests on: the alleged incidents of twelve weeks, the reports of each with "
            "who first learned of it, and the source's own words behind each label. The week and the State are given, "
            "and nothing closer. A published total has no incidents here: its figures stand below its picture."
        ),
        sections=tuple(one for one in found if one is not None) or (evidence.nothing(),),
        foot=levels_key(lookup),
    )


def build_flags(issue: Issue) -> View:
    """The annual flags annex: year by mandate by State."""
    lookup = Lookup(issue)
    return View(
        kind=PageKind.FLAGS,
        language="en",
        masthead=masthead(
            issue,
            title=say("Annual flags annex"),
            subtitle=say("Special procedures, by year, mandate and State"),
            reference=f"HS/{slashed(lookup.week)}/Flags",
        ),
        nav=nav(lookup),
        lead=say(flags.LEAD),
        sections=flags.flag_sections(lookup),
    )


def build_sessional(issue: Issue) -> View:
    """The edition for everyone; a run of the restricted lens has none."""
    lookup = Lookup(issue)
    if issue.lens is not Lens.PUBLIC:
        raise Refused(
            "The sessional edition is made from a run of the public lens alone.",
            why="Rows that are not public would stand behind its levels and numbers.",
            do="Score and draft the week in the public lens.",
        )
    return View(
        kind=PageKind.SESSIONAL,
        language="en",
        masthead=masthead(
            issue,
            title=say("Horizon scan, sessional edition"),
            subtitle=say("Public information"),
            reference=f"HS/{slashed(lookup.week)}/Public",
        ),
        nav=(),
        lead=say(sessional.LEAD),
        sections=sessional.sessional_sections(lookup),
        foot=levels_key(lookup),
    )


def build_ledger(issue: Issue) -> View:
    """The page of past warnings; the module of the ledger decides what each lens may read."""
    lookup = Lookup(issue)
    head = masthead(
        issue, title=say("Past warnings scored"), subtitle=say("Ledger"), reference=f"HS/{slashed(lookup.week)}/Ledger"
    )
    return ledger.build_view(lookup, masthead=head, nav=nav(lookup))


def build_index(issue: Issue) -> View:
    """The list of the pages of one issue, with one line of what each holds."""
    lookup = Lookup(issue)
    pages: list[tuple[str, str, str]] = [
        (
            term(wording.plain(region.name)),
            f"{region.code}.html",
            unbroken_line(lookup, lookup.members(region.code)),
        )
        for region in lookup.regions
    ]
    pages.append((say("Bureau page"), "bureau.html", say("One page for the President and the Bureau.")))
    pages += [
        (
            say("Evidence: {region}", region=term(wording.plain(region.name))),
            evidence.page_name(region.code),
            say("The incidents, reports and words behind each count of the scan."),
        )
        for region in lookup.regions
    ]
    letters = say("Letters of special procedures, by year, mandate and State.")
    pages.append((say("Annual flags annex"), "flags.html", letters))
    pages.append((say(ledger.HEADING), ledger.PAGE, say("What was warned of, and what became of it.")))
    if issue.lens is Lens.PUBLIC:
        pages.append((say("Sessional edition"), "sessional.html", say("For everyone, from public rows alone.")))
    figures = say("The same series, to look into; needs JavaScript.")
    pages.append((say("Interactive figures"), "interactive.html", figures))
    in_forms = {*(f"{region.code}.html" for region in lookup.regions), "bureau.html", "flags.html", "sessional.html"}
    lines = tuple(
        Line(
            lead="",
            text=text,
            links=(Link(text=name, href=href), *(_other_forms(href) if href in in_forms else ())),
        )
        for name, href, text in pages
    )
    return View(
        kind=PageKind.INDEX,
        language="en",
        masthead=masthead(
            issue,
            title=say("Horizon scans of the week"),
            subtitle=join(
                capital(wording.counted(len(lookup.regions), "region", "regions")), say("weekly"), between=" · "
            ),
            reference=f"HS/{slashed(lookup.week)}",
        ),
        nav=(),
        lead=join(real_line(issue), say("What was not heard may still have happened.")),
        sections=(
            Section(
                anchor="pages", heading=say("Pages of this issue"), blocks=(Lines(layout=Layout.PAGES, lines=lines),)
            ),
        ),
        foot=levels_key(lookup),
    )


def _other_forms(href: str) -> tuple[Link, ...]:
    """The same page on paper, for a word processor, and for machines."""
    stem = href.removesuffix("html")
    return tuple(Link(text=quote(form.upper()), href=f"{stem}{form}") for form in ("pdf", "docx", "json"))


def summary_lines(issue: Issue) -> tuple[str, ...]:
    """One line per region of what was found, for the command line; the observers and territories come last."""
    lookup = Lookup(issue)
    lines = [
        f"{region.code}  {wording.plain(region.name)}: {count_line(lookup, lookup.members(region.code))}"
        for region in lookup.regions
    ]
    if others := lookup.others():
        lines.append(f"     Observers and territories: {count_line(lookup, others, noun='places')}")
    return tuple(lines)
