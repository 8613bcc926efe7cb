"""SQLite as Django knows it, but it comes back once a disk that was read-only is not any more."""
