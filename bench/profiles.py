"""What is known of customers: learned of all, said of all, and on one person's page.

The Complete Journey is the company; everybody agreed. Then other people's touches are added until
the table has ROWS, which are as many as a large company's, and pages of its households are
opened as an employee opens them: journey, portrait, profile, and a line in the audit.

    uv run python -m bench.profiles [ROWS]
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

BATCH = 1_000_000
PAGES, WARM = 500, 50
YES = ("understand", "personalise")


def peak() -> float:
    """Return the most memory this process has held, in GB."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1e6


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long it took, and what it returned."""
    before = perf_counter()
    found = act()
    return perf_counter() - before, found


def everybody() -> int:
    """Say of all what is said of one; return of how many."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    from kfar.rooms.insight import profiles, reading  # noqa: PLC0415 - after the settings
    from kfar.rooms.insight.disciplines import leading  # noqa: PLC0415
    from kfar.rooms.insight.disciplines import tables as buying  # noqa: PLC0415
    from kfar.rooms.insight.disciplines.gathering import gather  # noqa: PLC0415
    from kfar.rooms.insight.figures import Withheld  # noqa: PLC0415
    from kfar.rooms.insight.leaving import tables as coming  # noqa: PLC0415
    from kfar.rooms.insight.next_best import tables as baskets  # noqa: PLC0415
    from kfar.rooms.insight.studies import habits, value  # noqa: PLC0415

    of = profiles.learned()
    assert of.value is not None
    assert of.leaving is not None
    assert of.habits is not None
    assert of.wants is not None
    assert of.tastes is not None
    until, known = of.value.until, reading.known()
    with reading.everybody() as session, threadpool_limits(1, "blas"):
        outlooks = value.outlooks_of(
            of.value.content, value.past(session, until, of.value.content.currency)
        )
        _, visits = coming.numbered(session.ask(coming.visits(known)))
        for learned in of.leaving.content.models.values():
            assert not isinstance(learned, Withheld)
            chances = learned.model.chances(visits, until.toordinal() + 1)
            assert len(chances.value) == len(outlooks)
        times, days = habits.bought(of.habits.content, session, until)
        of.habits.content.rates.mean(times, days)
        of.habits.content.rates.interval(times, days)
        next_ = of.wants.content.learned
        assert not isinstance(next_, Withheld)
        rows = session.ask(baskets.baskets(known))
        _, _, history = baskets.history(rows, of.wants.content.categories)
        next_.model.predict(history, next_.everybody)
        on = of.tastes.content
        mine = known.filter(~known.gift, known.category.isin(on.categories))
        bought = session.keep("numbered", buying.numbered(buying.bought(mine)))
        kinds = [row[:-1] for row in session.ask(buying.offers(bought))]
        session.load("places", buying.PLACES, on.compared.rows(kinds))
        lines = buying.placed(buying.lines(bought, on.compared.basket), "places")
        cells = gather([session.ask(buying.cells(lines))]).times[0]
        leading.leads(
            {
                name: leading.Measured(one.learned.says(cells[name]), one.judged)
                for name, one in on.measures.items()
                if not isinstance(one, Withheld)
            }
        )
    return len(outlooks)


def learn(lines: int) -> None:
    """Learn everything, say all of all, and print what each took."""
    from kfar.rooms.insight import refreshing  # noqa: PLC0415

    print("| what | s | GB at most |\n|---|---|---|")
    began: list[tuple[str, float]] = []
    took, _ = timed(lambda: refreshing.refresh(lambda s, *_: began.append((s, perf_counter()))))
    print(f"| learned from {lines:,} lines | {took:.1f} | {peak():.1f} |")
    for (step, start), (_, end) in pairwise(began):
        print(f"| … {step} | {end - start:.1f} | |")
    took, said = timed(everybody)
    print(f"| said of {said:,} customers | {took:.1f} | {peak():.1f} |")


