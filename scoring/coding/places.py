"""The source's own name of a place to our lines, with the rule; an unknown name is a defect, never dropped.

Place, State addressed and actor stay three fields: what a text names is sorted into them by the role of each mention.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from domain.defect import Defect, DefectLevel
from domain.state import Gazetteer, Match
from scoring.coding.mentions import Mention, Mentions, Role

_JOINER = re.compile(r"\s*(?:[,،、]\s*)?(?:(?:and|et|y|e|и|و|和|及|与|en|in|au|в)\s*){0,2}\s*|\s*[/&–-]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Names of one source resolved, and one defect for each name that nobody knows."""

    matches: tuple[tuple[tuple[str, str], Match], ...]
    defects: tuple[Defect, ...]


def resolve(names: Iterable[tuple[str, str]], gazetteer: Gazetteer) -> Resolved:
    """`names` are pairs of source and name; an empty name says nothing and is no defect."""
    matches: list[tuple[tuple[str, str], Match]] = []
    defects: list[Defect] = []
    for source_id, name in sorted(set(names)):
        if not name.strip():
            continue
        found = gazetteer.match(name, source_id=source_id)
        if found is None:
            defects.append(
                Defect(level=DefectLevel.WARN, check="unknown_state", source_id=source_id, evidence=name, record=name)
            )
        else:
            matches.append(((source_id, name), found))
    return Resolved(matches=tuple(matches), defects=tuple(defects))


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlaces:
    """What the text of a report names where the source has no field for it; codes, each once, in order of naming."""

    places: tuple[str, ...]
    addressees: tuple[str, ...]
    recommenders: tuple[str, ...]
    mentions: tuple[tuple[Mention, ...], ...]


def read_places(texts: Sequence[str], mentions: Mentions, *, language: str = "") -> NamedPlaces:
    """Places from the first of `texts` that names one: a title before a summary before a body.

    Within a text, names behind "in" come before all others, and the places are then these alone. A State that is only
    written to, or only recommends, is no place. More than one place is an answer; choosing among them is not done here.
    """
    found = tuple(_listed(text, mentions.find(text, language=language)) for text in texts)
    places: tuple[str, ...] = ()
    for named in found:
        places = _codes(named, Role.PLACE) or _codes(named, Role.NONE)
        if places:
            break
    everything = [one for named in found for one in named]
    return NamedPlaces(
        places=places,
        addressees=_codes(everything, Role.ADDRESSEE),
        recommenders=_codes(everything, Role.RECOMMENDER),
        mentions=found,
    )


def _listed(text: str, named: Sequence[Mention]) -> tuple[Mention, ...]:
    """In "in A, B and C" all three stand behind the "in": a name parted from a place by a joiner alone is one too."""
    found: list[Mention] = []
    for one in named:
        before = found[-1] if found else None
        if (
            before is not None
            and before.role is Role.PLACE
            and one.role is Role.NONE
            and _JOINER.fullmatch(text, before.end, one.start)
        ):
            found.append(replace(one, role=Role.PLACE))
        else:
            found.append(one)
    return tuple(found)


def _codes(named: Iterable[Mention], role: Role) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.code for one in named if one.role is role))
