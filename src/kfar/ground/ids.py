"""Names for rows that say nothing about what they name."""

from __future__ import annotations

from hashlib import md5
from uuid import UUID, uuid4


def new_id() -> UUID:
    """Return a fresh random id (UUID version 4); only such ids stand for people in the lake."""
    return uuid4()


def derived_id(source: str, key: str) -> UUID:
    """Return the one id for what `source` calls `key`: the same thing twice is the same row.

    MD5 is a name here, not a protection; DuckDB's `md5(source || chr(31) || key)::UUID`
    gives the same id for a whole table at once.
    """
    return UUID(hex=md5(f"{source}\x1f{key}".encode(), usedforsecurity=False).hexdigest())
