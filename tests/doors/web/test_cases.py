"""Cases on pages: together and apart, taken, approved in one click, answered from what is saved."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from kfar.lake import outbox
from kfar.rooms.service import queries as cases
from kfar.rooms.service.approving import queries as approving
from kfar.rooms.service.models import Remedy
from kfar.rooms.service.replies import commands as replies
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.rules import Stands
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee
from tests.rooms.service.limits.test_limits import live

pytestmark = pytest.mark.django_db


def say(by: UUID, words: str, about: str = "") -> UUID:
    said = voice.say(by=by, text=words, language="en", about_name=about)
    outbox.deliver()
    return said


def page(client: Client, voice_id: UUID) -> str:
    return text(client.get(f"/voices/{voice_id}/"))


def test_two_voices_are_put_together_answered_and_taken_apart() -> None:
    an_employee()
    anna, noa = a_customer(), enter("Noa")
    one, other, strange = say(anna, "Sour!"), say(anna, "Still sour!"), say(a_customer("B"), "Hm")
    assert "Decide both together" in page(noa, one)
    sent = noa.post(f"/voices/{one}/merge/", {"other": other}, follow=True)
    assert "They are one case now." in text(sent)
    assert "Decided together with" in page(noa, other)
    assert text(noa.get("/voices/")).count("with 1 more") == 2
    assert noa.post(f"/voices/{one}/merge/", {"other": strange}).status_code == 409
    assert noa.post(f"/voices/{one}/merge/", {"other": "x"}).status_code == 404
    given = {"kind": "answer", "amount": "", "words": "Sorry", "once": uuid4()}
    assert noa.post(f"/voices/{one}/remedy/", given).status_code == 302
    outbox.deliver()
    assert voices.counts()[Stands.TOLD] == 2
    assert "Sorry" in page(noa, other)
    noa.post(f"/voices/{one}/split/", {"other": other})
    assert "Decided together with" not in page(noa, one)
    assert "Sorry" in page(noa, other)


def test_when_it_is_due_and_who_sees_to_it(clock: Clock, settings: Settings) -> None:
    an_employee()
    an_employee("Dana", "lead")
    anna, noa = a_customer(), enter("Noa")
    late = say(anna, "First")
    clock.forward(hours=20)
    soon = say(anna, "Second")
    clock.forward(hours=6)
    shown = text(noa.get("/voices/"))
    assert "late by 2 hours" in shown
    assert "due in 18 hours" in shown
    assert shown.index("First") < shown.index("Second")
    settings.KFAR_DECIDE_WITHIN = {"": timedelta(hours=1)}
    say(anna, "Third")
    shown = text(noa.get("/voices/"))
    assert shown.index("First") < shown.index("Third") < shown.index("Second")
    before = page(noa, soon)
    assert "Nobody sees to it yet." in before
    assert re.search(r"<bdi>Dana</bdi>\s*<span class=\"quiet\">.*0 cases wait for them", before)
    assert "You see to it now." in text(noa.post(f"/voices/{soon}/take/", follow=True))
    assert "Noa sees to it" in text(noa.get("/voices/"))
    assert late


def test_above_the_limit_one_click_asks_and_one_click_gives(clock: Clock) -> None:
    an_employee()
    dana_id = an_employee("Dana", "lead")
    noa, dana = enter("Noa"), enter("Dana")
    said = say(a_customer(), "It broke")
    given = {"kind": "refund", "amount": "50", "words": "All of it", "once": uuid4()}
    refused = noa.post(f"/voices/{said}/remedy/", given)
    assert refused.status_code == 422
    assert f'formaction="/voices/{said}/ask/"' in text(refused)
    assert "Dana is asked now." in text(noa.post(f"/voices/{said}/ask/", given, follow=True))
    assert "Waits for your word" in text(dana.get("/voices/"))
    assert "Waits for your word" not in text(noa.get("/voices/"))
    assert "Yes, give it now" not in page(noa, said)
    shown = page(dana, said)
    assert "Nothing alike was asked before." in shown
    [asked], _ = approving.waiting_for(dana_id)
    answer = f"/voices/{said}/approval/{asked.id}/"
    assert dana.post(answer, {"yes": "no"}).status_code == 409
    assert noa.post(answer, {"yes": "yes"}).status_code == 403
    done = dana.post(answer, {"yes": "yes", "why": "Of course"}, follow=True)
    assert "Dana said yes" in text(done)
    assert Remedy.objects.get().minor == 5_000
    again = say(a_customer("Borys"), "Mine too")
    noa.post(f"/voices/{again}/ask/", given | {"once": uuid4(), "amount": "60"})
    assert "Alike before: 1 of 1 answered yes." in page(dana, again)
    within = noa.post(f"/voices/{again}/ask/", given | {"once": uuid4(), "amount": "1"})
    assert "You may decide this yourself." in text(within)


def test_a_saved_reply_lands_in_the_field_and_nothing_is_sent() -> None:
    an_employee()
    an_employee("Tomasz", "brand")
    noa = enter("Noa")
    saved = {"title": "Sour", "language": "en", "words": "Dear {name}: {amount} for {product}."}
    assert noa.post("/voices/saved/", saved | {"once": uuid4()}).status_code == 302
    wrong = noa.post("/voices/saved/", saved | {"once": uuid4(), "words": "Hi {city}"})
    assert wrong.status_code == 422
    assert "“{city}” is not filled in." in text(wrong)
    said = say(a_customer(), "Sour", "MILK <1L>")
    [reply] = re.findall(r'<option value="([0-9a-f-]{36})" lang="en">Sour', page(noa, said))
    typed = {"reply": reply, "amount": "5", "kind": "voucher", "words": "Hello.", "once": uuid4()}
    filled = noa.post(f"/voices/{said}/fill/", typed)
    assert filled.status_code == 200
    assert "Hello.\n\nDear Anna: $5.00 for MILK &lt;1L&gt;." in text(filled)
    assert 'value="voucher" checked' in text(filled)
    assert f'value="{typed["once"]}"' in text(filled)
    assert not Remedy.objects.exists()
    assert noa.post(f"/voices/{said}/fill/", typed | {"reply": "x"}).status_code == 409
    assert noa.post(f"/voices/saved/{reply}/remove/").status_code == 302
    assert "Begin with a saved reply" not in page(noa, said)
    assert enter("Tomasz").get("/voices/saved/").status_code == 403


def test_the_customers_language_comes_first() -> None:
    noa_id = an_employee()
    for language in ("en", "he", "pl"):
        replies.write(by=noa_id, title="A", language=language, text="A", once=uuid4())
    said = say(a_customer("Borys", language="pl"), "Kwaśne")
    found = re.findall(r'<option value="[0-9a-f-]{36}" lang="(..)">A', page(enter("Noa"), said))
    assert found == ["pl", "en", "he"]


def test_who_is_away_says_so_until_the_end_of_a_day(clock: Clock) -> None:
    an_employee()
    noa = enter("Noa")
    assert "Away until the end of" in text(noa.get("/voices/"))
    noa.post("/voices/away/", {"until": str(clock.today)})
    assert "You are away until Mar 3, 2026, 12:00" in text(noa.get("/voices/"))
    noa.post("/voices/away/", {"until": ""})
    assert "You are away" not in text(noa.get("/voices/"))
    for wrong in ("soon", "2020-01-01"):
        assert noa.post("/voices/away/", {"until": wrong}).status_code == 409


def test_a_customer_sees_what_was_decided_for_one_voice_alone() -> None:
    """Whoever forged an address may hold the link to one voice, not to the others of the case."""
    an_employee()
    anna, noa = a_customer(), enter("Noa")
    one, other = say(anna, "First"), say(anna, "Second")
    given = {"kind": "answer", "amount": "", "words": "For the first", "once": uuid4()}
    noa.post(f"/voices/{one}/remedy/", given)
    noa.post(f"/voices/{one}/merge/", {"other": other})
    found = cases.case(other)
    assert found is not None
    assert [remedy.words for remedy in found.remedies] == ["For the first"]
    assert cases.remedies_for([other]) == {}


def test_limits_are_proposed_accepted_and_set_back(clock: Clock) -> None:
    live(25, clock)
    dana = enter("Dana")
    shown = text(dana.get("/voices/limits/"))
    assert "Make it $30.00 for everybody, at most $100.00" in shown
    assert "25 of 25" in shown
    once = uuid4()
    sent = {"role": "service", "remedy": "refund", "once": once}
    assert "That is the limit from now on." in text(
        dana.post("/voices/limits/accept/", sent, follow=True)
    )
    assert dana.post("/voices/limits/accept/", sent | {"once": uuid4()}).status_code == 409
    assert "The limit is what it was before." in text(
        dana.post(f"/voices/limits/{once}/undo/", follow=True)
    )
    assert enter("Noa").get("/voices/limits/").status_code == 403


def test_how_many_were_decided_in_time_stands_on_the_home_page() -> None:
    an_employee()
    noa, said = enter("Noa"), say(a_customer(), "Hm")
    assert "decided in time" not in text(Client().get("/"))
    given = {"kind": "answer", "amount": "", "words": "Ah", "once": uuid4()}
    noa.post(f"/voices/{said}/remedy/", given)
    assert "<dt>decided in time</dt><dd>100%</dd>" in text(Client().get("/"))
