"""Manifests are lines that stay as they are, whatever rules come to be."""

from __future__ import annotations

import json
from dataclasses import replace

from kfar.rooms.decisions.counting.rules import Method, Overvote, Rule, Surplus
from kfar.rooms.decisions.proving.manifest import read_manifest
from tests.rooms.decisions.proving.publications import MANIFEST

#: What a rule said in the first manifests.
FIRST = {
    *("method", "seats", "lot", "form", "overvote", "max_skipped", "batch_elimination"),
    *("first_out", "digits", "threshold", "strength", "budget", "costs", "completion", "worth"),
    *("max_score", "credits"),
}


def test_a_manifest_says_of_its_rule_what_the_first_ones_said() -> None:
    assert set(json.loads(MANIFEST.line())["rule"]) == FIRST


def test_what_a_rule_says_beyond_that_stands_in_it_and_is_read_again() -> None:
    rule = Rule(
        Method.STV,
        seats=2,
        overvote=Overvote.EXHAUST_IF_SEVERAL_STAND,
        end_at_duplicate=True,
        surplus=Surplus.TOGETHER,
    )
    manifest = replace(MANIFEST, rule=rule)
    said = json.loads(manifest.line())["rule"]
    assert set(said) - FIRST == {"end_at_duplicate", "surplus"}
    assert read_manifest(manifest.line()) == manifest
    assert isinstance(read_manifest(manifest.line()).rule.surplus, Surplus)
