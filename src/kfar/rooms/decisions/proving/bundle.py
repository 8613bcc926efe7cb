"""The verifier as one file that needs nothing but Python: these modules, one after another.

Whoever checks a decision counts by the very rules by which it was counted, and can read them:
what `verify.py` imports of ours is put before it, without its imports of one another.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path

OURS = "kfar."
START = "kfar.rooms.decisions.proving.verify"
HEAD = '''#!/usr/bin/env python3
"""Check a decision: python3 verify.py FOLDER-OR-ADDRESS [--receipt FILE]

One file of Kfar's, Apache-2.0, for Python 3.11 and later with nothing else installed: the log,
every ballot and the count are done again from what is published. Its parts follow one another.
"""

from __future__ import annotations

'''


@cache
def bundle(start: str = START) -> str:
    """Return the source of a module with all of ours that it needs, as one file."""
    order: list[str] = []
    imports: dict[str, set[str]] = {}
    _collect(start, order, imports)
    lines = [
        f"from {module} import {', '.join(sorted(names))}" if names else f"import {module}"
        for module, names in sorted(imports.items(), key=lambda item: (bool(item[1]), item[0]))
    ]
    parts = [f"\n\n# --- {name} ---\n\n{_body(name)}" for name in order]
    return HEAD + "\n".join(lines) + "\n" + "".join(parts)


def _collect(name: str, order: list[str], imports: dict[str, set[str]]) -> None:
    for node in ast.parse(_source(name)).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(OURS):
            if node.module not in order:
                _collect(node.module, order, imports)
        elif isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            imports.setdefault(node.module or "", set()).update(names)
        elif isinstance(node, ast.Import):
            imports.update({alias.name: set() for alias in node.names})
    imports.pop("__future__", None)
    order.append(name)


def _body(name: str) -> str:
    source = _source(name)
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    docstring, rest = _split("\n".join(lines))
    return f"{docstring}\n\n\n{rest.strip()}\n" if rest.strip() else f"{docstring}\n"


def _split(source: str) -> tuple[str, str]:
    """The module's docstring as a comment, and what follows it."""
    first = ast.parse(source).body[0]
    end = first.end_lineno or 1
    lines = source.splitlines()
    told = ast.literal_eval(ast.unparse(first))
    comment = "\n".join(f"# {line}".rstrip() for line in str(told).strip().splitlines())
    return comment, "\n".join(lines[end:])


def _source(name: str) -> str:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    return Path(spec.origin).read_text("utf-8")
