"""Reading what may be known: the touches of those who agreed, without what they corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from kfar.lake import insight, table
from kfar.lake.engines import Session
from kfar.lake.touch import COLUMNS, OCCASION
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.queries import PERSONALISE, UNDERSTAND
from kfar.rooms.insight.models import Correction, Kind

if TYPE_CHECKING:
    from ibis.expr.types import Table

#: What no study asks of a touch stays where it is.
UNREAD = {"channel", "source", "basket", "department", "name", "url", "consent", "received"}
READ = {name: kind for name, kind in COLUMNS.items() if name not in UNREAD}
#: What `known` has beside what is read of `lake.insight.touches`.
ADDED = {"gift": "BOOLEAN NOT NULL", "personalise": "BOOLEAN NOT NULL"}

#: `told` is the touches with occasion and day. Whoever turned out to be one person is one.
#: Where nothing was corrected, nothing is joined: one person's page is planned sooner.
KNOWN = f"""
CREATE OR REPLACE TEMP {{what}} known AS
SELECT {", ".join("agreed.person AS customer" if c == "customer" else f't."{c}"' for c in READ)},
    t.occasion, t.day, {{gift}} AS gift, agreed.personalise
FROM ({{told}}) AS t JOIN agreed ON t.customer = agreed.id {{corrected}}
"""  # noqa: S608 - constants of ours
CORRECTED = """
LEFT JOIN corrected ON t.id = corrected.touch AND agreed.person = corrected.person
LEFT JOIN unused ON t.category = unused.category AND agreed.person = unused.person
WHERE coalesce(corrected.gift, true) AND unused.person IS NULL
"""


@lru_cache(maxsize=1)
def known() -> Table:
    """Return the table that `everybody` and `one` open, to build Ibis expressions on.

    What is read (`READ`) of `lake.insight.touches`, with `customer` the person they are; `gift`:
    bought for somebody else; `personalise`: said yes to that purpose, too.
    """
    import ibis  # noqa: PLC0415 - takes a while
    from ibis.backends.sql.datatypes import DuckDBType  # noqa: PLC0415

    columns = {
        name: DuckDBType.from_string(kind.removesuffix(" NOT NULL"))
        for name, kind in (READ | insight.ADDED | ADDED).items()
    }
    return ibis.table(columns, name="known")


@contextmanager
def everybody() -> Iterator[Session]:
    """Open a session in which `known` has what is known of all who agreed to be understood.

    Raises `Refused("lake.damaged", file=…)`, `Refused("lake.no_spark")`.
    """
    with insight.reading() as session:
        agreed = customers.saying_yes(UNDERSTAND)
        personal = customers.saying_yes(PERSONALISE)
        owners = customers.owners(agreed)
        _open(
            session,
            {own: (root, root in personal) for own, root in owners.items()},
            what="VIEW",
            told="FROM touches",
        )
        yield session


@contextmanager
def one(ids: Sequence[UUID]) -> Iterator[Session]:
    """Open a session in which `known` has what is known of one person; empty without consent.

    `ids` are all of theirs, their own first. Raises `Refused("lake.damaged", file=…)`.
    """
    yes = customers.purposes(ids)
    whose = (ids[0], PERSONALISE in yes)
    with table.reading(ids) as session:
        _open(
            session,
            dict.fromkeys(ids, whose) if UNDERSTAND in yes else {},
            what="TABLE",
            told=f"""SELECT *, {OCCASION} AS occasion,
                ("at" AT TIME ZONE '{settings.TIME_ZONE}')::DATE AS day FROM touches""",  # noqa: S608
        )
        yield session


def currency(session: Session) -> str:
    """Return the currency in which most of what is known was bought."""
    rows = session.rows(
        """SELECT currency FROM known WHERE currency IS NOT NULL AND kind = 'purchase'
        GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1"""
    )
    return rows[0][0] if rows else settings.KFAR_CURRENCY


def _open(session: Session, agreed: dict[UUID, tuple[UUID, bool]], *, what: str, told: str) -> None:
    """Make `known` of what is told, from the tables of who agreed and of what they corrected."""
    session.load(
        "agreed",
        {"id": "UUID NOT NULL", "person": "UUID NOT NULL", "personalise": "BOOLEAN NOT NULL"},
        [(own, root, personal) for own, (root, personal) in agreed.items()],
    )
    rows = Correction.objects.all()
    if len(agreed) < customers.CHUNK:
        rows = rows.filter(customer__in=list(agreed))
    theirs = [(agreed[row.customer_id][0], row) for row in rows if row.customer_id in agreed]
    if not theirs:
        session.run(KNOWN.format(what=what, told=told, gift="false", corrected=""))
        return
    gifts: dict[tuple[UUID, UUID], bool] = {}  # a no outweighs a gift of before two were one
    for person, row in theirs:
        if row.touch:
            key = person, row.touch
            gifts[key] = gifts.get(key, True) and row.kind == Kind.GIFT
    session.load(
        "corrected",
        {"person": "UUID NOT NULL", "touch": "UUID NOT NULL", "gift": "BOOLEAN NOT NULL"},
        [(*key, gift) for key, gift in gifts.items()],
    )
    session.load(
        "unused",
        {"person": "UUID NOT NULL", "category": "VARCHAR NOT NULL"},
        sorted({(person, row.category) for person, row in theirs if row.category}),
    )
    gift = "corrected.touch IS NOT NULL"
    session.run(KNOWN.format(what=what, told=told, gift=gift, corrected=CORRECTED))
