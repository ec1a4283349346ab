"""How long the best team and three others take, on generated rosters: `python tests/bench/matching.py`.

First a usual request on a roster where about one in five can go, then a hard one where nearly everybody can. Seconds of
processor say what a machine with nothing else to do would take.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "alerts"), str(ROOT)]

from people import TODAY, hard_request, large_request, ready, roster  # noqa: E402

from alerts.matching import load_weights, match_team  # noqa: E402

ALLOWED = {1_000: 2.0, 10_000: 15.0}


def measure(number: int, seed: int, *, hard: bool) -> tuple[float, str]:
    found = ready(roster(number, seed=seed)) if hard else roster(number, seed=seed)
    asked = hard_request() if hard else large_request()
    begun, worked = time.perf_counter(), time.process_time()
    match = match_team(found, asked, today=TODAY, weights=load_weights())
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    lost = ", ".join(str(team.lost) for team in match.teams)
    proven = all(team.proven for team in match.teams)
    return seconds, (
        f"{number} people, {len(match.eligible)} can go: {len(match.teams)} teams (lost {lost}; "
        f"{'proven' if proven else 'NOT proven'}) in {seconds:.2f} s, {worked:.2f} s of processor "
        f"{' '.join(match.missing)}"
    )


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=3)
    seeds = range(1, asked.parse_args().seeds + 1)
    late = False
    for hard in (False, True):
        for number, allowed in ALLOWED.items():
            for seed in seeds:
                seconds, line = measure(number, seed, hard=hard)
                late |= seconds > allowed
                sys.stdout.write(line + "\n")
    sys.exit(1 if late else 0)
