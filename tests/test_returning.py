"""What was bought goes back: asked of the lake, told by letter, seen on the journey."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.utils import timezone, translation
from pytest_django import Settings

from kfar import loop
from kfar.doors import words
from kfar.lake import inbox
from kfar.lake.models import Touchpoint
from kfar.lake.touch import Touch
from kfar.loop import returning
from kfar.rooms.customers import commands as customers
from kfar.rooms.service.returns import commands, queries
from kfar.rooms.service.returns.rules import State
from kfar.rooms.voice import queries as voices
from tests.clock import Clock
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee, refuses
from tests.rooms.service.returns.returning import found

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def bought(by: UUID, key: str, basket: str = "7", **given: Any) -> Touch:
    """A line of a basket of yesterday's, 10.00 for two."""
    said: dict[str, Any] = {
        "customer": by, "basket": basket, "product": key, "product_name": key.upper(),
        "category": "Dairy", "units": 2, "paid": 1000, "currency": "USD",
        "at": timezone.now() - timedelta(days=1),
    }  # fmt: skip
    return a_touch(f"{by}/{basket}/{key}", **(said | given))


def start(by: UUID, occasion: UUID, chosen: dict[UUID, int], words: str = "") -> UUID:
    purchase = returning.purchase(by, occasion=occasion)
    assert purchase is not None
    return returning.start(
        by=by, found=purchase, chosen=chosen, words=words, language="en", once=uuid4()
    )


def test_a_purchase_is_found_by_its_id_and_by_the_number_on_the_receipt(clock: Clock) -> None:
    anna, borys = a_customer(), a_customer("Borys")
    milk, bread = bought(anna, "milk"), bought(anna, "bread", units=None, measure=0.5)
    settle([milk, bought(borys, "salt")])
    inbox.put_rows([tuple(vars(t).values()) for t in (bread, bought(anna, "tea", basket="8"))])
    by_id = returning.purchase(anna, occasion=milk.occasion)
    assert by_id is not None
    assert [line.product for line in by_id.lines] == ["bread", "milk"]
    assert (by_id, by_id.reference) == (returning.purchase(anna, reference=" 7 "), "7")
    assert [(c.line.name, c.line.units, c.left) for c in returning.choices(by_id)] == [
        ("BREAD", 1, 1), ("MILK", 2, 2),
    ]  # fmt: skip
    assert returning.purchase(borys, occasion=uuid4()) is None
    assert returning.purchase(borys, reference="8") is None
    assert returning.purchase(borys, reference="") is None


def test_a_return_is_told_and_stands_on_the_journey(clock: Clock) -> None:
    anna, noa = a_customer(), an_employee()
    milk = bought(anna, "milk")
    settle([milk])
    made = start(anna, milk.occasion, {milk.id: 1})
    loop.tick()
    [letter] = mail.outbox
    assert letter.subject == "You get $5.00 back"
    code = found(made).code
    assert f"{code[:4]} {code[4:8]} {code[8:]}" in str(letter.body)
    assert f"/me/returns/{made}/" in str(letter.body)
    clock.forward(days=2)
    commands.arrive(by=noa, code=code)
    loop.tick()
    kinds = Touchpoint.objects.order_by("at", "kind").values_list("kind", flat=True)
    assert list(kinds) == ["money-back", "return", "return-arrived"]
    assert [str(letter.subject) for letter in mail.outbox[1:]] == ["Your return is here"]
    with refuses("returns.too_many", what="MILK", left=1):
        start(anna, milk.occasion, {milk.id: 2})
    assert voices.of_customer(anna) == []


def test_what_somebody_wants_to_say_with_it_is_a_voice() -> None:
    anna = a_customer()
    milk = bought(anna, "milk")
    settle([milk])
    start(anna, milk.occasion, {milk.id: 1}, words="It was sour")
    [said] = voices.of_customer(anna)
    assert (said.text, said.about, said.about_name) == ("It was sour", milk.id, "MILK")


