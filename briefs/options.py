"""The register of options: procedures that exist, for every State alike. Restricted annex only, unranked."""

from briefs.entries import Numbers
from briefs.lookup import Lookup
from briefs.said import join, listed, quote, say
from briefs.view import Block, Paragraph, Remark, Section, Table
from domain.classification import Lens
from domain.options import Option

EMPTY = "The register of options is empty."
ABOUT = (
    "Procedures that exist, the same list in every region and every week. They are not ranked, none is recommended, "
    "and none is proposed for a State. Whoever uses one checks its condition first."
)
UNSURE = (
    "How sure: source, it stands in A/HRC/43/37; read, it was read in another text; practice, it is known from "
    "practice and is to be checked before use."
)


def options_section(lookup: Lookup, numbers: Numbers) -> Section | None:
    """None in the public lens: options are for the restricted annex."""
    if lookup.issue.lens is not Lens.RESTRICTED:
        return None
    rows = lookup.issue.options
    always = [one.name for one in rows if one.always]
    beside = say("{options} can stand beside every other one.", options=listed([quote(one) for one in always]))
    text = join(say(ABOUT), beside if always else "")
    blocks: list[Block] = [Paragraph(number=numbers.take(), lead="", text=text if rows else say(EMPTY))]
    if rows:
        blocks.append(
            Table(
                caption=say("Options, unranked"),
                head=(say("Option"), say("Basis"), say("Condition"), say("How sure")),
                rows=tuple(
                    (quote(one.name), quote(one.basis), quote(_with_note(one)), quote(one.sureness)) for one in rows
                ),
            )
        )
        blocks.append(Remark(text=say(UNSURE)))
    return Section(anchor="options", heading=say("Options"), blocks=tuple(blocks), annex=True)


def _with_note(option: Option) -> str:
    return f"{option.condition} {option.note}".strip()
