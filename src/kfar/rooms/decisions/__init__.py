"""Decisions: decide. Questions to customers, their ballots, and what came out."""
