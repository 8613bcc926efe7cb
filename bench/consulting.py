"""A consultation of 33,422 people, 783 statements and about 2,000,000 votes: how long it takes.

Four groups are planted (40, 30, 20 and 10 % of the people), with few who vote much and many
who vote little. The limit is one product of matrices: the covariance alone, by numpy on one
core, as Kfar, from a table that is already laid out. *From the tables* is the same through
Kfar's database, an SQLite file. The peer is scikit-learn on both cores:
PCA of the table with means where nothing was said, k-means for 2 to 5 groups, and the
silhouette of a tenth; it finds groups, and says neither what they stand for nor what is
common. Each runs in a process of its own, whose peak of memory stands beside it, as does the
processor's time, which a busy machine spoils less than that of the wall.

    uv run --group bench python -m bench.consulting [RUNS]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

import numpy as np
from threadpoolctl import threadpool_limits

from kfar.rooms.decisions.consulting.chart import Chart
from kfar.rooms.decisions.consulting.opinion import refresh
from kfar.rooms.decisions.consulting.votes import Floats, Statement, gather

PEOPLE, STATEMENTS, VOTES = 33_422, 783, 2_000_000
SIZES = (0.4, 0.3, 0.2, 0.1)
ASKED, AT_ONCE = 500, 100_000

Measured = dict[str, list[tuple[float, float]]]


def plant(file: str) -> None:
    """Write a conversation: `person`, `statement`, `vote`, and each person's `group`."""
    draw = np.random.default_rng(1)
    group = draw.choice(len(SIZES), PEOPLE, p=SIZES)
    leaning = draw.beta(0.8, 0.8, (len(SIZES), STATEMENTS))
    busy = draw.lognormal(0, 1, (PEOPLE, 1)) * draw.lognormal(0, 0.5, STATEMENTS)
    least, most = 0.0, 1.0
    for _ in range(40):
        share = (least + most) / 2
        least, most = (share, most) if np.minimum(share * busy, 1).sum() < VOTES else (least, share)
    person, statement = np.nonzero(draw.random(busy.shape) < share * busy)
    agrees = draw.random(len(person)) < leaning[group[person], statement]
    vote = np.where(draw.random(len(person)) < 1 / 8, 0, np.where(agrees, 1, -1))
    np.savez(file, person=person, statement=statement, vote=vote, group=group)


def triples(planted: Any) -> Iterator[tuple[int, int, int]]:
    """Yield the votes as a database would hand them out."""
    columns = [planted[name] for name in ("person", "statement", "vote")]
    for first in range(0, len(columns[0]), AT_ONCE):
        yield from zip(*(c[first : first + AT_ONCE].tolist() for c in columns), strict=True)


def table(planted: Any) -> Floats:
    """Return people × statements, the statement's mean where nothing was said."""
    full = np.full((PEOPLE, STATEMENTS), np.nan)
    full[planted["person"], planted["statement"]] = planted["vote"]
    return np.where(np.isnan(full), np.nanmean(full, axis=0), full)


def ours(planted: Any, runs: int) -> Measured:
    """Measure Kfar."""
    measured = Clock()
    for _ in range(runs):
        votes = measured("gathered, s", gather, triples(planted), range(STATEMENTS))
        opinion = measured("refreshed for the first time, s", refresh, votes)
        measured("refreshed again, s", refresh, votes, opinion.chart)
    text = measured("chart written, ms", opinion.chart.to_json)
    chart = measured("chart read, ms", Chart.from_json, text)
    said: dict[int, dict[Statement, int]] = {}
    for person, statement, vote in triples(planted):
        said.setdefault(person, {})[statement] = vote
    for n in np.random.default_rng(0).choice(list(said), ASKED).tolist():
        measured("next statement, ms", chart.next, said[n], n)
        measured("own place, ms", chart.place, said[n])
    found = opinion.groups[opinion.groups >= 0]
    planted_in = planted["group"][np.array(opinion.people)[opinion.groups >= 0]]
    table = np.zeros((len(opinion.sizes), len(SIZES)), int)
    np.add.at(table, (found, planted_in), 1)
    right = table.max(axis=1).sum() / table.sum()
    print(
        f"{len(votes.vote):,} votes; of {table.sum():,} people grouped, {right:.1%} as planted;"
        f" the chart has {len(text) / 1000:.0f} KB\n",
        file=sys.stderr,
    )
    return measured.took


def rows(planted: Any, runs: int) -> Measured:
    """Measure Kfar from its tables (SQLite): a whole refresh, and what one person waits for."""
    with TemporaryDirectory() as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="kfar.settings.project",
            KFAR_DATA_DIR=folder,
            KFAR_DATABASE_URL="",
            KFAR_LOG_LEVEL="ERROR",
        )
        import django  # noqa: PLC0415 - its settings are read when it is set up

        django.setup()
        return _from_tables(planted, runs)


