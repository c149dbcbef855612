"""The timetable names tasks that exist, and the settings keep work from being lost or doubled."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.conf import settings

from config.celery import app


@pytest.mark.parametrize("entry", sorted(app.conf.beat_schedule))
def test_each_entry_names_a_registered_task(entry: str) -> None:
    task = app.conf.beat_schedule[entry]["task"]
    module, _, _ = task.rpartition(".")
    # Found by autodiscovery in a worker: the module must be an application's `tasks`.
    assert module.removesuffix(".tasks") in settings.INSTALLED_APPS
    import_module(module)
    assert task in app.tasks


def test_a_tick_that_nobody_fetched_expires() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["options"]["expires"] == entry["schedule"]


def test_work_survives_a_killed_worker() -> None:
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.broker_transport_options["unacked_restore_throttle"] == 1


def test_results_are_kept_nowhere() -> None:
    assert app.conf.task_ignore_result is True
    assert app.conf.result_backend in {None, "disabled://"}
    assert settings.CACHES["default"]["LOCATION"] != settings.CELERY_BROKER_URL
