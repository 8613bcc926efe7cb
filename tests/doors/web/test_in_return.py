"""Pages where customers promise in return: asked, said yes or no, taken back, done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from kfar.doors import links
from kfar.lake import outbox
from kfar.rooms.promises.in_return import queries
from kfar.rooms.promises.rules import State
from tests.clock import Clock
from tests.doors.web.doors import enter, path, text
from tests.people import a_customer, an_employee
from tests.rooms.promises.plans.planning import say

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def post(client: Client, name: str, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"web:{name}", args=args), {"once": uuid4(), **data})


def state(promise_id: UUID) -> State:
    found = queries.given(promise_id)
    assert found is not None
    return found.state


@pytest.fixture
def decided(clock: Clock) -> UUID:
    """A voice of Anna's for which Noa promised something."""
    noa = an_employee("Noa")
    voice_id, _own = say(a_customer())
    outbox.deliver()
    client, due = enter("Noa"), clock.today
    assert "Ask for something in return" not in text(
        client.get(reverse("web:voice", args=[voice_id]))
    )
    assert post(client, "in-return-ask", voice_id, kind="review", due=due).status_code == 422
    assert post(client, "promise", voice_id, text="Milk", owner=noa, due=due).status_code == 302
    outbox.deliver()
    return voice_id


class TestAsked:
    def test_on_the_case_and_answered_by_the_letter(self, decided: UUID, clock: Clock) -> None:
        client, address = enter("Noa"), reverse("web:voice", args=[decided])
        assert "Ask for something in return" in text(client.get(address))
        due = clock.today + timedelta(days=9)
        missing = post(client, "in-return-ask", decided, kind="other", words=" ", due=due)
        assert (missing.status_code, "Write what you promise." in text(missing)) == (422, True)
        asked = post(client, "in-return-ask", decided, kind="other", words="A cake", due=due)
        assert asked.status_code == 302
        [one] = queries.for_voices([decided])
        page = text(client.get(address))
        assert ("asked, waiting for a yes or no" in page, "A cake" in page) == (True, True)
        assert "Ask for something in return" not in page  # once
        link = path(links.in_return(one.id, one.customer_id))
        nobody = Client()
        assert "A cake" in text(nobody.get(link))
        assert state(one.id) is State.ASKED  # looking says nothing
        assert nobody.post(link, {"word": "yes"}).status_code == 302
        assert state(one.id) is State.OPEN
        assert post(client, "in-return-done", one.id, how="It was good").status_code == 302
        assert (state(one.id), "It was good" in text(nobody.get(link))) == (State.KEPT, True)
        assert nobody.post(link, {"word": "no"}).status_code == 409
        assert nobody.get(path(links.promise(one.id, one.customer_id))).status_code == 404

    def test_the_wrong_person_gets_nowhere(self, decided: UUID, clock: Clock) -> None:
        a_customer("Borys")
        noa, borys = enter("Noa"), enter("Borys")
        post(noa, "in-return-ask", decided, kind="review", words="", due=clock.today)
        [one] = queries.for_voices([decided])
        assert post(borys, "in-return-say", one.id, word="yes").status_code == 404
        assert post(borys, "in-return-done", one.id).status_code == 403
        assert post(borys, "in-return-ask", decided, kind="review").status_code == 403
        forged = path(links.in_return(one.id, uuid4()))
        assert Client().post(forged, {"word": "yes"}).status_code == 404
        other = links.promise(one.id, one.customer_id).rstrip("/").rpartition("/")[2]
        assert Client().get(reverse("web:in-return-by", args=[other])).status_code == 404
        assert state(one.id) is State.ASKED


class TestMine:
    def test_offered_seen_done_and_taken_back(self, clock: Clock) -> None:
        a_customer()
        client = enter("Anna")
        assert "Nothing, and nothing is expected." in text(client.get(reverse("web:me-promises")))
        wrong = post(client, "in-return-offer", kind="other", words="", due=clock.today)
        assert (wrong.status_code, "Write what you promise." in text(wrong)) == (422, True)
        for kind in ("trial", "referral"):
            sent = post(client, "in-return-offer", kind=kind, words="Oats", due=clock.today)
            assert sent.status_code == 302
        found = {str(one.kind): one.id for one in queries.open_ones()}
        page = text(client.get(reverse("web:me-promises")))
        assert page.count("I take it back") == 2
        assert post(client, "in-return-say", found["trial"], word="no").status_code == 302
        assert post(client, "in-return-say", found["referral"], word="done").status_code == 302
        assert post(client, "in-return-say", found["trial"], word="x").status_code == 404
        assert [state(found[kind]) for kind in ("trial", "referral")] == [
            State.RELEASED, State.KEPT,
        ]  # fmt: skip

    def test_everybody_sees_numbers_and_no_words(self, clock: Clock) -> None:
        a_customer()
        assert "What customers promised in return" not in text(Client().get(PAGE))
        post(enter("Anna"), "in-return-offer", kind="other", words="A cake", due=clock.today)
        page = text(Client().get(PAGE))
        assert "What customers promised in return" in page
        assert "promised, by their own yes</dt><dd>1</dd>" in page
        assert "A cake" not in page
        an_employee("Noa")
        assert "A cake" in text(enter("Noa").get(PAGE))


PAGE = "/promises/"
