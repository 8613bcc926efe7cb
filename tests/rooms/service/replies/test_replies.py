"""Saved replies: the team's own words, by language, with what is known filled in."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.service.replies import commands, queries, rules
from kfar.rooms.service.replies.rules import PLACES, check_reply, fill
from tests.people import an_employee, refuses


@pytest.mark.django_db
class TestSaved:
    def test_the_language_of_the_customer_comes_first(self) -> None:
        noa = an_employee()
        for title, language in (("Late", "en"), ("Sour", "pl"), ("Late", "pl"), ("Late", "he")):
            commands.write(by=noa, title=title, language=language, text="Hi {name}", once=uuid4())
        found = [(one.language, one.title) for one in queries.saved("pl")]
        assert found == [("pl", "Late"), ("pl", "Sour"), ("en", "Late"), ("he", "Late")]

    def test_one_title_in_one_language_is_one_and_the_last_holds(self) -> None:
        noa, once = an_employee(), uuid4()
        commands.write(by=noa, title=" A  b ", language="en", text="One", once=once)
        other = uuid4()
        for _twice in range(2):
            commands.write(by=noa, title="A b", language="en", text="Two\r\n", once=other)
        [one] = queries.saved()
        assert (one.id, one.title, one.text, one.by) == (other, "A b", "Two", "Noa")
        assert (queries.reply(once), queries.reply(other)) == (None, one)
        for _twice in range(2):
            commands.remove(by=noa, reply_id=other)
        assert queries.saved() == []

    def test_who_may_and_what_fits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        noa, tomasz = an_employee(), an_employee("Tomasz", "brand")
        good = {"title": "A", "language": "en", "text": "Hi"}
        with refuses("village.may_not", act="service.saved"):
            commands.write(by=tomasz, once=uuid4(), **good)
        with refuses("village.may_not", act="service.saved"):
            commands.remove(by=tomasz, reply_id=uuid4())
        with refuses("service.no_such_reply"):
            commands.remove(by=noa, reply_id=uuid4())
        for field, value, code in (
            ("title", " ", "service.title_missing"),
            ("text", "\x00", "service.words_missing"),
            ("language", "xx", "service.unknown_language"),
        ):
            with refuses(code):
                commands.write(by=noa, once=uuid4(), **(good | {field: value}))
        with refuses("service.title_too_long", most=80):
            commands.write(by=noa, once=uuid4(), **(good | {"title": "x" * 81}))
        with refuses("service.words_too_long", most=2000, length=2001):
            commands.write(by=noa, once=uuid4(), **(good | {"text": "x" * 2001}))
        for wrong in ("{city}", "{", "}", "{Name}", "{}", "{name.__class__}"):
            places = "{name}, {product}, {amount}"
            with refuses("service.unknown_place", place=wrong, places=places):
                commands.write(by=noa, once=uuid4(), **(good | {"text": f"Hi {wrong}"}))
        monkeypatch.setattr(rules, "MANY", 1)
        commands.write(by=noa, once=uuid4(), **good)
        commands.write(by=noa, once=uuid4(), **good)  # in place of the one there
        with refuses("service.too_many_replies", most=1):
            commands.write(by=noa, once=uuid4(), **(good | {"title": "B"}))


@given(st.text(max_size=60), st.dictionaries(st.sampled_from(PLACES), st.text(max_size=9)))
def test_only_what_is_known_is_filled_in_and_once(text: str, said: dict[str, str]) -> None:
    whole = fill(f"{text}{{name}}", said)
    assert whole.endswith(said.get("name") or "{name}")
    if "{" not in text:
        assert fill(text, said) == text
    assert fill("{name}", {"name": "{amount}", "amount": "5"}) == "{amount}"


def test_a_reply_keeps_its_words() -> None:
    assert check_reply(" Sour  milk ", " Dear {name},\r\n{amount} ", 2000) == (
        "Sour milk", "Dear {name},\n{amount}",
    )  # fmt: skip
