"""Who works here, and what each role may decide."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

import kfar
from kfar.rooms.village import commands, defaults, queries, rules
from kfar.rooms.village.models import Authority, Employee, Login, Role
from kfar.rooms.village.rules import ACTS
from tests.people import an_employee, refuses

pytestmark = pytest.mark.django_db

NOA = "noa@village.example"
SOURCE = Path(kfar.__file__).parent
fixed = rules.Authority.fixed


def role(code: str = "care", acts: list[str] | None = None, **limits: int) -> None:
    commands.set_role(
        code=code,
        name={"en": "Care"},
        acts=acts or ["service.remedy"],
        limits={remedy: fixed(most) for remedy, most in limits.items()},
    )


class TestRoles:
    def test_a_role_is_what_was_set_last(self) -> None:
        role(acts=["voice.read", "service.remedy"], refund=500, voucher=0)
        role(acts=["service.remedy"], refund=700, answer=0)
        assert Role.objects.get().acts == ["service.remedy"]
        limits = Authority.objects.order_by("remedy").values_list("remedy", "floor")
        assert list(limits) == [("answer", 0), ("refund", 700)]

    def test_acts_are_given_and_taken_away(self) -> None:
        role(acts=["voice.read", "service.polish"])
        commands.change_role(code="care", may=["decisions.ask", "voice.read"])
        assert Role.objects.get().acts == ["decisions.ask", "service.polish", "voice.read"]
        commands.change_role(code="care", may_not=["service.polish", "decisions.ask"])
        assert [part.acts for part in queries.roles()] == [("voice.read",)]
        with refuses("village.no_such_act", act="service.polish"):  # one of an older version
            commands.change_role(code="care", may=["service.polish"])
        with refuses("village.no_such_role", role="attic"):
            commands.change_role(code="attic", may=["voice.read"])

    def test_every_act_that_is_asked_for_is_known_and_some_role_has_it_at_first(self) -> None:
        source = "\n".join(file.read_text() for file in SOURCE.rglob("*.py"))
        asked = set(re.findall(r"village\.require\([a-z.]+, \"?([A-Z]+|[a-z.]+)\"?\)", source))
        asked |= set(re.findall(r"return ([A-Z]+) in person\.acts", source))
        constants = dict(re.findall(r'(?m)^([A-Z]+) = "([a-z]+\.[a-z]+)"$', source))
        assert {constants.get(act, act) for act in asked} == set(ACTS)
        defaults.begin()
        assert queries.unheld() == []

    def test_one_limit_is_set_alone(self) -> None:
        role(refund=500, voucher=1)
        commands.set_limit(role="care", remedy="refund", limit=fixed(0))
        limits = Authority.objects.order_by("remedy").values_list("remedy", "floor")
        assert list(limits) == [("refund", 0), ("voucher", 1)]
        with refuses("village.no_such_role", role="attic"):
            commands.set_limit(role="attic", remedy="refund", limit=fixed(1))

    def test_more_than_for_everybody_by_what_a_customer_is_worth(self) -> None:
        more = rules.Authority(floor=500, cap=2_000, share=100)
        defaults.begin()
        commands.set_limit(role="service", remedy="refund", limit=more)
        assert queries.roles()[2].authority["refund"] == more
        for wrong in (rules.Authority(2, 1), rules.Authority(1, 2, 10_001)):
            with refuses("village.no_such_limit"):
                commands.set_limit(role="service", remedy="refund", limit=wrong)
        assert queries.roles()[2].authority["refund"] == more

    def test_a_limit_for_one_theme_stands_beside_the_general_one(self) -> None:
        role(refund=500)
        noa = commands.employ(email=NOA, name="Noa", role="care")
        late, sent = uuid4(), uuid4()
        with refuses("village.no_general_limit"):
            commands.set_limit(role="care", remedy="voucher", limit=fixed(1), theme=late)
        for limit in (fixed(1), fixed(9)):
            commands.set_limit(role="care", remedy="refund", limit=limit, theme=late, also=[sent])
        commands.set_limit(role="care", remedy="refund", limit=fixed(400))
        staff, [part] = queries.staff(noa), queries.roles()
        own = (rules.Own(late, fixed(9), frozenset({sent})),)
        assert staff is not None
        assert (staff.authority, staff.own) == ({"refund": fixed(400)}, {"refund": own})
        assert (part.authority, part.own) == (staff.authority, staff.own)
        assert staff.held("refund", {late: late}) == rules.Held(9, late)
        assert staff.held("refund", {sent: late}) == rules.Held(9, late)
        assert staff.held("refund", {}) == rules.Held(400)
        assert staff.held("voucher", {late: late}) == rules.Held(0)
        about = {late: late}
        assert queries.who_may("service.remedy", "refund", 10, about=about) == []
        assert queries.who_may("service.remedy", "refund", 10) == [staff]
        role(refund=300)  # which keeps it; with the general limit it goes
        assert queries.roles()[0].own == {"refund": own}
        for _twice in range(2):
            commands.unset_limit(role="care", remedy="refund", theme=late)
        assert queries.roles()[0].own == {}
        commands.set_limit(role="care", remedy="refund", limit=fixed(1), theme=late)
        role(voucher=1)
        assert list(Authority.objects.values_list("remedy", "theme")) == [("voucher", None)]

    def test_there_is_one_for_each_and_one_for_all(self) -> None:
        role(refund=500)
        late = uuid4()
        commands.set_limit(role="care", remedy="refund", limit=fixed(1), theme=late)
        for theme in (None, late):
            with pytest.raises(IntegrityError), transaction.atomic():
                Authority.objects.create(
                    role_id="care", remedy="refund", theme=theme, floor=1, cap=1
                )

    def test_a_new_kfar_begins_with_three_and_what_the_operator_set_stays(self) -> None:
        defaults.begin()
        commands.set_limit(role="service", remedy="refund", limit=fixed(1))
        defaults.begin()
        assert sorted(Role.objects.values_list("pk", flat=True)) == ["brand", "lead", "service"]
        assert Authority.objects.get(role="service", remedy="refund").told == fixed(1)
        assert Authority.objects.count() == 8


class TestEmploy:
    def test_they_work_here_with_the_roles_acts_and_limits(self) -> None:
        role(refund=500)
        noa = commands.employ(email=" Noa@Village.example", name="Noa", role="care")
        staff = queries.staff(noa)
        assert staff == queries.Staff(
            id=noa, name="Noa", email=NOA, role="care", role_name={"en": "Care"},
            acts=frozenset({"service.remedy"}), authority={"refund": fixed(500)},
        )  # fmt: skip
        assert queries.staff_of_login(Login.objects.get().pk) == staff
        assert (queries.staff_email(NOA.upper()), queries.everyone()) == (True, [staff])
        assert queries.login_id(NOA.upper()) == Login.objects.get().pk

    def test_done_twice_it_updates(self) -> None:
        role()
        role("lead")
        noa = commands.employ(email=NOA, name="Noa", role="care")
        assert commands.employ(email=NOA.upper(), name="Noa Levi", role="lead") == noa
        assert (Employee.objects.get().name, Employee.objects.get().role_id) == ("Noa Levi", "lead")
        assert Login.objects.count() == 1

    def test_who_starts_here_is_signed_out_everywhere_and_only_then(self) -> None:
        role()
        commands.admit(email=NOA)
        before = Login.objects.get().password
        commands.employ(email=NOA, name="Noa", role="care")
        started = Login.objects.get().password
        commands.employ(email=NOA, name="Noa", role="care")
        assert started != before
        assert Login.objects.get().password == started
        assert not Login.objects.get().has_usable_password()
        commands.employ(email=NOA, name="Noa", role="care", password="a village on a hill")
        assert Login.objects.get().check_password("a village on a hill")

    def test_what_is_refused_leaves_nobody(self) -> None:
        with refuses("village.no_such_role", role="care"):
            commands.employ(email=NOA, name="Noa", role="care")
        role()
        with refuses("village.not_an_address", email="noa"):
            commands.employ(email="noa", name="Noa", role="care")
        with refuses(
            "village.weak_password",
            why="This password is too short. It must contain at least 12 characters.",
        ):
            commands.employ(email=NOA, name="Noa", role="care", password="short-one")
        assert (Login.objects.count(), Employee.objects.count()) == (0, 0)


class TestMay:
    def leave(self, employee: UUID) -> None:
        Employee.objects.filter(pk=employee).update(left_at=timezone.now())

    def test_only_who_works_here_and_whose_role_names_the_act(self) -> None:
        noa, tomasz = an_employee(), an_employee("Tomasz", "brand")
        assert queries.require(noa, "service.remedy").id == noa
        with refuses("village.may_not", act="service.remedy"):
            queries.require(tomasz, "service.remedy")
        self.leave(noa)
        for nobody in (noa, uuid4()):
            with refuses("village.may_not", act="service.remedy"):
                queries.require(nobody, "service.remedy")
        assert queries.names([noa, tomasz, uuid4()]) == {noa: "Noa", tomasz: "Tomasz"}
        assert [person.name for person in queries.everyone()] == ["Tomasz"]
        assert (queries.staff(noa), queries.staff_email(NOA)) == (None, False)

    def test_the_nearest_authority_comes_first(self) -> None:
        for name, code in (("Noa", "service"), ("Dana", "lead"), ("Adam", "lead")):
            an_employee(name, code)
        an_employee("Tomasz", "brand")

        def who(minor: int) -> list[str]:
            return [p.name for p in queries.who_may("service.remedy", "refund", minor)]

        assert [who(n) for n in (2000, 2001, 50_000, 50_001)] == [
            ["Noa", "Adam", "Dana"],
            ["Adam", "Dana"],
            ["Adam", "Dana"],
            [],
        ]
        assert queries.who_may("decisions.ask", "refund", 0) == []

    def test_who_may_more_for_a_customer_who_is_worth_it(self) -> None:
        role(refund=1_000)
        commands.set_limit(role="care", remedy="refund", limit=rules.Authority(1_000, 3_000, 100))
        commands.employ(email=NOA, name="Noa", role="care")
        for worth, fault, most in ((None, 100, 1_000), (200_000, 100, 2_000), (200_000, 40, 1_000)):
            for minor, may in ((most, ["Noa"]), (most + 1, [])):
                found = queries.who_may("service.remedy", "refund", minor, worth=worth, fault=fault)
                assert [person.name for person in found] == may
