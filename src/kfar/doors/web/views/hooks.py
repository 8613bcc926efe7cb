"""What systems tell us that customers said: signed webhooks, each heard once."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kfar.doors import words
from kfar.doors.channels import hooks
from kfar.ground.errors import Refused
from kfar.rooms.voice.channels import commands, hearing, queries
from kfar.rooms.voice.channels.rules import Kind

#: By which status a refusal is known; senders come again after 429 and 503, and after no other.
STATUS: Mapping[str, int] = {
    "voice.no_such_channel": 404,
    "hooks.gone": 410,
    "hooks.too_large": 413,
    "hooks.not_json": 415,
    "hooks.unsigned": 401,
    "hooks.too_old": 401,
    "hooks.forged": 401,
    "hooks.not_understood": 422,
    "voice.nothing_said": 422,
    "voice.no_message_id": 422,
    "voice.too_many_posts": 429,
    "voice.channel_sealed": 503,
}


@csrf_exempt
@require_POST
def take(request: HttpRequest, source: str) -> HttpResponse:
    """Hear what one signed request tells; said again, it is the same."""
    try:
        return JsonResponse({"news": _take(request, source)})
    except Refused as refused:
        said = {"error": refused.code, "message": words.sentence(refused)}
        answer = JsonResponse(said, status=STATUS.get(refused.code, 409))
        if answer.status_code == 429:
            answer["Retry-After"] = "3600"
        return answer


def _take(request: HttpRequest, source: str) -> bool:
    """Return whether it was news; refuse it as early as can be."""
    channel = queries.named(source, gone=True)
    if channel is None or channel.kind is not Kind.HOOK:
        raise Refused("voice.no_such_channel", name=source[:60])
    if channel.removed_at is not None:
        raise Refused("hooks.gone")
    if int(request.META.get("CONTENT_LENGTH") or 0) > hooks.MOST:
        raise Refused("hooks.too_large", most=hooks.MOST)
    if request.content_type != "application/json":
        raise Refused("hooks.not_json")
    delivery = hooks.check(
        {name.lower(): value for name, value in request.headers.items()},
        request.body,
        queries.secrets(channel.id),
        now=timezone.now(),
    )
    message = hooks.read(request.body)
    voice_id = hearing.take(channel_id=channel.id, message=message, delivery=delivery)
    commands.heard(channel_id=channel.id)
    return voice_id is not None
