"""What came out, as its page tells it: in words, in numbers, round by round."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from kfar.rooms.decisions import closing, commands
from kfar.rooms.decisions.counting.rules import Method
from kfar.rooms.decisions.models import Ballot
from tests.clock import Clock
from tests.doors.web.asked import a_question, decided, page, tables, words
from tests.doors.web.doors import enter, text
from tests.people import an_employee

pytestmark = pytest.mark.django_db

#: A leads by first choices; C, whom most can live with, wins in the end.
RANKED = {"0>3": 13, "1>2>3": 12, "2>1>0": 8, "3>2>1": 5}

#: What the first table says, by method: the ballots, its columns, its rows.
RESULTS: dict[Method, tuple[dict[str, int], list[str], list[list[str]]]] = {
    Method.PLURALITY: (
        {"0": 1, "1": 3},
        ["Option", "Votes", "%"],
        [["B won", "3", "75"], ["A", "1", "25"], ["C", "0", "0"], ["D", "0", "0"]],
    ),
    Method.APPROVAL: (
        {"0 1": 1, "1 2": 2, "3": 1},
        ["Option", "Votes", "%"],
        [["B won", "3", "75"], ["C", "2", "50"], ["A", "1", "25"], ["D", "1", "25"]],
    ),
    Method.SCORE: (
        {"0:5 1:4": 1, "1:3 2:1": 1},
        ["Option", "Points"],
        [["B won", "7"], ["A", "5"], ["C", "1"], ["D", "0"]],
    ),
    Method.STAR: (
        {"0:5 1:4": 2, "1:5 2:1": 1},
        ["Option", "Points"],
        [["A won", "10"], ["B", "13"], ["C", "1"], ["D", "0"]],
    ),
    Method.BORDA: (
        {"0>1>2>3": 2, "1=2": 1},
        ["Option", "Points"],
        [["A won", "6.5"], ["B", "6.5"], ["C", "4.5"], ["D", "0.5"]],
    ),
    Method.IRV: (
        RANKED,
        ["Option", "Votes"],
        [["C won", "25"], ["A", "13"], ["B", "12"], ["D", "5"]],
    ),
    Method.STV: (
        {"0>1": 7, "1": 2, "2": 3, "3": 1},
        ["Option", "Votes"],
        [["A won", "7"], ["B won", "3.99997"], ["C", "3"], ["D", "1"]],
    ),
    Method.MINIMAX: (
        RANKED,
        ["Option", "Worst defeat"],
        [["C won", "0"], ["B", "13"], ["D", "21"], ["A", "25"]],
    ),
    Method.RANKED_PAIRS: (
        RANKED,
        ["Option", "Stands above"],
        [["C won", "3"], ["B", "2"], ["A", "1"], ["D", "0"]],
    ),
    Method.SCHULZE: (
        RANKED,
        ["Option", "Stands above"],
        [["C won", "3"], ["B", "2"], ["A", "1"], ["D", "0"]],
    ),
    Method.EQUAL_SHARES: (
        {"0": 3, "1 3": 1, "3": 1},
        ["Option", "Cost", "Support"],
        [["A funded", "$6", "3"], ["D funded", "$3", "2"], ["B", "$5", "–"], ["C", "$4", "–"]],
    ),
    Method.GREEDY: (
        {"1": 3, "0": 2, "3": 1},
        ["Option", "Cost", "Votes"],
        [["B funded", "$5", "3"], ["D funded", "$3", "1"], ["A", "$6", "2"], ["C", "$4", "0"]],
    ),
    Method.QUADRATIC: (
        {"0:9 1:-4": 1, "1:2 2:3": 2},
        ["Option", "Votes"],
        [["A won", "9"], ["C", "6"], ["B", "0"], ["D", "0"]],
    ),
}


@pytest.mark.parametrize("method", list(Method))
def test_every_method_tells_its_result(method: Method, clock: Clock) -> None:
    ballots, columns, rows = RESULTS[method]
    html = page(decided(method, ballots, clock))
    assert tables(html)[0] == [columns, *rows]
    won = [row[0].split()[0] for row in rows if " " in row[0]]
    assert re.findall(r'<p class="words words-large" dir="auto">(\w)</p>', html) == won


def test_rounds_say_what_became_of_each(clock: Clock) -> None:
    html = page(decided("irv", RANKED, clock))
    assert [table[1:] for table in tables(html)[1:4]] == [
        [["A", "13", ""], ["B", "12", ""], ["C", "8", ""], ["D", "5", "out"]],
        [["A", "13", ""], ["C", "13", ""], ["B", "12", "out"]],
        [["C", "25", "in"], ["A", "13", ""]],
    ]
    shown = re.findall(r"<details class=\"more\"( open)?><summary>(Round \d)", html)
    assert shown == [(" open", "Round 1"), ("", "Round 2"), (" open", "Round 3")]


def test_a_surplus_moves_and_what_is_lost_is_told(clock: Clock) -> None:
    html = page(decided("stv", RESULTS[Method.STV][0], clock))
    said = words(html)
    assert "What A had above the threshold has moved on." in said
    assert ["Lost by rounding down", "0.00003", ""] in [row for t in tables(html) for row in t]
    assert said.count("It takes 5 votes to be elected.") == html.count("<summary>Round ")


def test_two_by_two(clock: Clock) -> None:
    html = page(decided("ranked-pairs", {"0>1>2": 3, "1>2>0": 2, "2>0>1": 2}, clock))
    assert "No option wins against every other." in html
    matrix = tables(html)[1]
    assert matrix[1] == ["A", "", "5 ✓ (wins)", "3", "7 ✓ (wins)"]
    wins = [words(line) for line in re.findall(r"(?s)<li>(\w over .*?)</li>", html)]
    assert wins[-2:] == [
        "B over C: 5 kept",
        "C over A: 4 passed over: it contradicts stronger ones",
    ]


def test_a_tie_says_what_broke_it(clock: Clock) -> None:
    html = page(decided("plurality", {"1": 2, "2": 2}, clock))
    assert "B and C stood equal; B went ahead, by the lot." in html
    assert tables(html)[0][1] == ["B won", "2", "50"]


def test_another_rule_would_have_named_another(clock: Clock) -> None:
    others = next(t for t in tables(page(decided("irv", RANKED, clock))) if t[0][0] == "Rule")
    assert others[1:] == [
        ["One choice", "A another"],
        ["Ranking, points for places", "C the same"],
        ["Ranking, smallest defeat", "C the same"],
        ["Ranking, strongest wins first", "C the same"],
        ["Ranking, strongest paths", "C the same"],
    ]


def test_too_few_decide_nothing(clock: Clock) -> None:
    html = page(decided("plurality", {"1": 2}, clock, quorum=3))
    assert "Too few answered for it to count: 2 ballots, and 3 were needed." in html
    assert ("Decided together" in html, "We grow them" in words(html)) == (False, True)
    assert tables(html)[0][1] == ["B", "2", "100"]
    assert '<section class="pledge">' not in html


def test_nobody_answered(clock: Clock) -> None:
    html = page(decided("irv", {}, clock))
    assert "Nobody answered." in html
    assert tables(html)[0][1:] == [[name, "–"] for name in "ABCD"]


def test_what_is_set_aside_is_told_with_its_reason(clock: Clock) -> None:
    question, [one, two] = a_question("plurality", 2)
    for person in (one, two):
        commands.vote(by=person, question_id=question, text="0")
    Ballot.objects.filter(voter__customer=two).update(aside="same-person")
    clock.forward(days=7)
    assert closing.close_due() == 1
    said = words(page(question))
    assert "1 ballot was set aside and not counted: 1 × its voter voted again under" in said


def test_how_it_stands_is_shown_where_that_was_declared_and_counted_now_and_then(
    clock: Clock,
) -> None:
    hidden, [anna] = a_question("plurality")
    commands.vote(by=anna, question_id=hidden, text="1")
    assert tables(page(hidden)) == []
    assert "The result is shown at the close, to everyone at once." in page(hidden)
    shown, [anna] = a_question("approval", interim=True)
    commands.vote(by=anna, question_id=shown, text="1")
    assert tables(page(shown))[0][1] == ["B", "1", "100"]
    commands.vote(by=anna, question_id=shown, text="2")
    assert tables(page(shown))[0][1] == ["B", "1", "100"]
    clock.forward(seconds=5)
    assert tables(page(shown))[0][1] == ["C", "1", "100"]


def test_what_was_declared_stands_there_in_words(clock: Clock) -> None:
    question, _ = a_question("stv", quorum=3, answers=2, binding=False, max_skipped=1)
    found = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", page(question))
    facts = {words(what): words(how) for what, how in found}
    assert {k: v for k, v in facts.items() if k not in {"Opens", "Closes", "What follows"}} == {
        "Counted by": "Ranking, several winners in proportion",
        "Winners": "2",
        "Equal ranks": "Not allowed",
        "Several at one rank": "The ballot ends there",
        "Decimal places": "5",
        "Ranks left out": "Up to 1 in a row; the ballot ends after more",
        "Who may answer": "All customers who agreed to be asked",
        "Ballots for each voter": "2",
        "How many must answer": "It counts from 3 ballots on",
        "How it stands": "Hidden until the close",
        "The result": "It advises the company",
        "Ties": "In this order: A, B, C, D",
    }


def test_a_question_that_opens_later_says_when(clock: Clock) -> None:
    question, _ = a_question("plurality", opens_at=clock.now.replace(hour=18))
    said = words(page(question))
    assert "Opens Mar 2, 2026" in said
    assert "Answer" not in said.split("Opens")[0]
    assert Client().get(reverse("web:questions")).status_code == 200


def test_taking_it_back_needs_a_reason_and_the_right(clock: Clock) -> None:
    question, _ = a_question("plurality")
    address = reverse("web:withdraw", args=[question])
    an_employee("Noa")
    assert enter("Noa").post(address, {"reason": "A typo", "once": question}).status_code == 403
    tomasz = enter("Tomasz")
    assert "Take this question back" in text(tomasz.get(reverse("web:question", args=[question])))
    assert "Take this question back" not in page(question)
    missing = tomasz.post(address, {"reason": " ", "reason_he": "", "once": question})
    assert (missing.status_code, "Say why: everyone who was asked" in text(missing)) == (422, True)
    done = tomasz.post(address, {"reason": "A typo", "reason_he": "טעות", "once": question})
    assert done.status_code == 302
    said = words(page(question))
    assert "Taken back: A typo" in said
    assert "The result is shown at the close" not in said


def test_whoever_comes_to_an_open_question_is_shown_its_door() -> None:
    question, _ = a_question("plurality", audience="link")
    seen = page(question)
    assert reverse("web:vote", args=[question]) in seen
    assert reverse("web:answer", args=[question]) not in seen
