"""Ground: what everything stands on. No Django here."""
