"""How long the best team and three others take, on generated rosters: `python tests/bench/matching.py`."""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "alerts"), str(ROOT)]

from people import TODAY, large_request, roster  # noqa: E402

from alerts.matching import load_weights, match_team  # noqa: E402

ALLOWED = {1_000: 2.0, 10_000: 15.0}


def measure(number: int, seed: int) -> tuple[float, str]:
    found = roster(number, seed=seed)
    begun = time.perf_counter()
    match = match_team(found, large_request(), today=TODAY, weights=load_weights())
    seconds = time.perf_counter() - begun
    lost = ", ".join(str(team.lost) for team in match.teams)
    proven = all(team.proven for team in match.teams)
    return seconds, (
        f"{number} people, {len(match.eligible)} can go: {len(match.teams)} teams (lost {lost}; "
        f"{'proven' if proven else 'NOT proven'}) in {seconds:.2f} s {' '.join(match.missing)}"
    )


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=3)
    late = False
    for number, allowed in ALLOWED.items():
        for seed in range(1, asked.parse_args().seeds + 1):
            seconds, line = measure(number, seed)
            late |= seconds > allowed
            sys.stdout.write(line + "\n")
    sys.exit(1 if late else 0)
