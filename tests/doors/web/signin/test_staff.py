"""People who work here come in by password and a second factor."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client
from typer.testing import CliRunner

from kfar.doors.cli.commands import app
from kfar.rooms.customers.models import Customer
from kfar.rooms.village import commands as village
from kfar.rooms.village.models import Login
from tests.doors.web.signin.door import (
    AGAIN,
    ANNA,
    BY_PASSWORD,
    CODE,
    DOV,
    JOURNEY,
    PASSWORD,
    SIGN_IN,
    TO_WORK,
    WORK,
    ask,
    by_password,
    choose,
    code,
    employ,
    enter,
    shown,
    signed_in,
    with_app,
)

pytestmark = pytest.mark.django_db


def test_a_code_never_lets_an_employee_in(client: Client) -> None:
    employ()
    ask(client, DOV)
    [letter] = mail.outbox
    assert letter.to == [DOV]
    assert letter.subject == "Signing in at Kfar"
    assert f"http://127.0.0.1:8000{BY_PASSWORD}" in letter.body
    assert not re.search(r"\b\d{6}\b", letter.subject + letter.body)
    for guess in ("", "000000", "123456"):
        client.post(CODE, {"code": guess})
    assert signed_in(client) is None


def test_nor_one_asked_for_before_they_worked_here(client: Client) -> None:
    ask(client, DOV)
    employ()
    page = client.post(CODE, {"code": code()})
    assert page["Location"] == BY_PASSWORD
    assert signed_in(client) is None


def test_who_starts_to_work_here_is_signed_out_as_a_customer(client: Client) -> None:
    enter(client, DOV)
    employ(password=None)
    assert client.get(JOURNEY).status_code == 302
    assert client.get(WORK)["Location"] == f"{SIGN_IN}?{TO_WORK}"


def test_password_and_app_let_an_employee_in(client: Client) -> None:
    login = employ()
    secret = with_app(login)
    page = by_password(client)
    assert page["Location"] == "/account/password/second/"
    assert signed_in(client) is None
    assert client.get(WORK).status_code == 302

    page = client.post("/account/password/second/", {"code": shown(secret)})

    assert page["Location"] == "/"
    assert signed_in(client) == login.pk
    assert client.session.get_expiry_age() == 12 * 3600
    assert client.get(WORK).status_code == 200
    assert Customer.objects.count() == 0


def test_next_survives_the_second_step(client: Client) -> None:
    secret = with_app(employ())
    by_password(client, next=WORK)
    page = client.post("/account/password/second/", {"code": shown(secret)})
    assert page["Location"] == WORK


def test_a_code_of_the_app_opens_once(client: Client) -> None:
    secret = with_app(employ())
    for browser, inside in ((client, True), (Client(), False)):
        by_password(browser)
        browser.post("/account/password/second/", {"code": shown(secret)})
        assert (signed_in(browser) is not None) == inside


@pytest.mark.django_db(transaction=True)  # the letter is sent on commit
def test_without_a_second_factor_one_sets_it_up_first(client: Client) -> None:
    login = employ()
    by_password(client)
    assert signed_in(client) == login.pk
    assert client.get(WORK)["Location"] == "/account/second/"
    index = client.get("/account/second/").content.decode()
    assert "add a passkey or an authenticator app" in index

    again = client.get("/account/second/app/")["Location"]
    assert again == "/account/again/?next=%2Faccount%2Fsecond%2Fapp%2F"
    page = client.post("/account/again/", {"password": PASSWORD, "next": "/account/second/app/"})
    assert page["Location"] == "/account/second/app/"
    page = client.get("/account/second/app/")
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    secret = client.session[totp.SECRET_SESSION_KEY]
    page = client.post("/account/second/app/", {"code": shown(secret)})

    assert page["Location"] == "/account/second/codes/"
    assert client.get("/account/second/codes/").content.decode().count("<code") == 10
    assert len(client.get("/account/second/codes/file/").content.split()) == 10
    again = client.get(WORK)["Location"]
    assert again == f"{AGAIN}?{TO_WORK}"
    page = client.post(AGAIN, {"code": shown(secret), "next": WORK})
    assert page["Location"] == WORK
    assert client.get(WORK).status_code == 200
    assert [letter.subject for letter in mail.outbox] == ["Kfar: authenticator app added"]
    assert BY_PASSWORD in mail.outbox[0].body


def test_a_session_that_only_knew_the_password_stays_outside(client: Client) -> None:
    login = employ()
    by_password(client)  # somebody who stole it, before the owner's app
    with_app(login)
    assert client.get(WORK)["Location"] == f"{AGAIN}?{TO_WORK}"
    assert client.get("/account/second/codes/").status_code == 404
    page = client.get("/account/second/app/remove/")
    assert page["Location"] == "/account/again/code/?next=%2Faccount%2Fsecond%2Fapp%2Fremove%2F"
    assert client.post("/account/again/", {"password": PASSWORD})["Location"] == AGAIN
    page = client.get("/account/second/app/remove/")
    assert page["Location"].startswith(AGAIN)


def test_a_recovery_code_stands_in_for_the_app(client: Client) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    login = employ()
    with_app(login)
    spare = RecoveryCodes.activate(login).get_unused_codes()[0]
    by_password(client)
    client.post("/account/password/second/", {"code": spare})
    assert signed_in(client) == login.pk


def test_the_sixth_wrong_password_is_refused(client: Client) -> None:
    employ()
    for _try in range(5):
        page = by_password(client, "guess")
        assert page.status_code == 200
        assert "This address and this password do not belong together." in page.content.decode()
    page = by_password(client)
    assert page.status_code == 429
    assert "That was too often" in page.content.decode()
    assert signed_in(client) is None


def test_the_sixth_wrong_code_of_the_app_is_refused(client: Client) -> None:
    secret = with_app(employ())
    by_password(client)
    for _try in range(5):
        page = client.post("/account/password/second/", {"code": "no"})
        assert page.status_code == 200
        assert "This is not the code. Please look again." in page.content.decode()
    page = client.post("/account/password/second/", {"code": shown(secret)})
    assert page.status_code == 429
    assert signed_in(client) is None


def test_a_forgotten_password_is_chosen_anew(client: Client) -> None:
    employ()
    page = client.post(
        "/account/password/forgotten/", {"email": DOV}, headers={"host": "localhost"}
    )
    assert page["Location"] == "/account/password/forgotten/sent/"
    [letter] = mail.outbox
    [link] = re.findall(r"http://127\.0\.0\.1:8000/\S+", str(letter.body))
    choose(client, link, "another long password")
    assert by_password(client).status_code == 200
    assert by_password(client, "another long password").status_code == 302


@pytest.mark.parametrize("known", [True, False])
def test_a_customer_has_no_password_to_forget(client: Client, known: bool) -> None:
    if known:
        enter(Client(), ANNA)
        mail.outbox.clear()
    page = client.post("/account/password/forgotten/", {"email": ANNA})
    assert page["Location"] == "/account/password/forgotten/sent/"
    [letter] = mail.outbox
    assert "There is no password for this address" in letter.body
    assert re.findall(r"http\S+", str(letter.body)) == [f"http://127.0.0.1:8000{SIGN_IN}"]


def test_the_operator_adds_an_employee_who_chooses_their_password(client: Client) -> None:
    village.set_role(code="care", name={"en": "Care"}, acts=[], limits={})
    runner = CliRunner()
    add = ["employee", "add", "Dov@Example.org", "--name", "Dov", "--role", "care"]
    result = runner.invoke(app, add)
    assert result.exit_code == 0
    link = result.stdout.strip()
    assert link.startswith("http://127.0.0.1:8000/account/password/choose/")
    choose(client, link, PASSWORD)
    assert by_password(client).status_code == 302
    assert signed_in(client) == Login.objects.get(email=DOV).pk

    assert runner.invoke(app, add).exit_code == 0
    assert client.get("/account/second/").status_code == 200  # adding twice signs nobody out


@pytest.mark.parametrize(
    ("email", "role", "why"),
    [(DOV, "king", "village.no_such_role"), ("dov", "care", "village.not_an_address")],
)
def test_the_operator_is_told_what_is_wrong(email: str, role: str, why: str) -> None:
    from kfar.doors import words
    from kfar.ground.errors import Refused

    village.set_role(code="care", name={"en": "Care"}, acts=[], limits={})
    result = CliRunner().invoke(app, ["employee", "add", email, "--name", "Dov", "--role", role])
    assert result.exit_code == 1
    assert result.stderr.strip() == words.sentence(Refused(why, email=email, role=role))
    assert Login.objects.count() == 0
