"""The list of voices: its numbers are counted, not the rows it shows."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urljoin

import pytest
from django.urls import reverse
from django.utils import timezone

from kfar.rooms.voice.models import Voice
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee

pytestmark = pytest.mark.django_db


def waiting_and_closed(many: int) -> None:
    """Let so many voices wait and as many be closed, one each minute; an employee is Noa."""
    anna, now = a_customer(), timezone.now()
    an_employee("Noa")
    for n in range(many):
        then = now - timedelta(minutes=n)
        given = {"customer_id": anna, "language": "en", "heard_at": then}
        Voice.objects.create(text=f"waits {n}!", **given)
        Voice.objects.create(text=f"closed {n}!", answered_at=then, closed_at=then, **given)


def test_all_are_counted_and_some_shown_the_closed_ones_newest_first() -> None:
    waiting_and_closed(21)
    long = timezone.now() - timedelta(days=8)
    Voice.objects.filter(text="closed 20!").update(closed_at=long)
    page = text(enter("Noa").get(reverse("web:voices")))
    assert re.findall(r'class="num">(\d+)<', page) == ["21", "0", "0", "0"]
    assert "in the last seven days: 20" in page
    waits, closed = re.findall(r"waits (\d+)!", page), re.findall(r"closed (\d+)!", page)
    assert [int(n) for n in waits] == list(range(20, 10, -1))
    assert [int(n) for n in closed] == list(range(5))


def test_what_is_new_today_is_said_and_read_the_newest_first() -> None:
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    anna = a_customer()
    an_employee("Noa")
    for n in range(52):
        heard = noon - timedelta(minutes=n) if n < 51 else noon - timedelta(days=1)
        Voice.objects.create(customer_id=anna, text=f"waits {n}!", language="en", heard_at=heard)
    noa, page = enter("Noa"), reverse("web:voices")
    listed = text(noa.get(page))
    assert "51 new today, not read yet" in listed
    assert re.findall(r"waits (\d+)!", listed)[0] == "51"  # who waits longest
    seen = []
    for link in ("newest=1", r"after="):
        [address] = re.findall(rf'href="([^"]*{link}[^"]*)"', text(noa.get(page)))
        page = urljoin(page, address.replace("&amp;", "&"))
        seen.append([int(n) for n in re.findall(r"waits (\d+)!", text(noa.get(page)))])
    assert seen == [list(range(50)), [50, 51]]
    assert "What came last comes first." in text(noa.get(page))


def test_of_one_standing_all_can_be_read_page_by_page() -> None:
    waiting_and_closed(51)
    noa, seen, page = enter("Noa"), [], reverse("web:voices")
    for link in (r"standing/unread/(?!\?newest)", r"\?after="):
        [address] = re.findall(rf'href="([^"]*{link}[^"]*)"', text(noa.get(page)))
        page = urljoin(page, address)
        seen.append([int(n) for n in re.findall(r"waits (\d+)!", text(noa.get(page)))])
    assert seen == [list(range(50, 0, -1)), [0]]
    assert 'rel="next"' not in text(noa.get(page))
    assert noa.get(reverse("web:standing", args=["nowhere"])).status_code == 404
