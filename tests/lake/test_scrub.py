"""Scrubbing waits for those who use an older state, and holds nobody up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from kfar.lake.models import Position
from kfar.lake.scrub import scrub

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def backup() -> Iterator[BaseDatabaseWrapper]:
    """Somebody who copies the database, all as it was when they began."""
    other = connection.copy()
    if other.vendor == "postgresql":
        other.cursor().execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    else:
        other.cursor().execute("BEGIN")
    other.cursor().execute("SELECT count(*) FROM lake_position")
    yield other
    other.close()


def test_not_while_a_backup_runs(
    backup: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kfar.lake.scrub.SOON", 1)
    Position.objects.create(log="gone")
    Position.objects.all().delete()
    assert not scrub()
    backup.cursor().execute("ROLLBACK")
    monkeypatch.undo()
    assert scrub()
