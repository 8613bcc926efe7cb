"""The same thing at once, from several threads with connections of their own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(*acts: Callable[[], T]) -> list[T | Exception]:
    """Do all of `acts` at once; return what each returned or raised, in their order."""
    start = Barrier(len(acts))
    done: dict[int, T | Exception] = {}

    def do(number: int, act: Callable[[], T]) -> None:
        start.wait()
        try:
            done[number] = act()
        except Exception as error:
            done[number] = error
        finally:
            connection.close()

    threads = [Thread(target=do, args=given) for given in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [done[number] for number in range(len(acts))]
