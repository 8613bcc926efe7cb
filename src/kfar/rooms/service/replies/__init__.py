"""Words the team saved, to be put into an answer and read before it goes."""
