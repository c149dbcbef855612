"""Server time of a dashboard page at several numbers of responses, against an empty page of the site.

    python -m benchmarks.dashboard [RESPONSES ...]

The responses are really there: facts in the database, and a release computed from them by the service itself.
Pages and floor take turns within a round, so that a noisy neighbour hits both.
"""

from __future__ import annotations

import gc
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

    from surveys.models import Survey

SIZES = (1_000, 33_000, 200_000)
ROUNDS = 5
PAGES = 60
# The budget: at most six times an empty page, and no slower with many responses than with few.
AIM = 1 / 6
AIM_OF_SIZE = 1 / 1.3
REFERENCE = Path("consult/reference/nav-partnership-local-2021.json")
REGIONS = ("nord", "vest", "ost", "sor")
BANDS = ("small", "medium", "large")
CODED = ("B1", "B2", "B3")


def run(sizes: Sequence[int] = SIZES) -> list[dict[str, Any]]:
    """Measure; one row a page and size: pages a second, the floor's, their ratio and what it should be.

    Django must be set up on a migrated database that may be filled with made-up answers.
    """
    from django.core.cache import cache
    from django.test import override_settings

    with override_settings(ROOT_URLCONF="benchmarks.empty_page"):
        client = _leader()
        surveys = {size: _released(size) for size in sizes}
        rows = []
        speeds: dict[int, float] = {}
        for size, survey in surveys.items():
            for name, path in (("survey page", f"/results/{survey.code}/"), ("variable page", _variable(survey))):
                rows.append(_measure(f"{name}, {size} responses", client, path, size))
                if name == "survey page":
                    speeds[size] = rows[-1]["rate"]
        first, last = sizes[0], sizes[-1]
        path = f"/results/{surveys[last].code}/"
        rows.append(_measure(f"survey page not in the cache, {last} responses", client, path, last, before=cache.clear))
        rows.append(_against(f"survey page, {last} against {first} responses", speeds[last], speeds[first]))
        return rows


def _variable(survey: Survey) -> str:
    return f"/results/{survey.code}/B2.stance/"


def _measure(
    operation: str, client: Client, path: str, size: int, before: Callable[[], object] | None = None
) -> dict[str, Any]:
    _open(client, path), _open(client, "/floor/empty")
    rounds = []
    for _round in range(ROUNDS):
        real = _rate(lambda: _open(client, path), before)
        bare = _rate(lambda: _open(client, "/floor/empty"), before)
        rounds.append((real, bare))
    ratios = [real / bare for real, bare in rounds]
    return {
        "operation": operation,
        "rate": round(statistics.median(real for real, _bare in rounds)),
        "floor": round(statistics.median(bare for _real, bare in rounds)),
        "ratio": round(statistics.median(ratios), 3),
        "spread": [round(min(ratios), 3), round(max(ratios), 3)],
        "aim": round(AIM, 3),
        "size": size,
    }


def _against(operation: str, rate: float, floor: float) -> dict[str, Any]:
    ratio = round(rate / floor, 3)
    return {
        "operation": operation, "rate": rate, "floor": floor, "ratio": ratio, "spread": [ratio, ratio],
        "aim": round(AIM_OF_SIZE, 3), "size": 1,
    }  # fmt: skip


def _open(client: Client, path: str) -> None:
    response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path}: {response.status_code}")


def _rate(work: Callable[[], object], before: Callable[[], object] | None) -> float:
    gc.collect()
    spent = 0.0
    for _time in range(PAGES):
        if before:
            before()
        begun = time.perf_counter()
        work()
        spent += time.perf_counter() - begun
    return PAGES / spent


def _leader() -> Client:
    from django.test import Client

    from consult.models import User

    client = Client()
    client.force_login(User.objects.create_superuser(f"bench-{secrets.token_hex(4)}"))
    return client


def _released(size: int) -> Survey:
    """Survey B with this many responses, closed and released."""
    from django.db import connection
    from django.utils import timezone

    from surveys import disclosing, fielding, publishing
    from surveys.fielding import FactPlan
    from surveys.formats import json as json_format
    from surveys.models import Survey

    now = timezone.now()
    document = json.loads(REFERENCE.read_text())
    document["code"] = f"bench-{secrets.token_hex(4)}"
    survey = fielding.plan(
        document["code"],
        publishing.publish(json_format.load(document).pk, now),
        opens_at=now - timedelta(days=2),
        closes_at=now - timedelta(days=1),
        facts=[
            FactPlan("region", {"nb": "Region"}, [(code, {"nb": code.title()}) for code in REGIONS]),
            FactPlan("size_band", {"nb": "Størrelse"}, [(code, {"nb": code.title()}) for code in BANDS]),
        ],
        codebooks=CODED,
        crosses=[("B2.stance", "B3.stance")],
    )
    times = {"opened_at": survey.opens_at, "stopped_at": survey.closes_at, "destroyed_at": survey.closes_at}
    Survey.objects.filter(pk=survey.pk).update(**times)
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, {"survey": survey.pk, "edition": survey.edition_id, "size": size})
        cursor.execute("ANALYZE")
    disclosing.request_release(survey, None, now)
    disclosing.compute_waiting(now)
    return survey


# Straight into the facts: what is measured begins after them.
FILL = (
    """
    INSERT INTO surveys_response (id, survey_id, closed_on)
    SELECT gen_random_uuid(), %(survey)s, current_date FROM generate_series(1, %(size)s)
    """,
    """
    INSERT INTO surveys_background (response_id, fact_id, value_id)
    SELECT r.id, f.id, (array_agg(v.id ORDER BY v.id))[1 + abs(hashtext(r.id::text || f.id)) %% count(*)]
    FROM surveys_response r, surveys_backgroundfact f JOIN surveys_backgroundvalue v ON v.fact_id = f.id
    WHERE r.survey_id = %(survey)s AND f.survey_id = %(survey)s GROUP BY r.id, f.id
    """,
    """
    INSERT INTO surveys_answer (response_id, question_id, option_id, text)
    SELECT r.id, q.id, (array_agg(o.id ORDER BY o.id))[1 + abs(hashtext(r.id::text || q.id)) %% count(*)], ''
    FROM surveys_response r, surveys_question q JOIN surveys_option o ON o.question_id = q.id
    WHERE r.survey_id = %(survey)s AND q.edition_id = %(edition)s GROUP BY r.id, q.id
    """,
)


def _on_servers_of_its_own() -> Iterator[None]:
    """Embedded servers in a folder that is thrown away."""
    from config.embedded import Embedded

    with tempfile.TemporaryDirectory(prefix="rb-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "benchmark-" * 6, "MASTER_KEY": "ab" * 32,
            "DATA_DIR": folder, "PUBLIC_URL": "http://testserver", "LOG_LEVEL": "ERROR", "STATIC_COLLECTED": "0",
        }  # fmt: skip
        with Embedded(Path(folder), durable=False) as servers:
            os.environ |= {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            yield


if __name__ == "__main__":
    for _ready in _on_servers_of_its_own():
        for row in run([int(size) for size in sys.argv[1:]] or SIZES):
            print(json.dumps(row))
