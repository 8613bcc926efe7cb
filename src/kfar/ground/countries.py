"""The country of an IP address, where the operator has a database that says it (MaxMind DB 2.0)."""

from __future__ import annotations

from functools import lru_cache

import maxminddb
import structlog

from kfar.ground.networks import networks

log = structlog.get_logger(__name__)


@lru_cache(maxsize=1 << 16)
def abroad(ip: str, file: str, home: str) -> str:
    """Return the country of an address (ISO 3166, "PL"), "" at home and where it is not known.

    `file` is read once by each process, so a newer one is read after a new start; "": there is
    none, and no country is known.
    """
    database = _database(file) if file else None
    try:
        address = networks(ip)[0].partition("/")[0]
        found = database.get(address) if database else None
        code = str(found["country"]["iso_code"])  # type: ignore[index, call-overload]
    except (LookupError, TypeError, ValueError):
        return ""
    return "" if code == home else code


@lru_cache(maxsize=1)
def _database(file: str) -> maxminddb.Reader | None:
    try:
        # In memory: a file that is written anew under a running process would end it.
        return maxminddb.open_database(file, maxminddb.MODE_MEMORY)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        log.error("countries.unread", error=type(error).__name__)  # votes go on without
        return None
