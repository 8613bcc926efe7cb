"""Views, by room."""
