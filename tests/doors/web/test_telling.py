"""Whom a change is told to is looked for and picked on the page, without any script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from kfar.doors import links
from kfar.doors.web import keeping
from kfar.lake import outbox
from kfar.rooms.decisions.consultations import closing
from kfar.rooms.promises.models import Plan, Telling
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.promises.telling import queries
from kfar.rooms.voice.models import Theme, Themed
from tests.clock import Clock
from tests.doors.web.doors import enter, path, text
from tests.people import a_customer, an_employee
from tests.rooms.decisions.consultations.consulting import consult, vote
from tests.rooms.promises.plans.planning import say

IDS = st.sets(st.uuids(version=4), max_size=8)


@given(shown=IDS, more=IDS, data=st.data())
def test_out_is_what_was_shown_and_not_ticked(
    shown: set[UUID], more: set[UUID], data: st.DataObject
) -> None:
    ticked = data.draw(st.sets(st.sampled_from(sorted(shown)))) if shown else set()
    said = QueryDict(mutable=True)
    said["source"] = "voices"
    said.setlist("shown", [*map(str, shown), "x", "\x00"])
    said.setlist("take", [*map(str, ticked | more)])
    meant = keeping.meant(said)
    assert meant.out == frozenset(shown - ticked - more)
    assert set(meant.also) == ticked | more


@pytest.mark.parametrize(
    ("query", "means"),
    [
        ("source=voices&theme=&product=MILK&words=a++b", (Source.PRODUCT, "MILK", "a b", "")),
        ("source=voices&theme=7&product=MILK&words=", (Source.THEME, "7", "", "MILK")),
        ("source=voices&words=sour", (Source.VOICES, "", "sour", "")),
        ("source=theme&ref=7&product=MILK&until=never", (Source.THEME, "7", "", "MILK")),
    ],
)
def test_what_is_looked_for(query: str, means: tuple[object, ...]) -> None:
    meant = keeping.meant(QueryDict(query))
    assert (meant.source, meant.ref, meant.words, meant.product) == means
    assert meant.until is None


@pytest.mark.django_db
@pytest.mark.usefixtures("data_dir")
class TestPage:
    @pytest.fixture
    def client(self) -> Client:
        an_employee("Ewa", "lead")
        return enter("Ewa")

    def post(self, client: Client, **data: Any) -> Any:
        return client.post(reverse("web:tell-all"), {"once": uuid4(), **data})

    def ticks(self, page: Any) -> list[tuple[str, bool]]:
        found = re.findall(r'name="take" value="([^"]+)"( checked)?', text(page))
        return [(own, bool(ticked)) for own, ticked in found]

    def test_by_theme_one_taken_out_another_put_in(self, client: Client, clock: Clock) -> None:
        ids = [str(say(a_customer(n), f"Warm {n}")[0]) for n in ("Anna", "Borys")]
        other = str(say(a_customer("Celina"), "It was tepid", "MILK 2L")[0])
        theme = Theme.objects.create(language="en", name="not cold")
        Themed.objects.bulk_create(Themed(voice_id=own, theme=theme) for own in ids)
        clock.forward(minutes=1)
        page = client.get(reverse("web:plans"))
        assert f'<option value="{theme.pk}">not cold</option>' in text(page)
        query = f"?source=voices&theme={theme.pk}&product=&words="
        page = client.get(reverse("web:tell-all") + query)
        assert "2 voices nobody was told a change for" in text(page)
        assert sorted(self.ticks(page)) == sorted((own, True) for own in ids)
        until = re.findall(r'name="until" value="([^"]+)"', text(page))
        sent = {"source": "theme", "ref": theme.pk, "until": until, "shown": ids, "take": ids[:1]}
        page = self.post(client, **sent, do="find", more="tepid", text_en="A new van")
        assert (page.status_code, Telling.objects.count()) == (200, 0)
        assert set(self.ticks(page)) == {(ids[0], True), (ids[1], False), (other, False)}
        assert ">A new van</textarea>" in text(page)
        sent |= {"shown": [*ids, other], "take": [ids[0], other]}
        assert self.post(client, **sent, text_en="A new van").status_code == 302
        told = Telling.objects.get()
        assert (told.source, told.people, told.label) == ("theme", 2, "not cold")
        assert {str(own) for own, _whose in queries.spoke(told.pk)} == {ids[0], other}

    def test_what_was_done_stands_where_they_say_whether_it_helped(self, client: Client) -> None:
        said = [say(a_customer(name), "Warm") for name in ("Anna", "Borys")]
        ids = [str(own) for own, _whose in said]
        sent = {"source": "product", "ref": "MILK 1L", "shown": ids, "take": ids}
        assert self.post(client, **sent, text_en="A new van").status_code == 302
        own, whose = said[0]
        outbox.deliver()
        for page in (path(links.good(own, whose)), reverse("web:voice", args=[own])):
            assert text(client.get(page)).count('<p dir="auto">A new van</p>') == 1

    def test_with_nobody_left_nobody_is_told(self, client: Client) -> None:
        own = str(say(a_customer(), "Warm")[0])
        sent = {"source": "product", "ref": "MILK 1L", "shown": [own], "take": []}
        found = self.post(client, **sent, text_en="A van")
        assert (found.status_code, Telling.objects.count()) == (422, 0)

    def test_more_than_are_shown_are_told_all_the_same(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keeping, "SHOWN", 2)
        for n in range(4):
            say(a_customer(f"C{n}"), "Warm")
        page = client.get(reverse("web:tell-all") + "?source=product&ref=MILK+1L")
        assert "And 2 more." in text(page)
        shown = [own for own, _ticked in self.ticks(page)]
        sent = {"source": "product", "ref": "MILK 1L", "shown": shown, "take": shown[:1]}
        assert self.post(client, **sent, text_en="A van").status_code == 302
        assert Telling.objects.get().people == 3

    def test_a_plan_of_an_idea_of_a_consultation(self, client: Client, clock: Clock) -> None:
        closes = clock.now + timedelta(hours=1)
        one = consult(an_employee("Tomasz", "brand"), closes_at=closes)
        vote(a_customer(), one, 1)
        new = reverse("web:plan-new") + f"?source=consultation&ref={one}%231"
        assert client.get(new).status_code == 404  # it is open
        clock.forward(hours=1)
        closing.close_due()
        results = text(client.get(reverse("web:consulted", args=[one])))
        assert f"?source=consultation&amp;ref={one}" in results
        page = text(client.get(new))
        assert ("1 person took part" in page, "Rye is best." in page) == (True, True)
        made = client.post(
            reverse("web:plan-new"),
            {
                "once": uuid4(), "source": "consultation", "ref": f"{one}#1", "title": "Rye",
                "needs": "Flour", "owner": an_employee("Ewa", "lead"), "due": "2999-01-01",
            },
        )  # fmt: skip
        assert made.status_code == 302
        page = text(client.get(made["Location"]))
        assert ("Rye is best." in page, reverse("web:consulted", args=[one]) in page) == (
            *(True, True),
        )
        promised = {"once": uuid4(), "text_en": "Rye", "due": "2999-01-01"}
        plan = Plan.objects.get()
        assert client.post(
            reverse("web:plan-promise", args=[plan.pk]), promised
        ).status_code == 302  # fmt: skip
        assert plan.promises.get().customers.count() == 1
