"""Scrubbing waits for those who use an older state, and holds nobody up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from kfar.lake.models import Position
from kfar.lake.scrub import scrub
from tests.traces import found

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


@pytest.mark.parametrize("kept", [0, 1])
def test_statistics_forget_too(kept: int, tmp_path: Path) -> None:
    """Those of PostgreSQL quote what stands in a column, also of a table that is empty by now."""
    Position.objects.bulk_create(Position(log=f"planted {n}") for n in range(20))
    Position.objects.bulk_create(Position(log=f"kept {n}") for n in range(kept))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE lake_position")
    assert found(tmp_path, ["planted 7"])
    Position.objects.filter(log__startswith="planted").delete()
    assert scrub()
    assert not found(tmp_path, ["planted 7"])
