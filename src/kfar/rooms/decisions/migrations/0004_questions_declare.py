import json
import secrets
from datetime import UTC
from hashlib import blake2b

from django.conf import settings
from django.db import migrations

from kfar.ground.tokens import tracker


def declare(apps, schema_editor):
    """Write the manifest of every question from its columns, and its ballots as text.

    Those asked before there were logs have none: what was not signed then cannot be proven now.
    """
    Question = apps.get_model("decisions", "Question")
    Ballot = apps.get_model("decisions", "Ballot")
    for row in Question.objects.order_by("pk"):
        options = len(row.options)
        row.opens_at = row.asked_at
        row.manifest = json.dumps(
            {
                "kfar": 1,
                "log": "",
                "key": "",
                "company": settings.KFAR_COMPANY,
                "question": str(row.pk),
                "text": row.text,
                "options": row.options,
                "pictures": [""] * options,
                "audience": "agreed",
                "account": "",
                "tiers": ["account", "email"],
                "answers": 1,
                "paper": {
                    "form": "choices",
                    "options": options,
                    "most": 1 if row.method == "plurality" else options,
                },
                "rule": {"method": row.method, "lot": secrets.token_hex(16)},
                "quorum": 0,
                "opens": _utc(row.asked_at),
                "closes": _utc(row.closes_at),
                "interim": False,
                "binding": True,
                "pledges": [
                    {"option": None, "text": row.pledge, "due": row.pledge_due.isoformat()}
                ],
                "witnesses": [],
            },
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        if row.result is not None:
            row.result = _result(row.result)
        row.save(update_fields=["manifest", "opens_at", "result"])
    key = blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"kfar.ballots").digest()
    for row in Ballot.objects.select_related("voter").iterator():
        row.tracker = tracker(key, row.voter.question_id.bytes, row.voter_id)
        row.text = " ".join(map(str, row.choices))
        row.nonce = secrets.token_urlsafe(16)
        row.sealed = 0
        row.save(update_fields=["text", "tracker", "nonce", "sealed"])


def _utc(at):
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _result(tally):
    names = [str(number) for number in tally["winners"]]
    counted = {
        "ballots": tally["ballots"],
        "winners": tally["winners"],
        "report": {
            "ballots": tally["ballots"],
            "blank": 0,
            "winners": names,
            "rounds": [
                {
                    "tally": {str(n): str(votes) for n, votes in enumerate(tally["votes"])},
                    "elected": names,
                    "eliminated": [],
                    "exhausted": "0",
                }
            ],
        },
    }
    return counted | {"aside": 0, "quorum": True, "tiers": {"email": counted}}


class Migration(migrations.Migration):

    dependencies = [("decisions", "0003_voters_and_logs")]

    operations = [migrations.RunPython(declare, migrations.RunPython.noop)]
