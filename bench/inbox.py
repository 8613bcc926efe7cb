"""A million voices: finding some by their words, opening the inbox, counting what came of them.

VOICES of a fifth as many customers, in Hebrew, Polish and English, of words drawn as they come in
languages (Zipf) from the sentences Kfar itself is translated into; one in fifty is still open.
Each was read by a model, most are closed by their customer's word. Then words are looked for, rare
ones and frequent, alone and two at a time, the inbox is opened as an employee does, and the home
page as anybody. The limit is a voice read by its id; the peer is `LIKE '%word%'`, which is what
there is without an index. On the database that `KFAR_DATABASE_URL` names, or SQLite.

    uv run python -m bench.inbox [VOICES]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from babel.messages.pofile import read_po

#: How many different questions, how often the peer is asked, and how many are put in at once.
ASKED, PEER, BATCH = 1_000, 10, 20_000
WORDS = 18
MARKS = ("negative", "positive", "neutral")
LOCALE = Path(__file__).parent.parent / "src" / "kfar" / "locale"


def vocabulary() -> dict[str, list[str]]:
    """Return the words of the three languages, in an order drawn by lot."""
    found: dict[str, set[str]] = {"en": set(), "he": set(), "pl": set()}
    for language in ("he", "pl"):
        path = LOCALE / language / "LC_MESSAGES" / "django.po"
        with path.open("rb") as file:
            for message in read_po(file):
                for text, spoken in ((message.id, "en"), (message.string, language)):
                    said = text if isinstance(text, str) else " ".join(text or ())
                    found[spoken].update(word for word in said.split() if word.isalpha())
    return {lang: Random(0).sample(sorted(words), len(words)) for lang, words in found.items()}


def texts(seed: int) -> Iterator[tuple[str, str]]:
    """Yield languages and sentences."""
    lot, words = Random(seed), vocabulary()
    weights = {
        lang: list(accumulate(1 / rank for rank in range(1, len(known) + 1)))
        for lang, known in words.items()
    }
    while True:
        lang = lot.choices(("he", "pl", "en"), (5, 3, 2))[0]
        length = lot.randint(3, 2 * WORDS - 3)
        yield lang, " ".join(lot.choices(words[lang], cum_weights=weights[lang], k=length))


def fill(voices: int) -> None:
    """Take them in, as many as there are, with the index that finds them."""
    from django.utils import timezone  # noqa: PLC0415 - after the settings

    from kfar.rooms.customers.models import Customer  # noqa: PLC0415
    from kfar.rooms.service.models import Case  # noqa: PLC0415
    from kfar.rooms.voice.models import Judgement, Owed, Reading, Voice  # noqa: PLC0415
    from kfar.rooms.voice.searching import commands as searching  # noqa: PLC0415

    lot, said, now = Random(1), texts(2), timezone.now()
    people = [Customer(name=f"Customer {n}") for n in range(max(voices // 5, 1))]
    for start in range(0, len(people), BATCH):
        Customer.objects.bulk_create(people[start : start + BATCH])
    for start in range(0, voices, BATCH):
        rows = []
        for number, (lang, text) in enumerate(islice(said, min(BATCH, voices - start)), start):
            at = now - timedelta(minutes=voices - number)
            state = lot.randrange(200)  # of 200 one each: unread, promised, decided, told
            told = at + timedelta(minutes=lot.randrange(1, 4_000)) if state > 2 else None
            rows.append(
                Voice(
                    customer=people[lot.randrange(len(people))],
                    text=text,
                    language=lang,
                    heard_at=at,
                    read_at=at if state else None,
                    told_at=told,
                    answered_at=told,
                    closed_at=told if state > 3 else None,
                    owed=state == 1,
                    mark=lot.choices(MARKS, (5, 3, 2))[0],
                )
            )
        Voice.objects.bulk_create(rows)
        Case.objects.bulk_create(
            Case(
                voice_id=v.pk,
                customer=v.customer,
                opened_at=v.heard_at,
                decided_at=v.told_at,
                first_decided_at=v.told_at,
                due_at=v.heard_at + timedelta(days=1),
                in_time=v.told_at < v.heard_at + timedelta(days=1) if v.told_at else None,
            )
            for v in rows
        )
        closed = [v for v in rows if v.closed_at]
        Judgement.objects.bulk_create(
            Judgement(voice=v, good=lot.random() < 0.8, at=v.told_at or now) for v in closed
        )
        Owed.objects.bulk_create(Owed(voice=v, promise_id=v.pk) for v in rows if v.owed)
        Reading.objects.bulk_create(
            Reading(
                voice=v,
                language=v.language,
                probability=0.8,
                mark=v.mark,
                unhappy=v.mark == "negative",
            )
            for v in rows
        )
        searching.index(voices=[voice.pk for voice in rows])


def measured(what: str, acts: list[Callable[[], Any]]) -> None:
    """Print how long each of these took, in the middle and at the 99th percentile."""
    took = []
    for act in acts:
        before = perf_counter()
        act()
        took.append(1000 * (perf_counter() - before))
    cuts = quantiles(took, n=100, method="inclusive")
    print(f"| {what} | {cuts[49]:.1f} | {cuts[98]:.1f} |", flush=True)


def like(asked: str) -> list[Any]:
    """Return the newest voices with these words as they are written."""
    from kfar.rooms.voice.models import Voice  # noqa: PLC0415

    rows = Voice.objects.order_by("-heard_at")
    for word in asked.split():
        rows = rows.filter(text__icontains=word)
    return list(rows[:50])


def questions() -> dict[str, list[str]]:
    """Return what is asked for: words as they come, so frequent ones often, rare ones, pairs."""
    lot, said, words = Random(3), texts(4), vocabulary()
    come = [text.split() for _, text in islice(said, ASKED)]
    rare = [lot.choice(words[lang][len(words[lang]) // 2 :]) for lang in ("he", "pl", "en") * ASKED]
    return {
        "a word as they come": [lot.choice(text) for text in come],
        "a rare word": rare[:ASKED],
        "two words of one voice": [" ".join(lot.sample(text, 2)) for text in come],
        "the most frequent": [words[lang][0] for lang in ("he", "pl", "en")] * (ASKED // 3),
    }


def main(voices: int) -> None:
    """Fill, ask, print."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from bench.profiles import at_the_door  # noqa: PLC0415
    from kfar.rooms.village import commands as village  # noqa: PLC0415
    from kfar.rooms.village import defaults  # noqa: PLC0415
    from kfar.rooms.voice import queries as voices_  # noqa: PLC0415
    from kfar.rooms.voice.models import Voice  # noqa: PLC0415
    from kfar.rooms.voice.searching.queries import search  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    defaults.begin()
    village.employ(email="bench@village.example", name="Noa", role="lead")
    before = perf_counter()
    fill(voices)
    print(f"{voices:,} voices in {perf_counter() - before:.0f} s\n\n| what | p50 ms | p99 ms |")
    print("|---|---|---|")
    ids = Random(5).choices(list(Voice.objects.values_list("pk", flat=True)[: ASKED * 10]), k=ASKED)
    measured("limit: one by its id", [lambda i=i: Voice.objects.get(pk=i) for i in ids])  # type: ignore[misc]
    for what, asked in questions().items():
        measured(f"found: {what}", [lambda q=q: search(q) for q in asked])  # type: ignore[misc]
        measured("… peer: LIKE", [lambda q=q: like(q) for q in asked[:PEER]])  # type: ignore[misc]
    import kfar.settings.wsgi  # noqa: F401, PLC0415 - as the server of pages begins

    client, inbox = at_the_door(), reverse("web:voices")
    found = [
        f"{reverse('web:find')}?q={q}" for q in questions()["a word as they come"][: ASKED // 5]
    ]
    for what, pages in {
        "the inbox": [inbox] * (ASKED // 5),
        "… of unhappy voices": [f"{inbox}?mark=negative"] * (ASKED // 5),
        "all that were closed": [reverse("web:standing", args=["closed"])] * (ASKED // 5),
        "a page of what was found": found,
    }.items():
        client.get(pages[0])
        measured(what, [lambda a=a: client.get(a) for a in pages])  # type: ignore[misc]
    for what, count in {"ever": voices_.telling, "by month": voices_.telling_by_month}.items():
        measured(f"who was told, {what}, counted anew", [count.__wrapped__] * PEER)  # type: ignore[attr-defined]
    measured("the home page", [lambda: client.get("/")] * PEER)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        os.environ |= {
            "KFAR_DATA_DIR": folder,
            "KFAR_DEMO": "true",
            "KFAR_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "kfar.settings.project",
        }
        import django

        django.setup()
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
