"""A poll is asked at Mastodon from a page, once; how it stands comes back by itself."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from kfar.doors.channels import fetching, polling
from kfar.doors.channels import mastodon as port
from kfar.ground.errors import Refused
from kfar.rooms.voice.channels import commands, queries
from kfar.rooms.voice.channels.rules import check_poll
from kfar.rooms.voice.models import Channel, Voice
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.people import an_employee
from tests.servers import TOKEN, Mastodon

pytestmark = pytest.mark.django_db
PAGE = "/voices/polls/"


@pytest.fixture
def social(mastodon: Mastodon, clock: Clock) -> Mastodon:
    """A server on which we have an account."""
    state = {"account": port.Server(mastodon.url, TOKEN).account(), "mentions": "0"}
    commands.add(kind="mastodon", name="social", url=mastodon.url, state=state, secret=TOKEN)
    return mastodon


def tomasz() -> Client:
    an_employee("Tomasz", "brand")
    return enter("Tomasz")


def sent(**given: Any) -> dict[str, Any]:
    asked = {"account": "social", "text": "Which apples?", "options": "Red\nGreen\n", "hours": 6}
    return asked | {"once": str(uuid4())} | given


def fetch(clock: Clock) -> None:
    clock.forward(minutes=1)
    fetching.fetch()
    assert Channel.objects.get().failing == ""


def test_a_poll_is_asked_once_and_its_votes_come_back(social: Mastodon, clock: Clock) -> None:
    page, asked = tomasz(), sent()
    for _ in range(2):
        assert page.post(PAGE, asked).status_code == 302
    [ours] = social.ours()
    assert [one["title"] for one in ours["poll"]["options"]] == ["Red", "Green"]
    shown = text(page.get(PAGE))
    assert "Which apples?" in shown
    assert f'href="{ours["url"]}"' in shown
    assert ">–<" in shown  # not known yet
    ours["poll"]["options"][1]["votes_count"] = 3
    fetch(clock)
    [poll] = queries.polls(queries.everyone())
    assert (poll.options, poll.votes, poll.over) == ((("Red", 0), ("Green", 3)), 3, False)
    assert "3 votes" in text(page.get(PAGE))
    assert Voice.objects.count() == 0  # it is ours, not heard


def test_each_round_asks_for_the_one_not_asked_for_longest_until_all_are_over(
    social: Mastodon, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    poll = port.Server.poll

    def noted(self: port.Server, status: str) -> Any:
        asked.append(status)
        return poll(self, status)

    monkeypatch.setattr(port.Server, "poll", noted)
    given = {"name": "social", "text": "Which?", "options": ["Red", "Green"], "hours": 1}
    refs = [polling.ask(**given, once=uuid4())[0] for _ in range(2)]  # type: ignore[arg-type]
    for _ in range(4):
        fetch(clock)
    assert sorted(asked[:2]) == sorted(refs)
    assert asked[2:] == asked[:2]
    clock.forward(minutes=71)
    fetch(clock)
    assert len(asked) == 4
    assert all(one.over for one in queries.polls(queries.everyone()))


def test_one_that_was_taken_away_is_said_and_keeps_no_mention_waiting(
    social: Mastodon, clock: Clock
) -> None:
    page = tomasz()
    page.post(PAGE, sent())
    social.statuses.clear()
    social.say("@orchard My fridge is warm")
    fetch(clock)
    assert "not there any more" in text(page.get(PAGE))
    assert Voice.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 451}, "text"),
        ({"options": "Red"}, "options"),
        ({"options": "Red\nred"}, "options"),
        ({"options": "1\n2\n3\n4\n5"}, "options"),
        ({"options": "Red\n" + "x" * 51}, "options"),
        ({"hours": 0}, "hours"),
        ({"hours": "soon"}, "hours"),
        ({"account": "other"}, "account"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_posted(
    social: Mastodon, wrong: dict[str, Any], field: str
) -> None:
    found = tomasz().post(PAGE, sent(**wrong))
    assert found.status_code == 422
    assert f'id="{field}-error"' in text(found)
    assert social.ours() == []


def test_a_server_that_is_away_is_said_and_what_was_written_stays(social: Mastodon) -> None:
    social.down = 503
    found = tomasz().post(PAGE, sent())
    assert found.status_code == 422
    assert "It answers with an error just now." in text(found)
    assert "Which apples?" in text(found)
    assert queries.polls(queries.everyone()) == []


def test_who_may_not_ask_customers_asks_no_poll(social: Mastodon) -> None:
    noa = an_employee()
    assert enter("Noa").get(PAGE).status_code == 403
    with pytest.raises(Refused, match=r"village\.may_not"):
        polling.ask(name="social", text="?", options=["a", "b"], hours=1, once=uuid4(), by=noa)
    assert social.ours() == []


def test_without_an_account_the_page_says_how_to_add_one() -> None:
    assert "kfar channel add mastodon" in text(tomasz().get(PAGE))


def test_so_many_polls_are_kept_in_view(social: Mastodon, clock: Clock) -> None:
    made = queries.named("social")
    assert made is not None
    for n in range(commands.POLLS + 1):
        commands.polled(
            channel_id=made.id, ref=str(n), url="", text="?", options=["a", "b"], until=clock.now
        )
    assert len(queries.polls(queries.everyone())) == commands.POLLS


def test_a_poll_is_stripped_of_what_says_nothing() -> None:
    assert check_poll(" Which?\r\n", ["Red ", "", " Green\x00"], 720) == (
        *("Which?", ["Red", "Green"]),
    )