def _from_tables(planted: Any, runs: int) -> Measured:
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from kfar.rooms.decisions.consultations import commands, queries, refreshing  # noqa: PLC0415
    from kfar.rooms.decisions.consultations.rules import Draft, State  # noqa: PLC0415
    from kfar.rooms.decisions.consulting.packed import pack  # noqa: PLC0415
    from kfar.rooms.decisions.models import Consultation, Participant, Statement  # noqa: PLC0415
    from kfar.rooms.decisions.proving.consultation import Words  # noqa: PLC0415
    from kfar.rooms.village import commands as village  # noqa: PLC0415
    from kfar.rooms.village import defaults  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    defaults.begin()
    closes = timezone.localtime() + timedelta(days=1)
    one = commands.consult(
        by=village.employ(email="ewa@bench.example", name="Ewa", role="brand"),
        draft=Draft(
            topic={"en": "?"}, about={}, seeds=[Words("0", "")], audience="link",
            closes_at=closes, pledge={"en": "!"}, pledge_due=closes.date(),
        ),
        once=uuid4(),
    )  # fmt: skip
    Statement.objects.bulk_create(
        Statement(consultation_id=one, number=n, text=f"{n}", same=f"{n}", state=State.SHOWN)
        for n in range(2, STATEMENTS + 1)
    )
    said: dict[int, dict[int, int]] = {}
    for person, statement, vote in triples(planted):
        said.setdefault(person, {})[statement + 1] = vote
    Participant.objects.bulk_create(
        [Participant(consultation_id=one, number=n, votes=pack(v)) for n, v in said.items()],
        batch_size=1000,
    )
    measured = Clock()
    for moved in range(runs + 1):
        Consultation.objects.filter(pk=one).update(moved=moved)
        measured("read from the tables, s", refreshing.cast, one)
        what = "refreshed from the tables, s" if moved else "the same for the first time, s"
        measured(what, refreshing.refresh, one)
    asked = Participant.objects.filter(consultation=one).values_list("pk", flat=True)[:ASKED]
    for participant in asked:
        by = commands.Speaker(participant=participant)
        turn = measured("next statement from the tables, ms", queries.turn, one, by)
        if turn.statement:
            number = turn.statement.number
            vote_on = partial(commands.vote, by=by, consultation_id=one, number=number, vote=1)
            measured("a vote taken, ms", vote_on)
    return measured.took


def limit(planted: Any, runs: int) -> Measured:
    """Measure the covariance alone."""
    measured, full = Clock(), table(planted)
    full -= full.mean(axis=0)
    with threadpool_limits(1, "blas"):
        for _ in range(runs):
            measured("limit: the covariance alone, s", np.matmul, full.T, full)
    return measured.took


def peer(planted: Any, runs: int) -> Measured:
    """Measure scikit-learn."""
    from sklearn.cluster import KMeans  # noqa: PLC0415 - of the group `bench`
    from sklearn.decomposition import PCA  # noqa: PLC0415
    from sklearn.metrics import silhouette_score  # noqa: PLC0415

    def found() -> Any:
        places = PCA(4, random_state=0).fit_transform(table(planted))
        tried = [KMeans(k, n_init=10, random_state=0).fit_predict(places) for k in range(2, 6)]
        some = PEOPLE // 10
        marks = [silhouette_score(places, of, sample_size=some, random_state=0) for of in tried]
        return tried[int(np.argmax(marks))]

    measured = Clock()
    for _ in range(runs):
        measured("peer: scikit-learn, groups alone, s", found)
    return measured.took


class Clock:
    """What things took, by name, on the wall and of the processor: seconds, or ms."""

    def __init__(self) -> None:
        self.took: Measured = {}

    def __call__(self, what: str, run: Callable[..., Any], *given: Any) -> Any:
        """Run and note the time."""
        wall, processor = perf_counter(), process_time()
        made = run(*given)
        unit = 1000 if what.endswith("ms") else 1
        took = unit * (perf_counter() - wall), unit * (process_time() - processor)
        self.took.setdefault(what, []).append(took)
        return made


PARTS = {"limit": limit, "ours": ours, "rows": rows, "peer": peer}


def main(runs: int) -> None:
    """Measure each in a process of its own, and print."""
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "planted.npz")
        _beside("plant", file)
        print("| what | median | p99 | processor | peak MB |\n|---|---|---|---|---|")
        for part in PARTS:
            told = json.loads(_beside(part, file, str(runs)))
            for what, found in told["took"].items():
                wall, processor = zip(*found, strict=True)
                last = f"{quantiles(wall, n=100)[98]:.2f}" if len(wall) >= ASKED else ""
                print(
                    f"| {what} | {median(wall):.2f} | {last} | {median(processor):.2f} |"
                    f" {told['peak']:,.0f} |"
                )


def _beside(*given: str) -> bytes:
    """Run a part in a process of its own; return what it printed."""
    command = [sys.executable, "-m", "bench.consulting", *given]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["plant", file]:
            plant(file)
        case [part, file, runs] if part in PARTS:
            took = PARTS[part](dict(np.load(file)), int(runs))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            print(json.dumps({"took": took, "peak": peak}))
        case [*runs]:
            main(int(runs[0]) if runs else 5)
