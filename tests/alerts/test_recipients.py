"""Who gets what and when: budgets, quiet hours, deputies, escalation, acknowledgement."""

import json
import random
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import SENDER, SENT, alert, drafted, place_name, reader, released, standing

from alerts.budget import Used, free, goes_alone, next_digest, reserve
from alerts.compose import address, combine, compose, message_key
from alerts.escalation import TO_DEPUTIES, TO_DUTY, escalations
from alerts.notice import Failure, Released
from alerts.outbox import DIGEST, Message, Outbox, State
from alerts.recipients import Channel, Recipient, choose, load_recipients
from alerts.rules import draft_failure, load_cards
from alerts.signing import Key, acknowledge_link, message_id, read_link, read_message_ids
from domain.errors import Refused, UsageError
from domain.situation import Level

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


def test_each_reader_gets_the_notice_in_their_own_languages_and_time(tmp_path):
    people = [
        reader("fr", languages=("fr", "en"), zone=ZoneInfo("Europe/Zurich"), channels=(Channel.MAIL, Channel.CAP),
               cap="https://a.example/cap", secret="HOOK"),  # noqa: S106
        reader("zh", languages=("zh",)),
    ]  # fmt: skip
    with Outbox(tmp_path / "o.sqlite") as outbox:
        made = compose(released(alert()), people, sender=SENDER, outbox=outbox, name=place_name)
    told = {(one.recipient, one.channel): json.loads(one.payload) for one in made}
    assert "Ceci n’est pas une demande." in told["fr", Channel.MAIL]["text"]
    assert "(12:15 CEST)" in told["fr", Channel.MAIL]["text"]
    assert "待命" in told["zh", Channel.MAIL]["subject"]
    assert re.findall("<language>(..)</language>", told["fr", Channel.CAP]["body"]) == ["fr", "en"]


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


@pytest.mark.parametrize(("budget", "alone"), [(2, 0), (3, 1), (4, 0), (10, 3), (25, 11)])
def test_ordinary_notices_leave_half_of_the_budget_and_a_place_for_each_digest(budget, alone):
    """Half is kept (rounded down), two places are for digests, one in a budget below four."""
    went = [goes_alone(urgent=False, budget=budget, used=Used(urgent=0, ordinary=at), at=MONDAY) for at in range(30)]
    assert went.count(True) == alone
    flood = Used(urgent=0, ordinary=alone)
    assert free(urgent=True, budget=budget, used=flood, at=MONDAY) > 0


@pytest.mark.parametrize(("at", "places"), [
    (datetime(2026, 3, 30, tzinfo=UTC), 3),        # Monday: 10 less 3 told, 2 digests to come and 2 kept for later
    (datetime(2026, 4, 1, 12, tzinfo=UTC), 5),     # Wednesday noon: one digest to come, 1 kept
    (datetime(2026, 4, 5, 23, 59, tzinfo=UTC), 7),
])  # fmt: skip
def test_places_of_urgent_notices_grow_as_the_week_goes_by(at, places):
    assert free(urgent=True, budget=10, used=Used(urgent=0, ordinary=3), at=at) == places


@given(
    at=st.datetimes(timezones=st.just(UTC), min_value=FIRST, max_value=LAST),
    budget=st.integers(2, 40), urgent=st.integers(0, 40), ordinary=st.integers(0, 40),
)  # fmt: skip
def test_no_place_is_given_beyond_the_budget_or_from_the_urgent_half(at, budget, urgent, ordinary):
    used = Used(urgent=urgent, ordinary=ordinary)
    if free(urgent=True, budget=budget, used=used, at=at) > 0:
        assert urgent + ordinary < budget
    if free(urgent=False, budget=budget, used=used, at=at) > 0:
        assert urgent + ordinary < budget
        assert ordinary < budget - reserve(budget)


@given(at=st.datetimes(timezones=st.just(UTC), min_value=FIRST, max_value=LAST), budget=st.integers(2, 20))
def test_the_next_digest_lies_within_a_week_and_at_noon(at, budget):
    when = next_digest(at, budget)
    assert at <= when <= at + timedelta(days=8)
    assert (when.weekday() in {2, 4}, when.hour) == (True, 12)


@dataclass(frozen=True, slots=True)
class Left:
    """When each message of a feed left, to whom, and what was in it."""

    messages: list[Message]
    urgent: dict[str, datetime]
    waits: dict[tuple[str, str], timedelta]


