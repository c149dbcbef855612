"""Steadying: a press is carried out again when the database has hung up in the middle of it.

After a restart of the database every connection that was open is dead, and each would cost somebody a page that says
that something went wrong. Only for doors where doing a thing twice is doing it once: every step of answering is such,
because people press twice and networks repeat.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout

View = Callable[..., HttpResponse]
MOST_ATTEMPTS = 3


def steady(view: View) -> View:
    """`view`, which may be carried out twice; fails as it does when the database does not come back at once."""

    @wraps(view)
    def once_more(request: HttpRequest, *parts: Any, **named: Any) -> HttpResponse:
        for _attempt in range(MOST_ATTEMPTS - 1):
            try:
                return view(request, *parts, **named)
            except (OperationalError, InterfaceError) as error:
                # Waiting has been tried; and what a transaction has done so far cannot be done again from here.
                if isinstance(error.__cause__, PoolTimeout) or connection.in_atomic_block:
                    raise
                connection.close()
                pool = getattr(connection, "pool", None)
                if pool is not None:
                    pool.check()  # the others are as dead as this one
        return view(request, *parts, **named)

    return once_more
