"""Images and documents in blocks of information: put in, exchanged, taken out, copied, frozen, forgotten."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.models import ProtectedError
from django.utils.translation import override

from surveys import authoring, critiquing, piloting, publishing, structure
from surveys.attachments import attaching, cleaning
from surveys.attachments.attaching import NotAttached
from surveys.drafting import adding, arranging, banking, beginning, building, undoing, versioning
from surveys.models import Attachment, Did, Edition, Question, Questionnaire, Role, Section
from surveys.structure import Text
from tests import files, make
from tests.make import asking
from tests.together import together

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def blocks(*codes: str) -> Edition:
    return make.loaded("blokker", [*(asking(code, "information") for code in codes or ("I1", "I2")), asking("Q1")])


def block(edition: Edition, code: str = "I1") -> Question:
    return Question.objects.get(edition=edition, code=code)


def attach(question: Question, content: bytes, name: str = "fil", *, read: str | None = None) -> Question:
    mark = attaching.mark(Question.objects.get(pk=question.pk)) if read is None else read
    return attaching.attach(question.edition_id, question.pk, content, name, mark)


def refusal(*args: Any, **more: Any) -> str:
    with override("en"), pytest.raises(NotAttached) as caught:
        attach(*args, **more)
    return str(caught.value)


# --- Putting in and taking out ----------------------------------------------------------------------------


def test_a_file_is_kept_under_the_hash_of_what_it_holds() -> None:
    draft = blocks()
    before = Edition.objects.get(pk=draft.pk).version
    question = attach(block(draft), files.png(2000, 1000))
    row = Attachment.objects.get()
    content = bytes(row.content)
    assert question.attachment_id == row.digest == hashlib.sha256(content).hexdigest()
    assert (row.media_type, row.size, row.width, row.height, row.unused_since) == (
        "image/png", len(content), 1600, 800, None,
    )  # fmt: skip
    assert Edition.objects.get(pk=draft.pk).version == before + 1
    view = structure.read(draft).questions["I1"].attachment
    assert view is not None
    assert (view.digest, view.is_image, view.suffix) == (row.digest, True, "png")


def test_the_same_file_is_kept_once() -> None:
    draft = blocks()
    assert {attach(block(draft, code), files.png()).attachment_id for code in ("I1", "I2")} == {
        Attachment.objects.get().digest
    }


def test_a_document_is_called_by_its_files_name_until_someone_says_better() -> None:
    draft = blocks()
    attach(block(draft), files.document(), "C:\\Users\\kari\\Hovedavtalen_2024.pdf")
    assert block(draft).caption_nb == "Hovedavtalen 2024"
    attach(block(draft), files.document(2), "annet.pdf")
    assert block(draft).caption_nb == "Hovedavtalen 2024"


@pytest.mark.parametrize(
    ("name", "title"),
    [("../../etc/passwd", "passwd"), ("a\x00b\u202ecod.exe.pdf", "abcod.exe"), ("<script>.pdf", "<script>"), ("", ""),
     (".pdf", ""), ("æøå ŧ.PDF", "æøå ŧ"), ("x" * 500 + ".pdf", "x" * 200), ("a\n\tb.pdf", "ab")],
)  # fmt: skip
def test_names_of_files_are_cleaned(name: str, title: str) -> None:
    assert attaching.title_of(name) == title


def test_another_file_in_its_place_keeps_the_texts_and_a_document_has_nothing_to_see() -> None:
    draft = blocks()
    Question.objects.filter(edition=draft, code="I1").update(alt_nb="En ring", caption_nb="Ringen")
    first = attach(block(draft), files.png()).attachment_id
    second = attach(block(draft), files.png(500, 250)).attachment_id
    assert first != second
    assert (block(draft).alt_nb, block(draft).caption_nb) == ("En ring", "Ringen")
    attach(block(draft), files.document())
    assert (block(draft).alt_nb, block(draft).caption_nb) == ("", "Ringen")


def test_taking_out_takes_the_texts_along() -> None:
    draft = blocks()
    attach(block(draft), files.png())
    Question.objects.filter(edition=draft, code="I1").update(alt_nb="En ring", caption_nn="Ringen", quotation_nb="Ja")
    attaching.detach(draft.pk, block(draft).pk, attaching.mark(block(draft)))
    found = block(draft)
    assert (found.attachment_id, found.alt_nb, found.caption_nn, found.quotation_nb) == (None, "", "", "Ja")


def test_what_someone_else_has_put_in_is_not_overwritten() -> None:
    draft = blocks()
    read = attaching.mark(block(draft))
    theirs = attach(block(draft), files.png()).attachment_id
    told = "Someone else has changed the image or document since you opened this. Look at it again."
    assert refusal(block(draft), files.document(), read=read) == told
    with override("en"), pytest.raises(NotAttached, match="Someone else"):
        attaching.detach(draft.pk, block(draft).pk, read)
    assert block(draft).attachment_id == theirs
    # The very same file is no quarrel.
    assert attach(block(draft), files.png(), read=read).attachment_id == theirs


def test_only_information_of_a_draft_shows_files() -> None:
    draft = blocks()
    assert refusal(block(draft, "Q1"), files.png()) == "Only information can show an image or a document."
    elsewhere = make.loaded("annet", [asking("I1", "information"), asking("Q1")])
    with pytest.raises(authoring.PartGone):
        attaching.attach(draft.pk, block(elsewhere).pk, files.png(), "", attaching.mark(block(elsewhere)))
    frozen = make.published("frosset", [asking("I1", "information"), asking("Q1")])
    with pytest.raises(authoring.NotADraft):
        attach(block(frozen), files.png())
    assert Attachment.objects.count() == 0


def test_what_is_refused_leaves_nothing_behind() -> None:
    draft = blocks()
    assert refusal(block(draft), b"MZ").startswith("This is neither")
    assert (Attachment.objects.count(), block(draft).attachment_id) == (0, None)


def test_a_change_of_kind_takes_everything_out() -> None:
    draft = blocks()
    question = attach(block(draft), files.png())
    Question.objects.filter(pk=question.pk).update(quotation_nb="Ja", source_nb="Hun", alt_nb="Ring", caption_nn="Ring")
    building.write(draft.pk, building.place_of(question), "kind", "long_text", versioning.mark("information"))
    found = block(draft)
    assert (found.attachment_id, found.quotation_nb, found.source_nb, found.alt_nb, found.caption_nn) == (
        None, "", "", "", "",
    )  # fmt: skip


# --- Copies -----------------------------------------------------------------------------------------------


def same(one: Any, other: Any) -> bool:
    names = ("quotation", "source", "attachment", "alt", "caption")
    return [getattr(one, name) for name in names] == [getattr(other, name) for name in names]


def test_copies_carry_everything() -> None:
    draft = make.showing(ring=files.png())
    view = structure.read(draft).questions
    assert view["I1"].quotation("nb") == "Først *spør*."
    assert view["I2"].attachment is not None
    for code in ("I1", "I2"):
        copied = adding.copy_question(draft.pk, block(draft, code).pk)
        assert same(structure.question_view(copied), view[code])
    made = adding.copy_section(draft.pk, draft.sections.get().pk)
    assert same(structure.question_view(made.questions.order_by("position")[0]), view["I1"])
    edition = publishing.publish(draft.questionnaire_id, make.OPENS)
    again = authoring.draft(edition.questionnaire)
    assert structure.read(again).sections == _without_ids(structure.read(edition), structure.read(again))
    assert Attachment.objects.count() == 1


def _without_ids(view: Any, other: Any) -> Any:
    """The sections of one view with the ids of another."""
    ids = {code: question.id for code, question in other.questions.items()}
    options = {(code, o.code): o.id for code, question in other.questions.items() for o in question.options}

    def question(each: Any) -> Any:
        own = tuple(replace(o, id=options[each.code, o.code]) for o in each.options)
        return replace(each, id=ids[each.code], options=own)

    return tuple(replace(part, questions=tuple(question(each) for each in part.questions)) for part in view.sections)


def test_banks_and_templates_carry_everything() -> None:
    source = make.showing("mal", ring=files.png())
    Questionnaire.objects.filter(pk=source.questionnaire_id).update(role=Role.TEMPLATE)
    begun = beginning.begin(source.questionnaire_id, "begynt", Text({"nb": "Begynt"}))
    view = structure.read(source).questions
    assert all(same(each, view[each.code]) for each in structure.read(authoring.draft(begun)).questions.values())
    bank = make.loaded("bank", [asking("B1")], role="bank")
    put = banking.put(block(authoring.draft(begun), "I2").pk, Section.objects.get(edition=bank).pk)
    assert same(structure.question_view(put), view["I2"])
    taken = banking.take(put.pk, Section.objects.filter(edition=authoring.draft(begun))[0].pk)
    assert same(structure.question_view(taken.question), view["I2"])


# --- What the database promises ---------------------------------------------------------------------------


def insert(**changed: Any) -> None:
    made = cleaning.clean(files.png())
    row = {"digest": made.digest, "media_type": made.media_type, "size": len(made.content), "content": made.content,
           "width": made.width, "height": made.height}  # fmt: skip
    Attachment.objects.create(**{**row, **changed})


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("attachment_digest_of_content", {"digest": "0" * 64}),
        ("attachment_digest_of_content", {"content": files.png(10, 10), "size": len(files.png(10, 10))}),
        ("attachment_size_of_content", {"size": 7}),
        ("attachment_measured_iff_image", {"media_type": "image/svg+xml"}),
        ("attachment_measured_iff_image", {"width": None}),
        ("attachment_measured_iff_image", {"media_type": "application/pdf"}),
        ("attachment_not_too_large", {"width": 1601}),
        ("attachment_small_is_smaller", {"small": b"x"}),
        ("attachment_small_is_smaller", {"small": b"x", "small_width": 600}),
    ],
)
def test_a_file_is_what_it_says(name: str, changed: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        insert(**changed)
    assert name in str(caught.value)
    with transaction.atomic():
        insert()


def test_only_information_points_at_a_file() -> None:
    draft = blocks()
    digest = attach(block(draft), files.png()).attachment_id
    with pytest.raises(IntegrityError, match="question_attachment_of_information"), transaction.atomic():
        Question.objects.filter(edition=draft, code="Q1").update(attachment=digest)


def execute(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_what_a_published_edition_shows_stays_as_it_is() -> None:
    edition = make.showing(published=True, ring=files.png())
    row = Attachment.objects.get()
    other = cleaning.clean(files.png(100, 100))
    attaching.keep([other])
    with pytest.raises(ProtectedError):
        row.delete()
    for statement, values in (
        ("UPDATE surveys_attachment SET content = %s WHERE digest = %s", [other.content, row.digest]),
        ("UPDATE surveys_attachment SET digest = %s WHERE digest = %s", [other.digest, row.digest]),
        ("DELETE FROM surveys_attachment WHERE digest = %s", [row.digest]),
        ("UPDATE surveys_question SET attachment_id = %s WHERE edition_id = %s", [other.digest, edition.pk]),
        ("UPDATE surveys_question SET attachment_id = NULL WHERE edition_id = %s", [edition.pk]),
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            execute(statement, values)


# --- Publishing -------------------------------------------------------------------------------------------


def obstacles(**more: Any) -> list[str]:
    made = make.loaded("hinder", [asking("I1", "information", **more), asking("Q1")], files=more.pop("files", {}))
    with override("en"):
        return publishing.obstacles(made)


def test_publishing_asks_for_what_those_who_do_not_see_it_need() -> None:
    draft = make.showing(ring=files.png(), avtale=files.document())
    Question.objects.filter(edition=draft).update(alt_nb="", caption_nb="")
    with override("en"):
        assert publishing.obstacles(draft) == [
            "The image of I2 has no text in bokmål for those who do not see it.",
            "The document of I3 has no title in bokmål.",
        ]


def test_information_needs_a_text_or_something_else_to_show() -> None:
    assert obstacles(text={}) == ["The text of I1 is missing in bokmål."]
    assert obstacles(text={"en": "Read."}, quotation={"nb": "Ja"}) == ["The text of I1 is missing in bokmål."]
    assert obstacles(text={}, quotation={"nb": "Ja"}) == []
    assert obstacles(quotation={"en": "Yes"}) == ["The quotation or caption of I1 is missing in bokmål."]
    assert obstacles(source={"nb": "Hun"}) == ["I1 names the source of a quotation, but there is no quotation."]


def test_fields_are_filled_in_where_they_can_be() -> None:
    draft = make.loaded("felt", [asking("Q1", "short_text")], [
        asking("I1", "information", quotation={"nb": "Du sa {Q1}, {Q9}"}, source={"nb": "{Q1}"}),
    ])  # fmt: skip
    with override("en"):
        assert publishing.obstacles(draft) == [
            "I1 names {Q9} in its text, but there is no such question or background fact.",
            "I1 has the field {Q1} in a title or an answer, where nothing is filled in.",
        ]


# --- Forgetting -------------------------------------------------------------------------------------------


def test_what_nothing_shows_is_forgotten_after_a_day() -> None:
    draft = make.showing(ring=files.png(), avtale=files.document())
    assert attaching.sweep(make.DURING) == 0
    used = block(draft, "I3").attachment_id
    attaching.detach(draft.pk, block(draft, "I2").pk, attaching.mark(block(draft, "I2")))
    assert attaching.sweep(make.DURING) == 0
    assert attaching.sweep(make.DURING + DAY - timedelta(seconds=1)) == 0
    assert Attachment.objects.count() == 2
    assert attaching.sweep(make.DURING + DAY) == 1
    assert list(Attachment.objects.values_list("pk", flat=True)) == [used]
    assert attaching.sweep(make.DURING + 2 * DAY) == 0


def test_what_is_wanted_again_stays() -> None:
    draft = blocks()
    attaching.keep([cleaning.clean(files.png())])
    attaching.sweep(make.DURING)
    attach(block(draft), files.png())
    assert attaching.sweep(make.DURING + DAY) == 0
    attaching.detach(draft.pk, block(draft).pk, attaching.mark(block(draft)))
    attaching.sweep(make.DURING + DAY)
    # An import that is still being looked at.
    attaching.keep([cleaning.clean(files.png())])
    assert attaching.sweep(make.DURING + 2 * DAY) == 0
    assert Attachment.objects.count() == 1


def test_deleting_a_questionnaire_lets_go_of_its_files() -> None:
    draft = make.showing(ring=files.png())
    authoring.delete(draft.questionnaire)
    attaching.sweep(make.DURING)
    assert attaching.sweep(make.DURING + DAY) == 1


# --- Several at once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_put_in_at_once_one_is_told() -> None:
    draft = blocks()
    question, read = block(draft), attaching.mark(block(draft))
    contents = [files.png(), files.png(300, 300)]
    outcomes = together([lambda each=each: attach(question, each, read=read) for each in contents])
    assert {type(each) for each in outcomes} == {Question, NotAttached}
    won = next(each for each in outcomes if isinstance(each, Question))
    assert block(draft).attachment_id == won.attachment_id


@pytest.mark.django_db(transaction=True)
def test_the_same_file_by_many_at_once_is_kept_once() -> None:
    draft = blocks("I1", "I2", "I3", "I4")
    rows = [block(draft, f"I{number}") for number in range(1, 5)]
    outcomes = together([lambda row=row: attach(row, files.png()) for row in rows])
    assert [type(each) for each in outcomes] == [Question] * 4
    assert Attachment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_does_not_take_what_is_being_put_in() -> None:
    draft = blocks()
    made = cleaning.clean(files.png())
    attaching.keep([made])
    attaching.sweep(make.DURING)
    for _round in range(5):
        outcomes = together([
            lambda: attach(block(draft), files.png()),
            *(lambda: attaching.sweep(make.DURING + DAY) for _ in range(3)),
        ])  # fmt: skip
        assert isinstance(outcomes[0], Question), outcomes
        assert Attachment.objects.filter(pk=made.digest).exists()
        attaching.detach(draft.pk, block(draft).pk, attaching.mark(block(draft)))
        Attachment.objects.update(unused_since=make.DURING)


def test_what_a_trial_shows_or_an_undoing_would_bring_back_is_not_swept() -> None:
    edition = make.showing("utkast", fil=files.png())
    shown = edition.questions.get(code="I2")
    trial = piloting.make(edition.questionnaire, None, make.DURING)
    with undoing.noted(edition.pk, None, make.DURING, Did.DELETED):
        arranging.delete_question(shown.pk)
    for later in (make.DURING, make.DURING + 2 * DAY):
        assert attaching.sweep(later) == 0
    trial.delete()
    assert attaching.sweep(make.DURING + 4 * DAY) == 0
    undoing.undo(edition.pk, undoing.history(edition)[0].pk, None, make.DURING)
    assert edition.questions.get(code="I2").attachment_id == shown.attachment_id
    undoing.close(Edition.objects.get(pk=edition.pk), None, make.DURING)
    edition.questions.get(code="I2").delete()
    assert [attaching.sweep(make.DURING + days * DAY) for days in (5, 7)] == [0, 1]


# --- In every language ------------------------------------------------------------------------------------


def untranslated(draft: Edition) -> int:
    """How many texts the critique says are missing in nynorsk."""
    with override("en"):
        found = [each.detail for each in critiquing.findings(draft) if each.rule == "missing-translation"]
    return sum(int(each.split()[0]) for each in found if "Nynorsk" in each)


def test_the_critique_finds_what_some_would_read_in_another_language_or_not_at_all() -> None:
    draft = make.showing(ring=files.png())
    Question.objects.filter(edition=draft).update(text_nn="Ny", caption_nn="Ringen", quotation_nn="Ja", source_nn="Ho")
    Question.objects.filter(edition=draft, code="I1").update(caption_nn="")
    Question.objects.filter(edition=draft, code="I2").update(quotation_nn="", source_nn="")
    before = untranslated(draft)
    Question.objects.filter(edition=draft, code="I2").update(alt_nn="Ein ring")
    assert untranslated(draft) == before - 1 >= 0
