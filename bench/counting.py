"""Counting: a million ranked ballots, from an array to the full report, beside floor and peers.

    uv run python -m bench.counting [BALLOTS]

Ballots are drawn evenly from all there could be, so that hardly two are the same where there are
many; real ones are more alike and quicker. The floor is numpy written for the occasion: ballots
packed into numbers, `np.unique`, and the votes of the method from whole columns, without a report.
The peers are VoteKit and pref_voting on the ballots that `np.unique` has put together, by the
fastest of their ways. Each figure is from a process of its own, the median of five counts, or one
count where it takes longer than ten seconds; memory is what it needed at most beyond its modules
and the array.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from math import inf
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ballots = NDArray[np.int8]

#: Candidates, and ranks on the ballot.
SHAPES = ((8, 8), (20, 5))
METHODS = ("irv", "stv", "ranked-pairs", "schulze")
WHO = ("floor", "kfar", "votekit", "pref_voting")
SEATS, PATIENCE = 3, 240


def drawn(ballots: int, candidates: int, ranks: int) -> Ballots:
    """Return ballots that rank the first `ranks` of candidates shuffled anew for each."""
    order = np.random.default_rng(candidates).random((ballots, candidates)).argsort(axis=1)
    return order[:, :ranks].astype(np.int8)


# --- who counts: ballots and candidates in, what came out ----------------------------------------


def kfar(method: str, candidates: int) -> Callable[[Ballots], object]:
    """Count as Kfar does, to the report."""
    from kfar.rooms.decisions.counting.arrays import count_array  # noqa: PLC0415
    from kfar.rooms.decisions.counting.rules import Method, Rule  # noqa: PLC0415

    rule = Rule(Method(method), seats=SEATS if method == "stv" else 1)
    return lambda ballots: count_array(rule, ballots, candidates)


def floor(method: str, candidates: int) -> Callable[[Ballots], object]:
    """Group and add up with numpy alone."""

    def counted(ballots: Ballots) -> object:
        ranks = ballots.shape[1]
        base = (candidates + 1) ** np.arange(ranks, dtype=np.int64)
        keys, times = np.unique((ballots + 1) @ base, return_counts=True)
        columns = (keys[:, None] // base % (candidates + 1) - 1).astype(np.int8)
        if method in ("irv", "stv"):
            return _rounds(columns, times.astype(float), candidates, SEATS * (method == "stv"))
        return _pairwise(columns, times, candidates)

    return counted


def _rounds(columns: Ballots, worth: NDArray[Any], candidates: int, seats: int) -> object:
    """Count round by round, all ballots anew in each, until the seats are filled."""
    alive = np.ones(candidates + 1, np.bool_)
    alive[-1] = False
    threshold = worth.sum() // (max(seats, 1) + 1) + 1
    rows, elected = np.arange(len(columns)), 0
    while elected < max(seats, 1) and alive.sum() > 1:
        there = alive[columns]
        first = np.where(there.any(axis=1), columns[rows, there.argmax(axis=1)], -1)
        votes = np.bincount(first + 1, worth, candidates + 1)[1:]
        best = int(votes.argmax())
        if votes[best] >= threshold or alive.sum() <= max(seats, 1) - elected:
            worth = np.where(first == best, worth * (1 - threshold / votes[best]), worth)
            alive[best], elected = False, elected + 1
        else:
            alive[np.where(alive[:-1], votes, np.inf).argmin()] = False
    return elected


def _pairwise(columns: Ballots, times: NDArray[Any], candidates: int) -> object:
    """Compare the places of all pairs."""
    places = np.full((candidates, len(columns)), columns.shape[1], np.int8)
    for rank, column in enumerate(columns.T):
        named = column >= 0
        places[column[named], np.flatnonzero(named)] = rank
    return [[int(times[a < b].sum()) for b in places] for a in places]


def votekit(method: str, candidates: int) -> Callable[[Ballots], object]:
    """Count with VoteKit: STV by numpy, the others by its table of pairs."""
    import pandas as pd  # noqa: PLC0415
    from votekit import elections  # noqa: PLC0415
    from votekit.pref_profile import RankProfile  # noqa: PLC0415

    named = [frozenset({str(option)}) for option in range(candidates)]
    count = {
        "irv": lambda profile: elections.FastSTV(profile, n_seats=1, tiebreak="random"),
        "stv": lambda profile: elections.FastSTV(profile, n_seats=SEATS, tiebreak="random"),
        "ranked-pairs": elections.RankedPairs,
        "schulze": elections.Schulze,
    }[method]

    def counted(ballots: Ballots) -> object:
        rows, times = np.unique(ballots, axis=0, return_counts=True)
        called = np.array([*named, None], object)[:-1]
        frame = pd.DataFrame(
            {f"Ranking_{n + 1}": called[column] for n, column in enumerate(rows.T)}
        )
        frame["Voter Set"] = pd.Series([set[str]() for _ in range(len(frame))])
        frame["Weight"] = times.astype(float)
        frame.index.name = "Ballot Index"
        names = tuple(str(option) for option in range(candidates))
        profile = RankProfile(candidates=names, max_ranking_length=rows.shape[1], df=frame)
        return count(profile).get_elected()

    return counted


def pref_voting(method: str, candidates: int) -> Callable[[Ballots], object]:
    """Count with pref_voting: whole rankings by numba, others as rankings with ties."""
    from pref_voting import (  # noqa: PLC0415
        iterative_methods,
        margin_based_methods,
        proportional_methods,
    )
    from pref_voting.profiles import Profile  # noqa: PLC0415
    from pref_voting.profiles_with_ties import ProfileWithTies  # noqa: PLC0415

    count = {
        "irv": iterative_methods.instant_runoff,
        "stv": lambda profile: proportional_methods.stv_scottish(profile, num_seats=SEATS),
        "ranked-pairs": margin_based_methods.ranked_pairs_tb,
        "schulze": margin_based_methods.beat_path,
    }[method]

    def counted(ballots: Ballots) -> object:
        rows, times = np.unique(ballots, axis=0, return_counts=True)
        if rows.shape[1] == candidates:
            return count(Profile(rows, times))
        rankings = [{option: n for n, option in enumerate(row)} for row in rows.tolist()]
        profile = ProfileWithTies(rankings, times.tolist(), candidates=[*range(candidates)])
        profile.use_extended_strict_preference()
        return count(profile)

    return counted


# --- measuring ---------------------------------------------------------------------------------


def one(file: str, who: str, method: str, candidates: int) -> None:
    """Count what is in `file` and print seconds and bytes."""
    warnings.simplefilter("ignore")
    count = globals()[who](method, candidates)
    ballots = np.load(file)
    count(ballots[:1000])  # what is compiled or loaded at first use is so before
    # What is the most from here on: Linux would also count what the parent had.
    Path("/proc/self/clear_refs").write_text("5")
    before = _resident("VmRSS")
    seconds: list[float] = []
    while len(seconds) < 5 and sum(seconds) < 10:
        start = time.perf_counter()
        count(ballots)
        seconds.append(time.perf_counter() - start)
    print(json.dumps([median(seconds), _resident("VmHWM") - before]))


def _resident(which: str) -> int:
    """Return what this process holds in memory, now (VmRSS) or at most (VmHWM), in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(which)))


