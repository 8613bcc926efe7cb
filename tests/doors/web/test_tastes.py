"""What customers buy on, on pages: in words, with the numbers, and nobody pointed at."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kfar.doors.reasons import SAID, why
from kfar.doors.reasons import tastes as words_of
from kfar.doors.web import tastes as told
from kfar.rooms.insight import keeping, queries, refreshing
from kfar.rooms.insight.disciplines.tables import MEASURES
from kfar.rooms.insight.figures import Figure, Reason, Withheld
from kfar.rooms.insight.keeping import Kept
from kfar.rooms.insight.queries import Measure, Taste, Tastes
from kfar.rooms.insight.studies.tastes import Score
from kfar.rooms.village.models import Role
from tests.doors.web.doors import enter, text
from tests.people import an_employee
from tests.rooms.insight.tastes import PEOPLE, UNTIL, a_shop

pytestmark = pytest.mark.django_db
PAGE = "/insight/tastes/"


def words(response: Any) -> str:
    """Return what is to be read on a page."""
    plain = re.sub(r"<[^>]+>", " ", text(response))
    return re.sub(r"\s+", " ", html.unescape(plain))


def learned() -> Kept[Tastes]:
    refreshing.refresh()
    kept = queries.learned().tastes
    assert kept is not None
    return kept


def test_an_employee_sees_in_which_categories_customers_buy_on_what() -> None:
    a_shop()
    kept = learned()
    an_employee("Tomasz", role="brand")
    page = enter("Tomasz").get(PAGE)
    assert page.status_code == 200
    said = words(page)
    place = {name: n for n, name in enumerate(kept.content.categories)}
    for name, shown in (("BREAD", "Bread"), ("MILK", "Milk")):
        price, _, quality = kept.content.leads[place[name]]
        assert f"{shown} 40 {price} fewer than 5 {quality}" in said
    deal = kept.content.measures["deal"]
    assert isinstance(deal, Measure)
    judged = deal.judged
    assert f"Bought on offer {judged.total_error:.3f} {judged.total_plain:.3f} 120 2" in said
    assert "1 category in which one’s own past told no more than the average of all Tea" in said
    assert "Bought on offer: what was said, and what came" in said


def test_before_anything_is_learned_the_page_says_so() -> None:
    an_employee("Tomasz", role="brand")
    assert "Nothing has been learned yet." in words(enter("Tomasz").get(PAGE))


def test_who_may_not_read_what_is_known_does_not() -> None:
    an_employee("Tomasz", role="brand")
    role = Role.objects.get(pk="brand")
    role.acts = [act for act in role.acts if act != "insight.read"]
    role.save()
    assert enter("Tomasz").get(PAGE).status_code == 403


def test_a_customer_reads_what_they_buy_on_and_why() -> None:
    people = a_shop()
    kept = learned()
    said = words(enter_customer(20).get("/me/known/"))
    milk = {t.category: t for t in queries.profile(people[20]).tastes}["MILK"]
    deal = milk.measures["deal"]
    assert isinstance(deal, Figure)
    came = deal.reasons[0].params
    evidence = f"{came['came']:.0f} of {came['of']} times on offer"
    assert "What you buy on" in said
    assert re.search(rf"Milk price .*{evidence}; usual here would be", said)
    low, high = (f"{round(100 * of)}%" for of in (deal.low, deal.high))
    assert f"As many times again, in 8 of 10 such cases {low} to {high}" in said
    assert "Nothing stands out yet in 1 category: Tea" in said
    assert kept.people == PEOPLE


def enter_customer(n: int) -> Any:
    """Return a client of one of the shop's customers."""
    return enter(f"p{n}")


def a_taste(leads: str | None, **measures: Figure | Withheld) -> Taste:
    return Taste("MILK", 30, leads, {"price": Score(1.0, 0.1)}, measures)


def a_figure(name: str, value: float, usual: float, wide: float = 0.1) -> Figure:
    params = {"came": value * 30, "of": 30, "expected": usual * 30}
    reasons = (Reason(f"disciplines.{name}", params),)
    return Figure(value, value - wide, value + wide, 182, usual, reasons)


