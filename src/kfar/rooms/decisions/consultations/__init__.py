"""Consultations: statements by customers, votes on them, and what came out.

What is computed of it is in `consulting/`, which knows no rows.
"""
