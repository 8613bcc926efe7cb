"""`POST /vote/<question>/ballot`: the ballot of a browser of which nothing is known.

    {"options": [0], "nonce": "<22 letters>", "once": "<22 letters>"}

It says what it says as at `POST /v1/ballot`, without a voter: who sends it is the voter their
cookie names, or a new one, whose cookie comes with the answer. Only the question's own page may
send it, or else any page could vote in the name of all who read it. How many new voters come
from one address is counted here, in memory: a gate that begins anew begins to count anew.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from math import ceil
from secrets import token_urlsafe
from uuid import UUID

from kfar.doors.gate.delivery import Delivery, Step
from kfar.doors.gate.refusals import Refusal
from kfar.doors.gate.tracking import check_length, put_plain_body
from kfar.doors.gate.voting import put_ballot, put_cast
from kfar.ground.ballots import NONCE
from kfar.ground.countries import abroad
from kfar.ground.limits import Window, wider
from kfar.ground.networks import NETWORK, networks
from kfar.ground.tokens import (
    COOKIE,
    COOKIE_LASTS,
    new_voter,
    read_voter,
    sealed_network,
    voter_token,
)

PATH = re.compile(rb"/vote/([^/?]+)/ballot(?=/?(?:\?|$))")
#: Addresses that are counted at once, in one window; beyond, counting begins anew.
MOST = 1 << 20
_TOKEN = re.compile(rb"(?:^|;\s*)%b=([\w-]+)" % COOKIE.encode(), re.ASCII)


class Newcomers:
    """How many new voters came from each address and country, in each window under way."""

    def __init__(self) -> None:
        self._counts: dict[Window, tuple[int, Counter[str]]] = {}

    def take(
        self,
        limits: tuple[Window, ...],
        ip: str,
        at: datetime,
        *,
        country: str = "",
        abroad: tuple[Window, ...] = (),
    ) -> int:
        """Count one more from `ip`, and from `country` if there is one; too many: count nothing.

        Returns in how many seconds one more may come, 0 where it has.
        """
        narrow, wide = networks(ip)
        counts = [(w, self._count(w, at), narrow) for w in limits]
        counts += [(w, self._count(w, at), wide) for w in wider(limits, NETWORK)]
        counts += [(w, self._count(w, at), country) for w in abroad if country]
        full = [w.ends(at) for w, count, whose in counts if count[whose] >= w.times]
        if full:
            return ceil((max(full) - at).total_seconds())
        for _, count, whose in counts:
            count[whose] += 1
        return 0

    def _count(self, window: Window, at: datetime) -> Counter[str]:
        number, count = self._counts.get(window, (-1, Counter()))
        if number != window.number(at) or len(count) > MOST:
            count = Counter()
            self._counts[window] = (window.number(at), count)
        return count


def put_browser(delivery: Delivery) -> Refusal | None:
    """Know the voter by their browser, which may be a new one."""
    request, board = delivery.request, delivery.app.board
    origin = request.header(b"origin")
    if origin and origin.rpartition(b"/")[2] != request.header(b"host"):
        return Refusal.OTHER_PAGE
    named = PATH.match(request.url)
    name = named[1].decode("latin-1") if named else ""
    question = board.notice.questions.get(name)
    if question is None:
        return Refusal.UNKNOWN_QUESTION
    if not question.link:
        return Refusal.NOT_BY_LINK
    raw = UUID(name).bytes
    token = _TOKEN.search(request.header(b"cookie"))
    known = read_voter(board.secret, token[1].decode()) if token else None
    if known is not None and known[0] == raw:
        delivery.voter = known
        return None
    once = delivery.message.once
    if once and not NONCE.fullmatch(once):
        return Refusal.NOT_JSON
    delivery.voter = raw, new_voter(board.secret, raw, once or token_urlsafe(16))
    wide = networks(delivery.app.pages.client(request))[1]
    delivery.network = sealed_network(board.secret, name, wide)
    return None


def count_newcomer(delivery: Delivery) -> Refusal | None:
    """Let so many new voters in from an address, and no more."""
    if delivery.network:
        app, at = delivery.app, datetime.fromtimestamp(delivery.received / 1000, UTC)
        ip, board = app.pages.client(delivery.request), app.board
        there = abroad(ip, board.notice.countries, board.notice.home)
        again = app.newcomers.take(board.voters, ip, at, country=there, abroad=board.abroad)
        if again:
            delivery.again = again
            return Refusal.TOO_MANY_VOTERS
    return None


def put_cookie(delivery: Delivery) -> Refusal | None:
    """Let this browser be the same voter from now on."""
    board, (raw, number) = delivery.app.board, delivery.voter
    name, question = board.asked[raw]
    token = voter_token(board.secret, UUID(bytes=raw), number)
    seconds = (question.closes - delivery.received) // 1000 + COOKIE_LASTS
    secure = "; Secure" if delivery.request.header(b"origin").startswith(b"https:") else ""
    cookie = f"{COOKIE}={token}; Path=/vote/{name}/; Max-Age={seconds}; HttpOnly; SameSite=Lax"
    delivery.content += f"Set-Cookie: {cookie}{secure}\r\n".encode()
    return None


JOIN: tuple[Step, ...] = (
    put_plain_body,
    check_length,
    put_cast,
    put_browser,
    put_ballot,
    count_newcomer,
    put_cookie,
)
