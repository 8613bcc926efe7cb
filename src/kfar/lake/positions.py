"""How far a log has been read: kept in the database, with what came of the reading."""

from __future__ import annotations

from kfar.lake.models import Position


def position(log: str) -> int:
    """Return how far `log` has been read; 0 where nothing was yet."""
    return Position.objects.filter(pk=log).values_list("at", flat=True).first() or 0


def advance(log: str, *, before: int, after: int) -> None:
    """Move on in the caller's transaction, so that it ends with what was read, or not at all.

    Raises `RuntimeError` where another process has moved on meanwhile: then nothing of the
    transaction may stay.
    """
    Position.objects.get_or_create(pk=log)
    if not Position.objects.filter(pk=log, at=before).update(at=after):
        raise RuntimeError(f"{log} is being read by another process")


def mark(log: str, at: int) -> None:
    """Note that `log` stands at `at`, unless it stands further already."""
    Position.objects.get_or_create(pk=log)
    Position.objects.filter(pk=log, at__lt=at).update(at=at)
