"""The bucket: object storage that holds a copy of every file of the table, under its name.

Only where `KFAR_LAKE_URL` names one; without, nothing here is ever called for. An object is
put whole or not at all. What the bucket cannot do now is `Refused("lake.bucket_away")`: it does
not answer, is not there, or does not let us in.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from kfar.ground.errors import Refused

if TYPE_CHECKING:
    from obstore.store import S3Store  # an extra

#: Bytes that are fetched with one request.
CHUNK = 8 * 2**20
#: A request takes so many seconds at most; one that puts a file: time for the largest run.
SOON, LATE = timedelta(seconds=20), timedelta(minutes=2)
#: A server that is not there holds up whoever waits for a lock: some seconds, then no more.
CONNECT, RETRY = timedelta(seconds=2), timedelta(seconds=5)
#: What is put and removed again to see whether the bucket keeps old versions.
PROBE = "kfar.probe"


def there() -> bool:
    """Return whether a bucket is named."""
    return bool(settings.KFAR_LAKE_URL)


def keep(file: Path) -> None:
    """Put a file into the bucket.

    Raises `Refused("lake.versioned")` where the bucket keeps what is removed from it.
    """
    with _told(LATE) as store, file.open("rb") as opened:
        _forgets(os.getpid(), settings.KFAR_LAKE_URL)
        # One request: parts of an upload that was killed would stay where nobody lists them.
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            _put(store, file.name, content)


def drop(names: Collection[str]) -> None:
    """Remove these from the bucket, there or not; nothing of them is left in it."""
    if not names or not there():
        return
    with _told() as store:
        import obstore  # noqa: PLC0415 - an extra

        obstore.delete(store, sorted(names))


def take(name: str, to: Path) -> bool:
    """Write what the bucket holds under a name to a file; return False where it holds nothing."""
    with _told() as store:
        import obstore  # noqa: PLC0415 - an extra

        try:
            size = obstore.head(store, name)["size"]
        except FileNotFoundError:
            return False
        reader = obstore.open_reader(store, name, buffer_size=CHUNK, size=size)
        with to.open("wb") as file:
            while chunk := reader.read(CHUNK):
                file.write(chunk)
            if file.tell() != size:
                raise Refused("lake.bucket_away")
    return True


def sizes() -> dict[str, int]:
    """Return what the bucket holds: names, and how many bytes each has."""
    with _told() as store:
        import obstore  # noqa: PLC0415 - an extra

        return {found["path"]: found["size"] for some in obstore.list(store) for found in some}


def _put(store: S3Store, name: str, content: bytes | mmap.mmap) -> None:
    import obstore  # noqa: PLC0415 - an extra

    done = obstore.put(store, name, content, use_multipart=False)
    if done["version"] not in (None, "null"):  # null: kept once, no more
        raise Refused("lake.versioned")


@lru_cache(maxsize=2)
def _open(pid: int, url: str, patience: timedelta) -> S3Store:
    """Return the bucket, by process: a connection does not survive a fork."""
    try:
        from obstore.store import S3Store  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise Refused("lake.no_s3") from error
    return S3Store.from_url(
        url,
        client_options={"allow_http": True, "connect_timeout": CONNECT, "timeout": patience},
        retry_config={"max_retries": 2, "retry_timeout": RETRY},
    )


@lru_cache(maxsize=1)
def _forgets(pid: int, url: str) -> None:
    """See once that the bucket keeps no old versions, before it gets anything of anybody."""
    import obstore  # noqa: PLC0415 - an extra

    store = _open(pid, url, SOON)
    try:
        _put(store, PROBE, b"kfar")
    finally:
        obstore.delete(store, PROBE)


@contextmanager
def _told(patience: timedelta = SOON) -> Iterator[S3Store]:
    """Open the bucket, and say in Kfar's own codes what it does not do."""
    try:
        yield _open(os.getpid(), settings.KFAR_LAKE_URL, patience)
    except OSError as error:
        if error.errno is not None:  # the disk's, not the bucket's
            raise
        raise Refused("lake.bucket_away") from error
    except Exception as error:
        if type(error).__module__.startswith("obstore"):
            raise Refused("lake.bucket_away") from error
        raise
