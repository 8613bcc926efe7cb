"""Rooms: what Kfar does, one room one verb."""
