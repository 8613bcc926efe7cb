"""Telling: something changed because of voices, and everyone who spoke of it hears so, once."""
