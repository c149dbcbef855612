"""Posting: what a browser has sent, or why it cannot be read."""

from __future__ import annotations

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

# Mail programs take the punctuation after a link for a part of it.
TRAILING = "/.,;:!?)>]\"' "


class Unreadable(Exception):
    """Nothing can be made of it; `reason` is "too_large" or "unusable"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def posted(request: HttpRequest) -> QueryDict:
    """The fields sent.

    Raises:
        Unreadable
    """
    try:
        return request.POST
    except (RequestDataTooBig, TooManyFieldsSent) as error:
        raise Unreadable("too_large") from error
    except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError) as error:
        raise Unreadable("unusable") from error
