"""Prominence of a hundred thousand products from a million reviews; beside the plain mean.

    uv run python -m bench.prominence

Prints reviews a second, the median of five runs. The limit is what numpy needs to read the stars
once (`bincount`); the plain mean is what most shops show.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from kfar.rooms.voice.prominence.scoring import score
from kfar.rooms.voice.prominence.weighing import Reviews

REVIEWS, PRODUCTS, CATEGORIES, TODAY, RUNS = 1_000_000, 100_000, 500, 20_500, 5


def main() -> None:
    """Measure and print."""
    draw = np.random.default_rng(1)
    product = np.minimum(draw.zipf(1.3, REVIEWS), PRODUCTS).astype(np.int64) - 1
    day = TODAY - draw.integers(0, 3 * 365, REVIEWS)
    stars = draw.choice(5, REVIEWS, p=[0.07, 0.05, 0.1, 0.25, 0.53]) + 1
    verified = draw.random(REVIEWS) < 0.6
    category = np.arange(PRODUCTS) % CATEGORIES

    def whole() -> None:
        given = Reviews.of(product, day, stars, verified, PRODUCTS)
        score(given, category, CATEGORIES, TODAY)

    def plain() -> None:
        np.bincount(product, stars, PRODUCTS) / np.maximum(
            np.bincount(product, minlength=PRODUCTS), 1
        )

    print(f"{'prominence':<12}{_rate(whole):>14,.0f} reviews/s")
    print(f"{'plain mean':<12}{_rate(plain):>14,.0f} reviews/s")


def _rate(act: Callable[[], None]) -> float:
    took = []
    for _ in range(RUNS):
        started = time.perf_counter()
        act()
        took.append(time.perf_counter() - started)
    return REVIEWS / statistics.median(took)


if __name__ == "__main__":
    main()
