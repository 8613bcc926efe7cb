"""Real elections come out as they were published."""

from __future__ import annotations

import csv
from fractions import Fraction

import pytest

from kfar.rooms.decisions.counting.rules import Method, Overvote, Rule, Surplus
from tests.rooms.decisions.elections.samples import SAMPLES, counted, first, named, votes

#: BrightSpots/rcv, test_data/2013_minneapolis_mayor: the votes of the four who stayed longest,
#: and who went when.
MINNEAPOLIS_2013 = {
    "BETSY HODGES": """28951 28972 28973 28977 28983 28988 28992 29004 29012 29016 29020 29025 29032
        29060 29092 29106 29112 29161 29174 29248 29305 29313 29371 29406 29479 29581 29595 30034
        30278 30661 30952 32567 38852""",
    "MARK ANDREW": """19621 19637 19641 19642 19649 19650 19656 19661 19663 19666 19671 19681 19698
        19711 19727 19769 19776 19786 19816 19824 19849 19857 19880 19915 19959 19994 20016 20123
        20180 20307 20498 21802 24942""",
    "DON SAMUELS": """8344 8348 8349 8351 8359 8364 8367 8372 8375 8376 8379 8386 8391 8399 8408
        8417 8422 8433 8449 8455 8472 8477 8488 8495 8523 8549 8572 8615 8691 8836 9089 10292""",
    "CAM WINTON": """7523 7530 7532 7534 7534 7537 7538 7546 7552 7554 7557 7560 7561 7566 7581
        7583 7603 7624 7627 7632 7637 7694 7705 7708 7713 7720 7812 7830 7925 8019 8438 8958""",
}
WENT_2013 = [
    ["UWI"],
    ["JOHN CHARLES WILSON"],
    ["CYD GORMAN"],
    ['BOB "AGAIN" CARNEY JR'],
    ["RAHN V. WORKCUFF"],
    ['JAMES "JIMMY" L. STROUD, JR.'],
    ["EDMUND BERNARD BRUYERE"],
    ["JOHN LESLIE HARTWIG"],
    ["BILL KAHN"],
    ["JOSHUA REA"],
    ["MERRILL ANDERSON"],
    ["GREGG A. IVERSON"],
    ["TROY BENJEGERDES"],
    ["NEAL BAXTER"],
    ["JEFFREY ALAN WAGNER"],
    ["CHRISTOPHER ROBIN ZIMMERMAN"],
    ["KURTIS W. HANNA"],
    ["MIKE GOULD"],
    ["JAYMIE KELLY"],
    ["TONY LANE"],
    ["CHRISTOPHER CLARK"],
    ["CAPTAIN JACK SPARROW"],
    ['ABDUL M RAHAMAN "THE ROCK"'],
    ["ALICIA K. BENNETT"],
    ["JAMES EVERETT"],
    ["OLE SAVIOR"],
    ["DOUG MANN"],
    ["MARK V ANDERSON"],
    ["STEPHANIE WOODRUFF"],
    ["DAN COHEN"],
    ["BOB FINE", "JACKIE CHERRYHOMES"],
    ["CAM WINTON", "DON SAMUELS"],
    [],
]
#: BrightSpots/rcv, test_data/2017_minneapolis_mayor: the whole expected summary.
MINNEAPOLIS_2017 = {
    "Jacob Frey": "26104 26112 26738 29468 39356 46704",
    "Raymond Dehn": "18100 18103 18573 24027 27357 34970",
    "Betsy Hodges": "18905 18911 19457 23501 26865",
    "Tom Hoch": "20122 20128 20909 22751",
    "Nekima Levy-Pounds": "15715 15717 16188",
    "Charlie Gers": "1233 1238",
    "Aswar Rahman": "751 751",
    "Al Flowers": "711 713",
    "L.A. Nik": "612 616",
    "David Rosenfeld": "476 479",
    "Captain Jack Sparrow": "438 443",
    "Gregg A. Iverson": "335 337",
    "Ronald Lischeid": "321 321",
    "David John Wilson": "220 224",
    "Troy Benjegerdes": "184 185",
    "Ian Simpson": "119 119",
    "Christopher Zimmerman": "1 1",
    "Theron Preston Washington": "0 0",
    "UWI": "137",
}


