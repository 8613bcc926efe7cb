"""Bursts from one network that nearly all say the same are suspicious; crowds are not."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.decisions.knowing.suspicion import RULES, Came, suspicious

BURST, FLOOD = (rule.code for rule in RULES)


def came(*bursts: tuple[int, float, float, str]) -> list[Came]:
    """Ballots by (how many, from when, every how many seconds, what)."""
    rows = [(start + n * step, text) for many, start, step, text in bursts for n in range(many)]
    return [Came(number, at, text) for number, (at, text) in enumerate(rows)]


def whole(here: list[Came], **elsewhere: int) -> Counter[str]:
    named = {"a": "0", "b": "1"}
    there = Counter({named[key]: times for key, times in elsewhere.items()})
    return Counter(one.text for one in here) + there


def found(here: list[Came], **elsewhere: int) -> Counter[str]:
    return Counter(suspicious(here, whole(here, **elsewhere)).values())


def test_thirty_alike_within_a_minute_are_a_burst_and_twenty_nine_are_not() -> None:
    assert found(came((30, 0, 1, "0")), a=40, b=60) == {BURST: 30}
    assert found(came((29, 0, 1, "0")), a=40, b=60) == {}
    assert found(came((30, 0, 2.1, "0")), a=40, b=60) == {}  # in more than a minute


def test_who_says_otherwise_among_them_stays() -> None:
    here = came((57, 0, 0.5, "0"), (3, 3, 0.5, "1"))
    assert found(here, b=100) == {BURST: 57}
    assert set(suspicious(here, whole(here, b=100))) == set(range(57))
    crowd = came((50, 0, 0.5, "0"), (10, 3, 0.5, "1"))
    assert found(crowd, b=100) == {}


def test_what_most_say_elsewhere_is_not_suspicious() -> None:
    here = came((40, 0, 1, "0"))
    assert found(here, a=51, b=49) == {}
    assert found(here, a=50, b=50) == {BURST: 40}
    assert found(here) == {BURST: 40}  # nobody else has said anything


def test_a_slow_flood_has_a_reason_of_its_own() -> None:
    assert found(came((300, 0, 10, "0")), b=1000) == {FLOOD: 300}
    assert found(came((299, 0, 10, "0")), b=1000) == {}


ROWS = st.lists(st.tuples(st.integers(0, 200), st.sampled_from("0001")), max_size=120)


@given(ROWS, st.randoms(use_true_random=False))
def test_no_order_counts_and_only_ballots_of_the_network_are_named(
    rows: list[tuple[int, str]], random: Random
) -> None:
    here = [Came(number, at, text) for number, (at, text) in enumerate(rows)]
    total = whole(here, b=500)
    said = suspicious(here, total)
    shuffled = list(here)
    random.shuffle(shuffled)
    assert suspicious(shuffled, total) == said
    assert set(said) <= {one.ballot for one in here}


@given(ROWS)
def test_a_burst_is_what_its_rule_says(rows: list[tuple[int, str]]) -> None:
    """Counted the slow way: every window that ends with a ballot of its own text."""
    here = sorted(
        (Came(n, at, text) for n, (at, text) in enumerate(rows)), key=lambda c: (c.at, c.ballot)
    )
    burst = RULES[0]
    slow = set()
    for last, one in enumerate(here):
        window = [c for c in here[: last + 1] if one.at - c.at < burst.seconds]
        alike = [c.ballot for c in window if c.text == one.text]
        if len(window) >= burst.voters and len(alike) * 100 >= burst.alike * len(window):
            elsewhere = 500 if one.text == "1" else 0
            if elsewhere * 100 <= burst.elsewhere * 500:
                slow.update(alike)
    said = suspicious(here, whole(here, b=500))
    assert {ballot for ballot, code in said.items() if code == burst.code} == slow
