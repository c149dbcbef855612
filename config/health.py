"""Probes for those who run the service: alive, ready, and figures for Prometheus."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Callable, Iterator
from datetime import timedelta

import redis
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

# A letter that is due and still waits after this long shows that nobody sends.
OVERDUE = timedelta(minutes=10)


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """200: this process answers. Asks nothing else, so that a slow database restarts no web process."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when work can be done, else 503 with the names of what failed and nothing more."""
    failed = [name for name, probe in PROBES.items() if not _passes(probe)]
    if failed:
        return JsonResponse({"status": "unavailable", "failed": failed}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text. Counts of letters only for METRICS_TOKEN or in the demo.

    While a survey is open, how many reminders wait tells how many have not answered: more exactly than
    anyone may know.
    """
    registry = CollectorRegistry()
    registry.register(DatabaseCollector(detailed=settings.DEMO or _shows_token(request)))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class DatabaseCollector(Collector):
    """Figures read from the database when asked. Knows no person, no answer and no participation."""

    def __init__(self, detailed: bool) -> None:
        self.detailed = detailed

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families; only `raadslag_database_up 0` when the database does not answer."""
        families: list[GaugeMetricFamily] = []
        up = 1
        try:
            families += self._surveys()
            families += self._letters()
        except DatabaseError:
            up, families = 0, []
        yield GaugeMetricFamily("raadslag_database_up", "1 when the database answers.", value=up)
        yield from families

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: registering must not read the database."""
        return []

    def _surveys(self) -> Iterator[GaugeMetricFamily]:
        if not _has_model("surveys", "Survey"):
            return
        from surveys.models import Survey

        now = timezone.now()
        opened = Q(opened_at__isnull=False, closed_at__isnull=True)
        over = Q(stopped_at__isnull=False) | Q(closes_at__lte=now)
        counted = Survey.objects.aggregate(
            open=Count("pk", filter=opened & ~over & Q(opens_at__lte=now)),
            closing=Count("pk", filter=opened & over),
            closed=Count("pk", filter=Q(closed_at__isnull=False)),
        )
        family = GaugeMetricFamily("raadslag_surveys", "Surveys by state.", labels=["state"])
        for state, number in counted.items():
            family.add_metric([state], number)
        yield family

    def _letters(self) -> Iterator[GaugeMetricFamily]:
        if not _has_model("consult", "Letter"):
            return
        from consult.models import Letter

        late = Letter.objects.filter(status="pending", not_before__lt=timezone.now() - OVERDUE)
        yield GaugeMetricFamily(
            "raadslag_letters_overdue", "1 when a due letter has waited too long.", value=int(late.exists())
        )
        if self.detailed:
            family = GaugeMetricFamily("raadslag_letters", "Letters by status.", labels=["status"])
            for status, number in Letter.objects.values_list("status").annotate(Count("pk")).order_by("status"):
                family.add_metric([status], number)
            yield family


def _has_model(app: str, name: str) -> bool:
    return apps.is_installed(app) and name.lower() in apps.get_app_config(app).models


def _shows_token(request: HttpRequest) -> bool:
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(
        shown.encode("utf-8", "replace"), settings.METRICS_TOKEN.encode()
    )


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _redis_answers() -> bool:
    client = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"], socket_timeout=2)
    with contextlib.closing(client):
        return bool(client.ping())


def _keyring_holds() -> bool:
    """Every replica holds the key of every survey that is in the field: losing one loses the fieldwork."""
    from surveys.box import keyring
    from surveys.models import Survey

    in_the_field = Survey.objects.filter(opened_at__isnull=False, closed_at__isnull=True)
    try:
        key_ids = list(in_the_field.values_list("key_id", flat=True))
    except DatabaseError:
        return True  # named by its own probe
    return not any(keyring.check(key_id) for key_id in key_ids)


def _passes(probe: Callable[[], bool]) -> bool:
    try:
        return probe()
    except (DatabaseError, redis.RedisError, OSError):
        return False


PROBES: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "redis": _redis_answers,
    "keyring": _keyring_holds,
}