def feed(outbox: Outbox, people: list[Recipient], *, every: int, alerts: int = 1000) -> Left:
    """A week of notices at random minutes, each `every`th urgent, with a pass of the sender each ten minutes."""
    chance = random.Random(7)  # noqa: S311
    outbox._db.execute("PRAGMA synchronous=OFF")  # budgets are looked at here, not kills
    start = datetime(2026, 3, 30, tzinfo=UTC)
    minutes = sorted(chance.sample(range(7 * 24 * 60 - 10), alerts))
    urgent: dict[str, datetime] = {}
    kinds = {grave: alert(level=Level.URGENT if grave else Level.EMERGING) for grave in (True, False)}
    number = 0
    outbox.admit([f"alert/HS-ALERT-2026-{at:08x}.1" for at in range(alerts)])
    for ten in range(7 * 24 * 6):
        while minutes and minutes[0] < ten * 10:
            sent = start + timedelta(minutes=minutes.pop(0))
            grave = number % every == every // 2
            notice = replace(kinds[grave], alert_id=f"HS-ALERT-2026-{number:08x}", situation_id=f"s{number}")
            number += 1
            one = Released(notice=notice, sent=sent)
            outbox.release(one, compose(one, people, sender=SENDER, outbox=outbox, name=place_name))
            if grave:
                urgent[notice.object_id] = sent
        combine(outbox, people, sender=SENDER, at=start + timedelta(minutes=ten * 10))
    messages = [one.message for one in outbox.messages()]
    by_key = {one.key: one for one in messages}
    waits = {}
    for one in messages:
        if one.object_id in urgent and one.state is not State.WAITING:
            left = by_key[one.digest].queued_at if one.digest else one.queued_at
            waits[one.recipient, one.object_id] = left - urgent[one.object_id]
    return Left(messages, urgent, waits)


def test_a_thousand_alerts_a_week_keep_every_budget_and_nothing_urgent_waits_behind_them(tmp_path):
    people = [
        reader(f"p{budget}", weekly_budget=budget, quiet_from=time(20), quiet_to=time(8)) for budget in (2, 10, 25)
    ]
    with Outbox(tmp_path / "o.sqlite") as outbox:
        left = feed(outbox, people, every=250)  # four urgent ones among a thousand
        for person in people:
            own = [one for one in left.messages if one.recipient == person.id]
            gone = [one for one in own if one.state is State.QUEUED]
            assert len(gone) <= person.weekly_budget, person.id
            told = {one.object_id for one in own if not one.object_id.startswith(DIGEST)}
            assert len(told) == 1000, "nothing is lost"
            # Nothing ordinary leaves while something urgent waits.
            for one in own:
                if one.object_id in left.urgent:
                    begun = left.urgent[one.object_id]
                    ended = begun + left.waits.get((person.id, one.object_id), timedelta(days=7))
                    assert not [other for other in gone if not other.urgent and begun < other.queued_at < ended]
        at_once = [left.waits["p25", name] for name in left.urgent]
        assert at_once == [timedelta(0)] * 4
        assert max(left.waits["p10", name] for name in left.urgent) <= timedelta(minutes=20)
        # What still waits goes into one digest of the next week.
        friday = datetime(2026, 4, 10, 12, tzinfo=UTC)
        combine(outbox, people, sender=SENDER, at=friday)
        assert outbox.waits() == {}


def test_hundreds_of_urgent_alerts_a_week_are_put_together_and_keep_the_budget(tmp_path):
    people = [reader(f"p{budget}", weekly_budget=budget) for budget in (2, 10)]
    with Outbox(tmp_path / "o.sqlite") as outbox:
        left = feed(outbox, people, every=1, alerts=300)
        for person in people:
            gone = [one for one in left.messages if one.recipient == person.id and one.state is State.QUEUED]
            assert len(gone) <= person.weekly_budget
            assert all(one.urgent for one in gone)
        waits = sorted(wait for (name, _), wait in left.waits.items() if name == "p10")
        assert waits[0] == timedelta(0)
        assert waits[-1] <= timedelta(hours=60)
        digest = next(one for one in left.messages if one.recipient == "p10" and one.object_id.startswith(DIGEST))
        assert "Urgent: " in json.loads(digest.payload)["subject"]


