"""Who gets what and when: budgets, quiet hours, deputies, escalation, acknowledgement."""

import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import SENDER, SENT, alert, drafted, place_name, reader, released, standing

from alerts.budget import Used, goes_now, may_digest, next_digest, reserved, spare
from alerts.compose import combine, compose, message_key
from alerts.escalation import TO_DEPUTIES, TO_DUTY, escalations
from alerts.notice import Failure, Released
from alerts.outbox import DIGEST, Outbox, State
from alerts.recipients import Channel, choose, load_recipients
from alerts.rules import draft_failure, load_cards
from alerts.signing import Key, acknowledge_link, message_id, read_link, read_message_ids
from domain.errors import Refused, UsageError
from domain.situation import Level
from domain.window import Week

FIRST, LAST = datetime(2020, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001  (hypothesis adds the zone)
MONDAY = datetime(2026, 3, 30, 8, tzinfo=UTC)


def test_regions_and_levels_choose_the_readers():
    everyone = reader("all")
    other = reader("other", regions=frozenset({"APS"}))
    urgent = reader("urgent", levels=frozenset({Level.URGENT}))
    operator = reader("operator", technical=True)
    assert [one.id for one, _ in choose([everyone, other, urgent, operator], alert(), at=SENT)] == ["all"]
    technical = draft_failure(Failure(issue="i", step="draft", sort="x"), cards=load_cards(), as_of=MONDAY)
    assert [one.id for one, _ in choose([everyone, operator], technical, at=SENT)] == ["operator"]


def test_who_was_told_of_a_rise_is_told_of_the_fall():
    urgent = reader("urgent", levels=frozenset({Level.URGENT}))
    fall = drafted(standing(level=Level.EMERGING), released(alert(level=Level.URGENT)))
    assert fall is not None
    assert urgent.wants(fall)


def test_a_deputy_gets_it_while_somebody_is_away_and_nobody_gets_it_twice():
    away = reader("a", deputies=("b", "c"), away=((date(2026, 3, 30), date(2026, 4, 2)),))
    found = choose([away, reader("b", regions=frozenset({"APS"})), reader("c")], alert(), at=SENT)
    assert {one.id: deputy for one, deputy in found} == {"a": False, "b": True, "c": False}
    later = choose([away, reader("b", regions=frozenset({"APS"})), reader("c")], alert(), at=SENT + timedelta(days=9))
    assert {one.id for one, _ in later} == {"a", "c"}


def test_quiet_hours_hold_what_is_not_urgent_until_they_end_in_the_readers_own_zone():
    quiet = reader(zone=ZoneInfo("Asia/Kolkata"), quiet_from=time(21), quiet_to=time(7))
    evening = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # 21:30 there
    assert quiet.next_waking(evening) == datetime(2026, 4, 1, 1, 30, tzinfo=UTC)
    night = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)  # 01:30 of the next day there
    assert quiet.next_waking(night) == datetime(2026, 4, 1, 1, 30, tzinfo=UTC)
    noon = datetime(2026, 3, 31, 6, 30, tzinfo=UTC)
    assert quiet.next_waking(noon) == noon


