"""Communications of special procedures, from the bundled payload to the annex of flags."""

from dataclasses import replace
from datetime import date

import issues
import pytest

from briefs.build import build_flags
from briefs.dossier import Letter, as_dossier
from domain.source import SourceClass
from domain.state import load_gazetteer
from horizon import stages
from horizon.issue import read_letters
from horizon.settings import load_settings
from warehouse.connection import open_store
from warehouse.outcome import Run


@pytest.fixture(scope="module", name="letters")
def _letters(tmp_path_factory: pytest.TempPathFactory) -> tuple[Letter, ...]:
    settings = replace(load_settings({}), var=tmp_path_factory.mktemp("letters"), week="2026-W13")
    stages.collect("sp_communications", settings)
    as_of = stages.load(settings=settings).as_of
    sources = (issues.source("sp_communications", source_class=SourceClass.SPECIAL_PROCEDURES),)
    empty = dict.fromkeys(
        ("states", "situations", "triggers", "gates", "series", "coverage", "incidents", "letters", "defects"), ()
    )
    run = Run(issue="2026-W13", as_of=as_of, method_version="m1", code_version="c1", sources=sources, **empty)
    with open_store(settings.var, settings.lens) as store:
        return read_letters(store, run, load_gazetteer(settings.reference))


def test_letters_to_states_are_read_with_mandates_and_day_and_those_to_companies_are_not(letters):
    # The bundled page has 30 communications; 10 of them went to companies and banks.
    assert len(letters) == 20
    assert not [letter for letter in letters if letter.reference.startswith("OTH")]
    one = next(letter for letter in letters if letter.reference == "FRA 1/2026")
    assert (one.sent_on, one.mandates) == (
        date(2026, 1, 21),
        ("freedom of peaceful assembly and of association", "peasants"),
    )
    assert one.url.startswith("https://spcommreports.ohchr.org/")


def test_each_mandate_of_each_letter_is_one_flag_under_its_calendar_year(letters):
    gazetteer = load_gazetteer()
    small = issues.silent_issue()
    made = replace(
        as_dossier(small),
        places=gazetteer.places,
        regions=gazetteer.regions,
        states=tuple(replace(small.states[0], place=place.code) for place in gazetteer.places),
        coverage=tuple(replace(small.coverage[0], place=place.code) for place in gazetteer.places),
        letters=letters,
    )
    view = build_flags(made)
    rows = [row for section in view.sections for block in section.blocks for row in getattr(block, "rows", ())]
    tabled = [row for row in rows if isinstance(row, tuple)]
    assert len(tabled) == sum(len(letter.mandates) for letter in letters)
    assert {row[0] for row in tabled} == {str(letter.sent_on.year) for letter in letters}
