"""Meetings: whom to meet, when, who comes, and what was said."""
