"""Marks, corrections and themes on the pages of who works here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import UUID

import pytest
from django.urls import reverse
from typer.testing import CliRunner

from kfar.doors.cli.commands import app
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.village import commands as village
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import mailing
from kfar.rooms.voice.understanding import queries, refreshing, themes
from kfar.rooms.voice.understanding.models import Learned
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee
from tests.rooms.voice.mail.mails import letter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

LIST, THEMES = reverse("web:voices"), reverse("web:themes")
BAD, GOOD = "Terrible, the milk was sour", "Great value, I love it"


@pytest.fixture
def heard() -> list[UUID]:
    an_employee("Noa")
    found = [voice.say(by=a_customer(), text=said, language="en") for said in (BAD, GOOD)]
    refreshing.read_due()
    return found


@pytest.fixture
def themed() -> list[UUID]:
    an_employee("Noa")
    new = [Newcomer(key=f"p{n}", name=f"p{n}", consents=("understand",)) for n in range(40)]
    met = customers.meet_many(source="test", newcomers=new)
    told = ("my parcel came late, the courier lost it", "rude cashier, long queue at checkout")
    found = [
        voice.say(by=met[one.key], text=f"{told[n % 2]} {n}", language="en")
        for n, one in enumerate(new)
    ]
    refreshing.read_due()
    themes.find_due()
    return found


def test_a_mark_stands_beside_each_voice_and_finds_them(heard: list[UUID]) -> None:
    noa = enter("Noa")
    shown = text(noa.get(LIST))
    assert ('state-late">unhappy' in shown, 'state-kept">happy' in shown) == (True, True)
    only = text(noa.get(LIST, {"mark": "negative"}))
    assert (BAD in only, GOOD in only) == (True, False)
    assert '<a href="?mark=negative" aria-current="true">unhappy</a>' in only
    assert BAD in text(noa.get(LIST, {"mark": "nonsense", "theme": "nonsense"}))


def test_one_click_corrects_it_and_the_page_says_who_said_so(heard: list[UUID]) -> None:
    noa, page = enter("Noa"), reverse("web:voice", args=[heard[1]])
    assert "read so by Kfar" in text(noa.get(page))
    answer = noa.post(reverse("web:says", args=[heard[1]]), {"sentiment": "negative"})
    assert (answer.status_code, answer["Location"]) == (302, page)
    shown = text(noa.get(page))
    assert ("says one of us" in shown, 'state-late">unhappy' in shown) == (True, True)
    refused = noa.post(reverse("web:says", args=[heard[1]]), {"sentiment": "splendid"})
    assert refused.status_code == 409


def test_what_was_said_last_is_the_mark_and_how_it_began_stands_below() -> None:
    an_employee("Noa")
    one = mailing.take(letter=letter(GOOD))
    mailing.take(letter=letter(BAD), answers=one)
    refreshing.read_due()
    noa = enter("Noa")
    shown = text(noa.get(reverse("web:voice", args=[one])))
    assert ('state-late">unhappy' in shown, "by what was said last" in shown) == (True, True)
    assert "It began as: happy" in shown
    assert ('state-late">unhappy' in text(noa.get(LIST))) is True


def test_what_was_learned_is_told_with_its_figures() -> None:
    an_employee("Noa")
    Learned.objects.create(
        language="en", model=b"x", corrections=12, stars=1, before=0.8, after=0.9
    )
    Learned.objects.create(language="pl", model=b"", corrections=1, stars=0, before=0, after=0)
    shown = text(enter("Noa").get(THEMES))
    assert "12 corrections, 1 review with stars." in shown
    assert "Of the later ones 80% were read right before, 90% with them." in shown
    assert "1 correction, 0 reviews with stars. That is too few to learn from." in shown


def test_themes_are_shown_renamed_merged_parted_and_dropped(themed: list[UUID]) -> None:
    noa = enter("Noa")
    one, other = (queries.themes_of(themed)[themed[n]][0].id for n in (0, 1))
    at = reverse("web:theme", args=[one])
    assert noa.post(at, {"do": "rename", "name": "Late parcels"})["Location"] == THEMES
    assert noa.post(at, {"do": "rename", "name": " "})["Location"] == THEMES
    shown = text(noa.get(THEMES))
    assert ("Late parcels" in shown, "Write what the theme is to be called." in shown) == (
        True,
        True,
    )
    regions = re.findall(r'role="region" aria-label="([^"]+)"', shown)
    assert "Month by month: Late parcels" in regions
    assert len(regions) == len(set(regions)) == 2
    assert "Late parcels" in text(noa.get(reverse("web:voice", args=[themed[0]])))
    only = text(noa.get(LIST, {"theme": str(one)}))
    assert ("parcel came late" in only, "rude cashier" in only) == (True, False)
    noa.post(at, {"do": "merge", "into": str(other)})
    assert "Take it apart again" in text(noa.get(THEMES))
    noa.post(at, {"do": "part"})
    noa.post(at, {"do": "drop"})
    assert "It is one after all" in text(noa.get(THEMES))
    noa.post(at, {"do": "back"})
    assert [noa.post(at, {"do": do}).status_code for do in ("merge", "nonsense")] == [404, 404]
    gone = noa.post(reverse("web:says", args=[themed[0]]), {"not": str(one)})
    assert gone.status_code == 302
    assert one not in {t.id for t in queries.themes_of(themed).get(themed[0], [])}


def test_who_may_not_read_voices_sees_no_themes(themed: list[UUID]) -> None:
    village.change_role(code="service", may_not=["voice.read"])
    assert enter("Noa").get(THEMES).status_code == 403


class TestRead:
    def read(self, file: Path | str, given: bytes | None = None) -> list[dict[str, object]]:
        answer = CliRunner().invoke(app, ["read", str(file)], input=given)
        assert answer.exit_code == 0, answer.output
        return [json.loads(line) for line in answer.stdout.splitlines()]

    def test_a_column_or_lines_become_a_line_of_json_each(self, tmp_path: Path) -> None:
        table, lines = tmp_path / "a.tsv", tmp_path / "b.txt"
        table.write_text(f'id\tText\n1\t{BAD}\n2\t"{GOOD}, ""really"""\n', "utf-8")
        lines.write_text(f"{BAD}\n\n{GOOD}", "utf-8")
        said = [(one["language"], one["sentiment"]) for one in self.read(table)]
        assert said == [("en", "negative"), ("en", "positive")]
        found = self.read(lines)
        assert [one["sentiment"] for one in found][::2] == ["negative", "positive"]
        assert [one["sure"] for one in found] == [True, False, True]
        assert (found[1]["sentiment"], found[1]["probability"]) == (None, 0.0)  # nothing is said
        assert list(found[0]) == ["language", "sentiment", "probability", "sure", "themes"]

    def test_themes_are_those_of_this_kfar(self, themed: list[UUID], tmp_path: Path) -> None:
        name = queries.themes_of(themed)[themed[0]][0].name
        file = tmp_path / "a.txt"
        file.write_text("my parcel came late, the courier lost it\n")
        assert name in self.read(file)[0]["themes"]  # type: ignore[operator]

    def test_what_is_no_text_is_refused_with_why(self, tmp_path: Path) -> None:
        file = tmp_path / "a.txt"
        file.write_bytes(b"\xff\xfe\x00")
        for one, why in ((file, "no text in UTF-8"), (tmp_path / "b", "No such file")):
            answer = CliRunner().invoke(app, ["read", str(one)])
            assert answer.exit_code == 2
            assert why in " ".join(answer.stderr.split())

    def test_a_model_of_ones_own_is_made_and_measured(self, tmp_path: Path) -> None:
        file, to = tmp_path / "a.tsv", tmp_path / "en.npz"
        file.write_text("text\tlabel\nGood\tpositive\n")
        answer = CliRunner().invoke(app, ["learn", "en", "--from", str(file), "--to", str(to)])
        assert (answer.exit_code, to.exists()) == (2, False)
        assert "two labels or more" in " ".join(answer.stderr.split())
        answer = CliRunner().invoke(app, ["learn", "de", "--from", str(file), "--to", str(to)])
        assert answer.exit_code == 2
