"""What is mine, on the pages: taken along, corrected, erased with a fresh proof of who it is."""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from kfar.doors.web import who
from kfar.rooms.customers import commands, erasure, queries
from kfar.rooms.customers.models import Erasure
from tests.doors.web.doors import enter, text
from tests.doors.web.signin import door
from tests.people import a_customer, an_employee, email, noted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

ME, ERASE = reverse("web:me"), reverse("web:erase")


def by_code() -> Client:
    """Somebody who has just come in by a code."""
    client = Client()
    door.enter(client, door.ANNA)
    return client


class TestTaking:
    def test_all_of_it_is_one_file_and_leaves_a_line(self) -> None:
        anna = a_customer("Anna")
        answer: Any = enter("Anna").post(reverse("web:take"))
        assert answer["Content-Disposition"].startswith('attachment; filename="kfar-')
        with ZipFile(io.BytesIO(answer.getvalue())) as archive:
            about = json.loads(archive.read("about.json"))
        assert about["email"] == email("Anna")
        assert ("customers.exported", None) in noted(anna)

    def test_looking_takes_nothing(self) -> None:
        a_customer("Anna")
        assert enter("Anna").get(reverse("web:take")).status_code == 405


class TestCorrecting:
    def test_a_name_is_ones_own_affair(self) -> None:
        anna = a_customer("Anna")
        client = enter("Anna")
        page = text(client.post(reverse("web:rename"), {"name": " Anna \n Maria "}, follow=True))
        assert "That is your name here from now on." in page
        found = queries.person(anna)
        assert found is not None
        assert found.name == "Anna Maria"
        for wrong, why in (("a" * 201, "at most 200 letters fit"), (" ", "Write your name first.")):
            refused = client.post(reverse("web:rename"), {"name": wrong})
            assert refused.status_code == 422
            assert 'id="name-error"' in text(refused)
            assert why in text(refused)
            assert f'value="{wrong.strip()}" aria-invalid="true"' in text(refused)
        assert queries.person(anna) == found
        client.post(reverse("web:rename"), {"name": "Anna Maria", "none": "1"})
        found = queries.person(anna)
        assert found is not None
        assert found.name == ""

    def test_who_is_known_by_what_is_not_theirs_takes_it_away(self) -> None:
        anna = a_customer("Anna")
        client = enter("Anna")
        mine = {"kind": "test", "value": "Anna"}
        assert "That is not me: Anna" in text(client.get(ME))
        client.post(reverse("web:drop"), mine)
        assert [named.kind for named in queries.names_of(anna)] == ["email"]
        assert client.post(reverse("web:drop"), mine).status_code == 404
        assert ("customers.dropped", None) in noted(anna)

    def test_the_address_one_signs_in_with_stays(self) -> None:
        a_customer("Anna")
        a_customer("Hania")
        client = enter("Anna")
        for name, status in (("Anna", 409), ("Hania", 404)):
            theirs = {"kind": "email", "value": email(name)}
            assert client.post(reverse("web:drop"), theirs).status_code == status
            assert queries.by_handle("email", email(name)) is not None


class TestErasing:
    def test_who_has_just_given_a_code_says_yes_and_is_erased(self) -> None:
        client = by_code()
        page = text(client.get(ERASE))
        assert "Yes, erase all of it." in page
        answer = client.post(ERASE)
        assert (answer.status_code, Erasure.objects.count()) == (422, 0)
        assert "Tick this if you are sure." in text(answer)

        answer = client.post(ERASE, {"yes": "yes"})
        row = Erasure.objects.get()
        assert answer["Location"] == reverse("web:erased", args=[row.pk])
        assert door.signed_in(client) is None
        assert "We are erasing" in text(client.get(answer["Location"]))

    def test_who_came_in_longer_ago_proves_anew_who_it_is(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = by_code()
        monkeypatch.setattr(who, "LATELY", 0)
        assert "Send me a code" in text(client.get(ERASE))
        client.post(ERASE, {"yes": "yes"})
        assert not Erasure.objects.exists()

        answer = client.post(reverse("web:prove"))
        assert door.signed_in(client) is None
        assert answer["Location"] == f"{door.CODE}?next=%2Fme%2Ferase%2F"
        monkeypatch.setattr(who, "LATELY", 900)
        page = text(client.get(answer["Location"]))
        assert door.ANNA in page
        answer = client.post(door.CODE, {"code": door.code(), "next": ERASE})
        assert answer["Location"] == ERASE
        client.post(ERASE, {"yes": "yes"})
        assert Erasure.objects.count() == 1

    def test_the_receipt_counts_and_names_nobody(self) -> None:
        erasure_id = erasure.ask(customer_id=a_customer("Anna"))
        Erasure.objects.update(rows={"voice.Voice": 2, "voice.Owed": 1}, mails=3)
        page = text(Client().get(reverse("web:erased", args=[erasure_id])))
        for what, n in (("Voices", 2), ("Other rows", 1), ("Mails", 3)):
            assert f"<dt>{what}</dt><dd>{n}</dd>" in page
        assert email("Anna") not in page
        assert Client().get(reverse("web:erased", args=[uuid4()])).status_code == 404


class TestForACustomer:
    def test_who_may_erases_at_the_customers_request(self) -> None:
        anna, ewa = a_customer("Anna"), an_employee("Ewa", "lead")
        address = reverse("web:erase-for", args=[anna])
        client = enter("Ewa")
        assert address in text(client.get(reverse("web:customer", args=[anna])))
        assert client.post(address, {"how": "phone"}).status_code == 422
        answer = client.post(address, {"how": "phone", "sure": "on"})
        row = Erasure.objects.get()
        assert (row.by_id, row.how) == (ewa, "phone")
        assert answer["Location"] == reverse("web:erased", args=[row.pk])

    def test_others_are_not_shown_the_way_and_may_not_go_it(self) -> None:
        anna = a_customer("Anna")
        an_employee("Noa")
        client, address = enter("Noa"), reverse("web:erase-for", args=[anna])
        assert address not in text(client.get(reverse("web:customer", args=[anna])))
        given = {"how": "phone", "sure": "on"}
        assert client.get(address).status_code == 403
        assert client.post(address, given).status_code == 403
        assert not Erasure.objects.exists()


def test_who_is_merged_gives_all_ids_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    anna, other = a_customer("Anna"), a_customer("Ania")
    commands.merge(by=an_employee("Ewa", "lead"), one=other, other=anna)
    root = queries.person_of([anna])[anna]
    commands.rename(by=root, name="")
    found = queries.person(anna)
    assert found is not None
    assert found.name == ""
