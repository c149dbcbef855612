"""Emptying the database after tests that commit.

Django's own way truncates every table and then makes content types and permissions anew, which takes a third of a
second a test. Here only tables with rows in them are emptied, and what belongs to the schema stays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

# Made by migrating, from the models alone.
OF_THE_SCHEMA = frozenset({"django_migrations", "django_content_type", "auth_permission"})


def use(patch: pytest.MonkeyPatch) -> None:
    """Empty in this way after every test that commits, where the database lets us pass by its triggers."""
    original: Callable[[TransactionTestCase], None] = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        if _is_superuser():
            empty()
        else:
            original(case)

    patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)


def empty() -> None:
    """Empty every table but those of the schema, with no regard to foreign keys and triggers, as truncating does."""
    # All of it in one statement: a table is named by ourselves, and holds rows or does not.
    looks = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in _tables())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(looks)
        filled = [name for (name,) in cursor.fetchall()]
        if filled:
            deletes = "; ".join(f"DELETE FROM {name}" for name in filled)
            cursor.execute(f"SET LOCAL session_replication_role = replica; {deletes}")


@cache
def _tables() -> tuple[str, ...]:
    return tuple(sorted(set(connection.introspection.table_names()) - OF_THE_SCHEMA))


@cache
def _is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])
