"""Why a figure is what it is, and why there is none: a sentence for every code of `insight`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.template import Library

from kfar.doors.reasons import brand, people, response, tastes
from kfar.rooms.insight.figures import Reason, Withheld

register = Library()

#: Each is given the code's params, and says it in the reader's language.
SAID: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    **people.SAID,
    **brand.SAID,
    **response.SAID,
    **tastes.SAID,
}


@register.filter
def why(of: Reason | Withheld) -> str:
    """Return why, in the reader's language; a code without a sentence stands as it is."""
    said = SAID.get(of.code)
    return said(of.params) if said else of.code
