"""Kfar with all of it imported and nothing done: what programs are forked from."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kfar.settings.project")
django.setup()

import duckdb  # noqa: E402 - Kfar's own imports come first

import kfar.settings.urls  # noqa: E402
import tests.lives  # noqa: E402
import tests.programs  # noqa: E402

__all__ = ["duckdb", "kfar", "tests"]
