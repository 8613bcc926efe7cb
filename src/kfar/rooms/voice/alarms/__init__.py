"""Alarms: more people are unhappy than usual, about one thing or in all.

What is computed of it is in `warning/`, which knows no rows.
"""
