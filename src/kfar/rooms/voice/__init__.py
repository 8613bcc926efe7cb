"""Voice: listen. What customers say, until each has been answered and says it is good."""
