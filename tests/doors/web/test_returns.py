"""Returns on pages: chosen, labelled, noted, decided; and nobody sees another's."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pytest
import segno
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from typer.testing import CliRunner

from kfar import loop
from kfar.doors.cli.commands import app
from kfar.doors.web import returning as laid
from kfar.lake.touch import Touch
from kfar.rooms.service.returns import commands, queries
from kfar.rooms.service.returns.rules import State, Term
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee
from tests.rooms.service.returns.returning import a_line, found, send_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def bought(by: UUID, key: str = "milk", units: int = 2, days: int = 1) -> Touch:
    """A line of basket 77."""
    return a_touch(
        key, customer=by, basket="77", product=key, product_name=key.upper(), category="Dairy",
        units=units, paid=1000, currency="USD", at=timezone.now() - timedelta(days=days),
    )  # fmt: skip


def post(client: Client, name: str, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"web:{name}", args=args), {"once": uuid4(), **data})


class TestCustomers:
    def test_from_the_journey_to_the_label(self) -> None:
        anna = a_customer()
        milk = bought(anna)
        settle([milk])
        client = enter("Anna")
        at = reverse("web:return-start", args=[milk.occasion])
        assert f'href="{at}"' in text(client.get("/journey/"))
        assert "nobody asks you why" in text(client.get(at))
        done = client.post(at, {"once": uuid4(), f"line-{milk.id}": "on", f"units-{milk.id}": "1"})
        [one] = queries.of_customer(anna)
        assert (done.status_code, done["Location"]) == (302, f"/me/returns/{one.id}/")
        page = text(client.get(done["Location"]))
        assert "You get <bdi>$5.00</bdi> back" in page
        assert f"{one.code[:4]} {one.code[4:8]} {one.code[8:]}" in page
        [picture] = re.findall(r'src="(/me/returns/[^"]+)"', page)
        svg = client.get(picture)
        assert svg["Content-Type"] == "image/svg+xml"
        assert ElementTree.fromstring(svg.content).tag == "{http://www.w3.org/2000/svg}svg"
        assert "style" not in text(svg)
        loop.tick()
        assert f'href="/me/returns/{one.id}/"' in text(client.get("/journey/"))
        assert "$5.00" in text(client.get("/me/returns/"))

    def test_a_form_sent_twice_is_one_return(self) -> None:
        anna = a_customer()
        milk = bought(anna)
        settle([milk])
        said = {"once": uuid4(), f"line-{milk.id}": "on"}
        at = reverse("web:return-start", args=[milk.occasion])
        client = enter("Anna")
        assert {client.post(at, said)["Location"] for _ in range(2)} == {
            f"/me/returns/{said['once']}/"
        }
        [one] = queries.of_customer(anna)
        assert one.parts[0].units == 2  # none said: all of it

    @pytest.mark.parametrize("units", ["3", "0", "-1", "x", "9" * 40])
    def test_what_cannot_be_comes_back_with_why(self, units: str) -> None:
        anna = a_customer()
        milk = bought(anna)
        settle([milk])
        client = enter("Anna")
        said = {f"line-{milk.id}": "on", f"units-{milk.id}": units, "words": "Sour"}
        response = post(client, "return-start", milk.occasion, **said)
        assert (response.status_code, queries.of_customer(anna)) == (422, [])
        assert f'value="{units}"' in text(response)
        assert ">Sour</textarea>" in text(response)
        assert text(response).count('class="error"') == 1

    def test_a_purchase_is_found_by_the_number_on_the_receipt(self) -> None:
        anna = a_customer()
        milk = bought(anna)
        settle([milk])
        client = enter("Anna")
        response = client.get("/me/returns/", {"purchase": "77"})
        assert response["Location"] == reverse("web:return-start", args=[milk.occasion])
        missing = client.get("/me/returns/", {"purchase": "78"})
        assert missing.status_code == 404
        assert "No purchase of yours has this number" in text(missing)

    def test_it_is_sent_or_kept_after_all(self) -> None:
        anna = a_customer()
        made, client = send_back(anna), enter("Anna")
        post(client, "my-return", made, act="sent")
        assert found(made).state is State.SENT
        post(client, "my-return", made, act="keep")
        assert found(made).state is State.TAKEN_BACK
        assert "You keep it" in text(client.get(f"/me/returns/{made}/"))

    def test_nobody_sees_anothers(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        milk = bought(anna)
        settle([milk])
        made, client = send_back(anna), enter("Borys")
        for at in (f"/me/returns/{made}/", f"/me/returns/{made}/qr.svg",
                   reverse("web:return-start", args=[milk.occasion])):  # fmt: skip
            assert client.get(at).status_code == 404
        assert post(client, "my-return", made, act="keep").status_code == 404
        assert queries.of_customer(borys) == []
        assert client.get("/returns/").status_code == 403
        assert Client().get("/me/returns/").status_code == 302


class TestStaff:
    def test_a_scanned_code_leads_to_what_arrived(self) -> None:
        anna = a_customer("Anna")
        an_employee()
        made, client = send_back(anna), enter("Noa")
        code = found(made).code
        assert code in text(client.get("/returns/"))
        scanned = post(client, "returns", code=f"https://kfar.example/returns/{code}/")
        assert scanned["Location"] == f"/returns/{code}/"
        assert "It is here" in text(client.get(scanned["Location"]))
        post(client, "return-arrive", code)
        assert found(made).state is State.ARRIVED
        wrong = post(client, "returns", code="WRONG")
        assert wrong.status_code == 422
        assert "There is no return with this code." in text(wrong)
        assert client.get("/returns/WRONG/").status_code == 404

    def test_who_may_decides_and_sees_why_it_did_not_go_by_itself(self, clock: Clock) -> None:
        anna = a_customer()
        an_employee()
        an_employee("Dana", "lead")
        made = send_back(anna, a_line("tv", 1, 30_000))
        noa, dana, code = enter("Noa"), enter("Dana"), found(made).code
        for at in ("/voices/", "/returns/"):
            waits = text(noa.get(at))
            assert f'href="/returns/{code}/"' in waits
            assert "due in 24 hours" in waits
        assert "It is more than goes by itself" in text(noa.get(f"/returns/{code}/"))
        above = post(noa, "return-decide", code, yes="yes", words="Of course")
        assert above.status_code == 422
        assert ">Of course</textarea>" in text(above)
        assert "Dana" in text(above)
        assert post(dana, "return-decide", code, yes="yes").status_code == 302
        assert (found(made).state, found(made).by) == (State.MONEY_BACK, "Dana")

    def test_who_leads_a_brand_sees_no_returns(self) -> None:
        an_employee("Tomasz", "brand")
        made = send_back(a_customer())
        client, code = enter("Tomasz"), found(made).code
        assert code not in text(client.get("/voices/"))
        assert client.get("/returns/").status_code == 403
        assert client.get(f"/returns/{code}/").status_code == 403
        assert post(client, "return-arrive", code).status_code == 403
        assert post(client, "return-decide", code, yes="yes").status_code == 403


def test_the_qr_code_leads_there(settings: Settings) -> None:
    settings.KFAR_URL = "https://kfar.example"
    one = found(send_back(a_customer()))
    address = f"https://kfar.example/returns/{one.code}/"
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=4, light="#fff", xmldecl=False
    )
    assert laid.qr(one) == drawn.getvalue()


def kfar(*said: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(said), env={"COLUMNS": "200"})
    return done.exit_code, " ".join(done.output.split())


def test_the_operator_sets_the_policy() -> None:
    assert kfar("returns", "policy")[1].endswith("all others │ 30 │ $100.00")
    assert kfar("returns", "policy", "--days", "60")[0] == 0
    assert kfar("returns", "policy", "Phones", "--days", "14", "--most", "500")[0] == 0
    assert queries.terms() == {"": Term(60, 10_000), "Phones": Term(14, 50_000)}
    assert kfar("returns", "policy", "--days", "9999")[0] == 1
    assert kfar("returns", "policy", "--most", "1,000")[0] == 1
    commands.set_term(category="Phones", days=0, most=0)
    assert queries.terms()["Phones"] == Term(0, 0)
