"""Quotations, images and documents in files of questionnaires: whole in our own, named as lost elsewhere."""

from __future__ import annotations

import base64
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from surveys import authoring, exchanging, structure
from surveys.attachments import attaching
from surveys.formats import enclosed, spelling, strict
from surveys.formats.document import BadDocument
from surveys.models import Attachment, Edition, Question, Questionnaire
from tests import files, make
from tests.make import asking
from tests.surveys.formats import generated

pytestmark = pytest.mark.django_db

EXTRAS = ("quotation", "source", "attachment", "alt", "caption")


def shown() -> Edition:
    """An edition with a quotation, an image and a document."""
    return make.showing(ring=files.telling_jpeg(), avtale=files.document(2))


def exported(edition: Edition, form: str) -> exchanging.Exported:
    with override("en"):
        return exchanging.export(edition, form, "nb")


def refusal(document: dict[str, Any]) -> str:
    whole = {"format": "raadslag-questionnaire", "version": 1, **document}
    with override("en"):
        plan = exchanging.plan(json.dumps(whole).encode(), "x.json")
    assert (Attachment.objects.count(), Questionnaire.objects.count(), plan.draft) == (0, 0, None)
    return plan.errors[0]


def enclosing(content: bytes | str, **question: Any) -> dict[str, Any]:
    """A document with one file."""
    written = content if isinstance(content, str) else base64.b64encode(content).decode()
    block = {**asking("I1", "information", attachment="fil"), **question}
    return make.document("lukket", [block, asking("Q1")], files={"fil": written})


# --- Our own format ---------------------------------------------------------------------------------------


def test_json_carries_everything_to_another_installation() -> None:
    edition = shown()
    before = exported(edition, "json")
    assert before.lost == ()
    document = json.loads(before.content)
    assert set(document["files"]) == set(Attachment.objects.values_list("digest", flat=True))
    authoring.delete(edition.questionnaire)
    Attachment.objects.all().delete()
    exchanging.apply(exchanging.plan(before.content, "x.json"))
    again = authoring.draft(Questionnaire.objects.get())
    assert exported(again, "json").content == before.content


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_texts_beside_a_file_come_back(data: st.DataObject) -> None:
    made = enclosed.view(_CLEAN["ring"])
    extras = {name: data.draw(generated.texts(40, least=0)) for name in ("quotation", "source", "alt", "caption")}
    attachment = made.digest if data.draw(st.booleans()) else ""
    block = generated.kept(**asking("I1", "information"), **extras, attachment=attachment)
    document = make.document("x", [block, asking("Q1")])
    draft = strict.read({"format": "raadslag-questionnaire", "version": 1, **document}, {made.digest: _CLEAN["ring"]})
    question = spelling.write(draft, files=False)["sections"][0]["questions"][0]
    assert {name: question.get(name, {}) for name in extras} == extras
    assert question.get("attachment", "") == attachment


@pytest.fixture(autouse=True, scope="module")
def _clean_once() -> None:
    from surveys.attachments import cleaning

    _CLEAN["ring"] = cleaning.clean(files.png(80, 40))


_CLEAN: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (enclosing("ikke base64!"), "files › fil: must be a file in Base64"),
        (enclosing(b"<svg onload='alert(1)'/>"), "files › fil: This is neither an image (PNG, JPEG or WebP) nor a"),
        (enclosing(files.bomb(9000)), "files › fil: The image has too many pixels."),
        (enclosing(files.png()[:150]), "files › fil: The file is damaged"),
        (enclosing(""), "files › fil: The file is empty."),
        (enclosing(files.png(), attachment="annen"), "section 1 › question 1 (I1) › attachment: must name one of the"),
        (enclosing(files.png(), attachment=["fil"]), "section 1 › question 1 (I1) › attachment: must be a text"),
        (enclosing(files.png(), kind="long_text"), "section 1 › question 1 (I1) › attachment: belongs only to inf"),
        (enclosing(files.png(), alt={"nb": "x" * 501}), "section 1 › question 1 (I1) › alt › nb: is longer than 500"),
        ({**enclosing(files.png()), "files": {"fil": 7}}, "files › fil: must be a text"),
        ({**enclosing(files.png()), "files": ["fil"]}, "files: must be an object"),
        ({**enclosing(files.png()), "files": dict.fromkeys(map(str, range(101)), "")}, "files: has more than 100 entr"),
        (make.document("x", [asking("Q1", quotation={"nb": "Ja"})]), "section 1 › question 1 (Q1) › quotation: bel"),
    ],
)  # fmt: skip
def test_hostile_and_mistaken_files_are_refused_with_their_place(document: dict[str, Any], told: str) -> None:
    assert refusal(document).startswith(told)


