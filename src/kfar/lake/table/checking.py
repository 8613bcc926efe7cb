"""Checking: whether the table's files are what the catalogue says."""

from __future__ import annotations

from kfar.ground.errors import Refused
from kfar.lake.engines import engine
from kfar.lake.models import Segment
from kfar.lake.table.catalogue import paths
from kfar.lake.table.writing import folder, lease
from kfar.lake.touch import COLUMNS


def damaged() -> list[str]:
    """Return the names of files that are missing, broken, or hold more or fewer rows than noted.

    Looks at where a file says what is in it, not at every value.
    """
    if not folder().exists():
        return list(Segment.objects.order_by("pk").values_list("name", flat=True))
    wrong = []
    with lease():
        for segment in Segment.objects.order_by("pk"):
            try:
                with engine().session() as session:
                    session.view("file", COLUMNS, paths([segment]))
                    [(rows,)] = session.rows("SELECT count(*) FROM file")
            except Refused:
                rows = None
            if rows != segment.rows:
                wrong.append(segment.name)
    return wrong
