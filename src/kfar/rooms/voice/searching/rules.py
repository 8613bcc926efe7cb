"""By which number a voice stands in the index."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

#: How many numbers there are for one millisecond, as a power of two.
BITS = 20


def number(voice_id: UUID, heard_at: datetime) -> int:
    """Return the number a voice would have: it grows with when it was heard, to a millisecond.

    Two of one millisecond have the same once in a million times; all fit into 63 bits until
    the year 2248.
    """
    return (int(heard_at.timestamp() * 1000) << BITS) + (voice_id.int & ((1 << BITS) - 1))
