"""Conditions on answers, as SurveyJS writes them: `{score} <= 6 and {why} empty`.

Of its language: `=`, `<>`, `>`, `<`, `>=`, `<=`, `contains`, `anyof`, `empty`, `notempty`, `and`,
`or` and parentheses, on texts, numbers, `true`, `false` and lists of them. They hold when they
hold there (survey-core 3.1, 2026): texts are equal in small letters and large, `'5'` is 5, and
what has not been answered is neither more nor less than anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from operator import ge, gt, le, lt
from typing import TypeAlias

Single: TypeAlias = str | int | float | bool
Value: TypeAlias = Single | Sequence[Single]

#: Characters of a condition, and parentheses in parentheses.
LONGEST, DEEPEST = 1_000, 20

_TOKEN = re.compile(
    r"""\s*(?:
      \{ (?P<name> [^{}]+ ) \}
    | (?P<text> '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" )
    | (?P<number> -?\d+(?:\.\d+)?(?![\w.]) )
    | (?P<sign> <= | >= | <> | != | == | = | < | > | && | \|\| | [()\[\],] )
    | (?P<word> [^\W\d]\w* )
    )""",
    re.VERBOSE,
)
#: How else operators are written.
_SAME = {
    "==": "=",
    "equal": "=",
    "!=": "<>",
    "notequal": "<>",
    "greater": ">",
    "less": "<",
    "greaterorequal": ">=",
    "lessorequal": "<=",
    "contain": "contains",
    "&&": "and",
    "||": "or",
}
_ALONE = {"empty", "notempty"}
_ORDER: dict[str, Callable[[float | str, float | str], bool]] = {
    ">": gt,
    "<": lt,
    ">=": ge,
    "<=": le,
}


@dataclass(frozen=True)
class Asks:
    """What is said of the answer to one question."""

    name: str
    operator: str
    value: Value = ""


@dataclass(frozen=True)
class Joined:
    """Conditions that hold together (`every`), or of which one is enough."""

    every: bool
    parts: tuple[Asks | Joined, ...]


Condition: TypeAlias = Asks | Joined


def parse(text: str) -> Condition:
    """Return a condition as it is to be read; `ValueError` says from where on it is not."""
    if len(text) > LONGEST:
        raise ValueError(text[LONGEST:])
    return _Parser(text).whole()


def names(condition: Condition) -> set[str]:
    """Return which questions a condition asks about."""
    if isinstance(condition, Asks):
        return {condition.name}
    return {name for part in condition.parts for name in names(part)}


def holds(condition: Condition, answers: Mapping[str, Value]) -> bool:
    """Return whether a condition holds for these answers."""
    if isinstance(condition, Joined):
        found = (holds(part, answers) for part in condition.parts)
        return all(found) if condition.every else any(found)
    return _says(condition.operator, answers.get(condition.name, ""), condition.value)


def empty(value: Value) -> bool:
    """Return whether that is no answer: no text, no list; 0 and no are answers."""
    return value == "" or (not isinstance(value, str | int | float) and not value)


def _says(operator: str, said: Value, wanted: Value) -> bool:
    return _SAYS[operator](said, wanted) if operator in _SAYS else _ordered(operator, said, wanted)


def _contains(said: Value, wanted: Value) -> bool:
    if isinstance(said, str | int | float) and isinstance(wanted, str | int | float):
        return not empty(said) and _small(wanted) in _small(said)
    return all(any(_equal(own, one) for own in _each(said)) for one in _each(wanted))


def _any_of(said: Value, wanted: Value) -> bool:
    return any(_equal(own, one) for own in _each(said) for one in _each(wanted))


def _equal(one: Value, other: Value) -> bool:
    if empty(one) or empty(other):
        return empty(one) and empty(other)
    if isinstance(one, str | int | float) and isinstance(other, str | int | float):
        numbers = _number(one), _number(other)
        same = None not in numbers and numbers[0] == numbers[1]
        return same or _small(one) == _small(other)
    if isinstance(one, str | int | float) or isinstance(other, str | int | float):
        return False
    return len(one) == len(other) and all(any(_equal(a, b) for b in other) for a in one)


def _ordered(operator: str, said: Value, wanted: Value) -> bool:
    if not isinstance(said, str | int | float) or not isinstance(wanted, str | int | float):
        return False
    if empty(said) or empty(wanted):
        return False
    one, other = _number(said), _number(wanted)
    if one is None or other is None:
        return _ORDER[operator](_small(said), _small(wanted))
    return _ORDER[operator](one, other)


def _each(value: Value) -> Sequence[Single]:
    if isinstance(value, str | int | float):
        return [] if empty(value) else [value]
    return value


def _number(value: Single) -> float | None:
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value.strip()) else None
    try:
        return float(value)
    except OverflowError:  # a whole number that no float holds; as text it would be infinite
        return inf if value > 0 else -inf


def _small(value: Single) -> str:
    return str(value).casefold()


#: What each operator says of an answer; the others are of an order.
_SAYS: dict[str, Callable[[Value, Value], bool]] = {
    "=": _equal,
    "<>": lambda said, wanted: not _equal(said, wanted),
    "contains": _contains,
    "anyof": _any_of,
    "empty": lambda said, _wanted: empty(said),
    "notempty": lambda said, _wanted: not empty(said),
}


class _Parser:
    """Reads from the first sign to the last: `or` of `and` of tests."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0

    def whole(self) -> Condition:
        found = self._joined()
        if self.text[self.at :].strip():
            raise self._wrong()
        return found

    def _wrong(self) -> ValueError:
        return ValueError(self.text[self.at :].strip())

    def _next(self) -> tuple[str, str]:
        """Return the kind of the next token and what it is; ("", "") at the end."""
        found = _TOKEN.match(self.text, self.at)
        if found is None or found.lastgroup is None:
            return "", ""
        said = found[found.lastgroup]
        if found.lastgroup in {"word", "sign"}:
            said = _SAME.get(said.lower(), said.lower())
        return found.lastgroup, said

    def _take(self, *wanted: str) -> str:
        """Take the next token where it is one of these words or signs; "" where it is not."""
        kind, said = self._next()
        if kind not in {"word", "sign"} or said not in wanted:
            return ""
        self._step()
        return said

    def _step(self) -> None:
        found = _TOKEN.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _joined(self) -> Condition:
        return self._list("or", lambda: self._list("and", self._one))

    def _list(self, word: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word == "and", tuple(parts))

    def _one(self) -> Condition:
        if self._next() == ("sign", "("):
            if self.depth == DEEPEST:
                raise self._wrong()
            self.depth += 1
            self._step()
            found = self._joined()
            if not self._take(")"):
                raise self._wrong()
            self.depth -= 1
            return found
        kind, name = self._next()
        if kind != "name":
            raise self._wrong()
        self._step()
        operator = self._take(*_ALONE, *_ORDER, "=", "<>", "contains", "anyof")
        if not operator:
            raise self._wrong()
        return Asks(name.strip(), operator, "" if operator in _ALONE else self._value())

    def _value(self) -> Value:
        if not self._take("["):
            return self._single()
        found: list[Single] = []
        while not self._take("]"):
            if found and not self._take(","):
                raise self._wrong()
            found.append(self._single())
        return tuple(found)

    def _single(self) -> Single:
        kind, said = self._next()
        if kind == "text":
            value: Single = re.sub(r"\\(.)", r"\1", said[1:-1])
        elif kind == "number":
            value = float(said) if "." in said else int(said)
        elif (kind, said) in {("word", "true"), ("word", "false")}:
            value = said == "true"
        else:
            raise self._wrong()
        self._step()
        return value
