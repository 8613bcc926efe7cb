"""Promises: keep. What we said we would do, for whom, by when; who was told."""
