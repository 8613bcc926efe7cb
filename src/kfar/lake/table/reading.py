"""Reading: table and inbox as one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from kfar.lake import inbox
from kfar.lake.engines import Session, engine
from kfar.lake.table.catalogue import files, these
from kfar.lake.table.writing import lease
from kfar.lake.touch import COLUMNS

#: What stands in both is one touch.
BOTH = """
WITH known AS (SELECT * FROM settled {where})
FROM known UNION ALL SELECT fresh.* FROM fresh ANTI JOIN known USING (id)
"""


@contextmanager
def reading(customers: Collection[UUID] | None = None) -> Iterator[Session]:
    """Open a session in which `touches` holds table and inbox: of these customers, or all.

    `touches` has the columns of `COLUMNS`; `settled` is the table without the inbox. Nobody
    waits for a reader but who erases. A file of the table that is missing or broken is
    `Refused("lake.damaged", file=…)`.
    """
    with lease(), engine().session() as session:
        # The inbox first: a touch that settles meanwhile is then in both, and never in none.
        fresh = inbox.fresh(customers)
        session.view("settled", COLUMNS, files(customers=customers))
        where = "" if customers is None else f"WHERE {these(customers)}"
        if fresh:
            session.load("fresh", COLUMNS, fresh)
            both = BOTH.format(where=where)
        else:
            both = f"SELECT * FROM settled {where}"  # noqa: S608 - ids alone
        # Some people's are read once, however much is asked of them; all are read when asked.
        kind = "VIEW" if customers is None else "TABLE"
        session.run(f"CREATE TEMP {kind} touches AS {both}")
        yield session
