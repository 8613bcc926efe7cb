"""The clock: what is due is done, whatever else fails."""

from __future__ import annotations

import pytest
import structlog.testing

from kfar import loop


def test_a_chore_that_fails_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise OSError("no room for anna@example.org")

    monkeypatch.setattr(loop, "chores", [lambda: 1, broken, lambda: 2])
    with structlog.testing.capture_logs() as said:
        assert loop.tick() == 3
    failed = {"chore": "broken", "error": "OSError", "event": "chore.failed", "log_level": "error"}
    assert said == [failed]
