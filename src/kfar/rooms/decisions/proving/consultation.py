"""The manifest of a consultation, what its log says beside ballots, and the count of its votes.

The manifest is the first line of the log, as canonical JSON: what it is about, what it begins
with, who takes part, what the company does with what comes out. The other lines are those of a
question (`lines.py`), for all that one person voted is a ballot, replaced by their next; and

    statement <number> <commitment>   others are asked about it: somebody's, or one taken out before
    out <number>                      it was taken out: as if nobody had said it

A ballot says 1 (agree), 0 (pass) or -1 (disagree) by statement: `1:1 2:-1 7:0`, ascending.

What follows from the votes alone is counted again: how many agree, disagree and pass, statement
by statement. Groups and common ground are numerical mathematics (`consulting/`), done in
floating point: they can be computed from what is published, and are not computed here.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from io import StringIO
from typing import Any

from kfar.ground.ballots import Form, ballot_text, commitment, read_ballot, slots_of
from kfar.rooms.decisions.proving.lines import Logged, canonical
from kfar.rooms.decisions.proving.manifest import Tier

#: How manifests of consultations are written; one of another version is not read.
CONSULTATION_VERSION, CONSULTATION = 1, "consultation"
#: The columns of the published statements.
STATEMENTS = ["statement", "seed", "nonce", "language", "text"]
#: What a spreadsheet would take for a formula gets a mark before it, and so does the mark.
MARK = "'"
MARKED = ("=", "+", "-", "@", "\t", "\r", "\n", MARK)

#: One person's votes: statement and vote, by ascending statement.
Voices = tuple[tuple[int, int], ...]


class Circle(StrEnum):
    """Who may take part."""

    CUSTOMERS = "customers"  # who signs in, or comes by the link in a letter
    LINK = "link"  # whoever has the address


class Moderation(StrEnum):
    """When statements are looked at."""

    BEFORE = "before"  # others see one once somebody has let it in
    AFTER = "after"  # others see one at once, until somebody takes it out


@dataclass(frozen=True)
class Words:
    """A statement as it was made: the text, and the language it is in, "" where nobody knows."""

    text: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Consultation:
    """All that is declared of a consultation. Texts by language; times in UTC, ISO 8601.

    `log`, `key` and `witnesses` are those of a question's manifest. `seeds` are its statements
    from 1 on.
    """

    log: str
    key: str
    company: str
    consultation: str
    topic: Mapping[str, str]
    about: Mapping[str, str]
    seeds: tuple[Words, ...]
    audience: Circle
    moderation: Moderation
    opens: str
    closes: str
    pledge: Mapping[str, str]
    due: str
    credit: str
    witnesses: tuple[str, ...] = ()

    def line(self) -> str:
        """Return it as it stands in the log."""
        return canonical({"kfar": CONSULTATION_VERSION, "kind": CONSULTATION} | asdict(self))

    @property
    def subject(self) -> str:
        """What its commitments are about."""
        return self.consultation

    @property
    def text(self) -> Mapping[str, str]:
        """What it is about, in a line."""
        return self.topic

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """How people in it may be known: by a letter to them at least, or by a browser."""
        return (Tier.EMAIL,) if self.audience is Circle.CUSTOMERS else (Tier.EMAIL, Tier.LINK)


def read_consultation(line: str) -> Consultation:
    """Return the manifest that a line tells; `ValueError`: it tells none that we understand."""
    try:
        said: dict[str, Any] = json.loads(line)
        if (said.pop("kfar"), said.pop("kind")) != (CONSULTATION_VERSION, CONSULTATION):
            raise ValueError("a manifest of another kind or version")
        said |= {
            "seeds": tuple(Words(**seed) for seed in said["seeds"]),
            "audience": Circle(said["audience"]),
            "moderation": Moderation(said["moderation"]),
            "witnesses": tuple(said["witnesses"]),
        }
        return Consultation(**said)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a manifest of a consultation") from error


def votes_text(votes: Mapping[int, int]) -> str:
    """Return a person's votes as their commitment binds them."""
    return ballot_text(Form.POINTS, tuple(sorted(votes.items())))


