"""Reports in JSON, exactly; rules that contradict themselves; one file of all of it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground import ballots
from kfar.ground.ballots import Ballot, Form
from kfar.rooms.decisions.counting import count as counting
from kfar.rooms.decisions.counting.compare import compared, fitting_methods
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.counting.report import exact
from kfar.rooms.decisions.counting.rules import FORMS, SINGLE, Method, Rule
from kfar.rooms.decisions.counting.sums import Counted

NAMES = ("Ada", "Ben", "Chaya")


@pytest.mark.parametrize(
    ("votes", "text"),
    [
        (0, "0"),
        (123, "123"),
        (Fraction(12345678, 100000), "123.45678"),
        (Fraction(5, 2), "2.5"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(7, 3), "7/3"),
        (Fraction(-1, 6), "-1/6"),
        (Fraction(10**30 + 1, 10**5), "10000000000000000000000000.00001"),
    ],
)
def test_votes_are_told_exactly(votes: int | Fraction, text: str) -> None:
    assert exact(votes) == text


@given(st.fractions())
def test_what_is_told_is_what_was_counted(votes: Fraction) -> None:
    assert Fraction(exact(votes)) == votes


def test_a_report_in_json_names_options_and_keeps_every_vote() -> None:
    votes: dict[Ballot, int] = {((0,), (1,)): 4, ((1,),): 1, ((2,),): 1, ((),): 1}
    told = count(Rule(Method.STV, seats=2, lot="0>2>1"), votes, 3).as_json(NAMES)
    assert json.loads(json.dumps(told)) == {
        "method": "stv",
        "ballots": 7,
        "blank": 1,
        "winners": ["Ada", "Ben"],
        "rounds": [
            {
                "tally": {"Ada": "4", "Ben": "1", "Chaya": "1"},
                "elected": ["Ada"],
                "eliminated": [],
                "exhausted": "0",
                "threshold": "3",
            },
            {
                "tally": {"Ada": "3", "Ben": "2", "Chaya": "1"},
                "elected": [],
                "eliminated": ["Chaya"],
                "exhausted": "0",
                "threshold": "3",
                "surplus_of": "Ada",
            },
            {
                "tally": {"Ada": "3", "Ben": "2"},
                "elected": ["Ben"],
                "eliminated": [],
                "exhausted": "1",
                "threshold": "3",
            },
        ],
    }


def test_a_report_in_json_shows_how_pairs_were_locked() -> None:
    votes: dict[Ballot, int] = {((0,), (1,), (2,)): 2, ((1,), (0,)): 2}
    told = count(Rule(Method.RANKED_PAIRS, lot="1>0>2"), votes, 3).as_json(NAMES)
    assert told["condorcet_winner"] is None
    assert told["pairwise"] == {
        "Ada": {"Ben": "2", "Chaya": "4"},
        "Ben": {"Ada": "2", "Chaya": "4"},
        "Chaya": {"Ada": "0", "Ben": "0"},
    }
    assert told["locked"] == [
        {"winner": "Ben", "loser": "Chaya", "strength": "4", "kept": True},
        {"winner": "Ada", "loser": "Chaya", "strength": "4", "kept": True},
        {"winner": "Ben", "loser": "Ada", "strength": "0", "kept": True},
    ]
    assert told["rounds"] == [
        {
            "tally": {"Ada": "1", "Ben": "2", "Chaya": "0"},
            "elected": ["Ben"],
            "eliminated": [],
            "exhausted": "0",
            "ties": [{"tied": ["Ada", "Ben"], "ahead": ["Ben"], "by": "lot"}],
        }
    ]


@pytest.mark.parametrize("method", Method)
def test_no_ballots_have_no_winners(method: Method) -> None:
    rule = a_rule(method)
    none: list[dict[Ballot, int]] = [{}, {(): 3}]
    for cast in none:
        report = count(rule, cast, 3)
        assert (report.winners, report.rounds) == ((), ())
        assert (report.ballots, report.blank) == (sum(cast.values()),) * 2


def a_rule(method: Method) -> Rule:
    if method in (Method.EQUAL_SHARES, Method.GREEDY):
        return Rule(method, budget=10, costs=(5, 5, 5))
    return Rule(method)


# --- rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": Method.IRV, "seats": 2},
        {"method": Method.STV, "seats": 0},
        {"method": Method.STV, "digits": -1},
        {"method": Method.IRV, "max_skipped": -1},
        {"method": Method.IRV, "form": Form.CHOICES},
        {"method": Method.GREEDY},
        {"method": Method.EQUAL_SHARES, "budget": 5, "costs": (1, 0)},
    ],
    ids=["irv", "no-seat", "digits", "skipped", "form", "no-budget", "free"],
)
def test_a_rule_that_contradicts_itself_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Rule(**wrong)


def test_every_method_has_a_form_and_a_count() -> None:
    assert set(FORMS) == set(counting.COUNTING) == set(Method)


@pytest.mark.parametrize(
    "ballots",
    [{((3,),): 1}, {((0,),): -1}, {((-1,),): 1}],
    ids=["option", "times", "below"],
)
def test_ballots_that_name_nobody_there_are_refused(ballots: dict[Ballot, int]) -> None:
    with pytest.raises(ValueError, match="not ranking over 3 options"):
        count(Rule(Method.IRV), ballots, 3)


@pytest.mark.parametrize("wrong", [((0, -1),), ((0, 1), (0, 2))], ids=["below", "twice"])
def test_scores_that_cannot_be_are_refused(wrong: Ballot) -> None:
    with pytest.raises(ValueError, match="not scores over 3 options"):
        count(Rule(Method.SCORE), {wrong: 1}, 3)


# --- other rules -------------------------------------------------------------------------------


def test_what_other_rules_would_have_elected() -> None:
    tennessee: dict[Ballot, int] = {
        ((0,), (1,), (2,), (3,)): 42,
        ((1,), (2,), (3,), (0,)): 26,
        ((2,), (3,), (1,), (0,)): 15,
        ((3,), (2,), (1,), (0,)): 17,
    }
    reports = compared(Rule(Method.IRV), Counted(Form.RANKING, tennessee, 4))
    assert {method.value: report.winners for method, report in reports.items()} == {
        "plurality": (0,),
        "borda": (1,),
        "irv": (3,),
        "minimax": (1,),
        "ranked-pairs": (1,),
        "schulze": (1,),
    }


def test_methods_that_fit_decide_the_same_question() -> None:
    assert fitting_methods(Rule(Method.PLURALITY)) == (Method.PLURALITY,)
    assert fitting_methods(Rule(Method.APPROVAL)) == (Method.APPROVAL,)
    assert fitting_methods(Rule(Method.STV, seats=2)) == (
        Method.PLURALITY,
        Method.BORDA,
        Method.STV,
    )
    assert set(fitting_methods(Rule(Method.SCORE))) == {
        Method.SCORE,
        Method.BORDA,
        *(SINGLE - {Method.IRV}),
    }
    assert fitting_methods(a_rule(Method.GREEDY)) == (Method.EQUAL_SHARES, Method.GREEDY)


# --- one file ----------------------------------------------------------------------------------

FOLDER = Path(counting.__file__).parent
HERE = "kfar.rooms.decisions.counting."


def in_one_file() -> str:
    """Return all modules but the one of arrays as one, each after those it imports from."""
    trees = {
        HERE + path.stem: ast.parse(path.read_text())
        for path in FOLDER.glob("*.py")
        if path.stem not in ("__init__", "arrays")
    }
    trees[ballots.__name__] = ast.parse(Path(ballots.__file__).read_text())
    placed: list[str] = []
    while len(placed) < len(trees):
        free = [
            name for name, tree in trees.items() if name not in placed and ours(tree) <= set(placed)
        ]
        assert free, "imports go in a circle"
        placed += sorted(free)
    parts = [
        "\n".join(ast.unparse(node) for node in trees[name].body if not is_ours(node))
        for name in placed
    ]
    future = "from __future__ import annotations"
    return "\n".join([future, *(part.replace(future, "") for part in parts)])


def is_ours(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kfar.")


def ours(tree: ast.Module) -> set[str]:
    return {
        node.module or ""
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and is_ours(node)
    }


def test_all_modules_make_one_file_that_needs_the_standard_library_alone(tmp_path: Path) -> None:
    text = in_one_file()
    names = [
        name
        for node in ast.parse(text).body
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else [t.id for t in node.targets if isinstance(t, ast.Name)]
            if isinstance(node, ast.Assign)
            else []
        )
    ]
    assert sorted(names) == sorted(set(names))
    file = tmp_path / "counting.py"
    file.write_text(
        text + "\nprint(count(Rule(Method.IRV), {((1,), (0,)): 2, ((0,),): 1}, 2).winners)\n"
    )
    # -I -S: nothing of what is installed, nothing of this folder.
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(file)], capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == ("(1,)\n", "")
