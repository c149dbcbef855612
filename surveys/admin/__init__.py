"""The admin's pages for questionnaires, surveys and coding."""

from . import coding, parts, questionnaire, survey

__all__ = ["coding", "parts", "questionnaire", "survey"]
