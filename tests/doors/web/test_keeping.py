"""Pages where promises are kept: the record, plans, who is told; and the feed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from kfar import loop
from kfar.doors import links
from kfar.lake import outbox
from kfar.rooms.promises import commands, queries
from kfar.rooms.promises.models import Plan, Promise, Telling
from kfar.rooms.promises.plans import commands as plans
from kfar.rooms.promises.rules import State
from kfar.rooms.voice import queries as voices
from tests.clock import Clock
from tests.doors.web.doors import enter, path, text
from tests.people import a_customer, an_employee
from tests.rooms.promises.plans.planning import plan, say
from tests.rooms.promises.test_commands import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]
ATOM = "{http://www.w3.org/2005/Atom}"


def post(client: Client, name: str, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"web:{name}", args=args), {"once": uuid4(), **data})


class TestRecord:
    def test_everybody_sees_the_figures_and_nobody_a_personal_word(self, clock: Clock) -> None:
        anna, ewa = a_customer(), an_employee("Ewa", "lead")
        promise(ewa, anna, text={"en": "Fresh milk for Anna"})
        commands.promise_all(
            by=ewa, text={"en": "Rye for all"}, owner=ewa, due=clock.today, once=uuid4()
        )
        page = text(Client().get(reverse("web:promises")))
        assert ("Fresh milk for Anna" in page, "Rye for all" in page) == (False, True)
        assert "No promise has fallen due yet." in page
        clock.forward(days=2)
        page = text(Client().get(reverse("web:promises")))
        assert ("days late (median)" in page, "Of 1 promise that fell due." in page) == (True, True)

    def test_the_feed_has_public_promises_alone(self, clock: Clock) -> None:
        anna, ewa = a_customer(), an_employee("Ewa", "lead")
        promise(ewa, anna, text={"en": "Fresh milk for Anna"})
        once = uuid4()
        commands.promise_all(
            by=ewa, text={"en": "Rye <b>for</b> all"}, owner=ewa, due=clock.today, once=once
        )
        found = Client().get(reverse("web:promises-feed"))
        assert found["Content-Type"].startswith("application/atom+xml")
        [entry] = ElementTree.fromstring(text(found)).findall(f"{ATOM}entry")
        title = entry.findtext(f"{ATOM}title") or ""
        assert title.startswith("Rye <b>for</b> all (promised, by ")
        assert entry.findtext(f"{ATOM}id") == f"urn:kfar:{once}:open:0"
        commands.keep(by=ewa, promise_id=once, how="Baked")
        [entry] = ElementTree.fromstring(text(Client().get(reverse("web:promises-feed")))).findall(
            f"{ATOM}entry"
        )
        assert entry.findtext(f"{ATOM}id") == f"urn:kfar:{once}:kept:0"

    def test_moved_and_broken_at_their_forms(self, clock: Clock) -> None:
        anna, noa = a_customer(), an_employee("Noa")
        once, client = promise(noa, anna), enter("Noa")
        later = clock.today + timedelta(days=20)
        missing = post(client, "promise-move", once, due=later, why="")
        assert (missing.status_code, "Say why" in text(missing)) == (422, True)
        assert post(client, "promise-move", once, due=later, why="Snow").status_code == 302
        assert post(client, "promise-break", once, why=" ").status_code == 422
        assert post(client, "promise-break", once, why="No cow").status_code == 302
        assert post(enter("Anna"), "promise-break", once, why="x").status_code == 403
        found = queries.promise(once)
        assert found is not None
        assert (found.state, found.due, found.why) == (State.BROKEN, later, "No cow")

    def test_what_no_field_is_about_is_said_in_the_form_that_was_sent(self, clock: Clock) -> None:
        anna, noa = a_customer(), an_employee("Noa")
        once, client = promise(noa, anna), enter("Noa")
        said = "Please shorten it: 2000 characters, at most 1000 fit."
        for name, field in (("keep", "how"), ("promise-move", "why"), ("promise-break", "why")):
            long = {field: "a" * 2000, "due": clock.today + timedelta(days=20)}
            found = post(client, name, once, **long)
            assert (found.status_code, text(found).count(said)) == (422, 1), name

    def test_nothing_and_too_much_stand_at_the_field_of_their_language(self) -> None:
        an_employee("Ewa", "lead")
        client = enter("Ewa")
        found = post(client, "promise-all", text_en=" ", due="2999-01-01")
        assert found.context["form"].errors == {"text_en": ["Write what you promise."]}
        found = post(client, "promise-all", text_en="a", text_pl="b" * 1001, due="2999-01-01")
        assert list(found.context["form"].errors) == ["text_pl"]


class TestMine:
    def test_the_customer_releases_it_on_their_page_or_by_the_letter(self) -> None:
        anna, noa = a_customer(), an_employee()
        first, second = promise(noa, anna), promise(noa, anna)
        client = enter("Anna")
        assert text(client.get(reverse("web:me-promises"))).count("I do not need it any more") == 2
        assert post(client, "release", first).status_code == 302
        link = path(links.promise(second, anna))
        assert Client().get(link).status_code == 200
        assert queries.released_by(anna) == {first}
        assert Client().post(link).status_code == 302
        assert queries.released_by(anna) == {first, second}
        assert "Nobody owes you this any more." in text(Client().get(link))

    def test_and_chooses_how_to_hear(self) -> None:
        a_customer()
        client = enter("Anna")
        assert post(client, "hearing", about="promised", way="sms").status_code == 302
        page = text(client.get(reverse("web:me")))
        assert page.count('value="sms" checked') == 1
        assert post(client, "hearing", about="promised", way="pigeon").status_code == 409


class TestClose:
    def test_it_takes_a_reason_and_words(self) -> None:
        an_employee("Noa")
        voice_id, _own = say(a_customer())
        outbox.deliver()
        client = enter("Noa")
        for wrong in ({"reason": "x", "words": "y"}, {"reason": "spam", "words": " "}):
            assert post(client, "voice-close", voice_id, **wrong).status_code == 422
        given = {"reason": "spam", "words": "An advert"}
        assert post(client, "voice-close", voice_id, **given).status_code == 302
        found = voices.voice(voice_id)
        assert found is not None
        assert (found.untold, found.untold_words) == ("spam", "An advert")
        page = text(Client().get(reverse("web:promises")))
        assert ("spam <bdi>1</bdi>" in page, "An advert" in page) == (True, False)


class TestPlans:
    @pytest.fixture
    def spoke(self) -> list[tuple[UUID, UUID]]:
        return [say(a_customer(name), "Warm milk") for name in ("Anna", "Borys", "Celina")]

    def test_from_voices_to_everyone_told(
        self, spoke: list[tuple[UUID, UUID]], clock: Clock
    ) -> None:
        ewa, client = an_employee("Ewa", "lead"), enter("Ewa")
        new = reverse("web:plan-new") + "?source=product&ref=MILK+1L"
        assert "3 voices speak for it" in text(client.get(new))
        given = {"source": "product", "ref": "MILK 1L", "title": "Cold milk", "owner": ewa}
        assert post(client, "plan-new", **given, needs="", due="2999-01-01").status_code == 422
        made = post(client, "plan-new", **given, needs="A van", due="2999-01-01")
        assert made.status_code == 302
        row = Plan.objects.get()
        assert made["Location"] == reverse("web:plan", args=[row.pk])
        promised = {"text_en": "Cold milk", "due": "2999-01-01", "to_all": "on"}
        assert post(client, "plan-promise", row.pk, **promised).status_code == 302
        assert Promise.objects.get().to_all
        assert post(client, "plan-state", row.pk, state="done").status_code == 302
        assert "Everyone who spoke of it waits to hear so." in text(client.get(made["Location"]))
        told = {"source": "plan", "ref": row.pk}
        nothing = post(client, "tell-all", **told, text_en=" ")
        assert nothing.status_code == 422
        assert nothing.context["form"].errors == {"text_en": ["Write what was done."]}
        assert post(client, "tell-all", **told, text_en="A new van").status_code == 302
        loop.tick()
        loop.tick()
        page = text(Client().get(reverse("web:told")))
        for said in ("MILK 1L", "3 people spoke of it.", "A new van", "3 told"):
            assert said in page
        assert "Warm milk" not in page
        assert Telling.objects.get().people == 3

    def test_a_language_that_is_missing_stands_at_its_field(self) -> None:
        an_employee("Ewa", "lead")
        say(a_customer("Borys", language="pl"))
        given = {"source": "product", "ref": "MILK 1L", "text_en": "A van"}
        found = post(enter("Ewa"), "tell-all", **given)
        assert (found.status_code, Telling.objects.count()) == (422, 0)
        assert list(found.context["form"].errors) == ["text_pl"]
        assert ">A van</textarea>" in text(found)

    def test_looking_for_nothing_is_said_where_one_looks(self) -> None:
        an_employee("Noa")
        an_employee("Dana", "lead")
        for query in ("?source=voices&theme=&product=&words=", "?source=voices&ref=%00"):
            found = enter("Noa").get(reverse("web:plan-new") + query)
            assert found.status_code == 422
            assert 'id="words-error">Choose a theme, a product or words' in text(found)
            assert "<h1>Plans</h1>" in text(found)
            told = enter("Dana").get(reverse("web:tell-all") + query, follow=True)
            assert told.redirect_chain == [(reverse("web:plans"), 302)]
            assert "Choose a theme, a product or words" in text(told)

    def test_only_for_who_may_and_only_what_there_is(self, spoke: list[tuple[UUID, UUID]]) -> None:
        noa = an_employee("Noa")
        made, client = plan(noa, *spoke), enter("Noa")
        assert enter("Anna").get(reverse("web:plans")).status_code == 403
        assert Client().get(reverse("web:plan", args=[made])).status_code == 302
        assert client.get(reverse("web:plans")).status_code == 200
        assert client.get(reverse("web:plan", args=[made])).status_code == 200
        assert client.get(reverse("web:plan", args=[uuid4()])).status_code == 404
        assert client.get(reverse("web:tell-all")).status_code == 403
        for query in ("", "?source=x", "?source=product"):
            assert client.get(reverse("web:plan-new") + query).status_code == 409
        sought = reverse("web:plan-new") + "?source=product"
        for site, ours in (("http://testserver", True), ("http://elsewhere.example", False)):
            page = text(client.get(sought, headers={"referer": f"{site}/plans/"}))
            assert (f'href="{site}/plans/">Back</a>' in page) is ours
        for query in ("?source=alarm&ref=x", f"?source=plan&ref={uuid4()}"):
            assert client.get(reverse("web:plan-new") + query).status_code == 404
        assert post(client, "plan-hand-over", made, target="x").status_code == 409
        plans.add_target(name="forge", url="https://forge.example", shape="jira")
        assert post(client, "plan-hand-over", made, target="forge").status_code == 302
        assert "on its way" in text(client.get(reverse("web:plan", args=[made])))
