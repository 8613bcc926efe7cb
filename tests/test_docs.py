"""The docs are true: what they list is what there is, their links lead somewhere, they run."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from django.apps import apps
from typer.testing import CliRunner

import kfar
from kfar.doors import labels
from kfar.doors.cli.commands import app
from kfar.doors.gate.app import CHATTER, GETS, POSTS, SOURCE
from kfar.doors.gate.events import KINDS
from kfar.doors.gate.refusals import Refusal
from kfar.rooms.touchpoints import rules
from kfar.rooms.village.rules import ACTS
from kfar.settings.env import Env

ROOT = Path(kfar.__file__).parent.parent.parent
DOCS = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))


def doc(name: str) -> str:
    return (ROOT / name).read_text()


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- lists of what there is --------------------------------------------------------------------


def settings_table() -> str:
    """Return the table of settings as docs/reference/settings.md has it."""
    lines = ["| setting | default | what it is for |", "|---|---|---|"]
    for name, field in Env.model_fields.items():
        default = {True: "1", False: "0", None: ""}.get(field.default, field.default)
        shown = f"`{default}`" if default != "" else ""
        lines.append(f"| `KFAR_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines)


def test_every_setting_is_listed() -> None:
    found = re.search(r"(?m)^\| setting \|.*\n(\|.*\n)+", doc("docs/reference/settings.md"))
    assert found
    assert found.group().strip() == settings_table(), settings_table()


def commands(command: Any = None, name: str = "kfar") -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name, groups left out."""
    command = command or typer.main.get_command(app)
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for part, found in inner.items():
        yield from commands(found, f"{name} {part}")


def test_every_command_is_described() -> None:
    text = doc("docs/reference/commands.md")
    described = dict(re.findall(r"(?ms)^## `(kfar[a-z ]*).*?`\n(.*?)(?=^## |\Z)", text))
    described = {name.strip(): " ".join(said.split()) for name, said in described.items()}
    there = dict(commands())
    assert list(described) == sorted(there)
    for name, command in there.items():
        help_ = " ".join(str(command.help).split())
        assert help_ in described[name], f"{name}: {help_}"
        for option in command.params:
            for flag in option.opts if option.param_type_name == "option" else ():
                assert flag == "--help" or flag in text, f"{name} {flag}"


def test_every_act_of_a_role_is_described() -> None:
    text = doc("docs/reference/commands.md")
    said = re.findall(r"(?m)^\| `([a-z]+\.[a-z]+)` \|", text)
    assert sorted(said) == sorted(ACTS)


def test_every_target_of_make_is_named() -> None:
    targets = re.findall(r"(?m)^([a-z]+):.*##", doc("Makefile"))
    assert targets
    named = set(re.findall(r"`make ([a-z]+)`", doc("CONTRIBUTING.md")))
    assert named == set(targets) - {"help"}


def test_every_column_of_an_import_is_described() -> None:
    text = doc("docs/reference/import-format.md")
    assert tuple(re.findall(r"(?m)^\| `([a-z_]+)` \|", text)) == rules.COLUMNS
    assert tuple(re.findall(r"(?m)^\| `([a-z_]+)` \| always \|", text)) == rules.REQUIRED


def test_every_refusal_of_the_gate_is_described_with_its_status() -> None:
    rows = re.findall(r"(?m)^\| `([a-z_]+)` \| (\d{3}) \| (.*) \|$", doc("docs/reference/gate.md"))
    assert rows == [(str(why), str(int(why.status)), why.message) for why in Refusal]


def test_every_path_of_the_gate_is_described() -> None:
    text = doc("docs/reference/gate.md")
    first, pixels = text.split("| `POST /v1/batch`"), text.split("| `GET ")
    for kind, (letter, _) in KINDS.items():
        assert f"`/v1/{kind}`" in first[0].replace("POST ", "") or f"`{kind}`" in first[0]
        assert f"`/v1/{letter}`" in first[0] or f"`{letter}`" in first[0]
    assert len(pixels) == 6
    for path in (b"/v1/batch", b"/v1/b", b"/v1/import", b"/beacon/v1/batch", *CHATTER, SOURCE):
        assert path.decode() in text
    described = len(KINDS) * 2 + 4 + 2  # batches in four ways, CloudEvents, ballots
    assert len(POSTS) == described
    assert len(GETS) == len(KINDS) + 2


