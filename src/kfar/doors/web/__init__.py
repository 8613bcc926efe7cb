"""Web: pages for people."""