def test_minneapolis_2013_as_rctab_expects_it() -> None:
    election, report = counted(
        "minneapolis-2013-mayor.csv", Method.IRV, max_skipped=1, batch_elimination=True
    )
    assert report.ballots == 80101
    for name, expected in MINNEAPOLIS_2013.items():
        assert votes(election, report, name) == expected.split(), name
    assert [named(election, each.eliminated) for each in report.rounds] == WENT_2013
    assert report.rounds[-1].threshold == 31898
    assert named(election, report.winners) == ["BETSY HODGES"]


def test_minneapolis_2017_as_rctab_expects_it() -> None:
    election, report = counted(
        "minneapolis-2017-mayor.csv",
        Method.IRV,
        overvote=Overvote.SKIP,
        max_skipped=1,
        batch_elimination=True,
    )
    found = {name: " ".join(votes(election, report, name)) for name in election.options}
    assert found == MINNEAPOLIS_2017
    assert report.rounds[-1].threshold == 40838
    assert named(election, report.winners) == ["Jacob Frey"]


def test_minneapolis_2013_as_the_city_published_it() -> None:
    """First and last rounds, of 33; en.wikipedia.org/wiki/2013_Minneapolis_mayoral_election."""
    election, report = counted(
        "minneapolis-2013-mayor.csv", Method.IRV, overvote=Overvote.SKIP, batch_elimination=True
    )
    found = {name: votes(election, report, name) for name in MINNEAPOLIS_2013}
    assert {name: (counts[0], counts[-1], len(counts)) for name, counts in found.items()} == {
        "BETSY HODGES": ("28962", "38870", 33),
        "MARK ANDREW": ("19648", "24972", 33),
        "DON SAMUELS": ("8350", "10301", 32),
        "CAM WINTON": ("7533", "8969", 32),
    }


def test_minneapolis_2017_as_the_city_published_it() -> None:
    """104,522 ballots, 52,262 to win at once; the numbers of Minnesota Public Radio that night."""
    election, report = counted(
        "minneapolis-2017-mayor.csv", Method.IRV, overvote=Overvote.SKIP, batch_elimination=True
    )
    assert report.ballots - report.blank == 104522
    assert report.rounds[0].threshold == 52262
    tally = first(election, report)
    assert [tally[name] for name in list(MINNEAPOLIS_2017)[:5]] == [
        "26116",
        "18101",
        "18915",
        "20125",
        "15716",
    ]
    assert first(election, report, -1) == {"Jacob Frey": "46716", "Raymond Dehn": "34971"}


def test_burlington_2009_as_the_city_published_it() -> None:
    """Three rounds: electowiki.org/wiki/2009_Burlington_mayoral_election quotes the city.

    One ballot ranks Wright equal to Simpson, and is Wright's once Simpson is out.
    """
    election, report = counted(
        "burlington-2009-mayor.abif",
        Method.IRV,
        batch_elimination=True,
        overvote=Overvote.EXHAUST_IF_SEVERAL_STAND,
    )
    assert [report.ballots, report.blank] == [8980, 4]
    assert votes(election, report, "Bob Kiss (Progressive)") == ["2585", "2981", "4313"]
    assert votes(election, report, "Kurt Wright (Republican)") == ["2951", "3294", "4061"]
    assert votes(election, report, "Andy Montroll (Democrat)") == ["2063", "2554"]
    assert votes(election, report, "Dan Smith (Independent)") == ["1306"]
    assert votes(election, report, "James Simpson (Green)") == ["35"]
    assert votes(election, report, "Write-in") == ["36"]
    assert [each.exhausted + report.blank for each in report.rounds] == [4, 151, 606]


