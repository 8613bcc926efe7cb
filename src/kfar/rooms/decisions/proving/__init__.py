"""Votes that anybody can check: the log, what is signed, what is published, how it is verified."""
