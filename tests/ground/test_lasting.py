"""Figures last twenty times as long as counting them took, and small ones not at all."""

from __future__ import annotations

import pytest

from kfar.ground import lasting


class Slow:
    """A clock that only counting moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, takes: float) -> None:
        self.now, self.takes, self.calls = 1000.0, takes, 0
        monkeypatch.setattr(lasting, "monotonic", lambda: self.now)
        monkeypatch.setattr(lasting, "SOON", 0.1)
        self.ask = lasting.lasting(self._count)

    def _count(self, of: str = "all") -> str:
        self.calls += 1
        self.now += self.takes
        return f"{of} {self.calls}"


def test_what_took_long_lasts_twenty_times_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, takes=2.0)
    assert slow.ask() == "all 1"
    slow.now += 39.9
    assert slow.ask() == "all 1"
    slow.now += 0.1
    assert slow.ask() == "all 2"
    assert slow.ask("some") == "some 3"
    assert slow.ask(of="some") == "some 4"


def test_what_is_quick_is_always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Slow(monkeypatch, takes=0.05)
    assert [quick.ask(), quick.ask()] == ["all 1", "all 2"]


def test_what_fails_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(monkeypatch, takes=2.0)

    @lasting.lasting
    def broken() -> str:
        slow.now += slow.takes
        slow.calls += 1
        raise LookupError

    for _time in range(2):
        with pytest.raises(LookupError):
            broken()
    assert slow.calls == 2