def test_burlington_2009_would_have_had_another_winner_by_pairs() -> None:
    """Montroll beats every other: the example in many papers on IRV."""
    for method in (Method.SCHULZE, Method.RANKED_PAIRS, Method.MINIMAX):
        election, report = counted("burlington-2009-mayor.abif", method)
        assert named(election, report.winners) == ["Andy Montroll (Democrat)"]


def test_albany_2022_as_the_county_published_it() -> None:
    """Up to the first to be elected; after that the county lowers the threshold, as we do not.

    alamedacountyca.gov/rovresults/rcv/248, as VoteKit's `test_albany_stv.py` quotes it.
    """
    election, report = counted("albany-2022-council.csv", Method.STV, seats=2)
    assert report.rounds[0].threshold == 2387
    assert votes(election, report, "JOHN ANTHONY MIKI")[:3] == ["2152", "2219", "2876"]
    assert votes(election, report, "JENNIFER HANSEN ROMERO")[:3] == ["1814", "1881", "2076"]
    assert votes(election, report, "ROBIN D LOPEZ")[:3] == ["1642", "1742", "2111"]
    assert votes(election, report, "NICK PILCH") == ["1237", "1284"]
    assert votes(election, report, "JEREMIAH GARRETT PINGUELO") == ["314"]
    assert named(election, report.winners) == ["JOHN ANTHONY MIKI", "ROBIN D LOPEZ"]


def test_dublin_north_2002_first_count_and_who_was_returned() -> None:
    """The poll of 17 May 2002: quota 8,789; later counts draw ballots, so they are not ours."""
    election, report = counted("dublin-north-2002.soi", Method.STV, seats=4)
    assert first(election, report) == {
        "Trevor Sargent G.P.": "7294",
        "Sean Ryan Lab": "6359",
        "Jim Glennon F.F.": "5892",
        "G.V. Wright F.F.": "5658",
        "Clare Daly S.P.": "5501",
        "Michael Kennedy F.F.": "5253",
        "Nora Owen F.G.": "4012",
        "Mick Davis S.F.": "1350",
        "Cathal Boland F.G.": "1177",
        "Ciaran Goulding Non-P": "914",
        "Eamonn Quinn Non-P": "285",
        "David Henry Walshe C.C. Csp": "247",
    }
    assert report.rounds[0].threshold == 8789
    assert sorted(named(election, report.winners)) == [
        "G.V. Wright F.F.",
        "Jim Glennon F.F.",
        "Sean Ryan Lab",
        "Trevor Sargent G.P.",
    ]


def test_eilean_siar_2012_returned_these_three() -> None:
    """Votes move as the Order of 2007 says, five places, from a ward's published ballots."""
    election, report = counted("eilean-siar-2012-ward3.csv", Method.STV, seats=3)
    assert (election.title, election.seats) == ("Na Hearadh Agus Ceann A Deas Nan Loch", 3)
    assert report.rounds[0].threshold == 201
    assert first(election, report) == {
        "Catherine Macdonald": "498",
        "Philip Robert Mclean": "202",
        "D J Macrae": "69",
        "David Cameron Wilson": "33",
    }
    # 297/498 = 0.59638…: 159 of her ballots name Macrae next, 121 Wilson.
    assert first(election, report, 1)["D J Macrae"] == "163.82442"
    assert first(election, report, 1)["David Cameron Wilson"] == "105.16198"
    assert sorted(named(election, report.winners)) == [
        "Catherine Macdonald",
        "D J Macrae",
        "Philip Robert Mclean",
    ]


def test_berkeley_2010_district_7() -> None:
    election, report = counted("berkeley-2010-district7.toi", Method.IRV)
    assert election.title == "2010 Berkeley City Council - District 7"
    assert report.ballots == 4173
    assert named(election, report.winners) == ["Kriss Worthington"]