def test_beyond_the_policy_the_customer_is_told_that_a_person_decides(clock: Clock) -> None:
    anna, noa = a_customer(), an_employee()
    milk = bought(anna, "milk", at=clock.now - timedelta(days=31))
    settle([milk])
    made = start(anna, milk.occasion, {milk.id: 1})
    loop.tick()
    commands.decide(by=noa, return_id=made, yes=False, words="A month is long for milk.")
    loop.tick()
    first, second = mail.outbox
    assert (first.subject, second.subject) == ("Your return", "About your return")
    due = found(made).due_at
    assert due is not None
    with translation.override("en"):
        until = words.moment(due)
    assert f"A person decides about it by {until}, and we write to you then." in str(first.body)
    assert "Noa looked at it" in str(second.body)
    assert "A month is long for milk." in str(second.body)
    assert found(made).state is State.REFUSED


def test_the_letter_says_by_when_as_the_company_works(clock: Clock, settings: Settings) -> None:
    settings.KFAR_WORK_HOURS = "Mon-Fri 09:00-17:00"
    settings.KFAR_DECIDE_WITHIN = {"return": timedelta(hours=8)}
    anna, borys = a_customer(), a_customer("Borys")
    lines = [bought(own, "milk", at=clock.now - timedelta(days=31)) for own in (anna, borys)]
    settle(lines)
    clock.to(datetime(2026, 3, 6, 16, tzinfo=timezone.get_current_timezone()))  # a Friday
    made = start(anna, lines[0].occasion, {lines[0].id: 1})
    due = found(made).due_at
    assert due is not None
    assert timezone.localtime(due).date() == clock.today + timedelta(days=3)  # not today
    settings.KFAR_DECIDE_WITHIN = {}
    start(borys, lines[1].occasion, {lines[1].id: 1})
    loop.tick()
    with translation.override("en"):
        until = words.moment(due)
    said = {m.to[0].partition("@")[0]: str(m.body).splitlines()[0] for m in mail.outbox}
    assert said == {
        "anna": "You send something back, worth $5.00. A person decides about it by "
        f"{until}, and we write to you then. You need not say why.",
        "borys": "You send something back, worth $5.00. A person decides about it, and we "
        "write to you then. You need not say why.",
    }


class TestPatterns:
    def shop(self) -> dict[str, UUID]:
        """Ten who buy twelve things each; Anna sends eight back, Borys one."""
        people = {name: a_customer(name) for name in ("Anna", "Borys", *"cdefghij")}
        touches = [
            bought(own, f"thing{n}", basket=f"{n}", units=1, paid=100)
            for own in people.values()
            for n in range(12)
        ]
        settle(touches)
        for name, many in (("Anna", 8), ("Borys", 1)):
            for touch in [t for t in touches if t.customer == people[name]][:many]:
                start(people[name], touch.occasion, {touch.id: 1})
        return people

    def test_far_above_alike_customers_is_shown_with_its_interval(self, clock: Clock) -> None:
        people = self.shop()
        [pattern] = returning.patterns()
        assert pattern.share is not None
        assert (pattern.person, pattern.share.returned, pattern.share.bought) == (
            people["Anna"], 8, 12,
        )  # fmt: skip
        assert (pattern.share.others, pattern.share.others_bought) == (9, 108)
        assert pattern.share.others_returned == 1
        assert (round(pattern.share.low, 2), round(pattern.share.high, 2)) == (0.39, 0.86)
        assert returning.pattern(people["Anna"]) == pattern
        assert returning.pattern(people["Borys"]) is None

    def test_and_refuses_nothing(self, clock: Clock) -> None:
        people = self.shop()
        more = bought(people["Anna"], "more", basket="more", units=1, paid=100)
        settle([more], batch="more")
        made = start(people["Anna"], more.occasion, {more.id: 1})
        assert found(made).state is State.MONEY_BACK

    def test_it_is_the_person_s_however_many_ids_they_have(self, clock: Clock) -> None:
        people = self.shop()
        ewa = an_employee("Ewa", "lead")
        customers.merge(by=ewa, one=people["Anna"], other=people["Borys"])
        [pattern] = returning.patterns()
        assert pattern.share is not None
        assert (pattern.share.returned, pattern.share.bought) == (9, 24)
        assert (pattern.share.others, pattern.share.others_bought) == (8, 96)
        assert queries.habits()[pattern.person].lines == 9
