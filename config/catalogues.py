"""Message catalogues without the gettext programs: Babel reads the sources and writes .po and .mo files.

English is the msgid, so there is no English catalogue. `python -m config.catalogues` compiles what is there,
without any setting; `manage.py messages` extracts, updates and checks.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("nb", "nn")
PYTHON_FOLDERS = ("config", "consult", "surveys")
TEMPLATE_FOLDERS = ("templates",)
TEMPLATE_SUFFIXES = frozenset({".html", ".txt"})

# Which arguments of which functions are texts; "c" marks the context.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

# Texts of the packages: what their catalogues lack, say badly or have no nynorsk for.
FOREIGN: tuple[str | tuple[str, str], ...] = (
    "Add row", "All applications", "Apply Filters", "Cancel", "Choose file to upload", "Click to cancel", "Dark",
    "Date", "Expand row", "False", "General", "Go back", "Hide counts", "Light", "More actions", "Next", "No data",
    "No results found", "No results matching your query", "Previous", "Reset filters", "Return to site", "Run",
    "Search apps and models...", "Select action", "Select action to run", "Select all rows", "Select record",
    "Select value", "Show counts", "Submit", "System", "This item will be deleted.",
    "This page yielded into no results. Create a new item or reset your filters.",
    "Toggle password visibility", "True", "Type to search", "Welcome back to",
    ("Please correct the error below.", "Please correct the errors below."), ("entry", "entries"),
    "Add %s", "Add %(name)s", "Add another %(verbose_name)s", "Add another %(model)s", "View selected %(model)s",
    "Select %s", "Select %s to change", "Select %s to view", "Delete selected %(verbose_name_plural)s",
    "Select all %(total_count)s %(module_name)s", "Select all objects on this page for an action",
    "Select this object for an action - {}", "Breadcrumbs", "Error:", "Skip to main content", "parent",
    "Filter navigation items", "Loading more results...", "Recent searches", "No recent searches",
    "Select a valid choice. That choice is not one of the available choices.",
    "Select a valid choice. %(value)s is not one of the available choices.",
    "Constraint “%(name)s” is violated.", "Set password", "Set password: %s", "Reset password", "Enabled", "Disabled",
    "Enter the same password as before, for verification.",
    ("This password is too short. It must contain at least %d character.",
     "This password is too short. It must contain at least %d characters."),
    "Password-based authentication", "Password-based authentication was disabled.",
    "Enable password-based authentication", "Disable password-based authentication",
    "Enable password-based authentication for this user by setting a password.",
    "This action will <strong>enable</strong> password-based authentication for this user.",
    ("Whether the user will be able to authenticate using a password or not. If disabled, they may still be able to "
     "authenticate using other backends, such as Single Sign-On or LDAP."),
    "Conflicting form data submitted. Please try again.",
    "After you've created a user, you’ll be able to edit more user options.",
    "Raw passwords are not stored, so there is no way to see the user’s password.",
    ("Raw passwords are not stored, so there is no way to see this user’s password, but you can change the password "
     'using <a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.'),
    "The username and/or password you specified are not correct.",
    "Too many failed login attempts. Try again later.", "This account is currently inactive.",
    "Hold down “Control”, or “Command” on a Mac, to select more than one.", "No, take me back",
)  # fmt: skip


@dataclass
class Findings:
    """What is wrong with one language's catalogue: msgids, in order of the alphabet."""

    missing: list[str] = field(default_factory=list)  # used in the sources, not in the catalogue
    untranslated: list[str] = field(default_factory=list)  # in the catalogue without a translation, or fuzzy
    broken: list[str] = field(default_factory=list)  # the translation's placeholders do not fit

    def __bool__(self) -> bool:
        return bool(self.missing or self.untranslated or self.broken)


def path(language: str, suffix: str = ".po", root: Path = ROOT) -> Path:
    """Where the catalogue of a language lies."""
    return root / "locale" / language / "LC_MESSAGES" / f"django{suffix}"


