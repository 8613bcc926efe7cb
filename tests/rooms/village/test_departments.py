"""Departments: who is in which, what each sees and what for, and tables of both."""

from __future__ import annotations

import pytest

from kfar.ground.errors import Refused
from kfar.rooms.village import commands as village
from kfar.rooms.village import defaults, queries
from kfar.rooms.village.departments import commands, rules
from kfar.rooms.village.departments import queries as departments
from kfar.rooms.village.departments.commands import Taken
from kfar.rooms.village.models import Employee
from kfar.rooms.village.rules import PARTS, seen, within
from tests.people import an_employee, email, refuses

pytestmark = pytest.mark.django_db


def a_department(code: str = "social", parent: str | None = None) -> str:
    commands.set_department(code=code, name={"en": code.capitalize()}, parent=parent)
    return code


class TestDepartments:
    def test_they_stand_in_one_another_and_are_listed_so(self) -> None:
        a_department("marketing")
        a_department("product")
        a_department("brand", "marketing")
        a_department("social", "brand")
        listed = [(one.code, one.parent) for one in departments.departments()]
        assert listed == [
            ("marketing", None),
            ("brand", "marketing"),
            ("social", "brand"),
            ("product", None),
        ]
        with refuses("village.departments_in_a_ring", department="marketing"):
            commands.set_department(code="marketing", name={"en": "M"}, parent="social")
        with refuses("village.no_such_department", department="attic"):
            a_department("new", "attic")
        for code in ("", "Social", "so cial", "ż", "x" * 51):
            with refuses("village.bad_department", department=code):
                a_department(code)
        with refuses("village.no_name"):
            commands.set_department(code="new", name={"en": " ", "fr": "Neuf"})

    def test_people_belong_to_one_or_more(self) -> None:
        noa = an_employee()
        for code in ("social", "support"):
            a_department(code)
        commands.belong(email=email("Noa").upper(), departments=["support", "social"])
        person = queries.staff(noa)
        assert person is not None
        assert person.departments == ("social", "support")
        commands.belong(email=email("Noa"), departments=["support"])
        assert [[m.name for m in one.people] for one in departments.departments()] == [[], ["Noa"]]
        assert departments.of_people() == {noa: ("support",)}
        with refuses("village.no_such_department", department="attic"):
            commands.belong(email=email("Noa"), departments=["attic"])
        with refuses("village.no_such_employee", email="x@y.example"):
            commands.belong(email="x@y.example", departments=[])
        with refuses("village.department_in_use", department="support"):
            commands.drop(code="support")
        commands.drop(code="social")
        village.part(email=email("Noa"))
        commands.drop(code="support")
        assert departments.departments() == []


class TestSees:
    def test_a_department_of_which_nobody_said_anything_takes_nothing_away(self) -> None:
        noa = an_employee()
        before = queries.staff(noa)
        a_department()
        commands.belong(email=email("Noa"), departments=["social"])
        after = queries.staff(noa)
        assert before is not None
        assert after is not None
        assert (after.acts, after.sees) == (before.acts, frozenset(PARTS))

    def test_it_sees_what_has_a_purpose_and_nothing_else(self) -> None:
        noa = an_employee()
        a_department()
        commands.belong(email=email("Noa"), departments=["social"])
        commands.show(code="social", sees={"voices": {"en": "To answer in public"}})
        person = queries.require(noa, "voice.read")
        assert person.sees == {"voices"}
        for act in ("touchpoints.read", "insight.read", "service.remedy", "promises.promise"):
            with refuses("village.may_not", act=act):
                queries.require(noa, act)
        assert queries.who_may("service.remedy", "refund", 0) == []

    def test_who_is_in_two_sees_what_either_sees(self) -> None:
        noa = an_employee()
        commands.show(code=a_department(), sees={"voices": {"en": "To answer"}})
        commands.show(code=a_department("care"), sees={"journey": {"en": "To help"}})
        commands.belong(email=email("Noa"), departments=["social", "care"])
        person = queries.staff(noa)
        assert person is not None
        assert person.sees == {"voices", "journey"}
        commands.show(code="care", sees=None)
        person = queries.staff(noa)
        assert person is not None
        assert person.sees == frozenset(PARTS)

    def test_who_leads_says_it_with_a_purpose_for_each(self) -> None:
        noa, dana = an_employee(), an_employee("Dana", "lead")
        a_department()
        with refuses("village.may_not", act="village.lead"):
            commands.show(by=noa, code="social", sees={})
        with refuses("village.no_purpose", part="journey"):
            commands.show(by=dana, code="social", sees={"journey": {"en": "  "}})
        with refuses("village.no_such_part", part="salary", parts=", ".join(PARTS)):
            commands.show(by=dana, code="social", sees={"salary": {"en": "x"}})
        with refuses("village.no_such_department", department="attic"):
            commands.show(by=dana, code="attic", sees={})
        commands.show(by=dana, code="social", sees={"journey": {"en": "To help", "pl": "Pomoc"}})
        found = departments.department("social")
        assert found is not None
        assert found.sees == {"journey": {"en": "To help", "pl": "Pomoc"}}

    def test_in_no_department_roles_alone_decide(self) -> None:
        assert seen([]) == frozenset(PARTS)
        assert seen([None, ["voices"]]) == frozenset(PARTS)
        assert seen([["voices", "attic"]]) == {"voices"}
        assert within(["voice.read", "touchpoints.read", "decisions.ask"], {"voices"}) == {
            *("voice.read", "decisions.ask")
        }


