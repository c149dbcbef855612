"""Catalogues without gettext's programs: extracted from Python and templates, compiled, checked."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from config import catalogues

SOURCE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
name = _("Survey")
# Translators: of a letter
status = pgettext("letter", "sent")
def count(n):
    return ngettext("%(n)d answer", "%(n)d answers", n) % {"n": n}
not_literal = _(name)
"""
TEMPLATE = """{% load i18n %}
    <p title="{% translate 'Close' %}">{{ _("Open")|upper }}
  {% blocktranslate count n=rows|length trimmed %}
        One unit isn't shown.
      {% plural %}
        {{ n }} units aren't shown.
  {% endblocktranslate %}
</p>{# "an unbalanced ( comment #}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalogues, "FOREIGN", ())
    (tmp_path / "surveys").mkdir()
    (tmp_path / "surveys" / "x.py").write_text(SOURCE)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "x.html").write_text(TEMPLATE)
    return tmp_path


def _translate(root: Path, old: str, new: str) -> None:
    file = catalogues.path("nb", root=root)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_every_text_is_found(root: Path) -> None:
    found = {(message.context, message.id) for message in catalogues.extract(root) if message.id}
    assert found == {
        (None, "Survey"),
        ("letter", "sent"),
        (None, ("%(n)d answer", "%(n)d answers")),
        (None, "Close"),
        (None, "Open"),
        (None, ("One unit isn't shown.", "%(n)s units aren't shown.")),
    }


def test_updating_keeps_translations_and_drops_what_is_unused(root: Path) -> None:
    catalogues.update("nb", catalogues.extract(root), root)
    _translate(root, 'msgid "Survey"\nmsgstr ""', 'msgid "Survey"\nmsgstr "Undersøkelse"')
    (root / "templates" / "x.html").write_text("")
    catalogues.update("nb", catalogues.extract(root), root)
    text = catalogues.path("nb", root=root).read_text()
    assert 'msgstr "Undersøkelse"' in text
    assert "Close" not in text
    catalogues.update("nb", catalogues.extract(root), root)
    assert catalogues.path("nb", root=root).read_text() == text, "nothing new, nothing written"


def test_compiled_catalogues_translate_plurals_and_contexts(root: Path) -> None:
    catalogues.update("nb", catalogues.extract(root), root)
    _translate(root, 'msgid "sent"\nmsgstr ""', 'msgid "sent"\nmsgstr "sendt"')
    _translate(root, 'msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "%(n)d svar"\nmsgstr[1] "%(n)d svarene"')
    assert catalogues.compile_all(root) == [catalogues.path("nb", ".mo", root)]
    with catalogues.path("nb", ".mo", root).open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.pgettext("letter", "sent") == "sendt"
    assert compiled.ngettext("%(n)d answer", "%(n)d answers", 1) == "%(n)d svar"
    assert compiled.ngettext("%(n)d answer", "%(n)d answers", 2) == "%(n)d svarene"
    assert compiled.gettext("Survey") == "Survey"


def test_what_is_fuzzy_is_not_compiled_and_counts_as_untranslated(root: Path) -> None:
    catalogues.update("nb", catalogues.extract(root), root)
    _translate(root, 'msgid "Survey"\nmsgstr ""', '#, fuzzy\nmsgid "Survey"\nmsgstr "Kanskje"')
    catalogues.compile_all(root)
    with catalogues.path("nb", ".mo", root).open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Survey") == "Survey"
    assert "Survey" in catalogues.check("nb", catalogues.extract(root), root).untranslated


def test_the_check_names_what_is_missing_untranslated_and_broken(root: Path) -> None:
    template = catalogues.extract(root)
    everything = ["%(n)d answer", "Close", "One unit isn't shown.", "Open", "Survey", "letter: sent"]
    assert catalogues.check("nb", template, root).missing == everything
    catalogues.update("nb", template, root)
    assert catalogues.check("nb", template, root).untranslated == everything
    _translate(root, 'msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "%(m)d svar"\nmsgstr[1] "%(n)d svar"')
    found = catalogues.check("nb", template, root)
    # One asks for a placeholder that does not exist, the other renders a text as a number.
    assert found.broken == ["%(n)d answer", "One unit isn't shown."]
    assert found


def test_a_full_catalogue_passes(root: Path) -> None:
    (root / "templates" / "x.html").write_text("")
    (root / "surveys" / "x.py").write_text('_("Survey")')
    template = catalogues.extract(root)
    catalogues.update("nb", template, root)
    _translate(root, 'msgid "Survey"\nmsgstr ""', 'msgid "Survey"\nmsgstr "Undersøkelse"')
    assert not catalogues.check("nb", template, root)
