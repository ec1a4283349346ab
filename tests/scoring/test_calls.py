"""A mention is not a call; a call is a proposal with its sentence. Invented States, in the wording of such texts."""

import pytest

from domain.state import load_gazetteer
from scoring.coding.calls import propose
from scoring.coding.mentions import load_mentions

# The words of these texts are ours; they say nothing of the States whose names they need so as to be found.
A, B = "Norland", "Sudland"


@pytest.fixture(scope="module")
def mentions():
    return Named()


class Named:
    """Finds the invented names as `Mentions` finds the real ones."""

    def find(self, text, *, language=""):
        return [Found(code) for code in ALL for _ in range(text.count(code))]


class Found:
    def __init__(self, code):
        self.code = code


ALL = (A, B, *(f"Land{number:02d}" for number in range(40)))


def kinds(mentions, title, content, language="en"):
    found = propose(title=title, content=content, language=language, places=(), mentions=mentions)
    return {one.place: one.kind for one in found}


CALL = "The High Commissioner for Human Rights today called on the authorities of Norland to release all detainees."
MENTION = "The High Commissioner for Human Rights spoke about prisons in Norland."


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (CALL, "a"),
        (MENTION, "mention"),
        (f"{MENTION} The authorities must investigate the deaths.", "a"),
        (f"{MENTION} OHCHR urges the Human Rights Council to convene a special session.", "b"),
        (f"{MENTION} The report must be finished.", "mention"),
    ],
)
def test_a_call_is_an_imperative_to_somebody_named(mentions, text, kind):
    assert kinds(mentions, "Norland", text) == {A: kind}


def test_forty_states_in_a_global_update_are_forty_mentions(mentions):
    text = " ".join(f"I call on the authorities of {one} to release detainees." for one in ALL[2:])
    found = kinds(mentions, "Global update by the UN High Commissioner for Human Rights", text)
    assert len(found) == 40
    assert set(found.values()) == {"mention"}


def test_one_mandate_is_no_office_and_three_are(mentions):
    one = "The Special Rapporteur on torture called on the Government of Norland to release detainees."
    assert kinds(mentions, "Norland", one) == {}
    three = f"{one} With her spoke the Special Rapporteur on assembly and the Working Group on disappearances."
    assert kinds(mentions, "Norland", three) == {A: "a"}


def test_an_end_of_visit_statement_is_a_mention(mentions):
    assert kinds(mentions, "Norland: expert ends visit", CALL) == {A: "mention"}


def test_a_sentence_on_two_states_calls_on_neither(mentions):
    text = "The High Commissioner for Human Rights urges Norland and Sudland: their authorities must stop the shelling."
    assert kinds(mentions, "Two States", text) == {A: "mention", B: "mention"}


def test_what_nobody_here_can_read_gives_no_proposal(mentions):
    assert kinds(mentions, "Norland", CALL, language="fr") == {}


def test_the_sentence_stands_in_the_text_where_the_offsets_say(mentions):
    (found,) = propose(title="Norland", content=CALL, language="en", places=(), mentions=mentions)
    text = f"Norland\n\n{CALL}"
    assert text[found.start : found.end].strip() == found.sentence == CALL


def test_real_tables_of_names_serve_too():
    gazetteer = load_gazetteer()
    found = propose(
        title="Statement",
        content=MENTION.replace(A, gazetteer.places[0].name),
        language="en",
        places=(),
        mentions=load_mentions(gazetteer),
    )
    assert [one.kind for one in found] == ["mention"]
