"""What the HTTP server calls."""

from django.core.wsgi import get_wsgi_application

from kfar.ground import lifeline

lifeline.hold_to_parent()  # where this is a worker of our server

application = get_wsgi_application()
