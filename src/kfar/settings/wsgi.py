"""What the HTTP server calls."""

import os

from django.core.wsgi import get_wsgi_application

from kfar.ground import lifeline

if os.environ.get(lifeline.NAME):
    lifeline.hold_to_parent()  # a worker of the server that answers pages

application = get_wsgi_application()
