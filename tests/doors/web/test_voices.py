"""The list of voices: its numbers are counted, not the rows it shows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kfar.rooms.voice.models import Voice
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee

pytestmark = pytest.mark.django_db


def test_all_are_counted_and_forty_shown_the_closed_ones_newest_first() -> None:
    anna, now = a_customer(), timezone.now()
    an_employee("Noa")
    for n in range(41):
        then = now - timedelta(minutes=n)
        given = {"customer_id": anna, "language": "en", "heard_at": then}
        Voice.objects.create(text=f"waits {n}!", **given)
        Voice.objects.create(text=f"closed {n}!", answered_at=then, closed_at=then, **given)
    page = text(enter("Noa").get(reverse("web:voices")))
    assert re.findall(r'class="num">(\d+)<', page) == ["41", "0", "0", "0", "41"]
    waits, closed = re.findall(r"waits (\d+)!", page), re.findall(r"closed (\d+)!", page)
    assert [int(n) for n in waits] == list(range(40, 0, -1))
    assert [int(n) for n in closed] == list(range(40))
