"""Scrubbing: nothing of deleted rows stays in the database's files."""

from __future__ import annotations

import time

from django.apps import apps
from django.db import connection, transaction

#: So many seconds others may keep an old state of the database in use.
PATIENCE = 60


def scrub() -> None:
    """See that rows deleted before are in none of SQLite's files, once the transaction ends.

    What is deleted is overwritten at once (`secure_delete`, in the settings), but the log
    beside the database holds older pages until it is emptied. Raises `TimeoutError` where
    somebody reads an old state for a minute. On PostgreSQL the rows' space is made free to be
    written over; until it is, and as long as its own logs are kept, their bytes remain
    (docs/how-to/erase-and-export.md).
    """
    if connection.vendor == "sqlite":
        transaction.on_commit(_empty_the_log)
    else:
        transaction.on_commit(_vacuum)


def _empty_the_log() -> None:
    until = time.monotonic() + PATIENCE
    while True:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            [busy, _, _] = cursor.fetchone()
        if not busy:
            return
        if time.monotonic() > until:
            raise TimeoutError("the database's log is in use")
        time.sleep(0.1)


def _vacuum() -> None:
    tables = [connection.ops.quote_name(model._meta.db_table) for model in apps.get_models()]
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM {', '.join(tables)}")
