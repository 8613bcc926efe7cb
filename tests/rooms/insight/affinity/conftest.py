"""Tables are tried on each engine, as the engines' own contract is."""

from __future__ import annotations

from tests.lake.engines.conftest import spoken

__all__ = ["spoken"]
