"""A survey on any site: one tag, no cookie, and nobody known who answers."""

from __future__ import annotations

import gzip
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from kfar.doors import links
from kfar.doors.web.views.responding import SCRIPT
from kfar.rooms.voice.models import Response
from kfar.rooms.voice.surveys import commands, queries
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee
from tests.rooms.voice.surveys.surveying import found, survey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

FROM_FRAME: dict[str, Any] = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def asked() -> UUID:
    """A survey that everybody with the address may answer."""
    return survey(an_employee("Tomasz", "brand"), by_link=True)


def at(survey_id: UUID, customer: UUID | None = None) -> str:
    token = links.survey(survey_id, customer).rstrip("/").rpartition("/")[2]
    return reverse("web:respond-embedded", args=[token])


def answer(client: Client, address: str, **given: Any) -> Any:
    said = {"once": str(uuid4()), "page": "0", "seen": ["e0", "e1"], "e0": "10", "go": "on"}
    return client.post(address, said | given, **FROM_FRAME)


def test_it_may_stand_in_a_frame_anywhere_and_sets_no_cookie(asked: UUID) -> None:
    client = Client()
    page = client.get(at(asked), {"language": "he"})
    assert page.status_code == 200
    assert "X-Frame-Options" not in page
    policy = page["Content-Security-Policy"]
    assert re.findall(r"frame-ancestors ([^;]+)", policy) == ["*"]
    assert "script-src 'self'" in policy
    assert (page.cookies, client.cookies) == ({}, {})
    said = text(page)
    assert '<html lang="he" dir="rtl">' in said
    for absent in ("csrfmiddlewaretoken", "<nav", "<footer", "htmx", "kfar.js"):
        assert absent not in said
    own = client.get(reverse("web:respond", args=[at(asked).split("/")[2]]))
    assert own["X-Frame-Options"] == "DENY"


def test_an_answer_counts_once_and_is_nobodys(asked: UUID) -> None:
    a_customer()
    client, once = enter("Anna"), str(uuid4())
    address = at(asked)
    for _twice in range(2):
        done = answer(client, f"{address}?language=he", once=once)
        assert done["Location"] == f"{address}?done&language=he"
    [row] = Response.objects.all()
    assert (row.customer_id, row.answers, row.language) == (None, {"recommend": 10}, "he")
    thanks = client.get(done["Location"])
    assert "X-Frame-Options" not in thanks
    assert 'dir="rtl"' in text(thanks)


def test_what_is_wrong_comes_back_in_the_frame(asked: UUID) -> None:
    wrong = answer(Client(), at(asked), e0="")
    assert (wrong.status_code, Response.objects.count()) == (422, 0)
    assert "X-Frame-Options" not in wrong
    assert 'class="error"' in text(wrong)


def test_another_site_posts_nothing(asked: UUID) -> None:
    said = {"once": str(uuid4()), "page": "0", "seen": ["e0"], "e0": "1"}
    others: list[dict[str, Any]] = [
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_ORIGIN": "https://evil.example"},
    ]
    for headers in others:
        assert Client().post(at(asked), said, **headers).status_code == 403
    assert Response.objects.count() == 0


def test_a_link_of_ones_own_opens_in_no_frame(asked: UUID) -> None:
    anna = a_customer()
    page = Client().get(at(asked, anna))
    assert page.status_code in {403, 404, 409, 410}
    assert "recommend" not in text(page)


def test_without_the_address_for_everybody_and_after_the_end_it_asks_nothing() -> None:
    tomasz = an_employee("Tomasz", "brand")
    closed = survey(tomasz)
    assert Client().get(at(closed)).status_code in {403, 409}
    over = survey(tomasz, by_link=True, quota=1)
    answer(Client(), at(over))
    late = answer(Client(), at(over))
    assert (late.status_code, found(over).stage, Response.objects.count()) == (410, "closed", 1)
    assert "X-Frame-Options" not in late
    commands.close(by=tomasz, survey_id=closed)


def test_the_tag_is_small_and_any_site_may_load_it(asked: UUID) -> None:
    served = Client().get("/ask.js")
    assert served.content == SCRIPT.read_bytes()
    assert len(gzip.compress(served.content, 9, mtime=0)) < 1_000  # of 15 kB that are allowed
    assert served["Content-Type"].startswith("text/javascript")
    assert served["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert served.cookies == {}
    for absent in (b"cookie =", b"localStorage", b"sessionStorage", b"fetch(", b"innerHTML"):
        assert absent not in served.content


def test_who_makes_surveys_finds_the_tag_and_when_it_invites(asked: UUID) -> None:
    client = enter("Tomasz")
    page = text(client.get(reverse("web:survey", args=[asked])))
    assert "&lt;script async src=&quot;" in page
    assert "/ask.js&quot; data-survey=&quot;" in page
    made = commands.make(by=an_employee("Tomasz", "brand"), text='{"elements": [{"type": "text", '
                         '"name": "a"}]}', once=uuid4())  # fmt: skip
    said = {"closes_at": "2090-01-01T00:00", "after": "purchase", "after_days": "61"}
    wrong = client.post(reverse("web:survey-open", args=[made]), said)
    assert wrong.status_code == 422
    one = queries.survey(asked)
    assert one is not None
    said = {
        "closes_at": f"{one.closes_at:%Y-%m-%dT%H:%M}", "after": "purchase", "after_days": "61",
    }  # fmt: skip
    wrong = client.post(reverse("web:survey-open", args=[made]), said)
    assert "Say how many days after, up to 60." in text(wrong)
    client.post(reverse("web:survey-open", args=[made]), said | {"after_days": "3"})
    assert [(pk, str(after), days) for pk, after, days in queries.inviting()] == [
        (made, "purchase", 3)
    ]
    assert "invites 3 days after a purchase" in text(client.get(reverse("web:survey", args=[made])))
