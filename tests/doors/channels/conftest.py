"""Pages that show what was said on channels, as the tests of pages have them."""

from __future__ import annotations

from tests.doors.web.conftest import _quick_and_simple  # noqa: F401 - a fixture
