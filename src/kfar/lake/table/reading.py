"""Reading: table and inbox as one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from kfar.lake import inbox
from kfar.lake.engines import Session, engine
from kfar.lake.table.catalogue import fetched, files, these
from kfar.lake.table.writing import lease
from kfar.lake.touch import COLUMNS

#: What stands in both is one touch.
BOTH = """
CREATE TEMP VIEW touches AS
FROM settled UNION ALL SELECT fresh.* FROM fresh ANTI JOIN settled USING (id)
"""

#: The customers whose touches are open here, and the session they are open in.
_opened: ContextVar[tuple[frozenset[UUID], Session] | None] = ContextVar("opened", default=None)


@contextmanager
def reading(customers: Collection[UUID] | None = None) -> Iterator[Session]:
    """Open a session in which `touches` holds table and inbox: of these customers, or all.

    `touches` has the columns of `COLUMNS`; of all customers, `settled` is the same without the
    inbox. Nobody waits for a reader but who erases. Within a reading of some customers, another
    one of the same is in the same session, and sees the same. A file of the table that is
    missing or broken is `Refused("lake.damaged", file=…)`, one that the bucket alone has when
    that does not answer, `Refused("lake.bucket_away")`.
    """
    if customers is None:
        with _read(None) as session:
            yield session
        return
    whose, opened = frozenset(customers), _opened.get()
    if opened and opened[0] == whose:
        yield opened[1]
        return
    with _read(customers) as session:
        outer = _opened.set((whose, session))
        try:
            yield session
        finally:
            _opened.reset(outer)


@contextmanager
def _read(customers: Collection[UUID] | None) -> Iterator[Session]:
    with lease(), engine().session(small=customers is not None) as session:
        # The inbox first: a touch that settles meanwhile is then in both, and never in none.
        fresh = inbox.fresh(customers)
        # Some people's are read once, however much is asked of them; all are read when asked.
        if customers is None:
            session.view("settled", COLUMNS, fetched(files()))
        else:
            name = "settled" if fresh else "touches"
            theirs = fetched(files(customers=customers))
            session.table(name, COLUMNS, theirs, these(customers))
        if fresh:
            session.load("fresh", COLUMNS, fresh)
            session.run(BOTH)
        elif customers is None:
            session.run("CREATE TEMP VIEW touches AS FROM settled")
        yield session
