"""Feeds: what is promised to everybody, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from kfar.doors import links, words
from kfar.rooms.promises import queries
from kfar.rooms.promises.queries import Promised
from kfar.rooms.promises.rules import State


class Promises(Feed):  # type: ignore[type-arg]
    """The promises whose words are for everybody: to all, and to voters. Never one to a person.

    What becomes of a promise is news of its own; each has an id that stays.
    """

    feed_type = Atom1Feed

    def title(self) -> str:
        """Return what the feed is called."""
        return _("What %(company)s promised") % {"company": settings.KFAR_COMPANY}

    def subtitle(self) -> str:
        """Return what stands in it."""
        return _("Promises to everybody and to voters: made, moved, kept and broken.")

    def link(self) -> str:
        """Return the page it is of."""
        return reverse("web:promises")

    def feed_url(self) -> str:
        """Return its own address."""
        return links.page("web:promises-feed")

    def items(self) -> Sequence[Promised]:
        """Return what happened last."""
        return [one for one in queries.public() if not one.personal]

    def item_title(self, item: Promised) -> str:
        """Return what was promised, and how it stands."""
        stands = {
            State.OPEN: _("promised, by %(day)s"),
            State.LATE: _("late, was due %(day)s"),
            State.KEPT: _("kept"),
            State.BROKEN: _("broken"),
            State.RELEASED: _("no longer needed"),
        }[item.state] % {"day": words.day(item.due)}
        return f"{words.short(words.text_in(item.text), 120)} ({stands})"

    def item_description(self, item: Promised) -> str:
        """Return the promise, its days, and what was done or why not."""
        said = [words.text_in(item.text)]
        for move in item.moves:
            days = {"before": words.day(move.before), "after": words.day(move.after)}
            said.append(_("Moved from %(before)s to %(after)s:") % days + f" {move.why}")
        return "\n\n".join([*said, *(text for text in (item.how, item.why) if text)])

    def item_guid(self, item: Promised) -> str:
        """Return an id that changes when there is news of it."""
        return f"urn:kfar:{item.id}:{item.state}:{len(item.moves)}"

    item_guid_is_permalink = False

    def item_link(self, item: Promised) -> str:
        """Return the question it is for, or the record."""
        if item.question_id:
            return reverse("web:question", args=[item.question_id])
        return reverse("web:promises") + f"#p-{item.id}"

    def item_pubdate(self, item: Promised) -> datetime:
        """Return since when there is this promise."""
        return item.made_at

    def item_updateddate(self, item: Promised) -> datetime:
        """Return when something happened to it last."""
        moments = [item.made_at, item.kept_at, item.broken_at, item.released_at]
        return max(at for at in [*moments, *(move.at for move in item.moves)] if at)
