"""The API in tests: the pages' settings."""

from __future__ import annotations

from tests.doors.web.conftest import _quick_and_simple

__all__ = ["_quick_and_simple"]
