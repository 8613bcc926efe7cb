"""Quotas by cell: no cell takes more than it may, and who is not needed is not asked."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.voice.models import Invitation
from kfar.rooms.voice.questionnaire import quotas, surveyjs
from kfar.rooms.voice.surveys import commands, queries
from kfar.rooms.voice.surveys.models import InCell
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, an_employee, refuses
from tests.rooms.voice.surveys.surveying import found, survey

SIZE = {"type": "radiogroup", "name": "size", "choices": ["small", "large"], "isRequired": True}
GOES = {"type": "checkbox", "name": "goes", "choices": [1, 2, 3]}
OWNS = {"type": "boolean", "name": "owns"}
WHY = {"type": "comment", "name": "why"}


def form(*counted: dict[str, Any], elements: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Size, then why; counted so."""
    pages = [{"elements": elements or [SIZE, GOES, OWNS, WHY]}]
    return {"title": "How?", "kfarQuotas": list(counted), "pages": pages}


def by(name: str, *, trait: bool = False, **cells: int) -> dict[str, Any]:
    said = [{"value": value, "most": most} for value, most in cells.items()]
    return {"trait" if trait else "question": name, "cells": said}


def answer(
    survey_id: UUID, who: UUID | None = None, size: str = "small", **traits: list[str]
) -> UUID:
    return commands.respond(
        survey_id=survey_id, by=who, answers={"size": size}, language="en", once=uuid4(),
        traits=traits,
    )  # fmt: skip


def fill(survey_id: UUID) -> list[tuple[int, int]]:
    return list(queries.fill(survey_id, found(survey_id).form).values())


class TestForms:
    def test_they_are_kept_in_the_json(self) -> None:
        said = form(
            by("size", small=50, large=20),
            {"question": "goes", "cells": [{"value": 2, "most": 5}]},
            {"question": "owns", "cells": [{"value": True, "most": 9}]},
            by("language", trait=True, pl=100),
            by("product", trait=True, milk=3),
        )
        read = surveyjs.loads(json.dumps(said))
        assert read.unknown == ()
        assert surveyjs.write(read.form) == said
        assert surveyjs.loads(surveyjs.dumps(read.form)) == read
        assert quotas.limits(read.form) == {
            'question:size="small"': 50,
            'question:size="large"': 20,
            "question:goes=2": 5,
            "question:owns=true": 9,
            'trait:language="pl"': 100,
            'trait:product="milk"': 3,
        }
        assert quotas.products(read.form) == ["milk"]

    @pytest.mark.parametrize(
        "said",
        [
            {"size": 3},
            [3],
            [by("size")],
            [by("size", medium=1)],
            [by("why", small=1)],
            [by("other", small=1)],
            [by("weather", trait=True, rain=1)],
            [by("size", small=0)],
            [by("size", small=10**7)],
            [by("size", small=1), by("size", large=1)],
            [{**by("size", small=1), "trait": "language"}],
            [{**by("size", small=1), "more": 1}],
            [{"question": "size", "cells": [{"value": "small", "most": True}]}],
            [{"question": "size", "cells": [{"value": ["small"], "most": 1}]}],
            [{"question": "size", "cells": [{"value": "small", "most": 1}] * 2}],
            [{"trait": "language", "cells": [{"value": 3, "most": 1}]}],
            [by("language", trait=True, pl=1)] * 11,
        ],
    )
    def test_what_is_no_quota_is_refused(self, said: Any) -> None:
        with pytest.raises(Refused, match=r"^surveys\.bad_quotas$"):
            surveyjs.loads(json.dumps(form() | {"kfarQuotas": said}))

    def test_nothing_is_asked_beside_what_is_counted_by(self) -> None:
        one = surveyjs.loads(json.dumps(form(by("size", small=1), {
            "question": "owns", "cells": [{"value": False, "most": 1}]
        }))).form  # fmt: skip
        steps = [[e.name for e in page.elements] for page in quotas.stepwise(one).pages]
        assert steps == [["size"], ["goes", "owns"], ["why"]]
        plain = surveyjs.loads(json.dumps(form(by("language", trait=True, pl=1)))).form
        assert quotas.stepwise(plain) is plain

    @given(
        st.lists(st.sampled_from(["size", "goes", "owns", "why"]), unique=True, min_size=1),
        st.sets(st.sampled_from(["size", "owns"])),
    )
    def test_however_pages_are_cut_the_same_is_asked(
        self, names: list[str], counted: set[str]
    ) -> None:
        elements: dict[str, dict[str, Any]] = {"size": SIZE, "goes": GOES, "owns": OWNS, "why": WHY}
        values: dict[str, Any] = {"size": "small", "owns": True}
        said = form(
            *(
                {"question": name, "cells": [{"value": values[name], "most": 1}]}
                for name in sorted(counted & set(names))
            ),
            elements=[elements[name] for name in names],
        )
        one = surveyjs.loads(json.dumps(said)).form
        cut = quotas.stepwise(one)
        assert list(cut.elements) == list(one.elements)
        assert all(page.elements for page in cut.pages)

    def test_who_said_several_things_is_in_several_cells(self) -> None:
        said = form({"question": "goes", "cells": [{"value": n, "most": 1} for n in (1, 2, 3)]})
        one = surveyjs.loads(json.dumps(said)).form
        assert quotas.cells(one, {"goes": [3, 1]}, {}) == ["question:goes=1", "question:goes=3"]
        assert quotas.cells(one, {}, {}) == []


