"""Customers: know. Who they are, under every name, and what they agreed to."""
