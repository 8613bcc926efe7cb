"""PrefLib, ABIF, Pabulib, Scottish wards and VoteKit's profiles, each as its makers write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kfar.ground.ballots import Form
from kfar.rooms.decisions.elections.election import Election, Unreadable
from tests.rooms.decisions.elections.samples import read


def held(tmp_path: Path, name: str, text: str, *forms: Form, **reading: Any) -> Election:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read(path, *forms, **reading)


PREFLIB = """# FILE NAME: 1.toi
# TITLE: A question
# DATA TYPE: toi
# NUMBER ALTERNATIVES: 3
# ALTERNATIVE NAME 1: Ann, the First
# ALTERNATIVE NAME 2: Bo
# ALTERNATIVE NAME 3: Cy
3: 1,{2,3}
2: 3
"""
OLD = """3
1,"Ann"
2,Bo
3,Cy
5,5,2
3,1,{2,3}
2,3
"""


def test_preflib(tmp_path: Path) -> None:
    election = held(tmp_path, "1.toi", PREFLIB)
    assert (election.title, election.options) == ("A question", ("Ann, the First", "Bo", "Cy"))
    assert election.ballots == {((0,), (1, 2)): 3, ((2,),): 2}


@pytest.mark.parametrize("name", ["1.toi", "1.txt"], ids=["by-name", "by-content"])
def test_preflib_as_it_was_before(tmp_path: Path, name: str) -> None:
    election = held(tmp_path, name, OLD)
    assert election.options == ("Ann", "Bo", "Cy")
    assert election.ballots == {((0,), (1, 2)): 3, ((2,),): 2}


def test_preflib_categories_choose_with_the_first(tmp_path: Path) -> None:
    text = PREFLIB.replace("toi", "cat").replace("3: 1,{2,3}\n2: 3", "3: {1,2},3\n2: {},{1,2,3}")
    text = text.replace("# TITLE", "# NUMBER CATEGORIES: 2\n# CATEGORY NAME 1: Yes\n# TITLE")
    election = held(tmp_path, "1.cat", text, Form.CHOICES)
    assert election.ballots == {(0, 1): 3, (): 2}
    assert held(tmp_path, "1.cat", text).ballots == {((0, 1), (2,)): 3, ((0, 1, 2),): 2}


ABIF = """# A comment
{title: "Capital"}
=Nash:[Nashville, TN]
=Chat:[Chattanooga, TN]  # why not
42: Memph/5 > Nash/2 = Chat/2
26:Nash/5>["Knox" #1]/4   # here too
3:
"""


def test_abif_has_ranks_and_scores(tmp_path: Path) -> None:
    election = held(tmp_path, "capital.abif", ABIF)
    assert election.title == "Capital"
    assert election.options == ("Nashville, TN", "Chattanooga, TN", "Memph", '"Knox" #1')
    assert election.ballots == {((2,), (0, 1)): 42, ((0,), (3,)): 26, (): 3}
    scored = held(tmp_path, "capital.txt", ABIF, Form.SCORES)
    assert scored.max_score == 5
    assert scored.ballots == {((0, 2), (1, 2), (2, 5)): 42, ((0, 5), (3, 4)): 26, (): 3}


@pytest.mark.parametrize(
    ("line", "ballot"),
    [
        ("1:A,B,C", ((0, 1, 2),)),
        ("1:A/1,B/5,C/3", ((1,), (2,), (0,))),
        ("1:[A,X]>[B,Y]", ((0,), (1,))),
        ("1:A=B>C=D>E", ((0, 1), (2, 3), (4,))),
        ('1:"A > B"=C', ((0, 1),)),
    ],
    ids=["equal", "by-score", "commas-in-names", "equals", "quoted"],
)
def test_abif_separators(tmp_path: Path, line: str, ballot: object) -> None:
    assert held(tmp_path, "one.abif", line).ballots == {ballot: 1}


@pytest.mark.parametrize(
    ("text", "title", "options", "ballots"),
    [
        ('{title: "Two, too", version: 1}\n2:A>B\n', "Two, too", ("A", "B"), {((0,), (1,)): 2}),
        ("{'title': 'Old'}\r\n 2 : A > B \r\n", "Old", ("A", "B"), {((0,), (1,)): 2}),
        ('=A:"Ann Lee"\n=B : [Bo]\n2:B>A\n', "x", ("Ann Lee", "Bo"), {((1,), (0,)): 2}),
        ("\ufeff27:DGM/5>SBJ/2\n", "x", ("DGM", "SBJ"), {((0,), (1,)): 27}),
        ("2*דנה>יוסי\n", "x", ("דנה", "יוסי"), {((0,), (1,)): 2}),
    ],
    ids=["several-said", "line-ends", "names", "mark", "hebrew"],
)
def test_abif_as_it_is_written(
    tmp_path: Path, text: str, title: str, options: tuple[str, ...], ballots: dict[Any, int]
) -> None:
    path = tmp_path / "x.abif"
    path.write_bytes(text.encode())
    election = read(path)
    assert (election.title, election.options, election.ballots) == (title, options, ballots)


def test_abif_scores_of_one_approve(tmp_path: Path) -> None:
    election = held(tmp_path, "yes.abif", "3:A/1,B/0,C/1\n2:B/1\n", Form.CHOICES)
    assert election.ballots == {(0, 2): 3, (1,): 2}


PABULIB = """META
key;value
description;Village green
budget;1000,50
vote_type;{kind}
PROJECTS
project_id;cost;name
p1;300;"Bench; with a view"
p2;700.25;Pond
p3;20;Pond
VOTES
voter_id;vote;points
1;p1,p3;4,1
2;p2;5
3;;
"""


@pytest.mark.parametrize(
    ("kind", "form", "ballots"),
    [
        ("approval", Form.CHOICES, {(0, 2): 1, (1,): 1, (): 1}),
        ("choose-1", Form.CHOICES, {(0, 2): 1, (1,): 1, (): 1}),
        ("ordinal", Form.RANKING, {((0,), (2,)): 1, ((1,),): 1, (): 1}),
        ("cumulative", Form.POINTS, {((0, 4), (2, 1)): 1, ((1, 5),): 1, (): 1}),
        ("scoring", Form.SCORES, {((0, 4), (2, 1)): 1, ((1, 5),): 1, (): 1}),
    ],
)
def test_pabulib(tmp_path: Path, kind: str, form: Form, ballots: dict[Any, int]) -> None:
    election = held(tmp_path, "green.pb", PABULIB.replace("{kind}", kind), form)
    assert (election.title, election.form) == ("Village green", form)
    assert election.options == ("Bench; with a view", "Pond (p2)", "Pond (p3)")
    assert (election.budget, election.costs) == (100050, (30000, 70025, 2000))
    assert election.notes == ("Amounts are in units of 1/100.",)
    assert election.ballots == ballots


SCOTTISH = """3,1,
126,1,

9,1,2,
1,3,2,1,
"Candidate 1","Paul","Orange (O)",
"Candidate 2","George","Yellow (Y)",
"Candidate 3","Paul","Red (R)",

"Wardy McWard Ward",
"""


def test_a_scottish_ward(tmp_path: Path) -> None:
    election = held(tmp_path, "ward.csv", SCOTTISH)
    assert (election.title, election.seats) == ("Wardy McWard Ward", 1)
    assert election.options == ("Paul, Orange (O)", "George", "Paul, Red (R)")
    assert election.ballots == {((0,),): 126, ((0,), (1,)): 9, ((2,), (1,), (0,)): 1}


BLT = """# a ward
4 2
-3
(9) 3 1 2=4 0
2 3 1 0  # named first who has withdrawn
4 2 - 4 0
1 0
0
"Ann"
"Bo # 2"
"Cy"
"Di"
"A ward"
"""


@pytest.mark.parametrize("name", ["ward.blt", "ward.txt"], ids=["by-name", "by-content"])
def test_blt(tmp_path: Path, name: str) -> None:
    election = held(tmp_path, name, BLT.removeprefix("# a ward\n"))
    assert (election.title, election.seats) == ("A ward", 2)
    assert election.options == ("Ann", "Bo # 2", "Di")
    assert election.ballots == {((0,), (1, 2)): 3, ((0,),): 2, ((1,), (), (2,)): 4, (): 1}


VOTEKIT = """VoteKit RankProfile
Candidates
(Ann (A) Lee:Ann),(Bo:Bo)
Max Ranking Length
3
Includes Voter Set
False
=,=,=,=,=,=,=,=,=,=
Ranking_1,Ranking_2,Ranking_3,&,Weight,&
"{'Ann', 'Bo'}",,,&,2.0,&
{'Bo'},{},{'Ann'},&,3,&
"""


def test_a_profile_of_votekit(tmp_path: Path) -> None:
    election = held(tmp_path, "profile.csv", VOTEKIT)
    assert election.options == ("Ann (A) Lee", "Bo")
    assert election.ballots == {((0, 1),): 2, ((1,), (), (0,)): 3}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.toi", PREFLIB.replace("2: 3", "2: 4"), "line 9: the header names no alternative 4"),
        ("a.toi", PREFLIB.replace("2: 3", "x: 3"), "line 9: “x” should be a whole number"),
        ("a.toi", PREFLIB.replace("{2,3}", "{2,3"), "line 8: “{2,3” is no order such as 1,{2,3},4"),
        ("a.abif", "27:A>B\n3 votes for A\n", "line 2: a line is `COUNT:A>B=C`"),
        ("a.abif", "27:A>>B\n", "line 1: “>B” is no candidate of a ballot"),
        (
            "a.pb",
            PABULIB.replace("{kind}", "ordinal").replace("2;p2;5", "2;p9;5"),
            "line 14: there is no project “p9”",
        ),
        ("a.abif", "1:A/4\n2:A/4.5\n", "line 2: “A/4.5” is no candidate of a ballot"),
        ("a.pb", "META\nkey;value\n", "the section PROJECTS is missing"),
        (
            "a.pb",
            PABULIB.replace("{kind}", "ordinal").replace("p3;20", "p3;0"),
            "line 10: “0”: what is decided about costs something",
        ),
        (
            "a.pb",
            PABULIB.replace("{kind}", "ordinal").replace("budget", "purse"),
            "META says no budget",
        ),
        (
            "a.csv",
            SCOTTISH.replace("9,1,2", "9,1,7"),
            "line 4: candidates are numbered from 1 to 3",
        ),
        (
            "a.csv",
            SCOTTISH.replace("3,1,\n126", "4,1,\n126"),
            "3 candidates are named, and the first line says otherwise",
        ),
        ("a.blt", BLT.replace("-3", "x"), "line 3: a ballot is `COUNT FIRST SECOND … 0`"),
        ("a.blt", BLT.replace("2 3 1", "2 5 1"), "line 5: candidates are numbered from 1 to 4"),
        ("a.blt", BLT.replace("4 2\n", "6 2\n"), "5 names stand at its end"),
        ("a.csv", VOTEKIT.replace("2.0", "2.5"), "line 10: 2.5 ballots: only whole ballots"),
        ("a.csv", VOTEKIT.replace("{'Bo'}", "{'Cy'}"), "line 11: no candidate has the key “Cy”"),
        ("a.abif", "100:\n", "its ballots name nobody"),
        ("a.dat", "a\0b", "this is no text; say with --format what it is"),
    ],
    ids=[
        *("preflib-unknown", "preflib-times", "preflib-brace", "abif-line", "abif-empty"),
        *("pabulib-unknown", "abif-half", "pabulib-section", "pabulib-free", "pabulib-poor"),
        *("scottish-number", "scottish-names"),
        *("blt-line", "blt-number", "blt-names"),
        *("votekit-half", "votekit-key", "nobody", "bytes"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    with pytest.raises(Unreadable) as error:
        held(tmp_path, name, text, Form.RANKING)
    assert str(error.value).startswith(f"{name}, {said}")


def test_ballots_of_another_form_are_not_counted_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="its ballots are ranking, and this method counts scores"):
        held(tmp_path, "1.toi", PREFLIB, Form.SCORES)


def test_who_does_not_stand_is_taken_out_of_every_ballot(tmp_path: Path) -> None:
    text = "1:A>B=C>D\n2:B>A\n4:B\n"
    election = held(tmp_path, "one.abif", text, exclude=("b",))
    assert election.options == ("A", "C", "D")
    assert election.ballots == {((0,), (1,), (2,)): 1, ((0,),): 2, (): 4}
    with pytest.raises(Unreadable, match="nobody is called “E”; there are: A, B, C, D"):
        held(tmp_path, "one.abif", text, exclude=("E",))


def test_undeclared_write_ins_are_one(tmp_path: Path) -> None:
    text = "1:A>UWI\n2:Else>A\n4:A=Else>UWI\n"
    election = held(tmp_path, "one.abif", text, write_in=("Else",))
    assert (election.options, election.write_ins) == (("A", "UWI"), (1,))
    assert election.ballots == {((0,), (1,)): 1, ((1,), (0,)): 2, ((0, 1), (1,)): 4}
    assert election.notes == (
        "UWI: names nobody declared. IRV and STV count them once; then they are out.",
    )
