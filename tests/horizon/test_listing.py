"""`horizon sources`: what stands behind the word of each source."""

from datetime import timedelta

from fictional import LOOKS, WIRE, World, row, wire

from horizon import listing


def standing(world: World, source: str) -> listing.SourceStanding:
    return next(line for line in listing.list_sources(world.settings()) if line.id == source)


def test_before_the_first_run_nothing_is_claimed_of_a_volume(world: World):
    for line in listing.list_sources(world.settings()):
        assert (line.items, line.least, line.most, line.lag_days, line.last_item) == (None, None, None, None, "")


def test_a_source_shows_its_newest_signal_and_its_volume_beside_those_before(world: World):
    world.run()
    line = standing(world, "gazette_wire")
    assert (line.last_item, line.lag_days) == ("2024-01-24", 4)
    assert (line.items, line.least, line.most) == (5, 2, 4)


def test_a_source_that_is_answered_with_old_news_is_stale(world: World):
    world.card("gazette_old", WIRE)
    world.look("gazette_old", wire(row("o1", "2021-01-06")))
    world.run()
    assert standing(world, "gazette_old").state == "stale"


def test_a_payload_that_could_not_be_read_is_no_look(world: World):
    world.card("gazette_torn", WIRE)
    world.look("gazette_torn", b"<html>come back later</html>")
    world.run()
    assert standing(world, "gazette_torn").state == "shape changed"


def test_a_payload_a_fifth_below_the_least_before_is_a_defect(world: World):
    world.card("gazette_thin", WIRE)
    for number in range(5):
        size = 10 if number < 4 else 7
        items = [row(f"{number}.{at}", "2024-01-03") for at in range(size)]
        world.look("gazette_thin", wire(*items), LOOKS[0] + timedelta(days=number))
    world.run()
    (found,) = world.defects()[("gazette_thin", "volume_outside_past")]
    assert found == "7 items, 10 to 10 in 4 payloads before"
