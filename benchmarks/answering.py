"""How fast the answer page opens and a whole submission goes through, against bare views, in one process.

Through the WSGI application with its whole middleware, without a server and a network: what the code alone costs.
`serving` measures the same through the real server.
"""

from __future__ import annotations

from functools import partial
from urllib.parse import parse_qsl

from benchmarks import field, floors
from benchmarks.figures import Aim, Figure, compared, rate
from benchmarks.inside import application
from benchmarks.visiting import TEXT, Send, presses, visit
from surveys.models import Survey

OPENED, SUBMITTED, ROUNDS = 400, 60, 5


def run(*, quick: bool = False) -> list[Figure]:
    """Requests a second, one after the other."""
    opened, submitted, rounds = (5, 2, 1) if quick else (OPENED, SUBMITTED, ROUNDS)
    survey = field.opened()
    tokens = [each.token for each in field.invite(survey, rounds * submitted + opened + 1)]
    send = application()
    floors.remember(send(f"/s/{tokens[0]}", None))
    return [*_open_page(send, tokens[:opened], rounds), _whole_submission(send, survey, tokens, submitted, rounds)]


def _open_page(send: Send, tokens: list[str], rounds: int) -> list[Figure]:
    found, least = [], []
    for _round in range(rounds):
        real = rate(lambda: [send(f"/s/{token}", None) for token in tokens], len(tokens))
        bare = rate(lambda: [send("/floor/page", None) for _time in tokens], len(tokens))
        look = rate(lambda: [send("/floor/look", None) for _time in tokens], len(tokens))
        found.append((real, bare))
        least.append((look, bare))
    return [
        compared("open the answer page, in one process", "/s", found, Aim("ratio", "at least", 0.6)),
        compared("a bare view with one look-up", "/s", least, note="no page that admits a link can do less"),
    ]


def _whole_submission(send: Send, survey: Survey, tokens: list[str], submitted: int, rounds: int) -> Figure:
    left = iter(tokens)
    steps = presses(send, next(left))
    found = []
    for _round in range(rounds):
        batch = [next(left) for _person in range(submitted)]
        requests = submitted * len(steps)
        fields = {"survey": str(survey.pk), "text": TEXT}
        real = rate(partial(_submit_all, send, steps, batch), requests)
        bare = rate(partial(_save_bare, send, fields, requests), requests)
        found.append((real, bare))
    name = f"whole submission of {len(steps)} requests, in one process, per request"
    return compared(name, "/s", found, Aim("ratio", "at least", 0.45))


def _save_bare(send: Send, fields: dict[str, str], times: int) -> None:
    for _time in range(times):
        send("/floor/save", fields)


def _submit_all(send: Send, steps: list[dict[str, str]], tokens: list[str]) -> None:
    for token in tokens:
        _submit(send, steps, token)


def _submit(send: Send, steps: list[dict[str, str]], token: str) -> None:
    conversation = visit(steps, token)
    request = next(conversation)
    while True:
        _method, path, body = request
        page = send(path, dict(parse_qsl(body.decode(), keep_blank_values=True)))
        try:
            request = conversation.send(page)
        except StopIteration:
            return
