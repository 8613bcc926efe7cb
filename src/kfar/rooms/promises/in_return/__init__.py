"""In return: what customers promise the company, by their own yes, and free to take it back."""
