"""Sign-in: customers by a code from their mail, people who work here by password and more."""

from __future__ import annotations

import re
import runpy
import time
from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from allauth.account.internal.flows import code_verification
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from typer.testing import CliRunner

from kfar.doors import links
from kfar.doors.cli.commands import app
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries
from kfar.rooms.customers.models import Customer
from kfar.rooms.village import commands as village
from kfar.rooms.village.models import Login
from kfar.settings import project

pytestmark = pytest.mark.django_db

ANNA = "anna@example.org"
DOV = "dov@example.org"
PASSWORD = "a village on a hill"
SIGN_IN = "/account/sign-in/"
CODE = "/account/sign-in/code/"
BY_PASSWORD = "/account/password/"
AGAIN = "/account/again/code/"
#: A customer's page and an employee's.
JOURNEY = reverse("web:journey")
WORK = reverse("web:voices")
LANGUAGE = reverse("web:language")
TO_WORK = urlencode({"next": WORK})


# --- helpers ---------------------------------------------------------------------------------


def ask(client: Client, email: str, **headers: str) -> Any:
    return client.post(SIGN_IN, {"email": email}, headers=headers)


def code() -> str:
    """The code in the latest letter."""
    return str(mail.outbox[-1].body).split("\n")[0]


def enter(client: Client, email: str, **headers: str) -> Any:
    ask(client, email, **headers)
    return client.post(CODE, {"code": code()}, headers=headers)


def signed_in(client: Client) -> UUID | None:
    pk = client.session.get("_auth_user_id")
    return UUID(pk) if pk else None


def employ(email: str = DOV, password: str | None = PASSWORD) -> Login:
    village.set_role(code="care", name={"en": "Care"}, acts=["voice.read"], limits={})
    village.employ(email=email, name="Dov", role="care", password=password)
    return Login.objects.get(email=email)


def with_app(login: Login) -> str:
    """Give the employee an authenticator app; return its secret."""
    secret: str = totp.generate_totp_secret()
    totp.TOTP.activate(login, secret)
    return secret


def shown(secret: str) -> str:
    """What the app shows now."""
    counter = next(totp.yield_hotp_counters_from_time())
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


@pytest.fixture(autouse=True)
def _the_app_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))


# --- customers -------------------------------------------------------------------------------


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


# --- language --------------------------------------------------------------------------------


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


# --- people who work here --------------------------------------------------------------------


def by_password(client: Client, password: str = PASSWORD, **more: str) -> Any:
    return client.post(BY_PASSWORD, {"login": DOV, "password": password} | more)


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


def choose(client: Client, link: str, password: str) -> None:
    """Follow a link of a letter and choose a password."""
    form = client.get(urlsplit(link).path)["Location"]
    assert client.get(form).status_code == 200
    page = client.post(form, {"password1": password, "password2": password})
    assert page["Location"] == "/account/password/chosen/"
    assert client.get(page["Location"])["Location"] == BY_PASSWORD
    assert "This link was used already" in client.get(urlsplit(link).path).content.decode()


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


# --- the demo --------------------------------------------------------------------------------


def test_a_demo_link_signs_in_at_one_click(client: Client, settings: Settings) -> None:
    settings.KFAR_DEMO = True
    login = employ(password=None)
    link = links.demo(login.pk)
    assert link.startswith("http://127.0.0.1:8000/demo/enter/")
    assert client.get(urlsplit(link).path)["Location"] == "/"
    assert signed_in(client) == login.pk
    assert client.get(WORK).status_code == 200
    assert client.get("/account/second/").status_code == 404


def test_elsewhere_there_is_no_such_page(client: Client) -> None:
    login = employ()
    assert client.get(urlsplit(links.demo(login.pk)).path).status_code == 404
    assert signed_in(client) is None


def test_a_forged_demo_link_opens_nothing(client: Client, settings: Settings) -> None:
    settings.KFAR_DEMO = True
    path = urlsplit(links.demo(employ().pk)).path
    assert client.get(path.replace(":", "x:", 1)).status_code == 404
    assert client.get(reverse("web:demo-enter", args=["nothing"])).status_code == 404
    assert signed_in(client) is None


# --- every page ------------------------------------------------------------------------------


def test_signing_out_needs_a_press_of_the_button(client: Client) -> None:
    enter(client, ANNA)
    assert client.get("/account/sign-out/").status_code == 200
    assert signed_in(client) is not None
    assert client.post("/account/sign-out/")["Location"] == "/"
    assert signed_in(client) is None


def test_no_form_is_taken_from_elsewhere() -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in (SIGN_IN, BY_PASSWORD, "/account/sign-out/", LANGUAGE):
        assert strict.post(path).status_code == 403


def test_every_page_runs_our_scripts_alone(client: Client) -> None:
    def see(*names: str, args: Sequence[int] = ()) -> list[Any]:
        return [client.get(reverse(name, args=args)) for name in names]

    pages = [client.get(SIGN_IN), client.get(BY_PASSWORD)]
    pages.append(client.get("/account/password/forgotten/"))
    pages.append(client.get("/account/password/forgotten/sent/"))
    pages.append(client.get("/account/password/choose/1/2/"))
    pages.append(client.get("/account/inactive/"))
    ask(client, ANNA)
    pages.append(client.get(CODE))
    client.post("/account/sign-out/")

    login = employ()
    by_password(client)
    pages.append(client.get("/account/again/"))
    client.post("/account/again/", {"password": PASSWORD})
    pages += see("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn")

    with_app(login)
    key = Authenticator.objects.create(user=login, type="webauthn", data={"name": "Phone"})
    pages += see("mfa_index", "mfa_deactivate_totp", "mfa_generate_recovery_codes")
    pages += see("mfa_edit_webauthn", "mfa_remove_webauthn", args=[key.pk])
    pages += see("mfa_list_webauthn", "account_change_password", "account_logout")
    pages.append(client.post(reverse("mfa_generate_recovery_codes"), follow=True))
    pages.append(client.get(AGAIN))
    key.delete()
    other = Client()
    by_password(other)
    pages.append(other.get("/account/password/second/"))

    for page in pages:
        assert page.status_code == 200, page.request["PATH_INFO"]
        policy = page["Content-Security-Policy"]
        assert "script-src 'self'" in policy.split("; ")
        assert "default-src 'none'" in policy.split("; ")
        assert "unsafe" not in policy
        html = page.content.decode()
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", html)
        assert not re.search(r"\sstyle=|\son\w+=", html)
        assert 'lang="en" dir="ltr"' in html
        assert not [t.name for t in page.templates if "site-packages/allauth" in str(t.origin)]


def test_over_https_cookies_travel_over_https_alone(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("KFAR_URL", "https://kfar.example")
    fresh = runpy.run_path(str(project.__file__))
    for name, value in fresh.items():
        if "_COOKIE_" in name:
            setattr(settings, name, value)
    ask(client, ANNA)
    page = client.post(CODE, {"code": code()})
    assert sorted(page.cookies) == ["csrftoken", "kfar_language", "sessionid"]
    for cookie in page.cookies.values():
        assert cookie["secure"] is True
        assert cookie["samesite"] == "Lax"
    assert page.cookies["sessionid"]["httponly"] is True
    assert page.cookies["sessionid"]["max-age"] == 30 * 24 * 3600
    assert fresh["SECURE_HSTS_SECONDS"] == 31536000
