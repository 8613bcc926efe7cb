"""The house as docs/house.md says it is. Whoever changes one changes the other."""

from __future__ import annotations

import ast
import inspect
import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Manager, Model, QuerySet
from importlinter import api
from importlinter.application import use_cases

import kfar
from kfar.ground.facts import Fact

SOURCE = Path(kfar.__file__).parent
ROOT = SOURCE.parent.parent
ROOMS = sorted(path.parent.name for path in SOURCE.glob("rooms/*/__init__.py"))

#: What may stand in every room.
ANATOMY = {
    "__init__.py",
    "models.py",
    "rules.py",
    "commands.py",
    "queries.py",
    "facts.py",
    "tasks.py",
    "admin.py",
    "migrations",
}
#: What a room has beside that.
OWN = {
    "customers": {"accounts.py", "erasure.py", "joining.py", "resolving.py", "ties"},
    "decisions": {
        *{"closing.py", "consultations", "ledger.py", "pictures.py", "receipts.py", "standings.py"},
        *{"agreements.py", "change_rules.py", "changes.py", "files.py", "notices.py"},
        *{"admitting.py", "closing.py", "ledger.py", "limiting.py"},
        *{"receipts.py", "screening.py", "taking.py", "texts.py", "turnout.py"},
    },
    "insight": {
        *{"keeping.py", "profiles.py", "reading.py", "refreshing.py", "studies"},
        *{"promotion_files.py", "promotions.py", "shelves.py", "tallies.py"},
        *{"brand", "going.py"},
    },
    "service": {
        *{"approving", "assigning", "by_mail", "clocks", "limits", "replies", "returns"},
        "together.py",
    },
    "promises": {"ending.py", "in_return", "plans", "telling"},
    "touchpoints": {
        *{"buying.py", "completejourney.py", "imports", "portrait.py", "telling.py"},
        *{"events.py", "hearing.py", "keys.py", "traffic.py"},
    },
    "village": {"defaults.py", "departments", "meetings", "news", "notes"},
    "voice": {
        *{"alarms", "channels", "follow_up", "mailing.py", "reviews", "searching", "surveys"},
        *{"understanding"},
    },
}
#: Science: arrays or tables in, arrays or tables out, no Django.
SCIENCE = {
    "customers": {"match.py", "names.py"},
    "decisions": {"consulting", "counting", "elections", "knowing", "proving"},
    "insight": {
        *{"affinity", "clv", "disciplines", "drivers", "figures.py", "hiding.py", "leaving"},
        *{"next_best", "rates", "regression.py", "response"},
    },
    "village": {"contact.py"},
    "voice": {"mail", "prominence", "questionnaire", "reading", "warning"},
}

#: Rooms that others may ask, from the top: a foreign key points to these or stays at home.
ASKED = ["customers", "village"]

