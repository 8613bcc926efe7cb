"""The door of an open question in a browser: straight to the gate, and without it to the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from kfar.ground.tokens import new_voter
from kfar.rooms.decisions.models import Ballot, Minted
from tests.rooms.decisions.doors import key, open_to, votes

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

SAID = {"tracker": "a" * 16, "nonce": "n" * 22, "ballot": "1", "commitment": "c" * 64}


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A phone, in Hebrew."""
    context = browser.new_context(
        base_url=live_server.url, locale="he-IL", viewport={"width": 390, "height": 844}
    )
    yield context.new_page()
    context.close()


def gate(page: Page) -> list[dict[str, Any]]:
    """Let a gate answer; return what it was sent."""
    sent: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or ""))
        route.fulfill(json=SAID)

    page.route("**/ballot", answer)
    return sent


def at(question: UUID) -> str:
    return f"/vote/{question}/"


def vote(page: Page) -> None:
    page.locator("form[data-join] button:not([type=button])").click()


def write(page: Page, option: int, value: str) -> None:
    """Write a number beside an option, whichever field there is for it."""
    field = page.locator(f"[name=option_{option}]")
    if field.count() > 1:
        field.locator(f"xpath=self::*[@value='{value}']").check()
    elif field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


def test_the_ballot_goes_straight_to_the_gate(page: Page) -> None:
    question, sent = open_to(), gate(page)
    page.goto(at(question))
    page.locator("[name=choices][value='1']").check()
    vote(page)
    expect(page.locator("[data-tracker]")).to_have_text(SAID["tracker"])
    expect(page.locator("form[data-join]")).to_be_hidden()
    [ballot] = sent
    nonce, once = ballot.pop("nonce"), ballot.pop("once")
    assert (len(nonce), len(once), nonce != once) == (22, 22, True)
    assert ballot == {"options": [1]}
    with page.expect_download() as download:
        page.locator("[data-receipt]").click()
    assert download.value.suggested_filename == f"kfar-{SAID['tracker']}.json"
    receipt = json.loads(download.value.path().read_text())
    assert receipt == SAID | {
        "kfar": 1,
        "question": str(question),
        "log": f"127.0.0.1:8000/log/{question}",
    }


@pytest.mark.parametrize(
    ("method", "values", "said"),
    [
        ("irv", ["2", "1"], {"ranking": [[1], [0]]}),
        ("score", ["0", "5"], {"scores": {"0": 0, "1": 5}}),
        ("quadratic", ["-1", "0"], {"scores": {"0": -1}}),
    ],
)
def test_every_form_says_what_the_gate_reads(
    page: Page, method: str, values: list[str], said: dict[str, Any]
) -> None:
    question, sent = open_to(method=method), gate(page)
    page.goto(at(question))
    for option, value in enumerate(values):
        write(page, option, value)
    vote(page)
    expect(page.locator("[data-thanks]")).to_be_visible()
    assert {name: sent[0][name] for name in said} == said


def test_where_the_gate_does_not_answer_the_pages_take_it(page: Page) -> None:
    question = open_to()
    page.goto(at(question))
    page.locator("[name=choices][value='0']").check()
    vote(page)
    page.wait_for_url(f"**{at(question)}mine/")
    assert votes(question) == [("link", "0")]


def test_where_the_gate_kept_it_and_was_not_heard_it_is_the_same_voter(page: Page) -> None:
    question, sent = open_to(), []

    def lose(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or ""))
        route.abort()

    page.route("**/ballot", lose)
    page.goto(at(question))
    page.locator("[name=choices][value='0']").check()
    vote(page)
    page.wait_for_url(f"**{at(question)}mine/")
    number = new_voter(key(), question.bytes, sent[0]["once"])
    assert Ballot.objects.get().voter_id == number - (1 << 64)


def test_too_many_from_one_address_are_told_when_to_come_again(page: Page) -> None:
    question = open_to()
    page.route("**/ballot", lambda route: route.fulfill(status=429, headers={"Retry-After": "90"}))
    page.goto(at(question))
    page.locator("[name=choices][value='0']").check()
    vote(page)
    expect(page.get_by_role("alert")).to_have_text(
        re.compile(r"^היו מכאן יותר מדי ניסיונות\. אפשר לנסות שוב אחרי \d\d:\d\d\.$")
    )
    assert votes(question) == []


def test_what_is_no_ballot_is_said_by_the_page(page: Page) -> None:
    question, sent = open_to(), gate(page)
    page.goto(at(question))
    vote(page)
    expect(page.locator("#choices-error")).to_be_visible()
    assert (sent, Minted.objects.count()) == ([], 0)


def test_a_screen_reader_finds_nothing_in_the_way(page: Page) -> None:
    gate(page)
    question = open_to()
    page.goto(at(question))
    looks = [Axe().run(page)]
    page.locator("[name=choices][value='1']").check()
    vote(page)
    expect(page.locator("[data-thanks]")).to_be_visible()
    looks.append(Axe().run(page))
    page.goto(at(open_to("phone")))
    page.locator("#to-sms").fill("12")
    page.locator("#to-sms").press("Enter")
    expect(page.locator("#to-sms-error")).to_be_visible()
    looks.append(Axe().run(page))
    for found in looks:
        wrong = [v for v in found.response["violations"] if v["impact"] in {"serious", "critical"}]
        assert wrong == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide == 390
