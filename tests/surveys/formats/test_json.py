"""Questionnaires as JSON: nothing is lost on the way, nothing wrong gets in, and the message says where."""

from __future__ import annotations

import json as standard_json
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys import authoring, publishing, structure
from surveys.formats import json
from surveys.kinds import registry
from surveys.models import Concept, Questionnaire, Section
from tests import make
from tests.make import OPENS

pytestmark = pytest.mark.django_db

REFERENCE = Path(__file__).parents[3] / "consult" / "reference"


def round_trip(document: dict[str, Any]) -> dict[str, Any]:
    """What comes out again of a document that was loaded."""
    return json.dump(authoring.draft(json.load(document)))


def complaint(document: Any) -> str:
    """What is said of a bad document; also that nothing of it was kept."""
    with override("en"), pytest.raises(json.BadDocument) as caught:
        json.load(document)
    assert Questionnaire.objects.count() == 0
    assert Concept.objects.count() == 0
    return str(caught.value)


# --- Nothing is lost --------------------------------------------------------------------------------------

LANGUAGES = ("nb", "nn", "en", "se")
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\n\t")


def texts(longest: int, least: int = 0) -> st.SearchStrategy[dict[str, str]]:
    """A text in some languages, in the order in which they are written out."""
    return st.dictionaries(
        st.sampled_from(LANGUAGES), st.text(LETTERS, min_size=1, max_size=longest), min_size=least
    ).map(lambda found: {language: found[language] for language in LANGUAGES if language in found})


def optional(**names: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object that has only the names whose values are not empty."""
    return st.fixed_dictionaries(names).map(
        lambda found: {name: found[name] for name in names if found[name] not in (None, "", {}, [])}
    )


@st.composite
def questions(draw: st.DrawFn, code: str, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """A question in the spelling that export uses; its conditions look at earlier ones."""
    question: dict[str, Any] = {
        "code": code,
        "kind": draw(st.sampled_from(["yes_no", "single_choice", "long_text", "information"])),
        **draw(
            optional(
                text=texts(40),
                help=texts(40),
                required=st.sampled_from([None, True]),
                elaboration=st.sampled_from([None, "optional", "required"]),
                prompt=texts(20),
                concept=st.sampled_from(["", "value", "time"]),
            )
        ),
    }
    if question["kind"] in ("yes_no", "single_choice"):
        codes = draw(st.lists(st.from_regex(r"\A[a-z0-9_-]{1,8}\Z"), unique=True, max_size=4))
        meaning = optional(label=texts(20), meaning=st.sampled_from([None, "dont_know", "not_applicable"]))
        question["options"] = [{"code": option, **draw(meaning)} for option in codes]
    sources = [each for each in earlier if each["kind"] != "information"]
    if sources and (found := draw(st.lists(conditions(sources), max_size=3))):
        question["conditions"] = sorted(found, key=lambda each: each.get("group", 1))
    return question


@st.composite
def conditions(draw: st.DrawFn, sources: list[dict[str, Any]]) -> dict[str, Any]:
    source = draw(st.sampled_from(sources))
    offered = [option["code"] for option in source.get("options", [])]
    operator = draw(st.sampled_from(["is", "is_not", "answered"] if offered else ["answered"]))
    group = draw(st.sampled_from([None, 2, 3]))
    return {
        **({"group": group} if group else {}),
        "source": source["code"],
        "operator": operator,
        **({} if operator == "answered" else {"option": draw(st.sampled_from(offered))}),
    }


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A questionnaire in the spelling that export uses."""
    sections: list[dict[str, Any]] = []
    earlier: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(0, 3))):
        section = draw(optional(title=texts(20), intro=texts(60))) | {"questions": []}
        for _ in range(draw(st.integers(0, 3))):
            question = draw(questions(f"Q{len(earlier)}", earlier))
            section["questions"].append(question)
            earlier.append(question)
        sections.append(section)
    used = sorted({question["concept"] for question in earlier if "concept" in question})
    title = draw(texts(30, least=1))
    name = draw(texts(30))
    return {
        "format": "raadslag-questionnaire",
        "version": 1,
        "code": draw(st.from_regex(r"\A[a-z0-9-]{1,20}\Z")),
        **({"name": name} if name and name != title else {}),
        "title": title,
        **draw(optional(purpose=texts(80), minutes=st.sampled_from([None, 1, 30, 32767]))),
        **({"concepts": {code: f"About {code}" for code in used}} if used else {}),
        "sections": sections,
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents())
def test_what_goes_in_comes_out(document: dict[str, Any]) -> None:
    out = round_trip(document)

    assert out == document
    # The order of the names is part of what a person reads and compares.
    assert standard_json.dumps(out) == standard_json.dumps(document)


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.json")), ids=lambda path: path.stem)
def test_the_reference_questionnaires_come_out_as_they_went_in(path: Path) -> None:
    document = standard_json.loads(path.read_bytes())

    assert round_trip(document) == document


