from __future__ import annotations

from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kfar.rooms.voice import commands, queries
from kfar.rooms.voice.models import Owed, Voice
from kfar.rooms.voice.rules import Stands
from tests.people import a_customer

ACTS = ("owe", "owe many", "settle", "settle many", "break", "release")


class TestOwed(TestCase):
    @settings(max_examples=25)
    @given(
        st.lists(
            st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(0, 1)), max_size=10
        )
    )
    def test_a_voice_says_itself_whether_a_promise_is_owed_for_it(
        self, acts: list[tuple[str, int, int]]
    ) -> None:
        """Two promises for two voices, made, kept, broken and released in any order."""
        anna = a_customer()
        voices = [commands.say(by=anna, text=text, language="en") for text in ("milk", "bread")]
        promises = [uuid4(), uuid4()]
        owed: set[tuple[int, int]] = set()
        for act, p, v in acts:
            one = {"voice_id": voices[v], "promise_id": promises[p]}
            if act == "owe":
                commands.owe(**one)
                owed.add((p, v))
            elif act == "owe many":
                commands.owe_many(voice_ids=[*voices, uuid4()], promise_id=promises[p])
                owed |= {(p, 0), (p, 1)}
            elif act == "settle many":
                commands.settle_many(voice_ids=voices, promise_id=promises[p], told=bool(v))
                owed -= {(p, 0), (p, 1)}
            else:
                if act == "settle":
                    commands.settle_many(voice_ids=[voices[v]], promise_id=promises[p], told=True)
                else:
                    commands.owe_no_more(**one, released=act == "release")
                owed.discard((p, v))
            said = queries.by_id(voices)
            for number, voice_id in enumerate(voices):
                open_ = {p for p, v in owed if v == number}
                row = Voice.objects.get(pk=voice_id)
                assert row.owed is bool(open_)
                assert Owed.objects.filter(voice=row).count() == len(open_)
                stands = said[voice_id].stands
                assert (stands is Stands.OWED) is (bool(open_) and row.closed_at is None)
