"""Everybody is spoken to in their language, from the first page on."""

from __future__ import annotations

import pytest
from django.test import Client

from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.models import Customer
from tests.doors.web.signin.door import (
    ANNA,
    LANGUAGE,
    SIGN_IN,
    enter,
)

pytestmark = pytest.mark.django_db


def test_a_customer_is_greeted_in_their_language(client: Client) -> None:
    new = customers.Newcomer(key="718", email=ANNA, language="pl")
    customers.meet_many(source="shop", newcomers=[new])
    page = enter(client, ANNA)
    assert page.cookies["kfar_language"].value == "pl"


def test_the_language_just_chosen_wins_and_is_kept(client: Client) -> None:
    new = customers.Newcomer(key="718", email=ANNA, language="pl")
    customers.meet_many(source="shop", newcomers=[new])
    page = client.post(LANGUAGE, {"language": "he", "next": SIGN_IN})
    assert (page.status_code, page["Location"]) == (302, SIGN_IN)
    assert page.cookies["kfar_language"].value == "he"
    assert enter(client, ANNA).cookies["kfar_language"].value == "he"
    assert Customer.objects.get().language == "he"


def test_a_customer_chooses_a_language_for_letters_too(client: Client) -> None:
    enter(client, ANNA)
    assert Customer.objects.get().language == "en"
    page = client.post(LANGUAGE, {"language": "pl"}, headers={"referer": "http://testserver/"})
    assert page["Location"] == "http://testserver/"
    assert Customer.objects.get().language == "pl"


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_language_form_goes_nowhere_else(client: Client, to: str) -> None:
    assert client.post(LANGUAGE, {"language": "pl", "next": to})["Location"] == "/"


def test_the_language_form_takes_our_languages_by_post(client: Client) -> None:
    assert client.get(LANGUAGE).status_code == 405
    page = client.post(LANGUAGE, {"language": "xx"})
    assert (page.status_code, page.cookies.get("kfar_language")) == (409, None)
