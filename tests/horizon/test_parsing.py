"""A load reads strangers' bytes in workers: what breaks one is that payload's defect, and the rest is loaded."""

import pytest
from fictional import LOOKS, World, feed, row, wire

from collectors.base import parse_all
from domain.classification import Lens
from domain.source import load_cards
from horizon import parsing, stages
from horizon.parsing import Readers
from horizon.worker import Limits
from warehouse.connection import open_store
from warehouse.landing import Damaged, LandedPayload, read_records

SOUND = feed(("f1", "Harbour opens", "Wed, 03 Jan 2024 10:00:00 GMT"))
ENDLESS = b'<rss version="2.0"><channel>' + b"<a>" * 1_000_000


def landed(world: World, *sources: str) -> list[LandedPayload]:
    for source in sources:
        stages.collect(source, world.settings())
    return [one for one in read_records(world.settings().landing) if isinstance(one, LandedPayload)]


def test_a_payload_without_end_is_a_defect_of_its_own_and_the_rest_is_loaded(tmp_path, monkeypatch):
    world = World(tmp_path).with_sources()
    world.look("gazette_feed", ENDLESS, LOOKS[-1].replace(hour=9), kind="rss")
    landed(world, "gazette_feed", "gazette_wire")
    monkeypatch.setattr(stages, "Readers", lambda cards: Readers(cards, Limits(seconds=0.5)))
    done = stages.load(settings=world.settings())
    with open_store(world.settings().var, Lens.PUBLIC) as store:
        (defect,) = [one for one in store.dump("raw_defects").to_dicts() if one["level"] == "error"]
    assert (defect["source_id"], defect["check_name"]) == ("gazette_feed", "out_of_time")
    assert defect["evidence"] == "reading it was stopped; a payload has 0.5 s and 512 MB"
    # The wire at its four looks has 2, 3, 4 and 5 records, the feed one.
    assert (done.payloads, done.reports) == (6, 15)


def test_what_workers_found_comes_in_the_order_of_asking_and_as_it_was_read_here(tmp_path):
    world = World(tmp_path).with_sources()
    asked = landed(world, "gazette_wire", "gazette_counts", "gazette_feed")
    cards = {card.id: card for card in load_cards(world.settings().cards)}
    with Readers(world.settings().cards) as readers:
        found = list(readers.read(asked, cards))
    assert [one.landed for one in found] == asked
    for one in found:
        here = parse_all(cards[one.landed.source_id], one.landed.payload())
        assert (list(one.reports), list(one.observations), list(one.defects)) == tuple(map(list, here))
    assert sum(len(one.reports) + len(one.observations) for one in found) > 15


def test_a_large_payload_comes_in_parts_that_are_the_whole_in_its_order(tmp_path, monkeypatch):
    world = World(tmp_path).with_sources()
    *_, last = landed(world, "gazette_wire")
    cards = {card.id: card for card in load_cards(world.settings().cards)}
    monkeypatch.setattr(parsing, "PART", 2)
    with Readers(world.settings().cards) as readers:
        parts = list(readers.read([last], cards))
    reports, observations, defects = parse_all(cards["gazette_wire"], last.payload())
    # The wire's last look has five records; nothing is left for a part of its own.
    assert [len(part.reports) + len(part.observations) + len(part.defects) for part in parts] == [2, 2, 1]
    assert [part.more for part in parts] == [True, True, False]
    assert [one for part in parts for one in part.reports] == reports
    assert [one for part in parts for one in part.observations] == observations
    assert [one for part in parts for one in part.defects] == defects


def test_half_a_sign_and_a_line_end_of_unicode_survive_the_way(tmp_path):
    world = World(tmp_path).with_sources()
    headline = "Quay\u2028north \ud800 \u0633\u200c\U0001f30a"
    world.look("gazette_wire", wire(row("odd", "2024-01-20", headline=headline)), LOOKS[-1].replace(hour=9))
    *_, last = landed(world, "gazette_wire")
    cards = {card.id: card for card in load_cards(world.settings().cards)}
    with Readers(world.settings().cards) as readers:
        (found,) = readers.read([last], cards)
    reports, _, _ = parse_all(cards["gazette_wire"], last.payload())
    assert list(found.reports) == reports
    assert found.reports[0].title.startswith("Quay\u2028north")


def test_changed_bytes_stop_the_load(tmp_path):
    world = World(tmp_path).with_sources()
    one, *_ = landed(world, "gazette_feed")
    one.path.with_suffix(".bin").write_bytes(SOUND + b" ")
    with pytest.raises(Damaged, match="was changed"):
        stages.load(settings=world.settings())


def test_lost_bytes_stop_the_load(tmp_path):
    world = World(tmp_path).with_sources()
    one, *_ = landed(world, "gazette_feed")
    one.path.with_suffix(".bin").unlink()
    with pytest.raises(Damaged):
        stages.load(settings=world.settings())


def test_a_payload_whose_card_is_gone_stays_in_landing_with_a_defect(tmp_path):
    world = World(tmp_path).with_sources()
    asked = landed(world, "gazette_feed")
    with Readers(world.settings().cards) as readers:
        (found,) = readers.read(asked, {})
    assert [one.check for one in found.defects] == ["source_without_card"]