def test_evidence_is_what_speaks_for_what_leads_the_clearest_first() -> None:
    found = told.one_person(
        [
            a_taste(
                "price",
                off=a_figure("off", 0.4, 0.3),
                deal=a_figure("deal", 0.9, 0.3),
                tier=a_figure("tier", 0.2, 0.5),
                pack=a_figure("pack", 0.4, 0.5),  # speaks against it
                weekend=a_figure("weekend", 1.0, 0.2),  # says nothing of price
                private=replace(
                    a_figure("private", 0.32, 0.3),  # 9 of 30, and usual is 9
                    reasons=(
                        Reason("disciplines.private", {"came": 9, "of": 30, "expected": 9.0}),
                    ),
                ),
            ),
            a_taste(None, deal=a_figure("deal", 0.9, 0.3)),
        ]
    )
    [first] = found.first
    assert (first.category, first.leads, found.more) == ("MILK", "price", [])
    assert [one.label for one in first.evidence] == [
        "Bought on offer",
        "How dear",
        "Taken off the price",
    ]
    dear = first.evidence[1]
    assert dear.why == (
        "Cheaper, for its size, than 80% of all that is bought here; usual is 50%.",
    )
    assert (dear.value, dear.low, dear.high, dear.beside) == ("80%", "70%", "90%", "50%")
    assert first.evidence[0].why == ("27 of 30 times on offer; usual here would be 9.",)
    assert found.nothing == ["MILK"]


def test_something_speaks_for_what_leads_even_where_it_is_hardly_seen() -> None:
    hardly = {"came": 9.0, "of": 30, "expected": 9.0}
    figure = replace(
        a_figure("private", 0.32, 0.3), reasons=(Reason("disciplines.private", hardly),)
    )
    found = told.one_person(
        [a_taste("price", private=figure, deal=Withheld("disciplines.unknown"))]
    )
    assert [one.label for one in found.first[0].evidence] == ["The shop’s own label"]


def test_few_are_not_counted_out_and_cannot_be_worked_out() -> None:
    a_shop()
    kept = learned()
    study = kept.content
    leads = np.array([[20, 4, 12], [7, 0, 5], [0, 0, 0]])
    some = Tastes(
        study.categories,
        study.compared,
        study.horizon,
        study.measures,
        np.array([38, 14, 3]),
        leads,
    )
    found = told.everybody(Kept(some, UNTIL, PEOPLE, kept.made_at))
    assert [(row.name, row.people, row.on) for row in found.first] == [
        ("BREAD", 40, ["20", "fewer than 5", "12"]),
        ("MILK", 10, ["7", "fewer than 5", "5"]),
    ]
    assert found.chart is not None
    assert [row.label for row in found.chart.rows] == ["price", "quality and own taste"]
    assert [bool(one.refused) for one in found.trials] == [False] * 8
    assert keeping.kept("tastes", Tastes) is not None


SENTENCES = [
    ("deal", 17, 30, 9, "17 of 30 times on offer; usual here would be 9."),
    ("off", 6, 30, 3, "On the average 20% taken off the full price; usual here is 10%."),
    ("private", 3, 30, 9, "3 of 30 times the shop’s own label; usual here would be 9."),
    (
        *("tier", 21, 30, 15),
        "Dearer, for its size, than 70% of all that is bought here; usual is 50%.",
    ),
    (
        *("tier", 6, 30, 18),
        "Cheaper, for its size, than 80% of all that is bought here; usual is 40%.",
    ),
    ("pack", 21, 30, 15, "Larger packs than 70% of all that is bought here; usual is 50%."),
    ("pack", 6, 30, 18, "Smaller packs than 80% of all that is bought here; usual is 40%."),
    ("stock_up", 7, 30, 20, "7 of 30 times in a large basket; usual here would be 20."),
    ("weekend", 7, 30, 20, "7 of 30 times on a weekend; usual here would be 20."),
    (
        *("elsewhere", 7, 30, 20),
        "7 of 30 times away from the usual shop; usual here would be 20.",
    ),
]


@pytest.mark.parametrize(("name", "came", "of", "expected", "said"), SENTENCES)
def test_each_measure_has_its_sentence(
    name: str, came: float, of: int, expected: float, said: str
) -> None:
    params = {"came": float(came), "of": of, "expected": float(expected)}
    assert why(Reason(f"disciplines.{name}", params)) == said


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (
            Withheld("disciplines.few", {"lines": 1, "needed": 5}),
            "Left out: known of 1 purchase here, and 5 are needed.",
        ),
        (
            Withheld("disciplines.no_better", {"people": 3}),
            (
                "Left out: on a later time, one’s own past told no more here than the average of "
                "all customers (tried on fewer than 5)."
            ),
        ),
        (Withheld("disciplines.unknown"), "Left out: no source tells us this of a purchase."),
        (
            Withheld("disciplines.untried"),
            "Left out: nobody bought often enough, early and late, to try it.",
        ),
    ],
)
def test_each_code_has_its_sentence(of: Reason | Withheld, said: str) -> None:
    assert why(of) == said


def test_no_measure_is_without_a_sentence_and_a_name() -> None:
    assert {f"disciplines.{name}" for name in MEASURES} <= set(SAID)
    assert list(words_of.MEASURES) == list(MEASURES)
