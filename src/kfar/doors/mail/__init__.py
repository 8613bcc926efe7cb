"""Mail: letters to people."""
