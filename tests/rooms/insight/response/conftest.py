"""The engines of the lake, for the tables of this science."""

from __future__ import annotations

from tests.lake.engines.conftest import spoken

__all__ = ["spoken"]
