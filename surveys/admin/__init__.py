"""The admin's pages for questionnaires, surveys and coding."""

from . import coding, concepts, parts, questionnaire, survey

__all__ = ["coding", "concepts", "parts", "questionnaire", "survey"]
