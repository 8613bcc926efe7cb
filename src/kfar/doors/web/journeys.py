"""A journey on a page: the customer's own, one customer's before staff, an account's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from kfar.doors import links
from kfar.doors.web import asked, finder, strip, telling
from kfar.rooms.decisions import notices
from kfar.rooms.decisions import queries as decisions
from kfar.rooms.decisions.consultations import queries as consultations
from kfar.rooms.promises import queries as promises
from kfar.rooms.promises.in_return import queries as in_return
from kfar.rooms.service import queries as service
from kfar.rooms.service.returns import queries as returns
from kfar.rooms.touchpoints import queries as touchpoints
from kfar.rooms.touchpoints.queries import Episode
from kfar.rooms.touchpoints.rules import OURSELVES
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.follow_up import queries as follow_up
from kfar.rooms.voice.queries import Said

#: Which room's rows the kinds of our own touches tell of.
ROOMS = {
    "change": "change",
    "consult": "consult",
    "follow-up": "follow-up",
    "good": "voice",
    "in-return": "in-return",
    "in-return-kept": "in-return",
    "not-good": "voice",
    "money-back": "return",
    "promise": "promise",
    "promise-kept": "promise",
    "remedy": "remedy",
    "remedy-undone": "remedy",
    "return": "return",
    "return-arrived": "return",
    "return-taken-back": "return",
    "said-more": "voice",
    "voice": "voice",
    "vote": "vote",
}


#: Where one answers.
LINKS = {"vote": links.ballot, "change": links.change}


@dataclass(frozen=True)
class Came:
    """What came of a voice: `kind` as a touch's, and the remedy or promise it tells of."""

    at: datetime
    kind: str
    of: Any


@dataclass(frozen=True)
class Told:
    """An episode with what it tells of: a voice, a remedy, a promise, a question.

    `about` is the voice a remedy or a promise answers; `thread` what came of a voice. `who`
    is whose it is, where that is not plain; `link` leads the customer to what they may do.
    """

    episode: Episode
    of: Any
    about: Said | None
    thread: list[Came]
    who: str
    link: str


def page(
    request: HttpRequest,
    template: str,
    people: Mapping[UUID, str],
    *,
    mine: bool = False,
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show the journey of these people (with what each is called) together.

    Asked by htmx it is what changes alone: earlier episodes, or all that a wish changes. `mine`
    says that the reader is the one customer. What a template needs beside stands in `context`.
    """
    wish = asked.read(request.GET, people)
    before = request.GET.get("before") or None
    found = touchpoints.journey(list(people), before=before, only=wish.only())
    htmx = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    told = tell(found.episodes, people if len(people) > 1 else {}, mine=mine)
    shown: dict[str, Any] = {
        "parts": [
            (part, [told[episode.id] for episode in part.episodes])
            for part in telling.parts(
                found.episodes, found.counts.chapters, found.after if htmx else None
            )
        ],
        "more": wish.address(("before", found.more)) if found.more else "",
        "mine": mine,
        "asked": wish,
    }
    if htmx and before:
        return _varied(render(request, "web/parts/episodes.html", shown))
    shown |= {
        "finder": finder.finder(wish, found.counts, people),
        "found": sum(sum(chapter.occasions.values()) for chapter in found.counts.chapters),
        "before": before,
    }
    if htmx:
        return _varied(render(request, "web/parts/told.html", shown))
    portrait = touchpoints.portrait(*people)
    shown |= {"portrait": portrait, "strip": strip.draw(portrait.strip, timezone.localdate())}
    return _varied(render(request, template, {**shown, **(context or {})}))


def tell(episodes: Sequence[Episode], names: Mapping[UUID, str], *, mine: bool) -> dict[UUID, Told]:
    """Return episodes, by id, with what they tell of, looked up a room at a time."""
    refs: dict[str, list[UUID]] = {room: [] for room in ROOMS.values()}
    for episode in episodes:
        if ref := _ref(episode):
            refs[ROOMS[episode.kind]].append(ref)
    heard = [r for e in episodes if e.kind == "voice" and (r := _ref(e))]
    given = service.remedies_for(heard) if heard else {}
    promised = promises.for_voices(heard) if heard else {}
    found: dict[UUID, Any] = {
        **service.remedies(refs["remedy"]),
        **{one.id: one for one in follow_up.by_id(refs["follow-up"])},
        **returns.by_id(refs["return"]),
        **promises.by_id(refs["promise"]),
        **in_return.by_id(refs["in-return"]),
        **{poll.id: poll for poll in decisions.by_id(refs["vote"])},
        **{notice.id: notice.manifest for notice in notices.by_id(refs["change"])},
        **{one.id: one for one in consultations.by_id(refs["consult"])},
    }
    answered = [of.voice_id for of in found.values() if getattr(of, "voice_id", None)]
    said = voices.by_id([*refs["voice"], *answered])
    told = {}
    for episode in episodes:
        ref = _ref(episode)
        of = said.get(ref) or found.get(ref) if ref else None
        thread = _thread(episode, given.get(ref, []), promised.get(ref, [])) if ref in heard else []
        told[episode.id] = Told(
            episode=episode,
            of=of,
            about=said.get(getattr(of, "voice_id", UUID(int=0))),
            thread=thread,
            who=names.get(episode.person, ""),
            # What one answers with is the customer's alone: nobody else gets the link.
            link=LINKS[episode.kind](ref, episode.person)
            if mine and ref and episode.kind in LINKS
            else "",
        )
    return told


def _thread(episode: Episode, given: Sequence[Any], promised: Sequence[Any]) -> list[Came]:
    """Return what came of a voice, in order of time."""
    came = [Came(remedy.at, "remedy", remedy) for remedy in given]
    came += [Came(r.undone_at, "remedy-undone", r) for r in given if r.undone_at]
    came += [Came(promise.made_at, "promise", promise) for promise in promised]
    came += [Came(p.kept_at, "promise-kept", p) for p in promised if p.kept_at]
    came += [Came(link.at, link.kind, None) for link in episode.links]
    return sorted(came, key=lambda step: (step.at, step.kind))


def _ref(episode: Episode) -> UUID | None:
    """Return the row an episode tells of; those from elsewhere tell of none of ours."""
    ours = episode.source == OURSELVES and episode.kind in ROOMS
    return UUID(episode.ref) if ours and episode.ref else None


def _varied(response: HttpResponse) -> HttpResponse:
    """Say that the same address has another answer for htmx."""
    patch_vary_headers(response, ("HX-Request", "HX-History-Restore-Request"))
    return response
