"""`POST /vote/<question>/ballot`: a browser of which nothing is known votes, once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from kfar.doors.gate.joining import Newcomers
from kfar.ground.limits import windows
from kfar.ground.networks import NETWORK
from kfar.ground.tokens import new_voter, read_voter, sealed_network, tracker
from kfar.lake.intake.notice import post
from tests.doors.gate.gates import (
    CLOSED,
    LINKED,
    NOTICE,
    QUESTION,
    SECRET,
    Answer,
    Gate,
    opened,
    token,
    until,
)

ONCE = "o" * 22
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def join(gate: Gate, question: object = LINKED, cookie: str = "", **more: Any) -> Answer:
    said = {"options": [1], **more.pop("said", {})}
    headers = {"Cookie": cookie} if cookie else {}
    return gate.ask("POST", f"/vote/{question}/ballot", said, None, **headers, **more)


def cookie_of(answer: Answer) -> str:
    """The cookie that an answer gives, as a browser sends it back."""
    return answer.headers["set-cookie"].partition(";")[0]


def test_a_browser_becomes_a_voter_with_its_first_ballot(gate: Gate) -> None:
    answer = join(gate, said={"once": ONCE, "nonce": "n" * 22})
    number = new_voter(SECRET, LINKED.bytes, ONCE)
    assert answer.status == 200
    assert answer.said["tracker"] == tracker(SECRET, LINKED.bytes, number)
    [record] = gate.records()
    del record["r"]
    home = sealed_network(SECRET, str(LINKED), "127.0.0.0/24")
    assert record == {
        "k": "ballot",
        "q": str(LINKED),
        "v": number,
        "b": "1",
        "n": "n" * 22,
        "w": home,
    }
    assert number >> 63 == 1
    given = re.fullmatch(
        rf"kfar_voter=([\w-]+); Path=/vote/{LINKED}/; Max-Age=\d+; HttpOnly; SameSite=Lax",
        answer.headers["set-cookie"],
    )
    assert given is not None
    assert read_voter(SECRET, given[1]) == (LINKED.bytes, number)


def test_with_its_cookie_it_is_the_same_voter_and_not_a_new_one(gate: Gate) -> None:
    first = join(gate)
    again = join(gate, cookie=f"other=1; {cookie_of(first)}", said={"options": [2]})
    assert again.said["tracker"] == first.said["tracker"]
    one, two = gate.records()
    assert (one["v"], one["b"], "w" in one) == (two["v"], "1", True)
    assert (two["b"], "w" in two) == ("2", False)


def test_sent_again_without_having_heard_the_answer_it_is_one_voter(gate: Gate) -> None:
    one, two = (join(gate, said={"once": ONCE}) for _ in range(2))
    assert one.said["tracker"] == two.said["tracker"]
    other = join(gate, said={"once": "x" * 22})
    assert len({one.said["tracker"], other.said["tracker"], join(gate).said["tracker"]}) == 3


@pytest.mark.parametrize("cookie", ["kfar_voter=nobody", f"kfar_voter={token(5)}", "kfar_voter="])
def test_a_cookie_that_is_not_of_this_question_makes_a_new_voter(gate: Gate, cookie: str) -> None:
    assert join(gate, cookie=cookie).status == 200
    [record] = gate.records()
    assert record["v"] >> 63 == 1


@pytest.mark.parametrize(
    ("how", "status", "error"),
    [
        ({"question": UUID(int=99)}, 404, "unknown_question"),
        ({"question": "x"}, 404, "unknown_question"),
        ({"question": QUESTION}, 403, "not_by_link"),
        ({"question": CLOSED}, 403, "not_by_link"),
        ({"said": {"options": [3]}}, 400, "bad_choice"),
        ({"said": {"nonce": "x"}}, 400, "bad_choice"),
        ({"said": {"once": "short"}}, 400, "not_json"),
        ({"Origin": "https://other.example"}, 403, "other_page"),
        ({"Origin": "null"}, 403, "other_page"),
    ],
    ids=str,
)
def test_what_is_refused_makes_no_voter(
    gate: Gate, how: dict[str, Any], status: int, error: str
) -> None:
    answer = join(gate, **how)
    assert (answer.status, answer.error, "set-cookie" in answer.headers) == (status, error, False)
    assert gate.records() == []


def test_our_own_page_may_send_and_over_https_the_cookie_stays_there(gate: Gate) -> None:
    plain = join(gate, Origin=f"http://127.0.0.1:{gate.port}")
    secure = join(gate, Origin=f"https://127.0.0.1:{gate.port}")
    assert (plain.status, secure.status) == (200, 200)
    assert "Secure" not in plain.headers["set-cookie"]
    assert secure.headers["set-cookie"].endswith("; Secure")


def test_the_rest_of_the_vote_belongs_to_the_pages(gate: Gate) -> None:
    for path in (f"/vote/{LINKED}/", f"/vote/{LINKED}/ballots", f"/vote/{LINKED}/ballot/x"):
        assert gate.ask("POST", path, {}, None).status == 503  # no pages stand behind this gate
    assert gate.ask("GET", f"/vote/{LINKED}/ballot", None, None).status == 405
    assert gate.records() == []


def test_so_many_from_one_address_and_no_more(folder: Path) -> None:
    with opened(folder, "--proxies=1") as gate:
        notice = type(NOTICE)(NOTICE.keys, NOTICE.questions, NOTICE.ballots, "2/day")
        post(notice, gate.data)

        def limited() -> bool | None:
            return join(gate, X_Forwarded_For="203.0.113.9").status == 429 or None

        until(limited)
        first = join(gate, X_Forwarded_For="198.51.100.7")
        assert join(gate, X_Forwarded_For="198.51.100.7, 198.51.100.7").status == 200
        full = join(gate, X_Forwarded_For="10.0.0.1, 198.51.100.7")
        assert (full.status, full.error) == (429, "too_many_voters")
        assert 0 < int(full.headers["retry-after"]) <= 86400
        # Who is known already may change their mind, and others may come.
        assert join(gate, cookie=cookie_of(first), X_Forwarded_For="198.51.100.7").status == 200
        assert join(gate, X_Forwarded_For="198.51.100.8").status == 200


def test_new_voters_from_abroad_are_limited_by_country(folder: Path, countries: Path) -> None:
    with opened(folder, "--proxies=1") as gate:
        there = {"abroad": "1/day", "countries": str(countries), "home": "IL"}
        post(structs.replace(NOTICE, **there), gate.data)

        def limited() -> bool | None:
            return join(gate, X_Forwarded_For="203.0.113.1").status == 429 or None

        until(limited)
        assert join(gate, X_Forwarded_For="198.51.100.1").status == 429  # the same country
        for ip in ("2001:db8::1", "192.0.2.1", "192.0.2.2"):  # another country, and home
            assert join(gate, X_Forwarded_For=ip).status == 200
        said = b"".join(file.read_bytes() for file in gate.data.rglob("*") if file.is_file())
        assert b"203.0.113" not in said


class TestNewcomers:
    def test_a_window_that_is_full_says_when_it_ends(self) -> None:
        came, limits = Newcomers(), windows("2/minute 3/hour")
        take = [came.take(limits, "198.51.100.7", NOON + timedelta(seconds=n)) for n in range(3)]
        assert take == [0, 0, 58]
        later = NOON + timedelta(minutes=1)
        assert [came.take(limits, "198.51.100.7", later) for _ in range(2)] == [0, 59 * 60]

    def test_a_network_has_so_many_addresses_worth(self) -> None:
        came, limits = Newcomers(), windows("1/minute")
        took = [came.take(limits, f"198.51.100.{n}", NOON) for n in range(NETWORK + 1)]
        assert took == [0] * NETWORK + [60]
        assert came.take(limits, "198.51.101.1", NOON) == 0

    @given(st.lists(st.integers(0, 2), max_size=20), st.integers(1, 5))
    def test_nobody_gets_more_than_the_limit(self, who: list[int], most: int) -> None:
        came, limits = Newcomers(), windows(f"{most}/day")
        took = [n for n in who if not came.take(limits, f"198.51.{n}.1", NOON)]
        for n in range(3):
            assert took.count(n) == min(who.count(n), most)

    def test_a_country_abroad_has_a_limit_of_its_own(self) -> None:
        came, limits = Newcomers(), windows("2/hour")
        took = [
            came.take((), f"198.51.{n}.1", NOON, country=country, abroad=limits)
            for n, country in enumerate(["PL", "DE", "PL", "PL", "", "", "", "DE"])
        ]
        assert took == [0, 0, 0, 3600, 0, 0, 0, 0]

    def test_without_limits_all_may_come(self) -> None:
        came = Newcomers()
        assert {came.take((), "198.51.100.7", NOON) for _ in range(1000)} == {0}