def at_the_door() -> Client:
    """Return the browser of an employee."""
    from django.test import Client  # noqa: PLC0415

    from kfar.rooms.village.models import Login  # noqa: PLC0415

    client = Client(SERVER_NAME="localhost")
    client.force_login(Login.objects.get(email="bench@village.example"))
    session = client.session
    session["kfar_demo"] = True  # no second factor
    session.save()
    return client


def pages(what: str) -> None:
    """Open pages of some people of the demo, in a process as pages have, and print the times."""
    from django.urls import reverse  # noqa: PLC0415

    import kfar.settings.wsgi  # noqa: F401, PLC0415 - as the server of pages begins
    from kfar.rooms.customers.models import Customer  # noqa: PLC0415

    client, took = at_the_door(), []
    people = Customer.objects.order_by("pk").values_list("pk", flat=True)
    for person in Random(0).sample(list(people), PAGES + WARM):
        address = reverse("web:known", args=[person])
        before = perf_counter()
        answer = client.get(address)
        took.append(1000 * (perf_counter() - before))
        assert answer.status_code == 200, answer.status_code
    took = took[WARM:]
    print(f"| {what} | {median(took):.0f} | {quantiles(took, n=100)[98]:.0f} |")


def fill(rows: int) -> int:
    """Add other people's touches, in batches of a million, at least `rows`; return how many."""
    from bench.lake import TOUCHES  # noqa: PLC0415
    from kfar.lake import table  # noqa: PLC0415
    from kfar.lake.engines import engine  # noqa: PLC0415

    batches = -(-rows // BATCH)
    with engine().session() as lake:
        for seed in range(batches):
            given = TOUCHES.format(seed=seed, people=max(rows // 100, 1), rows=BATCH)
            lake.run(f"CREATE OR REPLACE TEMP TABLE given AS {given}")
            table.append(lake, select="SELECT * FROM given")
    table.compact()
    table.compact(whole=True)
    return batches * BATCH


def main(rows: int) -> None:
    """Measure and print."""
    from kfar.lake import table  # noqa: PLC0415
    from kfar.rooms.customers.models import Consent, Customer  # noqa: PLC0415
    from kfar.rooms.touchpoints import completejourney  # noqa: PLC0415
    from kfar.rooms.village import commands as village  # noqa: PLC0415
    from kfar.rooms.village import defaults  # noqa: PLC0415

    lines = completejourney.load()
    people = list(Customer.objects.values_list("pk", flat=True))
    Consent.objects.bulk_create(
        Consent(customer_id=person, purpose=purpose, given=True, source="bench")
        for person in people
        for purpose in YES
    )
    learn(lines)
    defaults.begin()
    village.employ(email="bench@village.example", name="Bench", role="service")
    print("\n| one profile's page, from | p50 ms | p99 ms |\n|---|---|---|")
    table.compact()
    _beside("pages", f"{lines:,} touches")
    if rows > lines:
        _beside("pages", f"{lines + fill(rows - lines):,} touches")


def _beside(*given: str) -> None:
    """Run a part in a process of its own."""
    subprocess.run([sys.executable, "-m", "bench.profiles", *given], check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["pages", what]:
            import django

            django.setup()
            pages(what)
        case [*rows]:
            with TemporaryDirectory() as folder:
                os.environ.update(
                    KFAR_DATA_DIR=folder,
                    KFAR_DATABASE_URL="",
                    KFAR_LOG_LEVEL="ERROR",
                    KFAR_DEMO="1",
                    KFAR_TIME_ZONE="America/New_York",
                    KFAR_CURRENCY="USD",
                    DJANGO_SETTINGS_MODULE="kfar.settings.project",
                )
                import django
                from django.core.management import call_command

                django.setup()
                call_command("migrate", verbosity=0)
                call_command("createcachetable")
                call_command("collectstatic", interactive=False, verbosity=0)
                main(int(rows[0]) if rows else 1_400_000)
