"""The catalogue: which files are the table, and what is in each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from kfar.lake.engines import Session
from kfar.lake.models import Batch, Segment
from kfar.lake.table.writing import fetch, folder
from kfar.lake.touch import COLUMNS

#: For more people at once one looks between the first and the last of them.
FEW = 50
#: How rows stand in a file, in SQL.
ORDER = 'ORDER BY customer, "at", basket, id'


def taken(batch: str) -> bool:
    """Return whether a batch of this name stands in the table."""
    return Batch.objects.filter(name=batch).exists()


def files(*, customers: Collection[UUID] | None = None) -> dict[Path, int]:
    """Return the table's files, oldest first; only those that can hold these customers' rows.

    Each goes with its number of columns. They stay as long as one holds a `lease`. Where there
    is a bucket, they are here once they were `fetched`.
    """
    named = segments(customers).values_list("name", "width")
    return {folder() / name: width for name, width in named}


def until() -> datetime | None:
    """Return the instant of the latest touch in the table: the end of the known period."""
    last: datetime | None = Segment.objects.aggregate(last=Max("last_at"))["last"]
    return last


def segments(customers: Collection[UUID] | None = None) -> QuerySet[Segment]:
    """Return the segments, oldest first; only those that can hold these customers' rows."""
    found = Segment.objects.order_by("pk")
    if customers is None:
        return found
    if not customers:
        return found.none()
    people = sorted(customers)
    spans = zip(people, people, strict=True) if len(people) <= FEW else [(people[0], people[-1])]
    return found.filter(
        reduce(or_, (Q(min_customer__lte=high, max_customer__gte=low) for low, high in spans))
    )


def paths(segments: Iterable[Segment]) -> dict[Path, int]:
    """Return the files of these segments, each with its number of columns; they are fetched."""
    return fetched({folder() / segment.name: segment.width for segment in segments})


def fetched(files: dict[Path, int]) -> dict[Path, int]:
    """Return the same files, once they are here: to be called under a lease or a lock.

    Raises `Refused("lake.bucket_away")` where one would have to come from there and cannot.
    """
    fetch(files)
    return files


def described(session: Session, relation: str) -> dict[str, Any]:
    """Return what the catalogue says of a file with the rows of `relation`; empty for none."""
    [(rows, first, last, low, high)] = session.rows(
        f'SELECT count(*), min("at"), max("at"), min(customer), max(customer) FROM {relation}'  # noqa: S608 - a name of ours
    )
    if not rows:
        return {}
    return {
        "rows": rows,
        "first_at": first,
        "last_at": last,
        "min_customer": low,
        "max_customer": high,
        "width": len(COLUMNS),
    }


def these(customers: Collection[UUID]) -> str:
    """Return the condition in SQL that a row is of one of these customers."""
    if not customers:
        return "false"
    listed = ", ".join(f"'{UUID(str(customer_id))}'::UUID" for customer_id in customers)
    return f"customer IN ({listed})"
