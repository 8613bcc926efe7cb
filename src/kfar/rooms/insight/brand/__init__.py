"""Brand: what who leads one believes and says, beside what customers live through."""
