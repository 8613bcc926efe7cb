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
BOTH = "FROM settled UNION ALL SELECT fresh.* FROM fresh ANTI JOIN settled USING (id)"


@contextmanager
def reading(customers: Collection[UUID] | None = None) -> Iterator[Session]:
    """Open a session in which `touches` holds table and inbox: of some customers, or all.

    `touches` has the columns of `COLUMNS`; of all, `settled` is the table alone. Nobody waits
    for a reader but who erases. A file of the table that is missing or broken is
    `Refused("lake.damaged", file=…)`.
    """
    with lease(), engine().session() as session:
        # The inbox first: a touch that settles meanwhile is then in both, and never in none.
        fresh = inbox.fresh(customers)
        where = "" if customers is None else these(customers)
        settled = files(customers=customers)
        if customers is not None and not fresh:  # a person's page: no view too many
            session.view("touches", COLUMNS, settled, where)
        else:
            session.view("settled", COLUMNS, settled, where)
            session.load("fresh", COLUMNS, fresh)
            session.run(f"CREATE OR REPLACE TEMP VIEW touches AS {BOTH}")
        yield session
