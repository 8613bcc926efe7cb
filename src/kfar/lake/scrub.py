"""Scrubbing: nothing of deleted rows stays in the database's files."""

from __future__ import annotations

import time

from django.apps import apps
from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper

#: A table of PostgreSQL's of at most so many bytes, indexes and all, is written anew, which
#: takes about a second.
SMALL = 64 * 1024 * 1024
#: So many seconds at most we wait for others, and others for us.
SOON = 2


def scrub() -> bool:
    """See that rows deleted before are in none of the database's files.

    Returns False where somebody still uses an older state, as a backup does: to be called
    again later. Not to be called inside a transaction.

    SQLite overwrites what is deleted at once (`secure_delete`, in the settings), but the log
    beside it holds older pages until it is emptied. On PostgreSQL small tables are written
    anew; in large ones the bytes remain until their space is used again, and in its logs as
    long as it keeps those (docs/how-to/erase-and-export.md).
    """
    with connection.cursor() as cursor:
        return _log_emptied(cursor) if connection.vendor == "sqlite" else _rewritten(cursor)


def _log_emptied(cursor: CursorWrapper) -> bool:
    cursor.execute("PRAGMA busy_timeout")
    [patience] = cursor.fetchone()
    cursor.execute(f"PRAGMA busy_timeout = {SOON * 1000}")
    try:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [busy, _, _] = cursor.fetchone()
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {patience}")
    return not busy


def _rewritten(cursor: CursorWrapper) -> bool:
    """Write small tables anew; of large ones, make the space of deleted rows free."""
    if not _alone(cursor):
        return False
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    cursor.execute(
        "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
        " WHERE relkind = 'r' AND relname = ANY(%s) AND pg_table_is_visible(oid)",
        [list(tables)],
    )
    names = {connection.ops.quote_name(table): size for table, size in cursor.fetchall()}
    for name, size in names.items():
        if size > SMALL:
            cursor.execute(f"VACUUM (ANALYZE) {name}")
    small = [name for name, size in names.items() if size <= SMALL]
    # PostgreSQL's statistics quote what stood in columns; those of before were deleted just now.
    return (
        all(_anew(cursor, name) and _without_statistics(cursor, name) for name in small)
        and _alone(cursor)
        and _anew(cursor, "pg_catalog.pg_statistic")
    )


def _alone(cursor: CursorWrapper) -> bool:
    """Wait until nobody on the server uses a state of before this; False where that takes long."""
    cursor.execute("SELECT pg_current_xact_id()::text")
    [now] = cursor.fetchone()
    until = time.monotonic() + SOON
    while not _alone_since(cursor, now):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _alone_since(cursor: CursorWrapper, then: str) -> bool:
    """Return whether nobody on the server uses a state as old as that transaction.

    As long as somebody does, be it in another database, what is written anew takes the deleted
    rows along.
    """
    cursor.execute(
        "SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::xid8 AND NOT EXISTS ("
        "  SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        "  AND age(backend_xmin) >= age(%s::xid8::xid))",
        [then, then],
    )
    [alone] = cursor.fetchone()
    return bool(alone)


def _anew(cursor: CursorWrapper, name: str) -> bool:
    """Write a table anew; False where others use it, who must not wait for us."""
    return _soon(cursor, f"VACUUM (FULL, ANALYZE) {name}")


def _without_statistics(cursor: CursorWrapper, name: str) -> bool:
    """Drop the statistics of a table that is empty; False where others use it.

    Of such a table ANALYZE leaves them as they were, and only a change of a column's type, be
    it to the same, lets them go.
    """
    cursor.execute(f"SELECT EXISTS (SELECT FROM {name})")  # noqa: S608 - a table of ours
    if cursor.fetchone() == (True,):
        return True
    cursor.execute(
        "SELECT quote_ident(attname), format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attname IN ("
        "  SELECT s.attname FROM pg_stats s JOIN pg_class c"
        "  ON c.relname = s.tablename AND c.relnamespace = s.schemaname::regnamespace"
        "  WHERE c.oid = %s::regclass)",
        [name, name],
    )
    changes = [f"ALTER COLUMN {column} TYPE {kind}" for column, kind in cursor.fetchall()]
    return not changes or _soon(cursor, f"ALTER TABLE {name} {', '.join(changes)}")


def _soon(cursor: CursorWrapper, statement: str) -> bool:
    """Run a statement that has a table to itself; False where it would keep others waiting."""
    cursor.execute(f"SET lock_timeout = '{SOON}s'")
    try:
        cursor.execute(statement)
    except OperationalError:
        return False
    finally:
        cursor.execute("RESET lock_timeout")
    return True
