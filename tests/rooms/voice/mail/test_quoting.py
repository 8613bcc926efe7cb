"""What is new in a mail is found below it in all shapes, and never is nothing left."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kfar.rooms.voice.mail.quoting import new_words
from tests.rooms.voice.mail.shapes import NEW, QUOTED, SHAPES


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("said", NEW, ids=range(len(NEW)))
def test_what_stands_below_is_taken_off(said: str, shape: str) -> None:
    assert new_words(f"{said}\n\n{SHAPES[shape]}\n") == said
    assert new_words(f"{said}\n\n{SHAPES[shape]}".replace("\n", "\r\n")) == said


@pytest.mark.parametrize("said", NEW, ids=range(len(NEW)))
def test_what_was_not_quoted_stays(said: str) -> None:
    assert new_words(said) == said


@pytest.mark.parametrize("shape", SHAPES)
def test_where_nothing_is_new_the_whole_stays(shape: str) -> None:
    assert new_words(SHAPES[shape]) == SHAPES[shape].strip()


def test_answers_below_and_between_quotes_stay() -> None:
    over = "On 03/02/2026 10:15, Orchard wrote:"
    assert new_words(f"{over}\n> Is it cold?\n\nNo.\n\n> Shall we come?\n\nYes, on Monday.") == (
        "No.\n\nYes, on Monday."
    )
    assert new_words(f"See below.\n\n{over}\n{QUOTED}\n\nThat is all.") == (
        "See below.\n\nThat is all."
    )


def test_a_sentence_before_an_attribution_is_not_taken_for_its_beginning() -> None:
    said = "On the phone nobody answers.\nOn Tue, Feb 3, 2026 at 10:15 AM <a@b.example> wrote:\n> x"
    assert new_words(said) == "On the phone nobody answers."


def test_words_of_sending_that_name_no_device_stay() -> None:
    for said in ("Wysłane z opóźnieniem.", "Sent from the shop, twice.", "נשלח מאוחר מדי"):
        assert new_words(f"Warm.\n{said}") == f"Warm.\n{said}"


LINES = st.sampled_from(
    [line for shape in SHAPES.values() for line in shape.split("\n")] + ["", "a", ">", "--", ":"]
)


@example("ON:2000:WROTE: \n0")
@given(st.one_of(st.text(max_size=200), st.lists(LINES, max_size=20).map("\n".join)))
def test_words_are_never_all_taken_and_none_are_added(text: str) -> None:
    found = new_words(text)
    assert bool(found.strip()) == bool(text.strip())
    written = text.replace("\r\n", "\n").replace("\r", "\n")
    assert found == text.strip() or set(found.split("\n")) <= {
        said for line in written.split("\n") for said in (line.strip(), line.rstrip())
    }


@pytest.mark.parametrize(
    "long", ["On " * 100_000 + "wrote:", "<a@b> " * 60_000 + ":", ("On 2026\n" * 60_000) + "wrote:"]
)
def test_what_is_meant_to_hold_us_up_does_not(long: str) -> None:
    """A pattern that goes back and forth would take hours for these, not the seconds of a test."""
    assert new_words(long)
