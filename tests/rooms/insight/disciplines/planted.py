"""People whose purchases follow the model, so that the truth is known."""

from __future__ import annotations

import numpy as np

from kfar.rooms.insight.disciplines.shrinking import Cells
from kfar.rooms.insight.figures import Floats

PEOPLE, CATEGORIES = 400, 12
MIDDLE = np.linspace(0.2, 0.8, CATEGORIES)


class Planted:
    """The truth of each cell, and times in which people buy by it.

    In the first six categories people differ (person 0.12, interaction 0.08), in the others not
    at all.
    """

    def __init__(self, seed: int = 0) -> None:
        self.draw = np.random.default_rng(seed)
        differ = np.arange(CATEGORIES) < CATEGORIES // 2
        self.person = self.draw.normal(size=PEOPLE)
        own = 0.08 * self.draw.normal(size=(PEOPLE, CATEGORIES))
        self.truth: Floats = np.clip(
            MIDDLE + differ * (0.12 * self.person[:, None] + own), 0.01, 0.99
        )

    def time(self) -> Cells:
        """A time in which people buy some things in most categories."""
        lines = self.draw.poisson(12, self.truth.shape)
        person, category = np.nonzero(lines)
        bought = lines[person, category]
        yes = self.draw.binomial(bought, self.truth[person, category]).astype(np.float64)
        return Cells(person, category, bought.astype(np.float64), yes, yes, PEOPLE, CATEGORIES)