def test_a_published_edition_is_read_into_an_equal_draft_of_another_questionnaire() -> None:
    edition = make.published()

    document = json.dump(edition) | {"code": "kopi-2021"}
    copy = publishing.publish(json.load(document).pk, OPENS)

    assert json.dump(copy) == document


# --- What loading does ------------------------------------------------------------------------------------


def test_text_bytes_and_values_are_read_alike() -> None:
    document = make.document()
    text = standard_json.dumps(document, ensure_ascii=False)

    found = [
        round_trip(document),
        json.dump(authoring.draft(json.load(text))),
        json.dump(authoring.draft(json.load(b"\xef\xbb\xbf" + text.encode()))),
    ]

    assert found[0] == found[1] == found[2]


def test_loading_again_replaces_the_draft_and_notices_who_was_editing_it() -> None:
    draft = make.loaded()

    json.load(make.document("prov-2021", [make.asking("NY")]))

    assert list(draft.questions.values_list("code", flat=True)) == ["NY"]
    assert draft.questionnaire.editions.count() == 1
    with pytest.raises(authoring.StaleDraft), authoring.editing(draft.pk, draft.version):
        pass


def test_loading_leaves_published_editions_alone() -> None:
    first = make.published()
    before = structure.read(first)

    json.load(make.document("prov-2021", [make.asking("NY")]))

    assert structure.read(first) == before
    assert sorted(edition.is_draft for edition in first.questionnaire.editions.all()) == [False, True]


def test_a_yes_no_question_without_options_gets_the_usual_two() -> None:
    document = round_trip(make.document("prov-2021", [make.asking("Q1")]))

    assert [option["code"] for option in document["sections"][0]["questions"][0]["options"]] == ["yes", "no"]


def test_a_concept_that_exists_keeps_its_title() -> None:
    Concept.objects.create(code="value", title="Value as it was called before")

    json.load(make.document("prov-2021", [make.asking("Q1", concept="value")], concepts={"value": "New"}))

    assert Concept.objects.get().title == "Value as it was called before"


def test_a_failure_half_way_leaves_the_old_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = make.loaded()
    before = json.dump(draft)
    created = Section.objects.bulk_create

    def fail(*args: Any, **kwargs: Any) -> None:
        created(*args, **kwargs)
        raise OSError("the disk is full")

    monkeypatch.setattr(Section.objects, "bulk_create", fail)
    with pytest.raises(OSError, match="disk"):
        json.load(make.document("prov-2021", [make.asking("NY")], title={"nb": "Ny tittel"}))

    assert json.dump(authoring.draft(Questionnaire.objects.get())) == before


# --- What is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "The file is not valid JSON: line 1, column 1."),
        ('{"code": }', "The file is not valid JSON: line 1, column 10."),
        (b"\xff\xfe{}", "The file is not text in UTF-8. Save it as UTF-8 and try again."),
        ("[" * 100_000, "The file is not valid JSON."),
        ('{"minutes": ' + "9" * 5000 + "}", "The file is not valid JSON."),
        ('{"minutes": NaN}', "NaN is not a number."),
        ('{"code": "a", "code": "b"}', "The name code is given twice in one object."),
        ("[]", "must be an object"),
        ('"text"', "must be an object"),
        (b" " * (10 * 1024 * 1024 + 1), "The file is larger than 10 MB."),
        ("å" * (5 * 1024 * 1024 + 1), "The file is larger than 10 MB."),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_document_is_refused(content: str | bytes, expected: str) -> None:
    assert complaint(content) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"code": None}, "code: is missing"),
        ({"code": "med mellomrom"}, "code: must be letters, digits, hyphens and underscores"),
        ({"code": "../../etc"}, "code: must be letters, digits, hyphens and underscores"),
        ({"code": "x" * 81}, "code: is longer than 80 characters"),
        ({"code": 7}, "code: must be a text"),
        ({"title": {}}, "title: is missing"),
        ({"title": "Prøve"}, "title: must be an object with a text for each language"),
        ({"title": {"nb": "x" * 201}}, "title › nb: is longer than 200 characters"),
        ({"title": {"de": "Probe"}}, "title: has an unknown language: de"),
        ({"title": {"nb": "a\x00b"}}, "title › nb: holds characters that cannot be shown"),
        ({"title": {"nb": "a\ud800b"}}, "title › nb: holds characters that cannot be shown"),
        ({"minutes": 0}, "minutes: must be a whole number from 1 to 32767"),
        ({"minutes": True}, "minutes: must be a whole number from 1 to 32767"),
        ({"minutes": 1.5}, "minutes: must be a whole number from 1 to 32767"),
        ({"format": "surveyjs"}, "format: must be one of: raadslag-questionnaire"),
        ({"version": 2}, "version: must be 1"),
        ({"colour": "red"}, "has an unknown name: colour"),
        ({"sections": {}}, "sections: must be a list"),
        ({"sections": [7]}, "section 1: must be an object"),
        ({"sections": [{}] * 201}, "sections: has more than 200 entries"),
        ({"concepts": {f"c{number}": "Pay" for number in range(501)}}, "concepts: has more than 500 entries"),
        ({"concepts": ["value"]}, "concepts: must be an object"),
        ({"concepts": {"a b": "x"}}, "concepts › a b: must be letters, digits, hyphens and underscores"),
    ],
)
def test_what_is_wrong_with_the_whole_is_named(change: dict[str, Any], expected: str) -> None:
    document = {name: value for name, value in {**make.document(), **change}.items() if value is not None}

    assert complaint(document) == expected


