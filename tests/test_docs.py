"""The documents say what is so: names in them exist, and what exists is in them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from config import recording
from surveys.kinds.registry import KINDS

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
OURS = ("config", "consult", "surveys")
LOCAL = "http://localhost:8000"
IMAGE_LIMIT = 300_000


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def everything() -> str:
    return "\n".join(document.read_text("utf-8") for document in DOCUMENTS)


def sources() -> str:
    """All that people may read on a page, in one line: code, templates, and the texts of the demo."""
    files = [file for folder in OURS for kind in ("*.py", "*.json") for file in (ROOT / folder).rglob(kind)]
    files += (ROOT / "templates").rglob("*.html")
    return re.sub(r"\s+", " ", " ".join(file.read_text("utf-8") for file in files))


def rows(document: str, heading: str) -> Iterator[list[str]]:
    """The rows of the tables below a heading, each as its cells."""
    part = re.split(r"^#+ ", read(document).split(heading, 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    for line in part.splitlines():
        if line.startswith("|") and not line.startswith("|--"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def codes(text: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`\n]+)`", text)


# --- Files and links --------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    local = [target.partition("#")[0] for target in targets if "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_that_are_named_exist(document: Path) -> None:
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    named = [
        code.split(" ")[0] for code in codes(document.read_text("utf-8")) if code.split("/")[0] in tops and "/" in code
    ]
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    readme = read("README.md")
    assert [file.name for file in sorted((ROOT / "docs").glob("*.md")) if f"docs/{file.name}" not in readme] == []


@pytest.mark.parametrize("image", sorted((ROOT / "docs" / "images").iterdir()), ids=lambda file: file.name)
def test_pictures_are_small_texts_that_fetch_nothing(image: Path) -> None:
    content = image.read_text("utf-8")
    assert image.suffix == ".svg"
    assert image.stat().st_size <= IMAGE_LIMIT
    fetched = re.findall(r"(?:href|src)=\"(?!#)[^\"]*\"|url\((?!#|['\"]#)[^)]*\)|<(?:image|script)\b", content)
    assert fetched == []


def test_tests_that_are_named_exist() -> None:
    known = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
    }
    named = {code for code in codes(everything()) if re.fullmatch(r"test_\w+", code)}
    assert named - known == set()
    assert named


# --- Addresses --------------------------------------------------------------------------------------------


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, pattern
            yield pattern.name
        elif pattern.namespace is None:
            yield from _names(pattern.url_patterns)


def _leads_to(address: str) -> str:
    """The name of the route behind an address as it is documented, with <…> for what varies."""
    try:
        return str(resolve(re.sub(r"<\w+>", "x1", address.partition("?")[0])).url_name)
    except Resolver404:
        return f"nothing at {address}"


def test_every_address_is_documented_and_leads_somewhere() -> None:
    cells = [codes(row[0] + row[1]) for row in rows("docs/architecture.md", "## Addresses")]
    api = "/api/v1/surveys/"
    documented = [
        address.replace("…/<survey>/", f"{api}<survey>/")
        for cell in cells
        for address in cell
        if re.match("[/…]", address)
    ]
    found = {_leads_to(address) for address in documented}
    assert found == {*_names(get_resolver().url_patterns), "index"}


def test_addresses_of_the_demo_lead_somewhere() -> None:
    text = read("README.md")
    assert f"{LOCAL}/admin/" in text
    addresses = re.findall(rf'{LOCAL}(/[^>\s"`]*)', text)
    assert [address for address in addresses if _leads_to(address).startswith("nothing")] == []


# --- Commands ---------------------------------------------------------------------------------------------


def test_commands_that_are_named_exist() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", everything()))
    assert named - set(get_commands()) == set()


def test_every_command_of_ours_is_in_the_readme() -> None:
    ours = {name for name, app in get_commands().items() if app in OURS}
    listed = {
        found.group(1) for row in rows("README.md", "## Commands") if (found := re.match(r"`manage\.py (\w+)", row[0]))
    }
    assert listed == ours


def test_targets_that_are_named_exist_and_the_readme_has_all() -> None:
    helped = set(re.findall(r"^\t@echo 'make ([a-z-]+)", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"\bmake\s+([a-z-]+)`", everything())) - helped == set()
    flat = re.sub(r"\s+", " ", read("README.md"))
    assert {name for name in helped if f"make {name}" not in flat} == set()


def test_what_the_tour_tells_to_press_can_be_pressed() -> None:
    tour = read("README.md").split("### Five minutes in the demo")[1].split("## Run it")[0]
    told = [re.sub(r"\s+", " ", words) for words in re.findall(r"\*\*([^*]+)\*\*", tour)]
    buttons = [words.removeprefix("+ ") for words in told if not words.endswith(".")]
    shown = sources()
    assert [words for words in buttons if words not in shown] == []
    assert len(buttons) > 5


# --- Settings ---------------------------------------------------------------------------------------------

FROM_A_FILE = {"secret"}
ALSO_FROM_A_FILE = {"SECRET_KEY", "MASTER_KEY", "DATABASE_PASSWORD", "METRICS_TOKEN"}


def _variables_read() -> set[str]:
    """Every environment variable that config/ reads."""
    found: set[str] = set()
    for file in (ROOT / "config").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found |= _named_in(node)
    return found


def _named_in(call: ast.Call) -> set[str]:
    assert isinstance(call.func, ast.Attribute)
    owner, reader = ast.unparse(call.func.value), call.func.attr
    names = [str(argument.value) for argument in call.args if isinstance(argument, ast.Constant)]
    if owner == "env" and call.args and ast.unparse(call.args[0]) == "source":
        return {names[0], f"{names[0]}_FILE"} if reader in FROM_A_FILE else {names[0]}
    return {names[0]} if owner == "os.environ" and reader == "get" and names else set()


def _of_compose() -> tuple[set[str], set[str]]:
    """(variables asked of .env, those set for the service whatever .env says)."""
    text = read("docker-compose.yml").split("\n\nx-app")[1]
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    environment = text.split("environment: &environment")[1].split("secrets:")[0]
    given = set(re.findall(r"^    ([A-Z_]+):", environment, re.MULTILINE))
    image = set(re.findall(r"\b(DATA_DIR|KEYRING)=", read("Dockerfile")))
    return asked, (given | image) - asked


def _documented() -> dict[str, str]:
    """{variable: how compose sets it}."""
    return {name: row[-1] for row in rows("docs/operations.md", "## Environment variables") for name in codes(row[0])}


def test_the_table_of_variables_is_complete() -> None:
    asked, _given = _of_compose()
    known = _variables_read() | asked
    # Told by Django to itself, not by an operator.
    assert set(_documented()) == known - {"DJANGO_SETTINGS_MODULE"}
    assert known >= {f"{name}_FILE" for name in ALSO_FROM_A_FILE}


def test_the_table_says_how_compose_sets_each() -> None:
    asked, given = _of_compose()
    fixed = given | {name.removesuffix("_FILE") for name in given}
    needed = set(re.findall(r"\$\{(\w+):\?", read("docker-compose.yml")))
    expected = {
        name: "**needed**" if name in needed else "may" if name in asked else "fixed" if name in fixed else "–"
        for name in _documented()
    }
    assert _documented() == expected


def test_what_the_example_explains_is_in_the_table() -> None:
    explained = set(re.findall(r"^(?:# )?([A-Z_]+)=", read(".env.example"), re.MULTILINE))
    assert explained - set(_documented()) == set()


# --- What else is named -----------------------------------------------------------------------------------


def test_every_direct_dependency_has_its_reason() -> None:
    listed = {
        cell
        for row in rows_of_all("docs/decisions/dependencies.md")
        for cell in [row[0]]
        if re.match(r"[A-Za-z]", cell)
    }
    required = {
        name
        for file in ROOT.glob("requirements*.in")
        for name in re.findall(r"^([A-Za-z][\w.-]*)", file.read_text("utf-8"), re.MULTILINE)
    }
    assert listed - {"Package"} == required


def rows_of_all(document: str) -> Iterator[list[str]]:
    for heading in re.findall(r"^## .+$", read(document), re.MULTILINE):
        yield from rows(document, heading)


def test_every_kind_of_question_is_listed() -> None:
    listed = {code for row in rows("docs/architecture.md", "## Kinds of question") for code in codes(row[0])}
    assert listed == set(KINDS)


def test_figures_and_log_lines_that_are_named_exist() -> None:
    text, shown = read("docs/operations.md"), sources()
    figures = set(re.findall(r"raadslag_[a-z_]+", text))
    lines = {code for code in codes(text) if re.fullmatch(r"(?:closing|mailing)_[a-z_]+", code)}
    assert len(figures) > 2
    assert len(lines) > 2
    assert [name for name in sorted(figures | lines) if f'"{name}"' not in shown] == []


# --- The data ---------------------------------------------------------------------------------------------


def test_the_list_of_data_is_what_the_models_say() -> None:
    assert read("docs/data.md") == recording.describe(), "manage.py describe_data > docs/data.md"


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("describe_data")
    assert capsys.readouterr().out == recording.describe()


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        (
            'left_on = "When they left; not invited from then on."\n',
            "",
            "field of consult.Person without a purpose: left_on",
        ),
        (
            'left_on = "',
            'shoe_size = "No."\nleft_on = "',
            "purpose without a field of consult.Person: shoe_size",
        ),
        (
            '["consult.Grant"]',
            '["consult.Gift"]',
            "table without a purpose: consult.Grant; purpose without a table: consult.Gift",
        ),
        (
            '"auth.Group" = ',
            '"auth.Gang" = ',
            "library table without a purpose: auth.Group; purpose without a library table: auth.Gang",
        ),
    ],
)
def test_data_without_a_purpose_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, instead: str, fault: str
) -> None:
    record = recording.RECORD.read_text("utf-8")
    assert record.count(line) == 1
    changed = tmp_path / "record.toml"
    changed.write_text(record.replace(line, instead), "utf-8")
    monkeypatch.setattr(recording, "RECORD", changed)
    with pytest.raises(CommandError) as refusal:
        call_command("describe_data")
    assert str(refusal.value) == fault


def test_every_table_says_whom_it_is_about_and_how_long_it_is_kept() -> None:
    record = tomllib.loads(recording.RECORD.read_text("utf-8"))
    tables = {name: entry for name, entry in record.items() if "." in name}
    assert {entry["about"] for entry in tables.values()} == set(recording.ABOUT)
    assert [name for name, entry in tables.items() if not entry["kept"].endswith(".")] == []
