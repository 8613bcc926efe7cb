"""`python -m kfar` is `kfar`."""

from kfar.doors.cli import main

main()