def test_a_burst_of_urgent_notices_leaves_within_minutes(tmp_path):
    """Tuesday, four a week, two of them for the digests to come: one alone, then ten minutes for the five others."""
    person = reader(weekly_budget=4)
    with Outbox(tmp_path / "o.sqlite") as outbox:
        for number in range(6):
            notice = alert(situation_id=f"s{number}", level=Level.URGENT)
            one = released(notice)
            outbox.release(one, compose(one, [person], sender=SENDER, outbox=outbox, name=place_name))
            outbox.admit([*(seen.message.object_id for seen in outbox.messages())])
        states = [one.message.state for one in outbox.messages()]
        assert (states.count(State.QUEUED), states.count(State.WAITING)) == (1, 5)
        assert combine(outbox, [person], sender=SENDER, at=SENT + timedelta(minutes=9)) == 0
        assert combine(outbox, [person], sender=SENDER, at=SENT + timedelta(minutes=10)) == 1
        (digest,) = [one.message for one in outbox.messages() if one.message.object_id.startswith(DIGEST)]
        assert digest.urgent
        assert json.loads(digest.payload)["text"].count("■ urgent · HS-ALERT-2026-") == 5
        assert digest.due_at == SENT + timedelta(minutes=10)


def test_one_notice_that_waited_leaves_as_it_is(tmp_path):
    person = reader(weekly_budget=2)
    with Outbox(tmp_path / "o.sqlite") as outbox:
        one = released(alert())
        outbox.release(one, compose(one, [person], sender=SENDER, outbox=outbox, name=place_name))
        outbox.admit([one.notice.object_id])
        friday = datetime(2026, 4, 3, 12, tzinfo=UTC)
        assert combine(outbox, [person], sender=SENDER, at=friday) == 0
        (left,) = [found.message for found in outbox.messages()]
        assert (left.state, left.queued_at, left.object_id) == (State.QUEUED, friday, one.notice.object_id)


def told_all(outbox: Outbox, people: list[Recipient], number: int, level: Level) -> list[Released]:
    """Notices of one instant, all approved and queued or waiting."""
    made = [released(alert(situation_id=f"s{at}", level=level)) for at in range(number)]
    outbox.admit([one.notice.object_id for one in made])
    for one in made:
        outbox.release(one, compose(one, people, sender=SENDER, outbox=outbox, name=place_name))
    return made


def test_a_withdrawn_notice_is_taken_out_of_a_digest_that_has_not_left(tmp_path):
    person = reader(weekly_budget=2)
    friday = datetime(2026, 4, 3, 12, tzinfo=UTC)
    with Outbox(tmp_path / "o.sqlite") as outbox:
        first, *_ = told_all(outbox, [person], 3, Level.EMERGING)
        combine(outbox, [person], sender=SENDER, at=friday)
        assert outbox.stop([first.notice.object_id]) == 1
        assert outbox.due(friday) == ()
        combine(outbox, [person], sender=SENDER, at=friday)
        (digest,) = outbox.due(friday)
        assert first.notice.notice_id not in digest.payload
        assert "2 notices" in digest.payload
        assert outbox.stop([first.notice.object_id]) == 0


def test_what_is_urgent_and_waits_asks_deputies_within_their_own_budgets(tmp_path):
    people = [reader("a", deputies=("b",), weekly_budget=2), reader("b", regions=frozenset({"APS"}), weekly_budget=4)]
    with Outbox(tmp_path / "o.sqlite") as outbox:
        made = told_all(outbox, people, 9, Level.URGENT)
        assert outbox.waits() == {"a": frozenset({True})}
        due = made[0].notice.acknowledge_by(SENT)
        asked = escalations(released=made, seen=outbox.messages(), recipients=people, duty=[], at=due)
        assert [one.recipient.id for one in asked] == ["b"] * 9
        for one in asked:
            outbox.add(
                address(
                    one.released, one.recipient, sender=SENDER, outbox=outbox, name=place_name, at=due, deputy=True,
                    step=one.step,
                )
            )  # fmt: skip
        combine(outbox, people, sender=SENDER, at=due + timedelta(minutes=10))
        of_deputy = [one.message for one in outbox.messages() if one.message.recipient == "b"]
        gone = [one for one in of_deputy if one.state is State.QUEUED]
        assert [one.urgent for one in gone] == [True, True]
        assert len(of_deputy) == 10, "one alone, eight in a digest, and the digest"
        # One answer to the digest is an answer to all that is in it.
        digest = next(one for one in gone if one.object_id.startswith(DIGEST))
        outbox.acknowledge(digest.key, at=due, how="link")
        left = escalations(released=made, seen=outbox.messages(), recipients=people, duty=["b"], at=due)
        assert left == ()
        later = due + (due - SENT)
        (asked_again,) = escalations(
            released=made, seen=outbox.messages(), recipients=[*people, reader("c")], duty=["c"], at=later
        )
        assert asked_again.recipient.id == "c", "for the one that nobody answered"


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
        "weekly_budget": good.replace("= 7", "= 1"),
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
