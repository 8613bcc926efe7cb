"""Counting ballots: the rules, the methods and their reports, in integers and fractions."""
