"""The table: every touch that has settled, as Parquet files with a catalogue in the database.

A file belongs to the table when its catalogue row (`Segment`) is committed, never before:
it is written under another name, synced, renamed, and then its row is inserted. Files never
change; compaction, erasure and forgetting put others in their place, in one transaction.

In a file one customer's rows stand together: the catalogue says which files can hold them,
Parquet's statistics which row groups.
"""

from kfar.lake.table.appending import alone, append
from kfar.lake.table.catalogue import fetched, files, taken, until
from kfar.lake.table.checking import damaged
from kfar.lake.table.compaction import compact
from kfar.lake.table.erasure import erase, forget, forget_old
from kfar.lake.table.mirroring import lacking, mirror
from kfar.lake.table.reading import reading
from kfar.lake.table.writing import lease

__all__ = [
    "alone",
    "append",
    "compact",
    "damaged",
    "erase",
    "fetched",
    "files",
    "forget",
    "forget_old",
    "lacking",
    "lease",
    "mirror",
    "reading",
    "taken",
    "until",
]
