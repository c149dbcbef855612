"""The settings for mypy's plugin, which imports them without an operator's environment."""

import os

os.environ.setdefault("SECRET_KEY", "types-only-" * 6)
os.environ.setdefault("MASTER_KEY", "00112233445566778899aabbccddeeff" * 2)
os.environ.setdefault("PUBLIC_URL", "http://testserver")

from config.settings import *  # noqa: F403 - the environment must be there first
