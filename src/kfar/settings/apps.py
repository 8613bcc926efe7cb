"""The application as a whole: where its words are, and that the loop listens."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class Kfar(AppConfig):
    """Kfar itself: `src/kfar`, with its `locale/`."""

    name = "kfar"

    def ready(self) -> None:
        """Let the loop and the post hear what rooms announce."""
        import_module("kfar.loop")
        import_module("kfar.doors.mail.post")
        import_module("kfar.doors.mail.ties")
        import_module("kfar.doors.mail.news")
        import_module("kfar.doors.mail.incoming")
        import_module("kfar.doors.trackers")
        import_module("kfar.doors.channels.fetching")
