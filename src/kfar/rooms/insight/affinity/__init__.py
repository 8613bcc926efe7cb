"""Affinity: what goes with what, in one basket and in one life.

How often two things come together stands in `tables`, whether that is more than chance, and how
much more, in `pairs`.
"""