def test_the_board_of_estimate_of_minneapolis_2017() -> None:
    """The city's summary: 69,694 valid votes, threshold 23,232, two seats.

    en.wikipedia.org/wiki/2017_Minneapolis_municipal_election, after Minneapolis Elections & Voter
    Services. FairVote's rcv_cruncher 0.0.16, which does not put write-ins out first, moves the
    surplus of 24,931 with full fractions: Wheeler has 35171.394 then, Edwards 1573.164.
    """
    election, report = counted(
        "minneapolis-2017-estimate.csv",
        Method.STV,
        seats=2,
        overvote=Overvote.SKIP,
        digits=9,
        surplus=Surplus.TOGETHER,
        first_out=(),
    )
    assert report.ballots == 105928
    assert first(election, report) == {
        "Carol Becker": "48163",
        "David B. Wheeler": "19312",
        "John Edwards": "1539",
        "UWI": "680",
    }
    assert (report.ballots - report.blank, report.rounds[0].threshold) == (69694, 23232)
    moved = dict(zip(election.options, report.rounds[1].tally, strict=True))
    thousandths = {name: round(Fraction(had or 0) * 1000) for name, had in moved.items()}
    assert thousandths["Carol Becker"] == 23232000
    assert thousandths["David B. Wheeler"] == 35171394
    assert thousandths["John Edwards"] == 1573164
    assert thousandths["UWI"] == 798021
    assert named(election, report.winners) == ["Carol Becker", "David B. Wheeler"]


def test_the_park_board_of_minneapolis_2017() -> None:
    """Nobody had a quarter; Forney 23 percent of first choices, Vetaw 22, French 15: all elected.

    startribune.com/minneapolis-park-board-will-have-6-new-faces/456251133
    """
    election, report = counted(
        "minneapolis-2017-parks.csv",
        Method.STV,
        seats=3,
        overvote=Overvote.SKIP,
        digits=4,
        surplus=Surplus.TOGETHER,
    )
    cast = report.ballots - report.blank
    shares = {name: round(100 * int(had) / cast) for name, had in first(election, report).items()}
    three = ["Meg Forney", "Latrisha Vetaw", "Londel French"]
    assert [shares[name] for name in three] == [23, 22, 15]
    assert max(shares.values()) == 23
    assert report.rounds[0].elected == ()
    assert sorted(named(election, report.winners)) == sorted(three)
    # Two are elected in one round, and both surpluses move: 1,740 of 22,827 and 1,419 of 22,506.
    together = next(n for n, each in enumerate(report.rounds) if len(each.elected) == 2)
    assert named(election, report.rounds[together].elected) == ["Latrisha Vetaw", "Meg Forney"]
    assert first(election, report, together + 1) == {
        "Latrisha Vetaw": "21087",
        "Meg Forney": "21087",
        "Londel French": "18772.2622",
        "Mike Derus": "14588.1482",
    }
    for each in report.rounds:
        assert sum(had for had in each.tally if had) + each.exhausted + each.rounding == cast


@pytest.mark.parametrize(
    ("name", "funded"),
    [
        ("lodz-2020-nad-nerem.pb", 5),
        ("lodz-2020-mileszki.pb", 1),
        ("lodz-2020-nowosolna.pb", 1),
    ],
)
def test_lodz_2020_funds_what_the_city_funded(name: str, funded: int) -> None:
    """Pabulib notes in the file which projects the city selected, and each project's votes."""
    text = (SAMPLES / name).read_text(encoding="utf-8")
    projects = text.split("PROJECTS")[1].split("VOTES")[0].strip().splitlines()
    rows = list(csv.DictReader(projects, delimiter=";"))
    selected = [row["name"] for row in rows if row["selected"] == "1"]
    election, report = counted(name, Method.GREEDY)
    assert len(selected) == funded
    assert sorted(named(election, report.winners)) == sorted(selected)
    assert isinstance(report.rule, Rule)
    assert report.rule.budget == election.budget
    support = {row["name"]: int(row["votes"]) for row in rows}
    summed = dict.fromkeys(election.options, 0)
    for ballot, times in election.ballots.items():
        for option in ballot:
            assert isinstance(option, int)
            summed[election.options[option]] += times
    assert summed == support
