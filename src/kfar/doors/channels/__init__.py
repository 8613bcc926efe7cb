"""Channels: how messages come in from where customers talk, and how answers go back there."""
