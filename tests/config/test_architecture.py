"""What import-linter cannot see: names handed on by a package, and models fetched by their label."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUARDED_MODULES = {"ballot", "response"}


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(module, name) of every `from … import …`, relative ones with their dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield "." * node.level + (node.module or ""), alias.name


def _guarded_names() -> set[str]:
    """What surveys.models hands on from the modules that hold answers."""
    tree = ast.parse((ROOT / "surveys" / "models" / "__init__.py").read_text("utf-8"))
    return {name for module, name in _imported(tree) if module.lstrip(".") in GUARDED_MODULES}


def _breaches(source: str) -> list[str]:
    names = _guarded_names()
    tree = ast.parse(source)
    found = [name for module, name in _imported(tree) if module == "surveys.models" and name in names | {"*"}]
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found += sorted(module for module in modules if module.startswith("surveys.models"))
    found += re.findall(rf"""["']surveys["'.],?\s*["']?({"|".join(sorted(names))})["']""", source)
    return found


def test_there_is_something_to_guard() -> None:
    assert {"Response", "Answer", "SealedBallot"} <= _guarded_names()


@pytest.mark.parametrize(
    "file",
    [file for app in ("config", "consult") for file in sorted((ROOT / app).rglob("*.py"))],
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_answers_stay_inside_surveys(file: Path) -> None:
    assert _breaches(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "from surveys.models import Survey, Response",
        "from surveys.models import *",
        "import surveys.models as m",
        'apps.get_model("surveys", "Answer")',
        'apps.get_model("surveys.SealedBallot")',
    ],
)
def test_the_guard_sees_every_way_in(source: str) -> None:
    assert _breaches(source)


def test_the_guard_lets_surveys_itself_pass() -> None:
    assert _breaches("from surveys.models import Survey\nfrom surveys.closing import close") == []


def test_unfold_is_imported_in_one_place() -> None:
    """The way back to Django's own admin must stay one file long."""
    importing = [
        str(file.relative_to(ROOT))
        for app in ("config", "consult", "surveys")
        for file in sorted((ROOT / app).rglob("*.py"))
        if re.search(r"^\s*(?:from|import) unfold", file.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(importing) <= 1, importing
