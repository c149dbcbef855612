"""The project as a Django application: it only brings the system checks along."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Registers `config.checks` once the applications are loaded."""

    name = "config"

    def ready(self) -> None:
        """Register the checks; no database is touched."""
        from config import checks  # noqa: F401 - importing registers
