"""The programme that hands folders of strangers' files to the command line, on files of our own."""

from collections import Counter

from domain.source import Kind, load_cards
from tests.corpus.agreement import compare
from tests.corpus.bombs import encodings, entity_bombs
from tests.corpus.run import CARDS, judge, look, main, one_card_a_kind, table


def judged(*lines, files=None, said="", code=0, memory=1):
    return judge(
        "a_card", CARDS, files=len(lines) if files is None else files, lines=lines, said=said, code=code, memory=memory
    )


def test_items_and_named_defects_are_no_fault():
    seen = judged("/a b.xml  items=2  defect=none  0.010", "/c.xml  items=0  defect=wrong_type  4.500", code=1)
    assert (seen.items, seen.slowest, seen.slowest_file, seen.faults) == (2, 4.5, "/c.xml", ())
    assert seen.defects == Counter({"none": 1, "wrong_type": 1})


def test_each_way_of_ending_otherwise_is_a_fault():
    assert judged("Traceback (most recent call last):").faults
    assert judged("/a  items=0  defect=none  0.010").faults
    assert judged("/a  items=0  defect=parser_died  0.010").faults
    assert judged("/a  items=1  defect=none  5.100").faults
    assert judged("/a  items=1  defect=none  0.010", files=2).faults
    assert judged(code=-11).faults
    assert judged(code=1, said="Traceback (most recent call last):").faults
    assert judged(memory=600 * 2**20).faults


def test_every_ready_kind_is_among_the_cards():
    assert {card.kind for card in one_card_a_kind(load_cards(CARDS))} == set(Kind) - {Kind.MODULE}


def test_a_folder_is_read_by_the_command_line(tmp_path, capsys, monkeypatch):
    # Whether it is quick and small enough is asked where the corpora are read, not on a machine that runs tests beside
    # it; and a child's peak counts that of the process it was forked from, which is the whole test run here.
    monkeypatch.setattr("tests.corpus.run.MAX_SECONDS", 60.0)
    monkeypatch.setattr("tests.corpus.run.MAX_MEMORY", 2**40)
    for name, body in [*entity_bombs(), *encodings()][:60]:
        (tmp_path / name).write_bytes(body)
    assert main([str(tmp_path), "--card", "osce_news"]) == 0
    printed = capsys.readouterr().out
    assert "60 readings, 0 outside items or a named defect in time" in printed
    assert "xml_entities" in printed


def test_a_table_says_which_file_was_slowest(tmp_path):
    (tmp_path / "a.json").write_text("[]")
    assert str(tmp_path / "a.json") in table([look("gaza_daily", tmp_path)])


FEED = b"""<?xml version="1.0"?><rss version="2.0" xml:base="http://127.0.0.1:8097/deep/"><channel>
<item><title>Quay &amp;amp; mole</title><link>../story</link><pubDate>Wed, 24 Jan 2024 12:00:00 GMT</pubDate></item>
<item><description>&lt;p&gt;The harbour.&lt;/p&gt;</description></item><item><author>nobody</author></item>
</channel></rss>"""


def test_a_feed_is_read_as_the_feed_library_reads_it(tmp_path):
    (tmp_path / "a.xml").write_bytes(FEED)
    counts = Counter()
    assert list(compare(tmp_path / "a.xml", counts)) == []
    assert (counts["entries"], counts["items"], counts["links that agree"], counts["dates that agree"]) == (2, 2, 1, 1)


def test_a_file_that_is_no_feed_is_not_compared(tmp_path):
    (tmp_path / "a.json").write_bytes(b"[]")
    counts = Counter()
    assert list(compare(tmp_path / "a.json", counts)) == []
    assert not counts
