"""Which two people may be one: planted pairs are found, and nobody else."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest

from kfar.rooms.customers import commands, queries
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.customers.match import Match, Record, match
from kfar.rooms.customers.rules import Claim
from tests.people import an_employee
from tests.rooms.customers.test_rules import NOON

FIRST = ["Anna", "Borys", "Celina", "Dov", "Ewa", "Noa", "Tomasz", "Jan", "Maria", "Piotr"]
LAST = ["Kowalski", "Cohen", "Levi", "Nowak", "Smith", "Brown", "Zieliński", "Mizrahi"]


def village(size: int = 300) -> list[Record]:
    """People of whom many have a name in common, and nothing else."""
    rolled = Random(7)
    found = []
    for n in range(size):
        first, last = rolled.choice(FIRST), rolled.choice(LAST)
        names = (("email", f"{first}.{last}{n}@x.example".lower()), ("phone", f"+48221{n:06}"))
        about = {"age": f"{rolled.randrange(20, 80)}", "town": rolled.choice("ABCDEFGH")}
        found.append(Record(f"{n:03}", f"{first} {last}", names, about))
    return found


def pairs(found: list[Match]) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(pair.one, pair.other, pair.evidence) for pair in found}


def test_planted_doubles_are_found_and_nobody_else() -> None:
    people = village()
    assert match(people) == []
    zero, one, two, three = people[:4]
    local = zero.names[0][1].partition("@")[0]
    people += [
        # The same name and the same address elsewhere; name turned round, without accents.
        Record("d0", " ".join(reversed(zero.name.upper().split())), (("email", f"{local}@y.org"),)),
        # The same phone, told by a page, and the same town and age.
        Record("d1", one.name, (("told-phone", one.names[1][1]),), one.about),
        # One letter wrong, at the same mailbox.
        Record("d2", two.name[:-1] + "x", (("told-email", two.names[0][1]),), two.about),
        # A namesake of the same town is nobody's double.
        Record("e3", three.name, (("phone", "+48229999999"),), {"town": three.about["town"]}),
    ]
    found = match(people)
    assert pairs(found) == {
        ("000", "d0", ("name", "email")),
        ("001", "d1", ("name", "phone", "about")),
        ("002", "d2", ("name", "email", "about")),
    }
    assert found == sorted(found, key=lambda pair: -pair.score)
    assert all(0.9 <= pair.score <= 1 for pair in found)
    assert match(people) == found


def test_who_is_called_by_a_number_is_not_their_neighbour() -> None:
    people = [
        Record(
            f"{n}", f"Household {n}", (("email", f"household-{n}@demo.example"),), {"age": "35-44"}
        )
        for n in range(300)
    ]
    assert match(people) == []


@pytest.mark.parametrize("people", [[], village(1), [Record("1"), Record("2")]], ids=len)
def test_nobody_to_compare_is_no_pair(people: list[Record]) -> None:
    assert match(people) == []


@pytest.mark.django_db
def test_what_is_found_is_proposed_once() -> None:
    new = [
        Newcomer(key=record.id, name=record.name, email=record.names[0][1])
        for record in village(60)
    ]
    local = new[0].email.partition("@")[0]
    known = commands.meet_many(source="shop", newcomers=new)
    double = Newcomer(key="d", name=new[0].name, email=f"{local}@y.example")
    twice = commands.meet_many(source="club", newcomers=[double])["d"]
    commands.resolve(claims=[Claim(source="web", at=NOON, anonymous_id="a")])
    assert [commands.match(), commands.match()] == [1, 0]
    [asked] = queries.proposals()
    assert {asked.one.id, asked.other.id} == {known["000"], twice}
    assert (asked.ground, asked.evidence, asked.merged) == ("match", ("email", "name"), False)
    assert asked.score is not None
    assert 0.9 <= asked.score <= 1
    commands.dismiss(by=an_employee("Ewa", "lead"), proposal_id=asked.id)
    assert (commands.match(), queries.proposals()) == (0, [])
    assert queries.person_of([twice]) == {twice: twice}
    assert isinstance(twice, UUID)
