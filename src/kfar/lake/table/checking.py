"""Checking: whether the table's files are what the catalogue says."""

from __future__ import annotations

from kfar.ground.errors import Refused
from kfar.lake.engines import engine
from kfar.lake.models import Segment
from kfar.lake.table import bucket
from kfar.lake.table.catalogue import paths
from kfar.lake.table.writing import folder, lease
from kfar.lake.touch import COLUMNS


def damaged() -> list[str]:
    """Return the names of files that are missing, broken, or hold more or fewer rows than noted.

    Looks at where a file says what is in it, not at every value. Where there is a bucket, a
    file that is not here is not missing; `lacking` says what the bucket does not have.
    """
    if not folder().exists():
        return [] if bucket.there() else [s.name for s in Segment.objects.order_by("pk")]
    wrong = []
    with lease():
        for segment in Segment.objects.order_by("pk"):
            if bucket.there() and not (folder() / segment.name).exists():
                continue
            try:
                with engine().session() as session:
                    session.view("file", COLUMNS, paths([segment]))
                    [(rows,)] = session.rows("SELECT count(*) FROM file")
            except Refused:
                rows = None
            if rows != segment.rows:
                wrong.append(segment.name)
    return wrong
