"""Keys to the gate: made, listed, revoked by the operator."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.lake.intake import notice
from kfar.rooms.touchpoints.models import Key, Scope
from kfar.rooms.touchpoints.rules import check_source


@dataclass(frozen=True)
class KeyLine:
    """A key as it may be shown: not the key, only how it begins."""

    id: UUID
    source: str
    scope: str
    hint: str
    rate: int
    made_at: datetime
    revoked_at: datetime | None


def make(*, source: str, scope: str = Scope.WEB, rate: int = 0) -> str:
    """Return a new key with which `source` may send; it is shown this once.

    Scope "web" may stand in public pages; "server" is secret, and what it says of who
    somebody is counts as true; "api" is secret, reads the API and sends nothing; "directory" is
    secret and says who works here; "promises" is secret and reads what was promised to and by
    each customer. `rate` is
    events a second, 0 for any number.
    Refuses with `touchpoints.bad_source`, `touchpoints.bad_scope`.
    """
    check_source(source)
    if scope not in Scope.values:
        raise Refused("touchpoints.bad_scope", scope=scope[:20])
    key = secrets.token_urlsafe(24)
    Key.objects.create(
        source=source, scope=scope, sum=notice.key_sum(key), hint=key[:6], rate=max(rate, 0)
    )
    return key


def revoke(*, hint: str) -> int:
    """Let the keys that begin with `hint` open nothing from now on; return how many did.

    Refuses with `touchpoints.no_such_key` where there is none.
    """
    keys = Key.objects.filter(hint=hint)
    if not keys:
        raise Refused("touchpoints.no_such_key", hint=hint[:20])
    return keys.filter(revoked_at=None).update(revoked_at=timezone.now())


def everyone() -> list[KeyLine]:
    """Return every key, the latest first."""
    return [
        KeyLine(k.pk, k.source, k.scope, k.hint, k.rate, k.made_at, k.revoked_at)
        for k in Key.objects.order_by("-made_at", "pk")
    ]


def for_notice() -> dict[str, notice.Key]:
    """Return the keys that open the gate, by their sums."""
    found = Key.objects.filter(revoked_at=None, scope__in=[Scope.WEB, Scope.SERVER])
    return {key.sum: notice.Key(source=key.source, scope=key.scope, rate=key.rate) for key in found}


def opens_api(key: str) -> bool:
    """Return whether this is a key to the API that was not revoked."""
    known = Key.objects.filter(scope=Scope.API, sum=notice.key_sum(key), revoked_at=None)
    return known.exists()


def api_source(key: str) -> str:
    """Return under which name a key to the API was made, "" where there is none."""
    known = Key.objects.filter(scope=Scope.API, sum=notice.key_sum(key), revoked_at=None)
    return known.values_list("source", flat=True).first() or ""


def opens_promises(key: str) -> bool:
    """Return whether this is a key to customers' promises that was not revoked."""
    known = Key.objects.filter(scope=Scope.PROMISES, sum=notice.key_sum(key), revoked_at=None)
    return known.exists()


def opens_directory(key: str) -> bool:
    """Return whether this is a directory's key that was not revoked."""
    known = Key.objects.filter(scope=Scope.DIRECTORY, sum=notice.key_sum(key), revoked_at=None)
    return known.exists()
