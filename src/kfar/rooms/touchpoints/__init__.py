"""Touchpoints: meet. Every contact on every channel, imports, journeys."""