def test_images_that_take_too_long_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosed, "MOST_SECONDS", -1)
    # In this process, where the limit has been moved.
    with override("en"), pytest.raises(BadDocument) as caught:
        strict.read({"format": "raadslag-questionnaire", "version": 1, **enclosing(files.png())})
    assert str(caught.value) == "files: takes too long to read: leave some of the images out"


def test_what_there_is_no_room_for_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    edition = shown()
    sizes = sorted(Attachment.objects.values_list("size", flat=True))
    monkeypatch.setattr(enclosed, "ROOM", sizes[-1])
    file = exported(edition, "json")
    assert [(each.place, each.what, each.why) for each in file.lost] == [
        ("I2", "Ringen", "The file would be larger than 10 MB with it.")
    ]
    document = json.loads(file.content)
    assert len(document["files"]) == 1
    with override("en"):
        assert exchanging.plan(file.content, "x.json").errors == ()


# --- A plan that is looked at -----------------------------------------------------------------------------


def test_a_plan_travels_without_its_files_and_finds_them_again() -> None:
    plan = exchanging.plan(json.dumps({"format": "raadslag-questionnaire", "version": 1,
                                       **enclosing(files.telling_jpeg())}).encode(), "x.json")  # fmt: skip
    sealed = exchanging.seal(plan)
    assert len(sealed) < 3000
    made = exchanging.apply(exchanging.reopen(sealed))
    view = structure.read(authoring.draft(made)).questions["I1"].attachment
    assert view is not None
    assert view.digest == Attachment.objects.get().digest


def test_a_plan_whose_files_are_forgotten_must_be_made_again() -> None:
    plan = exchanging.plan(json.dumps({"format": "raadslag-questionnaire", "version": 1,
                                       **enclosing(files.png())}).encode(), "x.json")  # fmt: skip
    sealed = exchanging.seal(plan)
    attaching.sweep(make.DURING)
    assert attaching.sweep(make.DURING + timedelta(days=1)) == 1
    with override("en"), pytest.raises(BadDocument, match="This plan can no longer be used"):
        exchanging.reopen(sealed)


# --- Other formats ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xlsform", "surveyjs", "lss", "txt"])
def test_formats_of_texts_say_the_quotation_and_name_the_rest(form: str) -> None:
    edition = shown()
    # An image alone leaves its caption.
    Question.objects.filter(edition=edition, code="I2").update(text_nb="")
    file = exported(edition, form)
    told = [(each.place, each.what, each.why) for each in file.lost if each.place in ("I1", "I2", "I3")]
    assert told[:3] == [
        ("I1", "Først *spør*.", "There are no quotations: it became part of the text."),
        ("I2", "Ringen", "There are no images: it is left out."),
        ("I3", "Avtalen om ringen", "There are no documents: it is left out."),
    ]
    authoring.delete(edition.questionnaire)
    made = exchanging.apply(exchanging.plan(file.content, f"x.{form}"))
    texts = [each.text("nb") for each in structure.read(authoring.draft(made)).questions.values()]
    assert [each for each in texts if "Først" in each and "Avtalen" in each] != []
    assert "Ringen" in texts


def test_word_shows_the_quotation_and_the_image_with_what_it_shows() -> None:
    file = exported(shown(), "docx")
    document = Document(io.BytesIO(file.content))
    (shape,) = document.inline_shapes
    assert shape._inline.docPr.get("descr") == "En ring"
    assert shape.height.cm <= 11.01
    quoted = [each.text for each in document.paragraphs if each.style.name == "Quote"]
    assert quoted == ["Først spør."]
    texts = [each.text for each in document.paragraphs]
    assert {"– Avtalen", "Ringen"} <= set(texts)
    assert [text for text in texts if text.startswith("Avtalen om ringen (PDF")] != []
    assert ("I3", "Paper has the title of the document, not the document.") in [
        (each.place, each.why) for each in file.lost
    ]


def test_pdf_shows_them_too_and_can_be_read_aloud() -> None:
    file = exported(shown(), "pdf")
    assert "PDF/UA" not in [each.what for each in file.lost]
    reader = PdfReader(io.BytesIO(file.content))
    assert sum(len(page.images) for page in reader.pages) == 1
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert [each for each in ("Først spør.", "Avtalen", "Ringen", "Avtalen om ringen (PDF") if each not in text] == []
    alternatives = [
        each.get_object().get("/Alt") for each in reader.resolved_objects.values() if isinstance(each, dict)
    ]
    assert "En ring" in alternatives or b"En ring" in file.content


def test_an_image_cannot_name_a_file_to_be_read() -> None:
    """What is drawn into a page is called by its hash, whatever a questionnaire says."""
    edition = make.showing(ring=files.png())
    Question.objects.filter(edition=edition, code="I2").update(
        caption_nb='#read("/etc/passwd")', alt_nb='"/etc/passwd"'
    )
    file = exported(edition, "pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(file.content)).pages)
    assert '#read("/etc/passwd")' in text.replace("”", '"').replace("“", '"')
    assert "root:" not in text
