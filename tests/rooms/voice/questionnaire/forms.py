"""Surveys for tests: written by hand, and any there may be."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kfar.rooms.voice.questionnaire import surveyjs
from kfar.rooms.voice.questionnaire.form import (
    DEFAULT,
    SCALES,
    Choice,
    Element,
    Form,
    Kind,
    Page,
    Score,
    Words,
)


def form(*pages: list[dict[str, Any]], **given: Any) -> Form:
    """A survey of these questions, page by page."""
    return surveyjs.read({**given, "pages": [{"elements": page} for page in pages]}).form


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
NAMES = (
    st.text(st.characters(codec="utf-8", exclude_characters="{}\x00"), min_size=1, max_size=8)
    .map(str.strip)
    .filter(bool)
)
WORDS: st.SearchStrategy[Words] = st.dictionaries(
    st.sampled_from([DEFAULT, "he", "pl", "de", "pt-BR"]), TEXT, max_size=3
)
CHOICES = st.lists(
    st.builds(Choice, st.one_of(NAMES, st.integers(-99, 99)), WORDS),
    min_size=1,
    max_size=4,
    unique_by=lambda choice: str(choice.value),
).map(tuple)


@st.composite
def elements(draw: st.DrawFn, name: str, before: list[str]) -> Element:
    """Any question, whose condition asks for what was asked before."""
    kind = draw(st.sampled_from(Kind))
    own: dict[str, Any] = {}
    match kind:
        case Kind.RATING:
            score = draw(st.sampled_from([None, *Score]))
            low = draw(st.integers(-5, 5)) if score is None else SCALES[score].lowest
            wide = draw(st.integers(1, 19))
            high = low + wide if score is None else SCALES[score].highest
            own = {"score": score, "lowest": low, "highest": high}
            own |= {"low_words": draw(WORDS), "high_words": draw(WORDS)}
        case Kind.ONE | Kind.SOME:
            own = {"choices": draw(CHOICES)}
        case Kind.YES_NO:
            own = {"yes": draw(WORDS), "no": draw(WORDS)}
    wanted = draw(st.sampled_from(["empty", "notempty", "= 1", "<> 'x'", "anyof [1, 'x']"]))
    asked = draw(st.sampled_from([None, *before]))
    return Element(
        kind=kind,
        name=name,
        title=draw(WORDS),
        description=draw(WORDS),
        required=draw(st.booleans()),
        visible_if="" if asked is None else f"{{{asked}}} {wanted}",
        **own,
    )


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Any survey."""
    names = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    cut = draw(st.integers(0, len(names) - 1))
    questions = [draw(elements(name, names[:n])) for n, name in enumerate(names)]
    pages = tuple(
        Page(name=draw(st.sampled_from(["", "page"])), title=draw(WORDS), elements=tuple(some))
        for some in (questions[:cut], questions[cut:])
    )
    return Form(
        title=draw(WORDS),
        description=draw(WORDS),
        locale=draw(st.sampled_from(["", "he", "pl"])),
        pages=pages,
    )
