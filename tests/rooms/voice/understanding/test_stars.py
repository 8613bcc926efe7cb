"""Stars beside reviews are learned from, more softly than an employee's word."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from kfar.doors.cli.commands import app
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.reviews.models import Product, Review
from kfar.rooms.voice.understanding import commands, queries, refreshing, rules, teaching
from tests.people import a_customer, an_employee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

PRAISE, BLAME = "these shoes are sick, so sick", "these shoes are rubbish, they fell apart"


def reviewed(good: int, bad: int, people: list[UUID] | None = None) -> None:
    product = Product.objects.create(pk="shoes", name="shoes")
    now = timezone.now()
    Review.objects.bulk_create(
        Review(
            product=product,
            customer_id=people[n] if people else None,
            source="store",
            key=str(n),
            stars=5 if (n % 2 and n < 2 * good) or n >= 2 * bad else 1,
            text=f"{PRAISE if (n % 2 and n < 2 * good) or n >= 2 * bad else BLAME} {n}",
            language="en",
            at=now + timedelta(minutes=n),
        )
        for n in range(good + bad)
    )


def test_four_and_five_are_good_three_neither_one_and_two_bad() -> None:
    assert [rules.by_stars(n) for n in range(1, 6)] == [
        "negative", "negative", "neutral", "positive", "positive",
    ]  # fmt: skip


def test_enough_of_both_kinds_teach_how_people_here_speak() -> None:
    reviewed(good=60, bad=60)
    assert teaching.teach("en")
    [lesson] = queries.lessons()
    assert (lesson.corrections, lesson.stars, lesson.after, lesson.used) == (0, 120, 1, True)
    one = voice.say(by=a_customer(), text="so sick, these shoes", language="en")
    refreshing.read_due()
    assert queries.readings([one])[one].sentiment == "positive"
    assert not teaching.teach("en")


def test_too_few_of_one_kind_teach_nothing() -> None:
    reviewed(good=100, bad=29)
    assert not teaching.teach("en")
    assert queries.lessons() == []


def test_those_taken_back_and_of_who_did_not_agree_are_not_learned_from() -> None:
    new = [Newcomer(key=f"p{n}", name=f"p{n}") for n in range(120)]
    met = customers.meet_many(source="test", newcomers=new)
    reviewed(good=60, bad=60, people=[met[one.key] for one in new])
    assert not teaching.teach("en")
    Review.objects.update(customer=None, taken_back_at=timezone.now())
    assert not teaching.teach("en")
    assert queries.lessons() == []


def test_learning_at_once_prints_what_came_of_it() -> None:
    reviewed(good=60, bad=60)
    answer = CliRunner().invoke(app, ["learn", "en"])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert (told["language"], told["stars"], told["after"], told["used"]) == ("en", 120, 1, True)
    assert CliRunner().invoke(app, ["learn", "pl"]).stdout == ""
    assert CliRunner().invoke(app, ["learn", "en", "--to", "en.npz"]).exit_code == 2


def test_an_employees_word_goes_before_the_stars(clock: object) -> None:
    noa, said = an_employee(), voice.say(by=a_customer(), text=PRAISE, language="en")
    refreshing.read_due()
    reviewed(good=60, bad=60)
    Review.objects.filter(key="1").update(voice=said)
    commands.correct(by=noa, voice_id=said, sentiment="positive")
    teaching.teach("en")
    assert queries.lessons()[0].stars == 118
