"""Who is not needed any more is thanked before they type; the company sees how full cells are."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from kfar.doors import links
from kfar.rooms.voice.models import Invitation, Response
from kfar.rooms.voice.surveys import commands
from tests.doors.web.doors import enter, path, text
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee
from tests.rooms.voice.surveys.surveying import survey
from tests.rooms.voice.surveys.test_quotas import answer, by, form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

ENOUGH = "Thank you, there are enough answers already."


def at(survey_id: UUID, who: UUID | None = None) -> str:
    return path(links.survey(survey_id, who))


def sends(client: Client, where: str, **said: str) -> Any:
    """Send the page with these answers, as a browser that was just given it."""
    given = text(client.get(where))
    data = dict(re.findall(r'name="(once|page)" value="([^"]+)"', given))
    seen = re.findall(r'name="seen" value="(e\d+)"', given)
    return client.post(where, {**data, "seen": seen, "go": "on", **said})


def test_who_is_not_needed_hears_it_before_saying_the_rest() -> None:
    tomasz, anna = an_employee("Tomasz", "brand"), a_customer()
    own = survey(tomasz, form(by("size", small=1)), by_link=True)
    commands.invite(by=tomasz, survey_id=own)
    where = at(own, anna)
    page = text(Client().get(where))
    assert ('name="e0"' in page, 'name="e3"' in page) == (True, False)
    answer(own)
    thanked = sends(Client(), where, e0="small")
    assert (thanked.status_code, ENOUGH in text(thanked)) == (200, True)
    assert Invitation.objects.get().enough_at is not None
    assert Response.objects.count() == 1
    # Others are asked on.
    further = text(sends(Client(), where, e0="large"))
    assert ('name="e3"' in further, ENOUGH in further) == (True, False)


def test_whose_place_was_taken_meanwhile_is_thanked_too() -> None:
    own = survey(an_employee("Tomasz", "brand"), form(by("size", small=1)), by_link=True)
    client, where = Client(), at(own)
    assert 'name="e3"' in text(sends(client, where, e0="small"))
    answer(own)
    last = client.post(where, {"page": "1", "e0": "small", "e3": "Because", "go": "on"})
    assert (ENOUGH in text(last), Response.objects.count()) == (True, 1)


def test_whose_language_or_purchase_is_known_is_not_asked_at_all() -> None:
    tomasz = an_employee("Tomasz", "brand")
    zofia, anna = a_customer("Zofia", language="pl"), a_customer()
    settle([a_touch("milk", customer=anna, product="milk", paid=100, currency="USD")])
    counted = [by("language", trait=True, pl=1), by("product", trait=True, milk=1)]
    own = survey(tomasz, form(*counted), by_link=True)
    commands.invite(by=tomasz, survey_id=own)
    for who in (zofia, anna):
        assert 'name="e0"' in text(Client().get(at(own, who)))
    answer(own, language=["pl"], product=["milk"])
    for who in (zofia, anna):
        page = text(Client().get(at(own, who)))
        assert ('name="e0"' in page, "<h1>" in page) == (False, True)
    assert ENOUGH in text(Client().get(at(own, anna)))
    # Opening it writes nothing down: letters are opened by machines, too.
    assert Invitation.objects.filter(enough_at=None).count() == 2


def test_the_company_sees_how_full_cells_are() -> None:
    tomasz = an_employee("Tomasz", "brand")
    counted = [by("size", small=1, large=20), by("language", trait=True, pl=5)]
    own = survey(tomasz, form(*counted), by_link=True)
    answer(own)
    page = text(enter("Tomasz").get(reverse("web:survey", args=[own])))
    rows = [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in page.split("<tr>")[1:]]
    assert [row.split(" Whose")[0] for row in rows[1:3]] == [
        "small 1 full 1",
        "large 0 20 By language",
    ]
    assert "By language" in page
    exported = enter("Tomasz").get(reverse("web:survey-json", args=[own]))
    assert exported.json()["kfarQuotas"] == counted
