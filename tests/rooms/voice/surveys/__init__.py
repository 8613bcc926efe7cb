"""Surveys: who is asked, and what is answered."""
