"""Ties: who knows whom, because both said so; either ends it at any time."""