@pytest.mark.django_db
class TestAnswers:
    def test_a_full_cell_takes_no_more_and_the_others_do(self) -> None:
        own = survey(
            an_employee("Tomasz", "brand"), form(by("size", small=2, large=1)), by_link=True
        )
        for _twice in range(2):
            answer(own)
        with refuses("surveys.cell_full"):
            answer(own)
        answer(own, size="large")
        assert (fill(own), found(own).answered) == ([(2, 2), (1, 1)], 3)
        assert InCell.objects.count() == 3

    def test_what_is_known_of_somebody_counts(self) -> None:
        counted = [by("language", trait=True, pl=1), by("product", trait=True, milk=1)]
        own = survey(an_employee("Tomasz", "brand"), form(*counted), by_link=True)
        answer(own, language=["pl"])
        with refuses("surveys.cell_full"):
            answer(own, language=["pl"])
        answer(own, language=["he"], product=["milk"])
        with refuses("surveys.cell_full"):
            answer(own, language=["he"], product=["bread", "milk"])
        assert fill(own) == [(1, 1), (1, 1)]

    def test_sent_twice_it_counts_once(self) -> None:
        own = survey(an_employee("Tomasz", "brand"), form(by("size", small=1)), by_link=True)
        once = uuid4()
        for _twice in range(2):
            commands.respond(
                survey_id=own, by=None, answers={"size": "small"}, language="en", once=once
            )
        assert fill(own) == [(1, 1)]

    def test_whose_language_is_full_is_not_invited(self, clock: Clock) -> None:
        tomasz = an_employee("Tomasz", "brand")
        own = survey(tomasz, form(by("language", trait=True, pl=1)), by_link=True)
        answer(own, language=["pl"])
        a_customer("Zofia", language="pl")
        dov = a_customer("Dov", language="he")
        assert commands.invite(by=tomasz, survey_id=own) == 1
        assert Invitation.objects.get().customer_id == dov

    def test_who_was_thanked_and_not_needed_is_not_reminded(self, clock: Clock) -> None:
        tomasz, anna = an_employee("Tomasz", "brand"), a_customer()
        own = survey(tomasz, form(by("size", small=1)), reminds=True)
        commands.invite(by=tomasz, survey_id=own)
        for _twice in range(2):
            commands.turn_away(survey_id=own, by=anna)
        clock.forward(days=6, hours=23)
        assert commands.remind_due() == 0
        a_customer("Borys")
        clock.forward(hours=1)
        assert commands.remind_due() == 0

    def test_who_is_forgotten_is_in_no_cell(self) -> None:
        tomasz, anna = an_employee("Tomasz", "brand"), a_customer()
        own = survey(tomasz, form(by("size", small=1)), by_link=True)
        answer(own, anna)
        gone = commands.forget(customers=[anna])
        assert dict(gone.rows) == {"voice.Response": 1, "voice.InCell": 1}
        assert fill(own) == [(0, 1)]


@pytest.mark.django_db(transaction=True)
def test_however_many_come_at_once_a_cell_takes_what_it_may() -> None:
    own = survey(an_employee("Tomasz", "brand"), form(by("size", small=3)), by_link=True)
    done = at_once(*[lambda: answer(own)] * 8)
    refused = [one.code for one in done if isinstance(one, Refused)]
    assert (refused, fill(own)) == (["surveys.cell_full"] * 5, [(3, 3)])