def extract(root: Path = ROOT) -> Catalog:
    """Every text below `root` that is put through gettext, with the files it comes from.

    Raises SyntaxError, with the file's name, when a source cannot be read.
    """
    catalog = Catalog(project="Rådslag", charset="utf-8")
    for text in FOREIGN:
        catalog.add(text, locations=[("the packages", 0)])
    for source in _files(root, PYTHON_FOLDERS, frozenset({".py"})):
        _add(catalog, source.relative_to(root), source.read_text("utf-8"))
    for source in _files(root, TEMPLATE_FOLDERS, TEMPLATE_SUFFIXES):
        python = templatize(source.read_text("utf-8"), origin=str(source))
        # Blanked-out markup keeps its indentation, which Python's tokenizer would trip over.
        _add(catalog, source.relative_to(root), "\n".join(line.strip() for line in python.split("\n")))
    return catalog


def update(language: str, template: Catalog, root: Path = ROOT) -> Catalog:
    """Bring a language's .po up to `template`: new texts empty, unused ones gone, translations kept."""
    catalog = _read(language, root)
    # No guesses: a fuzzy entry looks translated to whoever skims the file.
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    written = io.BytesIO()
    # No line numbers and no dates: the file changes only when a text does.
    write_po(written, catalog, width=0, omit_header=True, sort_output=True, include_lineno=False)
    _write(path(language, root=root), _header(catalog) + written.getvalue())
    return catalog


def compile_all(root: Path = ROOT, languages: Iterable[str] = LANGUAGES) -> list[Path]:
    """Write the .mo of every language that has a .po; fuzzy and empty entries are left out."""
    made = []
    for language in languages:
        if path(language, root=root).exists():
            written = io.BytesIO()
            write_mo(written, _read(language, root), use_fuzzy=False)
            _write(path(language, ".mo", root), written.getvalue())
            made.append(path(language, ".mo", root))
    return made


def check(language: str, template: Catalog, root: Path = ROOT) -> Findings:
    """Compare a language's .po with what the sources use."""
    catalog, findings = _read(language, root), Findings()
    for wanted in template:
        if not wanted.id:
            continue
        held = catalog.get(wanted.id, wanted.context)
        if held is None:
            findings.missing.append(_name(wanted))
        elif held.fuzzy or not all(_strings(held)):
            findings.untranslated.append(_name(wanted))
        elif any(held.check(catalog)):
            findings.broken.append(_name(wanted))
    for names in (findings.missing, findings.untranslated, findings.broken):
        names.sort()
    return findings


def _files(root: Path, folders: Iterable[str], suffixes: frozenset[str]) -> Iterator[Path]:
    for folder in folders:
        for source in sorted((root / folder).rglob("*")):
            if source.suffix in suffixes and "migrations" not in source.parts:
                yield source


def _add(catalog: Catalog, source: Path, python: str) -> None:
    found = extract_python(io.BytesIO(python.encode()), KEYWORDS, ["Translators:"], {"encoding": "utf-8"})
    for line, function, arguments, comments in found:
        message = _message(str(function), arguments)
        if message:
            context, text = message
            catalog.add(
                text, locations=[(source.as_posix(), line)], auto_comments=list(comments or ()), context=context
            )


def _message(function: str, arguments: object) -> tuple[str | None, str | tuple[str, str]] | None:
    """Context and text of one call, or None when they are no literals."""
    given = list(arguments) if isinstance(arguments, list | tuple) else [arguments]
    positions = KEYWORDS[function] or (1,)
    context, texts = None, []
    for position in positions:
        index, is_context = (position[0], True) if isinstance(position, tuple) else (position, False)
        value = given[index - 1] if index <= len(given) else None
        if not isinstance(value, str) or not value:
            return None
        if is_context:
            context = value
        else:
            texts.append(value)
    return context, (texts[0], texts[1]) if len(texts) == 2 else texts[0]


def _read(language: str, root: Path) -> Catalog:
    source = path(language, root=root)
    if not source.exists():
        return Catalog(locale=language, charset="utf-8")
    with source.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8", abort_invalid=True)


def _header(catalog: Catalog) -> bytes:
    lines = (
        f"Language: {catalog.locale_identifier}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {catalog.plural_forms}",
    )
    return ('msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n").encode()


def _strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, list | tuple) else (message.string or "",)


def _name(message: Message) -> str:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return f"{message.context}: {text}" if message.context else text


def _write(target: Path, content: bytes) -> None:
    """Replace a file whole, so that a reader at the same time sees the old or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and target.read_bytes() == content:
        return
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(target)


if __name__ == "__main__":
    compile_all()
