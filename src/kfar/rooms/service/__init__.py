"""Service: help. Cases, and the remedies an employee decides at once."""
