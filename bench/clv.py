"""Models of customer value, fitted: how long it takes, beside lifetimes.

CDNOW's sample of 2,357 customers and all 23,570 of them, in weeks 1 to 39; and a million drawn
from BG/NBD with the sample's parameters, who came first in those twelve weeks, by whole days. The
limit is what no fit can be without: reading each customer's three numbers once and sorting them
(`grouped`). The peer is lifetimes 0.11.3, for the million of BG/NBD alone; it neither groups nor
says whether there is a maximum. *Outlooks* are what may come of each customer in 39 weeks, with
the interval. Each runs in a process of its own, on one core, whose peak of memory stands beside
it, as does the processor's time, which a busy machine spoils less than that of the wall.

    uv run --group bench python -m bench.clv [RUNS]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import warnings
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import numpy as np

from kfar.rooms.insight.clv.bgnbd import fit_bgnbd
from kfar.rooms.insight.clv.drawing import draw_bgnbd
from kfar.rooms.insight.clv.gamma_gamma import fit_gamma_gamma
from kfar.rooms.insight.clv.histories import grouped, summary
from kfar.rooms.insight.clv.outlooks import purchases
from kfar.rooms.insight.clv.pareto_nbd import fit_pareto_nbd

MANY, WEEKS = 1_000_000, 39
#: Fader, Hardie and Lee (2005).
PARAMETERS = 0.243, 4.414, 0.793, 2.426
#: A file of CDNOW: its header, and where customer, day and value stand.
CDNOW = {"sample": (0, (1, 2, 4)), "master": (1, (0, 1, 3))}

Measured = dict[str, list[tuple[float, float]]]


def plant(file: str, which: str) -> None:
    """Write the histories of `which` customers: `x`, `last`, `age`, and what they spent, `mean`."""
    if which == "million":
        draw = np.random.default_rng(1)
        age = draw.integers(27 * 7, 39 * 7, MANY) / 7
        x, last = draw_bgnbd(PARAMETERS, age, draw)
        np.savez(file, x=x, last=np.ceil(last * 7) / 7, age=age, mean=np.zeros(MANY))
        return
    header, columns = CDNOW[which]
    found = find_spec("lifetimes")
    assert found is not None
    assert found.origin is not None
    packaged = Path(found.origin).parent / "datasets" / f"CDNOW_{which}.txt"
    rows = np.loadtxt(packaged, str, skiprows=header, usecols=columns)
    days = [f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in rows[:, 1]]
    told = summary(rows[:, 0], days, "1997-09-30", rows[:, 2].astype(float))
    np.savez(file, x=told.frequency, last=told.recency, age=told.age, mean=told.mean_value)


def limit(x: Any, last: Any, age: Any, mean: Any) -> dict[str, Callable[[], Any]]:
    """Return what is measured: only grouping."""
    return {"limit: grouped": partial(grouped, x, last, age)}


def bgnbd(x: Any, last: Any, age: Any, mean: Any) -> dict[str, Callable[[], Any]]:
    """Return what is measured of BG/NBD."""
    model = fit_bgnbd(x, last, age)
    return {
        "BG/NBD": partial(fit_bgnbd, x, last, age),
        "outlooks by BG/NBD": partial(purchases, model, x, last, age, WEEKS),
    }


def pareto(x: Any, last: Any, age: Any, mean: Any) -> dict[str, Callable[[], Any]]:
    """Return what is measured of Pareto/NBD."""
    model = fit_pareto_nbd(x, last, age)
    return {
        "Pareto/NBD": partial(fit_pareto_nbd, x, last, age),
        "outlooks by Pareto/NBD": partial(purchases, model, x, last, age, WEEKS),
    }


def gamma(x: Any, last: Any, age: Any, mean: Any) -> dict[str, Callable[[], Any]]:
    """Return what is measured of Gamma-Gamma: those who came again and paid."""
    paid = mean > 0
    return {"Gamma-Gamma": partial(fit_gamma_gamma, x[paid], mean[paid])} if paid.any() else {}


def peer(fitter: str, x: Any, last: Any, age: Any, mean: Any) -> dict[str, Callable[[], Any]]:
    """Return what is measured of lifetimes."""
    warnings.simplefilter("ignore")  # it is older than the pandas we have
    import lifetimes  # noqa: PLC0415 - loud, and slow to import
    import pandas as pd  # noqa: PLC0415 - it asks for its columns

    if len(x) == MANY and fitter != "BetaGeoFitter":
        return {}
    given = [pd.Series(column) for column in (x, last, age)]
    if fitter == "GammaGammaFitter":
        given = [pd.Series(column[mean > 0]) for column in (x, mean)]
    return {f"lifetimes: {fitter}": lambda: getattr(lifetimes, fitter)().fit(*given)}


PARTS: dict[str, Callable[..., dict[str, Callable[[], Any]]]] = {
    "limit": limit,
    "bgnbd": bgnbd,
    "peer bgnbd": partial(peer, "BetaGeoFitter"),
    "pareto": pareto,
    "peer pareto": partial(peer, "ParetoNBDFitter"),
    "gamma": gamma,
    "peer gamma": partial(peer, "GammaGammaFitter"),
}


def measured(file: str, part: str, runs: int) -> Measured:
    """Return what each took, on the wall and of the processor, in seconds."""
    with np.load(file) as planted:
        columns = dict(planted)
    took: Measured = {}
    for what, run in PARTS[part](**columns).items():
        for _ in range(runs):
            wall, processor = perf_counter(), process_time()
            run()
            spent = perf_counter() - wall, process_time() - processor
            took.setdefault(what, []).append(spent)
    return took


def main(runs: int) -> None:
    """Measure each in a process of its own, and print."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with TemporaryDirectory() as folder:
        print("| customers | what | median, s | processor, s | peak MB |\n|---|---|---|---|---|")
        for which in (*CDNOW, "million"):
            file = str(Path(folder) / f"{which}.npz")
            _beside("plant", file, which)
            for part in PARTS:
                told = json.loads(_beside("part", file, part, str(runs)))
                for what, found in told["took"].items():
                    wall, processor = (median(each) for each in zip(*found, strict=True))
                    print(
                        f"| {which} | {what} | {wall:.4f} | {processor:.4f} |"
                        f" {told['peak']:,.0f} |",
                        flush=True,
                    )


def _beside(*given: str) -> bytes:
    """Run a part in a process of its own; return what it printed."""
    command = [sys.executable, "-m", "bench.clv", *given]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["plant", file, which]:
            plant(file, which)
        case ["part", file, part, runs]:
            took = measured(file, part, int(runs))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            print(json.dumps({"took": took, "peak": peak}))
        case [*runs]:
            main(int(runs[0]) if runs else 5)
