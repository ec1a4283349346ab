"""Access and cooperation: triggers met, what cannot be told, letters, and a strip of all States at a glance."""

from collections.abc import Sequence

from briefs import wording
from briefs.entries import Numbers
from briefs.lookup import Lookup
from briefs.said import Said, count, join, listed, numeral, quote, say, term
from briefs.view import Block, Paragraph, Section, StripCell, StripFigure, StripRow, Table
from domain.situation import TriggerValue
from domain.state import Place

ACCESS = ("T11", "T12", "T13", "T15a", "T15b")
STRIP_KEY = (("met", "met"), ("clear", "not met"), ("blind", "cannot tell"), ("absent", "no input, or not applicable"))
STRIP_MARKS = {
    TriggerValue.MET: "met",
    TriggerValue.NOT_MET: "clear",
    TriggerValue.CANNOT_TELL: "blind",
    TriggerValue.NOT_APPLICABLE: "absent",
}
NO_INPUT = "no input"


def access_section(lookup: Lookup, members: Sequence[Place], numbers: Numbers) -> Section:
    return Section(anchor="access", heading=say("Access and cooperation"), blocks=_access(lookup, members, numbers))


def _access(lookup: Lookup, members: Sequence[Place], numbers: Numbers) -> tuple[Block, ...]:
    """What is met, what cannot be told and what has no input; never a State called uncooperative."""
    cards = [lookup.cards[trigger] for trigger in ACCESS if trigger in lookup.cards]
    fed = [card for card in cards if card.fed]
    letters = _letters(lookup, members)
    tables: list[Block] = []
    codes = [place.code for place in members]
    rows = [
        (
            lookup.name(result.place),
            lookup.trigger_name(result.trigger),
            quote(wording.sentence(result.reason)),
        )
        for code in codes
        for result in sorted(lookup.issue.triggers, key=lambda row: row.trigger)
        if result.place == code and result.trigger in ACCESS and result.value is TriggerValue.MET
    ]
    blind = sum(
        result.value is TriggerValue.CANNOT_TELL and result.trigger in {card.id for card in fed}
        for result in lookup.issue.triggers
        if result.place in codes
    )
    watched = listed([lookup.trigger_name(card.id) for card in fed])
    said = [
        say("This version has inputs for: {triggers}.", triggers=watched)
        if fed
        else say("No trigger of access has an input yet.")
    ]
    if fed and not rows:
        said.append(say("None of them is met in this region."))
    if blind:
        said.append(
            say(
                "In {blind} of {all} cases (a State and a trigger) it cannot be told.",
                blind=blind,
                all=len(codes) * len(fed),
            )
        )
    if missing := [card.id for card in cards if not card.fed]:
        said.append(say("Nothing can be said of {triggers}: no input is read.", triggers=listed(missing)))
    said.append(say("Visits, replies and overdue reports stand here as facts, with neutral words."))
    paragraph = Paragraph(number=numbers.take(), lead="", text=join(*said))
    if rows:
        tables.append(
            Table(
                caption=say("Triggers of access and cooperation that are met"),
                head=(say("State"), say("Trigger"), say("What")),
                rows=tuple(rows),
            )
        )
    if not letters:
        text = say("No communication of special procedures to a State of this region is known at this date.")
        return (paragraph, *tables, Paragraph(number=numbers.take(), lead=say("Letters."), text=text))
    tables.append(
        Table(
            caption=say(
                "Special procedures communications known at this date: evidence, not a trigger; later letters are not "
                "yet public"
            ),
            head=(say("State addressed"), say("Letters")),
            rows=letters,
            numeric=(1,),
        )
    )
    return (paragraph, *tables)


def _letters(lookup: Lookup, members: Sequence[Place]) -> tuple[tuple[str, ...], ...]:
    counts = dict(lookup.issue.communications)
    return tuple((lookup.name(place.code), numeral(counts[place.code])) for place in members if counts.get(place.code))


def strip_section(lookup: Lookup, members: Sequence[Place], numbers: Numbers) -> Section:
    """The annex: every State of the region with each trigger of access and cooperation, as shapes and as words."""
    columns = tuple(trigger for trigger in ACCESS if trigger in lookup.cards)
    told = [(place, {trigger: _value(lookup, place.code, trigger) for trigger in columns}) for place in members]
    met = sum(value is TriggerValue.MET for _, values in told for value in values.values())
    blind = sum(value is TriggerValue.CANNOT_TELL for _, values in told for value in values.values())
    names = [lookup.trigger_name(trigger) for trigger in columns]
    columns_text = say("Columns: {triggers}.", triggers=join(*names, between="; "))
    head = Paragraph(number=numbers.take(), lead="", text=columns_text)
    every = len(members) * len(columns)
    shown = tuple((place, values) for place, values in told if any(_says(value) for value in values.values()))
    if not shown:
        text = say(
            "In none of {all} cases can a trigger of access or cooperation be told, so no strip is drawn.", all=every
        )
        return _strip((Paragraph(number=head.number, lead="", text=text),))
    sentence = say(
        "Of {all} cases (a State and a trigger) {met} and in {blind} it cannot be told; States of which nothing can be "
        "told in any column are left out of the picture ({left} of {members}).",
        all=every,
        met=count("{n} is met", "{n} are met", met) if met else say("none is met"),
        blind=blind,
        left=len(members) - len(shown),
        members=len(members),
    )
    figure = StripFigure(
        figure_id="strip",
        title=say("Access and cooperation, by State and trigger"),
        sentence=sentence,
        key=tuple((mark, term(word)) for mark, word in STRIP_KEY),
        columns=columns,
        rows=tuple(
            StripRow(
                name=lookup.name(place.code),
                cells=tuple(StripCell(mark=_mark(values[trigger]), word=_word(values[trigger])) for trigger in columns),
            )
            for place, values in shown
        ),
        table=Table(
            caption=say("Access and cooperation, by State and trigger"),
            head=(say("State"), *columns),
            rows=tuple(
                (lookup.name(place.code), *(_word(values[trigger]) for trigger in columns)) for place, values in shown
            ),
            folded=True,
            printed=False,
        ),
    )
    return _strip((head, figure))


def _strip(blocks: tuple[Block, ...]) -> Section:
    return Section(anchor="strip", heading=say("Access and cooperation, State by State"), blocks=blocks, annex=True)


def _value(lookup: Lookup, place: str, trigger: str) -> TriggerValue | None:
    """None where this version has no input for the trigger, or no row of it."""
    row = lookup.triggers.get((place, trigger))
    return row.value if row is not None and lookup.cards[trigger].fed else None


def _says(value: TriggerValue | None) -> bool:
    return value in {TriggerValue.MET, TriggerValue.NOT_MET}


def _mark(value: TriggerValue | None) -> str:
    return "absent" if value is None else STRIP_MARKS[value]


def _word(value: TriggerValue | None) -> Said:
    return say(NO_INPUT) if value is None else term(value.value)
