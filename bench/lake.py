"""The lake: batches of a million touches in, all of it compacted, one person read and erased.

Touches are spread evenly over a year and over a hundredth as many people, twenty-four columns
each. Beside each figure stands the seconds of processor it took, which a busy machine spoils
less. The limit for taking in is DuckDB alone: it writes the same million to a file of Parquet,
sorted as a file of the table is, and looks for nothing that was there before.

    uv run python -m bench.lake [ROWS]
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from uuid import UUID

BATCH = 1_000_000
READ = 500
#: `i` counts within a batch; ids and people are MD5, so as random as they are in life.
TOUCHES = """
SELECT md5('{seed}/' || i)::UUID AS id, md5('p' || hash(i, {seed}) % {people})::UUID AS customer,
    TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_seconds((hash(i, {seed}, 1) % 31536000)::BIGINT)
        AS "at", 'web' AS channel, ['page', 'track', 'purchase'][1 + i % 3] AS kind,
    'shop' AS source, 'p' || hash(i, 3) % 5000 AS product,
    'Product ' || hash(i, 3) % 5000 AS product_name, 1 AS units,
    (hash(i, 4) % 10000)::BIGINT AS paid, 0 AS discount, 'USD' AS currency,
    'Product Viewed' AS name, 'https://shop.example/products/' || hash(i, 3) % 5000 AS url,
    '{{"position":' || hash(i, 5) % 100 || ',"value":' || hash(i, 6) % 100000 || '}}'
        AS properties, 'ask,understand' AS consent, "at" AS received
FROM range({rows}) r(i)
"""


class Clock:
    """What something took, in seconds of the wall's clock and of processor."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.processor: list[float] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Add what the block takes."""
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.wall.append(time.perf_counter() - wall)
        self.processor.append(time.process_time() - processor)


def main(rows: int) -> None:
    """Measure and print."""
    from kfar.lake import table  # noqa: PLC0415 - after the settings
    from kfar.lake.engines import engine  # noqa: PLC0415
    from kfar.lake.touch import NAMES  # noqa: PLC0415

    people = max(rows // 100, 1)
    taken, alone, joined, read, erased = (Clock() for _ in range(5))
    with engine().session() as session:
        for seed in range(-(-rows // BATCH)):
            source = TOUCHES.format(seed=seed, people=people, rows=min(BATCH, rows))
            session.run(f"CREATE OR REPLACE TEMP TABLE given AS {source}")
            with taken.running():
                table.append(session, select="SELECT * FROM given")
        limit = Path(os.environ["KFAR_DATA_DIR"]) / "limit.parquet"
        for _ in range(3):
            with alone.running():
                session.write('SELECT * FROM given ORDER BY customer, "at", id', limit)
    with joined.running():
        table.compact()
        table.compact(whole=True)
    chosen = [_person(number) for number in Random(0).sample(range(people), READ)]
    for number in chosen:
        with read.running(), table.reading([number]) as session:
            session.rows(f'SELECT {NAMES} FROM touches ORDER BY "at" DESC LIMIT 50')
    for number in chosen[:5]:
        with erased.running():
            table.erase([number])
    print("| what | | processor |\n|---|---|---|")
    batch = min(BATCH, rows)
    _say("limit: DuckDB alone, touches/s", alone, lambda found: f"{batch / median(found):,.0f}")
    _say("taken in, touches/s", taken, lambda found: f"{batch / median(found):,.0f}")
    _say("compacted, touches/s", joined, lambda found: f"{rows / found[0]:,.0f}")
    _say("one person, ms, median", read, lambda found: f"{1000 * median(found[100:]):.1f}")
    _say(
        "one person, ms, p99", read, lambda found: f"{1000 * quantiles(found[100:], n=100)[98]:.1f}"
    )
    _say("one person erased, s", erased, lambda found: f"{median(found):.2f}")


def _say(what: str, clock: Clock, figure: Callable[[list[float]], str]) -> None:
    print(f"| {what} | {figure(clock.wall)} | {figure(clock.processor)} |")


def _person(number: int) -> UUID:
    return UUID(md5(f"p{number}".encode(), usedforsecurity=False).hexdigest())


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        os.environ.update(
            KFAR_DATA_DIR=folder,
            KFAR_DATABASE_URL="",
            KFAR_LOG_LEVEL="ERROR",
            DJANGO_SETTINGS_MODULE="kfar.settings.project",
        )
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
