"""Accounts are made by staff or a command, never by a visitor."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """allauth's account adapter with sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always False."""
        return False
