"""Building: a draft written one thing at a time, as someone types or chooses it.

What was read before is named by its mark (`versioning.mark`): two people who write in different places never hinder
each other, and of two who write in one place the second is told what the first wrote.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Field, TextField
from django.utils.translation import gettext as _

from surveys import authoring
from surveys.authoring import PartGone, Refused, StaleDraft, editing
from surveys.drafting import naming, versioning
from surveys.formats.strict import LONG, QUESTION_CODE
from surveys.kinds import registry
from surveys.models import Comparability, Concept, Edition, Elaboration, Meaning, Option, Question, Section
from surveys.texts import aligning

Row = Edition | Section | Question | Option
MODELS: dict[str, type[Row]] = {"edition": Edition, "section": Section, "question": Question, "option": Option}
WRITABLE: dict[type[Row], frozenset[str]] = {
    **{
        model: frozenset(versioning.fields(model)) - {"section", "attachment"} for model in (Edition, Section, Question)
    },
    Option: frozenset(versioning.OPTION_FIELDS),
}
FEWEST_OPTIONS = 2
# What a question keeps of its settings when it becomes of a kind that has no use for them.
UNUSED: dict[str, dict[str, Any]] = {
    "elaboration": {"elaboration": Elaboration.NEVER, "elaboration_prompt": ""},
    "bounds": {"minimum": None, "maximum": None},
    "decimals": {"decimals": 0},
    "unit": {"unit": ""},
    "extras": {"quotation": "", "source": "", "attachment": None, "alt": "", "caption": ""},
}


class Unfit(Refused):
    """The value cannot stand there."""


class Overtaken(StaleDraft):
    """Someone else has written in the same place since it was read; `theirs` is what stands there now."""

    def __init__(self, theirs: Any, shown: str) -> None:
        super().__init__()
        self.theirs = versioning.plain(theirs)
        self.reasons = [
            _("Someone else wrote: “%(text)s”.") % {"text": shown} if shown else _("Someone else has emptied this.")
        ]


def write(edition_id: int, place: str, name: str, value: str, read: str) -> Row:
    """Write one field of one row of a draft.

    Args:
        place: which row, as "question-12" (see `MODELS`).
        value: as a form sends it; "True" for a tick.
        read: the mark of what stood there when it was read.

    Raises:
        PartGone, NotADraft, BreaksCondition
        Overtaken: something else stands there now.
        Unfit: with what is wrong with the value.
    """
    with editing(edition_id) as edition:
        row = find(edition, place)
        if name not in WRITABLE[type(row)] or _is_of_another_kind(row, name):
            raise Unfit([_("This cannot be changed here.")])
        before = versioning.plain(getattr(row, name))
        if versioning.mark(before) != read and before != versioning.plain(value):
            raise Overtaken(getattr(row, name), _shown(row, name))
        setattr(row, name, _clean(row, name, value))
        changed = {name, *_follow(row, name, before)}
        if name == "kind" and isinstance(row, Question):
            # At once: another kind may not have what this one has.
            _fit_kind(row)
        else:
            row.save(update_fields=sorted(changed))
        if name in ("concept", "comparability") and isinstance(row, Question):
            aligning.demand_same_wording(row)
    return row


def _is_of_another_kind(row: Row, name: str) -> bool:
    """Whether a field means nothing in a question of this kind: what stood there would be in nobody's way, unseen."""
    if not isinstance(row, Question):
        return False
    settings = registry.kind(row.kind).settings
    fields = {field for setting, unused in UNUSED.items() if setting not in settings for field in unused}
    return name in fields or name.rpartition("_")[0] in fields


def find(edition: Edition, place: str) -> Row:
    """A row of a draft by its place, as "question-12".

    Raises:
        PartGone
    """
    kind, _dash, number = place.partition("-")
    model = MODELS.get(kind)
    if model is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise PartGone
    within = {"edition": "pk", "option": "question__edition"}.get(kind, "edition")
    row: Row | None = model._default_manager.filter(**{within: edition.pk, "pk": int(number)}).first()
    if row is None or (kind == "edition" and row.pk != edition.pk):
        raise PartGone
    return row


def place_of(row: Row) -> str:
    """The place of a row, as `find` takes it."""
    return f"{row._meta.model_name}-{row.pk}"


