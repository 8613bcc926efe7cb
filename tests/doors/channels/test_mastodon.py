"""Mastodon: mentions and a tag are heard once, and answered in their thread."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from kfar import loop
from kfar.doors.channels import fetching
from kfar.doors.channels import mastodon as port
from kfar.ground.money import Money
from kfar.rooms.customers import queries as people
from kfar.rooms.promises.models import Letter
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.channels import commands, queries
from kfar.rooms.voice.models import Post, Posted, Voice
from kfar.rooms.voice.rules import Stands
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.people import an_employee
from tests.servers import TOKEN, Mastodon

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ours(mastodon: Mastodon, clock: Clock, settings: Settings) -> None:
    settings.KFAR_URL = "https://orchard.example"
    mastodon.say("@orchard Long ago")
    server = port.Server(mastodon.url, TOKEN)
    state = {
        "account": server.account(),
        "mentions": server.latest(),
        "#orchard": server.latest("orchard"),
    }
    commands.add(
        kind="mastodon", name="social", url=mastodon.url, about={"tags": ["orchard"]},
        state=state, secret=TOKEN,
    )  # fmt: skip


def fetch(clock: Clock) -> int:
    clock.forward(hours=7)
    done = fetching.fetch()
    loop.tick()
    return done


def decide(voice_id: UUID, words: str, kind: str = "answer", minor: int = 0) -> None:
    case = cases.case(voice_id)
    assert case is not None
    service.remedy(
        by=an_employee(), case_id=case.id, kind=kind, amount=Money(minor, "USD"), words=words,
        once=uuid4(),
    )  # fmt: skip
    loop.tick()
    loop.tick()


def heard() -> list[str]:
    return list(Post.objects.order_by("pk").values_list("voice__text", flat=True))


def test_a_mention_is_heard_once_and_answered_in_the_thread(
    mastodon: Mastodon, clock: Clock
) -> None:
    said = mastodon.say(
        "@orchard My <b>fridge</b> is warm<script>x</script>", "zsc@mastodon.social"
    )
    assert [fetch(clock), fetch(clock)] == [1, 0]
    voice = Voice.objects.get()
    assert voice.text == "My fridge is warm"
    person = people.person(voice.customer_id)
    assert person is not None
    assert (person.name, person.names) == ("Zsc", (("mastodon", "@zsc@mastodon.social"),))

    decide(voice.pk, "We come today.")
    [ours] = mastodon.ours()
    assert ours["content"] == "<p>@zsc@mastodon.social We come today.</p>"
    assert (ours["in_reply_to_id"], ours["visibility"]) == (said["id"], "unlisted")
    assert Letter.objects.get().sent_at is not None
    [posted] = queries.answers([voice.pk])[voice.pk]
    assert (posted.ref, posted.url) == (ours["id"], ours["url"])
    page = text(enter("Noa").get(f"/voices/{voice.pk}/"))
    for shown in (
        said["url"],
        ours["url"],
        "@zsc@mastodon.social",
        "On Mastodon",
        "Answered there",
    ):
        assert shown in page
    assert "On Mastodon" in text(enter("Noa").get("/voices/"))

    # they come back below our answer: the same voice, open again
    mastodon.say("@orchard Nobody came", "zsc@mastodon.social", in_reply_to_id=ours["id"])
    assert fetch(clock) == 1
    found = voices.voice(voice.pk)
    assert found is not None
    assert found.stands is Stands.UNREAD
    assert [post.text for post in queries.posts([voice.pk])[voice.pk]] == ["", "Nobody came"]


def test_what_they_get_is_told_to_them_alone(mastodon: Mastodon, clock: Clock) -> None:
    mastodon.say("@orchard My fridge is warm")
    fetch(clock)
    decide(Voice.objects.get().pk, "Sorry!", "refund", 500)
    [ours] = mastodon.ours()
    assert ours["visibility"] == "direct"
    assert "You get $5.00 back." in ours["content"]
    assert "https://orchard.example/good/" in ours["content"]


def test_who_writes_in_private_is_answered_so_and_asked_whether_it_is_good(
    mastodon: Mastodon, clock: Clock
) -> None:
    mastodon.say("@orchard My fridge is warm", visibility="direct")
    fetch(clock)
    decide(Voice.objects.get().pk, "We come.")
    [ours] = mastodon.ours()
    assert ours["visibility"] == "direct"
    assert "https://orchard.example/good/" in ours["content"]


def test_a_tag_is_followed_and_what_is_both_is_heard_once(mastodon: Mastodon, clock: Clock) -> None:
    mastodon.say("I love my #orchard fridge")
    mastodon.say("@orchard look at my #orchard fridge", "trwnh")
    mastodon.say("#cats")
    assert fetch(clock) == 2
    assert sorted(heard()) == ["I love my #orchard fridge", "look at my #orchard fridge"]


def test_nothing_of_ours_comes_in_and_no_program_is_answered_by_itself(
    mastodon: Mastodon, clock: Clock
) -> None:
    mastodon.say("We are #orchard", "orchard")
    mastodon.say("@orchard I am a bot", "robot", bot=True)
    assert fetch(clock) == 1
    assert fetch(clock) == 0
    assert (heard(), mastodon.ours()[1:]) == (["I am a bot"], [])
    voice = Voice.objects.get()
    an_employee()
    assert "a program, by its own word" in text(enter("Noa").get(f"/voices/{voice.pk}/"))


def test_pages_are_read_to_their_end_oldest_first(
    mastodon: Mastodon, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "PAGE", 2)
    for n in range(5):
        mastodon.say(f"@orchard Nr {n}")
    assert fetch(clock) == 5
    assert heard() == [f"Nr {n}" for n in range(5)]


def test_a_long_answer_is_a_thread_and_goes_on_where_it_stopped(
    mastodon: Mastodon, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mastodon.longest = 100
    said = mastodon.say("@orchard My fridge is warm")
    fetch(clock)
    post, left = port.Server.post, [1, 0, 9]

    def once(self: Any, *args: Any, **given: Any) -> Any:
        left[0] -= 1
        mastodon.down = 500 if left[0] < 0 else 0
        return post(self, *args, **given)

    monkeypatch.setattr(port.Server, "post", once)
    decide(Voice.objects.get().pk, "word " * 40)
    assert (len(mastodon.ours()), Posted.objects.count()) == (1, 1)
    mastodon.down, left[0] = 0, 9
    clock.forward(minutes=10)
    loop.tick()
    ours = mastodon.ours()
    assert [one["in_reply_to_id"] for one in ours] == [
        said["id"],
        *[one["id"] for one in ours[:-1]],
    ]
    assert "".join(one["content"] for one in ours).count("word") == 40
    assert Letter.objects.get().sent_at is not None


def test_an_answer_that_was_sent_but_not_noted_is_posted_once(
    mastodon: Mastodon, clock: Clock
) -> None:
    mastodon.say("@orchard My fridge is warm")
    fetch(clock)
    decide(Voice.objects.get().pk, "We come.")
    Posted.objects.all().delete()
    Letter.objects.update(sent_at=None)
    clock.forward(minutes=10)
    loop.tick()
    assert (len(mastodon.ours()), Posted.objects.count()) == (1, 1)


def test_what_was_taken_away_cannot_be_answered_and_the_page_says_so(
    mastodon: Mastodon, clock: Clock
) -> None:
    mastodon.say("@orchard My fridge is warm")
    fetch(clock)
    mastodon.statuses.clear()
    decide(Voice.objects.get().pk, "We come.")
    assert Letter.objects.get().sent_at is not None
    voice = Voice.objects.get()
    assert "Could not be delivered" in text(enter("Noa").get(f"/voices/{voice.pk}/"))


@pytest.mark.parametrize("down", [401, 500, 200])
def test_a_server_in_trouble_is_said_and_nothing_is_lost(
    mastodon: Mastodon, clock: Clock, down: int
) -> None:
    mastodon.say("@orchard My fridge is warm")
    mastodon.down = down
    assert fetch(clock) == 0
    whys = {401: "channels.not_let_in", 500: "channels.away", 200: "channels.not_understood"}
    assert queries.everyone()[0].failing == whys[down]
    mastodon.down = 0
    assert fetch(clock) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"account": None},
        {"account": "zsc"},
        {"account": {"id": "1"}},
        {"content": None, "account": {"id": "1", "acct": "a"}},
        {"created_at": "never", "content": "x", "account": {"id": "1", "acct": "a"}, "id": "1"},
    ],
)
def test_what_is_no_status_is_none(wrong: dict[str, Any]) -> None:
    said = port.message(wrong, url="https://social.example", account={"id": "0", "acct": "o"})
    assert said is None or said.text == "None"


def test_a_link_that_is_none_of_the_web_is_no_link(mastodon: Mastodon, clock: Clock) -> None:
    mastodon.say("@orchard My fridge is warm", url="javascript:alert(1)")
    fetch(clock)
    assert Post.objects.get().url == ""
    an_employee()
    page = text(enter("Noa").get(f"/voices/{Voice.objects.get().pk}/"))
    assert "javascript:" not in page


def test_a_poll_is_asked_there(mastodon: Mastodon) -> None:
    server = port.Server(mastodon.url, TOKEN)
    made, where = server.post("Which apples?", once="1", options=["Red", "Green"], seconds=3600)
    assert where == f"{mastodon.url}/@orchard/{made}"
    mastodon.ours()[0]["poll"]["options"][1]["votes_count"] = 3
    assert server.poll(made) == [("Red", 0), ("Green", 3)]
