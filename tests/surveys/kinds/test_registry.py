"""The registry, and information, which is only read."""

from __future__ import annotations

import pytest
from django.template.loader import get_template

from surveys.kinds import registry
from surveys.kinds.information import Information
from surveys.structure import QuestionView, Text

BLOCK = QuestionView(
    id=1, code="I", kind="information", text=Text({"nb": "Les."}), help=Text({}), required=False,
    elaboration="never", elaboration_prompt=Text({}), concept="",
)  # fmt: skip


def test_every_kind_has_a_code_of_its_own_a_label_and_a_template() -> None:
    assert [code for code, _label in registry.choices()] == [
        "yes_no", "single_choice", "multiple_choice", "scale", "statement", "ranking", "number", "date", "short_text",
        "long_text", "roster", "information",
    ]  # fmt: skip
    for code, label in registry.choices():
        assert label
        get_template(registry.kind(code).template).render({"item": None})


def test_an_unknown_kind() -> None:
    with pytest.raises(registry.UnknownKind):
        registry.kind("telepathy")


def test_two_kinds_with_one_code_are_refused() -> None:
    with pytest.raises(ValueError, match="information"):
        registry._by_code(Information(), Information())


def test_information_asks_nothing_and_counts_nothing() -> None:
    kind = Information()
    assert (kind.is_asked, kind.fields(BLOCK, "nb"), kind.read(BLOCK, {}), kind.facts(BLOCK, {})) == (False, {}, {}, [])
    assert kind.is_complete(BLOCK, {})
