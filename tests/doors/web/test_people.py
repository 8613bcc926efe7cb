"""Who is one person, on the pages: side by side, decided, taken back, and seen by the customer."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kfar.doors import words
from kfar.rooms.customers import commands, queries
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.customers.models import Consent
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee, noted
from tests.rooms.customers.test_rules import claim

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


@pytest.fixture
def asked() -> tuple[UUID, UUID, UUID]:
    """Anna, the one who may be her, and the proposal."""
    anna = a_customer("Anna")
    new = Newcomer(key="7", name="anna", email="anna@other.example", about={"age": "34"})
    other = commands.meet_many(source="shop", newcomers=[new])["7"]
    proposal = commands.propose(
        one=anna, other=other, ground="match", score=0.97, evidence=["name"]
    )
    assert proposal is not None
    an_employee("Ewa", "lead")
    return anna, other, proposal


def rows(page: str) -> list[list[str]]:
    """Return the rows of the table, each cell's words."""
    found = re.findall(r"(?s)<tr>(.*?)</tr>", page)
    cells = [re.findall(r"(?s)<t[hd].*?>(.*?)</t[hd]>", row) for row in found]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_two_are_shown_side_by_side_and_leave_a_line(asked: tuple[UUID, UUID, UUID]) -> None:
    anna, other, proposal = asked
    ewa = enter("Ewa")
    page = text(ewa.get(reverse("web:people")))
    assert (page.count('class="row-link"'), "97% likely" in page) == (1, True)
    address = reverse("web:proposal", args=[proposal])
    assert address in page
    response = ewa.get(address)
    first, *lines = rows(text(response))
    here, there = (1, 2) if first[1] == "Anna" else (2, 1)
    assert (first[here], first[there]) == ("Anna", "anna")
    today = words.day(timezone.now())
    assert {(line[0], line[here], line[there]) for line in lines} == {
        ("Name the same", "Anna", "anna"),
        ("E-mail differs", "anna@village.example", "anna@other.example"),
        ("test", "Anna", "– not known"),
        ("shop", "– not known", "7"),
        ("Age", "– not known", "34"),
        ("Known since the same", today, today),
    }
    assert [act for act, _by in noted(anna)] == [act for act, _by in noted(other)]
    assert [act for act, _by in noted(anna)] == ["customers.compared"]


def test_accepted_and_taken_back(asked: tuple[UUID, UUID, UUID]) -> None:
    anna, other, proposal = asked
    ewa, address = enter("Ewa"), reverse("web:proposal", args=[proposal])
    assert ewa.post(address, {"same": "yes"})["Location"] == reverse("web:people")
    assert queries.count() == 1
    assert "Decided: one person" in text(ewa.get(address))
    page = text(ewa.get(reverse("web:person", args=[other])))
    assert page.count("Decided here") == 1
    [back] = re.findall(r'action="(/people/[^"]*/unmerge/[^"]*)"', page)
    assert ewa.post(back).status_code == 302
    assert (queries.count(), queries.selves(anna)) == (2, [anna])
    assert text(ewa.get(reverse("web:person", args=[anna]))).count("taken back") == (
        queries.merges(anna) != []
    )


def test_dismissed_it_is_gone(asked: tuple[UUID, UUID, UUID]) -> None:
    ewa, address = enter("Ewa"), reverse("web:proposal", args=[asked[2]])
    for answer in ("nonsense", "no", "no"):
        assert ewa.post(address, {"same": answer}).status_code == 302
    assert "Nobody is in doubt." in text(ewa.get(reverse("web:people")))
    assert queries.count() == 2


def test_only_who_may_decide_sees_them(asked: tuple[UUID, UUID, UUID]) -> None:
    anna, _other, proposal = asked
    an_employee("Noa")
    pages = [
        reverse("web:people"),
        reverse("web:proposal", args=[proposal]),
        reverse("web:person", args=[anna]),
    ]
    for address in pages:
        assert enter("Noa").get(address).status_code == 403
        assert enter("Anna").get(address).status_code == 403
        assert Client().get(address).status_code == 302
    assert enter("Noa").post(pages[1], {"same": "yes"}).status_code == 403
    assert "One person?" not in text(enter("Noa").get(reverse("web:voices")))
    assert "One person?" in text(enter("Ewa").get(reverse("web:insight")))
    assert noted(anna) == []


def test_a_merge_to_look_at_shows_what_each_had() -> None:
    commands.resolve(
        claims=[
            claim(0, anonymous_id="a", email="a@x.example"),
            *(claim(n, anonymous_id="a", user_id=f"u{n}") for n in (1, 2)),
        ]
    )
    an_employee("Ewa", "lead")
    [asked] = queries.proposals()
    page = text(enter("Ewa").get(reverse("web:proposal", args=[asked.id])))
    assert "held for one person now" in page
    assert ["E-mail, told by a page", "a@x.example", "– not known"] in [
        [row[0], *sorted(row[1:])] for row in rows(page)
    ]


def test_who_was_merged_signs_in_as_the_person(asked: tuple[UUID, UUID, UUID]) -> None:
    anna, other, _proposal = asked
    commands.merge(by=an_employee("Ewa", "lead"), one=anna, other=other)
    page = text(enter("Anna").get(reverse("web:me")))
    assert "34" in page  # what the shop knew
    assert "You were known under two names" in page


def test_each_purpose_is_agreed_to_on_its_own() -> None:
    anna = a_customer("Anna", asked=False)
    client, address = enter("Anna"), reverse("web:me")
    page = text(client.get(address))
    purposes = re.findall(r'name="purpose" value="(\w+)"', page)
    assert tuple(purposes) == queries.PURPOSES
    for purpose in purposes:
        assert queries.allowed(purpose, [anna]) == set()
        client.post(reverse("web:consent"), {"purpose": purpose, "given": "yes"})
        assert queries.allowed(purpose, [anna]) == {anna}
    assert text(client.get(address)).count("You agreed</span>") == 4
    client.post(reverse("web:consent"), {"purpose": "advertise", "given": "no"})
    person = queries.person(anna)
    assert person is not None
    assert person.consents == {"ask", "understand", "personalise"}
    assert Consent.objects.count() == 5
