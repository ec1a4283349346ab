"""The source's own name of a place to our lines, with the rule; an unknown name is a defect, never dropped."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.defect import Defect, DefectLevel
from domain.state import Gazetteer, Match


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
