"""The engines of the contract. Where Spark cannot run it is left out; in CI it has to run."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from pytest_django import Settings

from kfar.lake.engines import Engine, wide

CONFIGURATION = Path(__file__).with_name("spark-conf")


def missing() -> str:
    """Return what Spark would need and is not there, or ""."""
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        return "Java"
    return "" if find_spec("pyspark") else "the extra `spark`"


#: It never meets the database: rows of the inbox reach every engine from memory.
SPARK = pytest.param("spark", marks=pytest.mark.once)


@pytest.fixture(params=["duckdb", SPARK])
def spoken(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Engine:
    """Each engine in turn, as `KFAR_ENGINE` names it."""
    name: str = request.param
    if name == "spark" and (lacking := missing()):
        assert os.environ.get("CI") != "true", f"Spark needs {lacking}"
        pytest.skip(f"Spark needs {lacking}")
    monkeypatch.setenv("SPARK_CONF_DIR", str(CONFIGURATION))  # read once, when Spark starts
    settings.KFAR_ENGINE = name
    return wide()
