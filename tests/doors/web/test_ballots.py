"""Ballots on pages: a paper of its own form, errors that lose nothing, and the receipt."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from kfar.ground.ballots import commitment
from kfar.rooms.decisions import closing, commands, queries
from kfar.rooms.decisions.counting.rules import Method
from kfar.rooms.decisions.models import Ballot, Voter
from kfar.rooms.decisions.proving.receipt import read_receipt
from tests.clock import Clock
from tests.doors.web.asked import a_question, paper, words
from tests.doors.web.doors import enter, text
from tests.people import NONCE, an_employee

pytestmark = pytest.mark.django_db

#: By method: what the voter's fields say, the ballot it is, and what the receipt says.
CAST: dict[Method, tuple[dict[str, Any], str, list[str]]] = {
    Method.PLURALITY: ({"choices": ["2"]}, "2", ["C"]),
    Method.APPROVAL: ({"choices": ["2", "0"]}, "0 2", ["A", "C"]),
    Method.SCORE: ({"option_0": "5", "option_3": "0"}, "0:5 3:0", ["5 of 5 A", "0 of 5 D"]),
    Method.STAR: ({"option_1": "3"}, "1:3", ["3 of 5 B"]),
    Method.BORDA: ({"option_1": "1", "option_2": "1", "option_0": "2"}, "1=2>0", []),
    Method.IRV: ({"option_2": "1", "option_0": "2"}, "2>0", ["1. C", "2. A"]),
    Method.STV: ({"option_2": "1", "option_0": "3"}, "2>0", ["1. C", "2. A"]),
    Method.MINIMAX: ({"option_3": "1"}, "3", ["1. D"]),
    Method.RANKED_PAIRS: ({"option_3": "1", "option_0": "2"}, "3>0", ["1. D", "2. A"]),
    Method.SCHULZE: ({"option_3": "2", "option_0": "2"}, "0=3", ["1. A", "1. D"]),
    Method.EQUAL_SHARES: ({"choices": ["0", "1"]}, "0 1", ["A", "B"]),
    Method.GREEDY: ({"choices": ["3"]}, "3", ["D"]),
    Method.QUADRATIC: ({"option_0": "9", "option_1": "-4", "option_2": "0"}, "0:9 1:-4", []),
}
SAID = {Method.BORDA: ["1. B", "1. C", "2. A"], Method.QUADRATIC: ["+9 A", "-4 B"]}

#: What is no ballot: the method, what else was declared, the fields, and what the page says.
WRONG: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "nothing": ("irv", {}, {}, "say something about one option"),
    "too-many": ("approval", {"most": 2}, {"choices": ["0", "1", "2"]}, "choose at most 2."),
    "one-rank-twice": (
        "irv",
        {},
        {"option_0": "1", "option_1": "1"},
        "A and B have the same rank. Give each a rank of its own.",
    ),
    "overspent": (
        "quadratic",
        {},
        {"option_0": "8", "option_1": "-7"},
        "it costs 113 credits, and you have 100.",
    ),
    "no-number": ("score", {}, {"option_0": "good"}, "write whole numbers."),
    "no-such-score": ("star", {}, {"option_0": "6"}, "please choose from the options"),
    "no-such-rank": ("borda", {}, {"option_0": "5"}, "please choose from the options"),
    "below-zero": ("score", {}, {"option_0": "-1"}, "please choose from the options"),
}


@pytest.mark.parametrize("method", list(Method))
def test_every_form_of_ballot_is_cast_and_shown_again(method: Method) -> None:
    fields, cast, said = CAST[method]
    question, [anna] = a_question(method)
    client, address = Client(), paper(question, anna)
    done = client.post(address, fields | {"nonce": NONCE}, follow=True)
    assert queries.answer_of(question, anna) == cast
    shown = re.findall(r"(?s)<li>(.*?)</li>", text(done).split('class="said"')[1].split("</ul>")[0])
    assert [words(line) for line in shown] == (SAID.get(method) or said)
    again = client.get(address + "?again=")
    changed = {name: value for name, value in _filled(text(again)).items() if name != "nonce"}
    client.post(address, changed)
    assert queries.answer_of(question, anna) == cast
    assert Ballot.objects.count() == 1


def _filled(html: str) -> dict[str, Any]:
    """What a browser would send of a paper as it stands."""
    found: dict[str, Any] = {"number": "1"}
    for field in re.findall(r"<input type=\"(?:radio|checkbox)\"[^>]* checked>", html):
        name, value = re.search(r'name="(\w+)" value="(\d+)"', field).groups()  # type: ignore[union-attr]
        found.setdefault(name, []).append(value)
    for name, inner in re.findall(r"(?s)<select id=\"\w+\" name=\"(\w+)\".*?>(.*?)</select>", html):
        if chosen := re.search(r"<option selected>(\d+)", inner):
            found[name] = chosen[1]
    numbers = re.findall(r'<input id="\w+" name="(\w+)" type="number".*? value="(.+?)"', html)
    return found | dict(numbers)


@pytest.mark.parametrize("wrong", list(WRONG))
def test_what_is_no_ballot_comes_back_to_its_field_as_it_was_written(wrong: str) -> None:
    method, given, fields, said = WRONG[wrong]
    question, [anna] = a_question(method, **given)
    response = Client().post(paper(question, anna), fields)
    html = text(response)
    assert (response.status_code, queries.answer_of(question, anna)) == (422, None)
    [alert] = re.findall(r'(?s)id="choices-error" role="alert">(.*?)</p>', html)
    assert alert.startswith("Your answer was not counted: ")
    assert said in alert
    assert 'aria-describedby="choices-error"' in html
    offered = {"good", "6", "5", "-1"} & {str(value) for value in fields.values()}
    if not offered:  # what no field can hold cannot come back
        kept = {name: value for name, value in _filled(html).items() if name != "number"}
        assert kept == fields


def test_the_receipt_is_a_file_that_binds_the_ballot(clock: Clock) -> None:
    question, [anna, borys] = a_question("irv", 2)
    address = paper(question, anna)
    assert Client().get(address + "receipt/").status_code == 404
    Client().post(address, {"option_2": "1", "nonce": NONCE})
    file = Client().get(address + "receipt/")
    said = json.loads(file.content)
    manifest = queries.question(question).manifest  # type: ignore[union-attr]
    name = said["tracker"]
    assert said == {
        "kfar": 1,
        "question": str(question),
        "log": manifest.log,
        "tracker": name,
        "nonce": NONCE,
        "ballot": "2",
        "commitment": commitment(str(question), name, NONCE, "2"),
        "line": "",
        "index": 0,
        "head": "",
        "proof": [],
    }
    assert closing.seal_due() == 0  # one ballot alone waits for others, or a minute
    clock.forward(seconds=61)
    assert closing.seal_due() == 1
    proven = read_receipt(Client().get(address + "receipt/").content.decode())
    head = proven.proves(manifest.key)
    assert head is not None
    assert (head.size, proven.line) == (2, f"ballot {name} email {said['commitment']}")
    assert file["Content-Disposition"] == f'attachment; filename="kfar-{name}.json"'
    assert file["Cache-Control"] == "private, no-store"
    thanks = text(Client().get(address))
    assert " ".join(name[at : at + 4] for at in (0, 4, 8, 12)) in thanks
    assert "Whoever sees this receipt knows how you voted." in thanks
    assert [code in thanks for code in (NONCE, said["commitment"])] == [True, True]
    assert Client().get(paper(question, borys) + "receipt/").status_code == 404


def test_where_the_browser_makes_no_nonce_we_do() -> None:
    question, [anna] = a_question("plurality")
    page = text(Client().get(paper(question, anna)))
    assert '<input type="hidden" name="nonce" data-nonce>' in page
    assert "This browser cannot make it without JavaScript, so we make it for you." in page
    Client().post(paper(question, anna), {"choices": "0", "nonce": ""})
    assert len(Ballot.objects.get().nonce) == 22


def test_who_is_signed_in_is_known_better_than_who_has_the_link() -> None:
    question, [anna, borys] = a_question("plurality", 2)
    tiers = []
    for client in (Client(), enter("Voter1"), enter("Voter0")):
        client.post(paper(question, anna), {"choices": "0"})
        tiers.append(Voter.objects.get(customer=anna).tier)
    assert tiers == ["email", "email", "account"]
    assert Voter.objects.get(customer=borys).tier == "email"


def test_who_has_several_ballots_casts_each() -> None:
    question, [anna] = a_question("plurality", answers=3)
    client, address = Client(), paper(question, anna)
    page = text(client.get(address))
    assert re.findall(r"\?number=(\d)\"", page) == ["1", "2", "3"]
    for number in (1, 3):
        done = client.post(address, {"choices": str(number), "number": str(number)})
        assert done["Location"] == address + ("" if number == 1 else f"?number={number}")
    assert [queries.answer_of(question, anna, n) for n in (1, 2, 3)] == ["1", None, "3"]
    assert json.loads(client.get(address + "receipt/?number=3").content)["ballot"] == "3"
    assert client.post(address, {"choices": "0", "number": "4"}).status_code == 302
    assert queries.answer_of(question, anna, 1) == "0"


def test_out_of_time_each_page_says_so(clock: Clock) -> None:
    question, [anna] = a_question("plurality", opens_at=clock.now.replace(hour=18))
    address = paper(question, anna)
    early = Client().post(address, {"choices": "0"})
    assert (early.status_code, "This question opens later" in text(early)) == (409, True)
    assert "Opens <strong>" in text(Client().get(address))
    clock.forward(hours=6)
    assert Client().post(address, {"choices": "1"}).status_code == 302
    clock.forward(days=7)
    closing.close_due()
    late = Client().post(address, {"choices": "0"})
    assert (late.status_code, "This question has closed" in text(late)) == (409, True)
    assert "Your answer:</h2><ul" in re.sub(r">\s+<", "><", text(Client().get(address)))
    taken, [borys] = a_question("irv")
    commands.withdraw(by=_tomasz(), question_id=taken, reason={"en": "A typo"})
    gone = Client().post(paper(taken, borys), {"option_0": "1"})
    assert (gone.status_code, "was taken back, so your answer" in text(gone)) == (409, True)
    assert "Taken back:</strong>" in text(gone)


def _tomasz() -> UUID:
    return an_employee("Tomasz", "brand")


@pytest.mark.parametrize("others", [1, 20])
def test_the_paper_asks_nothing_of_other_peoples_ballots(
    others: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    question, [anna, *rest] = a_question("irv", others + 1)
    for person in rest:
        commands.vote(by=person, question_id=question, text="0")
    client, address = Client(), paper(question, anna)
    client.get(address)
    with django_assert_num_queries(QUERIES) as asked:
        assert client.get(address).status_code == 200
    assert not [q["sql"] for q in asked.captured_queries if "COUNT(" in q["sql"]]


#: What the paper of a ballot asks the database.
QUERIES = 7
