"""Search: voices by the words in them, as people write them, in three languages."""
