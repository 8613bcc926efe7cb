"""Tables of ballots, in CSV and in spreadsheets: which columns are ranks, what cells mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.ballots import SPOILED, Form
from kfar.rooms.decisions.elections import tables
from kfar.rooms.decisions.elections.election import Election, Reading, Unreadable
from tests.rooms.decisions.elections.samples import read

CAST = "Ann,Bo,\nBo,,Cy\nAnn,Bo,\n"
#: What CAST says: options by name, so Ann is 0.
SAID = {((0,), (1,)): 2, ((1,), (), (2,)): 1}


def table(tmp_path: Path, text: str, *forms: Form, **reading: Any) -> Election:
    path = tmp_path / "ballots.csv"
    path.write_bytes(text.encode())
    return read(path, *forms, **reading)


@pytest.mark.parametrize(
    "header",
    [
        "rank1,Rank2,rank3",
        "Rank 1,Rank 2,Rank 3",
        "Ranking_1,Ranking_2,Ranking_3",
        "1st Choice,2nd Choice,3rd Choice",
        "First choice,Second choice,Third choice",
        "first,second,third",
        "1ST CHOICE MAYOR MINNEAPOLIS,2ND CHOICE MAYOR MINNEAPOLIS,3RD CHOICE MAYOR MINNEAPOLIS",
        "Mayor Choice 1 of 3 (026),Mayor Choice 2 of 3 (026),Mayor Choice 3 of 3 (026)",
        "DEM Gov 1st Choice (5715),DEM Gov 2nd Choice (5718),DEM Gov 3rd Choice (5720)",
        "Governor (D) 1st Choice,Governor (D) 2nd Choice,Governor (D) 3rd Choice",
        "Preference 1,Preference 2,Preference 3",
        "1,2,3",
        "1st,2nd,3rd",
        "r1,r2,r3",
    ],
)
def test_ranks_are_known_by_the_names_of_their_columns(tmp_path: Path, header: str) -> None:
    election = table(tmp_path, f"{header}\n{CAST}")
    assert election.options == ("Ann", "Bo", "Cy")
    assert election.ballots == SAID
    assert election.notes == (f"Ranks: {header.lower().replace('_', ' ').replace(',', ', ')}.",)


def test_other_columns_say_nothing_and_counts_count(tmp_path: Path) -> None:
    text = "Cast Vote Record,Precinct,rank1,rank2,Count\n1,P-1,Ann,Bo,3\n2,P-2,Ann,Bo,4\n"
    assert table(tmp_path, text).ballots == {((0,), (1,)): 7}


@pytest.mark.parametrize(
    "name",
    ["Count", "COUNTS", "votes", "n_voters", "# votes", "Number of ballots", "Ballot count", "wt"],
)
def test_how_often_a_ballot_was_cast_stands_in_a_column(tmp_path: Path, name: str) -> None:
    text = f'rank1,rank2,{name}\nAnn,Bo,"1,002"\nBo,,3.0\n'
    assert table(tmp_path, text).ballots == {((0,), (1,)): 1002, ((1,),): 3}


def test_an_empty_cell_may_be_a_name_written_in(tmp_path: Path) -> None:
    text = "rank1,rank2\nAnn,\n,Ann\nundervote,Bo\n"
    election = table(tmp_path, text, write_in=("",))
    assert election.options == ("Ann", "Bo", "Undeclared Write-ins")
    assert election.write_ins == (2,)
    assert election.ballots == {((0,), (2,)): 1, ((2,), (0,)): 1, ((), (1,)): 1}


def test_what_clear_ballot_could_not_tell_is_no_mark(tmp_path: Path) -> None:
    """A row of RCTab's test_data/clear_ballot_with_inline_comma: it counts where there is a 1."""
    head = ",".join(
        f'"Choice_{n}_1:City, Auditor:{rank}:Number of Winners 1:{name}:NON"'
        for n, name in ((6, "Ann"), (28, "Bo"))
        for rank in (1, 2)
    )
    assert table(tmp_path, f"BallotID,{head}\n1,-1,1,1,0\n").ballots == {((1,), (0,)): 1}


def test_ranks_stand_behind_the_columns_that_say_which_ballot_it_is(tmp_path: Path) -> None:
    head = "Cast Vote Record,Precinct,Mayor,Mayor,Mayor\n"
    election = table(tmp_path, f"{head}1,X,Ann,Bo,\n2,X,Bo,,Ann\n")
    assert election.ballots == {((0,), (1,)): 1, ((1,), (), (0,)): 1}
    assert election.notes == ("Ranks: all columns behind Precinct.",)


