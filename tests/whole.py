"""The whole state of the service, to be compared before and after: every row of every table, and what Redis holds."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import connection

Whole = dict[str, list[str]]


def everything() -> Whole:
    """{table: its rows with the place of each, in order}, and what the cache holds.

    The place is there because a row that is written again with the same content lies in another one.
    """
    found: Whole = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT ctid::text || each::text FROM "{table}" AS each ORDER BY ctid')
            found[table] = [row for (row,) in cursor.fetchall()]
    with redis.Redis.from_url(settings.CACHES["default"]["LOCATION"]) as server:
        keys = sorted(server.keys())
        found["(cache)"] = [f"{key!r}={server.dump(key)!r}" for key in keys]
    return found


def changed(before: Whole, after: Whole) -> dict[str, tuple[int, int]]:
    """{table: (rows gone or changed, rows come or changed)}, for the tables that differ."""
    return {
        table: (len(set(before[table]) - set(after[table])), len(set(after[table]) - set(before[table])))
        for table in before
        if before[table] != after[table]
    }
