"""A survey as it is asked: pages of questions, in several languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

#: A text by language; "default" is in the language of the survey.
Words: TypeAlias = Mapping[str, str]
DEFAULT = "default"


class Kind(StrEnum):
    """What kinds of questions there are, as SurveyJS calls them."""

    RATING = "rating"
    ONE = "radiogroup"
    SOME = "checkbox"
    YES_NO = "boolean"
    COMMENT = "comment"
    TEXT = "text"


class Score(StrEnum):
    """What a rating measures: would they recommend us, are they content, was it easy."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"


@dataclass(frozen=True)
class Scale:
    """From where to where a score goes, up to where it is low, and from where on good."""

    lowest: int
    highest: int
    low: int
    good: int


#: Reichheld, "The One Number You Need to Grow" (Harvard Business Review, 2003); Dixon, Freeman
#: and Toman, "Stop Trying to Delight Your Customers" (the same, 2010).
SCALES = {
    Score.NPS: Scale(0, 10, low=6, good=9),
    Score.CSAT: Scale(1, 5, low=2, good=4),
    Score.CES: Scale(1, 7, low=3, good=5),
}


@dataclass(frozen=True)
class Choice:
    """One answer to choose; without a text its value is shown."""

    value: str | int | float
    text: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Element:
    """A question. What its kind has no use for stays empty."""

    kind: Kind
    name: str
    title: Words = field(default_factory=dict)
    description: Words = field(default_factory=dict)
    required: bool = False
    visible_if: str = ""
    lowest: int = 1
    highest: int = 5
    low_words: Words = field(default_factory=dict)
    high_words: Words = field(default_factory=dict)
    score: Score | None = None
    choices: tuple[Choice, ...] = ()
    yes: Words = field(default_factory=dict)
    no: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """Questions asked at once."""

    name: str = ""
    title: Words = field(default_factory=dict)
    description: Words = field(default_factory=dict)
    visible_if: str = ""
    elements: tuple[Element, ...] = ()


@dataclass(frozen=True)
class Quota:
    """So many answers at most of each kind of people (`cells`: value and most).

    Which kind somebody is, an answer of theirs says (`question`), or what is known of them
    (`trait`): exactly one of the two.
    """

    question: str = ""
    trait: str = ""
    cells: tuple[tuple[str | int | float | bool, int], ...] = ()


@dataclass(frozen=True)
class Form:
    """A survey; `locale` is the language of what is "default", "" stands for English."""

    title: Words = field(default_factory=dict)
    description: Words = field(default_factory=dict)
    locale: str = ""
    quotas: tuple[Quota, ...] = ()
    pages: tuple[Page, ...] = ()

    @property
    def language(self) -> str:
        """The language of what is "default"."""
        return self.locale or "en"

    @property
    def elements(self) -> Iterator[Element]:
        """Every question, in order."""
        return (element for page in self.pages for element in page.elements)

    @property
    def languages(self) -> frozenset[str]:
        """In which languages every question has a title."""
        titled = [{self._code(code) for code in one.title} for one in self.elements if one.title]
        return frozenset.intersection(*map(frozenset, titled)) if titled else frozenset()

    def say(self, words: Words, language: str) -> str:
        """Return a text in a language, or else in the survey's own, or in any; "" where none."""
        return words.get(language) or words.get(DEFAULT) or next(iter(words.values()), "")

    def called(self, element: Element, language: str) -> str:
        """Return what a question asks: its title, or else its name."""
        return self.say(element.title, language) or element.name

    def chosen(self, choice: Choice, language: str) -> str:
        """Return how one answer reads."""
        return self.say(choice.text, language) or str(choice.value)

    def _code(self, code: str) -> str:
        return self.language if code == DEFAULT else code
