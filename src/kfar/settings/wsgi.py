"""What the HTTP server calls."""

import atexit
import gc

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from kfar.ground import lifeline

lifeline.hold_to_parent()  # where this is a worker of our server

application = get_wsgi_application()

# What stands as long as the process is not searched for garbage in the midst of a page, which
# takes a tenth of a second.
_ = get_resolver().reverse_dict
gc.collect()
gc.freeze()
atexit.register(gc.unfreeze)
