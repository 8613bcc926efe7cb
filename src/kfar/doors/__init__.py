"""Doors: how the world comes in. Thin, without rules."""
