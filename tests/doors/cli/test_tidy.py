"""What is removed in passing, and what stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from kfar.doors.cli import server
from kfar.lake.models import Announcement

pytestmark = pytest.mark.django_db


def test_what_is_over_is_removed() -> None:
    call_command("createcachetable", verbosity=0)
    cache.clear()
    now = timezone.now()
    for key, days in [("ended", -1), ("open", 1)]:
        Session.objects.create(
            session_key=key, session_data="", expire_date=now + timedelta(days=days)
        )
    cache.set("over", 1, timeout=60)
    cache.set("counting", 1, timeout=60)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kfar_cache SET expires = '2020-01-01' WHERE cache_key = %s",
            [cache.make_key("over")],
        )
    for fact, days in [("over", 31), ("kept", 29)]:
        at = now - timedelta(days=days)
        Announcement.objects.create(fact=fact, payload={}, at=at, delivered_at=at)
    waiting = now - timedelta(days=99)
    Announcement.objects.create(fact="waiting", payload={}, at=waiting, due_at=waiting)
    server.tidy()
    assert list(Announcement.objects.order_by("pk").values_list("fact", flat=True)) == [
        "kept",
        "waiting",
    ]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM kfar_cache")
        assert cursor.fetchall() == [(cache.make_key("counting"),)]
