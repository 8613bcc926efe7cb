"""Who serves customers looks for voices by what was said."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from kfar.rooms.voice import commands
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee

pytestmark = pytest.mark.django_db


def test_what_was_found_is_shown_the_newest_first_and_page_by_page(clock: Clock) -> None:
    anna = a_customer()
    an_employee("Noa")
    for n in range(26):
        commands.say(by=anna, text=f"Parcel {n}!", language="en", about_name="Milk")
        clock.now += timedelta(minutes=1)
    commands.say(by=anna, text="Thank you", language="en")
    client, page = enter("Noa"), reverse("web:find")
    first = text(client.get(page, {"q": "parcels"}))
    assert re.findall(r"Parcel (\d+)!", first) == [str(n) for n in range(25, 0, -1)]
    [more] = re.findall(r'href="\?(q=parcels&amp;before=\d+)"', first)
    second = text(client.get(page + "?" + more.replace("&amp;", "&")))
    assert re.findall(r"Parcel (\d+)!", second) == ["0"]
    assert "Earlier ones" not in second


def test_nothing_found_says_what_to_do_and_nothing_asked_how_it_works() -> None:
    an_employee("Noa")
    client, page = enter("Noa"), reverse("web:find")
    assert "Try fewer words" in text(client.get(page, {"q": "parcel"}))
    assert "each has to stand in a voice" in text(client.get(page))
    for before in ("x", "-1", "٣", "9" * 40):
        assert client.get(page, {"q": "parcel", "before": before}).status_code == 200


def test_what_is_looked_for_is_text_and_nothing_else() -> None:
    an_employee("Noa")
    page = text(enter("Noa").get(reverse("web:find"), {"q": '"><script>alert(1)</script>'}))
    assert "<script>alert" not in page


def test_customers_find_nothing_here() -> None:
    a_customer()
    assert enter("Anna").get(reverse("web:find"), {"q": "parcel"}).status_code == 403
    assert Client().get(reverse("web:find"), {"q": "parcel"}).status_code == 302
