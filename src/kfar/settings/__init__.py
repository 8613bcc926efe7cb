"""Settings: how this Kfar is set up. `env` is the one table; the rest follows from it."""