def measured(file: Path, who: str, method: str, candidates: int) -> tuple[float, float]:
    """Return seconds and bytes of a count in a process of its own; infinite where it gave up."""
    command = [sys.executable, "-m", "bench.counting", str(file), who, method, str(candidates)]
    try:
        ran = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return inf, inf
    seconds, peak = json.loads(ran.stdout.splitlines()[-1])
    return seconds, peak


def main(ballots: int) -> None:
    """Measure everything and print a table for each shape."""
    with TemporaryDirectory() as folder:
        for candidates, ranks in SHAPES:
            file = Path(folder) / f"{candidates}.npy"
            rows = drawn(ballots, candidates, ranks)
            np.save(file, rows)
            kinds = len(np.unique(rows, axis=0))
            print(f"\n{ballots:,} ballots, {candidates} candidates, {ranks} ranks: {kinds:,} kinds")
            print(
                "| method |" + "".join(f" {who}, s | MB |" for who in WHO) + " ÷ floor | ÷ best |"
            )
            print("|---" * (2 * len(WHO) + 3) + "|")
            for method in METHODS:
                found = [measured(file, who, method, candidates) for who in WHO]
                floor_, ours, *peers = (seconds for seconds, _ in found)
                cells = "".join(
                    f" {_said(seconds)} | {'' if peak == inf else round(peak / 1e6)} |"
                    for seconds, peak in found
                )
                best = min(peers) if min(peers) < PATIENCE else PATIENCE
                print(f"| {method} |{cells} {ours / floor_:.2f} | {best / ours:,.0f} |", flush=True)


def _said(seconds: float) -> str:
    return f"{seconds:.3f}" if seconds < PATIENCE else f"> {PATIENCE}"


if __name__ == "__main__":
    if len(sys.argv) == 5:
        one(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
