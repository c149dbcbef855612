"""Server time of the builder for a questionnaire of 150 questions, against an empty page of the site.

What is measured is what its page asks for: the page itself, one field saved, and the parts that changed with the
largest question open.
"""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.figures import Aim, Figure, Round, compared
from consult.models import User
from surveys.drafting import building, versioning
from surveys.formats import json
from surveys.models import Edition, Question

QUESTIONS, SECTIONS, ROUNDS, PAGES = 150, 15, 5, 8
KINDS = ("yes_no", "single_choice", "scale", "number", "long_text", "multiple_choice")


def run(*, quick: bool = False) -> list[Figure]:
    """Milliseconds of server time, and SQL statements."""
    questions, rounds, pages = (12, 1, 1) if quick else (QUESTIONS, ROUNDS, PAGES)
    client = Client(SERVER_NAME="testserver", headers={"accept-language": "nb"})
    client.force_login(User.objects.create_superuser(f"bench-{secrets.token_hex(4)}"))
    draft, small = _draft(questions), _draft(3)
    last = draft.questions.order_by("section__position", "position").last()
    assert last is not None
    folder = f"/admin/surveys/questionnaire/{draft.questionnaire_id}/build/"
    aim = Aim("value", "at most", 300)
    named: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
        ("page", lambda: client.get(folder), lambda: client.get(_folder(small))),
        ("what changed", lambda: _changes(client, draft, last), lambda: _changes(client, small, _last(small))),
        ("saving a field", lambda: _save(client, draft, last), lambda: _save(client, small, _last(small))),
    ]
    figures = []
    for name, large, little in named:
        found = [_round(client, large, pages) for _time in range(rounds)]
        note = f"{_statements(large)} statements; {_statements(little)} with 3 questions"
        figures.append(compared(f"builder with {questions} questions: {name}", "ms", found, aim, note=note))
    return figures


def _draft(questions: int) -> Edition:
    """A draft in two languages, with conditions."""
    per_section = max(1, questions // SECTIONS)
    written = [_question(number) for number in range(1, questions + 1)]
    document = {
        "code": f"bench-{questions}-{secrets.token_hex(3)}",
        "title": {"nb": "Måling", "nn": "Måling"},
        "purpose": {"nb": "Vi måler."},
        "sections": [
            {"title": {"nb": f"Del {start}"}, "questions": written[start : start + per_section]}
            for start in range(0, questions, per_section)
        ],
    }
    return json.load(document).editions.get()


def _question(number: int) -> dict[str, Any]:
    kind = KINDS[number % len(KINDS)]
    question: dict[str, Any] = {
        "code": f"Q{number}",
        "kind": kind,
        "text": {"nb": f"Hva mener du om sak nummer {number}?", "nn": f"Kva meiner du om sak nummer {number}?"},
        "help": {"nb": "Tenk på det siste året."},
    }
    if kind in ("single_choice", "multiple_choice"):
        question["options"] = [{"code": f"o{place}", "label": {"nb": f"Svar {place}"}} for place in range(1, 6)]
    if kind == "long_text":
        question["conditions"] = [{"source": f"Q{number - 1}", "operator": "answered"}] if number > 1 else []
    return question


def _folder(draft: Edition) -> str:
    return f"/admin/surveys/questionnaire/{draft.questionnaire_id}/build/"


def _last(draft: Edition) -> Question:
    return draft.questions.order_by("-section__position", "-position")[0]


def _changes(client: Client, draft: Edition, opened: Question) -> Any:
    return client.get(f"{_folder(draft)}changes/", {"version": "-1", "open": building.place_of(opened)})


def _save(client: Client, draft: Edition, question: Question) -> Any:
    text = Question.objects.values_list("text_nb", flat=True).get(pk=question.pk)
    sent = {
        "place": building.place_of(question),
        "name": "text_nb",
        "value": f"Hva mener du nå? {secrets.token_hex(3)}",
        "read": versioning.mark(versioning.plain(text)),
    }
    return client.post(f"{_folder(draft)}write/", sent)


def _statements(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        ask()
    return len(asked)


def _round(client: Client, ask: Callable[[], Any], pages: int) -> Round:
    return _milliseconds(ask, pages), _milliseconds(lambda: client.get("/floor/empty"), pages)


def _milliseconds(ask: Callable[[], Any], pages: int) -> float:
    _answered(ask)
    spent = []
    for _time in range(pages):
        begun = time.perf_counter()
        _answered(ask)
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent) * 1000


def _answered(ask: Callable[[], Any]) -> None:
    response = ask()
    if response.status_code != 200:
        raise RuntimeError(f"{response.status_code}: {response.content[:500]!r}")
