"""Prominence for one person: 100,000 ties among 20,000 people, and a million reviews.

Ties are drawn so that some know many; half agreed that they count beyond their friends, half that
they are named. Asked is what a page asks: the circle of one person, then the first twenty
products of a category in their order, and one product. The limit is the same shelf as everybody
sees it. On the database that `KFAR_DATABASE_URL` names, or SQLite.

    uv run python -m bench.friends [REVIEWS]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import UUID

PEOPLE, TIES, PRODUCTS, CATEGORIES, ASKED, BATCH = 20_000, 100_000, 10_000, 100, 300, 20_000


def fill(reviews: int) -> list[UUID]:
    """Write people, ties and reviews; return whom to ask for, drawn by lot."""
    from django.utils import timezone  # noqa: PLC0415 - after the settings

    from kfar.rooms.customers.models import Consent, Customer  # noqa: PLC0415
    from kfar.rooms.customers.queries import AMONG  # noqa: PLC0415
    from kfar.rooms.customers.ties.models import Tie  # noqa: PLC0415
    from kfar.rooms.voice.reviews.models import Product, Review  # noqa: PLC0415
    from kfar.rooms.voice.reviews.reckoning import reckon_all  # noqa: PLC0415

    lot, now = Random(1), timezone.now()
    people = [Customer(name=f"Customer {n}") for n in range(PEOPLE)]
    Customer.objects.bulk_create(people, batch_size=BATCH)
    ids = [person.pk for person in people]
    pairs: set[tuple[UUID, UUID]] = set()
    while len(pairs) < TIES:
        a, b = ids[int(PEOPLE * lot.random() ** 2)], ids[int(PEOPLE * lot.random())]
        if a != b:
            pairs.add((min(a, b), max(a, b)))
    Tie.objects.bulk_create([Tie(one_id=a, other_id=b) for a, b in sorted(pairs)], batch_size=BATCH)
    Consent.objects.bulk_create(
        [
            Consent(customer_id=own, purpose=purpose, given=True, source="bench")
            for own in ids
            for purpose in AMONG
            if lot.random() < 0.5
        ],
        batch_size=BATCH,
    )
    Product.objects.bulk_create(
        [
            Product(code=f"{n}", name=f"Product {n}", category=f"Category {n % CATEGORIES}")
            for n in range(PRODUCTS)
        ]
    )
    for start in range(0, reviews, BATCH):
        rows = {
            (int(PRODUCTS * lot.random() ** 3), lot.randrange(PEOPLE)): None for _ in range(BATCH)
        }
        Review.objects.bulk_create(
            [
                Review(
                    product_id=f"{product}",
                    customer_id=ids[person],
                    source="bench",
                    key=f"{start}.{n}",
                    stars=lot.choices(range(1, 6), (7, 5, 10, 25, 53))[0],
                    at=now - timedelta(days=lot.randrange(900)),
                )
                for n, (product, person) in enumerate(rows)
            ],
            ignore_conflicts=True,
        )
    reckon_all()
    return lot.sample(ids, ASKED)


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder:
        os.environ["KFAR_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "kfar.settings.project"
        import django  # noqa: PLC0415 - after where the database is

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        from kfar.rooms.customers.ties.queries import circle  # noqa: PLC0415
        from kfar.rooms.voice.reviews import personal, queries  # noqa: PLC0415

        asked = fill(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
        circles = [circle(own) for own in asked]
        sizes = sorted(len(c.named) + len(c.friends) + len(c.beyond) for c in circles)
        print(f"circle: median {sizes[len(sizes) // 2]} people, most {sizes[-1]}")
        shelf = "Category 7"
        _say("everybody's shelf", lambda n: queries.shelf(shelf))
        _say("a circle", lambda n: circle(asked[n]))
        _say("their shelf", lambda n: personal.shelf(circles[n], shelf))
        _say("their shelf, all", lambda n: personal.shelf(circles[n], None))
        _say("one product", lambda n: personal.product(circles[n], "7"))


def _say(what: str, act: Callable[[int], object]) -> None:
    took = []
    for number in range(ASKED):
        started = perf_counter()
        act(number)
        took.append((perf_counter() - started) * 1000)
    print(f"{what:<20}{median(took):>9.1f} ms{quantiles(took, n=100)[98]:>9.1f} ms p99")


if __name__ == "__main__":
    main()
