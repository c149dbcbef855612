"""Capturing: a whole draft as its rows stand, packed small, and the draft made to stand so again.

Rows keep their ids, so that what hangs on a part that has not changed (what someone else has open, an accepted
finding) is not touched when another part is put back.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Field, Model, Q, QuerySet, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat

from surveys.models import (
    AcceptedFinding,
    Band,
    Concept,
    Condition,
    ConditionOption,
    Edition,
    EditionFact,
    EditionFactValue,
    Option,
    Question,
    Section,
)

Row = dict[str, Any]
# What a draft is made of, each kind after those it points at, and how its rows are found.
PARTS: dict[type[Model], tuple[str, ...]] = {
    Section: ("edition",),
    Question: ("edition",),
    Option: ("question__edition",),
    Band: ("question__edition",),
    EditionFact: ("edition",),
    EditionFactValue: ("fact__edition",),
    Condition: ("question__edition", "section__edition"),
    ConditionOption: ("condition__question__edition", "condition__section__edition"),
    AcceptedFinding: ("edition",),
}
# Rows that nothing but each other points at: put back by taking them out and writing them anew.
LEAVES: tuple[type[Model], ...] = (Condition, ConditionOption, Band)
# Of the draft itself what people write.
OWN = ("title", "purpose", "minutes")


def capture(edition: Edition) -> bytes:
    """Everything a draft holds, packed. The same number of statements whatever its size."""
    own = {name: getattr(edition, name) for name in _columns(Edition) if name.startswith(OWN)}
    parts = {model.__name__: list(_rows(model, edition).values()) for model in PARTS}
    text = json.dumps({"own": own, "parts": parts}, cls=DjangoJSONEncoder, separators=(",", ":"))
    return zlib.compress(text.encode(), level=1)


def reinstate(edition: Edition, packed: bytes) -> None:
    """Make a draft stand as it was captured. Inside `authoring.editing`."""
    state = json.loads(zlib.decompress(packed))
    then = {model: _read(model, state["parts"].get(model.__name__, [])) for model in PARTS}
    _forget_what_is_gone(then)
    now = {model: _rows(model, edition) for model in PARTS}
    Edition.objects.filter(pk=edition.pk).update(**_values(Edition, state["own"]))
    # First what looks at other parts: it holds on to them.
    for model in LEAVES:
        _delete(model, [pk for pk, row in now[model].items() if then[model].get(pk) != row])
    for model in (EditionFactValue, EditionFact):
        _delete(model, now[model].keys() - then[model].keys())
    _park(now, then)
    # Before sections go, questions that have moved out of them since stand where they stood.
    for model in (Section, Question, Option, EditionFact, EditionFactValue):
        _update(model, now[model], then[model])
        _insert(model, [row for pk, row in then[model].items() if pk not in now[model]])
    for model in (Option, Question, Section):
        _delete(model, now[model].keys() - then[model].keys())
    for model in LEAVES:
        present = _rows(model, edition)
        _insert(model, [row for pk, row in then[model].items() if pk not in present])
    # Only those that went with a question: whoever has accepted or taken back something since, has.
    returned = then[Question].keys() - now[Question].keys()
    _insert(AcceptedFinding, [row for row in then[AcceptedFinding].values() if row["question_id"] in returned])


def _columns(model: type[Model]) -> list[str]:
    """The columns of a table, those apart that only repeat one of the languages."""
    names = {field.attname for field in model._meta.concrete_fields}
    return [field.attname for field in model._meta.concrete_fields if f"{field.attname}_nb" not in names]


def _rows(model: type[Model], edition: Edition) -> dict[int, Row]:
    """The rows of a draft by their ids."""
    mine = Q()
    for path in PARTS[model]:
        mine |= Q(**{path: edition})
    return {row["id"]: row for row in _plain(model).filter(mine).order_by("pk").values(*_columns(model))}


def _plain(model: type[Any]) -> QuerySet[Any]:
    """A table as it is. The model's own manager would read its columns in the language in force."""
    return QuerySet(model)


def _read(model: type[Model], rows: Iterable[Row]) -> dict[int, Row]:
    return {row["id"]: _values(model, row) for row in rows}


def _values(model: type[Model], row: Mapping[str, Any]) -> Row:
    """What was packed as the columns have it now; a column that is gone is left out."""
    fields: dict[str, Field[Any, Any]] = {field.attname: field for field in model._meta.concrete_fields}
    return {name: fields[name].to_python(value) for name, value in row.items() if name in fields}


def _forget_what_is_gone(then: Mapping[type[Model], dict[int, Row]]) -> None:
    """What rows point at outside the draft may have been deleted since."""
    used = {row["concept_id"] for row in then[Question].values()} - {None}
    gone = used - set(Concept.objects.filter(pk__in=used).values_list("pk", flat=True)) if used else set()
    for row in then[Question].values():
        if row["concept_id"] in gone:
            row["concept_id"] = None
    person: Any = AcceptedFinding._meta.get_field("person").related_model
    named = {row["person_id"] for row in then[AcceptedFinding].values()} - {None}
    left = set(person.objects.filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    for row in then[AcceptedFinding].values():
        row["person_id"] = row["person_id"] if row["person_id"] in left else None


def _park(now: Mapping[type[Model], dict[int, Row]], then: Mapping[type[Model], dict[int, Row]]) -> None:
    """Codes are used once, also halfway: those that change, or go, make room."""
    for model in (Question, Option):
        moving = [pk for pk, row in now[model].items() if then[model].get(pk, {}).get("code") != row["code"]]
        if moving:
            free = Concat(Value("x"), Cast(F("pk"), CharField()))
            _plain(model).filter(pk__in=moving).update(code=free)


def _update(model: type[Model], now: Mapping[int, Row], then: Mapping[int, Row]) -> None:
    changed = [row for pk, row in then.items() if pk in now and now[pk] != {**now[pk], **row}]
    names = {name.removesuffix("_id") for row in changed for name in row if name != "id"}
    if changed:
        _plain(model).bulk_update([model(**row) for row in changed], sorted(names))


def _insert(model: type[Model], rows: Iterable[Row]) -> None:
    _plain(model).bulk_create([model(**row) for row in rows])


def _delete(model: type[Model], ids: Iterable[int]) -> None:
    if ids := list(ids):
        _plain(model).filter(pk__in=ids).delete()
