"""Who calls the API: whoever shows a key that `manage.py create_api_token` made."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from consult import granting
from consult.models import User

KEYWORDS = ("bearer", "token")


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`, or `Token <key>`. Looked up afresh each time, so a revoked key is void at once."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """The user of the key; None where no key of ours is shown.

        Raises:
            AuthenticationFailed: malformed, unknown, revoked or of a user who is switched off; one text for all.
        """
        keyword, _blank, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        if keyword.lower() not in KEYWORDS:
            return None
        user = granting.user_of_token(token.strip())
        if user is None:
            raise AuthenticationFailed(_("This API key is not valid."))
        return user, None

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="api"'
