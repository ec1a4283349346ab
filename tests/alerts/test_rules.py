"""When a notice is written: one alert a situation, updates that refer to the first, and an end."""

import re
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import AS_OF, GRAVITY, SENT, alert, drafted, released, standing

from alerts.notice import Confidence, Failure, Move, Rule, from_json, to_json
from alerts.rules import CARDS, Chain, draft_failure, draft_notices, load_cards
from domain.errors import UsageError
from domain.situation import Coverage, Level
from domain.source import SourceClass


def test_a_rise_to_emerging_concern_opens_an_alert():
    found = alert()
    assert (found.move, found.number, found.rules[0]) == (Move.ALERT, 1, Rule.LEVEL_CHANGED)
    assert found.references == ()
    assert found.people == 2


def test_watch_without_a_grave_trigger_tells_nobody():
    assert drafted(standing(level=Level.WATCH, triggers=("T07",))) is None


def test_a_grave_trigger_at_watch_opens_an_alert_that_one_person_may_approve():
    found = drafted(standing(level=Level.WATCH))
    assert found is not None
    assert (found.rules, found.people, found.urgent) == ((Rule.TRIGGER_MET,), 1, False)


def test_the_same_news_again_is_no_news():
    assert drafted(standing(), released(alert()), as_of=AS_OF) is None


def test_a_further_rise_is_an_update_that_refers_to_the_first():
    first = alert()
    found = drafted(standing(level=Level.URGENT), released(first))
    assert found is not None
    assert (found.move, found.alert_id, found.number) == (Move.UPDATE, first.alert_id, 2)
    assert [one.notice_id for one in found.references] == [first.notice_id]
    assert found.references[0].sent == SENT
    assert found.urgent


def test_the_end_is_a_cancel_that_refers_to_every_notice_before_it():
    first = alert()
    second = drafted(standing(level=Level.URGENT), released(first))
    assert second is not None
    last = drafted(standing(level=Level.NONE, triggers=()), released(first), released(second))
    assert last is not None
    assert last.move is Move.CANCEL
    assert [one.notice_id for one in last.references] == [first.notice_id, second.notice_id]
    assert not last.urgent


def test_after_a_cancel_a_new_rise_is_a_new_alert():
    first = alert()
    ended = drafted(standing(level=Level.NONE, triggers=()), released(first))
    assert ended is not None
    again = drafted(standing(), released(first), released(ended), as_of=AS_OF + timedelta(days=30))
    assert again is not None
    assert (again.move, again.number, again.references) == (Move.ALERT, 1, ())
    assert again.alert_id != first.alert_id


@pytest.mark.parametrize("coverage", [Coverage.NONE, Coverage.LIMITED, Coverage.FAILED])
def test_a_situation_that_cannot_be_seen_is_held_and_never_ended(coverage):
    unseen = standing(level=Level.NONE, triggers=(), classes=(), origins=0, coverage=coverage)
    found = drafted(unseen, released(alert()))
    assert found is not None
    assert (found.move, found.rules) == (Move.UPDATE, (Rule.HELD,))
    assert (found.level, found.triggers) == (Level.EMERGING, ("T01",))
    assert found.held_since


def test_an_update_never_shows_that_a_class_fell_silent():
    found = drafted(standing(held_since="2026-03-30", classes=(SourceClass.MEDIA,), origins=1), released(alert()))
    assert found is not None
    assert found.classes == (SourceClass.CIVIL_SOCIETY, SourceClass.MEDIA)
    assert found.confidence is Confidence.MODERATE


def test_a_level_does_not_fall_while_coverage_is_limited():
    found = drafted(standing(level=Level.WATCH, coverage=Coverage.LIMITED, triggers=("T01", "T02")), released(alert()))
    assert found is not None
    assert (found.rules, found.level) == ((Rule.TRIGGER_MET,), Level.EMERGING)


def test_word_that_was_promised_comes_before_the_last_notice_runs_out():
    first = released(alert(), sent=AS_OF + timedelta(hours=10))
    assert drafted(standing(), first, as_of=AS_OF + timedelta(days=1)) is not None
    found = drafted(standing(), first, as_of=AS_OF + timedelta(days=7))
    assert found is not None
    assert found.rules == (Rule.UNCHANGED,)


def test_confidence_is_low_with_one_origin_or_one_class():
    assert alert(origins=1).confidence is Confidence.LOW
    assert alert(classes=(SourceClass.MEDIA,)).confidence is Confidence.LOW
    assert alert(coverage=Coverage.LIMITED).confidence is Confidence.LOW
    assert alert().confidence is Confidence.MODERATE


def test_a_technical_notice_needs_no_approver_and_tells_only_the_sort_of_error():
    found = draft_failure(Failure(issue="2026-W13", step="draft", sort="Refused"), cards=load_cards(), as_of=AS_OF)
    assert (found.technical, found.people, found.place, found.urgent) == (True, 0, "", True)


@given(places=st.permutations(["XRU", "XGE", "XOR"]))
def test_swapping_places_swaps_their_notices_and_nothing_else(places):
    levels = (Level.EMERGING, Level.URGENT, Level.WATCH)
    seen = [standing(situation_id=f"s{at}", place=place, level=levels[at]) for at, place in enumerate(places)]
    found = draft_notices(standings=seen, chains={}, cards=load_cards(), gravity=GRAVITY, as_of=AS_OF)
    plain = [replace(one, place="") for one in found]
    order = [one.situation_id for one in found]
    assert order == ["s1", "s0", "s2"]
    assert {one.level for one in plain} == set(levels)
    assert [one.place for one in found] == [places[1], places[0], places[2]]


@given(levels=st.lists(st.sampled_from(list(Level)), min_size=1, max_size=12))
def test_every_chain_is_complete(levels):
    """Whatever the levels do: numbers run on, each notice refers to all before it, and nothing follows a Cancel."""
    told = []
    for week, level in enumerate(levels):
        at = AS_OF + timedelta(days=7 * week)
        seen = standing(level=level, triggers=("T01",) if level is not Level.NONE else ())
        chain = {"s1": Chain(told=tuple(told))} if told else {}
        for one in draft_notices(standings=[seen], chains=chain, cards=load_cards(), gravity=GRAVITY, as_of=at):
            if one.move is Move.ALERT:
                told = []
            assert [ref.notice_id for ref in one.references] == [before.notice.notice_id for before in told]
            assert one.number == len(told) + 1
            assert (one.move is Move.CANCEL) == (one.level is Level.NONE)
            told.append(released(one, sent=at))
        assert not told or told[-1].notice.level is level or level is Level.NONE


def test_a_notice_reads_back_as_it_was_written():
    found = drafted(standing(level=Level.URGENT), released(alert()))
    assert found is not None
    assert from_json(to_json(found)) == found
    assert replace(found, level=Level.WATCH).object_hash != found.object_hash


def test_no_card_names_a_place(root: Path):
    codes = {line.split(",")[0] for line in (root / "domain/reference/states.csv").read_text("utf-8").splitlines()[1:]}
    for path in CARDS.glob("*.toml"):
        assert not codes & set(re.findall(r"\b[A-Z]{3}\b", path.read_text("utf-8")))
        assert tomllib.loads(path.read_text("utf-8"))["paragraph"]


def test_a_misspelt_card_stops_everything(tmp_path: Path):
    for path in CARDS.glob("*.toml"):
        text = path.read_text("utf-8").replace("expire_days", "expires_days")
        (tmp_path / path.name).write_text(text, "utf-8")
    with pytest.raises(UsageError, match="level_changed"):
        load_cards(tmp_path)
