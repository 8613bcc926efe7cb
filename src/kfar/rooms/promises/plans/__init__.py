"""Plans: from what was heard to who does what by when, handed to the makers of the product."""
