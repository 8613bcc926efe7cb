"""Models of one's own: the recipe gives the same for the same, and corrections only what helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfar.rooms.voice.reading import correcting, sentiment, topics, training
from kfar.rooms.voice.reading.correcting import Corrected
from kfar.rooms.voice.reading.sentiment import shipped
from kfar.rooms.voice.reading.training import Row

GOOD = ["fresh", "kind", "quick", "tasty", "clean"]
BAD = ["stale", "rude", "slow", "broken", "dirty"]
THINGS = ["bread", "milk", "staff", "shop", "delivery", "parcel", "queue", "phone", "shelf", "bag"]


def rows(weight: float = 1) -> list[Row]:
    return [
        Row(f"the {thing} was {word} on day {name}", label, weight)
        for label, words in (("positive", GOOD), ("negative", BAD))
        for word in words
        for thing in THINGS
        for name in ("one",)
    ]


class TestRecipe:
    def test_the_same_rows_give_the_same_model_and_it_knows_what_it_never_saw(self) -> None:
        model = training.learn(rows(), "test")
        assert model.bytes() == training.learn(rows(), "test").bytes()
        [found] = training.measure(model, rows())
        held = [row for row in rows() if not row.tenth]
        assert (found.texts, found.accuracy, found.f1, found.recall) == (len(held), 1, 1, 1)

    def test_what_weighs_less_than_one_is_never_measured(self) -> None:
        model = shipped("en")
        assert model is not None
        assert training.measure(model, rows(weight=0.5)) == []

    def test_the_same_words_stand_once_and_none_that_are_labelled_both_ways(
        self, tmp_path: Path
    ) -> None:
        file = tmp_path / "rows.tsv"
        file.write_text(
            "text\tlabel\nGood.\tpositive\ngood!\tpositive\nSo so\tpositive\nso so\tnegative\n"
            "Oh\tambivalent\n"
        )
        assert [(row.text, row.label) for row in training.load([file])] == [
            ("Good.", "positive"), ("Oh", "mixed"),
        ]  # fmt: skip

    @pytest.mark.parametrize("text", ["a\tb\n", "text\tlabel\nGood\tsplendid\n"])
    def test_another_file_is_refused_with_why(self, tmp_path: Path, text: str) -> None:
        file = tmp_path / "rows.tsv"
        file.write_text(text)
        with pytest.raises(ValueError, match=r"rows\.tsv"):
            training.load([file])


class TestCorrections:
    def corrected(self, many: int, label: str = "positive") -> list[Corrected]:
        """The company's own word: "sick" is praise here."""
        said = "these shoes are sick, so sick" if label == "positive" else "sick after the yoghurt"
        return [Corrected(f"{said} {THINGS[n % 10]}", label, n) for n in range(many)]

    def test_too_few_teach_nothing(self) -> None:
        model = shipped("en")
        assert model is not None
        assert correcting.teach(model, self.corrected(49)).added is None

    def test_what_helps_with_later_ones_is_used_and_changes_what_is_read(self) -> None:
        model = shipped("en")
        assert model is not None
        found = correcting.teach(model, self.corrected(60))
        assert (found.corrections, found.after) == (60, 1)
        assert found.before < found.after
        assert found.added is not None
        [one] = sentiment.read(["sick, so sick"], model, found.added)
        assert one.sentiment == "positive"
        assert one.version == f"{model.version}+{found.added.version}"

    def test_what_does_not_help_is_not_used(self) -> None:
        model = shipped("en")
        assert model is not None
        right = [
            Corrected(f"I love it, great {t} {n}", "positive", n) for n, t in enumerate(THINGS * 6)
        ]
        found = correcting.teach(model, right)
        assert (found.added, found.before, found.after) == (None, 1, 1)

    def test_words_of_one_person_are_not_learned(self) -> None:
        model = shipped("en")
        assert model is not None
        mine = [Corrected(one.text, one.label, 7) for one in self.corrected(60)]
        found = correcting.teach(model, mine)
        assert found.added is None or found.added.cells.size == 0


class TestStars:
    def starred(self, good: int, bad: int) -> list[Corrected]:
        """Stars for the company's own word, and for what anybody would say."""
        return [
            Corrected(f"sick shoes, so sick {n}", "positive", n, stars=True) for n in range(good)
        ] + [Corrected(f"rubbish, broken {n}", "negative", 999 + n, stars=True) for n in range(bad)]

    def test_as_many_good_as_bad_count_and_the_latest(self) -> None:
        model = shipped("en")
        assert model is not None
        found = correcting.teach(model, self.starred(300, 40))
        assert (found.corrections, found.stars) == (0, 80)
        assert correcting.teach(model, self.starred(300, 29)).stars == 0

    def test_they_never_make_later_corrections_worse(self) -> None:
        model = shipped("en")
        assert model is not None
        rows = self.starred(60, 60)
        rows = [row for pair in zip(rows[:60], rows[60:], strict=True) for row in pair]
        assert correcting.teach(model, rows).added is not None
        # Of those told apart later, each says by an employee's word what stars say otherwise.
        words = [Corrected(f"sick shoes, so sick x{n}", "negative", 5_000 + n) for n in range(9)]
        assert correcting.teach(model, rows + words).added is None


class TestTopics:
    said = [
        f"{words} {thing}"
        for words in (
            "my parcel came late, the courier lost the parcel",
            "rude cashier at the checkout, long queue, cashier shouted",
            "sour yoghurt, spoiled cheese, everything in the fridge was warm",
        )
        for thing in THINGS * 2
    ]

    def test_what_many_speak_of_is_found_and_named_by_its_words(self) -> None:
        found = topics.find(self.said, list(range(60)))
        about = topics.assign(
            ["where is my parcel? the courier lost it", "the cashier at the checkout", "hello"],
            {n: topic.weights for n, topic in enumerate(found)},
        )
        assert [len(one) for one in about] == [1, 1, 0]
        assert about[0].keys().isdisjoint(about[1])

    def test_few_people_speak_of_nothing_however_much_they_say(self) -> None:
        assert topics.find(self.said, [n % 4 for n in range(60)]) == []
        assert topics.find(self.said[:29], list(range(29))) == []

    def test_it_stays_the_same_theme_when_it_is_found_again(self) -> None:
        found = topics.find(self.said, list(range(60)))
        before = {f"t{n}": topic.weights for n, topic in enumerate(found)}
        assert topics.follow(before, found, self.said) == list(before)
        assert topics.follow(before, found[::-1], self.said) == list(before)[::-1]
        assert topics.follow({}, found, self.said) == [None] * len(found)
