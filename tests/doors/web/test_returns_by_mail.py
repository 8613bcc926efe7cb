"""A return without an account: by a link to the address of the purchase, once, to nobody else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from kfar import loop
from kfar.doors import links
from kfar.doors.archive import said
from kfar.ground.errors import Refused
from kfar.lake.touch import Touch
from kfar.loop import returning
from kfar.rooms.customers import commands as customers
from kfar.rooms.service.by_mail import commands, queries, rules
from kfar.rooms.service.models import Return, ReturnAsk
from kfar.rooms.service.returns import queries as returns
from kfar.rooms.service.returns.rules import State
from tests.at_once import at_once
from tests.clock import Clock
from tests.doors.mail.test_incoming import sent as sent  # noqa: PLC0414 - a fixture
from tests.doors.web.doors import path, text
from tests.doors.web.test_returns import bought
from tests.lake.touches import settle
from tests.mailboxes import Postbox
from tests.people import a_customer, an_employee, email, refuses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

ASK = "/send-back/"


@pytest.fixture(autouse=True)
def _world(settings: Settings, data_dir: object) -> None:
    settings.KFAR_URL = "https://orchard.example"
    cache.clear()
    loop.post_notice()


def asks(number: str = "77", address: str = "", client: Client | None = None) -> Any:
    data = {"number": number, "address": address or email("Anna")}
    return (client or Client()).post(ASK, data)


def turn() -> None:
    """One second of `kfar work`."""
    loop.reckon()
    loop.tick()


def link(box: Postbox) -> str:
    """The way that the last letter leads."""
    body = box.letters[-1].get_body(("plain",))
    assert body is not None
    [found] = re.findall(r"https://orchard\.example/send-back/\S+", body.get_content())
    return path(found)


def sends(client: Client, at: str, milk: Touch, units: int = 1) -> Any:
    chosen = {f"line-{milk.id}": "on", f"units-{milk.id}": str(units)}
    return client.post(at, {"once": uuid4(), **chosen})


def asked_for() -> tuple[UUID, Touch]:
    anna = a_customer()
    milk = bought(anna)
    settle([milk])
    return anna, milk


def test_from_the_orders_number_to_the_label(sent: Postbox) -> None:
    anna, milk = asked_for()
    client = Client()
    assert "You need no account" in text(client.get(ASK))
    answer = asks(" 77 ", "ANNA@village.example", client)
    assert "a link is on its way there now" in text(client.get(answer["Location"]))
    for _twice in range(2):
        turn()
    [letter] = sent.letters
    assert (letter["To"], letter["Subject"]) == (email("Anna"), "Send something back")
    assert "MILK" not in letter.as_string()
    at = link(sent)
    page = text(client.get(at))  # opening it starts nothing
    assert ('<bdi class="product">Milk' in page, Return.objects.count()) == (True, 0)
    assert sends(client, at, milk)["Location"] == at
    [one] = returns.of_customer(anna)
    assert (one.amount.minor, one.state) == (500, State.MONEY_BACK)
    page = text(client.get(at))
    assert f"{one.code[:4]} {one.code[4:8]} {one.code[8:]}" in page
    assert "/me/returns/" not in page.partition("<footer")[0]
    [picture] = re.findall(r'src="(/send-back/[^"]+qr\.svg)"', page)
    assert client.get(picture)["Content-Type"] == "image/svg+xml"
    client.post(at, {"act": "sent"})
    assert returns.of_customer(anna)[0].state is State.SENT
    assert said.sent_back(anna)["links_asked_for"] == [
        {"at": ReturnAsk.objects.get().at, "address": email("Anna"), "return": one.id}
    ]


def test_the_answer_is_the_same_whoever_asks_and_only_the_purchases_address_hears(
    sent: Postbox,
) -> None:
    asked_for()
    a_customer("Borys")
    answers = set()
    for number, who in [("77", "Anna"), ("78", "Anna"), ("77", "Borys"), ("77", "Nobody")]:
        answer = asks(number, email(who))
        answers.add((answer.status_code, answer["Location"]))
    assert answers == {(302, "/send-back/?asked")}
    turn()
    assert [str(one["To"]) for one in sent.letters] == [email("Anna")]
    # Of what nobody bought nothing stays.
    assert list(ReturnAsk.objects.values_list("address", "number")) == [(email("Anna"), "")]


def test_a_link_starts_one_return(sent: Postbox, clock: Clock) -> None:
    anna, milk = asked_for()
    asks()
    turn()
    at = link(sent)
    for _twice in range(2):
        sends(Client(), at, milk)
    [one] = returns.of_customer(anna)
    assert one.parts[0].units == 1
    clock.forward(days=89)
    assert one.code[:4] in text(Client().get(at))
    clock.forward(days=2)
    assert Client().get(at).status_code == 410


def test_a_link_that_was_not_used_is_over_after_two_days(sent: Postbox, clock: Clock) -> None:
    anna, milk = asked_for()
    asks()
    turn()
    at = link(sent)
    clock.forward(days=2)
    assert Client().get(at).status_code == sends(Client(), at, milk).status_code == 410
    assert returns.of_customer(anna) == []
    assert (commands.tidy(), ReturnAsk.objects.count()) == (1, 0)
    assert Client().get(at).status_code == 404


def test_a_forged_link_and_one_for_something_else_open_nothing(sent: Postbox) -> None:
    anna, _milk = asked_for()
    asks()
    turn()
    ask_id = ReturnAsk.objects.get().pk
    borys = a_customer("Borys")
    assert Client().get(path(links.send_back(ask_id, borys))).status_code == 404
    assert Client().get(path(links.send_back(uuid4(), anna))).status_code == 404
    good = path(links.good(uuid4(), anna)).replace("/good/", "/send-back/")
    assert Client().get(good).status_code == 404
    with pytest.raises(Refused, match=r"^returns\.not_found$"):
        queries.opened(ask_id, borys)


@pytest.mark.parametrize(
    ("number", "address"),
    [("", "anna@village.example"), ("77", "no address"), ("7" * 201, "a@b.example"), ("7", "")],
)
def test_what_cannot_be_an_order_is_said_at_its_field(number: str, address: str) -> None:
    answer = Client().post(ASK, {"number": number, "address": address})
    assert (answer.status_code, ReturnAsk.objects.count()) == (422, 0)
    assert 'aria-invalid="true"' in text(answer)


def test_what_is_missing_is_asked_for_by_name() -> None:
    page = text(Client().post(ASK, {"number": "", "address": ""}))
    assert "Write the number: it stands on the receipt." in page
    assert "Write the address: the link goes there." in page


def test_who_asks_too_often_has_to_wait_known_or_not() -> None:
    for who in ("Anna", "Nobody"):
        assert [asks(address=email(who)).status_code for _time in range(4)] == [302] * 3 + [429]


def test_few_letters_go_to_one_address(sent: Postbox, clock: Clock) -> None:
    asked_for()
    for _time in range(5):
        commands.ask(address=email("Anna"), number="77")
    turn()
    assert (len(sent.letters), ReturnAsk.objects.count()) == (rules.MOST, rules.MOST)
    clock.forward(hours=1)
    commands.ask(address=email("Anna"), number="77")
    turn()
    assert len(sent.letters) == rules.MOST + 1


def test_no_more_wait_than_can_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "WAITING", 2)
    for _twice in range(2):
        commands.ask(address="a@b.example", number="1")
    with refuses("returns.too_many_asked"):
        commands.ask(address="a@b.example", number="1")


def test_an_address_that_only_a_page_told_gets_no_letter(sent: Postbox) -> None:
    asked_for()
    commands.ask(address="told@village.example", number="77")
    turn()
    assert sent.letters == []


def test_a_purchase_under_another_id_of_the_same_person_is_found(sent: Postbox) -> None:
    anna, other = a_customer(), a_customer("Hania")
    milk = bought(other)
    settle([milk])
    customers.merge(by=an_employee("Ewa", "lead"), one=anna, other=other)
    asks()
    turn()
    assert sent.letters[-1]["To"] == email("Anna")
    sends(Client(), link(sent), milk)
    assert len(returns.of_customer(anna)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_open_one_link_at_once_start_one_return() -> None:
    anna, milk = asked_for()
    commands.ask(address=email("Anna"), number="77")
    returning.look_up_due()
    ask_id = ReturnAsk.objects.get().pk

    def act() -> UUID:
        return returning.start_by_mail(
            by=anna, ask_id=ask_id, chosen={milk.id: 1}, words="", language="en", once=uuid4()
        )

    one, other = at_once(act, act)
    assert one == other == Return.objects.get().pk


def test_who_is_erased_asked_for_nothing(clock: Clock) -> None:
    asked_for()
    commands.ask(address=email("Anna"), number="77")
    returning.look_up_due()
    row = ReturnAsk.objects.get()
    assert row.customer_id is not None
    gone = commands.forget(customers=[row.customer_id])
    assert (dict(gone.rows), gone.ids) == ({"service.ReturnAsk": 1}, frozenset([row.pk]))
    assert timezone.now() - row.at < timedelta(minutes=1)
