"""Customers come in by a code from their mail."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.account.internal.flows import code_verification
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries
from kfar.rooms.customers.models import Customer
from kfar.rooms.village.models import Login
from tests.doors.web.signin.door import (
    ANNA,
    BY_PASSWORD,
    CODE,
    DOV,
    JOURNEY,
    SIGN_IN,
    ask,
    code,
    employ,
    enter,
    signed_in,
)

pytestmark = pytest.mark.django_db


def test_a_newcomer_is_in_with_one_code(client: Client) -> None:
    page = ask(client, ANNA)
    assert (page.status_code, page["Location"]) == (302, CODE)
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == [ANNA]
    assert mail.outbox[0].subject == f"{code()} is your code for Kfar"
    assert re.fullmatch(r"\d{6}", code())

    page = client.post(CODE, {"code": code()})

    assert (page.status_code, page["Location"]) == (302, JOURNEY)
    login = Login.objects.get()
    assert signed_in(client) == login.pk
    assert not login.has_usable_password()
    assert queries.by_handle("email", ANNA) == Customer.objects.get(login=login).pk
    assert client.get(JOURNEY).status_code == 200


def test_who_came_before_comes_again_as_the_same_person(client: Client) -> None:
    enter(client, ANNA)
    again = Client()
    enter(again, " Anna@Example.ORG ")
    assert signed_in(again) == signed_in(client)
    assert (Login.objects.count(), Customer.objects.count()) == (1, 1)


def test_who_is_known_from_an_import_alone_is_recognised(client: Client) -> None:
    new = customers.Newcomer(key="718", name="Anna", email=ANNA, language="pl")
    [known] = customers.meet_many(source="shop", newcomers=[new]).values()
    enter(client, ANNA)
    assert Customer.objects.get().pk == known
    assert Customer.objects.get().login_id == signed_in(client)


def test_the_letter_is_in_the_language_of_the_page(client: Client) -> None:
    ask(client, ANNA, accept_language="he")
    assert mail.outbox[0].subject == f"{code()} – הקוד שלך אצל Kfar"
    assert "הקוד תקף לעשר דקות" in mail.outbox[0].body
    page = client.get(CODE, headers={"accept-language": "he"}).content.decode()
    assert '<html lang="he" dir="rtl">' in page


def test_a_wrong_code_is_said_and_the_third_ends_it(client: Client) -> None:
    ask(client, ANNA)
    right = code()
    wrong = "000000" if right != "000000" else "111111"
    for _try in range(2):
        page = client.post(CODE, {"code": wrong})
        assert page.status_code == 200
        assert "This is not the code. Please look again." in page.content.decode()
    page = client.post(CODE, {"code": wrong}, follow=True)
    assert page.redirect_chain == [(SIGN_IN, 302)]
    assert "Those were too many tries. Please ask for a new code." in page.content.decode()
    client.post(CODE, {"code": right})
    assert signed_in(client) is None


def test_an_expired_code_opens_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(client, ANNA)
    late = time.time() + 601
    monkeypatch.setattr(code_verification, "time", SimpleNamespace(time=lambda: late))
    page = client.post(CODE, {"code": code()}, follow=True)
    assert page.redirect_chain == [(SIGN_IN, 302)]
    assert "That code has expired. Please ask for a new one." in page.content.decode()
    assert signed_in(client) is None


def test_a_code_opens_once(client: Client) -> None:
    enter(client, ANNA)
    client.post("/account/sign-out/")
    client.post(CODE, {"code": code()})
    assert signed_in(client) is None


def test_the_fourth_code_in_a_minute_is_refused() -> None:
    for _time in range(3):
        assert ask(Client(), ANNA).status_code == 302
    page = ask(Client(), ANNA.upper())
    assert page.status_code == 429
    assert "That was too often" in page.content.decode()
    assert len(mail.outbox) == 3
    assert ask(Client(), "beata@example.org").status_code == 302


def test_the_page_does_not_tell_who_is_known(client: Client) -> None:
    employ()
    enter(Client(), ANNA)

    def answers(email: str) -> list[str]:
        browser = Client()
        asked = ask(browser, email)
        said = browser.get(CODE).content.decode().replace(email, "…")
        wrong = browser.post(CODE, {"code": "no"}).content.decode().replace(email, "…")
        csrf = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
        return [str(asked.status_code), asked["Location"], csrf.sub("", said), csrf.sub("", wrong)]

    assert answers(ANNA) == answers("nobody@example.org") == answers(DOV)


def test_an_address_nobody_proved_is_forgotten_after_a_day() -> None:
    ask(Client(), "typed-by-somebody@example.org")
    enter(Client(), "came@example.org")
    long_ago = timezone.now() - timedelta(days=2)
    Login.objects.update(date_joined=long_ago)
    employ()
    Login.objects.filter(email=DOV).update(date_joined=long_ago)
    ask(Client(), ANNA)
    kept = sorted(Login.objects.values_list("email", flat=True))
    assert kept == [ANNA, "came@example.org", DOV]


def test_another_address_starts_anew_and_keeps_where_one_wanted_to_go(client: Client) -> None:
    client.post(SIGN_IN, {"email": ANNA, "next": "/questions/?a=1&b=2"})
    assert client.get(SIGN_IN)["Location"] == CODE
    page = client.get(CODE, {"next": "/questions/?a=1&b=2"}).content.decode()
    to = f"{SIGN_IN}?next=%2Fquestions%2F%3Fa%3D1%26b%3D2"
    assert f'value="{to}"' in page
    assert client.post("/account/sign-out/", {"next": to})["Location"] == to
    assert client.get(to).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "to"),
    [("/questions/7", "/questions/7"), ("https://evil.example/", JOURNEY)],
)
def test_one_lands_where_one_wanted_to_go_if_it_is_here(
    client: Client, wanted: str, to: str
) -> None:
    client.post(SIGN_IN, {"email": ANNA, "next": wanted})
    assert client.post(CODE, {"code": code(), "next": wanted})["Location"] == to


def test_a_session_from_before_is_not_the_session_after(client: Client) -> None:
    ask(client, ANNA)
    before = client.session.session_key
    client.post(CODE, {"code": code()})
    assert client.session.session_key != before
    assert client.session.get_expiry_age() == 30 * 24 * 3600


def test_a_closed_login_stays_closed(client: Client) -> None:
    enter(Client(), ANNA)
    Login.objects.update(is_active=False)
    page = enter(client, ANNA)
    assert page["Location"] == "/account/inactive/"
    assert client.get("/account/inactive/").status_code == 200
    assert signed_in(client) is None


def test_sign_up_is_sign_in(client: Client) -> None:
    assert client.get("/account/sign-up/", {"next": "/x"})["Location"] == f"{SIGN_IN}?next=%2Fx"


OF_EMPLOYEES = [
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
]


@pytest.mark.parametrize("name", OF_EMPLOYEES)
def test_a_customer_has_no_password_and_no_second_factor(client: Client, name: str) -> None:
    enter(client, ANNA)
    assert client.get(reverse(name)).status_code == 404
    assert client.post(reverse(name)).status_code == 404


@pytest.mark.parametrize("name", OF_EMPLOYEES)
def test_a_stranger_is_asked_to_sign_in(client: Client, name: str) -> None:
    page = client.get(reverse(name))
    assert page.status_code == 302
    assert page["Location"].split("?")[0] in {SIGN_IN, BY_PASSWORD}


def test_what_kfar_does_not_use_is_not_there(client: Client) -> None:
    for path in ("email/", "confirm-email/", "password/set/", "login/", "signup/"):
        assert client.get(f"/account/{path}").status_code == 404
