"""The logs of decisions, open to everybody: what is published, proofs, witnesses, receipts."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kfar.ground.errors import Refused
from kfar.rooms.decisions import ledger, queries, receipts
from kfar.rooms.decisions.consultations import publishing
from kfar.rooms.decisions.consultations import queries as consultations
from kfar.rooms.decisions.proving.bundle import bundle
from kfar.rooms.decisions.proving.consultation import Consultation
from kfar.rooms.decisions.proving.manifest import Manifest
from kfar.rooms.decisions.proving.receipt import read_receipt

#: Lines sent at once.
STRETCH = 2000
#: The longest receipt, in bytes.
LONGEST = 100_000
#: Where anybody reads of what a log is about; a change is read by those who are asked.
PAGES: dict[type, str] = {Manifest: "web:question", Consultation: "web:consultation"}


@require_GET
def published(request: HttpRequest, log: UUID, name: str) -> HttpResponseBase:
    """Show one of the files that `verify.py` reads, or the verifier itself."""
    if not ledger.size(log) or name not in FILES:
        raise Http404
    answer = StreamingHttpResponse(_stretches(FILES[name](log)), content_type=TYPES[name])
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _ballots(log: UUID) -> Iterable[str]:
    if _consulted(log):
        return publishing.ballots(log)
    return receipts.rows(log) if _counted(log) else ()


def _result(log: UUID) -> Iterable[str]:
    return [json.dumps(publishing.result(log) if _consulted(log) else _counted(log).told)]


def _statements(log: UUID) -> Iterable[str]:
    if not _consulted(log):
        raise Http404
    return publishing.statements_csv(log).removesuffix("\n").split("\n")


def _consulted(log: UUID) -> bool:
    """Whether it is the log of a consultation that has closed."""
    one = consultations.consultation(log)
    return one is not None and one.closed_at is not None


def _counted(log: UUID) -> queries.Result:
    poll = queries.opened(log)
    if poll is None or poll.result is None:
        raise Http404  # ballots are published at the close
    return poll.result


def _heads(log: UUID) -> Iterable[str]:
    between = False
    for note in ledger.notes(log):
        yield from ([""] if between else [])
        yield note.removesuffix("\n")
        between = True


FILES: dict[str, Callable[[UUID], Iterable[str]]] = {
    "log.txt": ledger.lines,
    "heads.txt": _heads,
    "checkpoint": lambda log: [(ledger.note(log) or "").removesuffix("\n")],
    "ballots.csv": _ballots,
    "result.json": _result,
    "statements.csv": _statements,
    "verify.py": lambda log: bundle().splitlines(),
}
TYPES = dict.fromkeys(FILES, "text/plain; charset=utf-8") | {
    "ballots.csv": "text/csv; charset=utf-8",
    "result.json": "application/json",
    "statements.csv": "text/csv; charset=utf-8",
    "verify.py": "text/x-python; charset=utf-8",
}


def _stretches(lines: Iterable[str]) -> Iterator[bytes]:
    some: list[str] = []
    for line in lines:
        some.append(line + "\n")
        if len(some) == STRETCH:
            yield "".join(some).encode()
            some.clear()
    yield "".join(some).encode()


@require_GET
def consistency(request: HttpRequest, log: UUID, before: int, size: int) -> HttpResponse:
    """Prove that the log of `size` lines begins with that of `before`: hashes, one a line."""
    if not 0 <= before <= size <= ledger.size(log):
        raise Http404
    steps = ledger.consistency(log, before, size)
    said = "".join(f"{b64encode(step).decode()}\n" for step in steps)
    return HttpResponse(said, content_type="text/plain; charset=utf-8")


@csrf_exempt  # a witness is no browser: its signature says who it is
@require_POST
def cosign(request: HttpRequest, log: UUID) -> HttpResponse:
    """Take the line with which a witness says that it saw a head."""
    try:
        ledger.witness(log=log, note=request.body.decode("utf-8", "replace"))
    except Refused as refused:
        status = 404 if refused.code == "decisions.not_found" else 409
        return HttpResponse(f"{refused.code}\n", status=status, content_type="text/plain")
    return HttpResponse(status=204)


@require_http_methods(["GET", "POST"])
def receipt(request: HttpRequest, log: UUID) -> HttpResponse:
    """Say what became of a ballot or an answer, by its tracker or by its receipt."""
    declared = ledger.declared(log)
    if declared is None:
        raise Refused("decisions.not_found")
    page = PAGES.get(type(declared))
    file = request.FILES.get("file")
    typed = request.POST.get("receipt", "").strip()
    held = file.read(LONGEST).decode("utf-8", "replace").strip() if file else typed
    context = {
        "declared": declared,
        "address": reverse(page, args=[log]) if page else "",
        "typed": typed,
        "stands": _stands(log, held) if held else None,
    }
    return render(request, "web/receipt.html", context)


def _stands(log: UUID, held: str) -> receipts.Standing:
    if not held.startswith("{"):
        tracker = "".join(held.lower().replace("-", " ").split())
        return receipts.standing(log, tracker)
    try:
        read = read_receipt(held)
    except ValueError:
        return receipts.Standing("receipt_unreadable")
    return receipts.standing(log, read.tracker, read)
