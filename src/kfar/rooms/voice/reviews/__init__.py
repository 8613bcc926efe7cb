"""Reviews: what customers say of a product in stars and words, and what follows for its place."""
