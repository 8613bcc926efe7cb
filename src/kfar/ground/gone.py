"""What an erasure took away: counts, and the ids by which others may still know it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class Gone:
    """How many rows of each table are gone (`{"voice.Voice": 2}`), and ids of such rows."""

    rows: Mapping[str, int] = field(default_factory=dict)
    ids: frozenset[UUID] = frozenset()

    @classmethod
    def of(cls, rows: Mapping[str, int], ids: Collection[UUID] = ()) -> Gone:
        """Return what is gone; tables that lost nothing are left out."""
        return cls({table: count for table, count in rows.items() if count}, frozenset(ids))

    def __add__(self, other: Gone) -> Gone:
        """Return both together."""
        return Gone(dict(Counter(self.rows) + Counter(other.rows)), self.ids | other.ids)