def test_several_contests_are_not_ranks_of_one(tmp_path: Path) -> None:
    head = "Cast Vote Record,Precinct,Contest 1,Contest 2\n"
    with pytest.raises(Unreadable, match="its columns do not tell which are ranks"):
        table(tmp_path, f"{head}1,X,Ann,Yes\n2,X,Bo,No\n")


def test_without_a_header_all_columns_are_ranks(tmp_path: Path) -> None:
    text = "Ann,Bo,Cy\nBo,Ann,Cy\nCy,Bo,Ann\n"
    election = table(tmp_path, text)
    assert sum(election.ballots.values()) == 3
    assert election.notes == ("Ranks: all columns; there is no header.",)


@pytest.mark.parametrize("ranks", ["2:4", "A:C"], ids=["numbers", "names"])
def test_ranks_can_be_told(tmp_path: Path, ranks: str) -> None:
    text = "x,A,B,C\n9,Ann,Bo,\n9,Bo,,Cy\n8,Ann,Bo,\n"
    assert table(tmp_path, text, ranks=ranks).ballots == SAID


def test_told_ranks_without_a_header_lose_no_ballot(tmp_path: Path) -> None:
    assert table(tmp_path, "Peter,Chris,X40\nChris,Moon,X31\n", ranks="1:2").ballots == {
        ((2,), (0,)): 1,
        ((0,), (1,)): 1,
    }


def test_skipped_ranks_overvotes_and_several_names(tmp_path: Path) -> None:
    text = "rank1,rank2,rank3\nundervote,Ann,skipped\nOVERVOTE,,Bo\nnobody,Ann//Bo,both\n"
    election = table(tmp_path, text, undervote=("nobody",), overvote=("both",), between="//")
    assert election.options == ("Ann", "Bo")
    assert election.ballots == {
        ((), (0,)): 1,
        (SPOILED, (), (1,)): 1,
        ((), (0, 1), SPOILED): 1,
    }


def test_bytes_may_be_as_they_are_in_life(tmp_path: Path) -> None:
    """Byte order marks, Windows' line ends and letters, quotes, blank lines, other separators."""
    plain = 'rank1,rank2\n"Łoś, Zoë",Bo\n\nBo,\n'
    windows = 'rank1;rank2\r\n"Los, Zoë";Bo\r\n\r\nBo;\r\n'
    for data in (
        plain.encode(),
        plain.encode("utf-8-sig"),
        plain.encode("utf-16"),
        windows.encode("cp1252"),
        windows.replace(";", "\t").encode(),
    ):
        path = tmp_path / "ballots.csv"
        path.write_bytes(data)
        election = read(path)
        assert election.options[1] in ("Łoś, Zoë", "Los, Zoë")
        assert election.ballots == {((1,), (0,)): 1, ((0,),): 1}


def test_columns_of_candidates_hold_ranks(tmp_path: Path) -> None:
    text = "Precinct,candidate_Ann,candidate_Bo,candidate_overvote\nP,1,2,\nP,3,,1\nP,2,2,\n"
    election = table(tmp_path, text)
    assert election.options == ("Ann", "Bo")
    assert election.ballots == {((0,), (1,)): 1, (SPOILED, (), (0,)): 1, ((), (0, 1)): 1}


def test_a_form_s_grid_holds_ranks(tmp_path: Path) -> None:
    text = "Timestamp,Whom? [Ann],Whom? [Bo]\n3/4/2022 0:06:44,2nd,1st\n3/5/2022 0:07:12,,1st\n"
    election = table(tmp_path, text)
    assert (election.options, election.ballots) == (
        ("Ann", "Bo"),
        {((1,), (0,)): 1, ((1,),): 1},
    )


def test_columns_of_candidates_hold_scores_or_ticks(tmp_path: Path) -> None:
    scores = table(tmp_path, "voter,Ann,Bo\na,5,0\nb,,3\n", Form.SCORES)
    assert (scores.form, scores.ballots) == (Form.SCORES, {((0, 5), (1, 0)): 1, ((1, 3),): 1})
    ticks = table(tmp_path, "voter,Ann,Bo\na,x,\nb,x,X\n", Form.CHOICES)
    assert (ticks.form, ticks.ballots) == (Form.CHOICES, {(0,): 1, (0, 1): 1})


