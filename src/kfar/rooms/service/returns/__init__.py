"""Returns: what was bought goes back, without questions, and the money comes back at once."""
