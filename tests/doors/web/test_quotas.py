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
from kfar.rooms.voice.surveys import commands, queries
from tests.doors.web.doors import enter, path, text
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee
from tests.rooms.voice.surveys.surveying import found, survey
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
    assert rows[4] == "polski 0 5" or rows[4].startswith("polski 0 5 ")
    assert "By language" in page
    exported = enter("Tomasz").get(reverse("web:survey-json", args=[own]))
    assert exported.json()["kfarQuotas"] == counted


class TestSetOnThePage:
    def sent(self, own: UUID, **said: str) -> Any:
        """Send what the page holds, with what is filled in besides."""
        client = enter("Tomasz")
        page = text(client.get(reverse("web:survey", args=[own])))
        _before, _form, part = page.partition(
            f'action="{reverse("web:survey-quotas", args=[own])}"'
        )
        part = part.partition("</form>")[0]
        held = dict(re.findall(r'name="((?:most|product)-[^"]+)"[^>]*? value="([^"]*)"', part))
        ticked = {"until_full": "on"} if 'name="until_full" checked' in part else {}
        assert set(said) <= {*held, "until_full"}
        return client.post(
            reverse("web:survey-quotas", args=[own]), {**held, **ticked, **said}, follow=True
        )

    def cells(self, own: UUID) -> dict[str, tuple[int, int]]:
        return queries.fill(own, found(own).form)

    def test_by_choices_languages_and_products(self) -> None:
        own = survey(an_employee("Tomasz", "brand"), form(), by_link=True)
        answer(own)
        said = {
            "most-1-0": "50", "most-1-1": "20", "most-4-0": "9",
            "product-0": "milk", "most-product-0": "3",
        }  # fmt: skip
        page = text(self.sent(own, **said))
        assert "Saved. Answers that are there count." in page
        assert "closes once there are enough of each" in page
        assert self.cells(own) == {
            'question:size="small"': (1, 50),
            'question:size="large"': (0, 20),
            'trait:language="en"': (1, 9),
            'trait:product="milk"': (0, 3),
        }
        # What stands there is sent again, and stays; an emptied number takes any number.
        self.sent(own, **{"most-1-1": ""})
        assert list(self.cells(own)) == [
            'question:size="small"', 'trait:language="en"', 'trait:product="milk"'
        ]  # fmt: skip
        assert found(own).until_full is True

    def test_what_is_wrong_is_said_at_its_field(self) -> None:
        own = survey(an_employee("Tomasz", "brand"), form(), by_link=True)
        said = {
            "most-1-0": "many", "product-0": "milk", "most-product-1": "3",
        }  # fmt: skip
        answered = self.sent(own, **said)
        page = text(answered)
        assert answered.status_code == 422
        assert 'id="most-1-0-error"' in page
        assert "Write a whole number from 1 to 1000000, or nothing." in page
        assert page.count("Say how many at most.") == 1
        assert page.count("Say which product.") == 1
        assert '<details class="more" open>' in page
        assert found(own).form.quotas == ()
        twice = {"product-0": "milk", "most-product-0": "3", "product-1": "milk",
                 "most-product-1": "4"}  # fmt: skip
        assert "This stands here twice." in text(self.sent(own, **twice))

    def test_what_has_too_many_choices_for_a_page_stays_as_it_was(self) -> None:
        many = [
            {"type": "radiogroup", "name": f"q{n}", "choices": [f"{n}.{i}" for i in range(200)]}
            for n in range(3)
        ]
        counted = {"question": "q2", "cells": [{"value": "2.7", "most": 5}]}
        own = survey(an_employee("Tomasz", "brand"), form(counted, elements=many), by_link=True)
        self.sent(own, **{"most-1-3": "8"})
        assert self.cells(own) == {'question:q2="2.7"': (0, 5), 'question:q0="0.3"': (0, 8)}

    def test_others_cannot_and_what_is_closed_does_not_change(self) -> None:
        tomasz = an_employee("Tomasz", "brand")
        an_employee("Noa")
        own = survey(tomasz, form(by("size", small=1)), by_link=True)
        address = reverse("web:survey-quotas", args=[own])
        assert enter("Noa").post(address, {"most-1-0": "5"}).status_code == 403
        commands.close(by=tomasz, survey_id=own)
        page = text(enter("Tomasz").get(reverse("web:survey", args=[own])))
        assert address not in page
        refused = enter("Tomasz").post(address, {"most-1-0": "5"})
        assert (refused.status_code, self.cells(own)) == (422, {'question:size="small"': (0, 1)})
