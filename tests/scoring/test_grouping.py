"""One incident, once: what merges, what does not, and why. Fictional places and persons throughout."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import UsageError
from domain.source import SourceClass
from scoring.grouping.group import group
from scoring.grouping.item import Flag, Grouped, Item, Merge, Split
from tests.bench.events import Dice, generate
from tests.bench.grouping import across, pairwise, to_item

MONDAY = datetime(2024, 3, 4, 12, tzinfo=UTC)
BODY = (
    "Police arrested 14 students in Karvelo on Monday. "
    "Ivan Peshkur, 34, was among them, his sister Dorna Peshkur said. "
    "The old bridge was closed until noon and shops near the harbour kept their shutters down. "
    "A lawyer of the detained said that no warrant had been shown to anyone."
)


def item(id_: str, title: str, content: str = "", *, hours: float = 0, **more: object) -> Item:
    return Item(id=id_, title=title, content=content, published_at=MONDAY + timedelta(hours=hours), **more)


def by_id(*items: Item, **more: object) -> dict[str, Grouped]:
    return {one.id: one for one in group(items, **more).items}


def together(found: dict[str, Grouped], *ids: str) -> bool:
    return len({found[one].incident_id for one in ids}) == 1


def test_an_exact_copy_is_one_incident_and_one_origin():
    found = by_id(item("a", "Arrests in Karvelo", BODY), item("b", "Arrests in Karvelo", BODY, hours=5))
    assert together(found, "a", "b")
    assert found["a"].origin_id == found["b"].origin_id
    assert found["a"].reason == "first report of this incident"
    assert found["b"].reason == "copy of a: 100 % of the words"


def test_an_edited_copy_says_how_much_of_the_words():
    found = by_id(
        item("a", "Arrests in Karvelo", BODY), item("b", "Students held", BODY[: BODY.index("A lawyer")], hours=5)
    )
    assert together(found, "a", "b")
    assert found["b"].reason.startswith("copy of a: ")
    assert found["a"].origin_id == found["b"].origin_id


def test_an_update_with_a_changed_figure_stays_the_same_incident():
    later = "UPDATE 2: Arrests in Karvelo (updated)"
    found = by_id(item("a", "Arrests in Karvelo", BODY), item("b", later, BODY.replace("14", "17"), hours=9))
    assert together(found, "a", "b")
    assert Flag.UPDATE in found["b"].flags
    assert Flag.CONFLICT in found["b"].flags


@pytest.mark.parametrize(
    ("language", "title", "content"),
    [
        (
            "fr",
            "Quatorze étudiants arrêtés à Karvelo",
            "La police a arrêté 14 étudiants à Karvelo lundi. Ivan Peshkur, 34 ans, en fait partie.",
        ),
        (
            "es",
            "Catorce estudiantes detenidos en Karvelo",
            "La policía detuvo a 14 estudiantes en Karvelo el lunes. Ivan Peshkur, de 34 años, está entre ellos.",
        ),
        (
            "ru",
            "В Карвело задержаны студенты",
            "Полиция задержала 14 студентов в Карвело в понедельник. Среди них Иван Пешкур, 34 лет.",
        ),
        (
            "ar",
            "اعتقال طلاب في كارفيلو",
            "اعتقلت الشرطة 14 طالبا في مدينة كارفيلو يوم الاثنين. من بينهم إيفان بيشكور البالغ 34 عاما.",
        ),
        ("zh", "卡尔韦洛学生被捕", "警方周一在卡尔韦洛市逮捕十四名学生。其中有34岁的伊万·佩什库尔。"),
    ],
)
def test_a_report_in_another_language_joins_its_event(language, title, content):
    found = by_id(item("a", "Arrests in Karvelo", BODY), item("b", title, content, hours=6, language=language))
    assert together(found, "a", "b")
    assert "in two languages" in found["b"].reason


def test_reasons_never_name_a_person():
    found = by_id(
        item("a", "Arrests in Karvelo", BODY),
        item(
            "b",
            "В Карвело задержаны студенты",
            "Задержаны 14 студентов в Карвело. Иван Пешкур, 34 лет.",
            hours=6,
            language="ru",
        ),
    )
    assert "names shared" in found["b"].reason
    assert not any("Peshkur" in one.reason or "Пешкур" in one.reason for one in found.values())


def test_one_mould_with_other_names_and_figures_is_many_events():
    towns = ("Karvelo", "Dorsk", "Mirapol", "Tasgora", "Velnor", "Lukbar")
    made = [
        item(
            str(at),
            f"Police arrest {7 + at * 5} people in {town}",
            f"Police arrested {7 + at * 5} people in {town} on Monday, the ministry said.",
        )
        for at, town in enumerate(towns)
    ]
    assert len({one.incident_id for one in by_id(*made).values()}) == len(towns)


def test_the_same_place_and_class_two_days_apart_are_two_events():
    found = by_id(
        item("a", "Arrests in Karvelo", "Police detained 14 students in Karvelo on 4 March."),
        item("b", "Arrests in Karvelo again", "Police detained 31 teachers in Karvelo on 6 March.", hours=48),
    )
    assert not together(found, "a", "b")


def test_a_late_report_that_names_the_day_joins_the_event():
    late = "A hearing began on the arrest of 14 students in Karvelo on 4 March. Ivan Peshkur is among the accused."
    found = by_id(item("a", "Arrests in Karvelo", BODY), item("b", "Hearing in Karvelo", late, hours=24 * 30))
    assert together(found, "a", "b")


def test_a_roundup_chains_nothing():
    other = "Gunmen killed nine miners near Dorsk on Saturday. Relatives of Tamo Velkin asked for an inquiry."
    found = by_id(
        item("a", "Arrests in Karvelo", BODY),
        item("b", "Miners killed near Dorsk", other, hours=2),
        item("c", "Weekly roundup", f"{BODY} {other}", hours=30),
    )
    assert len({one.incident_id for one in found.values()}) == 3
    assert Flag.DIGEST in found["c"].flags


def test_a_footer_of_an_outlet_merges_nothing():
    footer = (
        "Write to the desk of the Harbour Gazette at its quayside tower; the gazette lives by its faithful readers."
    )
    events = [
        ("Karvelo", "Police arrested 14 students"),
        ("Dorsk", "Gunmen killed 9 miners"),
        ("Mirapol", "Soldiers burned 30 houses"),
        ("Tasgora", "A court closed 3 newspapers"),
        ("Velnor", "Agents abducted 2 lawyers"),
    ]
    made = [
        item(
            str(at), f"{what} in {town}", f"{what} in {town}. {footer}", hours=36 * at, link="https://gazette.example/1"
        )
        for at, (town, what) in enumerate(events)
    ]
    assert len({one.incident_id for one in by_id(*made).values()}) == len(events)


def test_independent_reports_of_one_event_are_two_origins():
    own = "In Karvelo, 14 students are in custody after a Monday raid; relatives of Ivan Peshkur wait at the gate."
    found = by_id(
        item("a", "Arrests in Karvelo", BODY, link="https://gazette.example/1"),
        item("b", "Raid in Karvelo", own, hours=6, link="https://tribune.example/7"),
    )
    assert together(found, "a", "b")
    assert found["a"].origin_id != found["b"].origin_id


def test_two_data_providers_are_together_one_origin():
    own = "In Karvelo, 14 students are in custody after a Monday raid; relatives of Ivan Peshkur wait at the gate."
    found = by_id(
        item("a", "Arrests in Karvelo", BODY, origin_hint="One", source_class=SourceClass.DATA_PROVIDER),
        item("b", "Raid in Karvelo", own, hours=6, origin_hint="Two", source_class=SourceClass.DATA_PROVIDER),
    )
    assert found["a"].origin_id == found["b"].origin_id


def test_a_mechanism_that_acts_on_a_known_event_is_no_second_origin():
    own = "Experts wrote about 14 students held in Karvelo since Monday 4 March, among them Ivan Peshkur."
    found = by_id(
        item("a", "Arrests in Karvelo", BODY),
        item("b", "Letter on arrests in Karvelo", own, hours=200, source_class=SourceClass.SPECIAL_PROCEDURES),
    )
    assert together(found, "a", "b")
    assert found["a"].origin_id == found["b"].origin_id
    assert Flag.TAKEN_UP in found["b"].flags


def test_a_case_in_two_procedures_is_linked_and_counted_once():
    found = by_id(
        item("a", "Arrests in Karvelo", BODY, procedure_ref="AL 1/2024"),
        item("b", "Arrests in Karvelo", BODY, hours=50, procedure_ref="Petition 9"),
    )
    assert together(found, "a", "b")
    assert Flag.LINKED in found["a"].flags


def test_a_campaign_of_many_sites_is_one_origin_and_flagged():
    made = [
        item(f"{at}", f"Statement {at} of the coalition", BODY, hours=at, link=f"https://site{at}.example/")
        for at in range(14)
    ]
    found = by_id(*made)
    assert len({one.incident_id for one in found.values()}) == 1
    assert len({one.origin_id for one in found.values()}) == 1
    assert all(Flag.COORDINATED in one.flags for one in found.values())


def test_a_named_person_merges_and_splits_and_can_take_it_back():
    made = (
        item("a", "Arrests in Karvelo", BODY),
        item("b", "Arrests in Karvelo", BODY, hours=5),
        item("c", "Miners killed near Dorsk", "Gunmen killed nine miners near Dorsk.", hours=2),
    )
    before = group(made)
    merged = by_id(*made, merges=[Merge(items=("a", "c"), by="Ana Reviewer", reason="one operation")])
    assert together(merged, "a", "b", "c")
    assert "Ana Reviewer" in merged["c"].reason
    split = by_id(*made, splits=[Split(items=("b",), by="Ana Reviewer", reason="another day")])
    assert not together(split, "a", "b")
    assert group(made) == before


def test_an_override_without_a_name_is_refused():
    with pytest.raises(UsageError):
        group([item("a", "Arrests")], merges=[Merge(items=("a",), by=" ", reason="because")])


def test_the_order_of_items_changes_nothing():
    made = [to_item(one) for one in generate(300, seed=21, wording="tune")]
    shuffled = made[:]
    Dice(3).shuffle(shuffled)
    assert {one.id: one for one in group(made).items} == {one.id: one for one in group(shuffled).items}


def test_a_permutation_of_states_changes_nothing():
    made = [to_item(one) for one in generate(300, seed=22, wording="tune")]
    names = sorted({one.state for one in made} - {""})
    swap = dict(zip(names, names[1:] + names[:1], strict=True)) | {"": ""}
    swapped = [replace(one, state=swap[one.state]) for one in made]
    assert group(made) == group(swapped)


def test_missing_dates_and_states_count_neither_way():
    found = by_id(Item(id="a", title="Arrests in Karvelo", content=BODY), item("b", "Students held", BODY))
    assert together(found, "a", "b")
    assert Flag.UNDATED in found["a"].flags


def test_no_items_give_no_rows():
    assert group([]).items == ()


def test_precision_and_recall_hold_on_wording_that_was_not_tuned_on():
    english = generate(500, seed=31, wording="held", languages=("en",))
    precision, recall = pairwise(
        [one.gold for one in english], [one.incident_id for one in group([to_item(one) for one in english]).items]
    )
    assert precision >= 0.95
    assert recall >= 0.85
    six = generate(900, seed=32, wording="held")
    precision, recall = across(six, [one.incident_id for one in group([to_item(one) for one in six]).items])
    assert precision >= 0.90
    assert recall >= 0.60


def test_a_week_of_one_crisis_does_not_become_one_incident():
    made = generate(600, seed=33, wording="held", languages=("en",), states=1)
    found = [one.incident_id for one in group([to_item(one) for one in made]).items]
    assert max(found.count(one) for one in set(found)) <= 16
