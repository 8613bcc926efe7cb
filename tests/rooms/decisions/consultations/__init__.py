"""Consultations: what may be declared and said, what is kept, and what comes out."""
