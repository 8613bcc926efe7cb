"""What a ballot paper's fields say: the text of a ballot."""

from __future__ import annotations

import re

from django.http import QueryDict

from kfar.ground.ballots import Ballot, Form, Paper, ballot_text

NUMBER = re.compile(r"-?[0-9]{1,6}")


def said(paper: Paper, post: QueryDict) -> str:
    """Return the ballot that fields say: `choices`, or `option_0`, `option_1` … with numbers.

    "" where it is none on this paper. Ranks that nobody has are closed up where none may be.
    """
    if paper.form is Form.CHOICES:
        chosen = post.getlist("choices")
        right = all(NUMBER.fullmatch(value) for value in chosen)
        ballot: Ballot = tuple(sorted(map(int, chosen))) if right else ()
    else:
        written = {n: post.get(f"option_{n}", "").strip() for n in range(paper.options)}
        values = {n: int(value) for n, value in written.items() if NUMBER.fullmatch(value)}
        if len(values) < len([value for value in written.values() if value]):
            return ""
        ballot = _ranking(paper, values) if paper.form is Form.RANKING else _numbers(paper, values)
    return ballot_text(paper.form, ballot) if paper.fits(ballot) else ""


def _ranking(paper: Paper, ranks: dict[int, int]) -> Ballot:
    if any(not 1 <= rank <= paper.options for rank in ranks.values()):
        return ()
    last = max(ranks.values(), default=0)
    slots = [tuple(o for o, r in sorted(ranks.items()) if r == n) for n in range(1, last + 1)]
    return tuple(slot for slot in slots if slot or paper.skips)


def _numbers(paper: Paper, values: dict[int, int]) -> Ballot:
    points = paper.form is Form.POINTS
    return tuple((option, n) for option, n in sorted(values.items()) if n or not points)