PEOPLE = """email,name,role,departments
Noa@village.example,Noa Levi,service,support;social
dana@village.example, Dana ,lead,
"""


def take(text: str, *, dry: bool = False) -> Taken:
    lines, wrong = rules.read_people(text)
    assert wrong == []
    return commands.take_people(lines=lines, dry=dry)


class TestTables:
    def test_people_come_once_however_often_they_are_read(self) -> None:
        defaults.begin()
        for code in ("support", "social"):
            a_department(code)
        assert take(PEOPLE, dry=True) == Taken(new=2)
        assert Employee.objects.count() == 0
        assert take(PEOPLE) == Taken(new=2)
        assert take(PEOPLE) == Taken(same=2)
        assert take(PEOPLE.replace("Noa Levi", "Noa Katz")) == Taken(changed=1, same=1)
        found = {one.email: (one.name, one.role, one.departments) for one in queries.everyone()}
        assert found == {
            "noa@village.example": ("Noa Katz", "service", ("social", "support")),
            "dana@village.example": ("Dana", "lead", ()),
        }

    def test_a_spreadsheet_s_own_ways_are_read(self) -> None:
        text = (
            "\ufeffEmail;Name;Role;Departments\r\nnoa@village.example;Noa;service;\r\n\r\n;;;\r\n"
        )
        assert rules.read_people(text) == (
            [rules.Line(2, "noa@village.example", "Noa", "service", ())],
            [],
        )

    def test_each_wrong_line_is_named_and_none_is_taken(self) -> None:
        defaults.begin()
        text = (
            "email,name,role,departments\nnoa,Noa,service,\na@b.example,,service,\n"
            "c@d.example,C,service,So cial\nx@y.example,X,service,\nX@Y.example,X,service,\n"
        )
        _lines, wrong = rules.read_people(text)
        assert [(one.line, one.why.code, one.why.params) for one in wrong] == [
            (2, "village.not_an_address", {"email": "noa"}),
            (3, "village.no_name", {}),
            (4, "village.bad_department", {"department": "So cial"}),
            (6, "village.twice_in_table", {"what": "x@y.example", "line": 5}),
        ]
        text = "email,name,role,departments\nnoa@v.example,Noa,service,attic\na@b.example,A,king,\n"
        done = take(text)
        assert [(one.line, one.why.code) for one in done.wrong] == [
            (2, "village.no_such_department"),
            (3, "village.no_such_role"),
        ]
        assert Employee.objects.count() == 0

    def test_departments_come_in_any_order_and_not_in_a_ring(self) -> None:
        rows, wrong = rules.read_departments(
            "code,en,pl,parent\nsocial,Social,,brand\nbrand,,Marka,\n"
        )
        assert wrong == []
        assert commands.take_departments(rows=rows, dry=True) == Taken(new=2)
        assert departments.departments() == []
        assert commands.take_departments(rows=rows) == Taken(new=2)
        assert commands.take_departments(rows=rows) == Taken(same=2)
        assert [(one.code, one.parent) for one in departments.departments()] == [
            ("brand", None),
            ("social", "brand"),
        ]
        rows, _wrong = rules.read_departments("code,en,parent\nbrand,Brand,social\nnew,New,attic\n")
        done = commands.take_departments(rows=rows)
        assert [(one.line, one.why.code) for one in done.wrong] == [
            (2, "village.departments_in_a_ring"),
            (3, "village.no_such_department"),
        ]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "village.columns_missing"),
            ("name,role\n", "village.columns_missing"),
            ('email,name,role\n"a', "village.bad_table"),
            ("x" * (rules.LARGEST + 1), "village.table_too_large"),
            ("email,name,role\n" + "a,b,c\n" * (rules.MOST + 1), "village.table_too_large"),
        ],
    )
    def test_what_is_no_such_table_is_refused(self, text: str, code: str) -> None:
        with pytest.raises(Refused, match=f"^{code}$"):
            rules.read_people(text)
