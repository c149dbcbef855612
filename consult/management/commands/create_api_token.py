"""manage.py create_api_token USER: a key for the read-only API, shown once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from consult import granting
from consult.models import User


class Command(BaseCommand):
    help = "Make a key for the read-only API. It is printed once and cannot be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        """The user the key speaks for."""
        parser.add_argument("user", help="user name")

    def handle(self, *args: Any, **options: Any) -> None:
        """The key alone on standard output, so that a script can take it; the words on standard error.

        Raises:
            CommandError: there is no such user, or the user is switched off.
        """
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user called {options['user']}.")
        if not user.is_active:
            raise CommandError(f"The user {user.username} is switched off. Switch the account on first.")
        self.stdout.write(granting.create_token(user, timezone.now()))
        self.stderr.write("Keep this key safe: it is shown only now. Send it as: Authorization: Bearer <key>")
        if granting.scope(user) is None:
            self.stderr.write(f"{user.username} has no access to results yet: give it in the administration.")
