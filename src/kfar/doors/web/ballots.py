"""Ballot papers as forms: what a voter's fields say as a ballot, and a ballot in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from kfar.doors.words import text_in
from kfar.ground.ballots import Ballot, Form, Paper, ballot_text, read_ballot, slots_of
from kfar.ground.errors import Refused
from kfar.ground.text import Texts
from kfar.rooms.decisions.counting.rules import BUDGETS
from kfar.rooms.decisions.proving.manifest import Manifest

NUMBER = re.compile(r"-?[0-9]{1,6}")
#: From so many scores on, one writes the number.
MOST_RADIOS = 10


@dataclass(frozen=True)
class Slip:
    """An option on a ballot paper, and what the voter has written there."""

    number: int
    option: Texts
    picture: str
    cost: int | None
    value: str


def slips(manifest: Manifest, values: Mapping[int, str]) -> list[Slip]:
    """Return the lines of a ballot paper, with what is written on each."""
    costs = manifest.rule.costs if manifest.rule.method in BUDGETS else ()
    return [
        Slip(n, option, manifest.pictures[n], costs[n] if costs else None, values.get(n, ""))
        for n, option in enumerate(manifest.options)
    ]


def written(paper: Paper, post: QueryDict) -> dict[int, str]:
    """Return what a voter has written, right or wrong, by option."""
    if paper.form is Form.CHOICES:
        chosen = [value for value in post.getlist("choices") if NUMBER.fullmatch(value)]
        return {int(value): "1" for value in chosen}
    fields = ((n, post.get(f"option_{n}", "").strip()[:20]) for n in range(paper.options))
    return {n: value for n, value in fields if value}


def held(paper: Paper, text: str) -> dict[int, str]:
    """Return what stands on a ballot that was cast, as its fields hold it."""
    ballot = read_ballot(paper.form, text)
    match paper.form:
        case Form.CHOICES:
            return {option: "1" for option in ballot if isinstance(option, int)}
        case Form.RANKING:
            return {o: str(rank) for rank, slot in enumerate(slots_of(ballot), 1) for o in slot}
        case _:
            return {option: str(value) for option, value in slots_of(ballot)}


def read(manifest: Manifest, post: QueryDict) -> str:
    """Return the text of the ballot that a voter filled in.

    Ranks that were left out where none may be are closed up: the order is what was meant.
    Refuses `decisions.not_a_ballot` and the codes of `ballots`.
    """
    paper, values = manifest.paper, written(manifest.paper, post)
    numbers = {n: _whole(value) for n, value in values.items()}
    if paper.form is Form.CHOICES and len(post.getlist("choices")) != len(numbers):
        raise Refused("decisions.not_a_ballot")
    ballot: Ballot
    match paper.form:
        case Form.CHOICES:
            ballot = tuple(sorted(numbers))
        case Form.RANKING:
            ballot = _ranked(manifest, numbers)
        case Form.SCORES:
            ballot = tuple(sorted(numbers.items()))
        case Form.POINTS:
            ballot = tuple((n, value) for n, value in sorted(numbers.items()) if value)
            spent = sum(value * value for _, value in slots_of(ballot))
            if spent > paper.credits:
                raise Refused("ballots.overspent", spent=spent, credits=paper.credits)
    if not ballot:
        raise Refused("ballots.nothing_said")
    if len(ballot) > paper.most:
        raise Refused("ballots.too_many", most=paper.most)
    if not paper.fits(ballot):
        raise Refused("decisions.not_a_ballot")
    return ballot_text(paper.form, ballot)


def _whole(value: str) -> int:
    if not NUMBER.fullmatch(value):
        raise Refused("ballots.not_a_number")
    return int(value)


def _ranked(manifest: Manifest, ranks: Mapping[int, int]) -> tuple[tuple[int, ...], ...]:
    paper = manifest.paper
    if any(not 1 <= rank <= paper.options for rank in ranks.values()):
        raise Refused("decisions.not_a_ballot")
    last = max(ranks.values(), default=0)
    slots = [tuple(sorted(o for o, r in ranks.items() if r == rank)) for rank in range(1, last + 1)]
    for slot in slots:
        if len(slot) > 1 and not paper.equal:
            names = [text_in(manifest.options[option]) for option in slot]
            raise Refused("ballots.rank_twice", options=names)
    return tuple(slot for slot in slots if slot or paper.skips)


def in_words(manifest: Manifest, text: str) -> list[tuple[str, Texts]]:
    """Return what a ballot says: the rank, score or number of votes, and the option."""
    ballot, options = read_ballot(manifest.paper.form, text), manifest.options
    match manifest.paper.form:
        case Form.CHOICES:
            return [("", options[option]) for option in ballot if isinstance(option, int)]
        case Form.RANKING:
            ranked = enumerate(slots_of(ballot), 1)
            return [(f"{rank}.", options[option]) for rank, slot in ranked for option in slot]
        case Form.SCORES:
            of = manifest.paper.highest
            return [
                (_("%(n)s of %(of)s") % {"n": value, "of": of}, options[option])
                for option, value in slots_of(ballot)
            ]
        case Form.POINTS:
            return [(f"{value:+}", options[option]) for option, value in slots_of(ballot)]
