"""Wider and narrower limits, proposed from what came of decisions; a person accepts them."""