CHOICE = [{"code": "a", "label": {"nb": "A"}}, {"code": "b", "label": {"nb": "B"}}]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"kind": "yes_no"}, "section 1 › question 2 › code: is missing"),
        (
            make.asking("2b"),
            "section 1 › question 2 › code: must start with a letter and hold letters, digits and underscores only",
        ),
        (make.asking("S"), "section 1 › question 2 (S) › code: another question has this code"),
        (
            make.asking("K", "slider"),
            f"section 1 › question 2 (K) › kind: must be one of: {', '.join(registry.KINDS)}",
        ),
        (make.asking("K", required="yes"), "section 1 › question 2 (K) › required: must be true or false"),
        (
            make.asking("K", elaboration="always"),
            "section 1 › question 2 (K) › elaboration: must be one of: never, optional, required",
        ),
        (make.asking("K", labell={}), "section 1 › question 2: has an unknown name: labell"),
        (
            make.asking("K", "long_text", options=CHOICE),
            "section 1 › question 2 (K) › options: a question of this kind has no options",
        ),
        (
            make.asking("K", options=[CHOICE[0], CHOICE[0]]),
            "section 1 › question 2 (K) › options: two options have the same code",
        ),
        (
            make.asking("K", options=[{"label": {}}]),
            "section 1 › question 2 (K) › option 1 › code: is missing",
        ),
        (
            make.asking("K", conditions=[{"source": "L"}]),
            "section 1 › question 2 (K) › condition 1 › source: must name a question that is asked earlier",
        ),
        (
            make.asking("K", conditions=[{"source": "K"}]),
            "section 1 › question 2 (K) › condition 1 › source: must name a question that is asked earlier",
        ),
        (
            make.asking("K", conditions=[{"source": "S", "option": "maybe"}]),
            "section 1 › question 2 (K) › condition 1 › option: must be one of: yes, no",
        ),
        (
            make.asking("K", conditions=[{"source": "S", "operator": "answered", "option": "yes"}]),
            "section 1 › question 2 (K) › condition 1 › option: belongs only to “is” and “is_not”",
        ),
    ],
)
def test_what_is_wrong_with_a_question_is_named_with_its_place(question: dict[str, Any], expected: str) -> None:
    assert complaint(make.document("prov-2021", [make.asking("S"), question])) == expected


def test_a_text_question_can_only_be_looked_at_for_being_answered() -> None:
    source = make.asking("S", "long_text")
    target = make.asking("K", conditions=[{"source": "S", "operator": "is", "option": "yes"}])

    assert complaint(make.document("prov-2021", [source, target])) == (
        "section 1 › question 2 (K) › condition 1 › operator: must be “answered”: the question has no options"
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.lists(st.integers(0, 30), min_size=1, max_size=5),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
        max_leaves=5,
    ),
)
def test_any_value_anywhere_is_either_read_or_refused_with_a_message(path: list[int], value: Any) -> None:
    document = make.document(concepts={"value": "x"}, minutes=3)
    node: Any = document
    for step in path[:-1]:
        keys = list(node.keys()) if isinstance(node, dict) else list(range(len(node)))
        child = node[keys[step % len(keys)]] if keys else None
        if not isinstance(child, dict | list) or not child:
            break
        node = child
    keys = list(node.keys()) if isinstance(node, dict) else list(range(len(node)))
    node[keys[path[-1] % len(keys)]] = value

    said = ""
    try:
        said = json.load(document).code
    except json.BadDocument as error:
        said = str(error)

    assert said


def test_a_document_has_so_many_conditions_in_all() -> None:
    conditions = [{"group": 1 + number, "source": "Q1", "operator": "is", "option": "yes"} for number in range(50)]
    asked = [make.asking("Q1"), *(make.asking(f"Q{number}", conditions=conditions) for number in range(2, 43))]
    assert complaint(make.document("mange", asked)) == "sections: has more than 2000 conditions in all"
    assert json.load(make.document("mange", asked[:-1])).code == "mange"
