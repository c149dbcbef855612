"""The first page of the admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from consult import overseeing


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """With what waits for whoever looks; called by the theme (UNFOLD in the settings)."""
    desk = overseeing.desk(request.user, request.now)  # type: ignore[arg-type,attr-defined]
    return {**context, "desk": desk}
