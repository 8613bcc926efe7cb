"""What other servers tell us: a tracker says what became of a plan."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kfar.doors import trackers, words
from kfar.ground.errors import Refused
from kfar.rooms.promises.plans import commands, queries, shapes


@csrf_exempt
@require_POST
def tracker(request: HttpRequest, name: str) -> JsonResponse:
    """Take what a tracker says of a plan, if it is the tracker that says it.

    The same twice is once; what is said of no plan of ours is answered so, and changes nothing.
    """
    size = request.headers.get("Content-Length", "0")
    if not size.isdecimal() or int(size) > trackers.MOST:
        return JsonResponse({"error": "hooks.too_large"}, status=413)
    body, target = request.read(trackers.MOST), queries.target(name)
    if target is None or not trackers.believed(target, request.headers, body):
        return JsonResponse({"error": "hooks.not_signed"}, status=401)
    said = shapes.read(target.shape, body)
    if said is None:
        return JsonResponse({"taken": False})
    try:
        news = commands.come_back(
            target=name,
            state=said.state,
            plan_id=said.plan_id,
            ref=said.ref,
            why=said.why,
            said_at=said.at,
        )
    except Refused as refused:
        return JsonResponse({"error": refused.code, "message": words.sentence(refused)}, status=404)
    return JsonResponse({"taken": True, "news": news})
