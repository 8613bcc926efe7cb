"""Limits on pages: what came of them, what they are for, set, removed, and set back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from kfar.rooms.insight import keeping
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.leaving.matching import Effect
from kfar.rooms.insight.studies import after
from kfar.rooms.insight.studies.after import After, Asked, Side
from kfar.rooms.service.models import LimitChange
from kfar.rooms.village import commands as village
from kfar.rooms.village.rules import Authority
from kfar.rooms.voice.models import Theme
from kfar.rooms.voice.understanding import commands as understanding
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee
from tests.test_limiting import LITTLE, a_theme, lived, own, said

pytestmark = pytest.mark.django_db

LIMITS = reverse("web:limits")


def page(client: Client) -> str:
    return text(client.get(LIMITS))


def put(client: Client, theme: UUID | str, **given: Any) -> Any:
    form = {"whose": "service refund", "theme": theme, "amount": "5", "once": uuid4()}
    return client.post(LIMITS, form | given, follow=True)


def test_what_holds_for_the_case_stands_before_anybody_speaks() -> None:
    noa, late = an_employee(), a_theme("late")
    an_employee("Dana", "lead")
    own(late, LITTLE)
    about, other, crowd = said(late), said(), [said(late, by=a_customer(f"c{n}")) for n in range(5)]
    client = enter("Noa")
    shown = text(client.get(f"/voices/{about}/"))
    assert "Refund <strong><bdi>$5.00</bdi></strong>, Replacement <strong><bdi>$20.00" in shown
    assert "It is about <bdi>late</bdi>, for which there is a limit of its own." in shown
    assert "Hand it to Dana (up to $500.00)" in shown
    understanding.disown(by=noa, voice_id=crowd[0], theme_id=late)
    understanding.disown(by=noa, voice_id=crowd[1], theme_id=late)
    shown = text(client.get(f"/voices/{about}/"))  # of fewer than five people no theme is named
    assert "For what it is about there is a limit of its own." in shown
    shown = text(client.get(f"/voices/{other}/"))
    assert "Refund <strong><bdi>$20.00</bdi></strong>" in shown
    assert "limit of its own" not in shown


@pytest.mark.parametrize("size", [1, 10])
def test_a_voice_asks_as_often_for_many_limits_as_for_few(
    size: int, django_assert_num_queries: DjangoAssertNumQueries, data_dir: Path
) -> None:
    an_employee()
    themes = [a_theme(f"theme {n}") for n in range(size)]
    for theme in themes:
        own(theme, LITTLE)
    voice, client = said(*themes), enter("Noa")
    client.get(f"/voices/{voice}/")
    with django_assert_num_queries(88):
        assert "$5.00" in text(client.get(f"/voices/{voice}/"))


def test_one_is_proposed_for_a_theme_accepted_and_set_back(clock: Clock) -> None:
    noa, late = an_employee(), a_theme("late")
    an_employee("Dana", "lead")
    lived(late, 25, noa, undone=12)
    dana = enter("Dana")
    clock.forward(minutes=1)
    shown = page(dana)
    assert "Serves customers: Refund, only where it is about <bdi>late</bdi>" in shown
    assert "Today what holds otherwise: <bdi>$20.00</bdi> for everybody, at most" in shown
    assert '12 of 25<span class="quiet">, in the long run likely 30% to 67%</span>' in shown
    assert ("0 of 0" in shown, "Nothing was decided by it yet." in shown) == (False, True)
    once = uuid4()
    sent = {"role": "service", "remedy": "refund", "theme": late, "once": once}
    answer = text(dana.post(f"{LIMITS}accept/", sent, follow=True))
    assert "That is the limit from now on." in answer
    assert "<bdi>$15.00</bdi> of its own" in answer
    assert "Let what holds otherwise hold for it, too" in answer
    assert dana.post(f"{LIMITS}accept/", sent | {"once": uuid4()}).status_code == 409
    answer = text(dana.post(f"{LIMITS}{once}/undo/", follow=True))
    assert "The limit is what it was before." in answer
    assert "Let what holds otherwise hold for it, too" not in answer
    assert dana.post(f"{LIMITS}accept/", {"role": "service"}).status_code == 409


def test_one_is_set_by_hand_and_removed() -> None:
    an_employee()
    an_employee("Dana", "lead")
    dana, noa = enter("Dana"), enter("Noa")
    assert "A limit for one theme" not in page(dana)
    late = a_theme("late")
    assert f'<option value="{late}" lang="en">late</option>' in page(dana)
    assert [put(noa, late).status_code, noa.get(LIMITS).status_code] == [403, 403]
    answer = text(put(dana, late, amount="5", most="30", share="1.5"))
    assert "That is the limit from now on. It can be taken back." in answer
    assert "only where it is about <bdi>late</bdi>" in answer
    assert "Today <bdi>$5.00</bdi> for everybody, at most <bdi>$30.00</bdi>." in answer
    assert "In between, <bdi>1.5%</bdi> of what a customer will likely spend." in answer
    assert LimitChange.objects.get().after == vars(Authority(500, 3_000, 150))
    given = {"role": "service", "remedy": "refund", "theme": late, "once": uuid4()}
    assert noa.post(f"{LIMITS}general/", given).status_code == 403
    answer = text(dana.post(f"{LIMITS}general/", given, follow=True))
    assert "The general limit holds for it again." in answer
    assert "<bdi>$5.00</bdi>, then what holds otherwise" in answer
    assert dana.post(f"{LIMITS}general/", given | {"theme": ""}).status_code == 409


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"theme": ""}, "Choose what it is about."),
        ({"theme": "x"}, "Choose what it is about."),
        ({"theme": str(UUID(int=7))}, "There is no such theme."),
        ({"amount": "much"}, "“much” is not an amount."),
        ({"amount": "501"}, "Nobody gives others more than they may decide themselves."),
        ({"share": "101"}, "Say a share from 0 to 100."),
        ({"share": "much"}, "Say a share from 0 to 100."),
        ({"most": "4"}, "The most must not be below the least"),
        ({"whose": "attic refund"}, "There is no role “attic”."),
        ({"whose": "brand refund"}, "This role gives no such remedy, whatever it is about."),
        ({"whose": ""}, "Nobody gives others more than they may decide themselves."),
    ],
)
def test_what_cannot_be_set_is_said_and_what_was_written_stays(
    given: dict[str, Any], why: str
) -> None:
    an_employee("Dana", "lead")
    late = a_theme("late")
    written: dict[str, Any] = {"theme": late, "amount": "6"} | given
    answer = put(enter("Dana"), **written)
    shown = text(answer)
    assert (answer.status_code, why in shown) == (422, True)
    assert shown.count('class="error"') == 1
    assert (
        f'name="amount" inputmode="decimal" dir="ltr" value="{given.get("amount", "6")}"' in shown
    )
    assert LimitChange.objects.count() == 0


def test_whether_customers_stayed_stands_beside_as_far_as_it_is_known() -> None:
    an_employee("Dana", "lead")
    dana, none = enter("Dana"), np.zeros(0, dtype=np.int64)
    assert "Did they stay?" not in page(dana)
    effect = Effect(
        horizon=30, risk=0.12, without=0.2, difference=-0.08, low=-0.13, high=-0.03, ratio=0.6,
        ratio_low=0.4, ratio_high=0.9, naive=0.01, checked=-0.07, trials=900, matched=700,
        people=400,
    )  # fmt: skip
    refused = Withheld("leaving.few_trials", {"trials": 3, "least": 100})
    for found, says in (
        ((effect,), "Within 30 days 12% left, and 20% of those alike without it: -8%, in 95 of"),
        (refused, "no figure"),
    ):
        study = After(
            ("complaint",), 900, Asked(none, none, none), Side(9, 9), Side(9, 9), refused, found
        )
        keeping.keep(after.KIND, study, until=date(2026, 11, 1), people=400)
        shown = page(dana)
        assert ("Did they stay?" in shown, says in shown) == (True, True)
        assert "so no limit is proposed from it" in shown
    village.change_role(code="lead", may_not=["insight.read"])
    assert "Did they stay?" not in page(dana)


def test_of_a_theme_that_is_none_it_says_that_it_holds_for_nothing() -> None:
    an_employee()
    dana, late = an_employee("Dana", "lead"), a_theme("late")
    own(late, LITTLE)
    understanding.drop(by=dana, theme_id=late)
    shown = page(enter("Dana"))
    assert "holds for nothing" in shown
    Theme.objects.all().delete()
    shown = page(enter("Dana"))
    assert "only where it is about <bdi>–</bdi>" in shown
    assert "holds for nothing" in shown
