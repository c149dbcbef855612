"""The image's set of packages, in an environment that holds the developers' packages as well.

Some libraries import others when they happen to be there (rich, requests): what runs here would need more memory
than what runs in the image, or would run only because of a package that the image lacks.
"""

from __future__ import annotations

import re
from importlib.metadata import packages_distributions
from pathlib import Path

LOCKED = Path(__file__).parent.parent / "requirements.txt"


def without_developers_packages(folder: Path) -> dict[str, str]:
    """What to add to a process's environment so that it finds only packages of requirements.txt.

    Args:
        folder: where to put the file that does it; must last as long as the processes.
    """
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({developers_names()!r}))\n")
    return {"PYTHONPATH": str(folder)}


def developers_names() -> list[str]:
    """The importable names that no package of requirements.txt brings."""
    locked = set(re.findall(r"^([a-z0-9._-]+)==", LOCKED.read_text("utf-8"), re.MULTILINE))
    return sorted(
        name
        for name, packages in packages_distributions().items()
        if name.isidentifier() and not locked & {_plain(package) for package in packages}
    )


def _plain(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
