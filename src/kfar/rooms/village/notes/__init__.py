"""Notes: what employees write for each other about a customer, and who is named in it."""
