"""CDNOW, the data of the papers; and the engines that tables run on."""

from __future__ import annotations

import pytest

from tests.lake.engines.conftest import spoken
from tests.rooms.insight.clv.cdnow import Purchases, sample

__all__ = ["spoken"]


@pytest.fixture(scope="session")
def cdnow() -> Purchases:
    """The sample of every tenth customer, 2,357, whom the papers fit to."""
    return sample()
