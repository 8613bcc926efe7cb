"""How far behind the gate the lake is: events by the second, and how old the oldest unsettled is.

    uv run --group bench python -m bench.settling

A gate and `kfar work`, as `kfar serve` runs them. Events come in batches of 100 at a fixed
rate for fifteen seconds into an empty lake, about twenty of each visitor, all of them new, as
of people who look around in a shop. How old the oldest event is that waits is asked four times
a second, the first five seconds left out. Load, gate and work share the same cores.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

from bench.gate import an_event, opened
from bench.load import free_port, load, post

RATES = (1_000, 5_000, 10_000, 20_000, 30_000)
SECONDS, WARM, BATCH, EACH = 15.0, 5.0, 100, 20


def batches(key: str, events: int) -> list[bytes]:
    """Return so many events in batches, no two alike."""
    draw = Random(events)
    visitors = [UUID(int=draw.getrandbits(128)) for _ in range(-(-events // EACH))]
    made = []
    for start in range(0, events, BATCH):
        batch = [
            {**an_event(n), "anonymousId": str(draw.choice(visitors))}
            for n in range(start, start + BATCH)
        ]
        body = json.dumps({"batch": batch, "writeKey": key}).encode()
        made.append(post("/v1/batch", body, "Content-Type: application/json"))
    return made


@contextmanager
def serving(port: int) -> Iterator[None]:
    """Run a gate and what works behind it."""
    work = subprocess.Popen([sys.executable, "-m", "kfar", "work"], stderr=subprocess.DEVNULL)
    try:
        with opened(Path(os.environ["KFAR_DATA_DIR"]), port):
            yield
    finally:
        work.terminate()
        work.wait(30)


def main(rate: int) -> None:
    """Measure one rate and print its line."""
    from kfar import loop  # noqa: PLC0415 - after the settings
    from kfar.rooms.touchpoints import keys  # noqa: PLC0415
    from kfar.rooms.touchpoints.traffic import traffic  # noqa: PLC0415

    key = keys.make(source="shop")
    loop.post_notice()
    requests, port = batches(key, int(rate * (SECONDS + 1))), free_port()
    with serving(port), ThreadPoolExecutor(1) as beside:
        time.sleep(3)  # until it works
        sent = beside.submit(
            load, port, requests, seconds=SECONDS, connections=16, rate=rate / BATCH
        )
        start, behind = time.monotonic(), []
        while not sent.done():
            time.sleep(0.25)
            if time.monotonic() - start > WARM:
                behind.append(traffic().behind.total_seconds())
        ended = time.monotonic()
        while traffic().waiting:
            time.sleep(0.1)
        drained = time.monotonic() - ended
    answers = sent.result()
    behind.sort()
    print(
        f"| {rate:,} | {answers.per_second * BATCH:,.0f} | {behind[len(behind) // 2]:.1f} |"
        f" {behind[-1]:.1f} | {drained:.1f} |" + (" FAILED" if answers.failed else ""),
        flush=True,
    )


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print("| events/s | acknowledged/s | behind, s, median | most | after the last, s |")
        print("|---|---|---|---|---|")
        for each in RATES:
            subprocess.run([sys.executable, "-m", "bench.settling", str(each)], check=True)
        sys.exit()
    with TemporaryDirectory(dir=".", prefix="kfar-bench-") as made:
        os.environ.update(
            KFAR_DATA_DIR=str(Path(made).resolve()),
            KFAR_DATABASE_URL="",
            KFAR_LOG_LEVEL="ERROR",
            DJANGO_SETTINGS_MODULE="kfar.settings.project",
        )
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        main(int(sys.argv[1]))
