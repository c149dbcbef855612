"""Adding: sections, questions and options made in a draft at the place where they are wanted, or as copies."""

from __future__ import annotations

from django.utils.translation import gettext as _

from surveys import authoring
from surveys.authoring import BreaksCondition, PartGone, Refused, editing
from surveys.drafting import arranging, building, carrying, naming, scaling
from surveys.drafting.versioning import conditions
from surveys.formats.strict import MOST_OPTIONS, MOST_QUESTIONS, MOST_SECTIONS
from surveys.kinds import registry
from surveys.models import Condition, ConditionOption, Edition, Option, Question, Section


class Full(Refused):
    """There is no room for more."""


def section(edition_id: int, before_id: int | None = None) -> Section:
    """Add an empty section, before another one or last.

    Raises:
        PartGone, NotADraft, Full
    """
    with editing(edition_id) as edition:
        return _place_section(edition, Section(edition=edition), before_id)


def question(edition_id: int, section_id: int, kind: str, after_id: int | None = None) -> Question:
    """Add an empty question of a kind to a section, after another one or last, with a code of its own.

    A scale right after a scale begins with the same points.

    Raises:
        PartGone, NotADraft, Full
        Refused: there is no such kind.
    """
    if kind not in registry.KINDS:
        raise Refused([_("Please choose a kind.")])
    with editing(edition_id) as edition:
        found = arranging.find(Section, section_id, edition)
        made = Question(edition=edition, kind=kind)
        _place_question(edition, found, made, after_id)
        authoring.settle_options(made)
        building.fill_options(made)
        earlier = found.questions.filter(pk=after_id) if after_id else found.questions.exclude(pk=made.pk)
        scaling.continue_scale(made, earlier.order_by("position").last())
    return made


def option(edition_id: int, question_id: int) -> Option:
    """Add an empty option at the end of a question's.

    Raises:
        PartGone, NotADraft, Full
    """
    with editing(edition_id) as edition:
        found = arranging.find(Question, question_id, edition)
        taken = set(found.options.values_list("code", flat=True))
        if len(taken) >= MOST_OPTIONS or not registry.kind(found.kind).has_options:
            raise Full([_("There is no room for more answers here.")])
        code = naming.option_code("", taken)
        made = Option.objects.create(question=found, position=arranging.LAST, code=code)
        arranging.number_options(found)
    return made


def delete_option(edition_id: int, option_id: int) -> None:
    """Delete an option.

    Raises:
        PartGone, NotADraft
        BreaksCondition: something is shown only after this answer.
    """
    with editing(edition_id) as edition:
        found = _option(edition, option_id)
        of_one = Condition.objects.filter(option=found)
        of_several = Condition.objects.filter(options__option=found)
        if reasons := [
            _("%(question)s is shown only after this answer. Change that condition first.")
            % {"question": each.question.code if each.question else str(each.section)}
            for each in (of_one | of_several).select_related("question", "section").distinct()
        ]:
            raise BreaksCondition(reasons)
        question = found.question
        found.delete()
        arranging.number_options(question)


def move_option(edition_id: int, option_id: int, step: int) -> None:
    """Move an option one place up (-1) or down (+1).

    Raises:
        PartGone, NotADraft
    """
    with editing(edition_id) as edition:
        arranging.move_option(_option(edition, option_id), step)


def copy_question(edition_id: int, question_id: int) -> Question:
    """A copy of a question right after it, with its options and conditions.

    Raises:
        PartGone, NotADraft, Full
    """
    with editing(edition_id) as edition:
        original = arranging.find(Question, question_id, edition)
        return _copy(edition, original, original.section, original.pk, {}, {})


def copy_section(edition_id: int, section_id: int) -> Section:
    """A copy of a section right after it, with its questions; conditions within it look at the copies.

    Raises:
        PartGone, NotADraft, Full
    """
    with editing(edition_id) as edition:
        original = arranging.find(Section, section_id, edition)
        following = edition.sections.filter(position__gt=original.position).order_by("position").first()
        made = arranging.find(Section, section_id, edition)
        made.pk, made._state.adding = None, True
        _place_section(edition, made, following.pk if following else None)
        questions: dict[int, Question] = {}
        options: dict[int, Option] = {}
        for each in original.questions.order_by("position"):
            _copy(edition, each, made, None, questions, options)
        _copy_conditions(original, made, {}, {})
    return made


def _option(edition: Edition, option_id: int) -> Option:
    found = Option.objects.select_related("question").filter(pk=option_id, question__edition=edition).first()
    if found is None:
        raise PartGone
    return found


def _place_section(edition: Edition, made: Section, before_id: int | None) -> Section:
    if edition.sections.count() >= MOST_SECTIONS:
        raise Full([_("There is no room for more sections.")])
    made.position = arranging.next_section_position(edition)
    made.save()
    arranging.insert_section(made, before_id)
    return made


def _place_question(edition: Edition, section: Section, made: Question, after_id: int | None) -> None:
    ordered = list(edition.questions.select_related("section").order_by("section__position", "position"))
    if len(ordered) >= MOST_QUESTIONS:
        raise Full([_("There is no room for more questions.")])
    here = [each for each in ordered if each.section_id == section.pk]
    place = next((number for number, each in enumerate(here, start=1) if each.pk == after_id), len(here))
    following = here[place].pk if place < len(here) else None
    earlier = [each for each in ordered if each.section.position < section.position]
    before = [each.code for each in reversed([*earlier, *here[:place]])]
    made.code = naming.next_code(before, {each.code for each in ordered})
    made.section, made.position = section, arranging.next_question_position(section)
    made.save()
    arranging.insert_question(section, made, following)


def _copy(
    edition: Edition,
    original: Question,
    section: Section,
    after_id: int | None,
    questions: dict[int, Question],
    options: dict[int, Option],
) -> Question:
    """Copy one question; what was copied is noted in `questions` and `options`, {id of the original: copy}."""
    made = arranging.find(Question, original.pk, edition)
    made.pk, made._state.adding = None, True
    _place_question(edition, section, made, after_id)
    questions[original.pk] = made
    for each in original.options.order_by("position"):
        old = each.pk
        each.pk, each._state.adding, each.question = None, True, made
        each.save()
        options[old] = each
    for band in original.bands.all():
        band.pk, band._state.adding, band.question = None, True, made
        band.save()
    carrying.along(edition, {original.pk: made.pk})
    _copy_conditions(original, made, questions, options)
    return made


def _copy_conditions(
    original: Question | Section, made: Question | Section, questions: dict[int, Question], options: dict[int, Option]
) -> None:
    for each in conditions(original):
        several = [row.compared for row in each.options.all() if row.compared]
        each.pk, each._state.adding = None, True
        each._prefetched_objects_cache = {}  # type: ignore[attr-defined]  # they are the original's
        if isinstance(made, Question):
            each.question = made
        else:
            each.section = made
        if each.source_id in questions:
            each.source = questions[each.source_id]
            each.option = options[each.option_id] if each.option_id else None
            several = [options[old.pk] for old in several]
        each.save()
        ConditionOption.objects.bulk_create(ConditionOption.of(each, compared) for compared in several)
