"""Drivers: twelve drivers of an outcome in 2,000 answers, by Shapley's value and by draws.

    uv run python -m bench.drivers [RUNS]

*Shares* is LMG from the covariance matrix, all 4,096 sets of drivers; *weights* is Johnson's.
*Ranked* is all that a page needs from the answers: both, with 300 draws for the ranks. The peer
is numpy written as the definition reads, a regression solved for each set. The limit is 0.2 s for
the shares of twelve drivers. Each figure is the median of some runs, on one core, beside the
processor's time; memory is the most that the process held beyond its modules and the answers.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from math import comb
from statistics import median
from time import perf_counter, process_time

import numpy as np
from threadpoolctl import threadpool_limits

from kfar.rooms.insight.drivers.importance import johnson, lmg
from kfar.rooms.insight.drivers.ranking import Drivers, rank
from kfar.rooms.insight.figures import Floats

DRIVERS, ANSWERS = 12, 2_000


def answers() -> tuple[Floats, Floats]:
    """Return an outcome and drivers that hang together by a half."""
    draw = np.random.default_rng(1)
    table = draw.normal(size=(ANSWERS, DRIVERS)) + draw.normal(size=(ANSWERS, 1))
    return table @ np.linspace(0, 1, DRIVERS) + 5 * draw.normal(size=ANSWERS), table


def solved(covariance: Floats) -> Floats:
    """LMG by solving the normal equations of each set of drivers."""
    r2 = np.zeros(2**DRIVERS)
    inside = (np.arange(2**DRIVERS)[:, None] >> np.arange(DRIVERS)) & 1 == 1
    for place in range(1, 2**DRIVERS):
        at = 1 + np.flatnonzero(inside[place])
        slope = np.linalg.solve(covariance[np.ix_(at, at)], covariance[at, 0])
        r2[place] = slope @ covariance[at, 0] / covariance[0, 0]
    shares = np.zeros(DRIVERS)
    for n in range(DRIVERS):
        without = np.flatnonzero(~inside[:, n])
        often = [DRIVERS * comb(DRIVERS - 1, int(inside[one].sum())) for one in without]
        shares[n] = ((r2[without | 1 << n] - r2[without]) / often).sum()
    return shares


def measure(who: str, runs: int) -> None:
    """Print what one way took, as JSON: seconds of the wall, of the processor, MB."""
    outcome, table = answers()
    covariance = np.cov(np.column_stack([outcome, table]).T)
    names = [f"driver {n}" for n in range(DRIVERS)]
    ways: dict[str, Callable[[], object]] = {
        "shares": lambda: lmg(covariance),
        "weights": lambda: johnson(covariance),
        "ranked": lambda: rank(outcome, table, names),
        "solved": lambda: solved(covariance),
    }
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = []
    with threadpool_limits(1):
        for _ in range(runs):
            wall, core = perf_counter(), process_time()
            found = ways[who]()
            took.append((perf_counter() - wall, process_time() - core))
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held) / 1000
    if who == "shares":
        np.testing.assert_allclose(np.asarray(found), solved(covariance))
    assert who != "ranked" or isinstance(found, Drivers)
    # The first run of each also lays out what later ones share; a page pays for it once.
    print(json.dumps([took[0][0], *(median(column) for column in zip(*took, strict=True)), more]))


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(f"{DRIVERS} drivers, {ANSWERS:,} answers; the limit for shares is 0.2 s\n")
    print("| | first, ms | median, ms | processor, ms | memory, MB |\n|---|--:|--:|--:|--:|")
    for who in ("shares", "weights", "ranked", "solved"):
        said = subprocess.run(
            [sys.executable, "-m", "bench.drivers", who, str(runs)],
            check=True,
            capture_output=True,
            text=True,
        )
        first, wall, core, more = json.loads(said.stdout)
        print(f"| {who} | {first * 1e3:.1f} | {wall * 1e3:.1f} | {core * 1e3:.1f} | {more:.0f} |")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(sys.argv[1], int(sys.argv[2]))
    else:
        main()
