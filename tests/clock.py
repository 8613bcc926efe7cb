"""Time in tests: it stands still until it is moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from types import SimpleNamespace

import pytest
from django.core import signing
from django.utils import timezone


class Clock:
    """The time as Django and all rooms see it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)
        clock = self

        class Standing(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return clock.now.astimezone(tz)

        # Not `timezone.now` itself: rows' defaults have hold of that.
        monkeypatch.setattr(timezone, "datetime", Standing)
        standing = SimpleNamespace(time=lambda: clock.now.timestamp())  # noqa: PLW0108 - as it is then
        monkeypatch.setattr(signing, "time", standing)

    def to(self, at: datetime) -> None:
        """Let it be `at`."""
        self.now = at

    def forward(self, **span: float) -> datetime:
        """Let that much time pass."""
        self.now += timedelta(**span)
        return self.now

    @property
    def today(self) -> date:
        """The company's day."""
        return timezone.localdate(self.now)
