"""The service's own settings, with the floors' addresses beside the real ones and static files gathered apart."""

from config.settings import *  # noqa: F403
from config.settings import DATA_DIR, STORAGES

ROOT_URLCONF = "benchmarks.floors"
STATIC_ROOT = DATA_DIR.parent / "staticfiles"
WHITENOISE_USE_FINDERS = False
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