def read_votes(text: str) -> Voices | None:
    """Return the votes that a text says; None: it says none."""
    try:
        votes = [(part[0], part[1]) for part in slots_of(read_ballot(Form.POINTS, text))]
    except ValueError:
        return None
    numbers = [number for number, _ in votes]
    good = votes and sorted({*numbers}) == numbers and numbers[0] >= 0
    return tuple(votes) if good and all(-1 <= vote <= 1 for _, vote in votes) else None


def statement_line(number: int, bound: str) -> str:
    """Return the line from which on others are asked about a statement."""
    return f"statement {number} {bound}"


def out_line(number: int) -> str:
    """Return the line that takes a statement out."""
    return f"out {number}"


def bound_statement(subject: str, number: str, nonce: str, words: Words) -> str:
    """Return what binds a statement, whose author may be erased, without telling it."""
    return commitment(subject, number, nonce, canonical(asdict(words)))


def read_statements(declared: Consultation, lines: Sequence[str], logged: Logged) -> dict[str, str]:
    """Return the statements in play at the end of a log: their commitments by number.

    That of one the company began with is empty: the manifest has its words. What `read_log`
    did not know of these lines is struck from what is wrong.
    """
    found = {str(number): "" for number in range(1, len(declared.seeds) + 1)}
    wrong: list[tuple[int, str]] = []
    for at, code in logged.wrong:
        word, _, rest = lines[at].partition(" ")
        number, _, bound = rest.partition(" ")
        known = code == "unknown_line"
        if known and word == "statement" and bound and _new(number, found):
            found[number] = bound
        elif known and word == "out" and number in found and not bound:
            del found[number]
        else:
            wrong.append((at, code))
    if logged.withdrawn:  # which no consultation can be
        wrong.append((lines.index(f"withdrawn {logged.withdrawn}"), "unknown_line"))
        logged.withdrawn = ""
    logged.wrong = sorted(wrong)
    return found


def _new(number: str, found: Mapping[str, str]) -> bool:
    return number.isdecimal() and str(int(number)) == number and number not in found


def published_words(text: str) -> str:
    """Return words as they stand in the published statements: no formula for a spreadsheet."""
    return f"{MARK}{text}" if text.startswith(MARKED) else text


def words_of(published: str) -> str:
    """Return the words that stand there."""
    return published.removeprefix(MARK)


def wrong_statements(
    declared: Consultation, found: Mapping[str, str], published: str
) -> list[tuple[str, str]]:
    """Hold the published statements (CSV) against those in play; return what is wrong, with which.

    The words of one whose author was erased are gone, and with them what would open it.
    """
    try:
        rows = list(csv.reader(StringIO(published, newline="")))
    except csv.Error:
        rows = []
    if rows[:1] != [STATEMENTS] or any(len(row) != len(STATEMENTS) for row in rows):
        return [("unreadable", "statements.csv")]
    wrong: list[tuple[str, str]] = []
    for number, _seed, nonce, language, text in rows[1:]:
        words, bound = Words(words_of(text), language), found.get(number)
        if bound is None:
            wrong.append(("statement_added", number))
        elif not bound:
            if words != declared.seeds[int(number) - 1]:
                wrong.append(("statement_changed", number))
        elif (nonce or text) and bound != bound_statement(declared.subject, number, nonce, words):
            wrong.append(("statement_changed", number))
    missing = found.keys() - {row[0] for row in rows[1:]}
    return wrong + [("statement_dropped", number) for number in sorted(missing, key=int)]


def votes_told(people: int, counted: Mapping[int, Sequence[int]]) -> dict[str, Any]:
    """Return the result as it is published; by statement who disagree, pass and agree."""
    return {
        "people": people,
        "votes": sum(map(sum, counted.values())),
        "statements": {str(number): list(counted[number]) for number in sorted(counted)},
    }


def count_votes(cast: Iterable[tuple[Voices, int]], statements: Iterable[str]) -> dict[str, Any]:
    """Count votes, each with how many people cast just these, on the statements in play."""
    counted = {int(number): [0, 0, 0] for number in statements}
    people = 0
    for votes, times in cast:
        there = [(number, vote) for number, vote in votes if number in counted]
        people += times if there else 0
        for number, vote in there:
            counted[number][vote + 1] += times
    return votes_told(people, counted)
