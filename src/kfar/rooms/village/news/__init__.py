"""News: what an employee hears by mail of what waits for them, as they choose."""
