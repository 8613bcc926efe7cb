"""The backend, where Django looks for it."""

from __future__ import annotations

import sqlite3

from django.db.backends.sqlite3 import base

#: SQLITE_READONLY (the low byte of the extended code).
READ_ONLY = 8


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that was opened while the disk was read-only stays so, and is replaced."""

    def is_usable(self) -> bool:
        """Return whether it can write; Django asks after an error, before it is used again."""
        if self.in_atomic_block:
            return True  # a transaction is under way, and is not ours to try things in
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.execute("PRAGMA user_version = 0")  # a write that changes nothing
        except sqlite3.Error as error:
            return error.sqlite_errorcode & 0xFF != READ_ONLY
        else:
            return True
        finally:
            self.connection.rollback()
