"""Rates, buyers, affinity and RFM: asked in Ibis, beside DuckDB SQL by hand, Polars and pandas.

The purchases of The Complete Journey, `times` over, each time by other people, stand in one file of
Parquet, as the lake's do. Each question runs in a process of its own, in turns, on two threads,
the peers' once; beside its seconds stands the memory it held at most. The rest is numpy's: how
rates differ between people, and which pairs are more than chance.

    uv run python -m bench.insight [TIMES]
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import date
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
    "rfm": """WITH days AS (SELECT customer, day, sum(paid) FILTER (currency = 'USD') AS paid
        FROM touches WHERE kind = 'purchase' GROUP BY ALL), firsts AS (
        SELECT customer, min(day) AS first FROM days GROUP BY ALL)
        SELECT customer, count(*) - 1, max(day) - first, DATE '2017-12-31' - first,
        coalesce(sum(paid) FILTER (day > first), 0)::BIGINT FROM days JOIN firsts USING (customer)
        GROUP BY customer, first""",
}


def in_polars(name: str, file: str) -> Any:
    """Return what Polars finds."""
    import polars as pl  # noqa: PLC0415

    purchases = pl.scan_parquet(file).filter(pl.col("kind") == "purchase")
    paid = purchases.filter(pl.col("paid") > 0)
    bought = paid.filter(pl.col("category").is_not_null())
    day = pl.col("day")
    if name == "rates":
        once = bought.group_by("customer", "category", "occasion").agg(day.min())
        found = once.group_by("customer", "category").agg(
            times=pl.len(), first=day.min(), last=day.max()
        )
    elif name == "buyers":
        people = paid.select(people=pl.col("customer").n_unique())
        found = bought.group_by("category").agg(
            pl.col("customer").n_unique(),
            pl.col("occasion").n_unique(),
            pl.len(),
            pl.col("units", "paid").sum(),
            first=day.min(),
            last=day.max(),
        )
        found = found.join(people, how="cross").with_columns(pl.col("customer") / pl.col("people"))
    elif name == "affinity":
        held = bought.select("occasion", "category").unique()
        both = held.join(held, on="occasion")
        both = both.filter(pl.col("category") < pl.col("category_right"))
        found = both.group_by("category", "category_right").len()
    else:
        spent = pl.col("paid").filter(pl.col("currency") == "USD").sum()
        days = purchases.group_by("customer", "day").agg(spent)
        firsts = days.group_by("customer").agg(first=day.min())
        days = days.join(firsts, on="customer")
        found = days.group_by("customer", "first").agg(
            frequency=pl.len() - 1,
            last=day.max(),
            spent=pl.col("paid").filter(day > pl.col("first")).sum(),
        )
    return found.collect(engine="streaming")


def in_pandas(name: str, file: str) -> Any:
    """Return what pandas finds; it groups by no UUID, so ids are bytes, and days are instants."""
    import pandas as pd  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    asked = {
        "rates": ["customer", "category", "occasion", "day", "paid"],
        "buyers": ["customer", "category", "occasion", "day", "paid", "units"],
        "affinity": ["occasion", "category", "paid"],
        "rfm": ["customer", "day", "paid", "currency"],
    }[name]
    table = pq.read_table(file, columns=asked, filters=[("kind", "==", "purchase")])
    inside = {pa.uuid(): pa.binary(16), pa.date32(): pa.timestamp("s")}
    table = table.cast(
        pa.schema([field.with_type(inside.get(field.type, field.type)) for field in table.schema])
    )
    purchases = table.to_pandas(types_mapper=pd.ArrowDtype)
    if name == "rfm":
        purchases["paid"] = purchases.paid.where(purchases.currency == "USD", 0)
        days = purchases.groupby(["customer", "day"], sort=False).paid.sum().reset_index()
        days["first"] = days.groupby("customer").day.transform("min")
        days["spent"] = days.paid.where(days.day > days["first"], 0)
        return days.groupby(["customer", "first"], sort=False).agg(
            frequency=("day", "size"), last=("day", "max"), spent=("spent", "sum")
        )
    paid = purchases[purchases.paid > 0]
    bought = paid[paid.category.notna()]
    if name == "rates":
        once = bought.groupby(["customer", "category", "occasion"], sort=False).day.min()
        each = once.reset_index().groupby(["customer", "category"], sort=False)
        return each.day.agg(["size", "min", "max"])
    if name == "buyers":
        found = bought.groupby("category").agg(
            buyers=("customer", "nunique"),
            visits=("occasion", "nunique"),
            lines=("paid", "size"),
            units=("units", "sum"),
            paid=("paid", "sum"),
            first=("day", "min"),
            last=("day", "max"),
        )
        found["share"] = found.buyers / paid.customer.nunique()
        return found
    held = bought[["occasion", "category"]].drop_duplicates()
    both = held.merge(held, on="occasion")
    both = both[both.category_x < both.category_y]
    return both.groupby(["category_x", "category_y"]).size()


def peer(who: str, name: str, file: str) -> dict[str, float]:
    """Return what a peer took for a question; nothing where it says that it is too much."""
    ask = {"polars": in_polars, "pandas": in_pandas}[who]
    before = perf_counter()
    try:
        found = len(ask(name, file))
    except (MemoryError, OverflowError, ValueError) as error:  # Arrow's refusals are among them
        print(f"{who}, {name}: {error}", file=sys.stderr)
        return {}
    return {"s": perf_counter() - before, "MB": peak(), "rows": found}


def in_ibis() -> dict[str, str]:
    """Return the same questions, as the house asks them."""
    import ibis  # noqa: PLC0415 - not in the others' memory

    from kfar.lake.insight import touches  # noqa: PLC0415
    from kfar.rooms.insight.affinity import tables as affinity  # noqa: PLC0415
    from kfar.rooms.insight.clv import tables as clv  # noqa: PLC0415
    from kfar.rooms.insight.rates import tables as rates  # noqa: PLC0415

    table = touches()
    asked = {
        "rates": rates.counts(table, "category"),
        "buyers": rates.buyers(table, "category"),
        "affinity": affinity.pairs(table, "category", "occasion"),
        "rfm": clv.summary(table, date(2017, 12, 31), "USD"),
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
        print("| what | s | by hand | ratio | Polars | pandas | MB | by hand | Polars | pandas |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for name in BY_HAND:
            ours, hand = took["ours", name], took["by hand", name]
            assert {x["rows"] for x in ours} == {x["rows"] for x in hand}
            s, other = median(x["s"] for x in ours), median(x["s"] for x in hand)
            memory, less = (median(x["MB"] for x in found) for found in (ours, hand))
            said, held = [], []
            for who in ("polars", "pandas"):
                found = _beside("peer", who, name, file)
                assert not found or found["rows"] == ours[0]["rows"], (who, found)
                said.append(f"{found['s']:.2f}" if found else "fails")
                held.append(f"{found['MB']:.0f}" if found else "")
            print(
                f"| {name} | {s:.2f} | {other:.2f} | {s / other:.2f} | {' | '.join(said)}"
                f" | {memory:.0f} | {less:.0f} | {' | '.join(held)} |",
                flush=True,
            )
        for name, one in _beside("science", file).items():
            print(f"| {name} | {one['s']:.2f} | | | | | {one['MB']:.0f} | | | |")


def _beside(*given: str) -> Any:
    """Run a part in a process of its own; return what it told, None if it had no memory left."""
    command = [sys.executable, "-m", "bench.insight", *given]
    ran = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    if ran.returncode == -signal.SIGKILL:
        return None
    ran.check_returncode()
    return json.loads(ran.stdout)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run", sql, file]:
            print(json.dumps(run(sql, file)))
        case ["peer", who, name, file]:
            os.environ["POLARS_MAX_THREADS"] = "2"
            print(json.dumps(peer(who, name, file)))
        case ["science", file]:
            print(json.dumps(science(file)))
        case [*times]:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kfar.settings.project")
            import django

            django.setup()
            main(int(times[0]) if times else 1)
