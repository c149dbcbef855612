"""Recording: the list of all stored data, for docs/data.md. What is stored is read from the models, never typed.

Purposes and retention are in data_record.toml, by table and field.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Field, Model

OWN_APPS = ("surveys", "consult")
RECORD = Path(__file__).parent / "data_record.toml"
ABOUT = {
    "nobody": "nobody",
    "users": "users: staff and leadership",
    "register": "people in the register",
    "ballot": "respondents, sealed",
    "answers": "respondents, without a link to the person (named surveys: with one)",
}
# The words that a table's own entry uses for itself; a field of that name is written with a line below it.
RESERVED = ("about", "purpose", "kept")

HEAD = """\
# Stored data

Made by `manage.py describe_data > docs/data.md` from the models and `config/data_record.toml`; a test compares the
two. Nothing else about people is stored. “Kept” says what happens as the code stands. Where a limit is meant but
nothing enforces it yet, it says so.

Texts marked *(in languages)* exist once for each of: {languages}.
"""


class Unrecorded(Exception):
    """Tables or fields without a purpose, or purposes without a field; the message names them."""


def describe() -> str:
    """The whole document.

    Raises:
        Unrecorded
    """
    record = tomllib.loads(RECORD.read_text("utf-8"))
    libraries, outside = record.pop("library"), record.pop("outside")
    models = {model._meta.label: model for model in apps.get_models()}
    own = {label: model for label, model in models.items() if model._meta.app_label in OWN_APPS}
    _compare("table", set(own), set(record))
    _compare("library table", set(models) - set(own), set(libraries))
    parts = [HEAD.format(languages=", ".join(settings.MODELTRANSLATION_LANGUAGES))]
    for app in OWN_APPS:
        parts.append(f"## {app}\n")
        parts += [_table(model, record[label]) for label, model in own.items() if model._meta.app_label == app]
    parts += ["## Tables of the libraries\n", _rows(("Table", "What it is for"), _library_rows(models, libraries))]
    parts += ["## Outside the database\n", _rows(("Where", "What, and how long"), list(outside.items()))]
    return "\n".join(parts)


def _table(model: type[Model], entry: dict[str, str]) -> str:
    fields = _fields(model)
    purposes = {name.rstrip("_"): text for name, text in entry.items() if name not in RESERVED}
    implied = (
        {"id": "Row number."}
        if any(field.name == "id" for field in model._meta.local_fields) and "id" not in purposes
        else {}
    )
    purposes = implied | purposes
    _compare(f"field of {model._meta.label}", set(fields), set(purposes))
    rows = [(f"`{name}`{fields[name]}", purposes[name]) for name in fields]
    return (
        f"### `{model._meta.db_table}`\n\n{entry['purpose']}\n\n"
        f"*About:* {ABOUT[entry['about']]}. *Kept:* {entry['kept']}\n\n{_rows(('Field', 'What it is for'), rows)}"
    )


def _fields(model: type[Model]) -> dict[str, str]:
    """{name: what to add to it}; the columns that hold one text in several languages are one field."""
    concrete: list[Field[Any, Any]] = [*model._meta.local_fields, *model._meta.local_many_to_many]
    names = [field.name for field in concrete if not _from_library(model, field)]
    suffixes = tuple(f"_{language}" for language in settings.MODELTRANSLATION_LANGUAGES)
    translated = {name.rpartition("_")[0] for name in names if name.endswith(suffixes)} & set(names)
    return {
        name: " *(in languages)*" if name in translated else ""
        for name in names
        if not (name.endswith(suffixes) and name.rpartition("_")[0] in translated)
    }


def _from_library(model: type[Model], field: Field[Any, Any]) -> bool:
    """Which groups and rights a user has is Django's affair, told among its tables."""
    related: Any = field.related_model
    return field.many_to_many is True and related._meta.app_label not in OWN_APPS


def _library_rows(models: dict[str, type[Model]], texts: dict[str, str]) -> list[tuple[str, str]]:
    return [(f"`{models[label]._meta.db_table}`", text) for label, text in texts.items()]


def _rows(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)]
    return "\n".join(lines) + "\n"


def _compare(what: str, stored: set[str], recorded: set[str]) -> None:
    faults = [f"{what} without a purpose: {name}" for name in sorted(stored - recorded)]
    faults += [f"purpose without a {what}: {name}" for name in sorted(recorded - stored)]
    if faults:
        raise Unrecorded("; ".join(faults))