PYTHON = [
    path
    for root in (SOURCE, ROOT / "tests")
    for path in sorted(root.rglob("*.py"))
    if "migrations" not in path.parts
]
TEMPLATES = sorted(SOURCE.glob("doors/web/templates/**/*.html"))
STYLES = sorted(SOURCE.glob("doors/web/static/**/*.css"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parts(room: str) -> list[str]:
    """Return a room, and the packages in it that have commands and queries of their own."""
    inside = (SOURCE / "rooms" / room).glob("*/commands.py")
    return [room, *sorted(f"{room}.{path.parent.name}" for path in inside)]


def module(room: str, name: str) -> ModuleType | None:
    folder = SOURCE / "rooms" / Path(*room.split("."))
    there = (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists()
    return import_module(f"kfar.rooms.{room}.{name}") if there else None


def functions(name: str) -> list[Any]:
    """Return every public function of every room's `name.py`, to parametrize with."""
    rooms = ((part, module(part, name)) for room in ROOMS for part in parts(room))
    return [
        pytest.param(function, id=f"{room}.{function.__name__}")
        for room, found in rooms
        if found is not None
        for function in vars(found).values()
        if inspect.isfunction(function)
        and function.__module__ == found.__name__
        and not function.__name__.startswith("_")
    ]


# --- imports -------------------------------------------------------------------------------


def test_imports_go_down(capsys: pytest.CaptureFixture[str]) -> None:
    kept = use_cases.lint_imports(str(ROOT / "pyproject.toml"), cache_dir=None, no_logo=True)
    assert kept, capsys.readouterr().out


def test_contracts_leave_nothing_out_and_say_what_to_do() -> None:
    contracts = api.read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    for contract in contracts:
        assert contract["broken_contract_guidance"].endswith("(docs/house.md).")
        assert contract["type"] != "layers" or contract["exhaustive"] == "True"
    plain, gate = [c for c in contracts if c["type"] == "forbidden"]
    assert gate["source_modules"] == ["kfar.doors.gate", "kfar.lake.intake"]
    assert gate["forbidden_modules"][:2] == ["django", "kfar.rooms"]
    science = [
        f"kfar.rooms.{room}.{Path(name).stem}"
        for room, names in SCIENCE.items()
        for name in sorted(names)
    ]
    assert plain["source_modules"] == [
        "kfar.ground",
        "kfar.rooms.*.facts",
        "kfar.rooms.*.rules",
        "kfar.rooms.*.*.rules",
        *science,
    ]
    assert plain["forbidden_modules"] == ["django"]


# --- rooms ---------------------------------------------------------------------------------


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_one_verb_and_the_known_files(room: str) -> None:
    folder = SOURCE / "rooms" / room
    found = {p.name for p in folder.iterdir()} - {"__pycache__"}
    assert found <= ANATOMY | OWN.get(room, set()) | SCIENCE.get(room, set())
    first = (import_module(f"kfar.rooms.{room}").__doc__ or "").splitlines()[0]
    assert re.match(rf"{room.capitalize()}: [a-z]+\. [A-Z].+\.$", first), first


@pytest.mark.parametrize(
    ("room", "name"), [(r, n) for r, names in SCIENCE.items() for n in sorted(names)]
)
def test_science_names_its_paper(room: str, name: str) -> None:
    """A package of science names them where each stands."""
    place = SOURCE / "rooms" / room / name
    modules = sorted(place.glob("*.py")) if place.is_dir() else [place]
    told = [ast.get_docstring(ast.parse(file.read_text())) or "" for file in modules]
    assert re.search(r"\b(19|20)\d\d\b", "\n".join(told))


@pytest.mark.parametrize("room", ROOMS)
def test_foreign_keys_point_down_or_stay(room: str) -> None:
    below = ASKED[ASKED.index(room) + 1 :] if room in ASKED else ASKED
    allowed = {room, *below}
    for model in apps.get_app_config(room).get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if field.concrete and field.related_model:
                assert isinstance(field.related_model, type), f"{field} points nowhere"
                assert field.related_model._meta.app_label in allowed, str(field)


def test_the_lake_points_to_nobody() -> None:
    fields = [f for m in apps.get_app_config("lake").get_models() for f in m._meta.get_fields()]
    assert [str(f) for f in fields if f.related_model] == []


@pytest.mark.parametrize("command", functions("commands"))
def test_commands_take_their_arguments_by_name(command: Callable[..., object]) -> None:
    kinds = {p.kind for p in inspect.signature(command).parameters.values()}
    assert kinds <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}
    assert command.__doc__


@pytest.mark.parametrize("query", functions("queries"))
def test_queries_return_no_rows(query: Callable[..., object]) -> None:
    assert query.__doc__
    for kind in _kinds(typing.get_type_hints(query)["return"]):
        row = isinstance(kind, type) and issubclass(kind, (Model, QuerySet, Manager))
        assert not row, f"{kind} leaves the room"


def _kinds(hint: Any) -> Iterator[Any]:
    """Yield a type and all it is made of, dataclasses' fields too."""
    yield typing.get_origin(hint) or hint
    for part in typing.get_args(hint):
        yield from _kinds(part)
    if is_dataclass(hint):
        for part in typing.get_type_hints(hint).values():
            yield from _kinds(part)


@pytest.mark.parametrize("room", ROOMS)
def test_facts_are_frozen(room: str) -> None:
    facts = module(room, "facts")
    for fact in vars(facts).values() if facts else ():
        if isinstance(fact, type) and issubclass(fact, Fact) and fact is not Fact:
            assert fact.name == f"{room}.{fact.__name__}"
            assert fact.__dataclass_params__.frozen  # type: ignore[attr-defined]
            assert fact.__doc__


# --- what there is not -----------------------------------------------------------------------


def test_files_are_short_and_have_a_subject() -> None:
    long = {named(path): path.read_text().count("\n") for path in PYTHON}
    # From 300 on ask why; then one module per concern, tests with it.
    assert [file for file, lines in long.items() if lines > 500] == []
    assert [file for file in long if file.endswith("/utils.py")] == []


def test_nothing_happens_by_the_way() -> None:
    found = []
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                if node.module in {"django.dispatch", "django.db.models.signals"}:
                    found.append(f"{named(path)}: a signal; announce a fact")
            elif isinstance(node, ast.ClassDef) and path.name == "models.py":
                methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
                if methods & {"save", "delete"}:
                    found.append(f"{named(path)}: {node.name} does more than save; use a command")
    assert found == []


# --- pages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [r"<style", r"\sstyle=", r"\son[a-z]+=\"", r"\b(left|right)\""])
def test_pages_carry_no_style_no_program_and_no_side(wrong: str) -> None:
    assert [named(p) for p in TEMPLATES if re.search(wrong, p.read_text())] == []


def test_pages_name_their_programs() -> None:
    scripts = {s for path in TEMPLATES for s in re.findall(r"<script[^>]*>", path.read_text())}
    # What is data is never run, whatever the Content-Security-Policy says.
    data = ('type="application/json"', 'type="application/ld+json"')
    assert [s for s in scripts if "src=" not in s and not any(d in s for d in data)] == []


def test_every_form_that_changes_something_is_ours() -> None:
    forms = [
        f for path in TEMPLATES for f in re.findall(r"(?s)<form\b.*?</form>", path.read_text())
    ]
    posts = [form for form in forms if re.search(r"<form[^>]*method=\"post\"", form)]
    assert len(posts) > 20
    # Where forms come from is asked in another way here (web/origins.py), as tests of these say.
    others = [form for form in posts if "{% csrf_token %}" not in form]
    names = {re.findall(r"action=\"{% url '(.*?)'", form)[0] for form in others}
    assert names == {"web:language", "web:vote", "web:vote-code"}


def test_one_page_says_language_and_direction() -> None:
    said = [named(path) for path in TEMPLATES if "<html" in path.read_text()]
    assert said == ["src/kfar/doors/web/templates/web/base.html"]
    base = (ROOT / said[0]).read_text()
    assert '<html lang="{{ language }}" dir="{{ direction }}">' in base


#: Left and right where start and end are meant.
PHYSICAL = re.compile(
    r"""(?:^|[;{\s])(?:
        (?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*
        | border-(?:top|bottom)-(?:left|right)-radius
        | left | right
    )\s*: | (?:text-align|float|clear)\s*:\s*(?:left|right)\b""",
    re.VERBOSE,
)


def test_styles_know_start_and_end_alone() -> None:
    text = {p: re.sub(r"(?s)/\*.*?\*/", "", p.read_text()) for p in STYLES}
    assert [named(path) for path in STYLES if PHYSICAL.search(text[path])] == []


def test_the_side_a_style_takes_would_be_seen() -> None:
    for wrong in ("a { left: 0 }", "a {margin-left:1px}", "a{float: right}", "b { right:0 }"):
        assert PHYSICAL.search(wrong), wrong
    for right in ("a { inset-inline-start: 0 }", "a{text-align:start}", "/* bright: */"):
        assert not PHYSICAL.search(right), right
