"""Kfar: a company led by its customers."""

__version__ = "0.1.0"
