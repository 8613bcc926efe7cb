"""Touches for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from kfar.ground.ids import derived_id
from kfar.lake import table
from kfar.lake.engines import engine
from kfar.lake.models import Batch, IdRun, Segment, Touchpoint
from kfar.lake.timeline import timeline
from kfar.lake.touch import COLUMNS, Touch

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANNA = UUID("11111111-0000-4000-8000-000000000000")
BORYS = UUID("ee222222-0000-4000-8000-000000000000")


def a_touch(key: str = "1", hours: float = 0, **fields: Any) -> Touch:
    """A purchase of Anna's, `hours` after noon, unless said otherwise."""
    given = {
        "id": derived_id("test", key),
        "customer": ANNA,
        "at": NOON + timedelta(hours=hours),
        "channel": "store",
        "kind": "purchase",
        "source": "test",
    }
    return Touch(**{**given, **fields})


def empty() -> None:
    """Forget everything: table, ids, batches, inbox."""
    for rows in (Segment, IdRun, Batch, Touchpoint):
        rows.objects.all().delete()


def settle(touches: Sequence[Touch], batch: str = "batch") -> int:
    """Append touches to the table."""
    with engine().session() as session:
        session.load("given", COLUMNS, [list(vars(touch).values()) for touch in touches])
        return table.append(session, batch=batch, select="SELECT * FROM given")


def journey(customers: Sequence[UUID]) -> list[Touch]:
    """All touches of these customers, as their timeline shows them."""
    page = timeline(list(customers), most=1000)
    return [touch for occasion in page.occasions for touch in occasion.touches]
