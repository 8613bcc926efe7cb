"""Employees hear of what waits for them as they choose: once, here, and never after they left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from kfar.rooms.village import commands as village
from kfar.rooms.village.models import News
from kfar.rooms.village.news import commands, queries, rules
from kfar.rooms.village.news.queries import Bundle
from kfar.rooms.village.news.rules import DEFAULT, About, How, What
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import an_employee, email, refuses

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Sent:
    """Letters as they went out: to whom, how many things in each."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[What]]] = []

    def __call__(self, letter: Bundle) -> bool:
        self.letters.append((letter.to.name, [one.what for one in letter.news]))
        return True


def tell(
    who: UUID, what: What = What.APPROVAL, about: UUID | None = None, at: datetime = AT
) -> int:
    return commands.tell(employees=[who], what=what, about=about or uuid4(), at=at)


def send(sent: Sent, *, works: bool = True) -> int:
    return commands.send_due(send=sent, works=works)


def test_the_same_thing_is_told_once(clock: Clock) -> None:
    noa, about, sent = an_employee(), uuid4(), Sent()
    assert [tell(noa, about=about) for _again in range(3)] == [1, 0, 0]
    assert [send(sent) for _again in range(3)] == [1, 0, 0]
    assert tell(noa, about=about) == 0  # heard of again after it was sent
    assert send(sent) == 0
    assert sent.letters == [("Noa", [What.APPROVAL])]


def test_what_is_not_said_holds_what_has_a_clock_comes_at_once() -> None:
    noa = an_employee()
    assert queries.wishes(noa) == DEFAULT
    assert DEFAULT == {
        About.APPROVAL: How.NOW,
        About.CASE: How.DAILY,
        About.MENTION: How.DAILY,
    }


def test_once_a_day_all_comes_in_one_letter_in_the_morning(clock: Clock) -> None:
    noa, sent = an_employee(), Sent()
    clock.to(datetime(2026, 3, 3, 6, 59, tzinfo=UTC))
    for n, what in enumerate((What.CASE, What.MENTION, What.CASE)):
        tell(noa, what, at=AT + timedelta(seconds=n))
    assert send(sent) == 0
    clock.forward(minutes=1)
    assert send(sent, works=False) == 0  # a holiday, or before the company opens
    assert send(sent) == 1
    tell(noa, What.CASE)
    clock.forward(hours=12)
    assert send(sent) == 0
    clock.forward(hours=12)
    assert send(sent) == 1
    assert sent.letters == [
        ("Noa", [What.CASE, What.MENTION, What.CASE]),
        ("Noa", [What.CASE]),
    ]


def test_each_chooses_how(clock: Clock) -> None:
    noa, sent = an_employee(), Sent()
    tell(noa, What.MENTION)
    wishes = {"approval": "daily", "case": "now", "mention": "never"}
    commands.choose(by=noa, wishes=wishes, language="he")
    assert [tell(noa, what) for what in (What.MENTION, What.CASE, What.APPROVAL)] == [0, 1, 1]
    assert send(sent, works=False) == 1
    assert send(sent) == 1
    # What waited of what they want to hear nothing of is not told either.
    assert sent.letters == [("Noa", [What.CASE]), ("Noa", [What.APPROVAL])]


@pytest.mark.parametrize(
    ("wishes", "language"),
    [({"approval": "sometimes"}, ""), ({"weather": "now"}, ""), ({}, "tlh")],
)
def test_what_is_no_wish_is_refused(wishes: dict[str, str], language: str) -> None:
    noa = an_employee()
    with refuses("village.no_such_wish"):
        commands.choose(by=noa, wishes=wishes, language=language)
    with refuses("village.may_not", act="village.hear"):
        commands.choose(by=uuid4(), wishes={}, language="")
    with refuses("village.no_such_wish"):
        commands.speak(by=noa, language="tlh")


def test_who_left_hears_nothing(clock: Clock) -> None:
    noa, sent = an_employee(), Sent()
    tell(noa)
    village.part(email=email("Noa"))
    assert tell(noa) == 0
    assert send(sent) == 0
    assert (sent.letters, News.objects.filter(over_at=None).count()) == ([], 0)


def test_what_waits_no_more_is_not_told_and_leaves_the_day_free(clock: Clock) -> None:
    noa, sent = an_employee(), Sent()
    tell(noa, What.CASE)
    assert commands.send_due(send=lambda _letter: False, works=True) == 0
    tell(noa, What.CASE)
    assert send(sent) == 1
    assert sent.letters == [("Noa", [What.CASE])]


def test_a_letter_that_fails_is_tried_again(clock: Clock) -> None:
    noa, sent = an_employee(), Sent()
    tell(noa)

    def away(_letter: Bundle) -> bool:
        raise ConnectionRefusedError

    with capture_logs() as logs:
        assert commands.send_due(send=away, works=True) == 0
    assert [(line["event"], line["error"]) for line in logs] == [
        ("news.failed", "ConnectionRefusedError")
    ]
    clock.forward(seconds=59)
    assert send(sent) == 0
    clock.forward(seconds=1)
    assert send(sent) == 1


def test_one_that_may_have_gone_out_does_not_go_out_again(clock: Clock) -> None:
    noa, sent = an_employee(), Sent()
    tell(noa)

    def die(_letter: Bundle) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commands.send_due(send=die, works=True)
    with capture_logs() as logs:
        for _round in range(3):
            clock.forward(minutes=5)
            assert send(sent) == 0
    assert [line["event"] for line in logs] == ["news.in_doubt"]
    assert sent.letters == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_letter_once(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [an_employee(f"Noa{n}") for n in range(10)]
    for one in people:
        tell(one)
        tell(one, What.CASE)
    monkeypatch.setattr(rules, "MORNING", 0)
    sent = Sent()
    at_once(lambda: send(sent), lambda: send(sent))
    send(sent)
    assert sorted(sent.letters) == sorted(
        (f"Noa{n}", [what]) for n in range(10) for what in (What.APPROVAL, What.CASE)
    )


def test_news_of_what_is_erased_goes_with_it() -> None:
    noa, about = an_employee(), uuid4()
    tell(noa, about=about)
    tell(noa)
    assert dict(commands.forget(about=[about]).rows) == {"village.News": 1}
    assert News.objects.count() == 1


def test_it_is_due_when_it_is_told(clock: Clock) -> None:
    tell(an_employee())
    row = News.objects.get()
    assert (row.at, row.due_at - clock.now) == (AT, timedelta())
