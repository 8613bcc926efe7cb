"""A few purchases that can be counted by hand, and the table of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kfar.lake import insight
from kfar.lake.engines import Session
from tests.lake.touches import BORYS, a_touch, settle

#: Anna has milk and bread at once, milk twice in that basket; next day milk; then a gift card.
#: Borys has bread elsewhere, and tea, which he gave back. Hours are from noon of 1 March 2026.
TOUCHES = [
    a_touch("1", 0, basket="a", place="1", product="m", category="milk", paid=100, units=1),
    a_touch("2", 0, basket="a", place="1", product="n", category="milk", paid=120, units=2),
    a_touch("3", 0, basket="a", place="1", product="b", category="bread", paid=50, units=1),
    a_touch("4", 24, basket="b", place="2", product="m", category="milk", paid=90, units=1),
    a_touch("5", 48, basket="c", place="1", product="g", paid=500),
    a_touch("6", 48, customer=BORYS, basket="d", place="2", product="b", category="bread", paid=40),
    a_touch("7", 72, customer=BORYS, basket="e", place="2", product="t", category="tea", paid=-70),
    a_touch("8", 72, customer=BORYS, kind="voice", category="milk", paid=1),
]


@contextmanager
def asked() -> Iterator[tuple[Any, Session]]:
    """Settle them; give the table and a session to ask."""
    settle(TOUCHES)
    with insight.reading() as session:
        yield insight.touches(), session
