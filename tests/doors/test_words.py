"""Every code that is refused has its sentence, and the sentence its params."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import kfar
from kfar.doors import labels, words
from kfar.doors.gate.refusals import Refusal
from kfar.doors.sentences import SENTENCES
from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.hearing import NAMELESS, UNREADABLE

ROOTS = ("doors", "ground", "lake", "rooms")


def refusals() -> Iterator[tuple[str, set[str]]]:
    """Yield the code and the params of every `Refused(…)` in the source."""
    source = Path(kfar.__file__).parent
    for file in (file for root in ROOTS for file in sorted((source / root).rglob("*.py"))):
        said = file.read_text()
        for node in ast.walk(ast.parse(said)) if "Refused(" in said else ():
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                assert isinstance(node.args[0], ast.Constant)
                yield str(node.args[0].value), {str(keyword.arg) for keyword in node.keywords}


@pytest.mark.parametrize(("code", "params"), list(refusals()))
def test_every_code_has_a_sentence_whose_params_are_given(code: str, params: set[str]) -> None:
    named = set(re.findall(r"%\((\w+)\)s", str(SENTENCES[code])))
    assert named <= params
    assert words.sentence(Refused(code, **dict.fromkeys(params, "7")))


def test_sentences_are_filled_in() -> None:
    said = words.sentence(Refused("touchpoints.too_long", column="place", most=254))
    assert said == "“place” is longer than 254 letters. Shorten it."


def test_every_reason_of_the_gate_is_said() -> None:
    after_the_gate = {UNREADABLE, NAMELESS}
    assert set(labels.REASONS) == {str(reason) for reason in Refusal} | after_the_gate


@pytest.mark.parametrize(
    ("people", "said"),
    [(1.06, "1.1"), (0.05, "0.1"), (0.04, "fewer than 0.1"), (0, "fewer than 0.1")],
)
def test_a_burst_is_never_beside_a_nought(people: float, said: str) -> None:
    assert words.expected(people) == said