def test_quiet_hours_end_on_the_wall_clock_through_a_change_to_summer_time():
    quiet = reader(zone=ZoneInfo("Europe/Zurich"), quiet_from=time(22), quiet_to=time(7))
    assert quiet.next_waking(datetime(2026, 3, 28, 22, 0, tzinfo=UTC)) == datetime(2026, 3, 29, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize("budget", [0, 1, 2, 3, 10])
def test_a_budget_keeps_places_for_digests(budget):
    assert [goes_now(urgent=False, budget=budget, used=Used(total=at, digests=0)) for at in range(12)].count(
        True
    ) == budget - reserved(budget) - spare(budget)
    assert goes_now(urgent=True, budget=budget, used=Used(total=99, digests=2))
    assert not may_digest(budget=budget, used=Used(total=budget, digests=0))


@given(at=st.datetimes(timezones=st.just(UTC), min_value=FIRST, max_value=LAST), budget=st.integers(1, 20))
def test_the_next_digest_lies_within_a_week_and_at_noon(at, budget):
    when = next_digest(at, budget)
    assert at <= when <= at + timedelta(days=8)
    assert (when.weekday() in {2, 4}, when.hour) == (True, 12)


@pytest.mark.parametrize("seed", [1])
def test_a_thousand_alerts_a_week_keep_every_budget_and_nothing_urgent_waits(seed, tmp_path_factory):
    chance = random.Random(seed)  # noqa: S311
    people = [reader(f"p{at}", weekly_budget=budget) for at, budget in enumerate([0, 1, 3, 10, 25])]
    quiet = reader("quiet", weekly_budget=5, quiet_from=time(20), quiet_to=time(8))
    everyone = [*people, quiet]
    minutes = sorted(chance.sample(range(7 * 24 * 60), 1000))
    urgent_ids = set()
    with Outbox(tmp_path_factory.mktemp("week") / "o.sqlite") as outbox:
        start = datetime(2026, 3, 30, tzinfo=UTC)
        live = []
        for number, minute in enumerate(minutes):
            at = start + timedelta(minutes=minute)
            urgent = number % 250 == 0
            notice = alert(situation_id=f"s{number}", level=Level.URGENT if urgent else Level.EMERGING)
            one = Released(notice=notice, sent=at)
            made = compose(one, everyone, sender=SENDER, outbox=outbox, name=place_name)
            live.append(notice.object_id)
            if urgent:
                urgent_ids.add(notice.object_id)
                assert all(found.due_at == at and found.state is State.QUEUED for found in made)
            outbox.release(one, made)
            if number % 100 == 0:
                outbox.admit(live)
                combine(outbox, everyone, sender=SENDER, at=at)
        outbox.admit(live)
        combine(outbox, everyone, sender=SENDER, at=start + timedelta(days=6, hours=23))
        seen = [one.message for one in outbox.messages()]
        for person in everyone:
            own = [one for one in seen if one.recipient == person.id]
            leaves = [one for one in own if one.state is State.QUEUED]
            ordinary = [one for one in leaves if not one.urgent]
            assert len(ordinary) <= person.weekly_budget, person.id
            beyond = max(0, len(urgent_ids) - spare(person.weekly_budget))
            assert len(leaves) <= person.weekly_budget + beyond, person.id
            assert len({one.object_id for one in own if not one.object_id.startswith(DIGEST)}) == 1000, (
                "nothing is lost"
            )
            assert urgent_ids <= {one.object_id for one in leaves}
        # In the next week what still waits goes into one digest, within that week's budget.
        friday = start + timedelta(days=11, hours=13)
        combine(outbox, everyone, sender=SENDER, at=friday)
        left = [one.message for one in outbox.messages() if one.message.state is State.WAITING]
        assert {one.recipient for one in left} <= {"p0"}, "whoever has a budget of nothing reads the desk"
        assert str(Week.of(friday.date())) == "2026-W15"


def test_nobody_acknowledged_so_deputies_are_asked_and_then_the_duty_officer(tmp_path):
    people = [reader("a", deputies=("b",)), reader("b", regions=frozenset({"APS"})), reader("duty", technical=True)]
    one = released(alert())
    due = one.notice.acknowledge_by(SENT)
    with Outbox(tmp_path / "o.sqlite") as outbox:
        outbox.release(one, compose(one, people, sender=SENDER, outbox=outbox, name=place_name))
        outbox.admit([one.notice.object_id])

        def overdue(at):
            return escalations(
                released=outbox.released(), seen=outbox.messages(), recipients=people, duty=["duty"], at=at
            )

        assert overdue(due - timedelta(minutes=1)) == ()
        (first,) = overdue(due)
        assert (first.recipient.id, first.instead_of, first.step) == ("b", "a", TO_DEPUTIES)
        (second, third) = overdue(due + (due - SENT))
        assert [(found.recipient.id, found.step) for found in (second, third)] == [
            ("b", TO_DEPUTIES),
            ("duty", TO_DUTY),
        ]
        outbox.acknowledge(message_key(one.notice.object_id, "a", Channel.MAIL), at=due, how="link")
        assert overdue(due + (due - SENT)) == ()


def test_what_waits_for_a_digest_asks_no_deputy(tmp_path):
    people = [reader("a", deputies=("b",), weekly_budget=0), reader("b", regions=frozenset({"APS"}))]
    one = released(alert())
    with Outbox(tmp_path / "o.sqlite") as outbox:
        outbox.release(one, compose(one, people, sender=SENDER, outbox=outbox, name=place_name))
        outbox.admit([one.notice.object_id])
        late = one.notice.acknowledge_by(SENT) + timedelta(days=9)
        found = escalations(released=outbox.released(), seen=outbox.messages(), recipients=people, duty=[], at=late)
    assert found == ()


def test_a_deputys_word_is_enough(tmp_path):
    people = [reader("a", deputies=("b",)), reader("b")]
    one = released(alert())
    with Outbox(tmp_path / "o.sqlite") as outbox:
        outbox.release(one, compose(one, people, sender=SENDER, outbox=outbox, name=place_name))
        outbox.admit([one.notice.object_id])
        outbox.acknowledge(message_key(one.notice.object_id, "b", Channel.MAIL), at=SENT, how="reply")
        late = one.notice.acknowledge_by(SENT) + timedelta(days=9)
        assert (
            escalations(released=outbox.released(), seen=outbox.messages(), recipients=people, duty=[], at=late) == ()
        )


def test_a_link_acknowledges_one_message_and_cannot_be_changed():
    key = Key(b"1" * 32)
    link = acknowledge_link(key, "https://desk.example/", message="a" * 20, until=SENT + timedelta(days=14))
    assert read_link(key, link, at=SENT) == "a" * 20
    assert set(parse_qs(urlsplit(link).query)) == {"m", "u", "s"}, "no person, no State, no alert"
    for broken in (link.replace("aaa", "bbb"), link[:-1] + ("A" if link[-1] != "A" else "B"), "https://desk.example/x"):
        with pytest.raises(Refused):
            read_link(key, broken, at=SENT)
    with pytest.raises(Refused):
        read_link(Key(b"2" * 32), link, at=SENT)
    with pytest.raises(Refused):
        read_link(key, link, at=SENT + timedelta(days=15))


def test_a_reply_names_only_what_we_sent():
    key = Key(b"1" * 32)
    ours = message_id(key, "b" * 20, "desk.example")
    assert read_message_ids(key, f"<x@y> {ours}") == ("b" * 20,)
    assert read_message_ids(Key(b"2" * 32), ours) == ()
    assert read_message_ids(key, ours.replace("bbb", "ccc")) == ()


def test_a_key_prints_as_nothing():
    assert "1" not in repr(Key(b"1" * 32))


def test_recipients_are_read_and_a_fault_names_entry_and_field_and_not_the_person(tmp_path: Path):
    good = """
[[recipient]]
id = "desk-afr"
channels = ["mail"]
mail = "secret.person@people.example"
regions = ["AFR"]
languages = ["fr"]
zone = "Europe/Zurich"
quiet_from = 22:00:00
quiet_to = 06:00:00
weekly_budget = 7
away = ["2026-08-01/2026-08-14"]
"""
    path = tmp_path / "recipients.toml"
    path.write_text(good, "utf-8")
    (one,) = load_recipients(path)
    assert (one.language, one.weekly_budget, one.quiet_from) == ("fr", 7, time(22))
    faults = {
        "mail": good.replace("secret.person@people.example", "secret person"),
        "channels": good.replace('["mail"]', '["pigeon"]'),
        "hook": good.replace('["mail"]', '["hook"]'),
        "zone": good.replace("Europe/Zurich", "secret/Zone"),
        "languages": good.replace('["fr"]', '["xx"]'),
        "weekly_budget": good.replace("= 7", "= -1"),
        "deputies": good + 'deputies = ["nobody"]\n',
        "colour": good + 'colour = "secret"\n',
        "id": good.replace("desk-afr", "Secret Person"),
    }
    for field, text in faults.items():
        path.write_text(text, "utf-8")
        with pytest.raises(UsageError) as error:
            load_recipients(path)
        assert field in str(error.value)
        assert "secret" not in str(error.value).casefold()
