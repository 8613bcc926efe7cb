"""Products as they stand for one person: by those they know, and revealing nobody else."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.ties import commands as knowing
from kfar.rooms.customers.ties.queries import circle
from kfar.rooms.voice.reviews import commands, personal, queries
from kfar.rooms.voice.reviews.commands import Ware
from kfar.rooms.voice.reviews.models import Product
from kfar.rooms.voice.reviews.personal import ForYou
from kfar.rooms.voice.reviews.reckoning import reckon_all
from tests.clock import Clock
from tests.people import a_customer, an_employee
from tests.rooms.customers.ties.knowing import agree, be_named, tie
from tests.rooms.voice.reviews.reviewing import BREAD, MILK, product, review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def bread(viewer: UUID) -> ForYou:
    """The bread as it stands for somebody."""
    found = personal.product(circle(viewer), BREAD.code)
    assert found is not None
    return found


def friends(viewer: UUID, n: int, *, called: str = "Friend") -> list[UUID]:
    """So many people somebody knows."""
    found = [a_customer(f"{called} {number}") for number in range(n)]
    for one in found:
        tie(one, viewer)
    return found


@pytest.fixture
def anna() -> UUID:
    """Somebody before whom two strangers have reviewed bread."""
    review(a_customer("Stranger"), 4)
    review(a_customer("Other stranger"), 4)
    return a_customer("Anna")


def test_who_knows_nobody_sees_what_everybody_sees(anna: UUID) -> None:
    found = bread(anna)
    assert found.product is found.everybody
    assert (found.product, found.moved) == (product(), False)
    assert [one.product for one in personal.shelf(circle(anna), None)] == queries.shelf(None)


def test_a_friend_who_may_be_named_moves_it_and_is_named(anna: UUID) -> None:
    [borys] = friends(anna, 1)
    review(borys, 1, "Dry")
    before = bread(anna)
    assert (before.product, before.moved) == (product(), False)
    be_named(borys)
    found = bread(anna)
    assert found.product.mean < found.everybody.mean
    assert found.everybody == product()
    assert (found.friends, found.others, found.beyond) == (("Friend 0",), 0, 0)
    [told] = queries.of_people(BREAD.code, circle(anna).named)
    assert (told.name, told.text) == ("Friend 0", "Dry")
    [public] = [one for one in queries.reviews(BREAD.code).reviews if one.text]
    assert public.name == ""
    # it is theirs and nobody else's
    assert not bread(a_customer("Stranger")).moved
    knowing.end(by=borys, other=anna)
    assert bread(anna) == ForYou(product(), product())


def test_friends_who_are_not_named_count_in_threes_and_not_all_of_them(anna: UUID) -> None:
    found = friends(anna, 4)
    others = []
    for one in found:
        review(one, 5)
        others.append((bread(anna).others, bread(anna).product == product()))
    assert others == [(0, True), (0, True), (3, False), (3, False)]
    only = a_customer("Only three")
    for one in found[:3]:
        tie(only, one)
    assert bread(only) == ForYou(product(), product())


def test_beyond_friends_count_three_who_agreed_by_way_of_one_who_did(anna: UUID) -> None:
    [between] = friends(anna, 1)
    far = friends(between, 4, called="Far")
    for one in far[:3]:
        review(one, 1)
    said = []
    for who in ([between], far[:2], far[2:3], far[3:]):
        agree(*who)
        said.append(bread(anna).beyond)
    assert said == [0, 0, 0, 3]
    found = bread(anna)
    assert found.product.mean < found.everybody.mean
    assert found.friends == ()
    agree(between, given=False)
    assert bread(anna) == ForYou(product(), product())


def test_who_did_not_agree_changes_nothing(anna: UUID) -> None:
    [borys] = friends(anna, 1)
    be_named(borys)
    agree(borys)
    review(borys, 5)
    before = bread(anna)
    for one in friends(borys, 5, called="Far"):  # none of them agreed
        tie(one, a_customer("Somebody"))
    for number in range(5):
        review(a_customer(f"Far {number}"), 1, ware=MILK)
    assert bread(anna) == before
    assert personal.product(circle(anna), MILK.code) == ForYou(product(MILK), product(MILK))


def test_what_is_taken_back_or_from_before_a_change_counts_no_more(anna: UUID) -> None:
    [borys] = friends(anna, 1)
    be_named(borys)
    written = review(borys, 1)
    Product.objects.update(changed_on="2999-01-01")
    assert not bread(anna).moved
    Product.objects.update(changed_on=None)
    assert bread(anna).moved
    commands.take_back(by=borys, review_id=written)
    assert not bread(anna).moved


def test_a_group_is_never_one_for_what_counts_no_more(anna: UUID, clock: Clock) -> None:
    found = friends(anna, 5)
    for one in found[:2]:
        review(one, 5)
    clock.forward(days=2)
    review(found[2], 5)
    assert bread(anna).others == 3
    Product.objects.update(changed_on=clock.today)
    assert bread(anna) == ForYou(product(), product())


def test_somebody_known_under_two_names_counts_once(anna: UUID) -> None:
    lead = an_employee("Ewa", "lead")
    borys, at_work = friends(anna, 2)
    be_named(borys, at_work)
    review(borys, 5)
    review(at_work, 1)
    assert len(bread(anna).friends) == 2
    customers.merge(by=lead, one=borys, other=at_work)
    reckon_all()
    assert len(bread(anna).friends) == 1


def test_the_shelf_is_theirs_page_by_page(anna: UUID) -> None:
    [borys] = friends(anna, 1)
    be_named(borys)
    wares = [Ware(f"w{n}", f"BREAD {n}", "BREAD") for n in range(6)]
    for ware in wares:
        review(a_customer("Stranger"), 4, ware=ware)
        review(a_customer("Other stranger"), 4, ware=ware)
    review(borys, 5, ware=wares[5])
    review(borys, 1, ware=wares[0])
    review(borys, 5, ware=MILK)
    theirs = circle(anna)
    whole = [one.product.code for one in personal.shelf(theirs, "BREAD")]
    assert (whole[0], whole[-1]) == ("w5", "w0")
    assert sorted(whole) == sorted(one.code for one in queries.shelf("BREAD"))
    pages = [personal.shelf(theirs, "BREAD", after=n, most=3) for n in (0, 3, 6, 9)]
    assert [one.product.code for page in pages for one in page] == whole
    assert {one.product.code for one in personal.shelf(theirs, None) if one.moved} == {
        *("w5", "w0", MILK.code)
    }
    codes = [one.product.code for one in personal.shelf(theirs, None)]
    order = sorted(
        personal.shelf(theirs, None),
        key=lambda one: (-one.product.mean, -one.product.reviews, one.product.code),
    )
    assert codes == [one.product.code for one in order]


def test_a_product_reckoned_before_is_everybodys_until_it_is_again(anna: UUID) -> None:
    [borys] = friends(anna, 1)
    be_named(borys)
    review(borys, 1)
    Product.objects.update(shares=[])
    assert not bread(anna).moved
    reckon_all()
    found = bread(anna)
    assert found.moved
    assert replace(found.product, mean=0, low=0, high=0) == replace(
        found.everybody, mean=0, low=0, high=0
    )
    assert personal.product(circle(anna), "no-such") is None
