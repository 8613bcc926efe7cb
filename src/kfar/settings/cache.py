"""How what is counted against guessing is named in the database: nobody can read whom it counts."""

from __future__ import annotations

from django.utils.crypto import salted_hmac


def sealed(key: str, key_prefix: str, version: int) -> str:
    """Return a name that only this Kfar can make of `key`, which may hold an IP address."""
    return salted_hmac(
        "kfar.cache", f"{key_prefix}:{version}:{key}", algorithm="sha256"
    ).hexdigest()
