"""A disk that is full: nothing half done, what was written comes back, and reading goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from kfar.doors import links
from kfar.lake.models import Announcement, AuditLine
from kfar.rooms.decisions import queries as polls
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.models import Voice
from tests.doors.web.doors import enter, path, text
from tests.people import a_customer, an_employee, ask, noted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data_dir")]

#: Longer than what may be left free on a page of the database.
WORDS = "החלב היה חמוץ. " * 300


class Disk:
    """The database's disk. SQLite is really full; PostgreSQL takes no writes at all."""

    def fill(self, *rows: Model) -> None:
        """Take all room, also what is left on the pages of the tables of `rows`."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET default_transaction_read_only = on")
                return
            cursor.execute("VACUUM")  # leaves no page free
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        for row in rows:
            with suppress(OperationalError):
                while True:
                    row.pk = None
                    row.save(force_insert=True)

    def make_room(self) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET default_transaction_read_only = off")
            else:
                cursor.execute("PRAGMA max_page_count = 1073741823")


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.make_room()


def test_what_was_said_comes_back_and_reading_goes_on(disk: Disk) -> None:
    anna = a_customer()
    tomasz = an_employee("Tomasz", "brand")
    question = ask(tomasz)
    client, form = enter("Anna"), {"text": WORDS, "once": uuid4()}
    assert client.get(reverse("web:journey")).status_code == 200

    disk.fill()
    response = client.post(reverse("web:say"), form)
    assert response.status_code == 507
    assert "There is no room left on our disk" in text(response)
    assert WORDS.strip() in text(response)
    pages = ["web:home", "web:questions", "web:promises", "web:journey", "web:say", "web:me"]
    for reader in (client, Client()):
        found = [reader.get(reverse(page)).status_code for page in pages[:3]]
        assert found == [200, 200, 200]
    assert [client.get(reverse(page)).status_code for page in pages] == [200] * 6
    assert client.get(path(links.ballot(question, anna))).status_code == 200
    assert (Voice.objects.count(), Announcement.objects.count()) == (0, 1)

    disk.make_room()
    assert client.post(reverse("web:say"), form).status_code == 302
    assert (Voice.objects.get().text, Announcement.objects.count()) == (WORDS.strip(), 2)


def test_an_answer_that_cannot_be_kept_is_not_thanked_for(disk: Disk) -> None:
    anna = a_customer()
    question = ask(an_employee("Tomasz", "brand"))
    client, ballot = Client(), path(links.ballot(question, anna))
    disk.fill(Announcement(payload={}))
    statuses = {client.post(ballot, {"choices": "1"}).status_code for _ in range(2)}
    assert (statuses, polls.answer_of(question, anna)) == ({507}, None)
    disk.make_room()
    assert client.post(ballot, {"choices": "1"}).status_code == 302
    assert polls.answer_of(question, anna) == "1"


def test_no_voice_is_shown_that_cannot_be_noted_as_read(disk: Disk) -> None:
    anna, _ = a_customer(), an_employee()
    voice_id = voice.say(by=anna, text="The milk was sour", language="en")
    client = enter("Noa")
    disk.fill(AuditLine(customer_id=uuid4()))
    response = client.get(reverse("web:voice", args=[voice_id]))
    assert response.status_code == 507
    assert "The milk was sour" not in text(response)
    assert noted(anna) == []
    disk.make_room()
    assert client.get(reverse("web:voice", args=[voice_id])).status_code == 200
