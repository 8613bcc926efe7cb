"""Questionnaires: read, asked, answered, added up."""
