"""The project: settings, timetable, middleware and addresses. It knows `consult` and `surveys`."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
