"""Mail kept in the data directory as a maildir, where no mail server is set up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from email import policy
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from mailbox import Maildir, MaildirMessage

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


def box() -> Maildir:
    """Return the maildir `mail/` in the data directory, made where it, or a part of it, is not."""
    folder = settings.KFAR_DATA_DIR / "mail"
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    return Maildir(folder)


class EmailBackend(BaseEmailBackend):
    """Django's mail backend for it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the messages; return how many."""
        mail = box()
        for message in email_messages:
            mail.add(MaildirMessage(message.message()))
        return len(email_messages)


#: In the head of a letter to one person that names another: whom, sealed.
NAMES = "X-Kfar-Names"


def remove(addresses: Collection[str], names: Collection[str] = ()) -> int:
    """Remove every message to one of these addresses (in small letters); return how many.

    And every one whose head says that it names one of `names`.
    """
    folder = settings.KFAR_DATA_DIR / "mail"
    parser = BytesHeaderParser(policy=policy.default)
    removed = 0
    for path in (path for part in ("new", "cur", "tmp") for path in (folder / part).glob("*")):
        with path.open("rb") as file:
            head = parser.parse(file)
        to = {address.lower() for _, address in getaddresses(map(str, head.get_all("To", [])))}
        if not to.isdisjoint(addresses) or str(head.get(NAMES, "")) in names:
            path.unlink()
            removed += 1
    return removed
