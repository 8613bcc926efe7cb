"""By when a case is to be decided, counted in the hours the company works."""