def test_clear_ballot_has_a_column_for_each_candidate_at_each_rank(tmp_path: Path) -> None:
    columns = [
        f'"Choice_{n}_1:City, District 1:{rank}:Number of Winners 3:{name}:NON"'
        for n, name in enumerate(("Ann", "Bo"))
        for rank in (1, 2)
    ]
    text = f"RowNumber,BoxID,{','.join(columns)}\n1,R-1,0,1,1,0\n2,R-1,1,0,1,0\n3,R-1,0,0,0,0\n"
    election = table(tmp_path, text)
    assert election.options == ("Ann", "Bo")
    assert election.ballots == {((1,), (0,)): 1, ((0, 1),): 1, (): 1}


def sheet(path: Path, rows: list[list[str | int | None]]) -> Path:
    """Write the least there is of a spreadsheet."""
    cells = [
        "".join(
            f'<c r="{chr(65 + x)}{y}" t="inlineStr"><is><t>{cell}</t></is></c>'
            if isinstance(cell, str)
            else f'<c r="{chr(65 + x)}{y}"><v>{cell}</v></c>'
            for x, cell in enumerate(row)
            if cell is not None
        )
        for y, row in enumerate(rows, 1)
    ]
    lines = "".join(f'<row r="{y}">{row}</row>' for y, row in enumerate(cells, 1) if row)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with ZipFile(path, "w") as book:
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
            "</Types>",
        )
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="CVR" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        book.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>',
        )
    return path


def test_a_spreadsheet_of_cast_vote_records(tmp_path: Path) -> None:
    """As ES&S writes them: names or their numbers, blank cells, a blank row."""
    path = sheet(
        tmp_path / "cvr.xlsx",
        [
            ["Cast Vote Record", "Precinct", "1st Choice", "2nd Choice", "3rd Choice"],
            [1, "P-1", "Ann", 220, "undervote"],
            [2, "P-1", None, "overvote", "Ann"],
            [None, None, None, None, None],
            [3, "P-2", 220, None, "Ann"],
        ],
    )
    election = read(path)
    assert election.options == ("220", "Ann")
    assert election.ballots == {
        ((1,), (0,)): 1,
        ((), SPOILED, (1,)): 1,
        ((0,), (), (1,)): 1,
    }


def test_what_is_no_spreadsheet_is_said(tmp_path: Path) -> None:
    path = tmp_path / "cvr.xlsx"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(Unreadable, match=r"^cvr.xlsx, this is no spreadsheet that can be read"):
        read(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("a,b\nc,d\n", "line 1: its columns do not tell which are ranks; say so with --ranks"),
        (
            "rank1,rank2\nLee, Ann,Bo\n",
            "line 2: 3 cells where the header has 2; a name with a comma in it",
        ),
        ('rank1\n"Ann\nBo\n', "line 2: a quote that opens here is closed in another line"),
        ("rank1,count\nAnn,1.5\n", "line 2: “1.5” is no whole number of ballots"),
        ("rank1,rank1\nAnn,Bo\n", "line 1: two columns are called “rank1”; say which with --ranks"),
        (
            "Mayor Choice 1,Mayor Choice 2,Board Choice 1,Board Choice 2\na,b,c,d\n",
            "line 1: several contests stand in it; say which with --ranks 1:2, 3:4",
        ),
        ("rank1,rank2\n", "no ballot stands in it"),
    ],
    ids=[
        "empty",
        "no-ranks",
        "comma",
        "quote",
        "half-a-ballot",
        "doubled",
        "two-contests",
        "no-ballots",
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_do(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(Unreadable) as error:
        table(tmp_path, text)
    assert str(error.value).startswith(f"ballots.csv, {said}")


def test_ranks_are_no_scores(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="its ballots are ranking, and this method counts scores"):
        table(tmp_path, f"rank1,rank2,rank3\n{CAST}", Form.SCORES)


NAMES = st.sampled_from(["Ann", "Bo, the Second", 'Cy "C"', "דנה", ""])


@given(rows=st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=60))
def test_every_row_is_a_ballot_and_order_changes_nothing(rows: list[tuple[str, ...]]) -> None:
    header = ["rank1", "rank2", "rank3"]
    election = tables.read(iter([header, *map(list, rows)]), Reading())
    back = tables.read(iter([header, *map(list, reversed(rows))]), Reading())
    assert sum(election.ballots.values()) == len(rows)
    assert (election.options, election.ballots) == (back.options, back.ballots)
    assert set(election.options) == {name for row in rows for name in row} - {""}
