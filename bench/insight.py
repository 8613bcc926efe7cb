"""Rates, buyers and affinity: asked in Ibis, beside DuckDB SQL written by hand.

The purchases of The Complete Journey, `times` over, each time by other people, stand in one file of
Parquet, as the lake's do. Each question runs in a process of its own, in turns, on two threads;
beside its seconds stands the memory it held at most. The rest is numpy's: how rates differ
between people, and which pairs are more than chance.

    uv run python -m bench.insight [TIMES]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

RUNS = 5
COPY = """
SELECT md5(key || '/' || n)::UUID AS id, md5('p' || customer_key || '/' || n)::UUID AS customer,
    "at", channel, kind, 'completejourney' AS source, place, basket || '/' || n AS basket, product,
    product_name, category, department, units::INTEGER AS units, measure, measure_unit, paid,
    discount, currency, NULL::VARCHAR AS ref, NULL::VARCHAR AS name, NULL::VARCHAR AS url,
    NULL::VARCHAR AS properties, NULL::VARCHAR AS consent, NULL::TIMESTAMPTZ AS received,
    md5('completejourney' || chr(31) || basket || '/' || n)::UUID AS occasion,
    ("at" AT TIME ZONE 'America/New_York')::DATE AS day
FROM ({purchases}), range({times}) AS copies(n) ORDER BY customer, "at", id
"""
BOUGHT = "FROM touches WHERE kind = 'purchase' AND paid > 0 AND category IS NOT NULL"
BY_HAND = {
    "rates": f"""SELECT customer, category, count(*), min(day), max(day) FROM (
        SELECT customer, category, occasion, min(day) AS day {BOUGHT} GROUP BY ALL) GROUP BY ALL""",
    "buyers": f"""SELECT category, count(DISTINCT customer) AS buyers, count(DISTINCT occasion),
        count(*), sum(units), sum(paid), min(day), max(day), buyers / (SELECT
        count(DISTINCT customer) FROM touches WHERE kind = 'purchase' AND paid > 0)
        {BOUGHT} GROUP BY ALL""",
    "affinity": f"""WITH held AS (SELECT DISTINCT occasion, category {BOUGHT})
        SELECT a.category, b.category, count(*) FROM held a JOIN held b
        ON a.occasion = b.occasion AND a.category < b.category GROUP BY ALL""",
}


def in_ibis() -> dict[str, str]:
    """Return the same questions, as the house asks them."""
    import ibis  # noqa: PLC0415 - not in the others' memory

    from kfar.lake.insight import touches  # noqa: PLC0415
    from kfar.rooms.insight.affinity import tables as affinity  # noqa: PLC0415
    from kfar.rooms.insight.rates import tables as rates  # noqa: PLC0415

    table = touches()
    asked = {
        "rates": rates.counts(table, "category"),
        "buyers": rates.buyers(table, "category"),
        "affinity": affinity.pairs(table, "category", "occasion"),
    }
    return {name: str(ibis.to_sql(one, dialect="duckdb")) for name, one in asked.items()}


def run(sql: str, file: str) -> dict[str, float]:
    """Return what a question took: seconds, MB at most, and how many rows it found."""
    import duckdb  # noqa: PLC0415

    database = duckdb.connect(config={"threads": 2})
    database.execute(f"CREATE VIEW touches AS FROM read_parquet('{file}')")
    before = perf_counter()
    found = len(database.sql(sql).to_arrow_table())
    return {"s": perf_counter() - before, "MB": peak(), "rows": found}


def science(file: str) -> dict[str, dict[str, float]]:
    """Return what numpy took for all people and categories, from counts to rates and pairs."""
    import duckdb  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from scipy.sparse import coo_array  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    from kfar.rooms.insight.affinity.pairs import together  # noqa: PLC0415
    from kfar.rooms.insight.rates.shrinkage import fit_rates  # noqa: PLC0415

    database = duckdb.connect(config={"threads": 2})
    database.execute(f"CREATE VIEW touches AS FROM read_parquet('{file}')")

    def counted(holder: str) -> Any:
        found = database.execute(
            f"""SELECT dense_rank() OVER (ORDER BY {holder}) - 1 AS holder,
            dense_rank() OVER (ORDER BY category) - 1 AS item, count(DISTINCT occasion) AS n
            {BOUGHT} GROUP BY {holder}, category"""
        ).fetchnumpy()
        return coo_array((found["n"], (found["holder"], found["item"]))).tocsr()

    lives, baskets = counted("customer"), counted("occasion")
    exposure = np.random.default_rng(1).integers(30, 366, lives.shape[0])
    told = {}
    with threadpool_limits(1, "blas"):
        for name, work in (
            ("rates fitted", lambda: fit_rates(lives, exposure)),
            ("pairs tested", lambda: together(baskets)),
        ):
            before = perf_counter()
            work()
            told[name] = {"s": perf_counter() - before, "MB": peak()}
    return told


def peak() -> float:
    """Return the most memory this process has held, in MB; its parent's does not count."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


def main(times: int) -> None:
    """Measure each in a process of its own, and print."""
    import duckdb  # noqa: PLC0415

    from kfar.rooms.touchpoints.completejourney import (  # noqa: PLC0415
        NAMED_PRODUCTS,
        PURCHASES,
        open_files,
    )

    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "touches.parquet")
        database = duckdb.connect(config={"threads": 2})
        opened: Any = type("Opened", (), {"run": staticmethod(database.execute)})
        open_files(opened)
        database.execute(NAMED_PRODUCTS)
        database.execute(f"COPY ({COPY.format(purchases=PURCHASES, times=times)}) TO '{file}'")
        database.close()
        asked = {("ours", k): v for k, v in in_ibis().items()}
        asked |= {("by hand", k): v for k, v in BY_HAND.items()}
        took: dict[tuple[str, str], list[dict[str, float]]] = {}
        for _ in range(RUNS):
            for which, sql in asked.items():
                took.setdefault(which, []).append(_beside("run", sql, file))
        print("| what | s | by hand | ratio | peak MB | by hand |\n|---|---|---|---|---|---|")
        for name in BY_HAND:
            ours, hand = took["ours", name], took["by hand", name]
            assert {x["rows"] for x in ours} == {x["rows"] for x in hand}
            s, other = median(x["s"] for x in ours), median(x["s"] for x in hand)
            memory, less = (median(x["MB"] for x in found) for found in (ours, hand))
            print(
                f"| {name} | {s:.2f} | {other:.2f} | {s / other:.2f} | {memory:.0f} | {less:.0f} |"
            )
        for name, one in _beside("science", file).items():
            print(f"| {name} | {one['s']:.2f} | | | {one['MB']:.0f} | |")


def _beside(*given: str) -> Any:
    """Run a part in a process of its own; return what it told."""
    command = [sys.executable, "-m", "bench.insight", *given]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run", sql, file]:
            print(json.dumps(run(sql, file)))
        case ["science", file]:
            print(json.dumps(science(file)))
        case [*times]:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kfar.settings.project")
            import django

            django.setup()
            main(int(times[0]) if times else 1)
