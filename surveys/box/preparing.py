"""Preparing: statements that PostgreSQL plans once a connection instead of each time they are run.

For the few that every page of every respondent runs: planning them costs several times what running them does.
All others go the usual way, where values are put into the text and the plan fits them.
"""

from __future__ import annotations

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor


def prepared_cursor() -> CursorWrapper:
    """A cursor that prepares what it executes, from the second time on, and sends values apart from the text.

    Counted, logged and its errors translated like any other of Django's.
    """
    connection.ensure_connection()
    plain = Cursor(connection.connection)
    # What connection.cursor() itself does with the cursor it has made.
    wrapped: CursorWrapper = connection._prepare_cursor(plain)  # type: ignore[attr-defined]
    return wrapped
