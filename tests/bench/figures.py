"""One measured figure in words, as benches leave it for tests/bench/scoring_table.py."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure in words for the page; `met` is None where there is no target to meet."""

    what: str
    anchor: str
    target: str
    reached: str
    sample: str
    met: bool | None


def leave(folder: Path, *, bench: str, figures: Sequence[Figure]) -> None:
    """Write a bench's figures for the table."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(one) for one in figures], ensure_ascii=False, indent=1)
    (folder / f"{bench}.json").write_text(text + "\n", "utf-8")
