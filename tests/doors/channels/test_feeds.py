"""Feeds of forums: new entries become voices once, and nothing in them harms us."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from kfar import loop
from kfar.doors.channels import feeds, fetching
from kfar.ground.errors import Refused
from kfar.lake.models import Touchpoint
from kfar.rooms.customers import queries as people
from kfar.rooms.voice.channels import commands, queries
from kfar.rooms.voice.models import Channel, Post, Voice
from tests.clock import Clock
from tests.servers import Script

#: As Discourse writes them (meta.discourse.org/latest.rss): HTML in CDATA, dc:creator.
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Village forum</title><link>https://forum.example/latest</link>{}</channel></rss>"""
ITEM = """<item><title>{title}</title><dc:creator><![CDATA[{who}]]></dc:creator>
<description><![CDATA[{html}]]></description><link>https://forum.example/t/{n}</link>
<pubDate>Thu, 0{n} Jan 2026 10:00:00 +0000</pubDate>
<guid isPermaLink="false">forum.example-topic-{n}</guid></item>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">
<title>Forum</title><entry><id>urn:uuid:1225c695</id><title>Lodówka</title>
<link href="https://forum.example/a"/><updated>2026-01-01T10:00:00Z</updated>
<author><name>Zofia</name></author>
<content type="html" xml:lang="pl">&lt;p&gt;Nie chłodzi wcale, proszę.&lt;/p&gt;</content>
</entry></feed>"""


def item(
    n: int, html: str = "<p>It is warm.</p>", title: str = "Fridge", who: str = "zosia"
) -> str:
    return ITEM.format(n=n, html=html, title=title, who=who)


def rss(*items: str) -> bytes:
    return RSS.format("".join(items)).encode()


def read(body: bytes, **given: object) -> list[str]:
    return [message.text for message in feeds.read(body, {}, **given).messages]


def test_rss_and_atom_are_read() -> None:
    found = feeds.read(rss(item(1)), {"content-type": "application/rss+xml", "etag": 'W/"1"'})
    [said] = found.messages
    assert (found.title, found.state) == ("Village forum", {"etag": 'W/"1"', "modified": ""})
    assert (said.id, said.text, said.author, said.url) == (
        *("forum.example-topic-1", "Fridge\n\nIt is warm.", "zosia"),
        "https://forum.example/t/1",
    )
    assert said.at.isoformat() == "2026-01-01T10:00:00+00:00"
    [said] = feeds.read(ATOM.encode(), {}).messages
    assert (said.id, said.text, said.author) == (
        *("urn:uuid:1225c695", "Lodówka\n\nNie chłodzi wcale, proszę.", "Zofia"),
    )


def test_html_becomes_text_and_nothing_of_it_runs() -> None:
    wild = (
        '<script>alert(1)</script><p onclick="x()">It <b>is</b> warm.</p><style>p{}</style>'
        '<img src=x onerror=alert(2)><iframe src="javascript:3"></iframe><svg><script>4</script>'
    )
    assert read(rss(item(1, wild))) == ["Fridge\n\nIt is warm."]


def test_a_title_that_is_the_beginning_of_the_text_is_said_once() -> None:
    assert read(rss(item(1, "<p>It is warm, and loud.</p>", title="It is warm…"))) == [
        "It is warm, and loud."
    ]


def test_only_what_says_one_of_the_words() -> None:
    body = rss(item(1), item(2, "<p>My ORCHARD fridge</p>"))
    assert read(body, words=["orchard"]) == ["Fridge\n\nMy ORCHARD fridge"]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
TITLE = '<rss version="2.0"><channel><title>{}</title></channel></rss>'
BOMB = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>{TITLE.format("&l9;")}'
QUADRATIC = f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]>{TITLE.format("&a;" * 50_000)}'
OUTSIDE = f'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>{TITLE.format("&x;")}'


@pytest.mark.parametrize(
    "body",
    [
        BOMB.encode(),
        QUADRATIC.encode(),
        OUTSIDE.encode(),
        b"\xff\xfe" + BOMB.encode("utf-16-le"),
        b"\xfe\xff" + BOMB.encode("utf-16-be"),
        b"",
        b"<html><body>Hello</body></html>",
        b"\x00" * 1000,
        b'{"json": "feed"}',
        b'<!DOCTYPE rss [\n<!ENTITY path "C:\\data">\n]><rss version="2.0"><channel/></rss>',
        b'<rss version="2.0"><channel><title>&#1114112;</title></channel></rss>',
    ],
    ids=["laughs", "quadratic", "outside", "utf-16-le", "utf-16-be", "nothing", "html", "zeros",
         "json", "backslash", "sign"],
)  # fmt: skip
def test_what_is_no_feed_or_would_harm_us_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match=r"channels\.not_understood"):
        feeds.read(body, {})


def test_a_document_type_outside_is_asked_for_by_nobody(elsewhere: Script) -> None:
    said = f'<!DOCTYPE rss SYSTEM "{elsewhere.url}/rss.dtd">'
    body = rss(item(1)).replace(b"<rss", said.encode() + b"<rss")
    assert read(body) == ["Fridge\n\nIt is warm."]
    assert elsewhere.asked == []