def _clean(row: Row, name: str, value: str) -> Any:
    field: Field[Any, Any] = row._meta.get_field(name)  # type: ignore[assignment]  # all of them are columns
    if isinstance(field, BooleanField):
        return value == "True"
    if name == "concept":
        return _concept(value)
    if name == "kind":
        if value not in registry.KINDS:
            raise Unfit([_("Please choose a kind.")])
        return value
    is_needed = name in ("code", "decimals") or (bool(field.choices) and not field.blank)
    form_field = field.formfield(required=is_needed)
    if form_field is None:
        raise Unfit([_("This cannot be changed here.")])
    try:
        cleaned = form_field.clean(value.replace(",", ".") if name in ("minimum", "maximum") else value)
        if cleaned is not None:
            field.run_validators(cleaned)
    except ValidationError as error:
        raise Unfit(list(error.messages)) from error
    if isinstance(field, TextField) and len(cleaned or "") > LONG:
        raise Unfit([_("The text is too long: there is room for %(most)d characters.") % {"most": LONG}])
    if name == "code":
        _check_code(row, cleaned)
    return "" if cleaned is None and not field.null else cleaned


def _concept(value: str) -> Concept | None:
    if not value:
        return None
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
    if found := Concept.objects.filter(pk=number).first():
        return found
    raise Unfit([_("This concept is no longer there.")])


def _check_code(row: Row, code: str) -> None:
    if isinstance(row, Question):
        if not QUESTION_CODE.fullmatch(code):
            raise Unfit([_("Start with a letter; use letters, digits and underscores only.")])
        if Question.objects.filter(edition=row.edition_id, code=code).exclude(pk=row.pk).exists():
            raise Unfit([_("Another question has this code.")])
    if isinstance(row, Option) and Option.objects.filter(question=row.question_id, code=code).exclude(pk=row.pk):
        raise Unfit([_("Another answer has this short name.")])


def _follow(row: Row, name: str, before: str) -> set[str]:
    """Change what follows from a change in the same row; its fields' names."""
    if isinstance(row, Question) and None not in (row.minimum, row.maximum) and row.minimum > row.maximum:  # type: ignore[operator]
        raise Unfit([_("The smallest must not be more than the largest.")])
    if isinstance(row, Question) and name == "concept" and row.concept is None:
        row.comparability = Comparability.MEANING
        return {"comparability"}
    if isinstance(row, Option) and name == "label_nb":
        return _follow_label(row, before)
    return set()


def _follow_label(option: Option, before: str) -> set[str]:
    """A short name that was made from the label is made again; one that someone has chosen stays."""
    made = naming.short_name(before)
    is_made = option.code.startswith("answer-") or (made and option.code.startswith(made[:26]))
    if not is_made or not option.label_nb:  # type: ignore[attr-defined]  # modeltranslation's
        return set()
    taken = set(Option.objects.filter(question=option.question_id).exclude(pk=option.pk).values_list("code", flat=True))
    option.code = naming.option_code(option.label_nb, taken)  # type: ignore[attr-defined]
    return {"code"}


def _fit_kind(question: Question) -> None:
    """Settings and options that the kind has a use for."""
    kind = registry.kind(question.kind)
    for setting, blank in UNUSED.items():
        if setting in kind.settings:
            continue
        for name, value in blank.items():
            for each in _columns(name):
                setattr(question, each, value)
    question.required = question.required and kind.is_asked
    question.save()
    if "elaboration" not in kind.settings:
        question.options.update(elaboration="")
    if "excludes" not in kind.settings:
        question.options.update(excludes=False)
    # Those of a number are not those of a date.
    question.bands.all().delete()
    authoring.settle_options(question)
    fill_options(question)


def fill_options(question: Question) -> None:
    """Two empty options at least for a question whose kind needs some. Inside `editing`."""
    if not registry.kind(question.kind).has_options:
        return
    for number in range(question.options.count() + 1, FEWEST_OPTIONS + 1):
        Option.objects.create(question=question, position=number, code=f"answer-{number}", meaning=Meaning.ANSWER)


def _columns(name: str) -> tuple[str, ...]:
    in_languages = tuple(each for each in versioning.fields(Question) if each.rpartition("_")[0] == name)
    return in_languages or (name,)


def _shown(row: Row, name: str) -> str:
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display is not None else getattr(row, name)
    if value is True or value is False:
        return _("yes") if value else _("no")
    return versioning.plain(value) if not isinstance(value, Concept) else str(value)
