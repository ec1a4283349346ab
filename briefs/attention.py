"""Where the words of an issue go, beside where its signals are: by list of places, with an interval."""

from collections import Counter
from dataclasses import dataclass
from math import sqrt

from briefs import wording
from briefs.entries import told_alone
from briefs.lookup import Lookup
from briefs.said import numeral, say, term
from briefs.view import Table
from domain.window import window

Z95 = 1.959964
WEEKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One list of places: its part of the words on situations, and of the incidents and alarms.

    Shares from 0 to 1; None where there is nothing to share. `low` and `high`: 95 % interval of the signal share.
    """

    name: str
    situations: int
    words: int
    attention: float | None
    signals: int
    signal: float | None
    low: float | None
    high: float | None


def measure_attention(lookup: Lookup) -> tuple[Share, ...]:
    """All lists of the issue. Signals: incidents of twelve weeks and series with an alarm.

    A situation over several places counts once, in the list of the first; the words on each place count in its list.

    Signals of one place come together, so they are not independent. The interval is Wilson's for a sample of
    (sum)² / (sum of squares) over places: as many as there would be if all signals of a place were one.
    """
    lists = [(term(wording.plain(region.name)), lookup.members(region.code)) for region in lookup.regions]
    lists.append((say("Observers and territories"), lookup.others()))
    first, last = window(lookup.issue.as_of, WEEKS)
    by_place = Counter(row.place for row in lookup.issue.incidents if first <= row.occurred_on <= last)
    by_place.update(row.place for row in lookup.issue.series if row.alarm)
    words = {
        row.situation_id: sum(len(text.split()) for text in told_alone(lookup, row)) for row in lookup.issue.situations
    }
    total_words, total = sum(words.values()), sum(by_place.values())
    effective = total**2 / sum(count**2 for count in by_place.values()) if total else 0.0
    found = []
    for name, places in lists:
        here = {place.code for place in places}
        rows = [row for row in lookup.issue.situations if row.place in here]
        said = sum(words[row.situation_id] for row in rows)
        signals = sum(by_place[code] for code in here)
        low, high = wilson(signals / total, effective) if total else (None, None)
        found.append(
            Share(
                name=name,
                situations=sum(lookup.told_with(row) is row for row in rows),
                words=said,
                attention=said / total_words if total_words else None,
                signals=signals,
                signal=signals / total if total else None,
                low=low,
                high=high,
            )
        )
    return tuple(found)


def wilson(share: float, sample: float, *, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share in a sample (Wilson, JASA 22, 1927); the sample need not be whole."""
    spread = z**2 / sample
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / sample + spread / (4 * sample))
    return max(0.0, middle - half), min(1.0, middle + half)


def attention_table(lookup: Lookup) -> Table:
    return Table(
        caption=say("Distribution of attention: share of the words on situations beside share of the signals"),
        head=(
            say("List of places"),
            say("Situations"),
            say("Words"),
            say("Attention share, %"),
            say("Incidents and alarms"),
            say("Signal share, %"),
            say("95 % interval, %"),
        ),
        rows=tuple(
            (
                one.name,
                numeral(one.situations),
                numeral(one.words),
                _percent(one.attention),
                numeral(one.signals),
                _percent(one.signal),
                say("{low} to {high}", low=_percent(one.low), high=_percent(one.high))
                if one.low is not None
                else say("none"),
            )
            for one in measure_attention(lookup)
        ),
        numeric=(1, 2, 3, 4, 5, 6),
    )


def _percent(share: float | None) -> str:
    return say("no share") if share is None else f"{share * 100:.0f}"