def test_every_table_and_every_audited_act_is_named() -> None:
    text = doc("docs/reference/privacy.md")
    ours = [c for c in apps.get_app_configs() if c.name.startswith(("kfar.rooms", "kfar.lake"))]
    rows = {f"`{model._meta.label}`" for config in ours for model in config.get_models()}
    assert {row for row in rows if row not in text} == set()
    assert {act for act in labels.ACTS if f"`{act}`" not in text} == set()


# --- the house ---------------------------------------------------------------------------------


def test_every_room_is_in_the_house_with_its_verb() -> None:
    told = dict(re.findall(r"(?m)^\| `([a-z]+)` \| \*\*([a-z]+)\*\* \|", doc("docs/house.md")))
    there = {}
    for path in ROOT.glob("src/kfar/rooms/*/__init__.py"):
        first = path.read_text().split("\n")[0]
        there[path.parent.name] = first.partition(": ")[2].partition(".")[0]
    assert told == there


def test_the_tree_is_the_tree() -> None:
    block = re.search(r"(?s)```text\n(kfar/\n.*?)```", doc("docs/house.md"))
    assert block
    parents: list[str] = []
    missing = []
    for line in block.group(1).splitlines()[1:]:
        found = re.match(r"([│ ├└─]*)([\w./{}-]+(?: · [\w./-]+)*)", line)
        assert found, line
        depth = len(found.group(1)) // 3 - 1
        names = found.group(2).split(" · ")
        parents[depth:] = [names[0]]
        missing += [n for n in names if not ROOT.joinpath(*parents[:depth], n).exists()]
    assert missing == []


def test_decisions_are_short_alike_and_numbered() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert numbers == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        text = path.read_text()
        assert re.match(rf"# {path.name[:4]} [A-Z].*\n\n\d{{4}}-\d\d-\d\d\n\n", text), path.name
        assert re.findall(r"(?m)^## (.*)", text) == ["Question", "Decision", "Price"], path.name
        assert text.count("\n") <= 60, path.name


def test_the_readme_is_short() -> None:
    assert len(doc("README.md").split()) <= 500


# --- links and examples --------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    heads = re.findall(r"(?m)^#+ (.*)", re.sub(r"(?s)```.*?```", "", path.read_text()))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_links_lead_somewhere() -> None:
    broken = []
    for path in DOCS:
        text = re.sub(r"(?s)```.*?```", "", path.read_text())
        links = re.findall(r"\]\(([^)]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)
        for link in links:
            if re.match(r"https?:|mailto:", link):
                continue
            file, _, anchor = link.partition("#")
            target = path.parent / file if file else path
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{named(path)}: {link}")
    assert broken == []


def test_files_that_are_named_exist() -> None:
    named = re.compile(r"`((?:src|tests|docs|\.ci)/[\w./-]+)`")
    files = {file for path in DOCS for file in named.findall(path.read_text())}
    assert [file for file in sorted(files) if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("path", [p for p in DOCS if "```python\n>>>" in p.read_text()], ids=named)
def test_python_in_the_docs_runs(path: Path) -> None:
    blocks = re.findall(r"(?s)```python\n(>>>.*?)```", path.read_text())
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, path.name, str(path), 0)
    runner = doctest.DocTestRunner()
    runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", [p for p in DOCS if "```console\n$ kfar" in p.read_text()], ids=named
)
def test_what_is_typed_in_the_docs_answers_so(
    path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A block `csv` is a file of the name above it; `console` is typed and answered in order.

    What is typed may name files of the tests, as from the project's folder.
    """
    monkeypatch.chdir(data_dir)
    Path("tests").symlink_to(ROOT / "tests")
    text = path.read_text()
    for name, content in re.findall(r"(?s)`([\w.]+)`:\n\n```csv\n(.*?)```", text):
        Path(name).write_text(content)
    for block in re.findall(r"(?s)```console\n(\$ kfar.*?)```", text):
        for typed, answer in re.findall(r"(?ms)^\$ (.*?)\n(.*?)(?=^\$ |\Z)", block):
            if typed.startswith("cat "):
                said = Path(typed.removeprefix("cat ")).read_text()
            else:
                said = CliRunner().invoke(app, typed.split()[1:]).output
            assert _plain(answer) == _plain(said), typed


def _plain(text: str) -> list[str]:
    """Return the lines that say something, without a progress bar."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and "━" not in line]
