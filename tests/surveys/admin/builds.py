"""What the builder's script sends."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from surveys.drafting import building, deciding, versioning
from surveys.models import Edition, Option, Question

SCRIPT = {"X-Builder": "1"}


def address(edition: Edition, name: str = "") -> str:
    return reverse(f"admin:surveys_questionnaire_build{name}", args=[edition.questionnaire_id])


def write(client: Client, row: Any, name: str, value: str, *, read: str | None = None) -> Any:
    """What the page sends when something has been typed; on what stands there now unless told otherwise."""
    edition = row if isinstance(row, Edition) else getattr(row, "edition", None) or row.question.edition
    if read is None:
        fresh = type(row).objects.get(pk=row.pk)
        read = (
            deciding.mark_of(fresh) if name == "conditions" else versioning.mark(versioning.plain(getattr(fresh, name)))
        )
    sent = {"place": building.place_of(row), "name": name, "value": value, "read": read}
    return client.post(address(edition, "_write"), sent, headers=SCRIPT)


def deed(client: Client, edition: Edition, name: str, **sent: Any) -> Any:
    return client.post(address(edition, "_deed"), {"deed": name, **sent}, headers=SCRIPT)


def question(edition: Edition, code: str) -> Question:
    return edition.questions.get(code=code)


def row(source: Question, operator: str, *answers: Option, group: int = 1, number: str = "") -> dict[str, Any]:
    ids = [str(each.pk) for each in answers]
    return {"group": group, "source": f"question-{source.pk}", "operator": operator, "answers": ids, "number": number}
