"""Scrubbing: nothing of deleted rows stays in the database's files."""

from __future__ import annotations

import time

from django.apps import apps
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

#: So many seconds others may keep an old state of the database in use.
PATIENCE = 60
#: A table of PostgreSQL's of at most so many bytes, indexes and all, is written anew, which
#: takes about a second; so many seconds at most others wait for that to begin.
SMALL, SOON = 64 * 1024 * 1024, 2


def scrub() -> None:
    """See that rows deleted before are in none of SQLite's files, once the transaction ends.

    What is deleted is overwritten at once (`secure_delete`, in the settings), but the log
    beside the database holds older pages until it is emptied. Raises `TimeoutError` where
    somebody reads an old state for a minute. On PostgreSQL small tables are written anew; in
    large ones the bytes remain until their space is used again, and in its logs as long as it
    keeps those (docs/how-to/erase-and-export.md).
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
    """Write small tables anew; of large ones, make the space of deleted rows free."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relname = ANY(%s) AND pg_table_is_visible(oid)",
            [list(tables)],
        )
        for table, size in cursor.fetchall():
            name = connection.ops.quote_name(table)
            if size > SMALL or not _rewritten(cursor, name):
                cursor.execute(f"VACUUM (ANALYZE) {name}")
        _rewritten(cursor, "pg_catalog.pg_statistic")  # it quotes what stood in columns


def _rewritten(cursor: CursorWrapper, name: str) -> bool:
    """Write a table anew; False where others use it, who must not wait for us."""
    cursor.execute(f"SET lock_timeout = '{SOON}s'")
    try:
        cursor.execute(f"VACUUM (FULL, ANALYZE) {name}")
    except OperationalError:
        return False
    finally:
        cursor.execute("RESET lock_timeout")
    return True
