"""How many answers of each kind a survey takes, as it is filled in on its page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from kfar.doors.web import surveying
from kfar.doors.web.questionnaires import options
from kfar.doors.words import sentence
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES
from kfar.rooms.voice.questionnaire import quotas
from kfar.rooms.voice.questionnaire.form import Form, Quota

#: So many numbers stand on the page; what has more is counted by in the survey's JSON.
FIELDS = 400
#: So many lines are empty for products.
EMPTY = 3
_MOST = re.compile(r"most-product-(\d{1,3})")


@dataclass(frozen=True)
class Line:
    """A cell to fill in: what it is, or a field for what it is, and the most answers."""

    label: str
    most: BoundField
    product: BoundField | None = None


@dataclass(frozen=True)
class Group:
    """The cells of one question, of languages or of products."""

    legend: str
    lines: list[Line]


class QuotasForm(forms.Form):
    """A number beside each choice, language and product; without one it takes any number."""

    until_full = forms.BooleanField(required=False)

    def __init__(
        self, form: Form, language: str, *, until_full: bool, data: Mapping[str, Any] | None = None
    ) -> None:
        # Without any there is nothing to lose by closing then.
        super().__init__(data, initial={"until_full": until_full or not form.quotas})
        self._form, self._language = form, language
        self._before = {(one.question, one.trait): one for one in form.quotas}
        self._cells: dict[tuple[str, str], list[tuple[str, str, Any]]] = {}
        room = FIELDS
        for element in form.elements:
            values = quotas.choices(element)
            if values and len(values) <= room:
                labels = dict(options(form, element, language))
                room -= len(values)
                self._add(
                    (element.name, ""), [(labels.get(_said(one), str(one)), one) for one in values]
                )
        self._add(
            ("", quotas.LANGUAGE),
            [(surveying.language_name(code), code) for code in self._languages()],
        )
        self._products = self._add_products(data)

    def _languages(self) -> list[str]:
        found = self._before.get(("", quotas.LANGUAGE))
        return [*dict.fromkeys([*LANGUAGES, *(str(v) for v, _m in (found.cells if found else ()))])]

    def _add(self, by: tuple[str, str], values: list[tuple[str, Any]]) -> None:
        before = self._before.get(by)
        said = {_said(value): most for value, most in (before.cells if before else ())}
        self._cells[by] = []
        for n, (label, value) in enumerate(values):
            name = f"most-{len(self._cells)}-{n}"
            self.fields[name] = _number(said.get(_said(value)))
            self._cells[by].append((name, label, value))

    def _add_products(self, data: Mapping[str, Any] | None) -> int:
        before = self._before.get(("", quotas.PRODUCT))
        cells = before.cells if before else ()
        sent = [int(found[1]) + 1 for key in data or () if (found := _MOST.fullmatch(key))]
        many = min(max([len(cells) + EMPTY, *sent]), quotas.CELLS)
        for n in range(many):
            product, most = cells[n] if n < len(cells) else ("", None)
            self.fields[f"product-{n}"] = forms.CharField(
                required=False, max_length=quotas.LETTERS, initial=product
            )
            self.fields[f"most-product-{n}"] = _number(most)
        return many

    def clean(self) -> dict[str, Any]:
        """Say where a product stands without a number, or twice."""
        said = self.cleaned_data
        seen: set[str] = set()
        for n in range(self._products):
            product, most = said.get(f"product-{n}", ""), said.get(f"most-product-{n}")
            if product in seen:
                self.add_error(f"product-{n}", _("This stands here twice."))
            if product:
                seen.add(product)
            if product and most is None and f"most-product-{n}" not in self.errors:
                self.add_error(f"most-product-{n}", _("Say how many at most."))
            if most is not None and not product:
                self.add_error(f"product-{n}", _("Say which product."))
        return said

    def counted(self) -> list[Quota]:
        """Return what was filled in; what does not stand on the page stays as it was."""
        said = self.cleaned_data
        found = {
            by: Quota(
                *by, tuple((value, most) for name, _l, value in cells if (most := said[name]))
            )
            for by, cells in self._cells.items()
        }
        products = (
            (said[f"product-{n}"], said[f"most-product-{n}"]) for n in range(self._products)
        )
        bought = ("", quotas.PRODUCT)
        found[bought] = Quota(*bought, tuple((product, most) for product, most in products if most))
        # Those there were keep their order.
        return [one for one in (self._before | found).values() if one.cells]

    def refuse(self, refused: Refused) -> None:
        """Say above the form what a command refused."""
        if not refused.code.startswith("surveys.") or refused.code == "surveys.not_found":
            raise refused
        self.add_error(None, sentence(refused))

    def groups(self) -> Iterator[Group]:
        """Yield what there is to fill in."""
        titles = {one.name: self._form.called(one, self._language) for one in self._form.elements}
        for by, cells in self._cells.items():
            lines = [Line(label, self[name]) for name, label, _value in cells]
            yield Group(titles.get(by[0]) or _("By language"), lines)
        lines = [
            Line("", self[f"most-product-{n}"], self[f"product-{n}"]) for n in range(self._products)
        ]
        yield Group(_("By product bought"), lines)


def _number(initial: int | None) -> forms.IntegerField:
    wrong = sentence(Refused("surveys.bad_quota", most=quotas.MOST))
    words = dict.fromkeys(("invalid", "min_value", "max_value"), wrong)
    return forms.IntegerField(
        required=False,
        min_value=1,
        max_value=quotas.MOST,
        initial=initial,
        error_messages=words,
    )


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
