"""Which texts exist in several languages (bokmål, nynorsk, English, Northern Sámi)."""

from modeltranslation.translator import TranslationOptions, register

from surveys.models import (
    BackgroundFact,
    BackgroundValue,
    Code,
    Concept,
    Edition,
    EditionFact,
    EditionFactValue,
    Option,
    Question,
    Questionnaire,
    Section,
)


@register(Concept)
class ConceptTexts(TranslationOptions):
    fields = ("title",)


@register(Questionnaire)
class QuestionnaireTexts(TranslationOptions):
    fields = ("title",)


@register(Edition)
class EditionTexts(TranslationOptions):
    fields = ("title", "purpose")


@register(Section)
class SectionTexts(TranslationOptions):
    fields = ("title", "intro")


@register(Question)
class QuestionTexts(TranslationOptions):
    fields = ("text", "help", "elaboration_prompt", "unit", "quotation", "source", "alt", "caption")


@register(Option)
class OptionTexts(TranslationOptions):
    fields = ("label",)


@register(EditionFact)
class EditionFactTexts(TranslationOptions):
    fields = ("label",)


@register(EditionFactValue)
class EditionFactValueTexts(TranslationOptions):
    fields = ("label",)


@register(BackgroundFact)
class BackgroundFactTexts(TranslationOptions):
    fields = ("label",)


@register(BackgroundValue)
class BackgroundValueTexts(TranslationOptions):
    fields = ("label",)


@register(Code)
class CodeTexts(TranslationOptions):
    fields = ("label",)
