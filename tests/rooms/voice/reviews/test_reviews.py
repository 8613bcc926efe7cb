"""A review is one a person and product, is heard, verified by a purchase, and never hidden."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from kfar import loop
from kfar.lake import outbox
from kfar.loop import reviewing
from kfar.rooms.customers import commands as customers
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.facts import Reviewed
from kfar.rooms.voice.reviews import commands, queries, reckoning
from kfar.rooms.voice.reviews.commands import Ware
from kfar.rooms.voice.reviews.models import Review, Shelf
from kfar.rooms.voice.reviews.queries import Sort
from tests.clock import Clock
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee, announced, noted, refuses
from tests.rooms.voice.reviews.reviewing import BREAD, MILK, product, review

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def texts(customer: UUID) -> list[str]:
    return sorted(said.text for said in voices.of_customer(customer))


class TestWriting:
    def test_a_person_has_one_of_each_product(self, clock: Clock) -> None:
        anna = a_customer()
        first = review(anna, 2, "Dry")
        clock.forward(days=1)
        assert review(anna, 4, "Better now") == first
        assert review(anna, 4, "Better now") == first
        review(anna, 5, ware=MILK)
        assert (product().reviews, product().stars) == (1, (0, 0, 0, 1, 0))
        [milk, bread] = queries.mine(anna)
        assert (milk.told.code, milk.before) == (MILK.code, ())
        assert [(stars, text) for _until, stars, text in bread.before] == [(2, "Dry")]
        [told] = queries.reviews(BREAD.code).reviews
        assert (told.stars, told.text, told.changed_at) == (4, "Better now", clock.now)
        assert sum(isinstance(fact, Reviewed) for fact in announced()) == 3

    def test_words_and_few_stars_are_heard_as_any_voice(self, clock: Clock) -> None:
        anna = a_customer()
        review(anna, 5)
        assert texts(anna) == []
        review(anna, 5, "Good rye", about=(about := uuid4()))
        clock.forward(days=1)
        review(anna, 4, "Good rye")
        assert texts(anna) == ["Good rye"]
        review(anna, 1, "Good rye")
        review(anna, 2, ware=MILK)
        assert texts(anna) == ["Good rye", "Good rye", "★★☆☆☆"]
        assert {(v.about, v.about_name) for v in voices.of_customer(anna)} == {
            (about, "RYE BREAD"), (None, "RYE BREAD"), (None, "MILK 1L"),
        }  # fmt: skip

    @pytest.mark.parametrize("stars", [0, 6, -1])
    def test_there_are_one_to_five_stars(self, stars: int) -> None:
        with refuses("reviews.no_stars"):
            review(a_customer(), stars)

    @pytest.mark.parametrize("code", ["", " ", "x" * 201, "a\x00b"])
    def test_there_is_no_such_product(self, code: str) -> None:
        with refuses("reviews.no_product"):
            review(a_customer(), ware=Ware(code, "x"))

    def test_what_is_too_long_is_not_cut(self) -> None:
        with refuses("voice.too_long", most=5000, length=5001, over=1):
            review(a_customer(), text="x" * 5001)

    def test_what_is_taken_back_nobody_else_reads(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        own = review(anna, 1, "Mouldy")
        with refuses("reviews.not_found"):
            commands.take_back(by=borys, review_id=own)
        commands.take_back(by=anna, review_id=own)
        commands.take_back(by=anna, review_id=own)
        assert queries.reviews(BREAD.code).reviews == ()
        assert (product().reviews, product().mean) == (0, 0.0)
        assert [(m.told.text, m.taken_back_at is None) for m in queries.mine(anna)] == [
            ("Mouldy", False)
        ]
        assert texts(anna) == ["Mouldy"]
        assert review(anna, 5) != own

    def test_a_name_stands_there_only_if_they_want_it(self) -> None:
        review(a_customer(), 5, named=True)
        review(a_customer("Borys"), 4)
        told = queries.reviews(BREAD.code).reviews
        assert {(one.stars, one.name) for one in told} == {(5, "Anna"), (4, "")}


class TestVerified:
    def buy(self, customer: UUID, **more: object) -> None:
        settle([a_touch(customer=customer, basket="b", **({"paid": 420} | more))])  # type: ignore[arg-type]

    def test_a_purchase_there_is_is_found_at_once(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        self.buy(anna, product="718")
        review(anna)
        review(borys)
        loop.tick()
        assert (product().reviews, product().verified) == (2, 1)
        assert [one.verified for one in queries.reviews(BREAD.code).reviews] == [True, False]

    @pytest.mark.parametrize(
        ("bought", "verified"),
        [
            ({"product": "718"}, 1),
            ({"product_name": "718"}, 1),
            ({"product": "719"}, 0),
            ({"product": "719", "product_name": "718"}, 0),
            ({"product": "718", "paid": -420}, 0),
            ({"product": "718", "kind": "redemption"}, 0),
        ],
    )
    def test_a_purchase_that_comes_later_is_found_later(
        self, bought: dict[str, object], verified: int, clock: Clock
    ) -> None:
        anna = a_customer()
        review(anna)
        loop.tick()
        self.buy(anna, **bought)
        assert reviewing.look_up_due() == 0  # it was just looked for
        clock.forward(hours=2)
        assert reviewing.look_up_due() == verified
        assert reviewing.look_up_due() == 0
        assert product().verified == verified

    def test_a_purchase_moves_it_more(self) -> None:
        anna = a_customer()
        review(anna)
        before = product().mean
        self.buy(anna, product="718")
        outbox.deliver()
        assert product().mean > before


class TestProminence:
    def test_a_bad_review_moves_it_down_and_is_shown(self) -> None:
        review(a_customer(), 5)
        before = product()
        review(a_customer("Borys"), 1, "Stale")
        after = product()
        assert after.mean < before.mean
        assert after.low < after.mean < after.high
        assert sorted(one.stars for one in queries.reviews(BREAD.code).reviews) == [1, 5]

    def test_products_stand_by_it(self) -> None:
        for n, name in enumerate(["Anna", "Borys", "Celina"]):
            customer = a_customer(name)
            review(customer, 2, ware=MILK)
            review(customer, 5 - (n == 0))
        assert [one.code for one in queries.shelf(None)] == ["718", "33"]
        assert [one.code for one in queries.shelf("MILK")] == ["33"]
        assert queries.categories() == [("BREAD", 1), ("MILK", 1)]

    def test_all_are_reckoned_anew_once_a_day(self, clock: Clock) -> None:
        assert reckoning.reckon_due() == 0
        review(a_customer(), 4)
        review(a_customer("Borys"), 5, ware=MILK)
        assert (reckoning.reckon_due(), Shelf.objects.count()) == (0, 1)
        clock.forward(days=1)
        assert (reckoning.reckon_due(), reckoning.reckon_due()) == (2, 0)
        assert Shelf.objects.count() == 2
        first = product()
        clock.forward(days=730)
        assert reckoning.reckon_due() == 2
        assert product().high - product().low > first.high - first.low

    def test_what_one_person_says_twice_counts_once(self, clock: Clock) -> None:
        anna, hania = a_customer(), a_customer("Hania")
        review(anna, 1)
        clock.forward(days=1)
        review(hania, 5)
        merged = customers.merge(by=an_employee("Ewa", "lead"), one=anna, other=hania)
        reckoning.reckon([BREAD.code])
        assert product().stars == (0, 0, 0, 0, 1)
        assert [one.stars for one in queries.reviews(BREAD.code).reviews] == [5]
        assert merged is not None
        customers.unmerge(by=an_employee("Ewa", "lead"), merge_id=merged)
        reckoning.reckon([BREAD.code])
        assert product().stars == (1, 0, 0, 0, 1)

    def test_they_are_sorted_and_of_a_language(self, clock: Clock) -> None:
        said = [("Anna", "x" * 80, "en"), ("Borys", "", "pl"), ("Celina", "tak", "pl")]
        for name, text, language in said:
            review(a_customer(name), 4, text, language=language)
            clock.forward(days=1)
        found = queries.reviews(BREAD.code).reviews
        assert [len(one.text) for one in found] == [80, 3, 0]
        newest = queries.reviews(BREAD.code, sort=Sort.NEWEST).reviews
        assert [len(one.text) for one in newest] == [3, 0, 80]
        assert queries.reviews(BREAD.code, language="pl").total == 2
        assert queries.languages(BREAD.code) == ["en", "pl"]
        second = queries.reviews(BREAD.code, number=2, most=2)
        assert (len(second.reviews), second.number, second.pages) == (1, 2, 2)


class TestAnswer:
    def test_an_employee_answers_in_public(self) -> None:
        anna, noa = a_customer(), an_employee()
        own = review(anna, 1, "Stale")
        commands.answer(by=noa, review_id=own, text="Sorry", language="en")
        commands.answer(by=noa, review_id=own, text="Come again", language="en")
        [told] = queries.reviews(BREAD.code).reviews
        assert told.answer is not None
        assert told.answer.text == "Come again"
        assert noted(anna) == [("voice.answered", noa)] * 2
        assert [v.stands for v in voices.of_customer(anna)] == ["read"]

    def test_not_everybody_may(self) -> None:
        own = review(a_customer(), 1)
        with refuses("village.may_not", act="voice.answer"):
            commands.answer(by=uuid4(), review_id=own, text="x", language="en")
        with refuses("reviews.not_found"):
            commands.answer(by=an_employee(), review_id=uuid4(), text="x", language="en")


def test_who_leaves_takes_their_reviews_along(clock: Clock) -> None:
    anna, borys = a_customer(), a_customer("Borys")
    review(anna, 1, "Stale")
    clock.forward(days=1)
    own = review(anna, 2, "Still stale")
    commands.answer(by=an_employee(), review_id=own, text="Sorry", language="en")
    review(borys, 5)
    gone = commands.forget(customers=[anna])
    assert gone.rows == {"voice.Review": 1, "voice.Before": 1, "voice.ReviewAnswer": 1}
    assert product().stars == (0, 0, 0, 0, 1)
    assert Review.objects.filter(customer=anna).count() == 0
