"""Torture: kill -9 and power cuts under load. Nothing acknowledged is lost, nothing doubled."""
