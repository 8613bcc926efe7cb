"""The real conversation of the demo: complete, attributed, and read as Polis read it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from kfar.doors.cli import vtaiwan
from kfar.rooms.decisions.consulting.opinion import Opinion, refresh
from kfar.rooms.decisions.consulting.votes import gather
from tests.rooms.decisions.consulting.planted import likeness


@pytest.fixture(scope="module")
def opinion() -> Opinion:
    shown = [said.number for said in vtaiwan.statements() if said.moderated >= 0]
    return refresh(gather(((v.person, v.statement, v.vote) for v in vtaiwan.votes()), shown))


def test_it_is_complete_and_says_whose_it_is() -> None:
    assert len(vtaiwan.votes()) == 49_997
    assert len({vote.person for vote in vtaiwan.votes()}) == 1_921
    assert Counter(said.moderated for said in vtaiwan.statements()) == {1: 99, -1: 78, 0: 20}
    assert sum(len((vtaiwan.FOLDER / name).read_bytes()) for name in FILES) < 500_000
    notice = " ".join((vtaiwan.FOLDER / "NOTICE").read_text().split())
    assert vtaiwan.ATTRIBUTION in notice


FILES = ("votes.csv.gz", "statements.csv", "groups.csv", "NOTICE")


def test_every_statement_has_the_published_votes() -> None:
    """Polis counts in this file each vote that was cast, also one changed later."""
    cast = Counter((vote.statement, vote.vote) for vote in vtaiwan.votes())
    published = {s.number: (s.agrees, s.disagrees) for s in vtaiwan.statements()}
    assert {n: (cast[n, 1], cast[n, -1]) for n in published} == published


def test_the_tally_has_everybodys_last_vote(opinion: Opinion) -> None:
    last = {(v.person, v.statement): v.vote for v in vtaiwan.votes()}
    assert len(last) == 49_443
    shown = Counter((s, vote) for (_, s), vote in last.items())
    for n, statement in enumerate(opinion.statements):
        assert [shown[int(statement), vote] for vote in (-1, 0, 1)] == opinion.everybody[
            :, n
        ].tolist()
    published = {s.number: [s.disagrees, s.agrees] for s in vtaiwan.statements()}
    alike = [
        published[int(s)] == opinion.everybody[[0, 2], n].tolist()
        for n, s in enumerate(opinion.statements)
    ]
    assert (sum(alike), len(alike)) == (24, 119)


def test_the_groups_are_near_to_those_that_polis_published(opinion: Opinion) -> None:
    assert opinion.sizes.tolist() == [817, 401]
    ours = {
        int(p): g for p, g in zip(opinion.people, opinion.groups.tolist(), strict=True) if g >= 0
    }
    published = vtaiwan.groups()
    assert (len(ours), len(published), len(ours.keys() & published.keys())) == (1_218, 1_219, 1_218)
    both = [(ours[p], published[p]) for p in ours]
    assert Counter(both) == {(0, 1): 816, (1, 0): 329, (1, 1): 72, (0, 0): 1}
    assert likeness(*zip(*both, strict=True)) == pytest.approx(0.769, abs=0.001)


def test_what_is_common_and_what_the_groups_stand_for(opinion: Opinion) -> None:
    """As red-dwarf 0.4.0, an independent reading of Polis, finds the common ground."""
    assert [c.statement for c in opinion.agreed] == [40, 16, 7, 68, 65]
    assert [c.statement for c in opinion.rejected] == [30, 156]
    assert [[(r.statement, r.agree) for r in stands] for stands in opinion.representative] == [
        [(38, True), (84, True), (18, False), (19, False), (44, False)],
        [(44, True), (18, True), (19, True), (20, True), (5, True)],
    ]
    assert np.isin([18, 44], [d.statement for d in opinion.divisive]).all()