def test_of_a_huge_feed_so_many_entries_are_looked_at() -> None:
    entry = "<item><title>Nr {}</title><guid>{}</guid></item>"
    body = rss(*(entry.format(n, n) for n in range(feeds.ENTRIES + 100)))
    assert len(read(body)) == feeds.ENTRIES


# --- as a channel ------------------------------------------------------------------------------


@pytest.fixture
def forum(elsewhere: Script, clock: Clock, db: None) -> Script:
    """A feed we listen to since it had one entry."""
    elsewhere.body, elsewhere.headers = rss(item(1)), {"ETag": '"1"'}
    made = commands.add(kind="rss", name="forum", url=f"{elsewhere.url}/latest.rss")
    commands.know(channel_id=made, ids=["forum.example-topic-1"])
    return elsewhere


def fetch(clock: Clock) -> int:
    """Ask, once it is time again."""
    clock.forward(minutes=400)
    return fetching.fetch()


def texts() -> list[str]:
    return list(Post.objects.order_by("pk").values_list("voice__text", flat=True))


def test_what_was_there_before_is_not_heard_and_what_is_new_is_heard_once(
    forum: Script, clock: Clock
) -> None:
    assert fetch(clock) == 0
    forum.body, forum.headers = (
        rss(item(3, "<p>3</p>"), item(2, "<p>2</p>"), item(1)),
        {"ETag": '"2"'},
    )
    assert [fetch(clock), fetch(clock)] == [2, 0]
    assert texts() == ["Fridge\n\n2", "Fridge\n\n3"]
    assert [one.headers.get("if-none-match") for one in forum.asked] == [None, '"1"', '"2"']
    loop.tick()
    assert set(Touchpoint.objects.values_list("channel", flat=True)) == {"forum"}
    [said] = {voice.customer_id for voice in Voice.objects.all()}  # one author, one person
    person = people.person(said)
    assert person is not None
    assert (person.name, person.names) == ("zosia", (("forum", "zosia"),))


def test_two_without_a_name_are_two(forum: Script, clock: Clock) -> None:
    forum.body, forum.headers = rss(item(2, who=""), item(3, who="")), {}
    assert fetch(clock) == 2
    assert Voice.objects.values("customer").distinct().count() == 2


def test_more_than_one_round_hears_comes_in_the_next(
    forum: Script, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST", 2)
    forum.body = rss(*(item(n, f"<p>{n}</p>") for n in range(2, 7)))
    assert [fetch(clock), fetching.fetch(), fetching.fetch(), fetching.fetch()] == [2, 2, 1, 0]
    assert len(texts()) == 5


def test_what_one_person_says_too_often_comes_the_next_day(
    forum: Script, clock: Clock, settings: Settings
) -> None:
    settings.KFAR_POSTS = 1
    forum.body = rss(item(2, "<p>2</p>"), item(3, "<p>3</p>"))
    assert [fetch(clock), fetch(clock)] == [1, 0]
    clock.forward(days=1)
    assert fetch(clock) == 1


@pytest.mark.parametrize(
    ("status", "headers", "why"),
    [
        (301, {"Location": "http://127.0.0.1:1/"}, "channels.moved"),
        (404, {}, "channels.gone"),
        (403, {}, "channels.not_let_in"),
        (429, {"Retry-After": "7200"}, "channels.too_often"),
        (500, {}, "channels.away"),
    ],
)
def test_what_fails_is_said_and_asked_again_later(
    forum: Script, clock: Clock, status: int, headers: dict[str, str], why: str
) -> None:
    forum.status, forum.headers = status, headers
    assert fetch(clock) == 0
    [line] = queries.everyone()
    assert (line.failing, line.failed_at) == (why, clock.now)
    wait = timedelta(hours=2) if status == 429 else timedelta(minutes=1)
    assert Channel.objects.get().due_at == clock.now + wait
    assert fetching.fetch() == 0
    assert len(forum.asked) == 1  # no redirect is followed, and nothing asked before its time
    forum.status, forum.body = 200, rss(item(2))
    assert fetch(clock) == 1
    assert queries.everyone()[0].failing == ""


def test_a_feed_that_never_ends_is_left(
    forum: Script, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST", 10_000)
    forum.body = rss(*(item(n % 9 + 1, "x" * 1000) for n in range(100)))
    assert fetch(clock) == 0
    assert queries.everyone()[0].failing == "reach.too_large"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/rss",
        "http://[::1]/rss",
        "http://localhost/rss",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/rss",
        "http://0x7f.1/rss",
    ],
)
def test_a_feed_leads_to_nothing_inside(url: str, clock: Clock, db: None) -> None:
    commands.add(kind="rss", name="forum", url=url)
    assert fetch(clock) == 0
    assert queries.everyone()[0].failing in {"reach.inside", "reach.away"}


def test_one_that_fails_keeps_no_other_waiting(forum: Script, clock: Clock) -> None:
    commands.add(kind="rss", name="away", url="http://127.0.0.1:1/rss")
    forum.body, forum.headers = rss(item(2)), {}
    assert fetch(clock) == 1
    assert [line.failing for line in queries.everyone()] == ["reach.inside", ""]
