"""`kfar channel …`, as it is typed; and what the doctor says of channels."""

from __future__ import annotations

import pytest
from pytest_django import Settings
from rich.console import Console
from typer.testing import CliRunner

from kfar.doors.channels import fetching
from kfar.doors.cli import channels, doctor
from kfar.doors.cli.commands import app
from kfar.rooms.voice.channels import queries
from kfar.rooms.voice.models import Channel, Secret, Voice
from tests.clock import Clock
from tests.doors.channels.test_feeds import item, rss
from tests.servers import TOKEN, Mastodon, Script

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """No address in a table is broken over lines."""
    monkeypatch.setattr(channels, "out", Console(width=250))


def kfar(*said: str, typed: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["channel", *said], input=typed)
    return done.exit_code, " ".join(done.output.split())


def test_a_hook_is_added_with_a_secret_renewed_and_removed(settings: Settings) -> None:
    settings.KFAR_URL = "https://orchard.example"
    status, said = kfar("add", "hook", "--name", "shop", "--answers", "https://shop.example/a")
    assert status == 0
    secret, _, where = said.partition(" ")
    assert secret.startswith("whsec_")
    assert where == "Sent to https://orchard.example/hooks/shop/"
    [line] = queries.everyone()
    assert (line.about, queries.secrets(line.id)) == (
        {"answers": "https://shop.example/a"},
        [secret],
    )
    _, listed = kfar("list")
    assert "https://orchard.example/hooks/shop/" in listed
    assert secret not in listed
    status, new = kfar("renew", "shop")
    assert queries.secrets(line.id) == [new, secret]
    assert kfar("remove", "shop") == (0, "removed: shop")
    assert (queries.everyone(), Secret.objects.count()) == ([], 0)
    assert kfar("remove", "shop") == (2, "There is no channel “shop”.")
    assert kfar("renew", "shop")[0] == 2
    assert kfar("list")[1].startswith("No channel yet.")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["fax", "--name", "fax"], "A channel is one of: hook, rss, mastodon."),
        (["hook", "--name", "Shop"], "“Shop” cannot name a channel"),
        (["hook"], "Say what the channel is called: --name"),
        (
            ["hook", "--name", "x"],
            "“x” cannot name a channel, since Kfar uses",
        ),
        (["rss"], "Say where: kfar channel add rss https://…"),
        (["mastodon", "--name", "us"], "Say where: kfar channel add mastodon https://…"),
        (["hook", "--name", "shop", "--answers", "ftp://a"], "http"),
        (["rss", "file:///etc/passwd", "--name", "forum"], "http"),
        (["rss", "http://127.0.0.1:9/rss", "--name", "forum"], ""),
        (["mastodon", "http://social.example"], "A token goes over https alone."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(said: list[str], why: str) -> None:
    status, told = kfar("add", *said)
    assert status == 2
    assert why in told
    assert Channel.objects.count() == 0


def test_a_feed_is_heard_from_now_on(elsewhere: Script, clock: Clock) -> None:
    elsewhere.body = rss(item(1), item(2))
    url = f"{elsewhere.url}/rss"
    assert kfar("add", "rss", url, "--name", "forum", "--word", "warm") == (
        *(0, "forum: Village forum (2 there already)"),
    )
    elsewhere.body = rss(item(1), item(2), item(3), item(4, "<p>Cold</p>"))
    assert fetching.fetch() == 1
    assert Voice.objects.get().text == "Fridge\n\nIt is warm."
    assert url in kfar("list")[1]
    elsewhere.status = 404
    clock.forward(minutes=15)
    fetching.fetch()
    why = f"There is nothing at this address any more. ({clock.now:%Y-%m-%d %H:%M})"
    assert why in kfar("list")[1]
    [found] = [one for one in doctor.examine() if one.what == "Channel forum"]
    assert (found.well, found.seen) == (False, why)


def test_an_account_is_heard_from_now_on_and_asks_a_poll(mastodon: Mastodon) -> None:
    mastodon.say("@orchard Long ago #apples")
    wrong = kfar("add", "mastodon", mastodon.url, "--name", "social", typed="wrong\n")
    assert (wrong[0], Channel.objects.count()) == (2, 0)
    assert "It does not let us in" in wrong[1]
    status, said = kfar(
        *("add", "mastodon", mastodon.url, "--name", "social", "--tag", "#apples"),
        typed=f"{TOKEN}\n",
    )
    assert (status, said.rpartition(" ")[2]) == (0, "@orchard")
    assert TOKEN not in said
    mastodon.say("@orchard My fridge is warm")
    mastodon.say("I like #apples")
    assert fetching.fetch() == 2
    [found] = [one for one in doctor.examine() if one.what == "Channel social"]
    assert (found.well, found.seen[:5]) == (True, "heard")
    status, said = kfar("ask", "social", "Which?", "--option", "Red", "--option", "Green")
    made, _, where = said.partition(" ")
    assert (status, where) == (0, f"{mastodon.url}/@orchard/{made}")
    assert kfar("votes", "social", made) == (0, "0 Red 0 Green")
    [poll] = queries.polls(queries.everyone())  # the page shows it, too
    assert (poll.ref, poll.text, poll.url) == (made, "Which?", where)
    assert kfar("votes", "other", made)[0] == 2
    assert kfar("votes", "social", "1")[0] == 2
