"""`kfar people`, `kfar employee` and `kfar role`, as they are typed."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from kfar.doors.cli.commands import app
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import joining
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.village import commands as village
from kfar.rooms.village import defaults, queries
from kfar.rooms.village.models import Login
from kfar.rooms.village.rules import Authority, Own
from kfar.rooms.voice.models import Theme
from tests.rooms.customers.test_match import village as a_village

pytestmark = pytest.mark.django_db

DOV = "dov@example.org"


@pytest.fixture(autouse=True)
def _roles() -> None:
    defaults.begin()


def kfar(*said: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(said), env={"COLUMNS": "200"})
    return done.exit_code, " ".join(done.output.split())


def test_who_leaves_is_signed_out_and_a_customer_from_then_on() -> None:
    employee = village.employ(email=DOV, name="Dov", role="lead", password="a village on a hill")
    login = Login.objects.get(email=DOV)
    session = login.get_session_auth_hash()
    assert kfar("employee", "leave", " Dov@example.org ") == (0, "")
    login.refresh_from_db()
    assert login.get_session_auth_hash() != session
    assert login.has_usable_password() is False
    assert queries.everyone() == []
    assert queries.staff_email(DOV) is False
    assert queries.names([employee]) == {employee: "Dov"}

    assert kfar("employee", "leave", DOV) == (
        1,
        "Nobody who works here signs in with “dov@example.org”.",
    )


def test_who_left_may_come_back() -> None:
    village.employ(email=DOV, name="Dov", role="service")
    kfar("employee", "leave", DOV)
    status, said = kfar("employee", "add", DOV, "--name", "Dov", "--role", "lead")
    assert status == 0
    assert "/account/password/choose/" in said
    assert [(p.email, p.role) for p in queries.everyone()] == [(DOV, "lead")]


def test_the_operator_sets_what_a_role_may_decide() -> None:
    assert kfar("role", "limit", "service", "refund", "30") == (0, "")
    assert kfar("role", "limit", "brand", "voucher", "5.99") == (0, "")
    assert kfar("role", "limit", "lead", "refund", "500", "--up-to", "900", "--share", "1.5") == (
        0,
        "",
    )
    limits = {role.code: role.authority for role in queries.roles()}
    usual = Authority(2000, 10_000, 200)
    assert limits["service"] == {
        "refund": Authority.fixed(3000),
        "replacement": usual,
        "voucher": usual,
        "answer": Authority.fixed(0),
    }
    assert limits["brand"] == {"voucher": Authority.fixed(599)}
    assert limits["lead"]["refund"] == Authority(50_000, 90_000, 150)
    status, said = kfar("role", "limit", "lead", "refund", "500", "--up-to", "400")
    assert (status, "The most must not be below the least" in said) == (1, True)
    status, said = kfar("role", "list")
    assert status == 0
    assert "service │ Serves customers │ $30.00 │ $20.00 to $100.00, 2% │ " in said
    assert "brand │ Leads a brand │ – │ – │ $5.99 │ decisions.ask " in said


def test_the_operator_sets_a_limit_for_what_it_is_about() -> None:
    late = Theme.objects.create(language="en", name="late").pk
    sent = Theme.objects.create(language="he", words=["משלוח"], into_id=late).pk
    Theme.objects.create(language="en", words=["rude"])
    assert kfar("role", "limit", "service", "refund", "5", "--about", "late") == (0, "")
    [service] = [role for role in queries.roles() if role.code == "service"]
    own = Own(late, Authority.fixed(500), frozenset({sent}))
    assert (service.own, service.authority["refund"].floor) == ({"refund": (own,)}, 2_000)
    assert "$20.00 to $100.00, 2% │ $20.00" in kfar("role", "list")[1]
    assert "late: $5.00" in kfar("role", "list")[1]
    no_theme = (1, "There is no such theme.")
    for about in ("rude", "early"):  # what nobody named may be gone tomorrow
        assert kfar("role", "limit", "service", "refund", "5", "--about", about) == no_theme
    said = "This role gives no such remedy, whatever it is about."
    assert kfar("role", "limit", "brand", "refund", "5", "--about", "late") == (1, said)
    assert kfar("role", "general", "service", "voucher", "--about", "late") == no_theme
    assert kfar("role", "general", "service", "refund", "--about", str(late)) == (0, "")
    assert kfar("role", "general", "service", "refund", "--about", "late") == no_theme
    assert "late" not in kfar("role", "list")[1]


def test_the_operator_says_what_a_role_may_do() -> None:
    left = "decisions.change insight.lead insight.rank insight.read promises.plan promises.promise"
    left += " promises.public promises.tell touchpoints.read village.note village.plan"
    left += " voice.alarm voice.answer voice.read voice.survey"
    two = ("--not", "decisions.ask", "--not", "decisions.screen")
    assert kfar("role", "change", "brand", *two) == (0, left)
    assert queries.unheld() == ["decisions.ask", "decisions.screen"]
    assert kfar("role", "change", "service", "--may", "decisions.ask")[0] == 0
    assert queries.unheld() == ["decisions.screen"]
    assert kfar("role", "change", "brand") == (0, left)
    assert kfar("role", "change", "king", "--may", "decisions.ask")[1] == "There is no role “king”."
    said = "There is nothing called “decisions.reign” that a role may do."
    assert kfar("role", "change", "brand", "--may", "decisions.reign") == (1, said)


def test_what_is_no_role_no_remedy_or_no_amount_is_said() -> None:
    assert kfar("role", "limit", "king", "refund", "5") == (1, "There is no role “king”.")
    assert kfar("role", "limit", "service", "refund", "much") == (
        1,
        "“much” is not an amount. Write it like 5 or 5.99.",
    )
    assert kfar("role", "limit", "service", "hug", "5")[0] == 2


def test_people_are_compared_and_proposed() -> None:
    new = [Newcomer(one.id, one.name, one.names[0][1]) for one in a_village(60)]
    customers.meet_many(source="shop", newcomers=new)
    assert kfar("people", "match") == (0, "0 new to decide")
    double = Newcomer("d", new[0].name, new[0].email.replace("@x.", "@other."))
    customers.meet_many(source="club", newcomers=[double])
    assert kfar("people", "match", "--likely", "0.999999") == (0, "0 new to decide")
    assert kfar("people", "match") == (0, "1 new to decide")
    assert kfar("people", "match") == (0, "0 new to decide")


def test_without_splink_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "find_spec", lambda name: None)
    assert kfar("people", "match") == (
        1,
        "What compares people is not installed. Install Kfar with it: kfar[match].",
    )
