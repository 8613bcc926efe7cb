"""What clients ask before they send anything: how, and where to. The answer: all of it, here."""

from __future__ import annotations

from typing import Any

import msgspec

from kfar.doors.gate.delivery import JSON, given_key
from kfar.doors.gate.http import Request, cors, refuse
from kfar.doors.gate.refusals import Refusal
from kfar.lake.intake.notice import Board


def settings(request: Request, board: Board, key: str, proxies: int) -> Refusal | None:
    """Tell a client of Segment its settings: `GET /v1/projects/<key>/settings`.

    A browser's sends nothing before it has them. Returns why it was refused, if it was.
    """
    if board.opens(key) is None:
        refuse(request, Refusal.UNKNOWN_KEY)
        return Refusal.UNKNOWN_KEY
    forwarded = request.header(b"x-forwarded-proto") if proxies else b""
    said = {
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": f"{request.header(b'host').decode('latin-1')}/v1",
                "protocol": "https" if forwarded.lower() == b"https" else "http",
                "unbundledIntegrations": [],
                "addBundledMetadata": True,
                "maybeBundledConfigIds": {},
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            }
        },
        "plan": {
            "track": {"__default": {"enabled": True, "integrations": {}}},
            "identify": {"__default": {"enabled": True}},
            "group": {"__default": {"enabled": True}},
        },
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }
    _tell(request, said)
    return None


def source_config(request: Request, board: Board) -> Refusal | None:
    """Tell a client of RudderStack its source: `GET /sourceConfig`, with its key.

    Returns why it was refused, if it was.
    """
    given = given_key(request)
    key = board.opens(given) if given else None
    if key is None:
        why = Refusal.UNKNOWN_KEY if given else Refusal.NO_KEY
        refuse(request, why)
        return why
    off = {"enabled": False}
    said = {
        "source": {
            "id": key.source,
            "name": key.source,
            "writeKey": given,
            "enabled": True,
            "workspaceId": "kfar",
            "updatedAt": "2026-01-01T00:00:00.000Z",
            "config": {"statsCollection": {"errors": off, "metrics": off}},
            "destinations": [],
            "dataplanes": {},
        },
        "updatedAt": "2026-01-01T00:00:00.000Z",
    }
    _tell(request, said)
    return None


def _tell(request: Request, said: dict[str, Any]) -> None:
    request.answer(b"200 OK", msgspec.json.encode(said), cors(request) + JSON)
